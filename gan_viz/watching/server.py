"""The server of one page: read-only, for this machine alone, and for whoever knows its address.

It listens on 127.0.0.1. The first part of each path is a random token, compared in constant time;
the ``Host`` must be a name of this machine, so that no other site's name can be made to lead here
(DNS rebinding). Every answer ends its connection.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gan_viz.errors import GanVizError, UsageError, reason
from gan_viz.replay import page
from gan_viz.replay.page import policy
from gan_viz.terminal import plain
from gan_viz.watching.follower import Follower
from gan_viz.watching.remembering import Address, recalled, remember

HOSTS = ("127.0.0.1", "localhost", "[::1]")
MOST_AT_ONCE = 64
"""Answers that are being written at a time; whoever comes beyond that is told to try again."""
PATIENCE = 10.0
"""Seconds in which a browser has to send its question, or to take in some of the answer."""
WAITING = """\
<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{name}</title>
<style>body {{ display: grid; font: 1.25rem system-ui, sans-serif; min-height: 90vh;
place-content: center; text-align: center }} p {{ font-size: 1rem; opacity: .75 }}</style>
<main><h1>Waiting for the first frame</h1><p>{why}</p></main>"""
NOTHING = "default-src 'none'"
ONLY_STYLE = f"{NOTHING}; style-src 'unsafe-inline'"


class Watcher(ThreadingHTTPServer):
    """Serves the page that follows a recording.

    The `port` is by default the one that it had when it watched the same recording before, so that
    pages which are open go on; or else one that is free. `url` is where the page is, `idle` the
    seconds since it was last asked for anything. Raises UsageError if the port that was asked for
    is taken, or is none.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 2 * MOST_AT_ONCE

    def __init__(self, follower: Follower, port: int | None = None) -> None:
        self.follower = follower
        known = recalled(follower.path)
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._asked = time.monotonic()
        self._bind(known.port if known and port is None else port or 0, strict=port is not None)
        self.token = known.token if known else secrets.token_urlsafe(24)
        remember(follower.path, Address(self.server_port, self.token))

    def _bind(self, port: int, *, strict: bool) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Answer)
        except (OSError, OverflowError) as error:
            if strict:
                raise UsageError(f"port {port}: {reason(error)}; give another one") from None
            super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    @property
    def idle(self) -> float:
        """Seconds since it was last asked for anything by somebody who knows the token."""
        return time.monotonic() - self._asked

    def asked(self) -> None:
        """Note that it is in use."""
        self._asked = time.monotonic()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, unless there are too many."""
        if not self._room.acquire(blocking=False):
            with contextlib.suppress(OSError):
                request.settimeout(0.1)
                request.sendall(b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n")
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that went away."""


class _Answer(BaseHTTPRequestHandler):
    """Answers one question."""

    server: Watcher
    timeout = PATIENCE
    server_version, sys_version = "gan-viz", ""

    def do_GET(self) -> None:
        """Answer with the page, where the recording is, or what a page draws of it."""
        address = urlsplit(self.path)
        token, slash, name = address.path.removeprefix("/").partition("/")
        if not self._is_for_us() or not self._knows(token):
            self._send(HTTPStatus.NOT_FOUND)
            return
        self.server.asked()
        answers = {"": self._page, "state": self._state, "data": self._data}
        if not slash or name not in answers:
            self._send(HTTPStatus.NOT_FOUND)
            return
        try:
            answers[name](parse_qs(address.query))
        except GanVizError as error:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", str(error).encode())

    def _refuse(self) -> None:
        self._send(HTTPStatus.METHOD_NOT_ALLOWED)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _is_for_us(self) -> bool:
        name, colon, port = self.headers.get("Host", "").rpartition(":")
        return colon == ":" and name in HOSTS and port.isdecimal()

    def _knows(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self.server.token.encode())

    def _page(self, _: Any) -> None:
        if not self.server.follower.state().version:
            name, why = self.server.follower.path.name, self.server.follower.missing
            wait = WAITING.format(name=escape(plain(name)), why=escape(plain(why))).encode()
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", wait, ONLY_STYLE)
            return
        found = self.server.follower.whole().page
        text = page(found.data, found.title or "gan-viz", live=True).encode()
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", text, policy(live=True))

    def _state(self, _: Any) -> None:
        state = self.server.follower.state()
        self._send(HTTPStatus.OK, "application/json", json.dumps(state._asdict()).encode())

    def _data(self, query: dict[str, list[str]]) -> None:
        """What a page lacks, and in a header where the recording is: one question tells all."""
        (generation,), (step,) = query.get("generation", [""]), query.get("after", ["-1"])
        state = self.server.follower.state()
        found = None
        if state.version or not generation:
            found = self.server.follower.since(generation, int(step) if step.isdecimal() else -1)
        about = {"X-State": json.dumps(state._asdict())}
        if found is None:
            self._send(HTTPStatus.NO_CONTENT, about=about)
            return
        if not isinstance(found, bytes):
            generation, found = found.generation, found.page.data
        about["X-Generation"] = generation
        self._send(HTTPStatus.OK, "application/octet-stream", found, about=about)

    def _send(
        self,
        status: HTTPStatus,
        kind: str = "text/plain",
        body: bytes = b"",
        rules: str = NOTHING,
        about: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.send_response(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        for name, text in about.items():
            self.send_header(name, text)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", rules)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")  # the address has the token in it
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the address has the token in it."""


def lower_priority() -> None:
    """Let the training go first on the processors that both use."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)

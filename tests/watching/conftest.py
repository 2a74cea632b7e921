"""A recording that grows, and a server of its page."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_viz.distributions import target
from gan_viz.recording import Writer
from gan_viz.watching import Follower, Watcher

Ask = Callable[..., http.client.HTTPResponse]


def begin(path: Path, frames: int = 3) -> Writer:
    """A recording that goes on."""
    writer = Writer(path, {"target": target("norm(0, 1)").describe()})
    writer.add_channel("generator", (32,), "float32")
    grow(writer, range(frames))
    return writer


def grow(writer: Writer, steps: range) -> None:
    """Add frames, on the disk at once."""
    for step in steps:
        writer.write_frame(step, {"generator": np.linspace(-1, 1, 32) + 0.1 * step})
    writer.flush()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def watcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    """A server at work, of a recording that is not there yet."""
    monkeypatch.setattr("gan_viz.watching.follower.REST", 0.0)
    with Watcher(Follower(tmp_path / "run.ganviz", clock=_Clock())) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


class _Clock:
    """Every look at it is a minute later: no answer stands."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 60.0
        return self.now


@pytest.fixture
def ask(watcher: Watcher) -> Iterator[Ask]:
    """Send one question to the server."""
    connections = []

    def send(path: str = "", method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", watcher.server_port, timeout=5)
        connections.append(connection)
        place = path if path.startswith("/") else f"/{watcher.token}/{path}"
        connection.request(method, place, headers=headers)
        return connection.getresponse()

    yield send
    for one in connections:
        one.close()

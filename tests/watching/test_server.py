"""What the server answers, to whom, and what it never does."""

from __future__ import annotations

import gzip
import json
import re
import socket
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from gan_viz.errors import UsageError
from gan_viz.recording import Writer
from gan_viz.replay.page import page, script
from gan_viz.watching import Follower, Watcher
from gan_viz.watching.remembering import _place, recalled
from gan_viz.watching.server import MOST_AT_ONCE

from .conftest import Ask, begin, grow


def _about(data: bytes) -> Any:
    """What a block says of its arrays."""
    plain = gzip.decompress(data)
    return json.loads(plain[4 : 4 + int.from_bytes(plain[:4], "little")])


def _steps(data: bytes) -> int:
    """How many steps a page knows of."""
    return int(_about(data)["steps"]["shape"][0])


def test_a_page_that_waits_says_for_what(ask: Ask, watcher: Watcher) -> None:
    path = watcher.follower.path
    assert f"there is no recording {path}" in ask().read().decode()
    path.write_text("<b>no recording")
    watcher.follower._asked = float("-inf")
    assert "not a gan_viz recording" in ask().read().decode()
    path.unlink()
    with Writer(path):
        watcher.follower._asked = float("-inf")
        assert "holds none yet" in ask().read().decode()
    watcher.follower._asked = float("-inf")
    assert "has ended without one" in ask().read().decode()


def test_a_page_waits_then_follows(ask: Ask, watcher: Watcher) -> None:
    assert b"Waiting for the first frame" in ask().read()
    assert json.load(ask("state"))["status"] == "waiting"
    nothing = ask("data?generation=of-before&after=3")
    assert (nothing.status, json.loads(nothing.headers["X-State"])["status"]) == (204, "waiting")
    with begin(watcher.follower.path) as writer:
        page = ask()
        assert b'id="replay"' in page.read()
        assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
        first = ask("data")
        assert _steps(first.read()) == 3
        generation = first.headers["X-Generation"]
        assert json.load(ask("state"))["version"] == generation.partition(".")[0]
        again = ask(f"data?generation={generation}&after=2")
        assert (again.status, again.read()) == (204, b"")
        grow(writer, range(3, 7))
        state = json.load(ask("state"))
        assert (state["frames"], state["step"]) == (7, 6)
        assert state["version"] != generation.partition(".")[0]
        second = ask(f"data?generation={generation}&after=2")
        assert second.headers["X-Generation"] == generation
        told = json.loads(second.headers["X-State"])
        assert {**told, "seconds": 0} == {**state, "seconds": 0}
        assert _about(second.read())["runs"][0]["steps"]["shape"] == [4]
    ended = json.load(ask("state"))
    assert ended["status"] == "complete"
    assert ended["version"] != state["version"]


def test_a_training_that_is_started_again_is_followed(ask: Ask, watcher: Watcher) -> None:
    path = watcher.follower.path
    begin(path, 9).close()
    old = ask("data").headers["X-Generation"]
    with begin(path, 2):  # beside the old one, which it is to replace
        asked = f"data?generation={old}&after=8"
        found = ask(asked)
        while found.status == 204:  # of another recording there is nothing to append
            found = ask(asked)
        assert _steps(found.read()) == 2
        assert found.headers["X-Generation"] != old
    assert json.load(ask("state"))["frames"] == 2


def test_all_modules_of_the_page_fit_into_one_script() -> None:
    declared = re.findall(
        r"^(?:async )?(?:function|class|const|let) (\w+)", script(True), re.MULTILINE
    )
    assert len(declared) > 50
    assert len(declared) == len({*declared})
    assert "connect-src" not in page(b"", "x")  # unless it is live, it asks for nothing


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_it_only_answers(ask: Ask, watcher: Watcher, method: str) -> None:
    begin(watcher.follower.path).close()
    answer = ask("", method)
    assert answer.status in (405, 501)
    assert b"replay" not in answer.read()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/", "//", "/wrong/", "/wrong/state", "../", "state/../../etc/passwd", "data/x", "page.html"],
)
def test_nothing_else_can_be_asked_for(ask: Ask, watcher: Watcher, path: str) -> None:
    begin(watcher.follower.path).close()
    answer = ask(path)
    assert (answer.status, answer.read()) == (404, b"")
    assert ask(f"/{watcher.token}").status == 404
    assert ask(f"/{watcher.token[:-1]}/").status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9000", 200),  # by a tunnel
        ("[::1]:80", 200),
        ("evil.example", 404),
        ("evil.example:80", 404),
        ("127.0.0.1.evil.example:80", 404),
        ("localhost:x", 404),
        ("", 404),
    ],
)
def test_only_names_of_this_machine_lead_here(ask: Ask, host: str, status: int) -> None:
    assert ask("state", Host=host).status == status


def test_answers_are_kept_to_themselves(ask: Ask, watcher: Watcher) -> None:
    begin(watcher.follower.path).close()
    for path in ("", "state", "data", "/wrong/"):
        headers = ask(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers
    assert watcher.server_address[0] == "127.0.0.1"


def test_slow_browsers_take_no_room_from_others(watcher: Watcher, ask: Ask) -> None:
    before = threading.active_count()
    held = [socket.create_connection(("127.0.0.1", watcher.server_port)) for _ in range(40)]
    try:
        assert ask("state").status == 200
        held += [
            socket.create_connection(("127.0.0.1", watcher.server_port))
            for _ in range(MOST_AT_ONCE)
        ]
        assert ask("state").status == 503
        assert threading.active_count() <= before + MOST_AT_ONCE
    finally:
        for one in held:
            one.close()


def test_what_cannot_be_shown_is_said(ask: Ask, watcher: Watcher) -> None:
    watcher.follower.path.write_bytes(b"GIF89a" + bytes(200))
    assert ask("state").status == 200
    answer = ask("data")
    assert answer.status == 503
    assert b"a GIF image, not a gan_viz recording" in answer.read()


def test_a_watcher_that_is_started_again_is_where_it_was(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "run.ganviz")
    with Watcher(follower) as first:
        known = first.url
        with Watcher(follower) as second:  # meanwhile another port has to do
            assert second.url != known
        kept = second.url
    with Watcher(follower) as third:
        assert third.url == kept
    place = _place(follower.path)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with Watcher(Follower(tmp_path / "other.ganviz")) as other:
        assert other.token != third.token


@pytest.mark.parametrize(
    "text", ["", "[]", '{"port": 1}', '{"port": 1, "token": "short"}', '{"port": "x", "token": 3}']
)
def test_a_spoilt_memory_is_none(tmp_path: Path, text: str) -> None:
    place = _place(tmp_path / "run.ganviz")
    place.parent.mkdir(parents=True)
    place.write_text(text)
    assert recalled(tmp_path / "run.ganviz") is None


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: Any = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}: .*give another one"):
            Watcher(Follower(tmp_path / "run.ganviz"), port)
    with pytest.raises(UsageError, match="port 99999"):
        Watcher(Follower(tmp_path / "run.ganviz"), 99999)

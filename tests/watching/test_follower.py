"""What is known of a recording while another process writes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gan_viz.api.pages import page_data
from gan_viz.recording import Writer
from gan_viz.recording.side_files import is_open_elsewhere
from gan_viz.watching import Follower
from gan_viz.watching import follower as module
from gan_viz.watching.follower import REST, REST_OF_NEWEST, SILENCE, Whole

from .conftest import begin, grow

WRITE = """
import sys
import numpy as np
from gan_viz.recording import Writer
writer = Writer(sys.argv[1], {})
writer.add_channel("samples", (1, 2, 2), "uint8")
writer.write_frame(5, {"samples": np.zeros((1, 2, 2), np.uint8)})
writer.flush()
print("written", flush=True)
sys.stdin.readline()
writer.close()
"""


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _start(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="asks about locks as Linux does")
def test_a_killed_training_is_told_from_one_that_goes_on(tmp_path: Path) -> None:
    clock = _Clock()
    follower = Follower(tmp_path / "run.ganviz", clock=clock)
    with _start(follower.path) as process:
        assert follower.state()[:1] + follower.state()[2:4] == ("running", 1, 5)
        process.send_signal(signal.SIGKILL)
        process.wait()
    clock.now += 1
    stopped = follower.state()
    assert (stopped.status, stopped.frames) == ("stopped", 1)
    assert follower.whole().page.frames == 1  # what there is can still be seen


@pytest.mark.skipif(sys.platform != "linux", reason="asks about locks as Linux does")
def test_a_training_that_ends_is_complete(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "run.ganviz")
    with _start(follower.path) as process:
        process.communicate("\n")
    assert follower.state().status == "complete"


def test_where_locks_cannot_be_asked_about_silence_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan_viz.watching.follower.is_open_elsewhere", lambda path: None)
    clock = _Clock()
    follower = Follower(tmp_path / "run.ganviz", clock=clock)
    with begin(follower.path) as writer:
        assert follower.state().status == "running"
        clock.now += SILENCE + 1
        silent = follower.state()
        assert (silent.status, silent.seconds) == ("silent", SILENCE + 1)
        grow(writer, range(3, 4))
        clock.now += 1
        assert follower.state().status == "running"


def _waited(follower: Follower) -> Whole:
    """The page once the one that is being made is there."""
    follower.whole()
    assert follower._maker is not None
    follower._maker.join()
    return follower.whole()


def test_a_page_is_made_once_and_then_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, made = _Clock(), []

    def slow(*given: object) -> object:
        made.append(given)
        clock.now += 3.0
        return page_data(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "page_data", slow)
    follower = Follower(tmp_path / "run.ganviz", clock=clock, busy=clock)
    with begin(follower.path) as writer:
        first = follower.whole()
        assert _waited(follower) is first
        grow(writer, range(3, 5))
        clock.now += REST * 3.0 - 1
        assert _waited(follower) is first
        clock.now += 1.5
        second = _waited(follower)
        assert second.generation != first.generation
        assert second.page.frames == 5
        assert len(made) == 2


def test_newest_frames_are_told_while_a_page_rests(tmp_path: Path) -> None:
    clock = _Clock()
    follower = Follower(tmp_path / "run.ganviz", clock=clock)
    with begin(follower.path) as writer:
        made = _waited(follower)
        follower._rested = float("inf")
        assert follower.since(made.generation, 2) is None
        assert follower.since("of another watcher", 2) is made
        for steps in (range(3, 5), range(5, 9)):
            grow(writer, steps)
            clock.now += 1
            told = follower.since(made.generation, steps[0] - 1)
            assert isinstance(told, bytes)
            assert told is follower.since(made.generation, steps[0] - 1)  # made once for all


def test_newest_frames_rest_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock()

    def slow(*given: object) -> bytes:
        clock.now += 1.0
        return b"frames"

    monkeypatch.setattr(module, "newest", slow)
    follower = Follower(tmp_path / "run.ganviz", clock=clock, busy=clock)
    with begin(follower.path) as writer:
        made = _waited(follower)
        follower._rested = float("inf")
        grow(writer, range(3, 5))
        clock.now += 1
        assert follower.since(made.generation, 2) == b"frames"
        assert follower.since(made.generation, 3) is None
        clock.now += REST_OF_NEWEST
        assert follower.since(made.generation, 3) == b"frames"


def test_steps_that_are_gone_need_a_whole_page(tmp_path: Path) -> None:
    clock = _Clock()
    path = tmp_path / "run.ganviz"
    follower = Follower(path, clock=clock)
    begin(path, 9).close()
    made = _waited(follower)
    follower._rested = float("inf")
    clock.now += 1
    with Writer(path, {}, resume_at=4) as writer:
        writer.add_channel("generator", (32,), "float32")
        grow(writer, range(6, 12))
        clock.now += 1
        assert follower.since(made.generation, 8) is None
        found = _waited(follower)
        assert found.generation != made.generation
        assert found.steps.tolist() == [0, 1, 2, 3, 4, *range(6, 12)]
        assert follower.since(made.generation, 8) is found


def test_a_new_scalar_needs_a_whole_page(tmp_path: Path) -> None:
    clock = _Clock()
    follower = Follower(tmp_path / "run.ganviz", clock=clock)
    with begin(follower.path) as writer:
        made = _waited(follower)
        follower._rested = float("inf")
        writer.write_scalars([3], {"late": [1.0]})
        grow(writer, range(3, 5))
        clock.now += 1
        assert follower.since(made.generation, 2) is None


def test_a_long_recording_is_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_viz.watching.follower.MOST_FRAMES", 20)
    with begin(tmp_path / "run.ganviz", 60):
        made = Follower(tmp_path / "run.ganviz").whole()
    found = made.page
    assert len(made.steps) == 60
    assert 20 <= found.frames <= 20 + 8  # those of verdicts stay
    assert "frames" in found.notice


def test_nobody_has_what_is_not_there(tmp_path: Path) -> None:
    assert is_open_elsewhere(tmp_path / "none.ganviz") is None
    (tmp_path / "link.ganviz-shm").symlink_to(tmp_path / "elsewhere")
    assert is_open_elsewhere(tmp_path / "link.ganviz") is None

"""Recordings that are gone on with."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording, Writer, files


def record(
    path: Path, steps: range, *, resume_at: int | None = None, every: int = 3, complete: bool = True
) -> Path:
    """Record some steps; all values tell the step."""
    writer = Writer(path, {"until": steps.stop}, resume_at=resume_at)
    writer.add_constant("grid", np.arange(4.0))
    writer.add_channel("a", (2,), "int64")
    for step in steps:
        if step % every == 0:
            writer.write_frame(step, {"a": [step, -step]})
        writer.write_scalars([step], {"loss": [step / 2]})
    writer.close(complete=complete)
    return writer.path


def content(path: Path) -> dict[str, Any]:
    with Recording(path) as recording:
        return {
            "complete": recording.complete,
            "channels": dict(recording.channels),
            "constants": {name: array.tolist() for name, array in recording.constants.items()},
            "steps": recording.steps.tolist(),
            "frames": [array.tolist() for array in recording.frames("a")],
            "scalars": {
                name: [column.tolist() for column in series]
                for name, series in recording.scalars.items()
            },
        }


@settings(max_examples=12)
@given(st.lists(st.integers(0, 60), min_size=3, max_size=3), st.integers(1, 5), st.booleans())
def test_resumed_equals_straight(numbers: list[int], every: int, complete: bool) -> None:
    at, until, end = sorted(numbers)
    with TemporaryDirectory() as folder:
        straight = record(Path(folder, "straight.ganviz"), range(end + 1), every=every)
        path = Path(folder, "run.ganviz")
        record(path, range(until + 1), every=every, complete=complete)
        record(path, range(at + 1, end + 1), resume_at=at, every=every)
        assert content(path) == content(straight)
        assert sorted(p.name for p in Path(folder).iterdir()) == ["run.ganviz", "straight.ganviz"]


def test_it_is_written_down(path: Path) -> None:
    record(path, range(10))
    record(path, range(6, 12), resume_at=5)
    record(path, range(9, 15), resume_at=8, complete=False)
    with Recording(path) as recording:
        assert recording.header["resumed_at"] == [5, 8]
        assert recording.header["until"] == 15
        assert not recording.complete


def test_nothing_changes_before_something_new_is_written(path: Path) -> None:
    record(path, range(10))
    before = content(path)
    writer = Writer(path, {"seed": 2}, resume_at=4)
    writer.add_channel("a", (2,), "int64")
    writer.add_channel("b", (1,), "int64")
    writer.update_header(seed=3)
    writer.flush()
    assert content(path) == before
    writer.close(complete=False)
    assert content(path) == before


def test_completing_drops_what_came_after(path: Path) -> None:
    record(path, range(10))
    Writer(path, resume_at=4).close()
    assert content(path)["steps"] == [0, 3]
    assert content(path)["scalars"]["loss"][0] == [0, 1, 2, 3, 4]


def test_new_channels_constants_and_series_may_join(path: Path) -> None:
    record(path, range(4))
    with Writer(path, resume_at=3) as writer:
        assert writer.last_frame == 3
        assert writer.add_constant("grid", np.zeros(4)).tolist() == [0, 1, 2, 3]
        assert writer.add_constant("new", [5]).tolist() == [5]
        writer.add_channel("b", (), "float32")
        writer.add_channel("a", (2,), "int64")
        writer.write_frame(6, {"a": [6, -6], "b": 0.5})
        writer.write_scalars([6], {"other": [1.0]})
        with pytest.raises(UsageError, match="constant 'new' already"):
            writer.add_constant("new", [5])
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 3, 6]
        assert recording.array("a", -1).tolist() == [6, -6]
        assert recording.array("b", -1) == 0.5
        assert not recording.has("b", 0)
        assert set(recording.scalars) == {"loss", "other"}
        assert recording.scalars["loss"].steps.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("dtype", "shape", "attributes", "message"),
    [
        ("float64", (2,), {}, 'dtype of its channel \'a\' is "int64", not "float64"'),
        ("int64", (3,), {}, r"shape of its channel 'a' is \[2\], not \[3\]"),
        ("int64", (2,), {"unit": "m"}, r"attributes of its channel 'a' is \{\}"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_lost(
    path: Path, dtype: str, shape: tuple[int], attributes: dict[str, str], message: str
) -> None:
    record(path, range(10))
    before = content(path)
    with pytest.raises(RecordingError, match=message), Writer(path, resume_at=2) as writer:
        writer.add_channel("a", shape, dtype, **attributes)
    message = "shape of its constant 'grid'"
    with pytest.raises(RecordingError, match=message), Writer(path, resume_at=2) as writer:
        writer.add_constant("grid", np.zeros(5))
    assert content(path) == before


def test_what_is_not_there_cannot_be_resumed(path: Path) -> None:
    with pytest.raises(RecordingError, match=r"no recording .* to resume at step 3"):
        Writer(path, resume_at=3)
    assert not path.exists()
    with pytest.raises(UsageError, match="step -1"):
        Writer(path, resume_at=-1)
    record(path, range(5), resume_at=0)
    assert content(path)["steps"] == [0, 3]


def test_another_file_is_left_alone(path: Path) -> None:
    path.write_bytes(b"GIF89a" + bytes(200))
    with pytest.raises(RecordingError, match="GIF image"):
        Writer(path, resume_at=3)
    assert path.read_bytes() == b"GIF89a" + bytes(200)


def test_what_is_being_recorded_cannot_be_resumed(path: Path) -> None:
    with Writer(path) as writer:
        writer.write_frame(0, {})
        writer.flush()
        with pytest.raises(UsageError, match="still being recorded"):
            Writer(path, resume_at=0)


def test_the_recording_that_was_to_replace_an_old_one_is_resumed(path: Path) -> None:
    old = record(path, range(2))
    new = record(path, range(10), complete=False)
    assert new != old
    assert record(path, range(5, 8), resume_at=4) == path
    assert content(path)["steps"] == [0, 3, 6]
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_follows(path: Path) -> None:
    record(path, range(10))
    with Recording(path) as reader, Writer(path, resume_at=4) as writer:
        writer.add_channel("a", (2,), "int64")
        writer.write_frame(5, {"a": [5, 5]})
        writer.flush()
        reader.refresh()
        assert reader.steps.tolist() == [0, 3, 5]
        assert reader.scalars["loss"].steps.tolist() == [0, 1, 2, 3, 4]
        assert not reader.complete


KILLED = """
import os, signal, sys, time
from gan_viz.recording import Writer

writer = Writer(sys.argv[1], resume_at=50, commit_every=0.01)
writer.add_channel("a", (2,), "int64")
print("open", flush=True)
for step in range(51, 10**9):
    writer.write_frame(step, {"a": [step, -step]})
    writer.write_scalars([step], {"loss": [step / 2]})
"""


@pytest.mark.parametrize("pause", [0.0, 0.004, 0.1])
def test_a_process_killed_soon_after_resuming(path: Path, pause: float) -> None:
    record(path, range(2001))
    before = content(path)
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(pause)
        process.kill()
    after = content(path)
    if after["complete"]:
        assert after == before
        return
    assert [step for step in after["steps"] if step <= 50] == list(range(0, 51, 3))
    new = [step for step in after["steps"] if step > 50]
    assert new == list(range(51, 51 + len(new)))
    assert after["frames"] == [[step, -step] for step in after["steps"]]
    steps = after["scalars"]["loss"][0]
    assert steps == list(range(len(steps)))
    record(path, range(31, 41), resume_at=30)
    assert content(path)["scalars"]["loss"][0] == list(range(41))


def test_without_a_write_ahead_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = files.connect
    monkeypatch.setattr(files, "connect", lambda p, mode: connect(p, f"{mode}&vfs=unix-dotfile"))
    with pytest.warns(RuntimeWarning, match=r"write-ahead log .*rollback"):
        record(path, range(10))
    with pytest.warns(RuntimeWarning, match=r"write-ahead log .*rollback") as caught:
        writer = Writer(path, resume_at=4)
    assert caught[0].filename == __file__
    writer.add_channel("a", (2,), "int64")
    writer.write_frame(5, {"a": [5, -5]})
    writer.close()
    assert content(path)["steps"] == [0, 3, 5]
    assert list(path.parent.iterdir()) == [path]

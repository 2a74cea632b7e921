from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing

import numpy as np
import pytest

from gan_viz.errors import RecordingError, RecordingWarning, UnknownNameError, UsageError
from gan_viz.recording import Recording, Writer, committer
from gan_viz.recording.format import MAX_JSON_BYTES


def waited_for(condition, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def committed(path) -> int:
    with Recording(path) as recording:
        return len(recording)


def test_a_burst_is_committed_though_silence_follows(path):
    start = time.monotonic()
    with Writer(path, commit_every=0.2) as writer:
        for step in range(5):
            writer.write_frame(step, {})
        assert waited_for(lambda: committed(path) == 5)
        assert time.monotonic() - start >= 0.2  # together, not one by one


def test_much_is_committed_before_its_time(path):
    with Writer(path, commit_every=1000) as writer:
        writer.add_channel("big", (2**20,), "uint8")
        for step in range(5):
            writer.write_frame(step, {"big": np.zeros(2**20, np.uint8)})
        assert waited_for(lambda: committed(path) >= 4)


def test_memory_is_bounded_when_the_disk_is_slow(path, monkeypatch):
    monkeypatch.setattr(committer, "_EARLY_BYTES", 2**40)  # as if the thread did not keep pace
    monkeypatch.setattr(committer, "_FULL_BYTES", 1000)
    with Writer(path, commit_every=1000) as writer:
        writer.write_scalars(range(100), {"a": range(100)})
        assert not writer._committer._waiting
        with Recording(path) as recording:
            assert len(recording.scalars["a"].steps) == 100


def test_flush_commits_at_once(path):
    with Writer(path, commit_every=1000) as writer:
        writer.write_frame(3, {})
        assert committed(path) == 0
        writer.flush()
        assert committed(path) == 1


def test_arguments_are_copied(path):
    array, steps, values, config = np.zeros(3), np.arange(2), np.ones(2), {"lr": [1]}
    with Writer(path, {"config": config}) as writer:
        writer.add_channel("c", (3,), "float64")
        writer.write_frame(0, {"c": array})
        writer.write_scalars(steps, {"a": values})
        array += 1
        steps += 5
        values *= 0
        config["lr"].append(2)
    with Recording(path) as recording:
        assert recording.array("c", 0).tolist() == [0, 0, 0]
        assert recording.scalars["a"].steps.tolist() == [0, 1]
        assert recording.scalars["a"].values.tolist() == [1, 1]
        assert recording.header["config"] == {"lr": [1]}


def test_casting_within_a_kind(path):
    with Writer(path) as writer:
        writer.add_channel("f", (2,), "float32")
        writer.add_channel("u", (2,), "uint8")
        writer.write_frame(0, {"f": [1, 1e300], "u": np.array([0, 255], np.uint16)})
        writer.write_frame(1, {"f": np.array([0.1, np.nan]), "u": np.array([True, False])})
    with Recording(path) as recording:
        assert recording.array("f", 0).tolist() == [1, np.inf]
        np.testing.assert_array_equal(recording.array("f", 1), np.float32([0.1, np.nan]))
        assert recording.array("u", 0).tolist() == [0, 255]
        assert recording.array("u", 1).tolist() == [1, 0]


class Unreadable:
    def __array__(self, *arguments, **keywords):
        raise RuntimeError("requires grad")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: w.write_frame(1, {"c": [1.0]}), r"'c'.*float32 \(2,\).*float64 \(1,\)"),
        (lambda w: w.write_frame(1, {"c": [1j, 0]}), r"'c'.*float32 \(2,\).*complex128 \(2,\)"),
        (lambda w: w.write_frame(1, {"c": ["a", "b"]}), "'c'.*float32"),
        (lambda w: w.write_frame(1, {"c": [[1], [1, 2]]}), "'c': no array"),
        (lambda w: w.write_frame(1, {"c": Unreadable()}), "'c': no array.*requires grad"),
        (lambda w: w.write_frame(1, {"u": np.array([-1, 0])}), r"'u'.*uint8.*int64"),
        (lambda w: w.write_frame(1, {"u": np.array([300], np.uint16)[[0, 0]]}), "'u'.*255.*300"),
        (lambda w: w.write_frame(-1, {}), "step -1 is not a step"),
        (lambda w: w.write_frame(2**63, {}), "is not a step"),
        (lambda w: w.write_frame(1.5, {}), "integer, not 1.5"),
        (lambda w: w.write_frame(0, {}), "step 0.*the last, 0"),
        (lambda w: w.add_channel("c", (1,), "int8"), "channel 'c' already"),
        (lambda w: w.add_channel("x", (-1,), "int8"), "-1.*not a shape"),
        (lambda w: w.add_channel("x", (1.5,), "int8"), "not a shape"),
        (lambda w: w.add_channel("x", 3, "int8"), "not a shape"),
        (lambda w: w.add_channel("x", (1,) * 17, "int8"), "at most 16 sizes"),
        (lambda w: w.add_channel("x", (0, 2**28), "float32"), "larger than the 256 MiB"),
        (lambda w: w.add_channel("x", (1,), "complex64"), "'complex64'.*float32"),
        (lambda w: w.add_channel("x", (1,), "flaot32"), "'flaot32'.*float32"),
        (lambda w: w.add_channel("x", (1,), "int8", note=object()), "attributes of 'x'.*JSON"),
        (lambda w: w.add_channel("", (1,), "int8"), "'' cannot be the name of a channel"),
        (lambda w: w.add_channel("a\x1b[2J", (1,), "int8"), "cannot be the name"),
        (lambda w: w.add_channel("x" * 201, (1,), "int8"), "cannot be the name"),
        (lambda w: w.add_constant("k", 1), "constant 'k' already"),
        (lambda w: w.add_constant("o", [None]), "'object' cannot be recorded"),
        (lambda w: w.add_constant("o", [[1], [1, 2]]), "constant 'o': no array"),
        (lambda w: w.write_scalars([1, 2], {"a": [1.0]}), r"'a'.*2 steps.*\(1,\)"),
        (lambda w: w.write_scalars([1], {"a": ["x"]}), "'a': no array"),
        (lambda w: w.write_scalars([1.0], {"a": [1.0]}), "sequence of integers"),
        (lambda w: w.write_scalars(1, {"a": 1.0}), "sequence of integers"),
        (lambda w: w.write_scalars([-3], {"a": [1.0]}), "step -3"),
        (lambda w: w.write_scalars([2**63], {"a": [1.0]}), "step 9223372036854775808"),
        (lambda w: w.write_scalars([1], {"": [1.0]}), "name of a series"),
        (lambda w: w.update_header(complete=True), "set by close"),
        (lambda w: w.update_header(x={1j}), "'x' cannot be written as JSON"),
        (lambda w: w.update_header(x="a" * (MAX_JSON_BYTES + 1)), "add_constant"),
    ],
)
def test_bad_values_are_refused_in_one_line_and_leave_no_trace(path, call, message):
    with Writer(path) as writer:
        writer.add_channel("c", (2,), "float32")
        writer.add_channel("u", (2,), "uint8")
        writer.add_constant("k", 1)
        writer.write_frame(0, {})
        with pytest.raises(UsageError, match=message) as error:
            call(writer)
        assert "\n" not in str(error.value)
        writer.write_frame(2, {"c": [0, 1]})
    with Recording(path) as recording:
        assert recording.steps.tolist() == [0, 2]
        assert list(recording.channels) == ["c", "u"]
        assert list(recording.constants) == ["k"]
        assert list(recording.scalars) == []


def test_unknown_channel_lists_the_known(writer):
    writer.add_channel("generator", (1,), "int8")
    with pytest.raises(UnknownNameError, match="'genrator': did you mean 'generator'"):
        writer.write_frame(0, {"genrator": [1]})


def test_a_bad_series_name_leaves_none_behind(path):
    with Writer(path) as writer:
        with pytest.raises(UsageError):
            writer.write_scalars([1], {"good": [1.0], "\n": [1.0]})
        writer.write_scalars([2], {"other": [1.0], "good": [2.0]})
    with Recording(path) as recording:
        assert list(recording.scalars) == ["other", "good"]
        assert recording.scalars["good"].values.tolist() == [2.0]


@pytest.mark.parametrize("bad", [0, -1, float("inf"), float("nan")])
def test_commit_every_must_be_positive(path, bad):
    with pytest.raises(UsageError, match="commit_every"):
        Writer(path, commit_every=bad)
    assert not path.exists()


def test_too_much_header_is_refused_before_a_reader_has_to(path):
    with Writer(path) as writer:
        writer.update_header(x="a" * 10**6)
        writer.update_header(x="b" * 10**6)  # in place of the other
        with pytest.raises(UsageError, match="in total"):
            writer.update_header(**{f"x{i}": "a" * 10**6 for i in range(8)})
    with Recording(path) as recording:
        assert recording.header["x"][0] == "b"


def test_closing(path):
    writer = Writer(path)
    writer.write_frame(1, {})
    writer.close()
    writer.close()
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]
    for call in (writer.flush, lambda: writer.write_frame(2, {})):
        with pytest.raises(RecordingError, match="is closed"):
            call()
    assert not [t for t in threading.enumerate() if t.name == "gan_viz-recording"]


def test_an_error_in_the_training_closes_but_does_not_complete(path):
    def train() -> None:
        with Writer(path) as writer:
            writer.write_frame(1, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train()
    with Recording(path) as recording:
        assert not recording.complete
        assert len(recording) == 1
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]


def fill_the_disk(writer: Writer) -> None:
    writer.flush()
    writer._connection.execute("PRAGMA max_page_count = 1")  # SQLite: not below what there is


def make_room(writer: Writer) -> None:
    writer._connection.execute("PRAGMA max_page_count = 1000000")


def overflow(writer: Writer) -> None:
    writer.write_scalars(range(10_000), {"a": range(10_000)})


def test_a_full_disk_is_told_once_and_recorded_to_when_there_is_room(path):
    writer = Writer(path, commit_every=0.05)
    writer.write_frame(1, {})
    fill_the_disk(writer)
    overflow(writer)
    assert waited_for(lambda: writer._committer.failure is not None)
    with pytest.warns(RecordingWarning, match=r"run.ganviz .* now: the disk is full; the training"):
        writer.write_frame(2, {})
    writer.write_frame(3, {})  # it has been said
    assert committed(path) == 1
    make_room(writer)
    assert waited_for(lambda: committed(path) == 3)
    writer.write_frame(4, {})
    writer.close()
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [1, 2, 3, 4]
        assert recording.scalars["a"].values.tolist() == list(range(10_000))


def test_what_is_missing_is_told_at_the_end(path):
    writer = Writer(path, commit_every=1000)
    writer.write_frame(1, {})
    fill_the_disk(writer)
    overflow(writer)
    writer.write_frame(2, {})
    with pytest.warns(RecordingWarning, match="lacks 1 frames and 10,000 numbers .* disk is full"):
        writer.close()
    writer.close()
    with Recording(path) as recording:
        assert not recording.complete
        assert recording.steps.tolist() == [1]


def test_flush_tells_that_it_failed(path):
    writer = Writer(path, commit_every=1000)
    fill_the_disk(writer)
    overflow(writer)
    with pytest.raises(RecordingError, match="disk is full"):
        writer.flush()
    make_room(writer)
    writer.flush()
    writer.close()


def test_what_waits_for_room_is_thinned(path, monkeypatch):
    monkeypatch.setattr(committer, "_FULL_BYTES", 200_000)
    monkeypatch.setattr(committer, "_AGAIN", 0.0)
    writer = Writer(path, commit_every=0.02)
    writer.add_channel("c", (1000,), "uint8")
    fill_the_disk(writer)

    def record() -> None:
        for step in range(1000):
            writer.write_frame(step, {"c": np.full(1000, step % 256, np.uint8)})
            writer.write_scalars([step], {"a": [step]})

    with pytest.warns(RecordingWarning, match="disk is full"):
        record()
    assert writer._committer._backlog.nbytes < 250_000
    make_room(writer)
    with pytest.warns(RecordingWarning, match=r"lacks \d+ frames and \d+ numbers"):
        writer.close()
    with Recording(path) as recording:
        steps = recording.steps
        assert recording.complete
        assert 25 < len(steps) < 250
        assert steps[-1] == 999
        assert all((recording.array("c", k) == step % 256).all() for k, step in enumerate(steps))
        values = recording.scalars["a"]
        assert (values.values == values.steps).all()
        assert 50 < len(values.steps) < 900
        for gaps in (np.diff(steps), np.diff(values.steps)):
            assert gaps.max() < 100  # from end to end


def test_a_lock_of_another_program_is_waited_for(path):
    writer = Writer(path, commit_every=0.05)
    writer.write_frame(1, {})
    writer.flush()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.write_frame(2, {})
        assert waited_for(lambda: writer._committer.failure is not None)
        with pytest.warns(RecordingWarning, match="another program keeps it locked"):
            writer.write_frame(3, {})
        other.execute("COMMIT")
    writer.close()
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [1, 2, 3]


def test_a_recording_that_is_removed_is_written_again(path):
    writer = Writer(path, {"seed": 7}, commit_every=0.05)
    writer.add_constant("grid", np.arange(3))
    writer.write_frame(1, {})
    writer.flush()
    for file in path.parent.iterdir():
        file.unlink()
    writer.write_frame(2, {})
    assert waited_for(path.exists)
    writer.write_frame(3, {})
    with pytest.warns(RecordingWarning, match="was removed while it was written"):
        writer.close()
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]
    with Recording(path) as recording:
        assert recording.complete
        assert recording.header["seed"] == 7
        assert recording.steps.tolist() == [1, 2, 3]
        assert recording.constants["grid"].tolist() == [0, 1, 2]


def test_a_file_put_in_its_place_is_left_alone(path):
    writer = Writer(path, commit_every=0.05)
    writer.write_frame(1, {})
    writer.flush()
    path.unlink()
    path.write_text("somebody else's")
    writer.write_frame(2, {})
    with pytest.warns(RecordingWarning, match=r"place of the recording: it is .*run-2.ganviz"):
        writer.close()
    assert path.read_text() == "somebody else's"
    with Recording(writer.path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [1, 2]


def test_a_folder_that_is_removed_is_told_of(tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    writer = Writer(folder / "run.ganviz", commit_every=0.05)
    writer.write_frame(1, {})
    writer.flush()
    shutil.rmtree(folder)
    writer.write_frame(2, {})
    assert waited_for(lambda: writer._committer.failure is not None)
    with pytest.warns(RecordingWarning, match="runs has been removed; the training goes on"):
        writer.write_frame(3, {})
    folder.mkdir()
    with pytest.warns(RecordingWarning, match="written again"):
        writer.close()
    assert committed(folder / "run.ganviz") == 3


def test_an_error_in_the_training_is_not_hidden_by_a_full_disk(path):
    def train() -> None:
        with Writer(path, commit_every=1000) as writer:
            fill_the_disk(writer)
            overflow(writer)
            raise ZeroDivisionError

    with pytest.warns(RecordingWarning, match="disk is full"), pytest.raises(ZeroDivisionError):
        train()


LIMITED = """
import resource, sys
import numpy as np
from gan_viz.errors import RecordingError
from gan_viz.recording import Writer
writer = Writer(sys.argv[1], commit_every=0.05)
writer.add_channel("c", (2**16,), "uint8")
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
try:
    for step in range(1000):
        writer.write_frame(step, {"c": np.zeros(2**16, np.uint8)})
        writer.flush()
except RecordingError as error:
    print(step, error)
"""


def test_when_the_system_refuses_to_write_what_was_committed_stays(path, run):
    process = run(LIMITED, path)
    step, _, message = process.stdout.partition(" ")
    assert "cannot be written now" in message
    assert message.count("\n") == 1
    with Recording(path) as recording:
        assert recording.steps.tolist() == list(range(int(step)))
        assert sum(1 for _ in recording.frames("c")) == int(step)


INTERRUPTED = """
import signal, sys
from gan_viz.recording import Writer

def interrupt(*_):
    global armed
    if armed:
        armed = False
        raise KeyboardInterrupt

writer = Writer(sys.argv[1])
step = stopped = 0
armed = False
signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.0007)
while stopped < 300:
    step += 1
    try:
        armed = True
        writer.write_frame(step, {})
        writer.write_scalars([step], {"a": [0.5], f"b{step % 500}": [step % 500]})
        if step % 10 == 0:
            writer.flush()
        armed = False
    except KeyboardInterrupt:
        stopped += 1
signal.setitimer(signal.ITIMER_REAL, 0)
writer.write_frame(step + 1, {})
writer.close()
print(step)
"""


def test_ctrl_c_at_any_moment_does_no_harm(path, run):
    process = run(INTERRUPTED, path)
    assert process.returncode == 0, process.stderr
    with Recording(path) as recording:
        assert recording.complete
        assert int(process.stdout) - 300 <= len(recording) <= int(process.stdout) + 1
        assert (recording.scalars["a"].values == 0.5).all()
        for name in recording.scalars.keys() - {"a"}:  # no number goes to another's series
            assert (recording.scalars[name].values == int(name[1:])).all()
        assert sum(len(scalars.steps) for scalars in recording.scalars.values()) > len(recording)


FORGETFUL = """
import sys
from gan_viz.recording import Writer
writer = Writer(sys.argv[1], commit_every=1000)
writer.write_frame(5, {})
"""


def test_a_forgotten_writer_is_closed_at_exit(path, run):
    process = run(FORGETFUL, path)
    assert (process.returncode, process.stderr) == (0, "")
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]
    with Recording(path) as recording:
        assert recording.steps.tolist() == [5]
        assert not recording.complete


FORKING = """
import os, sys, time
from gan_viz.errors import RecordingError
from gan_viz.recording import Writer
writer = Writer(sys.argv[1], commit_every=0.01)
for step in range(30):
    writer.write_frame(10 * step, {})
    child = os.fork()
    if not child:
        if os.fork():  # its child is not to write, either
            os.wait()
        try:
            writer.write_frame(10 * step + 1, {})
        except RecordingError as error:
            assert "forked" in str(error)
            writer.close()
            sys.exit(0)
        sys.exit(1)
    assert os.waitpid(child, 0)[1] == 0
    writer.write_frame(10 * step + 2, {})
writer.close()
"""


def test_a_forked_process_leaves_the_recording_to_its_parent(path, run):
    process = run(FORKING, path)
    assert process.returncode == 0, process.stderr
    assert [file.name for file in path.parent.iterdir()] == ["run.ganviz"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Recording(path) as recording:
        assert recording.complete
        assert recording.steps.tolist() == [10 * k + d for k in range(30) for d in (0, 2)]

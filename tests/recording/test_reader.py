from __future__ import annotations

import gc
import json
import math
import sqlite3
import struct
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from gan_viz.errors import RecordingError
from gan_viz.recording import NotRecordedError, Recording, Writer, reader
from gan_viz.recording.catalog import count_scalars
from gan_viz.recording.format import MAX_ARRAY_BYTES, MAX_JSON_BYTES, MAX_NAMES


def change(path, *statements: str | tuple) -> None:
    """Change the file as a stranger could."""
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(*([statement] if isinstance(statement, str) else statement))
    database.commit()
    database.close()


def play(path) -> None:
    """Read all there is."""
    with Recording(path) as recording:
        for name in recording.channels:
            list(recording.frames(name))
        list(recording.constants.values())
        list(recording.scalars.values())


def test_reading_frames(sample):
    with Recording(sample) as recording:
        assert len(recording) == 20
        assert recording.steps.dtype == np.int64
        assert recording.steps.tolist() == list(range(0, 200, 10))
        assert recording.array("generator", 3).tolist() == [30] * 64
        assert recording.array("generator", -1).tolist() == [190] * 64
        assert recording.array("generator", np.int64(-20)).tolist() == [0] * 64
        assert recording.has("images", 2)
        assert not recording.has("images", -1)
        assert [int(array.flat[0]) for array in recording.frames("images")] == list(
            range(0, 200, 20)
        )
        assert recording.channels["generator"].attributes == {"output": "x"}
        assert recording.constant_channels["grid"].attributes == {"unit": "x"}


def test_what_a_frame_lacks_is_none_for_find_alone(path):
    with Writer(path) as writer:
        writer.add_channel("a", (2,), "float32")
        writer.add_channel("b", (2,), "float32")
        writer.write_frame(0, {"a": [1.0, 2.0]})
    with Recording(path) as run:
        assert run.find("b", 0) is None
        assert run.find("a", -1).tolist() == [1.0, 2.0]
        with pytest.raises(NotRecordedError, match="it has: a"):
            run.array("b", 0)
        with pytest.raises(NotRecordedError, match="there is no frame 1"):
            run.find("a", 1)


@pytest.mark.parametrize("frames", [None, [], [5, -1, 5, 149], range(149, -1, -1)])
def test_arrays_of_many_frames_are_those_of_each(path, frames):
    with Writer(path) as writer:
        writer.add_channel("a", (2,), "float32")
        for step in range(150):
            writer.write_frame(3 * step, {"a": [step, 2.0]} if step % 5 else {})
    with Recording(path) as run, Recording(path) as other:
        other.array("a", 1)  # one that is kept already
        found = list(other.arrays("a", frames))
        each = [run.find("a", frame) for frame in (range(150) if frames is None else frames)]
        assert [None if one is None else one.tolist() for one in found] == [
            None if one is None else one.tolist() for one in each
        ]
        for wrong in ("b", [150]), ("b", None), ("a", [0, 150]):
            with pytest.raises(NotRecordedError):
                other.arrays(*wrong)


def test_arrays_are_kept_as_far_as_there_is_room(path, monkeypatch):
    monkeypatch.setattr(reader, "MOST_BYTES", 20)
    with Writer(path) as writer:
        writer.add_channel("a", (2,), "float32")
        for step in range(3):
            writer.write_frame(step, {"a": [step, 2.0]})
    with Recording(path) as run:
        first = [run.array("a", frame) for frame in range(3)]
        again = [run.array("a", frame) for frame in range(3)]
        kept = [one is other for one, other in zip(first, again, strict=True)]
        assert kept == [True, True, False]
        assert [one.tolist() for one in again] == [[step, 2.0] for step in range(3)]
        run.refresh()
        assert run.array("a", 0) is not first[0]


def test_nothing_that_is_read_can_be_changed(sample):
    with Recording(sample) as recording:
        arrays = [recording.steps, recording.array("images", 0), *recording.scalars["loss_D"]]
        for array in [*arrays, *recording.constants.values()]:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
        for mapping in (recording.header, recording.channels, recording.constant_channels):
            with pytest.raises(TypeError):
                mapping["x"] = 1


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.array("generator", 20), "no frame 20: .*run.ganviz has 20"),
        (lambda r: r.array("generator", -21), "no frame -21"),
        (lambda r: r.has("generator", 99), "no frame 99"),
        (lambda r: r.array("images", 1), r"frame 1 \(step 10\) .*'images'; it has: generator"),
        (lambda r: r.array("nope", 1), "no channel 'nope'; it has: generator, images"),
        (lambda r: r.has("nope", 1), "no channel 'nope'"),
        (lambda r: r.frames("nope"), "no channel 'nope'"),
        (lambda r: r.constants["nope"], "no constant 'nope'; it has: grid"),
        (lambda r: r.scalars["nope"], "no scalar 'nope'; it has: loss_D, loss_G"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(sample, ask, message):
    with Recording(sample) as recording:
        with pytest.raises(NotRecordedError, match=message) as error:
            ask(recording)
        assert isinstance(error.value, RecordingError | LookupError)
        assert str(error.value)[0] not in "'\""


def test_the_lazy_mappings_are_mappings(sample):
    with Recording(sample) as recording:
        assert list(recording.scalars) == ["loss_D", "loss_G"]
        assert len(recording.constants) == 1
        assert "grid" in recording.constants
        assert recording.constants.get("nope") is None
        assert recording.scalars["loss_D"] is recording.scalars["loss_D"]  # read once
        assert dict(recording.scalars).keys() == {"loss_D", "loss_G"}


def test_another_thread_may_read(sample):
    with ThreadPoolExecutor(1) as pool:
        recording = pool.submit(Recording, sample).result()
        assert recording.array("generator", 1)[0] == 10
        assert pool.submit(lambda: recording.scalars["loss_D"].values[2]).result() == 1
        pool.submit(recording.close).result()


def test_a_closed_recording_says_so(sample):
    recording = Recording(sample)
    recording.close()
    recording.close()
    for call in (recording.refresh, lambda: recording.array("images", 0)):
        with pytest.raises(RecordingError, match=r"run.ganviz is closed"):
            call()


def test_a_forgotten_reader_closes_itself(sample):
    connection = Recording(sample)._connection
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_following(path):
    with Writer(path) as writer, Recording(path) as reader:
        assert (len(reader), reader.complete, list(reader.channels)) == (0, False, [])
        writer.add_channel("c", (), "int16")
        for step in range(0, 60, 10):
            writer.write_frame(step, {"c": step})
            writer.write_scalars([step], {"a": [step / 2]})
            writer.flush()
            assert len(reader) == step // 10  # nothing moves until asked to
            reader.refresh()
            assert reader.array("c", -1) == step
            assert reader.scalars["a"].values[-1] == step / 2
        assert [int(array) for array in reader.frames("c")] == [0, 10, 20, 30, 40, 50]
        writer.close()
        reader.refresh()
        assert reader.complete


RECORDING = """
import sys
from gan_viz.recording import Writer
with Writer(sys.argv[1], commit_every=0.01) as writer:
    writer.add_channel("c", (5000,), "int32")
    print("ready", flush=True)
    for step in range(1500):
        writer.write_frame(step, {"c": [step] * 5000})
        writer.write_scalars([step], {"a": [step]})
        if step == 99:
            sys.stdin.readline()
"""


def test_following_another_process(path):
    command = [sys.executable, "-c", RECORDING, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.readline()
        lengths = [0]
        with Recording(path) as recording:
            while not recording.complete:
                recording.refresh()
                assert recording.steps.tolist() == list(range(len(recording)))
                if len(recording):
                    assert (recording.array("c", -1) == len(recording) - 1).all()
                    # a step's frame is written before its scalar: a commit may fall between them
                    assert len(recording.scalars["a"].steps) >= len(recording) - 1
                lengths.append(len(recording))
                if lengths[-2] < 100 <= lengths[-1]:  # it waits to be followed
                    process.stdin.write(b"\n")
                    process.stdin.flush()
    assert lengths[-1] == 1500
    assert lengths == sorted(lengths)
    assert 100 in lengths


def test_memory_does_not_grow_with_the_frames(path):
    with Writer(path) as writer:
        writer.add_channel("c", (2**18,), "uint8")
        for step in range(100):
            writer.write_frame(step, {"c": np.full(2**18, step, np.uint8)})
    with Recording(path) as recording:
        tracemalloc.start()
        total = sum(int(array[0]) for array in recording.frames("c"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert total == sum(range(100))
    assert peak < 4 * 2**18


def sqlite_file(**pragmas) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE mine (x)")
        for name, value in pragmas.items():
            database.execute(f"PRAGMA {name} = {value}")
        return database.serialize()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: nothing was recorded"),
        (b"GIF89a" + bytes(1000), "is a GIF image, not a gan_viz recording"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "is a PNG image"),
        (b"\0\0\0 ftypisom" + bytes(1000), r"is a video \(MP4\)"),
        (b"PK\x03\x04" + bytes(1000), "is a ZIP archive"),
        (b"step,loss\n1,2\n", "is something else, not a gan_viz recording"),
        (b"x", "is something else"),
        (b"SQLite format 3\0", "run.ganviz is a damaged SQLite database"),
        (sqlite_file(), "is an SQLite database of another program"),
        (sqlite_file(application_id=0x47414E56, user_version=1), "its tables are not"),
    ],
)
def test_files_that_are_no_recordings(path, content, message):
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as error:
        Recording(path)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == content


def test_nothing_and_a_directory(path):
    with pytest.raises(RecordingError, match=r"no recording .*run.ganviz: no such file"):
        Recording(path)
    with pytest.raises(RecordingError, match="is a directory"):
        Recording(path.parent)
    with pytest.raises(RecordingError, match=r"(?i)cannot read .*too long"):
        Recording(path.with_name("x" * 300))
    assert not list(path.parent.iterdir())


def test_a_newer_version(sample):
    change(sample, "PRAGMA user_version = 3")
    with pytest.raises(
        RecordingError,
        match=r"newer gan_viz \(format 3, this one reads up to 2\): .*pip install -U gan-viz",
    ):
        Recording(sample)
    change(sample, "PRAGMA user_version = 0")
    with pytest.raises(RecordingError, match="no format 0"):
        Recording(sample)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_truncated(sample, part):
    content = sample.read_bytes()
    sample.write_bytes(content[: int(part * len(content))])
    with pytest.raises(RecordingError, match=r"run.ganviz is (damaged|cut off)"):
        play(sample)


def test_locked_by_another_program(sample, monkeypatch):
    other = sqlite3.connect(sample, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Recording.__new__(Recording) as recording:
        connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "timeout": 0}))
        recording._close = lambda: None
        with pytest.raises(RecordingError, match="is locked by another program: try again"):
            recording.__init__(sample)
    other.close()


BIG = MAX_JSON_BYTES + 1
DEEP = "[" * 100_000
COUNT = "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n)"
CHANNEL = "UPDATE channel SET {} = ? WHERE name = 'generator'"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW more AS SELECT * FROM frame",
        "CREATE TABLE more (x)",
        "CREATE INDEX more ON scalar (value)",
        "CREATE TRIGGER more AFTER INSERT ON frame BEGIN DELETE FROM frame; END",
        "CREATE VIRTUAL TABLE more USING fts5(x)",
        "ANALYZE",
        "ALTER TABLE frame ADD COLUMN more",
        "DROP TABLE series",
        ("UPDATE header SET value = ?", ("{",)),
        ("UPDATE header SET value = ?", (DEEP,)),
        ("UPDATE header SET value = ?", ('"' + "x" * BIG + '"',)),
        ("UPDATE header SET value = ?", (b"1",)),
        ("UPDATE header SET value = cast(? AS TEXT)", (b"\xff\xfe",)),
        ("UPDATE header SET value = ?", ("9" * 5000,)),
        ("UPDATE header SET key = ? WHERE key = 'seed'", ("\x1b[2J",)),
        ("UPDATE series SET name = ? WHERE id = 1", (b"loss",)),
        (CHANNEL.format("name"), ("",)),
        (CHANNEL.format("dtype"), ("object",)),
        (CHANNEL.format("dtype"), (b"float32",)),
        (CHANNEL.format("dtype"), ("float64",)),
        (CHANNEL.format("shape"), ("[65]",)),
        (CHANNEL.format("shape"), ("[-64]",)),
        (CHANNEL.format("shape"), ("[64.0]",)),
        (CHANNEL.format("shape"), ("[true]",)),
        (CHANNEL.format("shape"), ("64",)),
        (CHANNEL.format("shape"), (json.dumps([0, 2**62, 2**62]),)),
        (CHANNEL.format("shape"), (json.dumps([MAX_ARRAY_BYTES]),)),
        (CHANNEL.format("shape"), (json.dumps([1] * 40),)),
        (CHANNEL.format("attributes"), ("[]",)),
        "UPDATE array SET data = zeroblob(255) WHERE step = 50",
        "UPDATE array SET data = 'text' WHERE step = 50",
        "UPDATE array SET data = 5 WHERE step = 50",
        "UPDATE constant SET data = zeroblob(41)",
        "UPDATE constant SET shape = '[6]'",
        "INSERT INTO frame VALUES (-5)",
        "INSERT INTO scalar VALUES (1, -5, 0.5)",
        "UPDATE scalar SET value = 'nan' WHERE step = 5",
        "UPDATE scalar SET value = 1 WHERE step = 5",
        "UPDATE scalar SET value = x'00' WHERE step = 5",
        "UPDATE scalar SET step = 'five' WHERE step = 5",
        "UPDATE scalar SET step = 5.5 WHERE step = 5",
        f"INSERT INTO series {COUNT} SELECT i, 'series ' || i FROM n LIMIT 20000",
        f"INSERT INTO header {COUNT} SELECT i, '\"{'x' * 10**6}\"' FROM n LIMIT 40",
    ],
)
def test_what_a_stranger_changed_is_refused(sample, statement):
    change(sample, statement)
    with pytest.raises(RecordingError, match=r"run.ganviz is damaged") as error:
        play(sample)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def test_a_boolean_that_is_none(path):
    with Writer(path) as writer:
        writer.add_channel("c", (2,), "bool")
        writer.write_frame(0, {"c": [True, False]})
    change(path, "UPDATE array SET data = x'0002'")
    with pytest.raises(RecordingError, match="neither 0 nor 1"):
        play(path)


def test_as_many_names_as_may_be_are_read(path):
    with Writer(path) as writer:
        writer.write_scalars([1], {f"s{i}": [0.0] for i in range(MAX_NAMES)})
    with Recording(path) as recording:
        assert len(recording.scalars) == MAX_NAMES


@pytest.mark.parametrize("table", ["frame", "scalar"])
def test_pages_that_refer_to_one_page_again_and_again(path, table):
    """A small file in which a b-tree has a practically endless number of rows."""
    with Writer(path) as writer:
        for step in range(5000):
            writer.write_frame(step, {})
        writer.write_scalars(range(5000), {"a": range(5000)})
    content = bytearray(path.read_bytes())
    database = sqlite3.connect(path)
    query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
    (root,) = database.execute(query, (table,)).fetchone()
    database.close()
    start = (root - 1) * 4096
    kind, _, cells, _, _, right = struct.unpack_from(">BHHHBI", content, start)
    assert kind in (2, 5)
    for cell in struct.unpack_from(f">{cells}H", content, start + 12):
        content[start + cell : start + cell + 4] = right.to_bytes(4)
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"not ascending|malformed"):
        play(path)


def test_counting_comes_to_an_end():
    """A view stands for pages with more rows than there is room for."""
    endless = "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n)"
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIEW scalar AS {endless} SELECT 1 AS series, k AS step FROM n")
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            count_scalars(database, 1)


def test_refresh_after_damage_says_so(sample):
    with Recording(sample) as recording:
        change(sample, "UPDATE header SET value = '{'")
        with pytest.raises(RecordingError, match="damaged"):
            recording.refresh()
        assert recording.header["seed"] == 7


def test_nan_in_the_header(path):
    with Writer(path, {"a": math.nan, "b": -math.inf}):
        pass
    with Recording(path) as recording:
        assert math.isnan(recording.header["a"])
        assert recording.header["b"] == -math.inf


def test_a_recording_and_its_parts_say_what_they_are(sample, path):
    with Recording(sample) as recording:
        assert repr(recording) == (
            "<Recording run.ganviz: 20 frames, steps 0-190, complete; channels generator (64,), "
            "images (2, 3, 3); scalars loss_D, loss_G>"
        )
        assert repr(recording.scalars) == "<scalars of run.ganviz: loss_D, loss_G>"
        assert repr(recording.constants) == "<constants of run.ganviz: grid>"
        assert repr(recording.scalars["loss_G"]) == (
            "<Scalars: 100 values, steps 0-99, last value 24.75>"
        )


def test_an_empty_recording_says_so(path):
    with Writer(path) as writer:
        writer.write_scalars([], {"a": []})
        writer.flush()
        with Recording(path) as recording:
            assert repr(recording) == (
                "<Recording run.ganviz: 0 frames, no steps, incomplete; channels none; scalars a>"
            )
            assert repr(recording.scalars["a"]) == "<Scalars: no values>"

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.recording import APPLICATION_ID, Channel, Recording, Writer
from gan_viz.recording.format import DTYPES, FIRST_VERSION, SCHEMA

names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
dtypes = st.sampled_from(DTYPES)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal bit by bit, NaN and the sign of zero included."""
    return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def reopened(record) -> Recording:
    with TemporaryDirectory() as folder:
        with Writer(Path(folder) / "a.ganviz") as writer:
            record(writer)
        return Recording(writer.path)  # which outlives its name


@settings(max_examples=60, deadline=None)
@given(st.data(), dtypes, shapes)
def test_arrays(data, dtype, shape):
    stack = data.draw(hnp.arrays(dtype, (3, *shape)))

    def record(writer):
        writer.add_channel("c", shape, dtype)
        writer.add_constant("k", stack)
        for step, array in enumerate(stack):
            writer.write_frame(step, {"c": array})

    with reopened(record) as recording:
        assert same(recording.constants["k"], stack)
        assert all(same(recording.array("c", i), stack[i]) for i in range(3))
        assert all(same(*pair) for pair in zip(recording.frames("c"), stack, strict=True))
        assert not recording.array("c", 0).flags.writeable
        assert not recording.constants["k"].flags.writeable


floats = st.floats(width=64) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, 2**63 - 1), floats, max_size=12), max_size=4))
def test_scalars(batches):
    """The last value given for a step wins; NaN stands for any NaN."""

    def record(writer):
        for batch in batches:
            writer.write_scalars(list(batch), {"a": list(batch.values()), "b": [1.0] * len(batch)})

    expected = {step: value for batch in batches for step, value in batch.items()}
    with reopened(record) as recording:
        assert list(recording.scalars) == (["a", "b"] if batches else [])
        if batches:
            steps, values = recording.scalars["a"]
            assert (steps.dtype, values.dtype) == (np.int64, np.float64)
            assert steps.tolist() == sorted(expected)
            wanted = np.array([expected[step] for step in steps.tolist()], float)
            np.testing.assert_array_equal(values, wanted)
            np.testing.assert_array_equal(
                np.signbit(values[wanted == 0]), np.signbit(wanted[wanted == 0])
            )


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names, json_values, max_size=5), names, json_values)
def test_header_and_attributes(header, name, value):
    header.pop("complete", None)

    def record(writer):
        writer.update_header(**header)
        writer.add_channel(name, (1,), "int8", note=value)

    with reopened(record) as recording:
        assert {key: recording.header[key] for key in header} == header
        assert recording.complete
        assert recording.header["complete"] is True
        assert recording.channels == {name: Channel(name, "int8", (1,), {"note": value})}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 10**6), unique=True, max_size=30).map(sorted),
    st.data(),
)
def test_any_subset_of_frames_and_channels(steps, data):
    subsets = [data.draw(st.sets(st.sampled_from("ab"))) for _ in steps]

    def record(writer):
        writer.add_channel("a", (), "int64")
        writer.add_channel("b", (2,), "float16")
        for step, subset in zip(steps, subsets, strict=True):
            writer.write_frame(step, {name: step if name == "a" else [1, 2] for name in subset})

    kept = list(zip(steps, subsets, strict=True))
    with reopened(record) as recording:
        assert recording.steps.tolist() == [step for step, _ in kept]
        assert len(recording) == len(kept)
        for frame, (_, subset) in enumerate(kept):
            assert {name for name in "ab" if recording.has(name, frame)} == subset
        wanted = [step for step, subset in kept if "a" in subset]
        assert [int(array) for array in recording.frames("a")] == wanted


def test_big_endian_and_strided_input_is_stored_little_endian(path):
    array = np.arange(12, dtype=">i4").reshape(3, 4)[:, ::2]
    with Writer(path) as writer:
        writer.add_channel("c", (3, 2), ">i4")
        writer.write_frame(0, {"c": array})
        writer.add_constant("k", array)
    with closing(sqlite3.connect(path)) as database:
        (data,) = database.execute("SELECT data FROM array").fetchone()
    assert data == array.astype("<i4").tobytes()
    with Recording(path) as recording:
        assert recording.constants["k"].tolist() == array.tolist()
        assert recording.constant_channels["k"] == Channel("k", "int32", (3, 2))


def test_the_file_is_what_the_format_says(sample):
    with closing(sqlite3.connect(sample)) as database:
        ask = lambda query: database.execute(query).fetchall()  # noqa: E731
        assert ask("PRAGMA application_id") == [(APPLICATION_ID,)]
        assert ask("PRAGMA user_version") == [(FIRST_VERSION,)]
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert dict(ask("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL")) == SCHEMA
        header = {key: json.loads(value) for key, value in ask("SELECT * FROM header")}
        assert header.keys() == {"seed", "config", "created", "complete"}
        assert ask("SELECT name, dtype, shape FROM channel ORDER BY id") == [
            ("generator", "float32", "[64]"),
            ("images", "uint8", "[2, 3, 3]"),
        ]
        assert ask("SELECT count(*) FROM scalar") == [(200,)]
        assert ask("SELECT step FROM frame LIMIT 3") == [(0,), (10,), (20,)]
    assert (APPLICATION_ID).to_bytes(4) == b"GANV"


@pytest.mark.parametrize("number", [np.int64(3), np.float32(2.5), np.arange(3)])
def test_numpy_values_in_the_header_become_plain(path, number):
    with Writer(path, {"value": number}) as writer:
        pass
    with Recording(writer.path) as recording:
        assert recording.header["value"] == number.tolist()

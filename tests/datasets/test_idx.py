from __future__ import annotations

import gzip
import os
import random
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.datasets.idx import read_idx
from gan_viz.errors import DataError

from .conftest import idx

ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6))
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def header(*shape: int, magic: bytes = b"\0\0\x08") -> bytes:
    return magic + struct.pack(f">B{len(shape)}I", len(shape), *shape)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(array=ARRAYS, packed=st.booleans())
def test_round_trip(array: np.ndarray, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    found = read_idx(path, array.shape[1:])
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array, strict=True)


def test_the_example_of_the_format(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(bytes.fromhex("00000801 00000003 050004"))
    assert read_idx(path, ()).tolist() == [5, 0, 4]


def test_several_members_of_gzip_are_one_file(tmp_path: Path) -> None:
    path, content = tmp_path / "a", idx(IMAGES)
    path.write_bytes(gzip.compress(content[:20]) + gzip.compress(content[20:]))
    np.testing.assert_array_equal(read_idx(path, (3, 4)), IMAGES)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "starts with nothing, not 00000803"),
        (b"<html>Not here</html>", "starts with 3c68746d, not 00000803"),
        (idx(IMAGES[0, 0]), "no IDX file of bytes in 3 dimensions"),
        (header(2, 3, 4, magic=b"\0\0\x0d"), "starts with 00000d03"),
        (header(2, 3, 4)[:9], "ends within its header"),
        (header(2, 3, 4) + bytes(25), "2 x 3 x 4 bytes, but more follow"),
        (header(2**32 - 1, 3, 4), "more than a file of its size holds"),
        (header(2_000_000, 3, 4) + bytes(9), "more than a file of its size holds"),
        (header(2, 4, 3) + bytes(24), "pictures of 4 x 3: 3 x 4 are needed"),
        (header(2**32 - 1, 2**32 - 1, 2**32 - 1), "pictures of 4294967295 x 4294967295: 3 x 4"),
    ],
)
def test_refused(content: bytes, message: str, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path, (3, 4))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_short(tmp_path: Path) -> None:
    path, content = tmp_path / "a", header(2, 3, 4) + bytes(23)
    for damaged in (content, gzip.compress(content)):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="2 x 3 x 4 bytes, but 23 follow: it is damaged"):
            read_idx(path, (3, 4))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a file"):
        read_idx(tmp_path, (3, 4))
    with pytest.raises(DataError, match="is not a file"):
        read_idx(tmp_path / "missing", (3, 4))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(DataError, match="is not a file"):
            read_idx(tmp_path / "pipe", (3, 4))


ZEROS = gzip.compress(bytes(8 << 20))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header(1 << 20, 28, 28) + bytes(100), "more than a file of its size"),
        (gzip.compress(header(1 << 20, 28, 28) + bytes(100)), "more than a file of its size"),
        (gzip.compress(header(1 << 20, 28, 28)) + ZEROS * 103, "at most 268435456 are read"),
        (gzip.compress(header(1, 1 << 15, 1 << 15)) + ZEROS * 128, "pictures of 32768 x 32768"),
        (gzip.compress(header(1, 28, 28)) + ZEROS, "more follow"),
        (gzip.compress(header(1000, 28, 28) + os.urandom(1000)), "but 1000 follow"),
    ],
    ids=[
        "announced",
        "announced, packed",
        "there, packed",
        "of another shape",
        "not announced",
        "not there",
    ],
)
def test_memory_is_bounded(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=message):
            read_idx(path, (28, 28))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_reading_takes_little_more_than_the_array(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(header(10_000, 28, 28) + bytes(7_840_000), 1))
    tracemalloc.start()
    try:
        read_idx(path, (28, 28))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.6 * 7_840_000 + (3 << 20)


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_files_raise_nothing_else(packed: bool, tmp_path: Path) -> None:
    chance = random.Random(packed)
    path, whole = tmp_path / "a", idx(IMAGES)
    if packed:
        whole = gzip.compress(whole, mtime=0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole[: chance.choice([len(whole), chance.randrange(len(whole))])])
        for _ in range(chance.choice([0, 1, 5])):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            assert read_idx(path, (3, 4)).ndim == 3
        except DataError:
            refused += 1
    assert refused > 75

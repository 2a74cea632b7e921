"""Arrays that are kept in fewer bytes where that pays."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gan_viz.errors import RecordingError
from gan_viz.recording import Recording, Writer
from gan_viz.recording.coding import AGAIN, Packer, decode_array
from gan_viz.recording.format import DTYPES, FORMAT_VERSION, MOST_PACKED, Channel

NOISE = np.random.default_rng(0).integers(0, 256, (4, 32, 32), np.uint8)
PICTURES = np.where(np.arange(32) < 24, 0, NOISE).astype(np.uint8)  # dark but for a stripe


def written(path: Path, frames: list[np.ndarray], **options: object) -> Path:
    with Writer(path, **options) as writer:
        writer.add_channel("samples", frames[0].shape, frames[0].dtype, packed=True, columns=2)
        for step, frame in enumerate(frames, writer.last_frame + 1):
            writer.write_frame(step, {"samples": frame})
    return path


def sizes(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as database:
        return [size for (size,) in database.execute("SELECT length(data) FROM array")]


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda kind: arrays(kind, st.sampled_from([(0,), (7,), (9, 8)]))
    )
)
def test_what_is_packed_is_unpacked(array: np.ndarray) -> None:
    channel = Channel("c", array.dtype.name, array.shape, packed=True)
    packed = Packer()(array.tobytes())
    assert channel.nbytes * MOST_PACKED <= len(packed) <= channel.nbytes
    found = decode_array(channel, packed)
    assert found.tobytes() == array.tobytes()
    assert not found.flags.writeable


def test_pictures_take_less_and_read_the_same(path: Path) -> None:
    frames = [PICTURES, NOISE, PICTURES, PICTURES * 0]
    written(path, frames)
    whole = NOISE.size
    packed, noise, *after = sizes(path)
    assert packed < 0.5 * whole
    assert noise == whole  # which would not be worth it
    assert after == [whole, whole]  # for a while it is not tried again
    with Recording(path) as recording:
        assert recording.channels["samples"].packed
        assert dict(recording.channels["samples"].attributes) == {"columns": 2}
        for frame, array in enumerate(frames):
            assert (recording.array("samples", frame) == array).all()


def test_noise_is_looked_at_again_after_a_while() -> None:
    packer = Packer()
    assert packer(NOISE.tobytes()) == NOISE.tobytes()
    lengths = [len(packer(PICTURES.tobytes())) for _ in range(AGAIN + 1)]
    assert lengths[:-1] == [NOISE.size] * AGAIN
    assert lengths[-1] < NOISE.size


def test_only_files_with_packed_channels_are_of_the_newer_version(path: Path) -> None:
    with closing(sqlite3.connect(written(path, [PICTURES]))) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (FORMAT_VERSION,)


def test_an_older_recording_goes_on_as_it_is(path: Path) -> None:
    with Writer(path) as writer:
        writer.add_channel("samples", PICTURES.shape, "uint8", columns=2)
        writer.write_frame(0, {"samples": PICTURES})
    written(path, [PICTURES], resume_at=0)
    assert sizes(path) == [PICTURES.size] * 2
    with Recording(path) as recording:
        assert (recording.array("samples", 1) == PICTURES).all()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not 4096 bytes long"),
        (b"x" * 63, "not 4096 bytes long"),
        (b"x" * 64, "incorrect header check"),
        (zlib.compress(bytes(4095)).ljust(64, b"\0"), "not 4096 bytes long"),
        (zlib.compress(bytes(10**8))[:4000], "not 4096 bytes long"),
        (zlib.compress(NOISE.tobytes())[:300], "not 4096 bytes long"),
    ],
)
def test_what_cannot_be_unpacked_is_one_line(path: Path, data: bytes, message: str) -> None:
    written(path, [PICTURES])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE array SET data = ?", (data,))
    with (
        Recording(path) as recording,
        pytest.raises(RecordingError, match=f"is damaged .*{message}"),
    ):
        recording.array("samples", 0)

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

from gan_viz.errors import RecordingError
from gan_viz.recording import Recording


def play(path) -> None:
    """Read all there is, and see that it is what it is said to be."""
    with Recording(path) as recording:
        for name, channel in recording.channels.items():
            for array in recording.frames(name):
                assert (array.dtype.name, array.shape) == (channel.dtype, channel.shape)
        for name, array in recording.constants.items():
            assert array.shape == recording.constant_channels[name].shape
        for steps, values in recording.scalars.values():
            assert len(steps) == len(values)
            assert np.all(np.diff(steps) > 0)


def flip(content: bytes, chance: random.Random) -> bytes:
    """Change some bytes, most of them where SQLite keeps its books: at the start of a page."""
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 20])):
        page = 4096 * chance.randrange(len(content) // 4096)
        damaged[page + chance.choice([chance.randrange(120), chance.randrange(4096)])] = (
            chance.randrange(256)
        )
    return bytes(damaged)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def swap(content: bytes, chance: random.Random) -> bytes:
    """Copy a page over another."""
    source, target = (4096 * chance.randrange(len(content) // 4096) for _ in range(2))
    return content[:target] + content[source : source + 4096] + content[target + 4096 :]


def refused(path) -> bool:
    """Whether reading says that something is wrong; any other exception comes through."""
    with contextlib.suppress(RecordingError):
        play(path)
        return False
    return True


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("damage", "least"), [(flip, 0.1), (cut, 1.0), (swap, 0.3)])
def test_damage_gives_a_recording_error_or_nothing(sample, damage, least, seed):
    content, chance, count = sample.read_bytes(), random.Random(seed), 0
    assert not refused(sample)
    for _ in range(60):
        sample.write_bytes(damage(content, chance))
        count += refused(sample)
    assert count >= least * 60

"""Which pixels changed, against looking at all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.encoders.base import Frame
from gan_viz.encoders.changes import Changes, bounds
from gan_viz.encoders.palette import pack


def check(changes: Changes, frame: Frame, before: Frame | None) -> None:
    places, codes = changes.of(frame)
    differ = np.ones(frame.shape[:2], bool) if before is None else (frame != before).any(axis=-1)
    np.testing.assert_array_equal(places, np.flatnonzero(differ))
    np.testing.assert_array_equal(codes, pack(np.ascontiguousarray(frame[differ])))


@given(
    size=st.tuples(st.integers(1, 13), st.integers(1, 13)),
    shares=st.lists(st.sampled_from([0.0, 0.02, 0.2, 1.0]), max_size=5),
    seed=st.integers(0, 2**32 - 1),
)
def test_finds_what_changed(size: tuple[int, int], shares: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = rng.integers(0, 3, (*size, 3), dtype=np.uint8)
    changes = Changes()
    check(changes, frame, None)
    for share in shares:
        before = frame.copy()
        mask = rng.random(size) < share
        frame[mask] = rng.integers(0, 3, (int(mask.sum()), 3), dtype=np.uint8)
        check(changes, frame, before)


@pytest.mark.parametrize("offset", range(1, 8))
def test_frames_may_lie_anywhere_in_memory(offset: int) -> None:
    memory = np.zeros(3 * 40 * 30 + 8, dtype=np.uint8)
    frame = memory[offset : offset + 3600].reshape(30, 40, 3)
    changes = Changes()
    check(changes, frame, None)
    before = frame.copy()
    frame[7, 5] = frame[29, 39] = 9
    check(changes, frame, before)


def test_frames_may_be_views() -> None:
    canvas = np.zeros((30, 40, 4), dtype=np.uint8)
    changes = Changes()
    check(changes, canvas[..., :3], None)
    before = canvas[..., :3].copy()
    canvas[3, 4] = (1, 2, 3, 255)
    check(changes, canvas[..., :3], before)


@given(st.integers(1, 20), st.sets(st.integers(0, 300), min_size=1))
def test_bounds(width: int, chosen: set[int]) -> None:
    places = np.array(sorted(chosen))
    box = bounds(places, width)
    rows, columns = np.divmod(places, width)
    assert (box.left, box.top) == (columns.min(), rows.min())
    assert box.left + box.width - 1 == columns.max()
    assert box.top + box.height - 1 == rows.max()
    picture = np.arange(400 // width * width).reshape(-1, width)
    assert picture[box.slices].shape == (box.height, box.width)

"""What is packed is what comes out, to half a level of its scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from gan_viz.replay.packing import LEVELS, NEAR, Block

Unpack = Callable[[bytes], Any]


@given(
    arrays(np.float64, array_shapes(max_dims=3, max_side=9), elements=st.floats(-0.5, 3.8)),
    st.floats(-10, 10),
    st.floats(1e-3, 1e3),
)
def test_curves_come_back_to_half_a_level(
    unpack: Unpack, values: np.ndarray[Any, Any], low: float, length: float
) -> None:
    block = Block()
    given = low + length * values
    about = block.curves(given, low, low + length)
    back = unpack(block.compressed({"it": about}))["it"]
    inside = values >= 0
    error = np.abs(back - given)[inside]
    assert (error <= (0.5 + 1e-6) * length / LEVELS).all()
    np.testing.assert_allclose(back[~inside], low, rtol=1e-9, atol=1e-9)


def test_half_a_level_is_less_than_a_tenth_of_a_pixel_at_1080p() -> None:
    assert 1080 * 0.5 / LEVELS < 0.1
    assert 1920 * 0.5 / (LEVELS / 3) < 0.2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1e300])
def test_what_is_no_number_of_the_scale(unpack: Unpack, value: float) -> None:
    block = Block()
    about = block.curves([[0.0, value, 1.0]], 0.0, 1.0)
    (back,) = unpack(block.compressed({"it": about}))["it"]
    assert back[[0, 2]].tolist() == [0.0, 1.0]
    assert np.isnan(back[1]) if np.isnan(value) else back[1] == (65534 / LEVELS if value > 0 else 0)


@pytest.mark.parametrize("drop", [0, 2, 3])
def test_pictures_are_as_near_as_is_said(unpack: Unpack, drop: int) -> None:
    block, rng = Block(), np.random.default_rng(0)
    values = rng.integers(0, 256, (5, 30, 40)).astype(np.uint8)
    values[2] = np.clip(values[1] + rng.integers(-6, 7, (30, 40)), 0, 255)
    back = unpack(block.compressed({"it": block.pictures(values, drop)}))["it"]
    error = np.abs(back - values.astype(int)).max()
    assert error <= max(NEAR, 2**drop - 1) if drop else error == 0
    assert {0, 255} <= {*back.ravel().tolist()}


def test_pixels_that_hardly_change_stay_as_they_are(unpack: Unpack) -> None:
    block, frames = Block(), np.array([[100], [103], [101], [160]], np.uint8)
    back = unpack(block.compressed({"it": block.pictures(frames, 2)}))["it"]
    assert len({*back[:3, 0].tolist()}) == 1
    assert abs(back[3, 0] - 160) <= 3


def test_several_arrays_and_texts(unpack: Unpack) -> None:
    block = Block()
    about = {
        "a": block.exact([1.5, np.nan, -np.inf]),
        "text": "p_g ≤ </script>\u2028",
        "inside": [{"b": block.whole([2**53 - 1])}, None, float("nan")],
    }
    back = unpack(block.compressed(about))
    np.testing.assert_array_equal(back["a"], [1.5, np.nan, -np.inf])
    assert back["text"] == about["text"]
    assert back["inside"][0]["b"].tolist() == [2**53 - 1]
    assert back["inside"][1:] == [None, None]


def test_the_same_recording_gives_the_same_bytes() -> None:
    def packed() -> bytes:
        block = Block()
        return block.compressed({"it": block.exact(np.arange(5))})

    assert packed() == packed()


def test_what_is_the_same_is_in_the_block_once(unpack: Unpack) -> None:
    block, values = Block(), np.random.default_rng(0).normal(size=1000)
    one = block.compressed({"it": block.exact(values)})
    both = block.compressed({"it": block.exact(values), "again": block.exact(values.copy())})
    assert len(both) < len(one) + 100
    found = unpack(both)
    np.testing.assert_array_equal(found["it"], found["again"])

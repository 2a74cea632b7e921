"""Smoothed curves against numpy's convolution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.analysis import smooth

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@pytest.mark.parametrize("window", [1, 3, 5, 31])
def test_equals_a_convolution_away_from_the_ends(window: int) -> None:
    data = np.random.default_rng(0).normal(size=200)
    oracle = np.convolve(data, np.full(window, 1 / window), mode="valid")
    half = window // 2
    assert np.allclose(smooth(data, window)[half : len(data) - half], oracle)


@given(values, st.integers(1, 80))
def test_each_value_is_the_mean_of_a_window(data: list[float], window: int) -> None:
    smoothed = smooth(data, window)
    for index, value in enumerate(smoothed):
        reach = min(index, window // 2)
        mean = np.mean(data[index - reach : index + reach + 1])
        assert value == pytest.approx(mean, rel=1e-6, abs=1e-6)


@given(st.floats(-10, 10), st.floats(-10, 10), st.integers(2, 60), st.integers(1, 80))
def test_a_straight_line_stays_straight_up_to_the_end(
    start: float, end: float, n: int, window: int
) -> None:
    line = np.linspace(start, end, n)
    inner = slice(0, max(1, n - window // 2))
    assert np.allclose(smooth(line, window)[inner], line[inner], atol=1e-9)


def test_the_first_value_is_kept_and_the_last_is_an_average() -> None:
    smoothed = smooth([9.0, 0.0, 0.0, 0.0, 0.0, 6.0], 5)
    assert smoothed[0] == 9.0
    assert smoothed[-1] == 2.0


def test_gaps_are_left_out() -> None:
    smoothed = smooth([1.0, np.nan, 3.0, np.inf, np.nan, np.nan, 5.0], 3)
    assert smoothed.tolist()[:4] == [1.0, 2.0, 3.0, 3.0]
    assert np.isnan(smoothed[4])
    assert smoothed.tolist()[5:] == [5.0, 5.0]


def test_nothing_smoothed_is_nothing() -> None:
    assert smooth([], 3).shape == (0,)

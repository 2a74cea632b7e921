"""Distances among samples against scipy and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.spatial.distance import pdist

from gan_viz.analysis import diversity

PICTURES = npst.arrays(
    np.uint8, st.tuples(st.integers(2, 12), st.integers(1, 5), st.integers(1, 5))
)


@given(PICTURES)
def test_is_the_mean_of_scipys_distances(samples: np.ndarray) -> None:
    oracle = pdist(samples.reshape(len(samples), -1).astype(float)).mean()
    assert diversity(samples) == pytest.approx(oracle, rel=1e-9, abs=1e-6)


@given(st.integers(2, 20))
def test_one_hot_samples_are_all_root_two_apart(n: int) -> None:
    assert diversity(np.eye(n)) == pytest.approx(math.sqrt(2))


@given(PICTURES, st.floats(0.1, 10), st.floats(-1e3, 1e3))
def test_scales_with_the_samples_and_ignores_their_level(
    samples: np.ndarray, scale: float, shift: float
) -> None:
    moved = diversity(samples * scale + shift)
    assert moved == pytest.approx(scale * diversity(samples), rel=1e-6, abs=1e-4)


def test_equal_samples_far_from_zero_do_not_differ() -> None:
    assert diversity(np.full((64, 28, 28), 1e9 / 3)) == pytest.approx(0, abs=1e-3)
    assert diversity(np.full((64, 28, 28), 200, np.uint8)) == 0


@pytest.mark.parametrize("samples", [np.zeros((1, 4)), np.array([[0.0], [np.nan], [1.0]])])
def test_what_cannot_be_measured_is_nan(samples: np.ndarray) -> None:
    assert math.isnan(diversity(samples))

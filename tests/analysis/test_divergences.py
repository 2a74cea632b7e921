"""Divergences of masses against scipy and their own laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr

from gan_viz.analysis import jensen_shannon, kullback_leibler, total_variation

masses = st.lists(st.floats(1e-4, 1), min_size=5, max_size=5).map(lambda m: np.array(m) / sum(m))


@given(masses, masses)
def test_equal_scipys(p: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    assert kullback_leibler(p, q) == pytest.approx(rel_entr(p, q).sum(), abs=1e-12)
    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-12)
    assert total_variation(p, q) == pytest.approx(np.maximum(p - q, 0).sum(), abs=1e-12)


@given(masses, masses)
def test_keep_the_inequalities(p: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    tv = total_variation(p, q)
    assert kullback_leibler(p, q) >= 2 * tv**2 - 1e-12  # Pinsker
    assert tv**2 / 2 - 1e-12 <= jensen_shannon(p, q) <= math.log(2) * tv + 1e-12  # Lin 1991
    assert jensen_shannon(p, q) == pytest.approx(jensen_shannon(q, p), abs=1e-12)


@given(masses)
def test_equal_masses_are_at_no_distance(p: NDArray[np.float64]) -> None:
    assert kullback_leibler(p, p) == jensen_shannon(p, p) == total_variation(p, p) == 0


def test_masses_that_never_meet() -> None:
    p, q = np.array([0.4, 0.6, 0.0]), np.array([0.0, 0.0, 1.0])
    assert kullback_leibler(p, q) == math.inf
    assert jensen_shannon(p, q) == pytest.approx(math.log(2))
    assert total_variation(p, q) == 1


def test_next_to_nothing_does_not_make_it_infinite() -> None:
    p, q = np.array([1 - 1e-7, 1e-7]), np.array([1.0, 0.0])
    assert kullback_leibler(p, q) < 1e-6

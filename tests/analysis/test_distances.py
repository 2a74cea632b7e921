"""Distances, divergences and diversity against scipy, closed forms and their own laws."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon, pdist
from scipy.special import rel_entr

from gan_viz.analysis.distances import (
    core_shares,
    covered_share,
    diversity,
    jensen_shannon,
    kullback_leibler,
    relative_distances,
    total_variation,
    wasserstein1,
)
from gan_viz.distributions import target

N = 4001
Q = (np.arange(N) + 0.5) / N


@settings(max_examples=20)
@given(st.floats(-5, 5), st.floats(0.2, 3))
def test_shifted_normals_are_as_far_apart_as_their_means(shift: float, scale: float) -> None:
    samples = stats.norm(1 + shift, scale).ppf(Q)
    distance = wasserstein1(samples, target(f"norm(1, {scale!r})"))
    assert distance == pytest.approx(abs(shift), abs=1e-3 * scale)


def test_normals_of_other_widths() -> None:
    # The quantiles differ by (2 - 0.5) z: the mean of |z| is sqrt(2 / pi).
    distance = wasserstein1(stats.norm(0, 2).ppf(Q), target("norm(0, 0.5)"))
    assert distance == pytest.approx(1.5 * np.sqrt(2 / np.pi), rel=1e-3)


@pytest.mark.parametrize("expression", ["norm(4, 0.5)", "bimodal", "expon(scale=2)", "t(3)"])
def test_equals_scipys_distance_to_many_quantiles(expression: str) -> None:
    distribution = target(expression)
    samples = np.random.default_rng(0).normal(1, 2, N)
    # these quantiles leave out what is farther in the tails
    oracle = stats.wasserstein_distance(samples, distribution.ppf(Q))
    assert wasserstein1(samples, distribution) == pytest.approx(oracle, rel=3e-3)


@pytest.mark.parametrize("expression", ["cauchy(0, 1)", "levy()", "0.9*norm(0, 1) + 0.1*t(1)"])
def test_there_is_no_finite_distance_from_what_has_no_mean(expression: str) -> None:
    assert wasserstein1(Q, target(expression)) == math.inf


def test_the_distribution_itself_is_at_next_to_no_distance() -> None:
    distribution = target("bimodal")
    assert wasserstein1(distribution.ppf(Q), distribution) < 1e-3


def test_nan_is_passed_on() -> None:
    assert np.isnan(wasserstein1([0.0, np.nan], target("uniform(0, 1)")))


@pytest.mark.parametrize("expression", ["norm(4, 0.5)", "t(1.5)", "cauchy(0, 1)", "bimodal"])
def test_relative_distances_are_shifts_in_units_of_the_scale(expression: str) -> None:
    distribution = target(expression)
    shifts = np.array([0.0, 0.05, 2.0])
    outputs = distribution.ppf(Q) + shifts[:, None] * distribution.scale
    assert relative_distances(outputs, distribution) == pytest.approx(shifts, abs=1e-9)
    outputs[1, 0], outputs[2, 0] = math.nan, math.inf
    assert np.isnan(relative_distances(outputs, distribution)).tolist() == [False, True, True]


@pytest.mark.parametrize("stray", [[1e6], [-999.0] * 5, [1e15, -1e15]])
def test_stray_values_neither_make_a_distance_small_nor_large(stray: list[float]) -> None:
    body = stats.norm(170, 10).ppf((np.arange(500) + 0.5) / 500)
    distribution = target(np.append(body, stray))
    good, far = stats.norm(170, 10).ppf(Q), stats.norm(200, 10).ppf(Q)
    found = relative_distances(np.array([good, far]), distribution)
    assert distribution.heavy_tailed
    assert found[0] < 0.1
    assert found[1] == pytest.approx(3, rel=0.05)


@given(st.lists(st.floats(), min_size=1, max_size=50))
def test_shares_of_cores_are_counts_of_the_samples_in_and_between_them(values: list[float]) -> None:
    modes = target("trimodal").modes
    shares, between = core_shares(values, modes)
    counts = [sum(mode.start <= x <= mode.end for x in values) for mode in modes]
    assert shares * len(values) == pytest.approx(counts)
    gaps = [sum(one.end < x < other.start for x in values) for one, other in pairwise(modes)]
    assert between * len(values) == pytest.approx(sum(gaps))


def test_a_single_mode_has_no_gap() -> None:
    shares, between = core_shares([1.0, math.inf, -9.0, math.nan], target("norm(0, 1)").modes)
    assert (shares.tolist(), between) == ([0.25], 0.0)


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


@given(st.integers(2, 20), st.integers(1, 20), st.integers(1, 100))
def test_evenly_over_some_classes_these_are_covered(classes: int, some: int, each: int) -> None:
    some = min(some, classes)
    assert covered_share([each] * some + [0] * (classes - some)) == some / classes


def test_a_quarter_of_the_fair_share_covers_a_class() -> None:
    assert covered_share([24, 176] + [100] * 8, samples=1000) == 0.9
    assert covered_share([25, 175] + [100] * 8, samples=1000) == 1
    assert covered_share([1] * 9 + [247]) == 0.1


def test_what_the_classifier_is_unsure_of_covers_nothing() -> None:
    assert covered_share([2] * 10, samples=256) == 0
    assert covered_share([0] * 10, samples=256) == covered_share([0] * 10) == 0

"""Distributions in even steps: against scipy, counting and their own laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.profiles import Comparison, Profile, piled, profile_of
from gan_viz.distributions import Latent, target

Array = NDArray[np.float64]
Z = Latent().stratified(512)[:, 0].astype(np.float64)
numbers = st.floats(-50, 50).map(lambda x: round(x, 2))
points = st.lists(numbers, min_size=1, max_size=30).map(np.array)
intervals = st.lists(st.tuples(numbers, st.floats(0, 20)), min_size=1, max_size=20)


def at_points(x: Array) -> Profile:
    return piled(x, x, np.full(len(x), 1 / len(x)), 1.0)


@settings(max_examples=50)
@given(points, points)
def test_points_are_as_far_apart_as_scipy_says(a: Array, b: Array) -> None:
    both = Comparison(at_points(a), at_points(b))
    assert both.wasserstein1 == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-4)
    places = np.concatenate([a, b])
    below = [np.searchsorted(np.sort(x), places, "right") / len(x) for x in (a, b)]
    assert both.kolmogorov_smirnov == pytest.approx(np.abs(below[0] - below[1]).max(), abs=1e-4)


@settings(max_examples=50)
@given(intervals, st.lists(numbers, min_size=2, max_size=10, unique=True))
def test_what_is_piled_up_keeps_its_mass_everywhere(
    spread: list[tuple[float, float]], cuts: list[float]
) -> None:
    low = np.array([start for start, _ in spread])
    high = low + [length for _, length in spread]
    profile = piled(low, high, np.full(len(low), 1 / len(low)), 1.0)
    assert profile.mass.sum() == pytest.approx(1)
    assert (np.diff(profile.edges) > 0).all()
    edges = np.unique(np.concatenate([profile.edges, cuts]))
    masses = profile.on(edges)
    first, last = min(cuts), max(cuts)
    inside = (edges[:-1] >= first) & (edges[1:] <= last)
    length = np.maximum(high - low, 2e-6)
    middle = (low + high) / 2
    parts = np.clip((np.array([[first], [last]]) - middle) / length + 0.5, 0, 1)
    expected = float((parts[1] - parts[0]).mean())
    near_end = np.abs(middle[:, None] - [first, last]).min() < 1e-4  # points at an end: either side
    assert near_end or masses[inside].sum() == pytest.approx(expected, abs=1e-5)


@settings(max_examples=30)
@given(points, points, points)
def test_distances_are_metrics(a: Array, b: Array, c: Array) -> None:
    def distance(x: Array, y: Array) -> float:
        return Comparison(at_points(x), at_points(y)).wasserstein1

    assert distance(a, a) < 1e-6
    assert distance(a, b) == pytest.approx(distance(b, a), abs=1e-9)
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-5


@pytest.mark.parametrize("kind", ["normal", "uniform"])
@pytest.mark.parametrize("number", [1, 2, 3, 17])
def test_few_latents_have_a_profile(kind: str, number: int) -> None:
    line = LatentLine(Latent(kind, 1).stratified(number)[:, 0], kind)
    for outputs in (np.zeros(number), np.arange(number), -(np.arange(number) ** 2.0)):
        profile = line.pieces(outputs).profile(1.0)
        assert profile.mass.sum() == pytest.approx(1)
        assert (np.diff(profile.edges) > 0).all()


@settings(max_examples=30)
@given(
    st.lists(
        st.floats(-1e9, 1e9) | st.sampled_from([0.0, math.nan, math.inf]), min_size=2, max_size=30
    )
)
def test_any_outputs_have_a_profile(outputs: list[float]) -> None:
    line = LatentLine(Latent().stratified(len(outputs))[:, 0], "normal")
    pieces = line.pieces(outputs)
    profile = pieces.profile(1.0)
    assert profile.mass.sum() == pytest.approx(pieces.mass.sum())
    assert profile.mass.min() >= 0
    assert (np.diff(profile.edges) > 0).all()


@pytest.mark.parametrize(
    "expression", ["norm(0, 1)", "0.5*norm(0, 1) + 0.5*norm(9, 0.001)", "t(1.2)", "uniform(3, 1)"]
)
def test_quantiles_of_a_profile_are_those_of_the_target(expression: str) -> None:
    levels = np.concatenate([10.0 ** -np.arange(1, 11), 1 - 10.0 ** -np.arange(1, 11), [0.3, 0.7]])
    p_data = target(expression)
    found, true = profile_of(p_data).quantiles(levels), p_data.ppf(levels)
    assert found == pytest.approx(true, rel=2e-3, abs=2e-3 * p_data.scale)


def test_densities_in_far_tails_keep_their_digits() -> None:
    edges = np.linspace(-30, 30, 241)
    profile = LatentLine(Z, "normal").pieces(Z).profile(1.0)
    cells = np.unique(np.concatenate([profile.edges, edges]))
    found = np.add.reduceat(profile.on(cells), np.searchsorted(cells, edges[:-1]))
    middle = np.abs(edges[:-1] + 0.125)
    expected = np.log(0.25) - middle**2 / 2 - np.log(2 * np.pi) / 2
    assert np.log(found) == pytest.approx(expected, rel=0.05, abs=0.5)

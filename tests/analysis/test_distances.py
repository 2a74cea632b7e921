"""The Wasserstein-1 distance against scipy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_viz.analysis import wasserstein1
from gan_viz.distributions import target

N = 4001
Q = (np.arange(N) + 0.5) / N


@given(st.floats(-5, 5), st.floats(0.2, 3))
def test_shifted_normals_are_as_far_apart_as_their_means(shift: float, scale: float) -> None:
    samples = stats.norm(1 + shift, scale).ppf(Q)
    distance = wasserstein1(samples, target(f"norm(1, {scale!r})"))
    assert distance == pytest.approx(abs(shift), abs=1e-9)


def test_normals_of_other_widths() -> None:
    # The quantiles differ by (2 - 0.5) z: the mean of |z| is sqrt(2 / pi).
    distance = wasserstein1(stats.norm(0, 2).ppf(Q), target("norm(0, 0.5)"))
    assert distance == pytest.approx(1.5 * np.sqrt(2 / np.pi), rel=1e-3)


@pytest.mark.parametrize("expression", ["norm(4, 0.5)", "bimodal", "expon(scale=2)", "t(3)"])
def test_equals_scipys_distance_to_many_quantiles(expression: str) -> None:
    distribution = target(expression)
    samples = np.random.default_rng(0).normal(1, 2, N)
    oracle = stats.wasserstein_distance(samples, distribution.ppf(Q))
    assert wasserstein1(samples, distribution) == pytest.approx(oracle, rel=1e-9)


def test_the_distribution_itself_is_at_no_distance() -> None:
    distribution = target("bimodal")
    assert wasserstein1(distribution.ppf(Q), distribution) == 0


def test_nan_is_passed_on() -> None:
    assert np.isnan(wasserstein1([0.0, np.nan], target("uniform(0, 1)")))

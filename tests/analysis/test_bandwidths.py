"""Bandwidths against scipy, their formulas and known densities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from gan_viz.analysis.bandwidths import plug_in, quantiles, scott, silverman

finite = st.floats(-1e6, 1e6)
NORMAL = np.sort(np.random.default_rng(0).normal(size=2048))


def mixture(*modes: float, std: float = 0.31, each: int = 341) -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    return np.sort(np.concatenate([rng.normal(mode, std, each) for mode in modes]))


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=30, unique=True))
def test_scotts_is_scipys(samples: list[int]) -> None:
    kernel = stats.gaussian_kde(samples)
    assert scott(samples) == pytest.approx(float(np.sqrt(kernel.covariance[0, 0])), rel=1e-9)


def test_silvermans() -> None:
    low, high = np.percentile(NORMAL, [25, 75])
    rule = 0.9 * min(NORMAL.std(), (high - low) / 1.34) * 2048 ** (-1 / 5)
    assert silverman(NORMAL) == pytest.approx(rule, rel=1e-12)


@pytest.mark.parametrize("rule", [scott, silverman, plug_in])
def test_equal_samples(rule: object) -> None:
    assert rule(np.array([2.0, 2.0, 2.0])) == 0  # type: ignore[operator]
    assert rule(np.array([0.0] * 9 + [1.0])) > 0  # type: ignore[operator]


def test_a_fitted_width_is_the_rule_for_one_normal() -> None:
    assert plug_in(NORMAL) == pytest.approx(silverman(NORMAL), rel=0.25)


@pytest.mark.parametrize("modes", [(-3, 0, 3), (-30, 0, 30), (0, 5), (-9, -3, 0, 3, 40)])
def test_a_fitted_width_is_that_of_each_mode(modes: tuple[float, ...]) -> None:
    best = 1.06 * 0.31 * (341 * len(modes)) ** -0.2 * len(modes) ** 0.2
    assert plug_in(mixture(*modes)) == pytest.approx(best, rel=0.5)


@given(st.lists(finite, min_size=1, max_size=60), st.floats(0.1, 10), st.floats(-100, 100))
def test_a_fitted_width_is_no_wider_than_silvermans(
    samples: list[float], scale: float, shift: float
) -> None:
    ordered = np.sort(samples)
    assert 0 <= plug_in(ordered) <= silverman(ordered)


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_a_fitted_width_goes_with_the_unit(scale: float, shift: float) -> None:
    ordered = mixture(-1, 1, std=0.2)
    assert plug_in(shift + scale * ordered) == pytest.approx(scale * plug_in(ordered), rel=0.05)


def test_a_few_far_samples_do_not_matter() -> None:
    ordered = mixture(-1, 1, std=0.2)
    with_far = np.concatenate([[-1e6], ordered, [1e3, 1e9]])
    assert plug_in(with_far) == pytest.approx(plug_in(ordered), rel=0.05)


@given(st.lists(finite, min_size=1, max_size=30), st.lists(st.floats(0, 1), max_size=5))
def test_quantiles_are_numpys(samples: list[float], q: list[float]) -> None:
    expected: NDArray[np.float64] = np.quantile(samples, q)
    assert np.allclose(quantiles(sorted(samples), q), expected, rtol=1e-9, atol=1e-6)

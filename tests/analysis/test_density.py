"""Densities against scipy and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_viz.analysis.density import estimated_density, gap_widths, kernel_density, smoothed

X = np.linspace(-5.0, 6.0, 801)
SAMPLES = {
    "normal": np.random.default_rng(0).normal(size=2048),
    "two modes": np.concatenate([np.linspace(-2, -1, 50), np.linspace(3, 3.1, 150)]),
    "few": np.array([-1.0, 0.3, 2.0]),
    "near the edges": np.array([-5.0, -4.9, 6.0, 5.9]),
}
finite = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("width", [0.08, 0.3, 1.5, 30.0, 1e9])
@pytest.mark.parametrize("name", SAMPLES)
def test_equals_scipy_with_the_same_bandwidth(name: str, width: float) -> None:
    samples = SAMPLES[name]
    oracle = stats.gaussian_kde(samples, bw_method=width / samples.std(ddof=1))(X)
    density = kernel_density(samples, X, width)
    assert np.abs(density - oracle).max() < 0.01 * oracle.max()


@pytest.mark.parametrize("name", SAMPLES)
def test_widths_of_their_own_give_the_sum_of_these_kernels(name: str) -> None:
    samples = SAMPLES[name]
    exponents = np.random.default_rng(1).integers(0, 7, len(samples))
    exponents[0] = 0
    widths = 0.1 * 2 ** (exponents / 2)  # the sizes that widths are rounded to
    oracle = stats.norm(samples, widths).pdf(X[:, None]).mean(axis=1)
    density = kernel_density(samples, X, widths)
    assert np.abs(density - oracle).max() < 0.003 * oracle.max()


@given(st.lists(st.floats(0.05, 3.0), min_size=1, max_size=20))
def test_widths_between_two_sizes_are_kept(widths: list[float]) -> None:
    for width in widths:
        both = kernel_density([0.0, 1e9], X, np.array([width, min(widths)]))
        spread = 1 / (2 * both.max() * np.sqrt(2 * np.pi))  # of a normal density from its peak
        assert 0.96 * width < spread < 1.03 * width


@given(
    st.lists(st.floats(-4.0, 5.0), min_size=1, max_size=50),
    st.floats(0.02, 0.15),
)
def test_integrates_to_one_and_is_never_negative(samples: list[float], width: float) -> None:
    density = kernel_density(samples, X, width)
    assert density.min() >= 0
    assert np.trapezoid(density, X) == pytest.approx(1, abs=1e-3)


@given(st.lists(st.floats(-4.0, 5.0), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(samples: list[float], random: Any) -> None:
    shuffled = random.sample(samples, len(samples))
    assert np.allclose(kernel_density(samples, X, 0.2), kernel_density(shuffled, X, 0.2))


def test_one_sample_is_one_kernel() -> None:
    assert np.allclose(kernel_density([0.7], X, 0.4), stats.norm(0.7, 0.4).pdf(X), atol=5e-4)


def test_samples_outside_count_and_are_not_drawn() -> None:
    assert np.allclose(
        kernel_density([0.0, 1e300, -1e300, 50.0], X, 0.4),
        kernel_density([0.0], X, 0.4) / 4,
        atol=1e-12,
    )


def test_samples_just_outside_reach_in() -> None:
    density = kernel_density([6.2], X, 0.5)
    assert np.allclose(density, stats.norm(6.2, 0.5).pdf(X), atol=5e-4)


@pytest.mark.parametrize("samples", [[], [np.nan], [np.inf, -np.inf]])
def test_no_finite_sample_is_no_density(samples: list[float]) -> None:
    assert not kernel_density(samples, X, 1.0).any()


def test_what_is_not_finite_is_left_out() -> None:
    samples = [0.0, np.nan, 1.0, np.inf]
    assert np.array_equal(kernel_density(samples, X, 0.3), kernel_density([0, 1], X, 0.3))


def test_a_kernel_is_at_least_a_step_wide() -> None:
    step = X[1] - X[0]
    assert np.array_equal(kernel_density([0.0], X, 0.0), kernel_density([0.0], X, step))


def test_evenly_spaced_samples_make_a_level_density() -> None:
    samples = np.linspace(-10, 11, 64)
    density = kernel_density(samples, X, gap_widths(samples, 0.01, 100.0))
    assert np.ptp(density) < 1e-3 * density.mean()


@given(st.lists(finite, min_size=1, max_size=30), st.floats(0.1, 1), st.floats(1, 10))
def test_gap_widths_keep_their_limits(samples: list[float], least: float, most: float) -> None:
    widths = gap_widths(np.sort(samples), least, most)
    assert widths.shape == (len(samples),)
    assert ((least <= widths) & (widths <= most)).all()


@pytest.mark.parametrize("width", [0.0, 0.4, 3.0, 40.0])
def test_smoothing_is_the_sum_of_kernels(width: float) -> None:
    masses = np.zeros(101)
    masses[[20, 55]] = 0.3, 0.7
    cells = np.arange(101)
    kernels = stats.norm.pdf(cells, np.array([[20], [55]]), max(width, 1.0))
    oracle = [0.3, 0.7] @ kernels if width else masses
    found = smoothed(masses, width)
    assert np.abs(found - oracle).max() < 0.01
    assert found.min() >= 0
    assert found.sum() <= 1.005


def test_modes_keep_their_height() -> None:
    rng = np.random.default_rng(2)
    samples = np.sort(np.concatenate([rng.normal(mode, 0.31, 341) for mode in (-3, 0, 3)]))
    x = np.linspace(-6, 6, 801)
    peaks = estimated_density(samples, x)[[200, 400, 600]]
    true = stats.norm.pdf(0, 0, 0.31) / 3
    assert peaks == pytest.approx(true, rel=0.15)
    assert 0.5 * true < estimated_density(samples, x, factor=4.0)[400] < 0.8 * true


def test_a_kernel_that_is_far_too_wide_is_level() -> None:
    masses = np.random.default_rng(0).random(64)
    within, beyond = smoothed(masses, 100 * 64), smoothed(masses, 100.001 * 64)
    np.testing.assert_allclose(beyond, within, rtol=1e-4)
    assert smoothed(masses, 1e300).max() < 1e-290

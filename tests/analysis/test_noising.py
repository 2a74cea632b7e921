"""Data on its way to noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from gan_viz.analysis.noising import Level, NoisedTarget
from gan_viz.distributions import Distribution, target

Array = NDArray[np.float64]
MIXTURE = "0.3*norm(-1.5, 0.3) + 0.7*norm(1.5, 0.3)"
LEVELS = [Level(1.0, 0.0, 0.002), Level(1.0, 0.0, 0.7), Level(0.4, 0.6, 0.6), Level(0.0, 1.0, 2.0)]


def by_quadrature(data: Distribution, x: Array, level: Level) -> Array:
    """``int p(u) N(x; alpha u + shift, sigma^2) du``, by the trapezoid rule."""
    u = np.linspace(*data.ppf([1e-7, 1 - 1e-7]), 20_001)
    bells = stats.norm.pdf(x[:, None], level.alpha * u + level.shift, level.sigma)
    return np.asarray(integrate.trapezoid(data.pdf(u) * bells, u, axis=1))


@pytest.mark.parametrize("level", LEVELS)
def test_a_mixture_is_one_again_with_the_score_of_its_parts(level: Level) -> None:
    noised = NoisedTarget(target(MIXTURE))
    assert noised.is_exact
    x = np.linspace(-4, 4, 41)
    parts = ((0.3, -1.5), (0.7, 1.5))
    wide = np.hypot(level.alpha * 0.3, level.sigma)
    densities = [w * stats.norm.pdf(x, level.alpha * m + level.shift, wide) for w, m in parts]
    np.testing.assert_allclose(noised.pdf(x, level), sum(densities), rtol=1e-9, atol=1e-300)
    below = [w * stats.norm.cdf(x, level.alpha * m + level.shift, wide) for w, m in parts]
    np.testing.assert_allclose(noised.cdf(x, level), sum(below), atol=1e-12)
    there = sum(densities) > 1e-200
    pulls = [(level.alpha * m + level.shift - x) / wide**2 for _, m in parts]
    expected = sum(d * p for d, p in zip(densities, pulls, strict=True))[there]
    found = noised.score(x, level)
    np.testing.assert_allclose(found[there], expected / sum(densities)[there], rtol=1e-9)
    assert np.isfinite(found).all()  # far off, too, where densities underflow


@pytest.mark.parametrize("data", ["uniform(-1, 2)", "gamma(3)", "0.5*norm(0, 1) + 0.5*expon()"])
@pytest.mark.parametrize("level", LEVELS[1:])
def test_other_data_is_as_exact_as_its_cells(data: str, level: Level) -> None:
    learnt = target(data)
    noised = NoisedTarget(learnt)
    assert not noised.is_exact
    q = np.array([0.02, 0.3, 0.5, 0.9, 0.99])
    x = noised.ppf(q, level)
    np.testing.assert_allclose(noised.cdf(x, level), q, atol=1e-8)
    np.testing.assert_allclose(noised.pdf(x, level), by_quadrature(learnt, x, level), rtol=3e-3)
    step = 1e-4 * level.sigma
    logs = np.log([noised.pdf(x + step, level), noised.pdf(x - step, level)])
    slope = (logs[0] - logs[1]) / (2 * step)
    np.testing.assert_allclose(noised.score(x, level), slope, rtol=1e-4, atol=1e-6)


def test_without_noise_it_is_the_data() -> None:
    for data in (MIXTURE, "gamma(3)"):
        learnt, clean = target(data), Level(1.0, 0.0, 0.0)
        x = np.linspace(-2, 4, 13)
        noised = NoisedTarget(learnt)
        np.testing.assert_allclose(noised.pdf(x, clean), learnt.pdf(x), atol=1e-12)
        np.testing.assert_allclose(noised.cdf(x, clean), learnt.cdf(x), atol=1e-12)
        q = np.array([0.1, 0.5, 0.9])
        np.testing.assert_allclose(noised.ppf(q, clean), learnt.ppf(q))


def test_which_targets_are_made_of_normals() -> None:
    (row,) = target(stats.norm(2, 3)).normals()
    assert row.tolist() == [1.0, 2.0, 3.0]
    rows = target(MIXTURE).normals()
    np.testing.assert_allclose(rows, [[0.3, -1.5, 0.3], [0.7, 1.5, 0.3]])
    assert target([1.0, 2.0, 4.0, 3.0]).normals() is None
    assert target("0.5*norm(0, 1) + 0.5*uniform(0, 1)").normals() is None

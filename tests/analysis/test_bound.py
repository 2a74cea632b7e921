"""The bound on what a continuous G puts into modes, against G that attain it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from gan_viz.analysis.bound import gaps_of, leak_into, least_between, limits_of
from gan_viz.analysis.exact import LatentLine
from gan_viz.distributions import target

Z = ndtri((np.arange(1024) + 0.5) / 1024)


def ramp(z: np.ndarray, width: float, slope: float, middle: float = 0.0) -> np.ndarray:
    """Two flat parts, a distance apart, with a straight ramp between them."""
    return np.clip(slope * (z - middle), -width / 2, width / 2)


def test_the_ramp_attains_what_is_told() -> None:
    assert 1 - least_between(3, 5) == pytest.approx(0.76418, abs=5e-6)
    assert 1 - least_between(3, 5) == pytest.approx(2 * ndtr(-3 / 10), rel=1e-12)
    z = norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    assert np.mean(np.abs(ramp(z, 3, 5)) >= 1.5) == pytest.approx(0.76418, abs=1e-5)


@given(st.floats(0.05, 20), st.floats(0.1, 50), st.floats(-1.5, 1.5))
def test_a_ramp_anywhere_attains_the_general_bound(
    width: float, slope: float, middle: float
) -> None:
    left = float(ndtr(middle - width / slope / 2))
    right = float(ndtr(-middle - width / slope / 2))
    if min(left, right) < 1e-12:
        return
    found = least_between(width, slope, left / (left + right))
    assert found == pytest.approx(1 - left - right, abs=1e-7)


@given(st.integers(0, 2**32 - 1))
def test_no_g_does_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 1, (4, 3))
    outputs = (np.tanh(3 * (Z[:, None] * weights[0] + weights[1])) @ weights[2]) * 3
    line = LatentLine(Z, "normal")
    low, high = np.sort(rng.uniform(-3, 3, 2))
    below, upto = line.pieces(outputs).below([low, high])
    left, right = float(below), 1 - float(upto)
    if min(left, right) > 1e-9 and high - low > 1e-3:
        least = least_between(high - low, line.steepest(outputs), left / (left + right))
        assert 1 - left - right >= least - 1e-6


def test_the_bound_of_a_uniform_latent() -> None:
    z = np.linspace(-1, 1, 1025)
    line = LatentLine((z[1:] + z[:-1]) / 2, "uniform")
    assert line.width == pytest.approx(2)
    outputs = ramp((z[1:] + z[:-1]) / 2, 1, 5)
    below, upto = line.pieces(outputs).below([-0.5 + 1e-9, 0.5 - 1e-9])
    least = least_between(1, line.steepest(outputs), 0.5, line.width)
    assert least == pytest.approx(0.1, rel=0.01)
    assert upto - below >= least - 1e-6


def test_the_steepest_slope_is_that_of_g() -> None:
    line = LatentLine(Z, "normal")
    assert line.steepest(2.5 * Z - 1) == pytest.approx(2.5, rel=1e-9)
    assert line.steepest(ramp(Z, 3, 5)) == pytest.approx(5, rel=0.2)
    assert math.isnan(line.steepest(np.where(Z > 0, np.inf, 0.0)))


@pytest.mark.parametrize(
    ("width", "slope", "share"),
    [(3, 0, 0.5), (3, math.nan, 0.5), (0, 5, 0.5), (3, 5, 0), (3, 5, 1)],
)
def test_nothing_is_claimed_where_nothing_is_known(
    width: float, slope: float, share: float
) -> None:
    assert least_between(width, slope, share) == 0.0


def test_gaps_are_between_the_cores() -> None:
    (gap,) = gaps_of(target("0.5*norm(0, 1) + 0.5*norm(10, 0.1)"))
    assert gap.low == pytest.approx(3, abs=0.05)
    assert gap.high == pytest.approx(9.7, abs=0.05)
    assert gap.share == pytest.approx(0.5, abs=1e-3)
    assert gaps_of(target("norm(0, 1)")) == []
    assert gaps_of(target("0.5*norm(-1.5, 0.6) + 0.5*norm(1.5, 0.6)")) == []  # they touch


@given(st.floats(0.1, 10), st.floats(0.05, 0.95), st.floats(0.001, 0.5))
def test_the_slope_needed_leaves_that_much(width: float, share: float, between: float) -> None:
    outside = 1 - between
    slope = width / -float(ndtri([share * outside, (1 - share) * outside]).sum())
    assert least_between(width, slope, share) == pytest.approx(between, abs=1e-6)


def test_what_g_has_in_a_gap_is_told_with_the_least() -> None:
    (gap,) = gaps_of(target("0.5*norm(-2, 0.1) + 0.5*norm(2, 0.1)"))
    line = LatentLine(Z, "normal")
    leak = leak_into(gap, line, ramp(Z, 1.0001 * gap.width, 5))
    assert leak.slope == pytest.approx(5, rel=0.2)
    assert leak.least == pytest.approx(1 - 2 * ndtr(-gap.width / 2 / leak.slope), rel=1e-6)
    assert leak.mass >= leak.least - 1e-6
    aside = leak_into(gap, line, -5 + 0.1 * Z)
    assert aside.mass == pytest.approx(0, abs=1e-9)
    assert aside.least == 0


def test_targets_out_of_reach_are_told_of() -> None:
    (far,) = limits_of(target("0.5*norm(0, 0.1) + 0.5*norm(10, 0.1)"))
    assert "from 0.3 to 9.7" in far
    assert "isoperimetry" in far
    (heavy,) = limits_of(target("cauchy(0, 1)"))
    assert "concentration" in heavy
    for easy in ("norm(0, 1)", "bimodal", "trimodal", "uniform", "skewed"):
        assert limits_of(target(easy)) == []

"""What a grid shows of a density: masses against distribution functions, spikes, and D*."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from gan_viz.analysis import GeneratedDensity
from gan_viz.analysis.discriminator import BestDiscriminator
from gan_viz.analysis.visible import Cut, cuts, finer, has_detail, mean_density
from gan_viz.distributions import Latent, target
from gan_viz.recording import Recording, Writer

N = 1024
Z: NDArray[np.float64] = Latent().stratified(N)[:, 0].astype(np.float64)
X = np.linspace(-6.0, 12.0, 401)
STEP = X[1] - X[0]
LEAST = 5e-3
NARROW = [(10.01, 1e-3), (10.01, 1e-2), (3.0, 3e-2), (0.0, 1e-5)]


def recorded(path: Path, dim: int = 1) -> Recording:
    latent = Latent("normal", dim)
    header = {"latent": latent.describe()}
    with Writer(path / "g.ganviz", header) as writer:
        writer.add_constant("latents", latent.stratified(N))
        writer.add_channel("generator", (N,), "float64")
        writer.write_frame(0, {"generator": Z})
    return Recording(path / "g.ganviz")


@pytest.mark.parametrize(("place", "width"), NARROW)
def test_nothing_falls_between_two_points(place: float, width: float) -> None:
    density = mean_density(target(f"0.5*norm(0, 1) + 0.5*norm({place}, {width})"), X)
    assert density.sum() * STEP == pytest.approx(1, abs=1e-6)
    near = np.abs(X - place) < STEP / 2 + 6 * width
    beside = stats.norm.cdf(place + 7 * width + STEP) - stats.norm.cdf(place - 7 * width - STEP)
    assert density[near].sum() * STEP == pytest.approx(0.5, abs=beside + 1e-9)


@pytest.mark.parametrize("expression", ["chi2(1)", "beta(0.5, 0.5)", "uniform(-1, 2)", "t(3)"])
def test_means_are_those_of_the_distribution_function(expression: str) -> None:
    p_data = target(expression)
    density = mean_density(p_data, X)
    assert np.isfinite(density).all()
    edges = np.append(X - STEP / 2, X[-1] + STEP / 2)
    assert density * STEP == pytest.approx(np.diff(p_data.cdf(edges)), abs=1e-9)


def test_far_tails_keep_their_digits() -> None:
    density = mean_density(target("norm(0, 1)"), X)
    assert density == pytest.approx(stats.norm.pdf(X), rel=0.02)


@given(st.lists(st.floats(0, 5), min_size=2, max_size=40), st.floats(0.1, 5))
def test_cuts_are_all_that_is_higher(heights: list[float], top: float) -> None:
    x, density = np.arange(len(heights)) / 4, np.array(heights)
    found = cuts(x, density, top)
    assert sum(one.mass for one in found) == pytest.approx(density[density > top].sum() / 4)
    assert [one.x for one in found] == sorted({one.x for one in found})
    for one in found:
        assert density[round(4 * one.x)] > top


def test_a_collapsed_half_is_a_cut_of_that_mass() -> None:
    density = np.full(401, 0.5 / 18) + np.where(np.arange(401) == 70, 0.5 / STEP, 0)
    (cut,) = cuts(X, density, 2.0)
    assert cut == Cut(pytest.approx(X[70]), pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize(("width", "there"), [(1e-3, True), (1e-2, True), (0.2, False), (2, False)])
def test_detail_is_what_the_grid_cannot_show(width: float, there: bool) -> None:
    density = stats.norm(4.01, width).pdf(finer(X))
    assert has_detail(density)[np.abs(X - 4.01) < STEP].any() == there


def best(path: Path, expression: Any, outputs: NDArray[np.float64], dim: int = 1) -> Any:
    with recorded(path, dim) as recording:
        found = BestDiscriminator(target(expression), GeneratedDensity(recording), X)
        return found.at(outputs, LEAST), found.is_estimate


@pytest.mark.parametrize(("place", "width"), NARROW)
def test_the_best_d_is_a_half_wherever_it_is_drawn(
    tmp_path: Path, place: float, width: float
) -> None:
    p_data = target(f"0.5*norm(0, 1) + 0.5*norm({place}, {width})")
    found, is_estimate = best(tmp_path, p_data, p_data.ppf(stats.norm.cdf(Z)))
    assert not is_estimate
    known = np.isfinite(found)
    assert known.sum() > 100
    assert np.abs(found[known] - 0.5).mean() < 0.01
    # beyond the outermost latent, which stands for a thousandth, nothing is known of G
    wrong = known & (np.abs(np.nan_to_num(found) - 0.5) > 0.1)
    assert mean_density(p_data, X)[wrong].sum() * STEP < 2e-3


def test_a_narrow_part_that_p_g_lacks_is_seen(tmp_path: Path) -> None:
    p_data = target("0.5*norm(0, 1) + 0.5*norm(10.01, 0.001)")
    found, _ = best(tmp_path, p_data, Z)
    assert found[np.abs(X - 10.01).argmin()] > 0.999
    assert found[np.abs(X).argmin()] == pytest.approx(1 / 3, abs=2e-3)


def test_the_best_d_is_the_ratio_of_the_densities(tmp_path: Path) -> None:
    found, _ = best(tmp_path, "norm(0, 1)", 2 + 0.5 * Z)
    p, q = stats.norm.pdf(X), stats.norm(2, 0.5).pdf(X)
    assert np.array_equal(np.isfinite(found), p + q > LEAST)
    known = np.isfinite(found) & (q > LEAST)
    assert found[known] == pytest.approx((p / (p + q))[known], abs=0.01)


@pytest.mark.parametrize(("data", "dim"), [(np.arange(50.0), 1), ("norm(0, 1)", 2)])
def test_it_says_when_it_is_an_estimate(tmp_path: Path, data: Any, dim: int) -> None:
    assert best(tmp_path, data, Z, dim)[1]


@pytest.mark.parametrize(("dim", "mean"), [(1, 0.0), (1, 12.5), (1, -1e9), (2, 13.0), (1, 1e9)])
def test_what_is_outside_is_told_of(tmp_path: Path, dim: int, mean: float) -> None:
    with recorded(tmp_path, dim) as recording:
        density = GeneratedDensity(recording)
        left, right = density.outside(mean + 2 * Z, X)
        inside = density.along(mean + 2 * Z, X).sum() * STEP
    low, high = X[0] - STEP / 2, X[-1] + STEP / 2
    assert left == pytest.approx(stats.norm.cdf(low, mean, 2), abs=2e-3)
    assert right == pytest.approx(stats.norm.sf(high, mean, 2), abs=2e-3)
    if dim == 1:
        assert left + inside + right == pytest.approx(1, abs=1e-6)


def test_what_is_not_finite_is_on_neither_side(tmp_path: Path) -> None:
    with recorded(tmp_path) as recording:
        outputs = np.where(Z > 0, np.nan, Z)
        left, right = GeneratedDensity(recording).outside(outputs, X)
    assert (left, right) == pytest.approx((0, 0), abs=1e-3)

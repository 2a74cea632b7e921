"""p_g by change of variables against closed forms."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from gan_viz.analysis import GeneratedDensity
from gan_viz.analysis.exact import LatentLine, latent_line
from gan_viz.distributions import Latent, target
from gan_viz.recording import Recording, Writer

N = 1024
X = np.linspace(-6.0, 8.0, 601)
STEP = X[1] - X[0]
EDGES = np.append(X - STEP / 2, X[-1] + STEP / 2)


def latents(kind: str = "normal", n: int = N) -> NDArray[np.float64]:
    return Latent(kind).stratified(n)[:, 0].astype(np.float64)


def density(outputs: Any, kind: str = "normal") -> NDArray[np.float64]:
    return LatentLine(latents(kind, len(outputs)), kind).pieces(outputs).density(X)


@settings(max_examples=30)
@given(st.floats(-2, 3), st.floats(0.1, 0.7), st.sampled_from([-1, 1]))
def test_an_affine_g_of_a_normal_latent_gives_the_normal(
    mean: float, scale: float, sign: int
) -> None:
    found = density(mean + sign * scale * latents())
    oracle = np.diff(stats.norm(mean, scale).cdf(EDGES)) / STEP  # means over the cells
    assert np.abs(found - oracle).max() < 2e-3 * oracle.max()
    assert np.sum(found) * STEP == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", ["bimodal", "norm(4, 0.5)", "uniform(-1, 3)", "t(5)"])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_the_inverse_of_the_distribution_gives_p_data(name: str, kind: str) -> None:
    p_data, z = target(name), latents(kind)
    found = density(p_data.ppf(stats.norm.cdf(z) if kind == "normal" else (z + 1) / 2), kind)
    oracle = np.diff(p_data.cdf(EDGES)) / STEP
    assert np.abs(found - oracle).max() < 0.01 * oracle.max()
    # A uniform latent has to be stretched without end to make tails.
    assert np.abs(found - oracle).sum() * STEP < (1e-3 if kind == "normal" else 3e-3)


def test_folds_add_up() -> None:
    # x = z^2 of a normal z has chi-square's density with one degree of freedom.
    found = density(latents() ** 2)
    oracle = np.diff(stats.chi2(1).cdf(EDGES)) / STEP
    assert np.abs(found - oracle).sum() * STEP < 5e-3
    assert np.sum(found) * STEP == pytest.approx(stats.chi2(1).cdf(EDGES[-1]), abs=1e-3)


def test_a_constant_stretch_is_a_spike_of_the_right_area() -> None:
    z = latents("uniform")
    found = density(np.where(z < 0.2, 1.0, 1.0 + 4 * (z - 0.2)), "uniform")
    at = np.abs(X - 1.0) < 1.5 * STEP
    beside = 4.2 / 1023 + STEP / 8  # of the stretch that is not constant
    assert found[at].sum() * STEP == pytest.approx(0.6, abs=beside)
    assert found[at].max() > 10 * found[~at].max()
    assert np.sum(found) * STEP == pytest.approx(1, abs=1e-6)


@settings(max_examples=30)
@given(
    st.lists(st.floats(-5.9, 7.9), min_size=1, max_size=30), st.sampled_from(["normal", "uniform"])
)
def test_no_mass_is_lost_or_negative(outputs: list[float], kind: str) -> None:
    wide = np.linspace(-500, 500, 3001)
    pieces = LatentLine(latents(kind, len(outputs)), kind).pieces(outputs)
    found = pieces.density(wide)
    assert found.min() >= 0
    assert found.sum() * (wide[1] - wide[0]) == pytest.approx(1, abs=1e-6)
    assert pieces.below([-np.inf, np.inf]).tolist() == pytest.approx([0, 1])


@settings(max_examples=30)
@given(st.lists(st.floats(-9, 9), min_size=2, max_size=30), st.floats(-9, 9))
def test_cells_and_the_distribution_function_agree(outputs: list[float], place: float) -> None:
    pieces = LatentLine(latents("normal", len(outputs)), "normal").pieces(outputs)
    start = place - 700 * 0.37
    below = pieces.below([start, place])
    # a point right at the place may fall on either side of it
    near = pieces.below([place - 0.002, place + 0.002])
    found = below[0] + pieces.on_cells(start, 0.37, 700).sum()
    assert near[0] - 1e-9 <= found <= near[1] + 1e-9


def test_what_lies_outside_of_the_grid_is_left_out() -> None:
    found = density(-6.0 + latents())
    oracle = np.diff(stats.norm(-6, 1).cdf(EDGES)) / STEP
    assert np.abs(found - oracle).max() < 2e-3
    assert not density(latents() + 1e30).any()


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf, 1.7e308])
def test_outputs_that_are_not_finite_are_left_out(strange: float) -> None:
    outputs = latents()
    outputs[100] = strange
    found = density(outputs)
    assert np.isfinite(found).all()
    assert 0.99 < found.sum() * STEP < 1
    assert not density(np.full(N, strange)).any()


def test_far_from_zero_nothing_is_rounded_off() -> None:
    x = 1e6 + 0.01 * X
    found = LatentLine(latents(), "normal").pieces(1e6 + 0.01 * latents()).density(x)
    assert np.abs(0.01 * found - stats.norm.pdf(X)).max() < 5e-3


@pytest.mark.parametrize(
    "z", [np.linspace(-5, 5, 200), np.linspace(-1, 1, 200), np.linspace(-0.995, 0.995, 200)]
)
def test_even_latents_are_uniform_on_their_own_range(z: NDArray[np.float64]) -> None:
    line = LatentLine(z, "uniform")
    assert line.mass.sum() == pytest.approx(1)
    assert np.allclose(line.weights[1:-1], 1 / 200, rtol=6e-3)
    half = max(1.0, np.diff(z)[0] / 2 + z[-1]) if z[-1] > 1 else 1.0
    inside = np.abs(X) < half - STEP
    assert np.allclose(line.pieces(z).density(X)[inside], 1 / (2 * half), rtol=1e-6)


def test_even_latents_of_a_normal_distribution_have_its_masses() -> None:
    z = np.linspace(-4, 4, 300)
    line = LatentLine(z, "normal")
    assert np.allclose(line.weights, stats.norm.pdf(z) * (z[1] - z[0]), atol=4e-5)
    assert np.abs(line.pieces(z).density(X) - stats.norm.pdf(X)).max() < 2e-3


def test_stratified_latents_have_equal_masses() -> None:
    for kind in ("normal", "uniform"):
        line = LatentLine(latents(kind), kind)
        assert np.allclose(line.weights, 1 / N, rtol=2e-3)


def test_it_is_quick() -> None:
    line, outputs = LatentLine(latents(), "normal"), 4 + 0.5 * latents()
    spent = []
    for _ in range(20):
        started = time.perf_counter()
        line.pieces(outputs).density(X)
        spent.append(time.perf_counter() - started)
    assert min(spent) < 2e-3  # a tenth of that on an idle machine


def written(path: Path, header: dict[str, Any], z: NDArray[Any] | None) -> Path:
    with Writer(path, header) as writer:
        if z is not None:
            writer.add_constant("latents", z)
        writer.add_channel("generator", (4,), "float32")
        writer.write_frame(0, {"generator": np.arange(4.0)})
    return path


ASCENDING = np.linspace(-1, 1, 4)[:, None]
NORMAL = {"latent": {"kind": "normal", "dim": 1}}


@pytest.mark.parametrize(
    ("header", "z"),
    [
        ({}, ASCENDING),
        (NORMAL, None),
        (NORMAL, ASCENDING[::-1]),
        (NORMAL, ASCENDING * 0),
        (NORMAL, ASCENDING + np.nan),
        (NORMAL, ASCENDING * 1e308),
        (NORMAL, ASCENDING * 1e-300),
        (NORMAL, ASCENDING[:3]),
        (NORMAL, np.zeros((4, 2))),
        (NORMAL | {"statistic": "mean intensity"}, ASCENDING),
        ({"latent": {"kind": "cauchy"}}, ASCENDING),
        ({"latent": "normal"}, ASCENDING),
    ],
)
def test_other_recordings_have_no_exact_density(tmp_path: Path, header: Any, z: Any) -> None:
    with Recording(written(tmp_path / "a.ganviz", header, z)) as recording:
        assert latent_line(recording) is None
        density = GeneratedDensity(recording)
        assert density.way == "kde"
        assert density.is_estimate


def test_bins_may_divide_an_interval(tmp_path: Path) -> None:
    with Recording(written(tmp_path / "a.ganviz", NORMAL, ASCENDING)) as recording:
        assert GeneratedDensity(recording).way == "exact"
        density = GeneratedDensity(recording, "histogram", 7, (0.0, 7.0))
        x = np.linspace(0.0, 7.0, 701)
        heights = density.along([0.5, 0.6, 3.5, np.nan, 99.0], x)
        assert not density.along([0.5, 3.5], x - 7.5).any()  # beyond the span
    assert heights[50] == pytest.approx(2 / 4)
    assert heights[350] == pytest.approx(1 / 4)
    assert not heights[150]


@pytest.fixture(scope="module")
def nine_bins(tmp_path_factory: pytest.TempPathFactory) -> GeneratedDensity:
    """Bins from the least output to the greatest."""
    path = written(tmp_path_factory.mktemp("bins") / "a.ganviz", NORMAL, ASCENDING)
    with Recording(path) as recording:
        return GeneratedDensity(recording, "histogram", 9)


def test_bins_alone_reach_from_the_least_output_to_the_greatest(
    nine_bins: GeneratedDensity,
) -> None:
    samples = np.random.default_rng(0).normal(1, 2, 300)
    heights, edges = np.histogram(samples, 9, density=True)
    found = nine_bins.along(samples, X)
    apart = np.abs(X[:, None] - edges).min(axis=1) > 1e-9
    bins = np.searchsorted(edges, X) - 1
    expected = np.where((bins < 0) | (bins > 8), 0.0, heights[bins.clip(0, 8)])
    assert np.allclose(found[apart], expected[apart])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e30, 1e30) | st.floats(-6, 8), min_size=1, max_size=9))
@example([-1e-05, 0.5])  # the greatest is on the last edge, or next to it by rounding
@example([2.0**50 + 1])  # where a bin is less than the numbers' rounding
def test_bins_hold_all_outputs_however_far_apart(
    nine_bins: GeneratedDensity, outputs: list[float]
) -> None:
    low, high, step = min(outputs), max(outputs), X[1] - X[0]
    width = max((high - low) / 9, step)  # narrower bins would lie between the points
    found = nine_bins.along(outputs, X)
    assert found.min() >= 0
    assert found.max() * width <= 1 + 1e-9
    assert not np.interp([low - 9 * step, high + 9 * step], X, found, left=0, right=0).any()
    if -5 < low <= high < 7:
        assert found.sum() * step == pytest.approx(1, abs=step / width + 1e-9)


@pytest.mark.parametrize("latent", ["normal", "normal(3, 0.2)", "uniform", "uniform(0, 1)"])
def test_p_g_is_exact_for_latents_of_any_place_and_scale(latent: str, tmp_path: Path) -> None:
    """G(z) = z has the density of z."""
    z = Latent.parse(latent)
    path = tmp_path / "a.ganviz"
    with Writer(path, {"latent": z.describe()}) as writer:
        latents = writer.add_constant("latents", z.stratified(1024))
        writer.add_channel("generator", (1024,), "float32")
        writer.write_frame(0, {"generator": latents[:, 0]})
    with Recording(path) as recording:
        line = latent_line(recording)
    assert line is not None
    x = np.linspace(*(z.loc + z.scale * np.array([-0.9, 0.9])), 41)
    density = line.pieces(latents[:, 0].astype(float)).density(x)
    np.testing.assert_allclose(density, z.pdf(x), rtol=2e-3)

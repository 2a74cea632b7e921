"""The metrics of a frame against closed forms and quadrature by scipy."""

from __future__ import annotations

import math
from dataclasses import astuple
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad
from scipy.special import xlogy

from gan_viz.analysis import metrics, optimal_discriminator, relative_w1
from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.metrics import TargetMetrics
from gan_viz.distributions import Latent, from_description, target
from gan_viz.distributions.tabulated import Tabulated
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording, Writer

Z: NDArray[np.float64] = Latent().stratified(1024)[:, 0].astype(np.float64)
LINE = LatentLine(Z, "normal")
NORMALS = [(0.0, 1.0), (0.3, 1.0), (-1.0, 0.7), (0.5, 1.4), (0.0, 0.75)]


def kl(m: float, s: float, mean: float, std: float) -> float:
    """KL(N(m, s) ‖ N(mean, std))."""
    return math.log(std / s) + (s**2 + (m - mean) ** 2) / (2 * std**2) - 0.5


@pytest.mark.parametrize(("mean", "std"), NORMALS)
def test_two_normals(mean: float, std: float) -> None:
    found = TargetMetrics(target("norm(0, 1)"), LINE).of(mean + std * Z)
    p, q = stats.norm(0, 1).pdf, stats.norm(mean, std).pdf

    def js(x: float) -> float:
        a, b = p(x), q(x)
        return float(xlogy(a, 2 * a / (a + b)) + xlogy(b, 2 * b / (a + b))) / 2

    assert found.js == pytest.approx(quad(js, -9, 9, limit=200)[0], abs=1e-3)
    difference = quad(lambda x: abs(p(x) - q(x)), -9, 9, limit=200, points=(-1, 0, 1))[0]
    assert found.tv == pytest.approx(difference / 2, abs=1e-3)
    assert found.kl_data_g == pytest.approx(kl(0, 1, mean, std), rel=3e-3, abs=1e-3)
    assert found.kl_g_data == pytest.approx(kl(mean, std, 0, 1), rel=3e-3, abs=1e-3)
    distance = quad(lambda u: abs(mean + (std - 1) * stats.norm.ppf(u)), 0, 1)[0]
    assert found.w1 == pytest.approx(distance, abs=2e-3)
    assert found.w1_relative == found.w1
    assert found.value == 2 * found.js - math.log(4)
    core = stats.norm(mean, std).cdf([-3.0, 3.0])
    assert found.masses == pytest.approx((core[1] - core[0],), abs=1e-3)
    assert found.between == 0.0


def test_the_data_itself() -> None:
    p_data = target("bimodal")
    found = TargetMetrics(p_data, LINE).of(p_data.ppf(stats.norm.cdf(Z)))
    assert astuple(found)[:8] == pytest.approx([0.0] * 8, abs=1e-3)
    assert found.masses == pytest.approx([mode.core for mode in p_data.modes], abs=1e-3)
    assert found.value == pytest.approx(-math.log(4), abs=1e-3)


def test_mass_between_two_modes_is_in_neither() -> None:
    """All of it is 20 standard deviations from both."""
    found = TargetMetrics(target("0.5*norm(-10, 0.5) + 0.5*norm(10, 0.5)"), LINE).of(0.1 * Z)
    assert (found.masses, found.between) == ((0.0, 0.0), pytest.approx(1.0))


def test_a_collapsed_mode_has_no_mass_left() -> None:
    p_data = target("bimodal")
    where = p_data.modes[1].location
    found = TargetMetrics(p_data, LINE).of(np.full(1024, where))
    assert found.masses == pytest.approx((0.0, 1.0))
    assert found.tv > 0.98
    assert found.js > 0.6
    assert found.kl_data_g == math.inf
    even = (np.arange(5000) + 0.5) / 5000
    assert found.w1 == pytest.approx(np.abs(p_data.ppf(even) - where).mean(), abs=5e-3)


def test_latents_of_other_masses_count_by_these() -> None:
    even = np.linspace(-5, 5, 501)
    found = TargetMetrics(target("norm(0, 1)"), LatentLine(even, "normal")).of(0.3 + even[::-1])
    assert found.w1 == pytest.approx(0.3, abs=2e-3)
    assert found.kl_g_data == pytest.approx(0.045, abs=1e-3)


def test_without_known_latents_p_g_is_estimated() -> None:
    samples = np.random.default_rng(0).normal(0.5, 1, 4000)
    found = TargetMetrics(target("norm(0, 1)")).of(samples)
    assert found.w1 == pytest.approx(0.5, abs=0.05)
    assert found.kl_g_data == pytest.approx(0.125, abs=0.02)
    assert found.tv == pytest.approx(2 * stats.norm.cdf(0.25) - 1, abs=0.03)


def test_real_data_is_compared_by_its_estimated_density() -> None:
    values = stats.norm(2, 3).ppf((np.arange(5000) + 0.5) / 5000)
    found = TargetMetrics(target(values), LINE).of(2 + 3 * Z)
    assert found.js < 0.002
    assert found.tv < 0.05
    assert found.w1_relative < 0.01


def test_heavy_tails_do_no_harm() -> None:
    p_data = target("cauchy(0, 1)")
    found = TargetMetrics(p_data, LINE).of(p_data.ppf(stats.norm.cdf(Z)))
    assert found.tv < 0.01
    assert found.js < 0.01
    assert found.w1 == math.inf
    assert found.w1_middle < 1e-3


def distance(p: Any, q: Any) -> float:
    """W1 by quadrature over the logarithm of either tail's mass; scipy's isf keeps all digits."""

    def apart(t: float) -> float:
        u = math.exp(-t)
        return u * (abs(p.ppf(u) - q.ppf(u)) + abs(p.isf(u) - q.isf(u)))

    ends = [math.log(2), 5, 20, 100, 400]
    return sum(quad(apart, *pair, limit=300)[0] for pair in pairwise(ends))


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("t(1.2)", stats.t(1.2)),
        ("t(1.5)", stats.t(1.5)),
        ("t(2.1)", stats.t(2.1)),
        ("t(3)", stats.t(3)),
        ("lognorm(2)", stats.lognorm(2)),
        ("pareto(1.1)", stats.pareto(1.1)),
        ("invgamma(1.3)", stats.invgamma(1.3)),
        ("expon()", stats.expon()),
        ("laplace(2, 3)", stats.laplace(2, 3)),
        ("beta(0.3, 0.4)", stats.beta(0.3, 0.4)),
        ("uniform(1000000, 1)", stats.uniform(1e6, 1)),
    ],
)
def test_w1_counts_all_of_the_tails(expression: str, known: Any) -> None:
    found = TargetMetrics(target(expression), LINE).of(Z).w1
    assert found == pytest.approx(distance(known, stats.norm()), rel=2e-3)


def test_w1_where_the_means_alone_decide() -> None:
    # quantiles of pareto(1.1), whose mean is 11, are all larger than those of N(0, 1)
    assert TargetMetrics(target("pareto(1.1)"), LINE).of(Z).w1 == pytest.approx(11, rel=2e-3)


@pytest.mark.parametrize("expression", ["cauchy(3, 2)", "t(1)", "levy()", "pareto(0.9)"])
def test_w1_is_infinite_without_a_mean(expression: str) -> None:
    p_data = target(expression)
    found = TargetMetrics(p_data, LINE).of(p_data.ppf(stats.norm.cdf(Z)) + p_data.scale)
    assert found.w1 == found.w1_relative == math.inf
    assert found.w1_middle == pytest.approx(1, rel=0.01)


def test_a_table_keeps_that_there_is_no_mean() -> None:
    for original, finite in ((target("cauchy(0, 1)"), False), (target("t(3)"), True)):
        table = from_description(Tabulated.of(original).describe())
        assert math.isfinite(TargetMetrics(table, LINE).of(Z).w1) == finite


@pytest.mark.parametrize("shift", [3.5, 5.0, 10.0, 30.0, -5.0])
def test_divergences_find_no_end_of_the_tails(shift: float) -> None:
    found = TargetMetrics(target("norm(0, 1)"), LINE).of(shift + Z)
    assert found.kl_data_g == pytest.approx(shift**2 / 2, rel=0.015)
    assert found.kl_g_data == pytest.approx(shift**2 / 2, rel=2e-3)
    assert found.tv == pytest.approx(1 - 2 * stats.norm.cdf(-abs(shift) / 2), abs=1e-3)


@pytest.mark.parametrize("line", [LINE, None])
def test_far_away_nothing_is_shared(line: Any) -> None:
    found = TargetMetrics(target("cauchy(0, 1)"), line).of(1e9 + Z)
    assert found.js == pytest.approx(math.log(2), rel=1e-4)
    assert found.tv == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(("place", "width"), [(10.01, 1e-3), (3.0, 1e-2), (0.0, 1e-4)])
def test_narrow_parts_are_resolved(place: float, width: float) -> None:
    p_data = target(f"0.5*norm(0, 1) + 0.5*norm({place}, {width})")
    metrics_of = TargetMetrics(p_data, LINE)
    same = metrics_of.of(p_data.ppf(stats.norm.cdf(Z)))
    assert same.tv < 0.02
    assert same.js < 2e-3
    # The wide half is all that p_g = N(0, 1) has.
    x = np.concatenate([np.linspace(-9, 9, 200_001), place + width * np.linspace(-9, 9, 200_001)])
    x.sort()
    p, q = p_data.pdf(x), stats.norm.pdf(x)
    assert metrics_of.of(Z).tv == pytest.approx(np.trapezoid(np.abs(p - q), x) / 2, abs=2e-3)


def test_a_narrow_p_g_beside_a_wide_one() -> None:
    q = stats.norm(0.4, 2e-3)
    x = np.concatenate([np.linspace(-9, 9, 200_001), np.linspace(0.38, 0.42, 200_001)])
    x.sort()
    oracle = np.trapezoid(np.abs(stats.norm.pdf(x) - q.pdf(x)), x) / 2
    found = TargetMetrics(target("norm(0, 1)"), LINE).of(0.4 + 2e-3 * Z)
    assert found.tv == pytest.approx(oracle, abs=1e-3)


def test_ks_is_scipys() -> None:
    samples = np.random.default_rng(5).normal(0.2, 1.3, 500)
    found = TargetMetrics(target("norm(0, 1)")).of(samples)
    assert found.ks == pytest.approx(stats.ks_1samp(samples, stats.norm.cdf).statistic, abs=1e-3)
    assert TargetMetrics(target("norm(0, 1)"), LINE).of(0.5 + Z).ks == pytest.approx(
        2 * stats.norm.cdf(0.25) - 1, abs=1e-4
    )


FILES = {
    "one decimal": np.round(np.random.default_rng(0).normal(5.8, 0.8, 150), 1),
    "counts": np.random.default_rng(1).poisson(4, 5000).astype(float),
    "two values": np.repeat([0.0, 1.0], [30, 70]),
    "many": np.random.default_rng(2).gamma(2, 1, 20_000),
    "an outlier": np.append(np.random.default_rng(3).normal(170, 10, 500), 1e6),
}


@pytest.mark.parametrize("name", FILES)
def test_a_g_that_reproduces_a_file_is_at_no_distance(name: str) -> None:
    values = np.sort(FILES[name])
    outputs = values[(stats.norm.cdf(Z) * len(values)).astype(np.intp)]
    measured = TargetMetrics(target(values), LINE)
    same, moved = measured.of(outputs), measured.of(outputs + 2 * measured.target.scale)
    assert same.is_estimate
    assert max(same.js, same.tv, same.ks, same.w1_middle) < 0.03
    assert moved.tv > 0.3
    assert moved.w1_middle == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("name", ["one decimal", "counts", "many"])
def test_samples_are_compared_by_what_exists_for_samples(name: str) -> None:
    values = FILES[name]
    others = np.random.default_rng(4).normal(values.mean(), values.std(), 1024)
    found = TargetMetrics(target(values)).of(others)
    assert found.w1 == pytest.approx(stats.wasserstein_distance(values, others), rel=0.02, abs=0.02)
    assert found.ks == pytest.approx(stats.ks_2samp(values, others).statistic, abs=0.01)


@pytest.mark.parametrize("line", [LINE, None])
@pytest.mark.parametrize("strange", [np.nan, np.inf, 1.7e308])
def test_outputs_that_are_not_finite(line: Any, strange: float) -> None:
    found = TargetMetrics(target("bimodal"), line).of(np.full(1024, strange))
    assert not math.isfinite(found.w1)
    assert not math.isfinite(found.w1_middle)
    assert math.isnan(found.ks)
    assert found.js == pytest.approx(math.log(2))
    assert found.tv == pytest.approx(1)


def test_the_optimal_discriminator_is_a_half_where_nothing_is_left_to_learn() -> None:
    x = np.linspace(-3, 3, 301)
    p_data = stats.norm.pdf(x)
    p_g = LINE.pieces(Z).density(x)
    assert np.allclose(optimal_discriminator(p_data, p_g), 0.5, atol=5e-3)
    assert np.isnan(optimal_discriminator(p_data, p_g, least=9.0)).all()


def write(path: Path, header: dict[str, Any], shape: tuple[int, ...]) -> Path:
    with Writer(path, header) as writer:
        writer.add_channel("generator", shape, "float32")
        writer.write_frame(0, {"generator": np.zeros(shape)})
        writer.write_frame(3, {})
        writer.write_frame(5, {"generator": np.ones(shape)})
    return path


def test_frames_without_outputs_are_passed_over(tmp_path: Path) -> None:
    header = {"target": target("norm(0, 1)").describe()}
    with Recording(write(tmp_path / "a.ganviz", header, (64,))) as recording:
        measured = dict(metrics(recording))
    assert list(measured) == [0, 5]
    assert measured[0].w1 < measured[5].w1


@pytest.mark.parametrize(
    ("expression", "name"), [("norm(0, 1)", "w1_relative"), ("cauchy(0, 1)", "w1_middle")]
)
def test_one_distance_alone_is_that_of_all_metrics(
    tmp_path: Path, expression: str, name: str
) -> None:
    header = {"target": target(expression).describe()}
    with Recording(write(tmp_path / "a.ganviz", header, (64,))) as recording:
        found = relative_w1(recording)
        assert found is not None
        expected = [getattr(one, name) for _, one in metrics(recording)]
        assert found[[0, 2]] == pytest.approx(expected, rel=1e-5)
        assert np.isnan(found[1])
        assert relative_w1(recording, [2]) == found[[2]]
    for known, shape in (({}, (4,)), (header, (4, 2))):
        with Recording(write(tmp_path / "b.ganviz", known, shape)) as recording:
            assert relative_w1(recording) is None


@pytest.mark.parametrize("expression", ["bimodal", "cauchy(0, 1)", "uniform(0, 1)"])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_one_distance_alone_is_that_of_all_metrics_for_any_generator(
    expression: str, kind: str
) -> None:
    z = Latent(kind, 1).stratified(128)[:, 0].astype(np.float64)
    outputs = [z, z**2, 0 * z, np.sign(z), np.sin(9 * z), 30 * z, np.where(z > 1, np.inf, z)]
    for line in (LatentLine(z, kind), None):
        measured = TargetMetrics(target(expression), line)
        name = "w1_middle" if measured.target.heavy_tailed else "w1_relative"
        for one in [*outputs, np.where(z > 1, np.nan, z)]:
            expected = getattr(measured.of(one), name)
            found = measured.relative_w1(one)
            assert found == pytest.approx(expected, rel=1e-5, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("header", "shape", "message"),
    [
        ({}, (4,), "no target"),
        ({"target": {"kind": "expression", "expression": "norm(0, 1)"}}, (4, 2), "one number"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    tmp_path: Path, header: Any, shape: Any, message: str
) -> None:
    with (
        Recording(write(tmp_path / "a.ganviz", header, shape)) as recording,
        pytest.raises(RecordingError, match=message),
    ):
        metrics(recording)


@pytest.mark.parametrize("size", [1e30, 1e90, 1e300])
def test_outputs_of_any_size_are_compared(size: float) -> None:
    x = size * np.random.default_rng(0).normal(size=64)
    found = TargetMetrics(target("bimodal")).of(x)
    assert found.tv == pytest.approx(1, abs=0.02)

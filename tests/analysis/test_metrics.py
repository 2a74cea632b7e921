"""The metrics of a frame against closed forms and quadrature by scipy."""

from __future__ import annotations

import math
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad
from scipy.special import xlogy

from gan_viz.analysis import metrics, optimal_discriminator
from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.metrics import TargetMetrics
from gan_viz.distributions import Latent, target
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
    assert astuple(found)[:6] == pytest.approx([0.0] * 6, abs=1e-3)
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
    assert math.isfinite(found.w1_relative)


@pytest.mark.parametrize("line", [LINE, None])
@pytest.mark.parametrize("strange", [np.nan, np.inf, 1.7e308])
def test_outputs_that_are_not_finite(line: Any, strange: float) -> None:
    found = TargetMetrics(target("bimodal"), line).of(np.full(1024, strange))
    assert not math.isfinite(found.w1)
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

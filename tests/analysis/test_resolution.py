"""Whether G is known between the recorded latents, against the true density of known functions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gan_viz.analysis import GeneratedDensity, change, metrics
from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.resolution import MOST, Resolution, doubtful
from gan_viz.distributions import Latent, target
from gan_viz.distributions.latent import CHECKS, latents_between
from gan_viz.recording import Recording, Writer

N = 1024
Z: NDArray[np.float64] = Latent().stratified(N)[:, 0].astype(np.float64)
Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]
P_DATA = target("0.3*norm(-6, 0.1) + 0.7*norm(5, 1)")

KNOWN: dict[str, Function] = {
    "affine": lambda z: 3 + 2 * z,
    "constant": lambda z: 0 * z + 1 / 3,
    "nearly constant": lambda z: 1 + 1e-9 * np.sin(1e5 * z),
    "folds": lambda z: np.sin(3 * z),
    "a kink": lambda z: np.maximum(z, 0.1 * z),
    "a step": lambda z: np.where(z < 0.3, -1.0, 1.0),
    "the inverse of p_data": lambda z: P_DATA.ppf(stats.norm.cdf(z)),
}
UNKNOWN: dict[str, Function] = {
    "sin 300": lambda z: np.sin(300 * z),
    "sin 1000": lambda z: np.sin(1000 * z),
    "the same at all recorded latents": lambda z: np.cos(1024 * np.pi * stats.norm.cdf(z)),
    "noise": lambda z: np.sin(1e9 * z**2),
}


def record(path: Path, function: Function, checks: bool = True) -> Recording:
    header = {"latent": Latent().describe(), "target": target("norm(0, 1)").describe()}
    between = latents_between(Z)
    with Writer(path / "g.ganviz", header) as writer:
        writer.add_constant("latents", Z[:, None])
        writer.add_channel("generator", (N,), "float32")
        if checks:
            writer.add_constant("latents_between", between[:, None])
            writer.add_channel("generator_between", (CHECKS,), "float32")
        for step, scale in enumerate((0.5, 1.0)):
            arrays = {"generator": scale * function(Z)}
            if checks:
                arrays["generator_between"] = scale * function(between)
            writer.write_frame(step, arrays)
        writer.write_frame(2, {})
    return Recording(path / "g.ganviz")


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("checks", [True, False])
def test_an_ordinary_g_is_known(tmp_path: Path, name: str, checks: bool) -> None:
    with record(tmp_path, KNOWN[name], checks) as recording:
        assert max(map(Resolution(recording).unresolved, range(3))) < 0.07
        assert not GeneratedDensity(recording).is_estimate
        assert not any(one.is_estimate for _, one in metrics(recording))


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_g_that_the_latents_do_not_resolve_is_found_out(tmp_path: Path, name: str) -> None:
    with record(tmp_path, UNKNOWN[name]) as recording:
        assert Resolution(recording).unresolved(1) > 0.5
        assert Resolution(recording).unresolved(2) == 0
        assert GeneratedDensity(recording).is_estimate
        assert all(one.is_estimate for _, one in metrics(recording))


@pytest.mark.parametrize("frequency", [3, 10, 30, 60, 100, 300, 1000])
def test_the_limit_is_where_p_g_goes_wrong(frequency: float) -> None:
    many = stats.norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    edges = np.linspace(-1.05, 1.05, 202)
    true = np.histogram(np.sin(frequency * many), edges)[0] / len(many)
    outputs = np.sin(frequency * Z)
    found = LatentLine(Z, "normal").pieces(outputs).on_cells(-1.05, 2.1 / 201, 201)
    error = np.abs(true - found).sum() / 2
    share = np.mean(doubtful(outputs))
    assert error < 0.03 or share > MOST
    assert error > 0.005 or share < MOST


def test_outputs_that_are_not_finite_are_no_bends() -> None:
    outputs = np.where(Z > 2, np.inf, Z)
    assert np.mean(doubtful(outputs)) < 0.01
    assert not doubtful(np.full(N, np.nan)).any()


def test_the_latents_between_are_at_no_two_like_places() -> None:
    between = latents_between(Z)
    gap = np.searchsorted(Z, between) - 1
    part = (between - Z[gap]) / (Z[gap + 1] - Z[gap])
    assert part.min() > 0.09
    assert part.max() < 0.91
    assert np.diff(np.sort(part)).min() > 0.005
    assert len(latents_between(Z[:2])) == CHECKS


def test_checks_do_not_count_as_change(tmp_path: Path) -> None:
    with record(tmp_path, KNOWN["folds"]) as recording:
        checked = change(recording)
    with record(tmp_path, KNOWN["folds"], checks=False) as recording:
        assert np.array_equal(change(recording), checked)


@pytest.mark.parametrize("shape", [None, (CHECKS,), (CHECKS + 1, 1)])
def test_checks_at_unknown_latents_do_not_count(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with Writer(tmp_path / "g.ganviz", {"latent": Latent().describe()}) as writer:
        writer.add_constant("latents", Z[:, None])
        if shape:
            writer.add_constant("latents_between", np.zeros(shape))
        writer.add_channel("generator", (N,), "float64")
        writer.add_channel("generator_between", (CHECKS,), "float64")
        writer.write_frame(0, {"generator": Z, "generator_between": np.full(CHECKS, 99.0)})
    with Recording(tmp_path / "g.ganviz") as recording:
        assert Resolution(recording).unresolved(0) == 0

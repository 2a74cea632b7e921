"""Diffusion models and flows: their ways from noise to data, and what their networks learn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.analysis.noising import Level, NoisedTarget
from gan_viz.distributions import Latent, target
from gan_viz.errors import TrainingError
from gan_viz.registry import PROCESSES
from gan_viz.training.settings import Settings
from gan_viz.training.transport import (
    Diffusion,
    Flow,
    Lesson,
    Process,
    Transport,
    heun,
    train_transport,
)

Array = NDArray[np.float64]
DATA = target("0.3*norm(-1.5, 0.3) + 0.7*norm(1.5, 0.3)")
NOISED = NoisedTarget(DATA)
Q = (np.arange(2000) + 0.5) / 2000
each_process = pytest.mark.parametrize("process", [Diffusion(), Flow()], ids=["diffusion", "flow"])


def level_of(process: Process, time: float) -> Level:
    alpha, sigma = process.mixed(time)
    return Level(alpha, 0.0, sigma)


def exact_slope(process: Process) -> Callable[[Array, float], Array]:
    """Of the probability flow, by the score (Song et al. 2021; for the flow, E[u - e | x])."""

    def of_diffusion(x: Array, sigma: float) -> Array:
        return -sigma * NOISED.score(x, Level(1.0, 0.0, sigma))

    def of_flow(x: Array, t: float) -> Array:
        t = min(t, 1 - 1e-9)
        score = NOISED.score(x, Level(t, 0.0, 1 - t))
        return (x + (1 - t) * score) / t if t > 0 else DATA.mean - x

    return of_diffusion if isinstance(process, Diffusion) else of_flow


def solved(process: Process, steps: int, x: Array, first: int = 0) -> Array:
    times = process.times(steps)[first:].tolist()
    *_, end = heun(x, times, exact_slope(process), process.known_at_data)
    return end


@pytest.mark.parametrize(("steps", "w1"), [(18, 0.027), (40, 0.0045), (80, 0.0010)])
def test_the_exact_score_and_heun_reach_the_data(steps: int, w1: float) -> None:
    """Figures found independently: W1 .027, .0045 and .0010."""
    process = Diffusion()
    start = NOISED.ppf(Q, level_of(process, process.HIGHEST))
    reached = solved(process, steps, start)
    assert np.abs(reached - DATA.ppf(Q)).mean() == pytest.approx(w1, rel=0.08)


@each_process
def test_the_flow_of_the_exact_score_keeps_quantiles_from_any_level(process: Process) -> None:
    """Diffusion, flow matching and the consistency function are one map, F_data^-1 o F_t."""
    steps = 160
    q = np.linspace(0.02, 0.98, 24)  # none of which is in the gap, where nothing holds a sample
    for first in (0, 60, 120):
        level = level_of(process, float(process.times(steps)[first]))
        x = NOISED.ppf(q, level)
        reached = solved(process, steps, x, first)
        assert (np.diff(reached) > 0).all()
        # a flow in one dimension keeps every sample at its quantile
        expected = NOISED.ppf(NOISED.cdf(x, level), Level(1.0, 0.0, 0.0))
        np.testing.assert_allclose(reached, expected, atol=0.01)


def test_heun_is_of_second_order() -> None:
    errors = []
    for steps in (8, 16):
        *_, end = heun(np.ones(1), np.linspace(0, 1, steps + 1).tolist(), lambda x, _: x, True)
        errors.append(abs(float(end[0]) - math.e))
    assert 3.5 < errors[0] / errors[1] < 4.5


def test_the_diffusion_loss_is_the_weighted_one_of_the_paper() -> None:
    """Equations 2, 7 and 8: lambda(sigma) |D(u + sigma e) - u|^2, sigma_data 1."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    u, e = torch.randn(2, 50, 1, dtype=torch.float64)
    sigma = torch.rand(50, 1, dtype=torch.float64) * 5 + 0.01
    x, process = u + sigma * e, Diffusion()
    c_skip, c_out = 1 / (sigma**2 + 1), sigma / (sigma**2 + 1).sqrt()
    inputs = torch.cat([x / (sigma**2 + 1).sqrt(), sigma.log() / 4], 1)
    denoised = c_skip * x + c_out * network(inputs)
    weight = (sigma**2 + 1) / sigma**2
    expected = (weight * (denoised - u) ** 2).mean()
    torch.testing.assert_close(process.loss(network, u, e, sigma), expected)
    one = float(sigma[0])
    score = process.score(network, x[:1], one)
    torch.testing.assert_close(score, (denoised[:1] - x[:1]) / one**2)
    torch.testing.assert_close(process.slope(network, x[:1], one), -one * score)


class MeanVelocity(nn.Module):
    """The exact E[u - e | x] of N(0, 1) data: ``(2 t - 1) x / (t^2 + (1 - t)^2)``."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        x, t = inputs.split(1, 1)
        return (2 * t - 1) * x / (t**2 + (1 - t) ** 2)


def test_a_flow_with_the_exact_velocity_has_the_exact_score() -> None:
    x, process = torch.linspace(-2, 2, 9)[:, None], Flow()
    for t in (0.0, 0.3, 0.8):
        expected = -x / (t**2 + (1 - t) ** 2)
        torch.testing.assert_close(process.score(MeanVelocity(), x, t), expected)
    z = torch.linspace(-2, 2, 9)[:, None]
    torch.testing.assert_close(
        Transport(MeanVelocity(), process, steps=60)(z).float(), z, atol=1e-3, rtol=0
    )


@each_process
def test_the_levels_are_those_of_the_units_of_the_data(process: Process) -> None:
    transport = Transport(MeanVelocity(), process, location=10.0, scale=3.0, steps=6)
    assert transport.levels.shape == (7, 3)
    for time, (alpha, shift, sigma) in zip(transport.times, transport.levels, strict=True):
        a, s = process.mixed(float(time))
        u, e = 0.7, -0.2  # standardized data, and noise
        in_units = 10 + 3 * (a * u + s * e)
        assert alpha * (10 + 3 * u) + shift + sigma * e == pytest.approx(in_units)
    assert transport.levels[-1].tolist() == [1.0, 0.0, 0.0]
    ways = list(transport.ways(torch.zeros(2, 1)))
    assert len(ways) == 7
    torch.testing.assert_close(ways[-1], transport(torch.zeros(2, 1)))


def lesson(seed: int) -> Lesson:
    sources = [np.random.default_rng([seed, k]) for k in range(3)]
    return Lesson(
        lambda n: ((DATA.sample(n, sources[0]) - DATA.mean) / DATA.std).astype(np.float32)[:, None],
        lambda n: sources[1].standard_normal((n, 1), np.float32),
        sources[2],
    )


@pytest.mark.parametrize("name", list(PROCESSES))
def test_it_learns(name: str) -> None:
    """With a tenth of the usual samples; docs/diffusion.md has the figures of the usual ones."""
    from gan_viz.models import mlp

    network = mlp(2, (64, 64), 1, "silu")
    transport = Transport(network, PROCESSES[name](), DATA.mean, DATA.std)
    how = Settings(steps=800, batch=192, g_lr=5e-3, decay=True)
    steps = [number for number, _ in train_transport(transport, network, lesson(1), how)]
    assert steps == list(range(1, 801))
    with torch.no_grad():
        z = torch.from_numpy(Latent("normal").stratified(512))
        made = transport(z).numpy().ravel()
    assert (np.diff(made) > 0).all()
    assert np.abs(made - DATA.ppf((np.arange(512) + 0.5) / 512)).mean() < 0.13
    assert abs((made < 0).mean() - 0.3) < 0.05


def test_a_loss_that_is_not_finite_ends_it() -> None:
    network = nn.Linear(2, 1)
    transport = Transport(network, Flow())
    bad: Any = lesson(0)
    broken = Lesson(lambda n: np.full((n, 1), np.inf, np.float32), bad.draw_noise, bad.source)
    with pytest.raises(TrainingError, match=r"step 1: the loss is (nan|inf)"):
        list(train_transport(transport, network, broken, Settings(steps=3, batch=4)))


def test_a_moving_average_follows_the_network() -> None:
    from copy import deepcopy

    network = nn.Linear(2, 1)
    mean = deepcopy(network)
    how = Settings(steps=40, batch=8, g_lr=1e-2, ema=0.9)
    list(train_transport(Transport(mean, Flow()), network, lesson(0), how))
    apart = (network.weight - mean.weight).abs().max()
    assert 0 < apart < 0.1

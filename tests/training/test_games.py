"""The closed form plays the same game as autograd."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.models import mlp
from gan_viz.objectives import R1, ClosedForm, Objective
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.objectives.wgan_gp import PenalizedWasserstein
from gan_viz.registry import OBJECTIVES
from gan_viz.training import Settings, start_game
from gan_viz.training.games import AutogradGame, ClosedFormGame, Game

CLOSED = sorted(name for name in OBJECTIVES if isinstance(OBJECTIVES[name](), ClosedForm))


def networks(seed: int = 0) -> tuple[nn.Sequential, nn.Sequential]:
    source = torch.Generator().manual_seed(seed)
    return mlp(2, [8, 8], 1, "tanh", source), mlp(1, [8, 8], 1, "leaky_relu", source)


def play(game: object, steps: int, settings: Settings) -> list[tuple[float, float]]:
    rng = np.random.default_rng(0)
    batch, number = settings.batch, settings.latent_batches
    return [
        game.step(  # type: ignore[attr-defined]
            k,
            rng.normal(0.5, 1, (settings.d_steps, batch, 1)).astype(np.float32),
            rng.normal(0, 1, (number, batch, 2)).astype(np.float32),
        )
        for k in range(steps)
    ]


@pytest.mark.parametrize("objective", CLOSED)
@pytest.mark.parametrize(
    "settings",
    [
        Settings(steps=40, batch=32),
        Settings(steps=40, batch=32, betas=(0.0, 0.9), d_lr=5e-3, average=0.9, decay=True),
        Settings(steps=40, batch=32, d_steps=3, average=0.5),
        Settings(steps=40, batch=32, d_steps=2, g_steps=3, average=0.5),
    ],
    ids=["bare", "stabilized", "d_steps", "g_steps"],
)
def test_both_ways_agree(objective: str, settings: Settings) -> None:
    g, d = networks()
    chosen = OBJECTIVES[objective]()
    ordinary = AutogradGame(deepcopy(g), deepcopy(d), chosen, settings)
    closed = start_game(g, d, chosen, settings)
    assert isinstance(closed, ClosedFormGame)
    # where a critic's biases have a gradient of 0, bare Adam makes full steps of rounding noise
    closed.optimizers[1].eps = np.float32(1e-4)
    ordinary.optimizers[1].param_groups[0]["eps"] = 1e-4
    np.testing.assert_allclose(
        play(closed, 40, settings), play(ordinary, 40, settings), rtol=2e-4, atol=2e-5
    )
    for name in ("generator", "discriminator", "drawn"):
        pairs = zip(
            getattr(closed, name).parameters(), getattr(ordinary, name).parameters(), strict=True
        )
        for ours, theirs in pairs:
            torch.testing.assert_close(ours, theirs, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("way", [start_game, AutogradGame])
def test_clipping_bounds_every_parameter_of_d_alone(way: Callable[..., Game]) -> None:
    settings = Settings(steps=5, batch=16, d_lr=0.1)
    g, d = networks()
    game = way(g, d, ClippedWasserstein(0.05), settings)
    assert isinstance(game, ClosedFormGame) == (way is start_game)
    play(game, 5, settings)
    largest = max(p.abs().max().item() for p in game.discriminator.parameters())
    assert largest == pytest.approx(0.05)
    assert max(p.abs().max().item() for p in game.generator.parameters()) > 0.1


@pytest.mark.parametrize("objective", [PenalizedWasserstein(2.0), R1(ClippedWasserstein(), 3.0)])
def test_the_loss_of_d_includes_the_penalty(objective: Objective) -> None:
    """With a linear D of slope 3, the penalty is known."""
    settings = Settings(steps=1, batch=32)
    g, d = networks()[0], nn.Linear(1, 1)
    nn.init.constant_(d.weight, 3.0)
    game = start_game(g, nn.Sequential(d), objective, settings)
    assert isinstance(game, AutogradGame)
    rng = np.random.default_rng(0)
    real = rng.normal(0, 1, (1, 32, 1)).astype(np.float32)
    latents = rng.normal(0, 1, (1, 32, 2)).astype(np.float32)
    with torch.no_grad():
        fake = g(torch.from_numpy(latents[0])).numpy()
    penalty = 2.0 * (3 - 1) ** 2 if objective.clip is None else 3.0 / 2 * 3**2
    d_loss, _ = game.step(0, real, latents)
    assert d_loss == pytest.approx(3 * (fake.mean() - real.mean()) + penalty, rel=1e-5)
    # both ways of bounding the slope draw it down from 3
    assert d.weight.item() < 3


def test_a_penalty_leaves_the_global_random_state_alone() -> None:
    settings = Settings(steps=3, batch=16)
    runs = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = torch.get_rng_state()
        runs.append(play(start_game(*networks(), PenalizedWasserstein(), settings), 3, settings))
        assert torch.equal(torch.get_rng_state(), state)
    assert runs[0] == runs[1]


def test_networks_of_ones_own_take_the_ordinary_way() -> None:
    settings = Settings(steps=5, batch=16, average=0.9)
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
    d = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1))
    before = [p.clone() for p in (*g.parameters(), *d.parameters())]
    game = start_game(g, d, OBJECTIVES["non-saturating"](), settings)
    assert isinstance(game, AutogradGame)
    losses = play(game, 5, settings)
    assert np.isfinite(losses).all()
    after = [*g.parameters(), *d.parameters()]
    # a bias in front of batch norm has no effect, so its gradient is zero up to rounding
    assert sum(not torch.equal(a, b) for a, b in zip(before, after, strict=True)) >= 7
    assert all(p.requires_grad for p in d.parameters())
    assert torch.equal(game.drawn[1].running_mean, g[1].running_mean)


@pytest.mark.parametrize("closed", [True, False])
def test_without_average_g_itself_is_drawn(closed: bool) -> None:
    g, d = networks()
    objective = OBJECTIVES["minimax"]()
    game = (
        start_game(g, d, objective, Settings())
        if closed
        else AutogradGame(g, d, objective, Settings())
    )
    assert game.drawn is g


def test_the_average_is_the_mean_of_the_weights() -> None:
    """Over the first steps, with a long memory, each step has the share 10 / (step + 10)."""
    settings = Settings(steps=6, batch=8, average=0.999)
    g, d = networks()
    game = start_game(g, d, OBJECTIVES["minimax"](), settings)
    expected = g[0].weight.detach().clone()
    rng = np.random.default_rng(1)
    for k in range(6):
        real = rng.normal(0, 1, (1, 8, 1)).astype(np.float32)
        game.step(k, real, rng.normal(0, 1, (1, 8, 2)).astype(np.float32))
        expected += 10 / (k + 10) * (g[0].weight.detach() - expected)
    torch.testing.assert_close(game.drawn[0].weight, expected)

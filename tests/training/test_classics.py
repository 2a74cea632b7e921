"""Turns, and fitting D before the game."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from gan_viz.models import mlp
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.training import Settings
from gan_viz.training.classics import TurnGame, fit
from gan_viz.training.tensor_game import Batch, TensorGame


def source(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def networks() -> tuple[nn.Module, nn.Module]:
    return mlp(1, [4], generator=source(0)), mlp(1, [4], generator=source(1))


def batches(n: int, seed: int) -> list[Batch]:
    return [Batch(torch.randn(8, 1, generator=source(seed + k))) for k in range(n)]


def constant(step: int, turn: int) -> float:
    return 1.0


@pytest.mark.parametrize("objective", [NonSaturating(), ClippedWasserstein(0.1)])
def test_where_g_learns_on_the_last_latents_it_is_the_usual_game(
    objective: NonSaturating | ClippedWasserstein,
) -> None:
    settings = Settings(steps=4, d_steps=2, ema=0.5, decay=True)
    usual = TensorGame(*networks(), objective, settings)
    turns = TurnGame(*networks(), objective, settings, "DDG", constant)
    for number in range(4):
        x, z = batches(2, 10 * number), batches(2, 10 * number + 5)
        expected = usual.step(number, x, z)
        figures = turns.step(number, [*x, x[0]], [*z, z[-1]])
        torch.testing.assert_close(figures, expected)
    for ours, theirs in ((turns.g_ema, usual.g_ema), (turns.discriminator, usual.discriminator)):
        torch.testing.assert_close(ours.state_dict(), theirs.state_dict())


def test_players_move_in_their_turns_at_the_rates_of_the_schedule() -> None:
    seen: list[tuple[int, int]] = []

    def schedule(step: int, turn: int) -> float:
        seen.append((step, turn))
        return 0.0 if turn == 4 else 0.5

    settings = Settings(steps=3, d_steps=2, g_lr=0.1, d_lr=0.2, optimizer="sgd", betas=(0, 0))
    game = TurnGame(*networks(), NonSaturating(), settings, "GDD", schedule)
    game.step(0, batches(3, 0), batches(3, 5))
    before = deepcopy((game.generator.state_dict(), game.discriminator.state_dict()))
    game.step(1, batches(3, 10), batches(3, 15))
    assert seen == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (1, 5)]
    assert game.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.05)
    assert game.optimizers[1].param_groups[0]["lr"] == pytest.approx(0.1)
    # the step again, by hand: G in turn 3, no D in turn 4, D in turn 5
    g, d = networks()
    g.load_state_dict(before[0])
    d.load_state_dict(before[1])
    x, z = batches(3, 10), batches(3, 15)
    nn.functional.softplus(-d(g(z[0].values))).mean().backward()
    _descend(g, 0.05)
    d.zero_grad()
    fake = g(z[2].values).detach()
    softplus = nn.functional.softplus
    (softplus(-d(x[2].values)).mean() + softplus(d(fake)).mean()).backward()
    _descend(d, 0.1)
    torch.testing.assert_close(game.generator.state_dict(), g.state_dict())
    torch.testing.assert_close(game.discriminator.state_dict(), d.state_dict())


def _descend(network: nn.Module, rate: float) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            assert parameter.grad is not None
            parameter -= rate * parameter.grad


def test_fitting_finds_the_line() -> None:
    line = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 16)[:, None]
    fit(line, [(x, 3 * x + 2)] * 200, torch.optim.SGD(line.parameters(), lr=0.5))
    assert line.weight.item() == pytest.approx(3, abs=1e-3)
    assert line.bias.item() == pytest.approx(2, abs=1e-3)

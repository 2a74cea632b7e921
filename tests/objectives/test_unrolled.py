"""Looking ahead: what G is pushed by, alone and beside others, and who trains with it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models import mlp
from gan_viz.objectives import R1
from gan_viz.objectives.unrolled import Unrolled
from gan_viz.training import Gan, Settings, Training
from gan_viz.training.autograd_game import ModuleGame, StackedGame
from gan_viz.training.loop import kind_of
from gan_viz.training.tensor_game import Batch, TensorGame


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def value_ahead(
    x: np.ndarray, made: np.ndarray, w: float, b: float, steps: int, lr: float
) -> float:
    """G's loss on the D that ``w x + b`` becomes by gradient descent, written out."""
    for _ in range(steps):
        real, fake = sigmoid(w * x + b) - 1, sigmoid(w * made + b)
        w, b = w - lr * (np.mean(real * x) + np.mean(fake * made)), b - lr * np.mean(real + fake)
    real, fake = w * x + b, w * made + b
    return float(-np.logaddexp(0, -real).mean() - np.logaddexp(0, fake).mean())


def linear(weight: float, bias: float) -> nn.Linear:
    layer = nn.Linear(1, 1).double()
    with torch.no_grad():
        layer.weight.fill_(weight)
        layer.bias.fill_(bias)
    return layer


@pytest.mark.parametrize("steps", [1, 3])
def test_g_is_pushed_by_the_slope_of_the_value_ahead(steps: int) -> None:
    """Against differences of the value, of a G that adds a number to its latents."""
    x, z = np.random.default_rng(1).normal(size=(2, 8, 1))
    lr, w, b, shift = 0.7, 0.9, -0.3, 0.4
    d, g = nn.Sequential(linear(w, b)), nn.Sequential(linear(1.0, shift))
    settings = Settings(batch=8, optimizer="sgd", g_lr=1.0, d_lr=1e-12)
    game = TensorGame(g, d, Unrolled(steps, lr), settings)
    figures = game.step(0, [Batch(torch.tensor(x))], [Batch(torch.tensor(z))])
    up, down = (value_ahead(x, z + shift + h, w, b, steps, lr) for h in (1e-6, -1e-6))
    assert g[0].bias.item() - shift == pytest.approx(-(up - down) / 2e-6, rel=1e-5)
    assert figures["g_loss"].item() == pytest.approx(value_ahead(x, z + shift, w, b, steps, lr))
    assert (d[0].weight.item(), d[0].bias.item()) == pytest.approx((w, b))


def test_runs_beside_others_are_pushed_as_alone() -> None:
    settings = Settings(batch=16, optimizer="sgd")
    objectives = [Unrolled(2, 0.5), Unrolled(1, 0.1), R1(Unrolled(2, 0.5), 0.2)]

    def pair(seed: int) -> tuple[nn.Module, nn.Module]:
        source = torch.Generator().manual_seed(seed)
        return mlp(1, [4], activation="tanh", generator=source), mlp(
            1, [4], activation="tanh", generator=source
        )

    real, z = np.random.default_rng(2).normal(size=(2, 1, 3, 1, 16)).astype(np.float32)
    together = [pair(seed) for seed in range(3)]
    g, d = zip(*together, strict=True)
    stacked = StackedGame(g, d, g, objectives, settings)
    alone = [pair(seed) for seed in range(3)]
    losses = [values for _, values in stacked.updates(0, real, z)]
    for run, (own, one) in enumerate(zip(alone, objectives, strict=True)):
        game = ModuleGame(TensorGame(*own, one, settings))
        single = [v for _, v in game.updates(0, real[:, run : run + 1], z[:, run : run + 1])]
        assert [each[run] for each in losses] == pytest.approx(np.ravel(single), rel=1e-4)
        for mine, other in zip(own, together[run], strict=True):
            for p, q in zip(mine.parameters(), other.parameters(), strict=True):
                assert torch.allclose(p, q, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("steps", "lr"), [(0, 0.1), (-2, 0.1), (5, 0.0), (5, math.nan)])
def test_nothing_to_look_ahead(steps: int, lr: float) -> None:
    with pytest.raises(UsageError, match="expected"):
        Unrolled(steps, lr)


def test_who_looks_ahead_is_trained_by_autograd() -> None:
    objective = Unrolled()
    gan = Gan(
        mlp(1, [4], activation="tanh"),
        mlp(1, [4], activation="tanh"),
        objective,
        Settings(steps=3, batch=4),
        lambda n: np.ones((n, 1), np.float32),
        lambda n: np.zeros((n, 1), np.float32),
    )
    kind = kind_of(gan)
    assert isinstance(kind, tuple)
    assert kind[0] == "autograd"
    d_losses, g_losses = Training([gan]).advance(3)
    assert np.isfinite(d_losses).all()
    assert np.isfinite(g_losses).all()
    zero = torch.zeros(9, 1)
    assert objective.g_loss_beside(zero, zero).item() == pytest.approx(-2 * math.log(2))

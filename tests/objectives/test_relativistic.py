"""Pairs: G's loss, who trains with it, and the landscape of two points of Sun et al. (2020)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models import mlp
from gan_viz.objectives import R1, Objective
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.relativistic import Relativistic
from gan_viz.training import Gan, Settings, Training
from gan_viz.training.loop import kind_of
from gan_viz.training.tensor_game import Batch, TensorGame

STATES = {"perfect": [0, 1], "one matched": [0, 2], "collapsed": [0, 0]}
"""Where G's two points are: on the data, which is 0 and 1, or at 2."""


def best_value(objective: Objective, made: list[int], scale: float, *, all_pairs: bool) -> float:
    """The supremum over D, which may say anything at each place, of ``-scale L_D``."""
    first, second = ([0, 0, 1, 1], made * 2) if all_pairs else ([0, 1], made)

    def loss(d: np.ndarray) -> tuple[float, np.ndarray]:
        outputs = torch.tensor(d, requires_grad=True)
        value = objective.d_loss(outputs[first], outputs[second])
        (slope,) = torch.autograd.grad(value, outputs)
        return value.item(), slope.numpy()

    found = minimize(loss, [0.3, -0.2, 0.1], jac=True, options={"gtol": 1e-9, "maxiter": 2000})
    return -scale * float(found.fun)


@pytest.mark.parametrize(
    ("objective", "scale", "all_pairs", "values"),
    [
        (NonSaturating(), 0.5, False, (-0.6931, -0.3466, -0.4774)),
        (Relativistic(), 1.0, False, (-0.6931, -0.3466, -0.3466)),
        (Relativistic(), 1.0, True, (-0.6931, -0.1733, -0.3466)),
    ],
)
def test_the_landscape_of_two_points(
    objective: Objective, scale: float, all_pairs: bool, values: tuple[float, ...]
) -> None:
    for made, value in zip(STATES.values(), values, strict=True):
        assert best_value(objective, made, scale, all_pairs=all_pairs) == pytest.approx(
            value, abs=2e-4
        )


def test_the_losses_are_those_of_the_pairs() -> None:
    real, fake = torch.randn(2, 50, 1, generator=torch.Generator().manual_seed(1))
    objective = Relativistic()
    sigmoid = 1 / (1 + np.exp(-(real - fake).double().numpy()))
    assert objective.d_loss(real, fake).item() == pytest.approx(-np.log(sigmoid).mean(), rel=1e-5)
    assert objective.g_loss_beside(fake, real).item() == pytest.approx(
        -np.log(1 - sigmoid).mean(), rel=1e-5
    )
    zero = torch.zeros(9, 1)
    assert objective.d_loss(zero, zero).item() == pytest.approx(objective.equilibrium["d_loss"])
    assert objective.g_loss_beside(zero, zero).item() == pytest.approx(math.log(2))


def test_both_penalties_are_half_the_squared_slopes() -> None:
    real, fake = torch.randn(2, 7, 3, generator=torch.Generator().manual_seed(2))

    def d(x: torch.Tensor) -> torch.Tensor:
        return (x**3).sum(dim=1, keepdim=True)

    penalty = Relativistic(0.8).penalty(d, real, fake, torch.rand)
    slopes = [(3 * x**2).square().sum(dim=1) for x in (real, fake)]
    assert torch.allclose(penalty, 0.4 * (slopes[0] + slopes[1]))


@pytest.mark.parametrize("gamma", [0.0, -1.0, math.nan])
def test_a_weight_that_is_none(gamma: float) -> None:
    with pytest.raises(UsageError, match="above 0"):
        Relativistic(gamma)


class Paired(Objective):
    """G follows the difference of squares, which no g_loss could know."""

    name, formula, output = "paired", "L_D, L_G", "critic"

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return (fake - real).mean()

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        raise AssertionError("G is trained beside real samples")

    def g_loss_beside(self, fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        return (fake - real).square().mean()


def networks(seed: int) -> tuple[nn.Module, nn.Module]:
    source = torch.Generator().manual_seed(seed)
    return mlp(1, (4,), 1, "tanh", source), mlp(1, (4,), 1, "tanh", source)


def gan(objective: Objective, seed: int = 0) -> Gan:
    rng = np.random.default_rng(seed)

    def draw(n: int) -> np.ndarray:
        return rng.normal(1, 1, (n, 1)).astype(np.float32)

    how = Settings(steps=3, batch=8, g_steps=2, optimizer="sgd", g_lr=0.1, d_lr=0.1)
    return Gan(*networks(seed), objective, how, draw, draw)


def test_who_compares_is_trained_by_autograd() -> None:
    assert Paired().paired
    assert R1(Paired(), 1.0).paired
    assert not R1(NonSaturating(), 1.0).paired
    kind = kind_of(gan(Paired()))
    assert kind is not None
    assert kind[0] == "autograd"  # type: ignore[index]


@pytest.mark.parametrize("objective", [Paired(), Relativistic(0.3), R1(Relativistic(0.3), 0.2)])
def test_stacks_and_modules_play_the_same_game(objective: Objective) -> None:
    stacked = gan(objective)
    losses = Training([stacked, gan(objective, 1)]).advance(3)
    dealt = gan(objective)
    alone = Training([dealt]).advance(3)
    for one, other in zip(losses, alone, strict=True):
        assert np.allclose(one[0], other[0], rtol=1e-4)
    g, d = networks(0)
    game = TensorGame(g, d, objective, dealt.settings)
    real, z = torch.randn(2, 8, 1, generator=torch.Generator().manual_seed(3))
    before = [p.clone() for p in g.parameters()]
    figures = game.step(0, [Batch(real)], [Batch(z), Batch(z)])
    assert all(torch.isfinite(one) for one in figures.values())
    assert any(not torch.equal(a, b) for a, b in zip(before, g.parameters(), strict=True))


def test_g_moves_along_the_gradient_of_the_pairs() -> None:
    objective, (g, d) = Paired(), networks(4)
    real, z = torch.randn(2, 8, 1, generator=torch.Generator().manual_seed(5))
    how = Settings(steps=1, batch=8, optimizer="sgd", g_lr=0.1, d_lr=1e-12, betas=(0.0, 0.0))
    loss = (d(g(z)) - d(real).detach()).square().mean()
    slopes = torch.autograd.grad(loss, list(g.parameters()))
    expected = [p.detach() - 0.1 * s for p, s in zip(g.parameters(), slopes, strict=True)]
    TensorGame(g, d, objective, how).step(0, [Batch(real)], [Batch(z)])
    for found, wanted in zip(g.parameters(), expected, strict=True):
        assert torch.allclose(found, wanted, atol=1e-6)

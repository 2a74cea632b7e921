"""Gradient penalties against linear discriminators, finite differences and their own gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.objectives import R1, Objective
from gan_viz.objectives.base import Uniform
from gan_viz.objectives.hinge import Hinge
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.wgan import ClippedWasserstein
from gan_viz.objectives.wgan_gp import PenalizedWasserstein
from gan_viz.registry import OBJECTIVES
from gan_viz.training.tensor_game import uniform_like

SHAPES = [(6, 1), (6, 5), (6, 1, 4, 4), (6,)]
PENALTIES = [PenalizedWasserstein(), R1(NonSaturating(), 3.0), R1(PenalizedWasserstein(), 3.0)]


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def samples(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.randn(2, *shape, generator=source(9), dtype=torch.float64)
    return drawn[0], drawn[1]


def uniform(samples: torch.Tensor, seed: int = 0) -> Uniform:
    return uniform_like(samples, source(seed))


def value(objective: Objective, d: object, real: torch.Tensor, fake: torch.Tensor) -> float:
    penalty = objective.penalty(d, real, fake, uniform(real))  # type: ignore[arg-type]
    assert penalty is not None
    assert penalty.shape == (len(real),)
    return penalty.mean().item()


@pytest.mark.parametrize("weight", [0.1, 10.0])
@pytest.mark.parametrize("gammas", [(0.1,), (2.0, 3.0), (1e-9,), (50.0,)])
def test_a_slope_that_two_penalties_agree_on_is_the_equilibrium(
    weight: float, gammas: tuple[float, ...]
) -> None:
    objective: Objective = PenalizedWasserstein(weight)
    for gamma in gammas:
        objective = R1(objective, gamma)
    real, fake = samples(6, 1)

    def loss(slope: float) -> float:
        return value(objective, lambda x: slope * x, real, fake)

    least = minimize_scalar(loss, bounds=(0, 2), method="bounded", options={"xatol": 1e-9})
    assert objective.equilibrium["d_loss"] == pytest.approx(least.fun, rel=1e-6, abs=1e-12)


def test_the_known_equilibrium_of_both_penalties() -> None:
    assert R1(PenalizedWasserstein(0.1), 0.1).equilibrium["d_loss"] == pytest.approx(1 / 30)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_linear_d_has_one_slope_everywhere(shape: tuple[int, ...]) -> None:
    real, fake = samples(*shape)
    weights = torch.randn(shape[1:], generator=source(1), dtype=torch.float64)
    slope = weights.square().sum().sqrt().item()

    def d(x: torch.Tensor) -> torch.Tensor:
        return (x * weights).reshape(len(x), -1).sum(1, keepdim=True)

    expected = 10 * (slope - 1) ** 2
    assert value(PenalizedWasserstein(), d, real, fake) == pytest.approx(expected)
    assert value(PenalizedWasserstein(0.1), d, real, fake) == pytest.approx(expected / 100)
    assert value(R1(Hinge(), 4.0), d, real, fake) == pytest.approx(2 * slope**2)
    both = value(R1(PenalizedWasserstein(), 4.0), d, real, fake)
    assert both == pytest.approx(expected + 2 * slope**2)


@pytest.mark.parametrize("shape", SHAPES)
def test_wgan_gp_looks_between_the_samples(shape: tuple[int, ...]) -> None:
    """Each point lies on the line from a generated to its real sample, with a share of its own."""
    real, fake = samples(*shape)
    seen: list[torch.Tensor] = []

    def d(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.detach())
        return x.reshape(len(x), -1).sum(1)

    value(PenalizedWasserstein(), d, real, fake)
    shares = ((seen[0] - fake) / (real - fake)).reshape(len(real), -1).numpy()
    np.testing.assert_allclose(shares, shares[:, :1].repeat(shares.shape[1], 1), atol=1e-12)
    assert ((shares > 0) & (shares < 1)).all()
    assert len(set(shares[:, 0])) == len(real)


def test_in_one_dimension_a_wrong_slope_is_a_trap_while_samples_are_near() -> None:
    """A straight D that falls where it should rise stays so until they are 2 λ apart."""
    game, slopes = PenalizedWasserstein(2.0), np.linspace(-1.5, -0.01, 150)
    for distance, trapped in ((3.0, True), (5.0, False)):
        real, fake = torch.full((4, 1), distance), torch.zeros(4, 1)
        losses = []
        for slope in slopes:
            x, y = slope * real, slope * fake
            penalty = game.penalty(lambda x, slope=slope: slope * x, real, fake, uniform(real))
            losses.append((game.d_loss(x, y) + penalty.mean()).item())
        assert (np.argmin(losses) < len(losses) - 1) == trapped


def test_r1_looks_at_real_samples_alone() -> None:
    real, fake = samples(6, 1)
    # D(x) = x^3 / 3 has the slope x^2
    expected = 1.5 * (real**4).mean().item()
    assert value(R1(Hinge(), 3.0), lambda x: x**3 / 3, real, fake) == pytest.approx(expected)
    other = value(R1(Hinge(), 3.0), lambda x: x**3 / 3, real, 7 * fake)
    assert other == pytest.approx(expected)


@pytest.mark.parametrize("objective", PENALTIES, ids=lambda objective: objective.name)
def test_the_gradient_by_d_equals_finite_differences(objective: Objective) -> None:
    real, fake = samples(6, 3)
    torch_state = torch.get_rng_state()
    first, second = (
        torch.randn(*size, generator=source(2), dtype=torch.float64, requires_grad=True)
        for size in ((3, 8), (8, 1))
    )

    def penalty(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        result = objective.penalty(
            lambda x: torch.tanh(x @ first) @ second, real, fake, uniform(real)
        )
        assert result is not None
        return result.mean()

    assert torch.autograd.gradcheck(penalty, (first, second))
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_a_flat_d_gives_finite_gradients() -> None:
    d = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)).requires_grad_()
    for parameter in d.parameters():
        nn.init.zeros_(parameter)
    real, fake = torch.ones(5, 2), torch.zeros(5, 2)
    penalty = PenalizedWasserstein().penalty(d, real, fake, uniform(real)).mean()
    assert penalty.item() == pytest.approx(10)
    penalty.backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in d.parameters())


def test_the_same_source_draws_the_same_points() -> None:
    real, fake = samples(6, 3)

    def penalty(seed: int) -> list[float]:
        found = PenalizedWasserstein().penalty(lambda x: x**3, real, fake, uniform(real, seed))
        return found.tolist()

    assert penalty(1) == penalty(1) != penalty(2)


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_r1_leaves_the_rest_of_an_objective_alone(name: str) -> None:
    plain = OBJECTIVES[name]()
    objective = R1(plain, 10)
    real, fake = samples(6, 1)
    assert objective.d_loss(real, fake) == plain.d_loss(real, fake)
    assert objective.g_loss(fake) == plain.g_loss(fake)
    if name != "wgan-gp":  # which wants a slope of D
        assert objective.equilibrium == plain.equilibrium
    assert (objective.output, objective.clip) == (plain.output, plain.clip)
    assert objective.name == f"{name} + R1"
    assert objective.formula.startswith(plain.formula)
    assert objective.penalized


@pytest.mark.parametrize("name", ["hinge", "lsgan", "minimax", "non-saturating", "wgan"])
def test_the_others_have_no_penalty(name: str) -> None:
    real, fake = samples(6, 1)
    assert OBJECTIVES[name]().penalty(lambda x: x, real, fake, uniform(real)) is None
    assert not OBJECTIVES[name]().penalized


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan")])
def test_weights_that_mean_nothing_are_refused(wrong: float) -> None:
    with pytest.raises(UsageError, match=r"clip .* above 0"):
        ClippedWasserstein(wrong)
    with pytest.raises(UsageError, match=r"gradient penalty .* above 0"):
        PenalizedWasserstein(wrong)
    with pytest.raises(UsageError, match=r"R1 penalty .* above 0"):
        R1(Hinge(), wrong)

"""Every objective against its formula in double precision, and its derivatives against autograd."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.objectives import Objective
from gan_viz.objectives.base import OUTPUTS, numpy_softplus, weighted_sigmoid
from gan_viz.registry import OBJECTIVES

LOGITS = hnp.arrays(np.float32, (1, 7), elements=st.floats(-30, 30, width=32))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def logistic(real: np.ndarray, fake: np.ndarray) -> float:
    return float(-np.log(sigmoid(real)).mean() - np.log1p(-sigmoid(fake)).mean())


# The formulas as the papers write them: the losses of D and of G on D's outputs.
FORMULAS = {
    "hinge": (
        lambda r, f: np.maximum(0, 1 - r).mean() + np.maximum(0, 1 + f).mean(),
        lambda f: -f.mean(),
    ),
    "instance-noise": (logistic, lambda f: -np.log(sigmoid(f)).mean()),
    "lsgan": (
        lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2,
        lambda f: ((f - 1) ** 2).mean() / 2,
    ),
    "minimax": (logistic, lambda f: np.log1p(-sigmoid(f)).mean()),
    "non-saturating": (logistic, lambda f: -np.log(sigmoid(f)).mean()),
    "pacgan": (logistic, lambda f: -np.log(sigmoid(f)).mean()),
    "relativistic": (
        lambda r, f: -np.log(sigmoid(r - f)).mean(),
        lambda f: -np.log(sigmoid(f)).mean(),
    ),
    "unrolled": (logistic, lambda f: np.log1p(-sigmoid(f)).mean()),
    "wgan": (lambda r, f: f.mean() - r.mean(), lambda f: -f.mean()),
    "wgan-gp": (lambda r, f: f.mean() - r.mean(), lambda f: -f.mean()),
}
# What an optimal D puts out where p_g = p_data: any constant for critics, for hinge within -1..1.
OPTIMAL = {"lsgan": 0.5, "relativistic": 0.0, "wgan": 3.0, "wgan-gp": -2.0, "hinge": -0.25}
BUILT_IN = sorted(FORMULAS)
PROBABILISTIC = ["instance-noise", "lsgan", "minimax", "non-saturating", "pacgan", "unrolled"]
"""Those whose best D is the share of real samples, as a logit or as it is."""


@pytest.fixture(params=sorted(OBJECTIVES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_contract(name: str) -> None:
    objective = OBJECTIVES[name]()
    assert isinstance(objective, Objective)
    assert objective.name == name
    assert "L_D" in objective.formula
    assert "L_G" in objective.formula
    assert set(objective.equilibrium) <= {"d_loss", "g_loss"}
    assert objective.output in OUTPUTS
    assert type(objective)(**objective.toy_arguments()).name == name


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("shape", [(50, 1), (50,), (50, 1, 1, 1)])
def test_formula(name: str, shape: tuple[int, ...]) -> None:
    real, fake = np.random.default_rng(0).normal(0, 2, (2, *shape))
    objective = OBJECTIVES[name]()
    d_loss, g_loss = FORMULAS[name]
    ours = objective.d_loss(torch.from_numpy(real), torch.from_numpy(fake))
    assert ours.shape == ()
    assert float(ours) == pytest.approx(d_loss(real, fake), rel=1e-12)
    ours = objective.g_loss(torch.from_numpy(fake))
    assert ours.shape == ()
    assert float(ours) == pytest.approx(g_loss(fake), rel=1e-12)


@pytest.mark.parametrize("name", BUILT_IN)
def test_equilibrium(name: str) -> None:
    """The losses of an optimal D where it cannot tell the samples apart."""
    objective = OBJECTIVES[name]()
    outputs = torch.full((5, 1), OPTIMAL.get(name, 0.0))
    losses = {
        "d_loss": objective.d_loss(outputs, outputs),
        "g_loss": objective.g_loss_beside(outputs, outputs),
    }
    for loss, value in objective.equilibrium.items():
        assert float(losses[loss]) == pytest.approx(value)


@pytest.mark.parametrize("name", ["hinge", *PROBABILISTIC])
def test_no_other_output_does_better_at_equilibrium(name: str) -> None:
    """D's loss at a constant output is convex and least at the value that is stated."""
    objective = OBJECTIVES[name]()
    grid = torch.linspace(-3, 3, 601, dtype=torch.float64)
    least = min(float(objective.d_loss(c, c)) for c in grid)
    assert least == pytest.approx(objective.equilibrium["d_loss"], abs=1e-12)


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_the_optimal_d_is_the_share_of_real_samples(name: str) -> None:
    """Where 3 of 4 samples are real, D's best output means 3/4."""
    objective = OBJECTIVES[name]()
    d = torch.zeros((), dtype=torch.float64, requires_grad=True)
    for _ in range(300):
        # three real for one generated: the loss's two means, weighted by hand
        one = objective.d_loss(d, torch.tensor(0.0)) - objective.d_loss(
            torch.tensor(0.0), torch.tensor(0.0)
        )
        other = objective.d_loss(torch.tensor(0.0), d)
        (slope,) = torch.autograd.grad(3 * one + other, d)
        d = (d - 0.3 * slope).detach().requires_grad_()
    share = torch.sigmoid(d) if objective.output == "logit" else d
    assert share.item() == pytest.approx(0.75, abs=1e-6)


class Autograd(Objective):
    """The same losses, without the closed form."""

    formula = ""

    def __init__(self, objective: Objective) -> None:
        self.objective, self.name = objective, objective.name

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return self.objective.d_loss(real, fake)

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        return self.objective.g_loss(fake)


class Unbatchable(Autograd):
    """`torch.vmap` refuses it."""

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        return super().g_loss(fake) * (1.0 if fake.mean().item() > -1e9 else 0.0)


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
@given(real=LOGITS, fake=LOGITS)
def test_slopes_are_those_of_autograd(name: str, real: np.ndarray, fake: np.ndarray) -> None:
    objective = OBJECTIVES[name]()
    slopes = np.empty((3, 1, 7), np.float32)
    objective.d_slopes(real, fake, slopes[0], slopes[1])
    objective.g_slopes(fake, slopes[2])

    x = torch.from_numpy(real.astype(np.float64)).requires_grad_()
    y = torch.from_numpy(fake.astype(np.float64)).requires_grad_()
    loss = objective.d_loss(x, y)
    np.testing.assert_allclose(objective.d_losses(real, fake), [loss.item()], rtol=1e-5, atol=1e-6)
    expected = torch.autograd.grad(loss, [x, y])
    for slope, gradient in zip(slopes[:2], expected, strict=True):
        np.testing.assert_allclose(slope, gradient.numpy(), rtol=1e-4, atol=1e-7)

    loss = objective.g_loss(y)
    np.testing.assert_allclose(objective.g_losses(fake), [loss.item()], rtol=1e-5, atol=1e-6)
    (gradient,) = torch.autograd.grad(loss, [y])
    np.testing.assert_allclose(slopes[2], gradient.numpy(), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("kind", [None, Autograd, Unbatchable])
def test_each_batch_has_its_own_loss(name: str, kind: type[Autograd] | None) -> None:
    """Over leading axes, and in views, everything is what it is batch by batch."""
    outputs = np.random.default_rng(0).normal(0, 2, (3, 2, 14)).astype(np.float32)
    real, fake = outputs[..., :7], outputs[..., 7:]
    objective: Objective = OBJECTIVES[name]()
    together = objective if kind is None else kind(objective)
    slopes, alone = np.empty((3, 3, 2, 7), np.float32), np.empty((3, 1, 7), np.float32)
    together.d_slopes(real, fake, slopes[0], slopes[1])
    together.g_slopes(fake, slopes[2])
    d_losses, g_losses = together.d_losses(real, fake), together.g_losses(fake)
    assert d_losses.shape == g_losses.shape == (3, 2)
    for at in np.ndindex(3, 2):
        x, y = real[at][None], fake[at][None]
        objective.d_slopes(x, y, alone[0], alone[1])
        objective.g_slopes(y, alone[2])
        losses = objective.d_losses(x, y)[0], objective.g_losses(y)[0]
        np.testing.assert_allclose((d_losses[at], g_losses[at]), losses, rtol=1e-5)
        np.testing.assert_allclose(slopes[:, *at], alone[:, 0], rtol=1e-5, atol=1e-8)


def test_extreme_logits_do_not_overflow() -> None:
    x, sigmoid = np.float32([[-1e4, -100, 0, 100, 1e4]]), np.empty((1, 5), np.float32)
    weighted_sigmoid(x, 1, 0, sigmoid)
    assert sigmoid.tolist() == [[0, 0, 0.5, 1, 1]]
    np.testing.assert_allclose(numpy_softplus(x), [[0, 0, math.log(2), 100, 1e4]], atol=1e-30)

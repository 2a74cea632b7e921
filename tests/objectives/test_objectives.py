"""Every objective against its formula in double precision, and its derivatives against autograd."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.objectives import ClosedForm, Objective
from gan_viz.objectives.base import numpy_sigmoid, numpy_softplus
from gan_viz.registry import OBJECTIVES

LOGITS = hnp.arrays(np.float32, (1, 7), elements=st.floats(-30, 30, width=32))

# The formulas as the papers write them, on probabilities.
FORMULAS = {
    "minimax": (
        lambda p, q: -np.log(p).mean() - np.log1p(-q).mean(),
        lambda q: np.log1p(-q).mean(),
    ),
    "non-saturating": (
        lambda p, q: -np.log(p).mean() - np.log1p(-q).mean(),
        lambda q: -np.log(q).mean(),
    ),
}


@pytest.fixture(params=sorted(OBJECTIVES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_contract(name: str) -> None:
    objective = OBJECTIVES[name]()
    assert isinstance(objective, Objective)
    assert objective.name == name
    assert "L_D" in objective.formula
    assert "L_G" in objective.formula
    assert set(objective.equilibrium) == {"d_loss", "g_loss"}


def test_every_objective_has_its_formula_here() -> None:
    assert set(FORMULAS) == set(OBJECTIVES)


def test_formula(name: str) -> None:
    logits = np.random.default_rng(0).normal(0, 2, (2, 50))
    p, q = 1 / (1 + np.exp(-logits))
    real, fake = map(torch.from_numpy, logits)
    objective = OBJECTIVES[name]()
    d_loss, g_loss = FORMULAS[name]
    assert float(objective.d_loss(real, fake)) == pytest.approx(d_loss(p, q), rel=1e-12)
    assert float(objective.g_loss(fake)) == pytest.approx(g_loss(q), rel=1e-12)


def test_equilibrium(name: str) -> None:
    """Where D is 1/2 everywhere its logits are 0."""
    objective = OBJECTIVES[name]()
    zero = torch.zeros(5, 1)
    assert float(objective.d_loss(zero, zero)) == pytest.approx(objective.equilibrium["d_loss"])
    assert float(objective.g_loss(zero)) == pytest.approx(objective.equilibrium["g_loss"])


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
@given(real=LOGITS, fake=LOGITS)
def test_closed_form_equals_autograd(name: str, real: np.ndarray, fake: np.ndarray) -> None:
    objective = OBJECTIVES[name]()
    assert isinstance(objective, ClosedForm)
    errors = np.empty((3, 1, 7), np.float32)
    d_loss = objective.d_errors(real, fake, errors[0], errors[1])
    g_loss = objective.g_errors(fake, errors[2])

    x = torch.from_numpy(real.astype(np.float64)).requires_grad_()
    y = torch.from_numpy(fake.astype(np.float64)).requires_grad_()
    loss = objective.d_loss(x, y)
    np.testing.assert_allclose(d_loss, loss.item(), rtol=1e-5, atol=1e-6)
    expected = torch.autograd.grad(loss, [x, y])
    for error, gradient in zip(errors[:2], expected, strict=True):
        np.testing.assert_allclose(error, gradient.numpy(), rtol=1e-4, atol=1e-7)

    loss = objective.g_loss(y)
    np.testing.assert_allclose(g_loss, loss.item(), rtol=1e-5, atol=1e-6)
    (gradient,) = torch.autograd.grad(loss, [y])
    np.testing.assert_allclose(errors[2], gradient.numpy(), rtol=1e-4, atol=1e-7)


def test_extreme_logits_do_not_overflow() -> None:
    x = np.float32([[-1e4, -100, 0, 100, 1e4]])
    assert numpy_sigmoid(x).tolist() == [[0, 0, 0.5, 1, 1]]
    np.testing.assert_allclose(numpy_softplus(x), [[0, 0, math.log(2), 100, 1e4]], atol=1e-30)

"""Pushes on generated samples against autograd of the objectives themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from gan_viz.analysis import push
from gan_viz.errors import UnknownNameError
from gan_viz.registry import OBJECTIVES

X = np.linspace(-3.0, 5.0, 81)
AT = X[5:-5:7]
CRITICS = ("hinge", "wgan", "wgan-gp")


def parabola(x: torch.Tensor) -> torch.Tensor:
    """A D whose slopes are found exactly by central differences."""
    return 0.4 * x * x - 1.3 * x - 0.7


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_is_the_negative_gradient_of_the_loss_of_g(name: str) -> None:
    at = torch.tensor(AT, requires_grad=True)
    loss = OBJECTIVES[name]().g_loss(parabola(at)) * len(AT)
    (gradient,) = torch.autograd.grad(loss, at)
    found = push(parabola(torch.from_numpy(X)).numpy(), X, AT, name)
    assert np.allclose(found, -gradient.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["minimax", "non-saturating"])
def test_recorded_probabilities_are_turned_into_logits(name: str) -> None:
    scores = parabola(torch.from_numpy(X)).numpy()
    expected = push(scores, X, AT, name)
    assert np.allclose(push(expit(scores), X, AT, name, "probability"), expected, rtol=1e-6)
    assert not np.allclose(push(expit(scores), X, AT, name), expected, rtol=0.1)


def test_probabilities_of_least_squares_are_the_scores() -> None:
    scores = parabola(torch.from_numpy(X)).numpy()
    found = push(scores, X, AT, "lsgan", "probability")
    assert np.array_equal(found, push(scores, X, AT, "lsgan"))


@given(st.lists(st.floats(-50, 50), min_size=len(X), max_size=len(X)))
def test_what_one_game_withholds_the_other_gives(scores: list[float]) -> None:
    both = push(scores, X, AT, "minimax") + push(scores, X, AT, "non-saturating")
    assert np.allclose(both, push(scores, X, AT, "wgan"), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", CRITICS)
def test_critics_push_along_their_slope(name: str) -> None:
    assert np.allclose(push(3 * X - 1, X, AT, name, "critic"), 3.0)


def test_the_push_of_minimax_vanishes_where_d_is_sure() -> None:
    sure = X - 20
    assert np.abs(push(sure, X, AT, "minimax")).max() < 1e-6
    assert push(sure, X, AT, "non-saturating") == pytest.approx(1.0, abs=1e-6)


def test_a_penalty_on_d_changes_nothing() -> None:
    assert np.array_equal(push(X * X, X, AT, "hinge + R1"), push(X * X, X, AT, "hinge"))


def test_nothing_is_known_beyond_x_or_of_a_single_point() -> None:
    assert np.isnan(push(X, X, [-3.1, 5.1, np.nan], "wgan")).all()
    assert np.isnan(push([1.0], [0.0], [0.0], "wgan")).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1.7e308])
def test_a_diverged_d_is_no_error(value: float) -> None:
    outputs = np.where(X < 1, value, -value)
    for name in OBJECTIVES:
        assert push(outputs, X, AT, name).shape == AT.shape


def test_an_unknown_objective_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"minmax.*minimax"):
        push(X, X, AT, "minmax")

"""Hand-written derivatives and Adam against autograd and torch.optim."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.models import mlp
from gan_viz.training.adam import Adam
from gan_viz.training.compiling import bind, compile_mlp, linear_layers
from gan_viz.training.stacks import ACTIVATIONS, Passes, Scratch, Stack


def stacked(networks: list[Any]) -> Stack:
    stack = Stack.of([each for each in map(compile_mlp, networks) if each is not None])
    assert len(stack.theta) == len(networks)
    for run, network in enumerate(networks):
        bind(network, stack, run)
    return stack


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@given(
    inputs=st.integers(1, 4),
    hidden=st.lists(st.integers(1, 9), max_size=3),
    samples=st.integers(1, 20),
    runs=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_equals_autograd(
    activation: str, inputs: int, hidden: list[int], samples: int, runs: int, seed: int
) -> None:
    source = torch.Generator().manual_seed(seed)
    networks = [mlp(inputs, hidden, 1, activation, source) for _ in range(runs)]
    stack = stacked(networks)
    x = torch.randn(runs, samples, inputs, generator=source, requires_grad=True)
    error = torch.randn(runs, samples, 1, generator=source)

    passes = Passes(stack, samples)
    passes.input[...] = x.detach().numpy().swapaxes(1, 2)
    outputs = passes.forward().swapaxes(1, 2).copy()
    by_input = passes.backward(error.numpy().swapaxes(1, 2).copy(), inputs=True).swapaxes(1, 2)

    expected = torch.stack([network(each) for network, each in zip(networks, x, strict=True)])
    expected.backward(error)
    np.testing.assert_allclose(outputs, expected.detach().numpy(), rtol=1e-4, atol=1e-5)
    assert x.grad is not None
    np.testing.assert_allclose(by_input, x.grad.numpy(), rtol=1e-3, atol=1e-5)
    for run, network in enumerate(networks):
        for gradient, layer in zip(stack.layer_gradients, linear_layers(network), strict=True):
            assert layer.weight.grad is not None
            assert layer.bias.grad is not None
            np.testing.assert_allclose(
                gradient[run, :, :-1], layer.weight.grad, rtol=1e-3, atol=1e-4
            )
            np.testing.assert_allclose(gradient[run, :, -1], layer.bias.grad, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("widths", [(1, 1), (3, 1), (2, 5, 1), (1, 16, 16, 1), (2, 3, 9, 4, 1)])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loaded", [True, False], ids=["torch", "numpy"])
def test_a_run_is_the_same_bit_for_bit_in_any_stack(
    widths: tuple[int, ...], name: str, loaded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not loaded:
        monkeypatch.delitem(sys.modules, "torch")
    rng = np.random.default_rng(0)
    size = sum(o * (i + 1) for i, o in pairwise(widths))
    theta = rng.normal(size=(19, size)).astype(np.float32)
    x = rng.normal(size=(19, widths[0], 70)).astype(np.float32)
    error = rng.normal(size=(19, 1, 70)).astype(np.float32)

    def passed(runs: slice) -> tuple[Any, ...]:
        stack = Stack(widths, theta[runs].copy(), ACTIVATIONS[name](0.2))
        passes = Passes(stack, 70)
        passes.input[...] = x[runs]
        outputs = passes.forward().copy()
        return outputs, passes.backward(error[runs], inputs=True), stack.gradient

    together = passed(slice(None))
    for run in (0, 7, 18):
        for ours, all_of_them in zip(passed(slice(run, run + 1)), together, strict=True):
            np.testing.assert_array_equal(ours[0], all_of_them[run])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_without_torch_the_numbers_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit, but for the derivative of tanh."""
    x = np.random.default_rng(0).normal(size=(2, 3, 50)).astype(np.float32)
    found = []
    for loaded in (True, False):
        if not loaded:
            monkeypatch.delitem(sys.modules, "torch")
        y, error = x.copy(), np.ones_like(x)
        activation = ACTIVATIONS[name](0.2)
        activation.over(y)()
        activation.back(y, error)()
        found.append((y, error))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    if name == "tanh":
        np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-6, atol=1e-7)
    else:
        np.testing.assert_array_equal(found[0][1], found[1][1])


def test_backward_without_weights_leaves_the_gradient_alone() -> None:
    stack = stacked([mlp(1, [4])])
    stack.gradient[:] = 7
    passes = Passes(stack, 3)
    passes.forward()
    passes.backward(np.ones((1, 1, 3), np.float32), weights=False, inputs=True)
    assert (stack.gradient == 7).all()


def test_narrower_passes_use_the_last_columns_of_wider_ones() -> None:
    stack = Stack((1, 3, 3, 1), np.linspace(-1, 1, 22, dtype=np.float32)[None], None)
    stack.activation = ACTIVATIONS["tanh"](0)
    scratch = Scratch(3 * 5)
    wider = Passes(stack, 5, scratch)
    narrower = Passes(stack, 2, scratch, wider)
    wider.input[...] = np.arange(5)
    expected = wider.forward()[..., 3:].copy()
    np.testing.assert_allclose(narrower.forward(), expected, rtol=1e-6)
    narrower.input[...] = 7
    assert wider.input.tolist() == [[[0, 1, 2, 7, 7]]]


def test_each_row_is_a_network_and_a_copy_is_independent() -> None:
    networks = [mlp(1, [2], activation="relu") for _ in range(2)]
    stack = stacked(networks)
    twin = Stack.of([stack])
    stack.theta[1] = np.arange(7)
    assert networks[1][0].weight.tolist() == [[0], [2]]
    assert networks[1][0].bias.tolist() == [1, 3]
    assert networks[1][2].weight.tolist() == [[4, 5]]
    assert stack.layers[1][1].tolist() == [[4, 5, 6]]
    assert (twin.theta == twin.theta[0]).all()


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.9), (0.5, 0.99)])
@pytest.mark.parametrize("eps", [1e-8, 1e-3])
def test_adam_equals_torch(betas: tuple[float, float], eps: float) -> None:
    rng = np.random.default_rng(0)
    theta, gradient = rng.standard_normal((2, 40)).astype(np.float32)
    parameter = torch.nn.Parameter(torch.from_numpy(theta.copy()))
    theirs = torch.optim.Adam([parameter], lr=0.01, betas=betas, eps=eps)
    ours = Adam(theta, gradient, 0.01, betas, eps)
    for step in range(50):
        gradient[:] = rng.standard_normal(40) * (step % 7)
        parameter.grad = torch.from_numpy(gradient.copy())
        theirs.param_groups[0]["lr"] = 0.01 * (1 - step / 50)
        theirs.step()
        ours.step(1 - step / 50)
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-4, atol=1e-6)

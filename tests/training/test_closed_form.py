"""Hand-written derivatives and Adam against autograd and torch.optim."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.models import mlp
from gan_viz.training.closed_form import ACTIVATIONS, Adam, Workspace
from gan_viz.training.compiling import compile_mlp


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@given(
    inputs=st.integers(1, 4),
    hidden=st.lists(st.integers(1, 9), max_size=3),
    samples=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_equals_autograd(
    activation: str, inputs: int, hidden: list[int], samples: int, seed: int
) -> None:
    source = torch.Generator().manual_seed(seed)
    network = mlp(inputs, hidden, 1, activation, source)
    compiled = compile_mlp(network)
    assert compiled is not None
    x = torch.randn(samples, inputs, generator=source, requires_grad=True)
    error = torch.randn(samples, 1, generator=source)

    work = Workspace(compiled, samples)
    work.input[...] = x.detach().numpy().T
    outputs = work.forward().T.copy()
    by_input = work.backward(error.numpy().T.copy(), weights=True, inputs=True).T.copy()

    expected = network(x)
    expected.backward(error)
    np.testing.assert_allclose(outputs, expected.detach().numpy(), rtol=1e-4, atol=1e-5)
    assert x.grad is not None
    np.testing.assert_allclose(by_input, x.grad.numpy(), rtol=1e-3, atol=1e-5)
    linear = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
    for gradient, layer in zip(compiled.layer_gradients, linear, strict=True):
        assert layer.weight.grad is not None
        assert layer.bias.grad is not None
        np.testing.assert_allclose(gradient[:, :-1], layer.weight.grad, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(gradient[:, -1], layer.bias.grad, rtol=1e-3, atol=1e-4)


def test_backward_without_weights_leaves_the_gradient_alone() -> None:
    compiled = compile_mlp(mlp(1, [4]))
    assert compiled is not None
    compiled.gradient[:] = 7
    work = Workspace(compiled, 3)
    work.forward()
    work.backward(np.ones((1, 3), np.float32), weights=False, inputs=True)
    assert (compiled.gradient == 7).all()


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


def test_a_copy_is_independent() -> None:
    compiled = compile_mlp(mlp(1, [4]))
    assert compiled is not None
    twin = compiled.copy()
    twin.theta += 1
    assert (twin.layers[0] == compiled.layers[0] + 1).all()

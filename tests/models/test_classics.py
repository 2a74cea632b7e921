"""The networks of the classic demonstrations."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.models.classics import AYLIEN, JANG, KREMERJ, RADFORD, Architecture, Gain

# Weights and biases, layer by layer.
SIZES = {
    "radford": (RADFORD, *2 * [2048 + 2 * 2048 + 2048 * 2048 + 2 * 2048 + 2048]),
    "jang": (JANG, *2 * [(1 + 1) * 6 + (6 + 1) * 5 + (5 + 1)]),
    "aylien": (AYLIEN, (1 + 1) * 4 + (4 + 1), (1 + 1) * 8 + 2 * (8 + 1) * 8 + (8 + 1)),
    "kremerj": (KREMERJ, *2 * [(1 + 1) * 4 + (4 + 1)]),
}
SMALL = [JANG, AYLIEN, KREMERJ]


def sources(seed: int = 0) -> tuple[torch.Generator, torch.Generator]:
    return torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed + 100)


def linear(network: nn.Sequential) -> list[nn.Linear]:
    return [layer for layer in network if isinstance(layer, nn.Linear)]


def names(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


@pytest.mark.parametrize("name", SIZES)
def test_parameters(name: str) -> None:
    architecture, *sizes = SIZES[name]
    networks = architecture.build(sources())
    assert [sum(p.numel() for p in n.parameters()) for n in networks] == sizes
    assert sizes[0] == {"radford": 4_206_592, "jang": 53, "aylien": 13, "kremerj": 13}[name]


def test_layers() -> None:
    g, d = RADFORD.build(sources(), [3, 3])
    assert names(g) == [*2 * ["Linear", "Gain", "LeakyReLU"], "Linear"]
    assert names(d) == ["Linear", "Gain", "ReLU", "Linear", "Gain", "Tanh", "Linear"]
    g, d = JANG.build(sources())
    assert names(g) == [*3 * ["Linear", "Tanh"], "Affine"]
    assert names(d) == [*3 * ["Linear", "Tanh"], "Hardtanh"]
    g, d = AYLIEN.build(sources())
    assert names(g) == ["Linear", "Softplus", "Linear"]
    assert names(d) == [*3 * ["Linear", "ReLU"], "Linear", "Sigmoid"]
    g, d = KREMERJ.build(sources())
    assert names(g) == names(d) == ["Linear", "ReLU", "Linear"]


def test_hidden_layers_have_gain_and_shift_instead_of_a_bias() -> None:
    g, _ = RADFORD.build(sources(), [5, 7])
    w1, gain1, shift1, w2, gain2, shift2, out = (p.detach().double() for p in g.parameters())
    z = torch.linspace(-1, 1, 9).double()[:, None]
    h = z @ w1.T * gain1 + shift1
    h = torch.where(h > 0, h, 0.2 * h) @ w2.T * gain2 + shift2
    expected = torch.where(h > 0, h, 0.2 * h) @ out.T
    torch.testing.assert_close(g(z.float()).double(), expected, rtol=1e-5, atol=1e-7)


def test_what_the_clamp_cuts_off_has_no_gradient() -> None:
    g, d = JANG.build(sources())
    x = torch.linspace(-5, 5, 101)[:, None].requires_grad_()
    p = d(x)
    (slope,) = torch.autograd.grad(p.sum(), x)
    torch.testing.assert_close(p, d[:-1](x).clamp(0.01, 0.99))
    inside = (p > 0.01) & (p < 0.99)
    assert inside.any()
    assert not inside.all()
    assert torch.equal(slope != 0, inside)
    made = g(x)
    assert made.dtype is torch.float32
    torch.testing.assert_close(made, 5 * g[:-1](x))


def test_without_its_head_d_ends_with_a_linear_layer() -> None:
    for architecture in SMALL:
        _, d = architecture.build(sources(), head=False)
        _, whole = architecture.build(sources())
        assert isinstance(d[-1], nn.Linear)
        assert torch.equal(d[-1].weight, linear(whole)[-1].weight)


@pytest.mark.parametrize("architecture", [JANG, AYLIEN])
def test_unit_normal_weights(architecture: Architecture) -> None:
    for network in architecture.build(sources(), [300, 300]):
        weights = torch.cat([layer.weight.flatten() for layer in linear(network)])
        assert weights.std().item() == pytest.approx(1, rel=0.02)
        assert weights.mean().item() == pytest.approx(0, abs=0.02)
        assert all(not layer.bias.any() for layer in linear(network))


def test_small_normal_weights() -> None:
    for network in RADFORD.build(sources(), [400, 400]):
        weights = torch.cat([layer.weight.flatten() for layer in linear(network)])
        gains = torch.cat([layer.gain for layer in network if isinstance(layer, Gain)])
        shifts = torch.cat([layer.shift for layer in network if isinstance(layer, Gain)])
        for values, mean in ((weights, 0), (gains, 1), (shifts, 0)):
            assert values.std().item() == pytest.approx(0.02, rel=0.1)
            assert values.mean().item() == pytest.approx(mean, abs=0.005)


def test_glorot_weights() -> None:
    for network in KREMERJ.build(sources(), [300]):
        for layer in linear(network):
            bound = math.sqrt(6 / 301)
            assert 0.95 * bound < layer.weight.abs().max() <= bound
            assert not layer.bias.any()


@pytest.mark.parametrize("architecture", [RADFORD, *SMALL])
def test_weights_come_from_the_sources_alone(architecture: Architecture) -> None:
    state = torch.get_rng_state()
    first, again, other = (architecture.build(sources(seed), [9]) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    for k in range(2):
        assert torch.equal(first[k][0].weight, again[k][0].weight)
        assert not torch.equal(first[k][0].weight, other[k][0].weight)


def test_other_widths_and_activations() -> None:
    g, d = AYLIEN.build(sources(), [5, 6, 7, 8], ("tanh", "elu"))
    assert [layer.out_features for layer in linear(g)] == [5, 6, 7, 8, 1]
    assert names(g) == [*4 * ["Linear", "Tanh"], "Linear"]
    assert names(d) == [*4 * ["Linear", "ELU"], "Linear", "Sigmoid"]
    g, d = RADFORD.build(sources(), [4])
    assert names(d) == ["Linear", "Gain", "ReLU", "Linear"]
    assert names(KREMERJ.build(sources(), [])[0]) == ["Linear"]


def test_bad_networks_are_refused() -> None:
    with pytest.raises(UsageError, match="positive"):
        JANG.build(sources(), [6, 0])
    with pytest.raises(UnknownNameError, match="did you mean 'tanh'"):
        JANG.build(sources(), activations=("tanh", "tanhh"))

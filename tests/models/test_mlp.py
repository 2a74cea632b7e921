"""The toy's networks."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.models import ACTIVATIONS, Affine, mlp


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_shapes_and_parameters(activation: str) -> None:
    network = mlp(3, [16, 8], 1, activation)
    assert network(torch.zeros(5, 3)).shape == (5, 1)
    assert sum(p.numel() for p in network.parameters()) == 3 * 16 + 16 + 16 * 8 + 8 + 8 + 1
    assert isinstance(network[-1], nn.Linear)


def test_no_hidden_layer_is_a_linear_map() -> None:
    network = mlp(1, [])
    assert len(network) == 1


def test_weights_come_from_the_generator_alone() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = mlp(1, [16], generator=torch.Generator().manual_seed(5))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1)
    again = mlp(1, [16], generator=torch.Generator().manual_seed(5))
    other = mlp(1, [16], generator=torch.Generator().manual_seed(6))
    assert torch.equal(first[0].weight, again[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)


def test_weights_are_distributed_as_torch_does_it() -> None:
    network = mlp(100, [2000], generator=torch.Generator().manual_seed(0))
    theirs = nn.Linear(100, 2000)
    for ours, other in ((network[0].weight, theirs.weight), (network[0].bias, theirs.bias)):
        assert ours.abs().max() <= 1 / math.sqrt(100)
        assert ours.std().item() == pytest.approx(other.std().item(), rel=0.05)


def test_bad_networks_are_refused() -> None:
    with pytest.raises(UsageError, match="positive"):
        mlp(1, [16, 0])
    with pytest.raises(UnknownNameError, match="did you mean 'tanh'"):
        mlp(1, [16], activation="tanhh")


def test_affine_keeps_what_single_precision_would_lose() -> None:
    to_data, back = Affine(1.7e9, 0.5), Affine(-1.7e9 / 0.5, 1 / 0.5, torch.float32)
    z = torch.linspace(-3, 3, 13)
    assert back(to_data(z)).dtype is torch.float32
    torch.testing.assert_close(back(to_data(z)), z, rtol=0, atol=1e-6)
    assert repr(Affine(1.0, 2.0)) == "Affine(shift=1, scale=2)"

"""The table of layers against networks counted by hand."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from gan_viz.models import summary
from gan_viz.registry import MODELS


def test_dcgan_layer_by_layer() -> None:
    g, d = MODELS["dcgan"].build(torch.Generator().manual_seed(0))
    assert [tuple(row) for row in summary(g, torch.zeros(2, 100, 1, 1))] == [
        ("ConvTranspose2d", (2, 512, 3, 3), 461_312),
        ("BatchNorm2d", (2, 512, 3, 3), 1024),
        ("ReLU", (2, 512, 3, 3), 0),
        ("ConvTranspose2d", (2, 256, 7, 7), 1_179_904),
        ("BatchNorm2d", (2, 256, 7, 7), 512),
        ("ReLU", (2, 256, 7, 7), 0),
        ("ConvTranspose2d", (2, 128, 14, 14), 524_416),
        ("BatchNorm2d", (2, 128, 14, 14), 256),
        ("ReLU", (2, 128, 14, 14), 0),
        ("ConvTranspose2d", (2, 1, 28, 28), 2049),
        ("Tanh", (2, 1, 28, 28), 0),
    ]
    rows = summary(d, torch.zeros(2, 1, 28, 28))
    sides = [row.shape[-1] for row in rows if row.name == "Conv2d"]
    assert sides == [14, 7, 3, 1]
    assert rows[-1] == ("Flatten", (2, 1), 0)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_rows_add_up(name: str) -> None:
    model = MODELS[name]
    networks = model.build(torch.Generator().manual_seed(0))
    labels = (torch.zeros(1, dtype=torch.long),) if model.conditional else ()
    inputs = torch.zeros(1, *model.latent_shape), torch.zeros(1, 1, 28, 28)
    for module, x in zip(networks, inputs, strict=True):
        rows = summary(module, x, *labels)
        assert sum(row.parameters for row in rows) == sum(p.numel() for p in module.parameters())


class Noisy(nn.Module):
    """Draws numbers even in evaluation mode, and learns a number beside its layers'."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3))
        self.layers = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x) + self.gain * torch.randn(3)


def test_the_network_stays_as_it_was() -> None:
    torch.manual_seed(0)
    network = Noisy()
    network.layers[1].eval()
    before = deepcopy(network.state_dict())
    flags = [layer.training for layer in network.modules()]
    state = torch.get_rng_state()
    rows = summary(network, torch.ones(1, 3))
    assert [row.parameters for row in rows] == [12, 6, 0, 3]
    assert torch.equal(torch.get_rng_state(), state)
    assert [layer.training for layer in network.modules()] == flags
    assert not any(layer._forward_hooks for layer in network.modules())
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_a_layer_used_twice_learns_once() -> None:
    layer = nn.Linear(3, 3)
    rows = summary(nn.Sequential(layer, nn.ReLU(), layer), torch.ones(2, 3))
    assert [tuple(row) for row in rows] == [
        ("Linear", (2, 3), 12),
        ("ReLU", (2, 3), 0),
        ("Linear", (2, 3), 0),
    ]

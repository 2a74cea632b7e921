"""Initial weights against the distributions they are said to have, and PyTorch's own."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models.initial import as_dcgan, as_torch, made
from gan_viz.registry import MODELS


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


LAYERS = {
    "linear": lambda: nn.Linear(300, 200),
    "convolution": lambda: nn.Conv2d(16, 64, 4),
    "transposed": lambda: nn.ConvTranspose2d(16, 64, 4),
    "embedding": lambda: nn.Embedding(200, 100),
    "batch norm": lambda: nn.BatchNorm1d(50),
}


@pytest.mark.parametrize("name", LAYERS)
def test_as_torch_does_it(name: str) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = LAYERS[name]()
    ours = made(LAYERS[name], source())
    assert ours.weight.shape == theirs.weight.shape
    assert ours.weight.mean().item() == pytest.approx(theirs.weight.mean().item(), abs=0.02)
    assert ours.weight.std().item() == pytest.approx(theirs.weight.std().item(), rel=0.02)
    assert ours.weight.max().item() == pytest.approx(theirs.weight.max().item(), rel=0.2)
    if name != "embedding":
        assert ours.bias.abs().max().item() == pytest.approx(
            theirs.bias.abs().max().item(), rel=0.1
        )


def test_batch_norm_starts_neutral() -> None:
    layer = made(lambda: nn.BatchNorm2d(7), source())
    assert (layer.weight == 1).all()
    assert (layer.bias == 0).all()
    assert (layer.running_mean == 0).all()
    assert (layer.running_var == 1).all()
    assert layer.num_batches_tracked == 0


@pytest.mark.parametrize("name", ["dcgan", "dcgan-7x7", "wgan-conv", "wgan-gp-conv"])
def test_as_a_dcgan_does_it(name: str) -> None:
    networks = MODELS[name].build(source(1))
    gains = []
    for layer in (layer for module in networks for layer in module.modules()):
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            spread = 0.02 / math.sqrt(layer.weight.numel())
            assert layer.weight.mean().item() == pytest.approx(0, abs=5 * spread)
            assert layer.weight.std().item() == pytest.approx(0.02, abs=5 * spread)
        if isinstance(layer, nn.BatchNorm2d):
            gains.append(layer.weight)
            assert (layer.running_var == 1).all()
        if isinstance(getattr(layer, "bias", None), torch.Tensor):
            assert (layer.bias == 0).all()
    assert torch.cat(gains).mean().item() == pytest.approx(1, abs=0.003)
    assert torch.cat(gains).std().item() == pytest.approx(0.02, rel=0.1)


def test_other_layers_of_a_dcgan_are_drawn_as_torch_does_it() -> None:
    one, other = (made(LAYERS["linear"], source(), rule) for rule in (as_dcgan, as_torch))
    assert torch.equal(one.weight, other.weight)


def test_no_weight_is_left_to_chance() -> None:
    with pytest.raises(UsageError, match=r"PReLU.*no rule for initial weights"):
        made(lambda: nn.Sequential(nn.Linear(1, 1), nn.PReLU()), source())

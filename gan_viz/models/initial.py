"""Initial weights, drawn from a given source and never from the global random state."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.models.base import Networks, Shape

Module = TypeVar("Module", bound=nn.Module)
Rule = Callable[[nn.Module, torch.Generator], None]


def made(build: Callable[[], Module], source: torch.Generator, rule: Rule | None = None) -> Module:
    """Build a network as usual, with weights from a source on the CPU alone.

    What PyTorch draws for it is put back. The rule sets the weights of one layer: `as_torch` (by
    default) or `as_dcgan`. Raises UsageError if there is no rule for a layer.
    """
    # not on the meta device: to leave it, PyTorch imports half a second of symbolic algebra
    with torch.random.fork_rng(devices=[]):
        network = build()
    with torch.no_grad():
        for layer in network.modules():
            (rule or as_torch)(layer, source)
    return network


def made_both(
    g: Callable[[Shape], nn.Module],
    d: Callable[[Shape], nn.Module],
    source: torch.Generator,
    shape: Shape,
    rule: Rule | None = None,
) -> Networks:
    """Build G and then D for pictures of a shape (channels, height, width); see `made`."""
    return made(partial(g, shape), source, rule), made(partial(d, shape), source, rule)


def as_torch(layer: nn.Module, source: torch.Generator) -> None:
    """Draw what PyTorch itself would.

    ``U(-1/sqrt(fan_in), 1/sqrt(fan_in))`` for weights and biases of linear layers and
    convolutions, N(0, 1) for embeddings; 1 and 0 for batch normalization.
    """
    if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        # of a transposed convolution PyTorch takes the outputs for the inputs, and so do we
        bound = 1 / math.sqrt(layer.weight[0].numel())
        for parameter in layer.parameters(recurse=False):
            parameter.uniform_(-bound, bound, generator=source)
    elif isinstance(layer, nn.Embedding):
        layer.weight.normal_(generator=source)
    elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        layer.reset_parameters()  # draws nothing
    elif [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]:
        raise UsageError(f"layer {layer}: no rule for initial weights, add one here")


def as_dcgan(layer: nn.Module, source: torch.Generator) -> None:
    """Draw as for a DCGAN (Radford et al. 2016, section 4).

    N(0, 0.02) for the weights of convolutions and, as their published code has it, N(1, 0.02) for
    those of batch normalization; 0 for all biases. Other layers as in `as_torch`.
    """
    if isinstance(layer, nn.BatchNorm2d):
        layer.reset_parameters()
        layer.weight.normal_(1, 0.02, generator=source)
    elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        layer.weight.normal_(0, 0.02, generator=source)
        if layer.bias is not None:
            layer.bias.zero_()
    else:
        as_torch(layer, source)

"""What a network consists of: a row for each layer."""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn


class Layer(NamedTuple):
    """One layer of a network, at one place where data goes through it."""

    name: str
    """Its kind, e.g. ``"Linear"``."""
    shape: tuple[int, ...]
    """Of its output, the batch included."""
    parameters: int
    """How many numbers it learns; those shared with an earlier row are not counted again."""


def summary(module: nn.Module, *inputs: torch.Tensor) -> list[Layer]:
    """List the layers of a network in the order in which data goes through them.

    Each layer returns one tensor; containers are left out unless they learn something themselves. A
    copy of the network is run once in evaluation mode, on inputs on its device, so the network
    itself, its flags, its batch-norm statistics and the global random state of the CPU stay as they
    are.

    Examples
    --------
    >>> for layer in summary(nn.Sequential(nn.Linear(2, 3), nn.Tanh()), torch.zeros(5, 2)):
    ...     print(*layer)
    Linear (5, 3) 9
    Tanh (5, 3) 0
    """
    watched = deepcopy(module).eval()
    rows: list[Layer] = []
    counted: set[nn.Parameter] = set()

    def note(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        new = set(layer.parameters(recurse=False)) - counted
        counted.update(new)
        size = sum(parameter.numel() for parameter in new)
        rows.append(Layer(type(layer).__name__, tuple(output.shape), size))

    for layer in watched.modules():
        if not list(layer.children()) or list(layer.parameters(recurse=False)):
            layer.register_forward_hook(note)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        watched(*inputs)
    return rows

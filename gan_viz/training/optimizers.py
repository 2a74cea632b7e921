"""The optimizers a network can be trained with, in their fastest form."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import Optimizer

from gan_viz.errors import UnknownNameError

__all__ = ["OPTIMIZERS", "make_optimizer"]

OPTIMIZERS = ("adam", "rmsprop", "sgd")
"""By name. The momentum of ``sgd`` is the first of the betas; ``rmsprop`` is as PyTorch has it."""


def make_optimizer(
    name: str, module: nn.Module, rate: float, betas: tuple[float, float]
) -> Optimizer:
    """Make the optimizer of a network.

    Raises
    ------
    UnknownNameError
        There is no optimizer of that name.
    """
    if name not in OPTIMIZERS:
        raise UnknownNameError("optimizer", name, OPTIMIZERS)
    parameters = module.parameters()
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=rate, foreach=True)
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=betas[0], fused=True)
    first, second = map(float, betas)
    return torch.optim.Adam(parameters, lr=rate, betas=(first, second), fused=True)

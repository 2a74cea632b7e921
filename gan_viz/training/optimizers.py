"""The optimizers a network can be trained with, in their fastest form."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import Optimizer

from gan_viz.errors import UnknownNameError
from gan_viz.registry import OPTIMIZERS
from gan_viz.training.settings import Settings


def make_optimizer(
    name: str, module: nn.Module, rate: float, betas: tuple[float, float]
) -> Optimizer:
    """Make the optimizer of a network, by a name in `OPTIMIZERS`.

    The betas are the decay rates of Adam's moments; the first is the momentum of ``sgd``.
    ``rmsprop`` is as PyTorch has it. Raises UnknownNameError if there is no optimizer of that name.
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


def make_optimizers(
    generator: nn.Module, discriminator: nn.Module, settings: Settings
) -> tuple[Optimizer, Optimizer]:
    """Make the optimizers of G and of D; see `make_optimizer`."""
    name, betas = settings.optimizer, settings.betas
    return (
        make_optimizer(name, generator, settings.g_lr, betas),
        make_optimizer(name, discriminator, settings.d_lr, betas),
    )


def descend(optimizer: Optimizer, loss: torch.Tensor) -> None:
    """Make one update along the gradient of a loss."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def set_rates(
    optimizers: Iterable[Optimizer], settings: Settings, multipliers: Iterable[float]
) -> None:
    """Set the learning rates of G and of D to so much of those that the settings name."""
    rates = settings.g_lr, settings.d_lr
    for optimizer, rate, multiplier in zip(optimizers, rates, multipliers, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * multiplier

"""Running a network without leaving a trace in its training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["device_of", "evaluate", "watching"]


@contextmanager
def watching(*modules: nn.Module | None) -> Iterator[None]:
    """Evaluate networks in evaluation mode, without gradients, and put everything back.

    Training flags are restored module by module (a frozen batch norm inside a learning network
    stays frozen), batch-norm statistics are not updated, and the global random states of the CPU
    and of the networks' devices are as before. None is skipped.
    """
    import torch

    parts = [part for module in modules if module is not None for part in module.modules()]
    flags = [part.training for part in parts]
    devices = {p.device for part in parts for p in part.parameters() if p.device.type == "cuda"}
    try:
        for part in parts:
            part.training = False
        with torch.random.fork_rng(devices=list(devices)), torch.no_grad():
            yield
    finally:
        for part, flag in zip(parts, flags, strict=True):
            part.training = flag


def evaluate(module: nn.Module, *inputs: torch.Tensor | None) -> torch.Tensor:
    """What a network makes of its inputs, without gradients and without a trace.

    An input of None is left out, such as the labels of a network that takes none.
    """
    with watching(module):
        outputs: torch.Tensor = module(*(given for given in inputs if given is not None))
    return outputs


def device_of(module: nn.Module) -> torch.device:
    """Where a module's first parameter is; the CPU if it has none."""
    import torch

    return next((p.device for p in module.parameters()), torch.device("cpu"))

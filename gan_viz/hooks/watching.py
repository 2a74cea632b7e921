"""Running a network without leaving a trace in its training."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn


@contextmanager
def watching(*things: Any) -> Iterator[None]:
    """Evaluate networks in evaluation mode, without gradients, and put everything back.

    Everything that the networks, and functions that use some, hold or refer to is put back as
    `gan_viz.hooks.state.Kept` says: parameters, buffers, attributes, training flags module by
    module (a frozen batch norm inside a learning network stays frozen), generators of random
    numbers; and the global random states of torch, of the networks' devices, of NumPy and of
    Python. None is skipped.
    """
    with looking(*things) as modules:
        for module in modules:
            module.training = False
        yield


@contextmanager
def looking(*things: Any) -> Iterator[list[nn.Module]]:
    """The same in the mode in which the networks are; gives all modules that were found."""
    import torch

    from gan_viz.hooks.state import Kept

    with one_look() as states:
        states.keep()
        kept = Kept(*things)
        caches = torch.is_autocast_cache_enabled()
        try:
            # weights that autocast casts without gradients must not be used by the training
            torch.set_autocast_cache_enabled(False)
            with torch.random.fork_rng(devices=list(kept.accelerators)), torch.no_grad():
                yield kept.modules
        finally:
            torch.set_autocast_cache_enabled(caches)
            kept.put_back()


class _RandomStates:
    """The global random states of NumPy and Python, from when they are first used in a look."""

    def __init__(self) -> None:
        self._kept: tuple[Any, Any] | None = None

    def keep(self) -> None:
        if self._kept is None:
            self._kept = np.random.get_state(), random.getstate()  # noqa: NPY002  the user's

    def put_back(self) -> None:
        if self._kept is not None:
            np.random.set_state(self._kept[0])  # noqa: NPY002
            random.setstate(self._kept[1])


_LOOK: ContextVar[_RandomStates | None] = ContextVar("_LOOK", default=None)


@contextmanager
def one_look() -> Iterator[_RandomStates]:
    """Keep NumPy's state once for all evaluations within: reading and setting it takes 0.2 ms."""
    outer = _LOOK.get()
    if outer is not None:
        yield outer
        return
    states = _RandomStates()
    token = _LOOK.set(states)
    try:
        yield states
    finally:
        _LOOK.reset(token)
        states.put_back()


def evaluate(module: Callable[..., Any], *inputs: torch.Tensor | None) -> Any:
    """What a network makes of its inputs, without gradients and without a trace.

    An input of None is left out, such as the labels of a network that takes none.
    """
    with watching(module):
        return module(*(given for given in inputs if given is not None))


def settle(module: nn.Module | None) -> None:
    """Wait for what an accelerator still has to do, so that a look is not taken for as long.

    A frame waits for it anyway.
    """
    first = None if module is None else next(module.parameters(), None)
    if first is not None and first.is_cuda:
        import torch

        torch.cuda.synchronize(first.device)


def device_of(module: nn.Module) -> torch.device:
    """Where a module's first parameter is; the CPU if it has none."""
    import torch

    return next((p.device for p in module.parameters()), torch.device("cpu"))


def is_module(thing: Any) -> TypeGuard[nn.Module]:
    """Whether it is a `torch.nn.Module`; PyTorch is not loaded to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module)

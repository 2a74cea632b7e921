"""How large the gradients are that the networks learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.buffering import ScalarBuffer

if TYPE_CHECKING:
    import torch
    from torch import nn


class GradientsHook(Hook):
    """Record the L2 norms of the gradients of G and D, over all their parameters.

    Scalars: ``g_grad_norm`` and ``d_grad_norm``, every few steps; a network without gradients
    has none. The norms are computed where the gradients are and fetched later, many at a time.

    Parameters
    ----------
    g_optimizer, d_optimizer : torch.optim.Optimizer, optional
        With an optimizer, the norm is that of the gradient it updates with (its last update, if
        it makes several in a step). Without, that of ``.grad`` when ``recorder.step(...)`` is
        called: for D this includes what the backward pass of G's loss left there, unless the loop
        prevents that or sets it to zero.
    every : int
        Steps between two norms.

    Raises
    ------
    UsageError
        `every` is not positive.
    """

    @checked
    def __init__(
        self,
        g_optimizer: torch.optim.Optimizer | None = None,
        d_optimizer: torch.optim.Optimizer | None = None,
        every: int = 10,
    ) -> None:
        if every < 1:
            raise UsageError(f"every {every}: expected a positive whole number of steps")
        self.g_optimizer, self.d_optimizer, self.every = g_optimizer, d_optimizer, every
        self._handles: list[Any] = []

    def start(self, context: HookContext) -> None:
        """Look on at the optimizers, where they are given."""
        self._buffer = ScalarBuffer(context.writer)
        self._norms: dict[str, torch.Tensor] = {}
        self._unseen: dict[str, nn.Module] = {}
        self._due = self.every == 1
        self._watch("g_grad_norm", context.generator, self.g_optimizer)
        self._watch("d_grad_norm", context.discriminator, self.d_optimizer)

    def _watch(
        self, name: str, module: nn.Module | None, optimizer: torch.optim.Optimizer | None
    ) -> None:
        if module is None:
            return
        if optimizer is None:
            self._unseen[name] = module
            return

        def take(*_: Any) -> None:
            if self._due:  # the optimizer's own: a network that is drawn may be an average of them
                self._take(name, [p for group in optimizer.param_groups for p in group["params"]])

        self._handles.append(optimizer.register_step_pre_hook(take))

    def _take(self, name: str, parameters: Iterable[nn.Parameter]) -> None:
        norm = gradient_norm(parameters)
        if norm is not None:
            self._norms[name] = norm

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Hold the norms where they are due."""
        if step % self.every == 0:
            for name, module in self._unseen.items():
                self._take(name, module.parameters())
            self._buffer.hold(step, self._norms)
            self._norms = {}
        self._due = (step + 1) % self.every == 0

    def flush(self) -> None:
        """Write what is held."""
        self._buffer.flush()

    def close(self) -> None:
        """Leave the optimizers alone."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()


def gradient_norm(parameters: Iterable[nn.Parameter]) -> torch.Tensor | None:
    """The L2 norm of a gradient over all parameters, a float32 tensor; None if there is none.

    It is not fetched, so this does not wait for a device.
    """
    import torch

    gradients = [p.grad.detach() for p in parameters if p.grad is not None]
    if not gradients:
        return None
    parts = [torch.linalg.vector_norm(_values(g), dtype=_wide(g)) for g in gradients]
    norm: torch.Tensor = torch.linalg.vector_norm(torch.stack(parts))
    return norm


def _values(gradient: torch.Tensor) -> torch.Tensor:
    """A gradient's values; of a sparse one, as an embedding's may be, those that are stored."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient


def _wide(gradient: torch.Tensor) -> torch.dtype:
    """A type in which squares of gradients do not overflow."""
    import torch

    return torch.float64 if gradient.dtype == torch.float64 else torch.float32

"""Losses of many batches at once, and their slopes by autograd, for objectives without closed form.

A loss is a function of the outputs of one batch, shape (batch, 1), and may do with them what it
likes; `torch.vmap` makes it one of many batches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float32]
Loss = Callable[..., "torch.Tensor"]


def stacked_losses(loss: Loss, *outputs: torch.Tensor) -> torch.Tensor:
    """Losses of stacked batches: outputs of shape (rows, batch, 1), losses of shape (rows,)."""
    import torch

    if len(outputs[0]) > 1:
        try:
            batched: torch.Tensor = torch.vmap(loss)(*outputs)
        except (RuntimeError, ValueError):  # vmap refuses .item() and branches on values
            pass
        else:
            return batched
    return torch.stack([loss(*row) for row in zip(*outputs, strict=True)])


def losses_by_row(loss: Loss, *outputs: Array) -> Array:
    """Losses of batches along the last axis: arrays of shape (..., batch), losses of (...)."""
    import torch

    with torch.no_grad():
        losses = stacked_losses(loss, *map(_rows, outputs))
    return np.asarray(losses.numpy(), np.float32).reshape(outputs[0].shape[:-1])


def differentiate(loss: Loss, *outputs: Array) -> list[Array]:
    """Derivatives of the losses of batches along the last axis by the outputs, in their shapes."""
    import torch

    with torch.enable_grad():
        rows = [_rows(each).requires_grad_() for each in outputs]
        total: Any = stacked_losses(loss, *rows).sum()
        slopes = torch.autograd.grad(total, rows, materialize_grads=True)
    return [s.numpy().reshape(o.shape) for s, o in zip(slopes, outputs, strict=True)]


def _rows(outputs: Array) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(outputs).reshape(-1, outputs.shape[-1], 1))

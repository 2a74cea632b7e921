"""Signals over time: audio, series of several channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext

if TYPE_CHECKING:
    import torch

TIMES = 1024
"""Values of one channel that are recorded at most: more than there are pixels."""


class SignalsHook(Hook):
    """Record signals that G makes of the run's fixed latents.

    Channel: ``signals``, float32, shape ``(n, channels, t)``, with the attribute ``times``, how
    many values a channel had: of more than 1024 the lowest and the highest of each stretch are
    kept, in turn. Constant: ``real_signals``, likewise, where the recorder has real samples.

    Parameters
    ----------
    number : int
        Signals of each.
    channels_first : bool, optional
        Whether samples are ``(n, channels, t)``, not ``(n, t, channels)``; by default there are
        fewer channels than times.

    Raises
    ------
    UsageError
        There are to be none.
    """

    @checked
    def __init__(self, number: int = 6, channels_first: bool | None = None) -> None:
        if number < 1:
            raise UsageError(f"number {number}: expected a positive whole number of signals")
        self.number, self.channels_first = number, channels_first

    def start(self, context: HookContext) -> None:
        """Record real signals, declare the channel."""
        self._fixed = context.fixed
        first = self.on_frame(0)["signals"]
        if context.real is not None:
            context.writer.add_constant("real_signals", self._signals(context.real))
        times = _arranged(context.fixed.generated(0), self.channels_first).shape[2]
        context.writer.add_channel("signals", first.shape, "float32", times=times)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Ask G for its signals."""
        return {"signals": self._signals(self._fixed.generated(step))}

    def _signals(self, samples: torch.Tensor) -> NDArray[np.float32]:
        return as_signals(samples[: self.number], self.channels_first)


def as_signals(samples: torch.Tensor, channels_first: bool | None = None) -> NDArray[np.float32]:
    """Signals as they are recorded: shape ``(n, channels, t)``, at most `TIMES` values each.

    UsageError if samples have another shape than ``(n, t)``, ``(n, channels, t)`` or
    ``(n, t, channels)``.

    Examples
    --------
    >>> import torch
    >>> as_signals(torch.zeros(5, 24, 3)).shape, as_signals(torch.zeros(5, 1, 16384)).shape
    ((5, 3, 24), (5, 1, 1024))
    """
    values = _arranged(samples, channels_first).detach().float().cpu().numpy()
    n, channels, times = values.shape
    if times <= TIMES:
        return np.asarray(values)
    edges = np.linspace(0, times, TIMES // 2 + 1).astype(np.intp)[:-1]
    ends = [way.reduceat(values, edges, axis=2) for way in (np.minimum, np.maximum)]
    return np.asarray(np.stack(ends, axis=3).reshape(n, channels, -1))


def _arranged(samples: torch.Tensor, channels_first: bool | None) -> torch.Tensor:
    """Samples as ``(n, channels, t)``."""
    if samples.ndim == 2:
        return samples[:, None]
    if samples.ndim != 3 or 0 in samples.shape:
        raise UsageError(
            f"samples of shape {tuple(samples.shape)} are no signals: expected (n, channels, t), "
            "(n, t, channels) or (n, t); choose other hooks"
        )
    first = samples.shape[1] <= samples.shape[2] if channels_first is None else channels_first
    return samples if first else samples.transpose(1, 2)

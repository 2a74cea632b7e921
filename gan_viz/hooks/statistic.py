"""One number a sample, and how it is distributed: any samples as one-dimensional data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.distributions import target
from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.real import kind_of
from gan_viz.hooks.watching import watching

if TYPE_CHECKING:
    import torch


def mean_value(samples: torch.Tensor) -> torch.Tensor:
    """The mean of all values of each sample, shape (n,): of pictures, the mean intensity."""
    return samples.float().flatten(1).mean(1)


class StatisticHook(Hook):
    """Record the distribution of a statistic of G's samples, drawn beside that of the real ones.

    Channel: ``generator``, float32, shape ``(latents,)``: the statistic of what G makes of latents
    that cover their distribution evenly; the density panel draws it. Header: ``target``, the
    distribution of the statistic of the recorder's real samples, where it has some, and
    ``statistic``, its name. It takes the place of the distribution hook.

    Parameters
    ----------
    statistic : callable, optional
        Samples ``(n, ...)`` to numbers ``(n,)``; a network too. By default the recorder's `column`
        of rows of a table, and the mean of all else.
    name : str, optional
        What to call it in pictures.
    latents : int
        How many samples of G.
    """

    @checked
    def __init__(
        self,
        statistic: Callable[[torch.Tensor], torch.Tensor] | None = None,
        name: str | None = None,
        latents: int = 512,
    ) -> None:
        self.statistic, self.latents = statistic or mean_value, latents
        self.name = name or ("mean intensity" if statistic is None else "statistic")
        self._may_be_column = statistic is None

    def start(self, context: HookContext) -> None:
        """Fix the latents, describe the real samples, declare the channel."""
        self._watched = context.generate.things
        if self._may_be_column:
            self._choose_column(context)
        self._fixed = context.fixed.others(context.latent.stratified(self.latents))
        context.writer.add_channel("generator", self.on_frame(0)["generator"].shape, "float32")
        context.writer.update_header(statistic=self.name)
        if context.real is not None:
            known = target(self._measured(context.real).double().cpu().numpy()).describe()
            context.writer.update_header(target=known | {"label": self.name})

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Measure what G makes of the latents."""
        numbers = [self._measured(samples).cpu().numpy() for samples in self._fixed.chunks()]
        return {"generator": np.concatenate(numbers)}

    def _choose_column(self, context: HookContext) -> None:
        """Take a column, where samples are rows of a table."""
        shape, column = tuple(context.fixed.generated(0).shape), context.column
        if kind_of(shape, column) != "table":
            return
        if not -shape[1] <= (column or 0) < shape[1]:
            raise UsageError(f"column {column}: a sample has {shape[1]}, counted from 0")
        number = (column or 0) % shape[1]
        self.statistic, self.name = lambda rows: rows[:, number], f"column {number}"

    def _measured(self, samples: torch.Tensor) -> torch.Tensor:
        from torch import nn

        judge = self.statistic if isinstance(self.statistic, nn.Module) else None
        with watching(*self._watched, judge):
            numbers = self.statistic(samples)
        if getattr(numbers, "shape", None) != (len(samples),):
            raise RecordingError(
                f"the statistic {self.name!r} maps {tuple(samples.shape)} to "
                f"{tuple(getattr(numbers, 'shape', ()))}: expected one number a sample, "
                f"{(len(samples),)}"
            )
        return numbers.float()

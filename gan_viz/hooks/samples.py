"""The sample grid's raw material: G's pictures of fixed latents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.latents import GivenLatents
from gan_viz.hooks.pictures import PictureFormat

if TYPE_CHECKING:
    import torch

GRID_PICTURES = 64
"""Real pictures kept at most: a grid of 8 x 8."""
GRID_COLUMNS = 8
"""Columns of a grid without classes."""


class SamplesHook(Hook):
    """Record the pictures that G makes of the run's fixed latents.

    Channel: ``samples``, uint8, shape ``(n, h, w)`` or ``(n, h, w, 3)``, in the order of the
    latents, with the attributes ``columns``, how many a row of a grid has, and ``value_range``,
    the values that 0 and 255 stand for. Constants: ``real_samples``, likewise, at most 64, and
    ``real_labels``, shape ``(m,)``, where the recorder has them; ``sample_labels``, shape
    ``(n,)``, the classes a conditional G is asked for. Where the latents that were given are
    pictures of the same size, each is to the left of what becomes of it, and an attribute is
    ``pairs``.

    Parameters
    ----------
    value_range : (float, float) or "auto"
        The values drawn black and white; what lies outside is clipped, NaN is drawn black.
        ``"auto"``: (0, 1), (-1, 1) or (0, 255), whichever is the first that holds the real
        pictures, else their own range; without real ones (-1, 1) if G's first outputs have
        negative values, else (0, 1).
    shape : (int, int), optional
        Height and width of flat pictures; by default they are square and grey.

    Raises
    ------
    UsageError
        `value_range` is neither.
    """

    @checked
    def __init__(
        self,
        value_range: tuple[float, float] | str = "auto",
        shape: tuple[int, int] | None = None,
    ) -> None:
        self._format = PictureFormat(value_range, shape)

    def start(self, context: HookContext) -> None:
        """Fix the range, record what stays, declare the channel."""
        self._fixed = context.fixed
        first = context.fixed.generated(0)
        self._format.settle(context.real, first)
        self._sources = None
        if isinstance(context.latent, GivenLatents) and context.latent.chosen:
            self._sources = _pictures_in(context.fixed.latents, first)
        if context.real is not None and self._sources is None:
            context.writer.add_constant(
                "real_samples", self._format.bytes(context.real[:GRID_PICTURES])
            )
        if context.labels is not None:
            context.writer.add_constant(
                "real_labels", context.labels[:GRID_PICTURES].long().cpu().numpy()
            )
        labels = context.fixed.labels
        if labels is not None:
            context.writer.add_constant("sample_labels", labels.cpu().numpy())
        context.writer.add_channel(
            "samples",
            self._pictures(first).shape,
            "uint8",
            packed=True,
            columns=self._columns if labels is None else len(context.classes),
            value_range=list(self._format.value_range),
            **({} if self._sources is None else {"pairs": True}),
        )

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Let G make its pictures."""
        return {"samples": self._pictures(self._fixed.generated(step))}

    @property
    def _columns(self) -> int:
        return GRID_COLUMNS if self._sources is None else GRID_COLUMNS // 2

    def _pictures(self, made: torch.Tensor) -> NDArray[np.uint8]:
        pictures, sources = self._format.bytes(made), self._sources
        if sources is None:
            return pictures
        if sources.ndim != pictures.ndim:  # one is grey
            sources, pictures = (
                one if one.ndim == 4 else np.repeat(one[..., None], 3, axis=3)
                for one in (sources, pictures)
            )
        return np.concatenate([sources, pictures], axis=2)


def _pictures_in(latents: torch.Tensor, made: torch.Tensor) -> NDArray[np.uint8] | None:
    """The latents, if they are pictures as large as those that G makes of them."""
    pictures = latents.ndim == 4 and latents.shape[1] in (1, 3) and latents[0, 0].numel() > 1
    if not pictures or made.ndim != 4 or latents.shape[2:] != made.shape[2:]:
        return None
    given = PictureFormat()
    given.settle(latents, made)
    return given.bytes(latents)

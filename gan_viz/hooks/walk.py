"""The strip of pictures between two latents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.distributions import Latent
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.interpolation import lerp, slerp
from gan_viz.hooks.latents import LatentSource
from gan_viz.hooks.pictures import PictureFormat

WAYS = "slerp", "lerp"
SEED = 1
"""Not that of the sample grid's latents, so that the walks go elsewhere."""


class WalkHook(Hook):
    """Record what G makes of the latents on the way from one to another.

    Channel: ``walk``, uint8, shape ``(rows, length, h, w)`` or ``(rows, length, h, w, 3)``, with
    the attribute ``kind``: for each row ``"slerp"`` or ``"lerp"``, in turn. Each two rows have the
    same ends, so that the spherical and the straight way compare, and, where G is conditional, one
    class. Uniform latents take the spherical way by their normal quantiles. The latents are the
    same in every run.

    Parameters
    ----------
    rows : int
        How many walks.
    length : int
        Pictures of each, its two ends included.
    value_range, shape
        As `gan_viz.hooks.samples.SamplesHook` takes them.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    @checked
    def __init__(
        self,
        rows: int = 2,
        length: int = 10,
        value_range: tuple[float, float] | str = "auto",
        shape: tuple[int, int] | None = None,
    ) -> None:
        if rows < 1 or length < 2:
            raise UsageError(f"{rows} walks of {length} pictures: expected at least 1 of 2")
        self.length = length
        self.kinds = [WAYS[row % len(WAYS)] for row in range(rows)]
        self._format = PictureFormat(value_range, shape)

    def start(self, context: HookContext) -> None:
        """Fix the ways, declare the channel."""
        import torch

        self._format.settle(context.real, context.fixed.generated(0))
        self._fixed = context.fixed.others(self._latents(context))
        if self._fixed.labels is not None:  # one class for each pair of walks
            pairs = torch.arange(len(self.kinds), device=self._fixed.labels.device) // len(WAYS)
            self._fixed.labels = (pairs % len(context.classes)).repeat_interleave(self.length)
        shape = self.on_frame(0)["walk"].shape
        context.writer.add_channel("walk", shape, "uint8", packed=True, kind=self.kinds)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Let G make the pictures of all walks at once."""
        pictures = self._format.bytes(self._fixed.generated(step))
        return {"walk": pictures.reshape(len(self.kinds), self.length, *pictures.shape[1:])}

    def _latents(self, context: HookContext) -> NDArray[np.float32]:
        """The latents of all walks, shape (rows * length, ...)."""
        pairs = -(-len(self.kinds) // len(WAYS))
        one = tuple(context.fixed.latents.shape[1:])
        ends = context.latent.sample(2 * pairs, np.random.default_rng(SEED)).reshape(pairs, 2, *one)
        t = np.linspace(0, 1, self.length)
        walks = []
        for row, kind in enumerate(self.kinds):
            start, end = ends[row // len(WAYS)]
            walks.append(_way(kind, context.latent, start, end, t))
        return np.concatenate(walks).astype(np.float32)


def _way(
    kind: str, latent: LatentSource, start: NDArray[Any], end: NDArray[Any], t: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A way that no latent on it leaves the support of the others."""
    if kind == "lerp":
        return lerp(start, end, t)
    if not isinstance(latent, Latent):  # no distribution is known
        return slerp(start, end, t)
    return latent.from_normal(slerp(latent.as_normal(start), latent.as_normal(end), t))

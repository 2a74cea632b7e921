"""Latents that G is given at every frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.distributions import Latent
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["FixedLatents", "grid_latents"]

GRID_SAMPLES = 64
"""Samples in a grid: a square of 8 x 8."""
GRID_SAMPLES_WITH_CLASSES = 80
"""With classes, as many whole rows of them as fit into this."""
GRID_SEED = 0
CHUNK = 128
"""Samples that G makes at once, of many: more would take memory from the training."""


class FixedLatents:
    """Latents fixed for the whole run, and what G makes of them.

    Parameters
    ----------
    generator : torch.nn.Module
    latents : ndarray, shape (n, ...)
    shape : tuple of int
        Of one latent, as G takes it.
    classes : int
        Where G is told a class, how many there are; the k-th sample is of class ``k % classes``.

    Attributes
    ----------
    latents : torch.Tensor of the shape ``(n, *shape)``
        On G's device.
    labels : torch.Tensor or None, shape (n,)
        Classes asked for.
    """

    def __init__(
        self, generator: nn.Module, latents: NDArray[Any], shape: tuple[int, ...], classes: int = 0
    ) -> None:
        import torch

        device = device_of(generator)
        self.latents = torch.from_numpy(latents).to(device).reshape(-1, *shape)
        self.labels = torch.arange(len(self), device=device) % classes if classes else None
        self._generator, self._shape, self._classes = generator, shape, classes
        self._step = -1
        self._generated: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.latents)

    def others(self, latents: NDArray[Any]) -> FixedLatents:
        """Other latents for the same generator, shape (n, ...)."""
        return FixedLatents(self._generator, latents, self._shape, self._classes)

    def generated(self, step: int) -> torch.Tensor:
        """What G makes of the latents, in evaluation mode and without gradients.

        Hooks share it: at the same step G is not asked again, so it must not be changed.
        """
        if self._generated is None or step != self._step:
            self._generated = evaluate(self._generator, self.latents, self.labels)
            self._step = step
        return self._generated

    def chunks(self) -> Iterator[torch.Tensor]:
        """The same, `CHUNK` samples at a time, none of which is kept."""
        for start in range(0, len(self), CHUNK):
            part = slice(start, start + CHUNK)
            labels = None if self.labels is None else self.labels[part]
            yield evaluate(self._generator, self.latents[part], labels)


def grid_latents(latent: Latent, classes: int = 0) -> NDArray[np.float32]:
    """The latents of the sample grid, the same in every run."""
    n = max(1, GRID_SAMPLES_WITH_CLASSES // classes) * classes if classes else GRID_SAMPLES
    return latent.sample(n, np.random.default_rng(GRID_SEED))

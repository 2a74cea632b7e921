"""The latents that G is given at every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan_viz.distributions import Latent
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["FixedBatch"]

SAMPLES = 64
"""Samples in a batch: a square of 8 x 8; with classes, as many whole rows of them as fit 80."""
WITH_CLASSES = 80
SEED = 0


class FixedBatch:
    """Latents fixed for the whole run, and what G makes of them, once a frame for all hooks.

    Parameters
    ----------
    generator : torch.nn.Module
    latent : Latent
        Drawn from with a seed of its own: the same latents in every run.
    shape : tuple of int
        Of one latent, as G takes it.
    classes : int
        Where G is told a class, how many there are; the k-th sample is of class ``k % classes``.

    Attributes
    ----------
    latents : torch.Tensor, shape (n, *shape)
        On G's device.
    labels : torch.Tensor or None, shape (n,)
        Classes asked for.
    """

    def __init__(
        self, generator: nn.Module, latent: Latent, shape: tuple[int, ...], classes: int = 0
    ) -> None:
        import torch

        n = max(1, WITH_CLASSES // classes) * classes if classes else SAMPLES
        device = device_of(generator)
        drawn = latent.sample(n, np.random.default_rng(SEED))
        self.latents = torch.from_numpy(drawn).to(device).reshape(n, *shape)
        self.labels = torch.arange(n, device=device) % classes if classes else None
        self._generator = generator
        self._step = -1
        self._generated: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.latents)

    def generated(self, step: int) -> torch.Tensor:
        """What G makes of the latents.

        Parameters
        ----------
        step : int
            Steps made so far: at the same step G is not asked again.

        Returns
        -------
        torch.Tensor, shape (n, ...)
            In evaluation mode, without gradients; not to be changed.
        """
        if self._generated is None or step != self._step:
            self._generated = evaluate(self._generator, self.latents, self.labels)
            self._step = step
        return self._generated

"""The description of an image GAN: its networks, and how its source trains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

__all__ = ["PIXELS", "SHAPE", "WGAN_GP_SETTINGS", "WGAN_SETTINGS", "ImageModel", "settings"]

SHAPE = (1, 28, 28)
"""Of a picture: channels, height, width."""
PIXELS = 784


@dataclass(frozen=True)
class ImageModel:
    """A generator and a discriminator for pictures, and the settings they come with.

    G maps latents ``(n, *latent_shape)`` to pictures ``(n, 1, 28, 28)`` in [-1, 1]; D maps
    pictures to raw outputs ``(n, 1)``, without a sigmoid. A conditional model is told classes:
    both networks take them, whole numbers of shape ``(n,)``, as their second argument.

    Attributes
    ----------
    name : str
        The name in the registry.
    source : str
        Where the architecture and the settings come from.
    latent_shape : tuple of int
        Of one latent.
    build : callable (torch.Generator) -> (torch.nn.Module, torch.nn.Module)
        Makes G and D, on the CPU, with weights drawn from the given source alone.
    objective : str
        A name in `gan_viz.registry.OBJECTIVES`.
    settings : mapping of str to JSON-able values
        How it is trained: batch, d_steps, g_lr, d_lr, betas, optimizer, perhaps ema; and
        for how many steps, unless that is said: some minutes on a CPU, where its size allows.
    latent : {"normal", "uniform"}
        Distribution of z: N(0, 1) or U(-1, 1).
    classes : int
        How many classes there are to be told; 0 where the model is told none.
    """

    name: str
    source: str
    latent_shape: tuple[int, ...]
    build: Callable[[torch.Generator], tuple[nn.Module, nn.Module]]
    objective: str
    settings: Mapping[str, Any]
    latent: str = "normal"
    classes: int = 0

    @property
    def conditional(self) -> bool:
        """Whether G and D are told the class."""
        return self.classes > 0


def settings(
    batch: int,
    rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
    d_steps: int = 1,
    optimizer: str = "adam",
) -> dict[str, Any]:
    """How a model is trained, with one learning rate for both networks; see `ImageModel`."""
    return {
        "batch": batch,
        "d_steps": d_steps,
        "g_lr": rate,
        "d_lr": rate,
        "betas": list(betas),
        "optimizer": optimizer,
    }


WGAN_SETTINGS = settings(batch=64, rate=5e-5, d_steps=5, optimizer="rmsprop")
"""Of Arjovsky et al. (2017), algorithm 1."""
WGAN_GP_SETTINGS = settings(batch=64, rate=1e-4, betas=(0.0, 0.9), d_steps=5)
"""Of Gulrajani et al. (2017), algorithm 1."""

"""The description of an image GAN: its networks, and how its source trains them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn

from gan_viz.errors import UsageError

Shape: TypeAlias = tuple[int, int, int]
Networks: TypeAlias = tuple[nn.Module, nn.Module]

SHAPE: Shape = (1, 28, 28)
"""Of a picture of MNIST: channels, height, width."""


@dataclass(frozen=True)
class ImageModel:
    """A generator and a discriminator for pictures, and the settings they come with.

    G maps latents ``(n, *latent_shape)`` to pictures ``(n, *shape)`` in [-1, 1]; D maps pictures
    to raw outputs ``(n, 1)``, without a sigmoid. A conditional model is told classes: both
    networks take them, whole numbers of shape ``(n,)``, as their second argument.

    Attributes
    ----------
    name : str
        The name in the registry.
    source : str
        Where the architecture and the settings come from.
    latent_shape : tuple of int
        Of one latent.
    layers : callable (torch.Generator, shape) -> (torch.nn.Module, torch.nn.Module)
        Makes G and D for pictures of a shape (channels, height, width), on the CPU, with weights
        drawn from the given source alone.
    objective : str
        A name in `gan_viz.registry.OBJECTIVES`.
    settings : mapping of str to JSON-able values
        How it is trained: batch, d_steps, g_lr, d_lr, betas, optimizer, perhaps ema; and
        for how many steps, unless that is said: some minutes on a CPU, where its size allows.
    latent : {"normal", "uniform"}
        Distribution of z: N(0, 1) or U(-1, 1).
    classes : int
        How many classes there are to be told; 0 where the model is told none.
    sides : tuple of int
        The heights and widths that the networks can have; empty if any.
    """

    name: str
    source: str
    latent_shape: tuple[int, ...]
    layers: Callable[[torch.Generator, Shape], Networks]
    objective: str
    settings: Mapping[str, Any]
    latent: str = "normal"
    classes: int = 0
    sides: tuple[int, ...] = ()

    def build(self, source: torch.Generator, shape: Shape = SHAPE) -> Networks:
        """Make G and D for pictures of a shape (channels, height, width).

        Raises
        ------
        UsageError
            If the architecture does not allow this height or width.
        """
        _, height, width = shape
        if self.sides and not {height, width} <= set(self.sides):
            sides = " or ".join(map(str, self.sides))
            raise UsageError(
                f"model {self.name} makes pictures with sides of {sides} pixels, not of {height} x "
                f"{width}: choose another model, like mlp-improved, or resize the pictures"
            )
        return self.layers(source, shape)

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
    """Return how a model is trained, with one learning rate for both networks."""
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

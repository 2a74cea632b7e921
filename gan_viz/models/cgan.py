"""The conditional GAN: G and D are told which digit."""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import nn

from gan_viz.models.base import SHAPE, ImageModel, Shape, settings
from gan_viz.models.initial import made_both

CLASSES = 10
LATENT = 100


class ConditionalGenerator(nn.Module):
    """Fully connected, with a learnt embedding of the class beside the latent.

    Examples
    --------
    >>> g = ConditionalGenerator()
    >>> g(torch.zeros(3, 100), torch.tensor([0, 1, 9])).shape
    torch.Size([3, 1, 28, 28])
    """

    def __init__(self, shape: Shape = SHAPE) -> None:
        super().__init__()
        self.embedding = nn.Embedding(CLASSES, CLASSES)
        self.network = nn.Sequential(
            nn.Linear(LATENT + CLASSES, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 512),
            nn.LeakyReLU(0.2),
            nn.Linear(512, 1024),
            nn.LeakyReLU(0.2),
            nn.Linear(1024, math.prod(shape)),
            nn.Tanh(),
            nn.Unflatten(1, shape),
        )

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map latents ``(n, 100)`` and classes ``(n,)`` to pictures ``(n, *shape)``."""
        pictures: torch.Tensor = self.network(torch.cat([z, self.embedding(labels)], dim=1))
        return pictures


class ConditionalDiscriminator(nn.Module):
    """Fully connected, with a learnt embedding of the class beside the pixels.

    Examples
    --------
    >>> d = ConditionalDiscriminator()
    >>> d(torch.zeros(3, 1, 28, 28), torch.tensor([0, 1, 9])).shape
    torch.Size([3, 1])
    """

    def __init__(self, shape: Shape = SHAPE) -> None:
        super().__init__()
        self.embedding = nn.Embedding(CLASSES, CLASSES)
        self.network = nn.Sequential(
            nn.Linear(math.prod(shape) + CLASSES, 1024),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(1024, 512),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(512, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(256, 1),
        )

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map pictures ``(n, *shape)`` and classes ``(n,)`` to raw outputs ``(n, 1)``."""
        outputs: torch.Tensor = self.network(
            torch.cat([x.flatten(1), self.embedding(labels)], dim=1)
        )
        return outputs


CGAN = ImageModel(
    name="cgan",
    source="Mirza & Osindero (2014), with embedded classes and wider layers",
    latent_shape=(LATENT,),
    layers=partial(made_both, ConditionalGenerator, ConditionalDiscriminator),
    objective="non-saturating",
    settings={**settings(batch=32, rate=1e-4, d_steps=5), "steps": 3000},
    classes=CLASSES,
)

"""Fully connected GANs for pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import nn

from gan_viz.models.base import PIXELS, SHAPE, WGAN_GP_SETTINGS, WGAN_SETTINGS, ImageModel, settings
from gan_viz.models.initial import made

__all__ = ["MLP", "MLP_IMPROVED", "WGAN", "WGAN_GP"]

Activation = Callable[[], nn.Module]


def leaky() -> nn.Module:
    """Leaky ReLU with the slope 0.2 that GANs use."""
    return nn.LeakyReLU(0.2)


def generator(
    latent: int, hidden: Sequence[int], activation: Activation, *, normalized: bool = False
) -> nn.Sequential:
    """Build a fully connected G.

    Parameters
    ----------
    latent : int
        Features of z.
    hidden : sequence of int
        Features of the hidden layers.
    activation : callable () -> torch.nn.Module
    normalized : bool
        Whether batch normalization comes before each activation.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(n, latent)`` to ``(n, 1, 28, 28)``, through tanh.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise([latent, *hidden]):
        normal = [nn.BatchNorm1d(outputs)] if normalized else []
        layers += [nn.Linear(inputs, outputs), *normal, activation()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], PIXELS), nn.Tanh(), nn.Unflatten(1, SHAPE))


def discriminator(hidden: Sequence[int], activation: Activation) -> nn.Sequential:
    """Build a fully connected D.

    Parameters
    ----------
    hidden : sequence of int
        Features of the hidden layers.
    activation : callable () -> torch.nn.Module

    Returns
    -------
    torch.nn.Sequential
        Maps ``(n, 1, 28, 28)`` to raw outputs ``(n, 1)``.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise([PIXELS, *hidden]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], 1))


def _build(
    g: Callable[[], nn.Module], d: Callable[[], nn.Module], source: torch.Generator
) -> tuple[nn.Module, nn.Module]:
    return made(g, source), made(d, source)


_WASSERSTEIN = partial(
    _build,
    partial(generator, 100, [512, 512, 512], nn.ReLU),
    partial(discriminator, [512, 512, 512], nn.ReLU),
)

MLP = ImageModel(
    name="mlp",
    source="a first attempt: small, fully connected, nothing normalized; it is meant to fail",
    latent_shape=(32,),
    build=partial(
        _build,
        partial(generator, 32, [128, 256], nn.ReLU),
        partial(discriminator, [256, 128], nn.ReLU),
    ),
    objective="non-saturating",
    settings={**settings(batch=64, rate=1e-3), "steps": 5000},
    latent="uniform",
)

MLP_IMPROVED = ImageModel(
    name="mlp-improved",
    source="the first attempt with the advice of Chintala et al. (2016), 'How to train a GAN?'",
    latent_shape=(32,),
    build=partial(
        _build,
        partial(generator, 32, [256, 512, 1024], leaky, normalized=True),
        partial(discriminator, [512, 256], leaky),
    ),
    objective="non-saturating",
    # G is drawn as its moving average, without which its pictures are full of specks
    settings={
        **settings(batch=128, rate=2e-4, betas=(0.5, 0.999)),
        "steps": 5000,
        "ema": 0.998,
    },
)

WGAN = ImageModel(
    name="wgan",
    source="Arjovsky et al. (2017), algorithm 1; G and critic of 4 layers with 512 units",
    latent_shape=(100,),
    build=_WASSERSTEIN,
    objective="wgan",
    settings={**WGAN_SETTINGS, "steps": 3000},
)

WGAN_GP = ImageModel(
    name="wgan-gp",
    source="Gulrajani et al. (2017), algorithm 1; G and critic of 4 layers with 512 units",
    latent_shape=(100,),
    build=_WASSERSTEIN,
    objective="wgan-gp",
    settings={**WGAN_GP_SETTINGS, "steps": 3000},
)

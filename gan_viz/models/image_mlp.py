"""Fully connected GANs for pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from torch import nn

from gan_viz.models.base import (
    WGAN_GP_SETTINGS,
    WGAN_SETTINGS,
    ImageModel,
    Shape,
    settings,
)
from gan_viz.models.initial import made_both
from gan_viz.models.mlp import leaky_relu

Activation = Callable[[], nn.Module]


def generator(
    shape: Shape,
    latent: int,
    hidden: Sequence[int],
    activation: Activation,
    *,
    normalized: bool = False,
) -> nn.Sequential:
    """Build a fully connected G of latents ``(n, latent)``, with or without batch normalization."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise([latent, *hidden]):
        normal = [nn.BatchNorm1d(outputs)] if normalized else []
        layers += [nn.Linear(inputs, outputs), *normal, activation()]
    last = nn.Linear(hidden[-1], math.prod(shape))
    return nn.Sequential(*layers, last, nn.Tanh(), nn.Unflatten(1, shape))


def discriminator(shape: Shape, hidden: Sequence[int], activation: Activation) -> nn.Sequential:
    """Build a fully connected D."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise([math.prod(shape), *hidden]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], 1))


_WASSERSTEIN = partial(
    made_both,
    partial(generator, latent=100, hidden=[512, 512, 512], activation=nn.ReLU),
    partial(discriminator, hidden=[512, 512, 512], activation=nn.ReLU),
)

MLP = ImageModel(
    name="mlp",
    source="a first attempt: small, fully connected, nothing normalized; it is meant to fail",
    latent_shape=(32,),
    layers=partial(
        made_both,
        partial(generator, latent=32, hidden=[128, 256], activation=nn.ReLU),
        partial(discriminator, hidden=[256, 128], activation=nn.ReLU),
    ),
    objective="non-saturating",
    settings={**settings(batch=64, rate=1e-3), "steps": 5000},
    latent="uniform",
)

MLP_IMPROVED = ImageModel(
    name="mlp-improved",
    source="the first attempt with the advice of Chintala et al. (2016), 'How to train a GAN?'",
    latent_shape=(32,),
    layers=partial(
        made_both,
        partial(
            generator, latent=32, hidden=[256, 512, 1024], activation=leaky_relu, normalized=True
        ),
        partial(discriminator, hidden=[512, 256], activation=leaky_relu),
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
    layers=_WASSERSTEIN,
    objective="wgan",
    settings={**WGAN_SETTINGS, "steps": 3000},
)

WGAN_GP = ImageModel(
    name="wgan-gp",
    source="Gulrajani et al. (2017), algorithm 1; G and critic of 4 layers with 512 units",
    latent_shape=(100,),
    layers=_WASSERSTEIN,
    objective="wgan-gp",
    settings={**WGAN_GP_SETTINGS, "steps": 3000},
)

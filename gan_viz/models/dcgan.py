"""Convolutional GANs for pictures, after Radford et al. (2016)."""

from __future__ import annotations

from functools import partial

from torch import nn

from gan_viz.models.base import (
    WGAN_GP_SETTINGS,
    WGAN_SETTINGS,
    ImageModel,
    Shape,
    settings,
)
from gan_viz.models.initial import as_dcgan, made_both

LATENT = (100, 1, 1)
SIDES = (20, 24, 28, 32, 36, 40)
"""A quarter of the side is the 7 of 28 pixels: the kernel between it and 3x3 is 4 smaller."""


def generator(shape: Shape) -> nn.Sequential:
    """Build G of latents ``(n, 100, 1, 1)``: 28 pixels a side grow from 1 by 3, 7 and 14."""
    channels, height, width = shape
    return nn.Sequential(
        *_up(LATENT[0], 512, size=3, stride=1, padding=0),
        *_up(512, 256, size=(height // 4 - 4, width // 4 - 4), stride=2, padding=0),
        *_up(256, 128, size=4, stride=2, padding=1),
        nn.ConvTranspose2d(128, channels, 4, 2, 1),
        nn.Tanh(),
    )


def generator_7x7(shape: Shape) -> nn.Sequential:
    """Build G for latents ``(n, 1, 7, 7)`` that are small pictures themselves.

    Its layers are as many and as wide as in `generator`, but the first two keep the 7x7 of the
    latent, so each part of the picture comes from the part of the latent around it.
    """
    return nn.Sequential(
        *_up(1, 512, size=3, stride=1, padding=1),
        *_up(512, 256, size=3, stride=1, padding=1),
        *_up(256, 128, size=4, stride=2, padding=1),
        nn.ConvTranspose2d(128, shape[0], 4, 2, 1),
        nn.Tanh(),
    )


def discriminator(shape: Shape, *, normalized: bool = True) -> nn.Sequential:
    """Build D: a picture of 28 pixels a side shrinks to 14, 7, 3 and 1.

    The inner two layers have batch normalization, unless the critic has a gradient penalty: then
    it must judge each sample by itself (Gulrajani et al. 2017, section 4).
    """
    channels, height, width = shape

    def normal(features: int) -> list[nn.Module]:
        return [nn.BatchNorm2d(features)] if normalized else []

    return nn.Sequential(
        nn.Conv2d(channels, 128, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(128, 256, 4, 2, 1),
        *normal(256),
        nn.LeakyReLU(0.2),
        nn.Conv2d(256, 512, (height // 4 - 4, width // 4 - 4), 2, 0),
        *normal(512),
        nn.LeakyReLU(0.2),
        nn.Conv2d(512, 1, 3, 1, 0),
        nn.Flatten(),
    )


def _up(
    inputs: int, outputs: int, size: int | tuple[int, int], stride: int, padding: int
) -> list[nn.Module]:
    return [
        nn.ConvTranspose2d(inputs, outputs, size, stride, padding),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


_NETWORKS = partial(made_both, generator, discriminator, rule=as_dcgan)

DCGAN = ImageModel(
    name="dcgan",
    source="Radford et al. (2016), for pictures of 28x28",
    latent_shape=LATENT,
    layers=_NETWORKS,
    objective="non-saturating",
    settings={**settings(batch=50, rate=2e-4, betas=(0.5, 0.999)), "steps": 1200},
    sides=SIDES,
)

DCGAN_7X7 = ImageModel(
    name="dcgan-7x7",
    source="Radford et al. (2016), with latents of 7x7",
    latent_shape=(1, 7, 7),
    layers=partial(made_both, generator_7x7, discriminator, rule=as_dcgan),
    objective="non-saturating",
    settings=DCGAN.settings,
    sides=(28,),
)

WGAN_CONV = ImageModel(
    name="wgan-conv",
    source="Arjovsky et al. (2017), algorithm 1, with the networks of the DCGAN",
    latent_shape=LATENT,
    layers=_NETWORKS,
    objective="wgan",
    settings={**WGAN_SETTINGS, "steps": 1000},
    sides=SIDES,
)

WGAN_GP_CONV = ImageModel(
    name="wgan-gp-conv",
    source="Gulrajani et al. (2017), algorithm 1, with the networks of the DCGAN",
    latent_shape=LATENT,
    layers=partial(made_both, generator, partial(discriminator, normalized=False), rule=as_dcgan),
    objective="wgan-gp",
    settings={**WGAN_GP_SETTINGS, "steps": 1000},
    sides=SIDES,
)

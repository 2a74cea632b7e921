"""A small convolutional classifier, to tell which classes a generator's pictures show."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from gan_viz.models.initial import made


def classifier(
    classes: int = 10, generator: torch.Generator | None = None, side: tuple[int, int] = (28, 28)
) -> nn.Sequential:
    """Build an untrained classifier: grey pictures ``(n, 1, h, w)`` in [-1, 1] to logits.

    Two convolutions and two linear layers, after LeNet-5 (LeCun et al. 1998) with ReLU (Nair &
    Hinton 2010): small enough to be trained within seconds on a CPU. The convolutions see each 2x2
    pixels as 4 channels (Shi et al. 2016, eq. 4, inverted), since those of a single channel are
    slow there. Weights and biases are drawn from ``U(-1/sqrt(fan_in), 1/sqrt(fan_in))``, from
    `generator` alone, by default one seeded with 0. Pictures with a `side` (height, width) of other
    than 28x28 pixels are resized to these first.
    """
    source = generator or torch.Generator().manual_seed(0)
    return made(partial(_layers, classes, side), source)


def _layers(classes: int, side: tuple[int, int]) -> nn.Sequential:
    resized = [] if side == (28, 28) else [nn.Upsample((28, 28), mode="bilinear")]
    return nn.Sequential(
        *resized,
        nn.PixelUnshuffle(2),
        nn.Conv2d(4, 16, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 64),
        nn.ReLU(),
        nn.Linear(64, classes),
    )

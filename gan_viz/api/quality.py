"""The quality of pictures: figures while a GAN learns, and whether its G has learnt by heart."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.analysis.quality import copied, nearest
from gan_viz.api.classifiers import classifier_for
from gan_viz.datasets import ImageSet, load
from gan_viz.distributions import Latent
from gan_viz.errors import DataError
from gan_viz.hooks.pictures import PictureFormat
from gan_viz.hooks.quality import QualityHook
from gan_viz.hooks.watching import device_of, evaluate
from gan_viz.progress import Progress
from gan_viz.recording import Writer
from gan_viz.registry import DATASETS
from gan_viz.training.classifying import accuracy

SAMPLES = 1000
COLUMNS, ROWS = 8, 4
"""Of the pictures that are shown, each above its nearest neighbour."""
SEED = 3
COMPARED = 500
"""Pictures whose nearest neighbours are looked for: seconds, among 60,000."""
LATENTS = 250
"""Latents that G is given at once."""


@dataclass(frozen=True)
class Likeness:
    """How near G's pictures are to those that it learns from."""

    copied: float
    """Share of G's pictures that are nearer to a training picture than 99 % of the test pictures:
    about 0.01 by chance, near 1 of a G that has learnt by heart."""
    ratio: float
    """Median distance to the nearest training picture, relative to that of the test pictures."""

    def __str__(self) -> str:
        return (
            f"nearest training pictures: G's are {self.ratio:.2f} times as far as test pictures "
            f"are, and {self.copied:.1%} nearer than 99% of those (1% by chance)"
        )


def held_out(
    data: ImageSet,
    data_dir: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> ImageSet:
    """The pictures of a data set that are not learnt from.

    Raises DataError if the pictures are one's own: none are held out.
    """
    if data.name not in DATASETS:
        raise DataError(
            f"{data.name}: no pictures are held out to compare with; expected one of "
            f"{', '.join(DATASETS)}"
        )
    return load(data.name, data_dir, "test", progress)


def quality_hook(
    data: ImageSet,
    data_dir: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> QualityHook:
    """A hook that measures G's pictures by the features of a classifier of the data.

    Raises DataError if no pictures are held out, or they cannot be had.
    """
    test = held_out(data, data_dir, progress)
    judge = classifier_for(data, progress)
    samples = min(SAMPLES, len(data), len(test))
    right = accuracy(judge, test.images, test.labels)
    return QualityHook(judge, data.images, test.images, samples, accuracy=right)


def record_neighbours(
    generator: nn.Module,
    record: str | os.PathLike[str],
    latent: Latent,
    latent_shape: tuple[int, ...],
    data: ImageSet,
    test: ImageSet,
    *,
    classes: int = 0,
    samples: int = COMPARED,
    title: str = "",
) -> Likeness:
    """Record G's pictures above the nearest training pictures, and tell how near they are.

    The recording has one frame. Distances are of the values of all pixels, from 0 to 255, of
    `samples` pictures of G, which makes them in [-1, 1], and as many of the test. One z has the
    `latent_shape`; `data` is what G has learnt from, `test` what it has not; `classes` is how many
    there are where G is told one.
    """
    made = made_pictures(
        generator, latent.sample(samples, np.random.default_rng(SEED)), latent_shape, classes
    )
    own, which = nearest(made, data.images)
    of_test, _ = nearest(test.images[:samples], data.images)
    some = ROWS * COLUMNS
    # each in one picture with what is nearest: they stay together however they are arranged
    shown = np.concatenate([made[:some], data.images[which[:some]]], axis=1)
    with Writer(Path(record), {"kind": "neighbours", "title": title, "clock": ""}) as writer:
        writer.add_channel("samples", shown.shape, "uint8", columns=COLUMNS)
        writer.write_frame(0, {"samples": shown})
    return Likeness(copied(own, of_test), float(np.median(own) / np.median(of_test)))


def made_pictures(
    generator: nn.Module, latents: NDArray[np.float32], shape: tuple[int, ...], classes: int
) -> NDArray[np.uint8]:
    """What G makes of latents, as bytes of shape (n, h, w); of all classes in turn, if told."""
    device, picture, found = device_of(generator), PictureFormat((-1, 1)), []
    labels = torch.arange(len(latents), device=device) % classes if classes else None
    for start in range(0, len(latents), LATENTS):
        part = slice(start, start + LATENTS)
        z = torch.from_numpy(latents[part]).to(device).reshape(-1, *shape)
        found.append(
            picture.bytes(evaluate(generator, z, None if labels is None else labels[part]))
        )
    return np.concatenate(found)

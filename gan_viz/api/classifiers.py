"""Classifiers of the data sets: trained once, then kept in the user's cache."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import nn

from gan_viz.api.output import published
from gan_viz.datasets import ImageSet
from gan_viz.datasets.download import cache_folder
from gan_viz.errors import GanVizError
from gan_viz.hooks.coverage import CoverageHook
from gan_viz.models.classifier import classifier
from gan_viz.progress import Progress
from gan_viz.training.classifying import STEPS, train_classifier

PER_PICTURE = 4
"""Steps for each picture, at most: few pictures are learnt sooner."""
VERSION = 1
"""To be raised with every change of the classifier or its training."""


def coverage_hook(data: ImageSet, progress: Progress | None = None) -> CoverageHook:
    """A hook that counts the classes of samples by a classifier of the data."""
    return CoverageHook(classifier_for(data, progress))


def classifier_for(data: ImageSet, progress: Progress | None = None) -> nn.Module:
    """A classifier of a set of pictures, from the cache if it was ever trained on them.

    It maps pictures ``(n, 1, h, w)`` in [-1, 1] to logits of the classes.
    """
    network, kept = classifier(len(data.classes), side=data.shape), _place(data)
    try:
        _recall(network, kept)
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, BadZipFile):  # none, or damaged
        steps = min(STEPS, PER_PICTURE * len(data))
        train_classifier(network, data.images, data.labels, steps=steps, progress=progress)
        _keep(network, kept)
    return network.eval()


def _recall(network: nn.Module, place: Path) -> None:
    with np.load(place) as weights:  # unpickles nothing
        network.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights})


def _place(data: ImageSet) -> Path:
    digest = hashlib.sha256(data.images.tobytes() + data.labels.tobytes()).hexdigest()[:16]
    return cache_folder("classifiers") / f"{data.name}-{digest}-{VERSION}.npz"


def _keep(network: nn.Module, place: Path) -> None:
    """Write weights as a whole or not at all; a cache that cannot be written is none."""
    weights = {name: values.numpy() for name, values in network.state_dict().items()}
    with suppress(OSError, GanVizError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with published(place) as partial, partial.open("wb") as file:
            np.savez(file, **weights)

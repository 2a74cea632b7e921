"""Classifiers of the data sets: trained once, then kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gan_viz.api.progress import Progress

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.datasets import ImageSet
    from gan_viz.hooks.coverage import CoverageHook

__all__ = ["classifier_for", "coverage_hook"]

VERSION = 1
"""To be raised with every change of the classifier or its training."""


def coverage_hook(data: ImageSet, progress: Progress | None = None) -> CoverageHook:
    """Count the classes of samples by a classifier of the data.

    Parameters
    ----------
    data : ImageSet
    progress : Progress, optional
        Told how far the classifier's training is, where it has to be trained.

    Returns
    -------
    CoverageHook
    """
    from gan_viz.hooks.coverage import CoverageHook

    return CoverageHook(classifier_for(data, progress))


def classifier_for(data: ImageSet, progress: Progress | None = None) -> nn.Module:
    """A classifier of a set of pictures, from the cache if it was ever trained on them.

    Parameters
    ----------
    data : ImageSet
    progress : Progress, optional

    Returns
    -------
    torch.nn.Module
        Maps pictures ``(n, 1, h, w)`` in [-1, 1] to logits of the classes.
    """
    import torch

    from gan_viz.models.classifier import classifier
    from gan_viz.training.classifying import train_classifier

    network = classifier(len(data.classes))
    kept = _place(data)
    try:
        network.load_state_dict(torch.load(kept, weights_only=True))
    except (OSError, RuntimeError, EOFError, ValueError):  # there is none, or it is damaged
        train_classifier(network, data.images, data.labels, progress=progress)
        _keep(network, kept)
    return network.eval()


def _place(data: ImageSet) -> Path:
    from gan_viz.datasets.download import cache_folder

    digest = hashlib.sha256(data.images.tobytes() + data.labels.tobytes()).hexdigest()[:16]
    return cache_folder("classifiers") / f"{data.name}-{digest}-{VERSION}.pt"


def _keep(network: nn.Module, place: Path) -> None:
    """Write weights as a whole or not at all; a cache that cannot be written is none."""
    import torch

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=place.parent, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save(network.state_dict(), file)
            Path(partial).replace(place)
        finally:
            Path(partial).unlink(missing_ok=True)
    except OSError:
        return

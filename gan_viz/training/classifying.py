"""Teaching a classifier the real pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from gan_viz.errors import DataError
from gan_viz.progress import Progress
from gan_viz.training.batches import scaled
from gan_viz.training.optimizers import descend
from gan_viz.training.threads import suitable_threads

STEPS = 900
"""Updates: about two passes over 60,000 pictures, after which little is gained."""
BATCH = 128
RATE = 4e-3
"""Learning rate of Adam at its highest; it rises over the first tenth and falls to 0."""
SLICE = 1000
"""Pictures evaluated at once."""


def train_classifier(
    classifier: nn.Module,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Progress | None = None,
) -> nn.Module:
    """Train a classifier by cross-entropy, with Adam and a rate that rises and falls once.

    It maps pictures ``(n, 1, h, w)`` in [-1, 1] to logits ``(n, classes)``; it is changed, and left
    in evaluation mode. Images are bytes of shape (n, h, w), labels whole numbers from 0, shape
    (n,). The seed is that of the order of the pictures: the global random states are neither used
    nor changed. `progress` is called with the task ``"classifier"``, the steps made, all steps, and
    the loss by name. Raises DataError if there are not as many labels as pictures, or none.
    """
    if not len(images) or len(images) != len(labels):
        raise DataError(
            f"{len(images)} pictures with {len(labels)} labels: a classifier needs one label each"
        )
    optimizer = torch.optim.Adam(classifier.parameters(), lr=RATE)
    batches = _batches(len(images), np.random.default_rng(seed))
    classifier.train()
    with suitable_threads():  # products this small gain little from more than one
        for step, chosen in zip(range(steps), batches, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = RATE * _factor((step + 0.5) / steps)
            loss = cross_entropy(classifier(_pictures(images[chosen])), _classes(labels[chosen]))
            descend(optimizer, loss)
            if progress is not None:
                progress("classifier", step + 1, steps, {"loss": loss.item()})
    return classifier.eval()


@torch.no_grad()
def accuracy(classifier: nn.Module, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
    """Share of pictures whose most likely class is their label."""
    right = 0
    for start in range(0, len(images), SLICE):
        part = slice(start, start + SLICE)
        likeliest = classifier(_pictures(images[part])).argmax(dim=1)
        right += int((likeliest == _classes(labels[part])).sum())
    return right / len(images)


def _factor(share: float) -> float:
    """Learning rate relative to its highest, after a share of the training."""
    return min(10 * share, (1 - share) / 0.9)


def _batches(n: int, stream: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield indices for ever, each picture once before any comes again."""
    size = min(BATCH, n)
    while True:
        order = stream.permutation(n)
        for start in range(0, n - size + 1, size):
            yield order[start : start + size]


def _pictures(images: NDArray[np.uint8]) -> torch.Tensor:
    return scaled(torch.tensor(images)).unsqueeze(1)


def _classes(labels: NDArray[np.int64]) -> torch.Tensor:
    return torch.from_numpy(labels.astype(np.int64))

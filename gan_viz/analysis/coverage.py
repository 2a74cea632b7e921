"""Which classes a generator's samples show, from how many there are of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Coverage", "coverage"]

LEAST_SHARE = 0.1
"""A class is covered if it has at least this part of its fair share of the samples: so rare errors
of the classifier do not make a lost class seem covered."""


@dataclass(frozen=True)
class Coverage:
    """How samples spread over the classes of the data.

    Attributes
    ----------
    covered : int
        Classes with at least a tenth of their fair share of the samples.
    classes : int
        All classes.
    entropy : float
        Of the histogram of classes, in nats: 0 for one class alone, ``log(classes)`` for all alike.
    unsure : float
        Share of the samples that the classifier is unsure of, in 0..1.
    """

    covered: int
    classes: int
    entropy: float
    unsure: float

    @property
    def share(self) -> float:
        """Share of the classes that are covered, in 0..1."""
        return self.covered / self.classes

    @property
    def relative_entropy(self) -> float:
        """The entropy relative to its greatest value, in 0..1; 1 where there is one class."""
        return self.entropy / math.log(self.classes) if self.classes > 1 else 1.0


def coverage(counts: ArrayLike, unsure: int = 0) -> Coverage:
    """Measure how samples spread over the classes, given how many there are of each.

    There is at least one in all; the classifier is unsure of some of them.

    Examples
    --------
    >>> found = coverage([50, 50, 0, 0], unsure=10)
    >>> found.covered, found.relative_entropy, found.unsure
    (2, 0.5, 0.1)
    """
    numbers = np.asarray(counts, np.float64)
    total = float(numbers.sum())
    shares = numbers / total
    there = shares[shares > 0]
    return Coverage(
        covered=int((shares >= LEAST_SHARE / len(shares)).sum()),
        classes=len(shares),
        entropy=max(0.0, -float((there * np.log(there)).sum())),
        unsure=unsure / total,
    )

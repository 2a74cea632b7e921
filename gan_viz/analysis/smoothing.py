"""Data and samples after the same smoothing: what is compared where densities are not known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.density import smoothed
from gan_viz.analysis.exact import Pieces
from gan_viz.distributions import Distribution

Array = NDArray[np.float64]

CELLS = 2048
"""Cells over three times the window of p_data."""
OUTSIDE = 10.0 ** -np.arange(1, 13)
"""Beyond them, cells are divided where the tails of p_data hold these masses."""


class Smoothing:
    """Cells for a target, and the masses in them after smoothing by a Gaussian kernel.

    Smoothing both alike brings them nearer to one another, by the law of data processing, but
    makes no difference where there is none: unlike a kernel estimate of one, compared with the
    other as it is.
    """

    def __init__(self, target: Distribution) -> None:
        low, high = target.window
        self._start, self._step = 2 * low - high, 3 * (high - low) / CELLS
        end = self._start + self._step * CELLS
        tails = target.ppf(np.concatenate([OUTSIDE, 1 - OUTSIDE]))
        left, right = np.unique(tails[tails < self._start]), np.unique(tails[tails > end])
        edges = np.concatenate([left, self._start + self._step * np.arange(CELLS + 1), right])
        masses = np.diff(target.cdf(edges), prepend=0.0, append=1.0)
        first = len(left) + 1
        self._inside = masses[first : first + CELLS]
        self._outside = np.concatenate([masses[:first], masses[first + CELLS :]])
        self._borders = [
            np.concatenate([[-np.inf], left, [self._start]]),
            np.concatenate([[end], right, [np.inf]]),
        ]

    def both(self, pieces: Pieces, width: float) -> tuple[Array, Array]:
        """Masses of the target and of p_g; the kernel has a standard deviation of `width`."""
        inside = pieces.on_cells(self._start, self._step, CELLS)
        outside = [np.diff(pieces.below(borders)) for borders in self._borders]
        cells = width / self._step
        p, q = smoothed(self._inside, cells), smoothed(inside, cells)
        return np.concatenate([p, self._outside]), np.concatenate([q, *outside])

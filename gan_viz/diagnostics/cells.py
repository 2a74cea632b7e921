"""p_g beside p_data, in cells that hold equal parts of the data."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.distances import split_cores
from gan_viz.distributions import Distribution
from gan_viz.distributions.modes import core_edges

Array = NDArray[np.float64]

FINEST = 256
"""Cells at most."""
EACH = 32
"""Values expected in a cell at least, where the data or G are known by values alone: the error that
chance makes, which is subtracted, is then 0.07 for either."""
LEAST = 4
"""Cells at least."""
POINT = 1e-3
"""Shorter pieces of p_g, in cells, are drawn out to this length: see `gan_viz.analysis.exact`."""
DISTINCT = 4097
"""Quantiles among which values that are not tied are looked for."""


class Compared(NamedTuple):
    """What cells say of some frames, all of shape (frames,) but `cores`, (frames, modes)."""

    total_variation: Array
    cores: Array
    between: Array


class Cells:
    """Cells between quantiles of the target, divided where the cores of its modes end.

    They are small where the data is dense, so that narrow and light parts count by their mass. A
    frame has so many `outputs` of G. The `weights`, shape (outputs,), are the mass of p_z that each
    stands for, where they are in the order of one-dimensional latents: p_g is then known between
    them too. Without, they are a sample.
    """

    def __init__(self, target: Distribution, outputs: int, weights: Array | None = None) -> None:
        samples = [] if weights is not None else [outputs]
        known = samples if target.count is None else [*samples, target.count]
        number = int(np.clip(min(known, default=EACH * FINEST) // EACH, LEAST, FINEST))
        self._noise = number / math.tau * sum(1 / count for count in known)
        ends = core_edges(target.modes)
        self._edges = np.unique(np.concatenate([_quantiles(target, number), ends]))
        self._data = np.diff(target.cdf(self._edges), prepend=0.0, append=1.0)
        self._ends = np.searchsorted(self._edges, ends)
        self._gaps = split_cores(self._data.cumsum()[self._ends])[1]
        self._outputs = outputs
        self._pieces: Array | None = None
        if weights is not None:
            around = np.concatenate([[0.0], weights, [0.0]])
            self._pieces = (around[1:] + around[:-1]) / 2

    def compare(self, outputs: Array) -> Compared:
        """Compare finite outputs, shape (frames, n), with the data.

        ``total_variation`` is that of the masses in the cells: a lower bound, close where p_g and
        p_data change little within a cell. Where one is known by values alone, the error that
        chance makes (``sqrt(cells / (2 π n))``, if they were equal) is subtracted in squares.
        ``cores`` are the masses of p_g in the cores of the modes, ``between`` that in the gaps
        between these, less that of the data there.
        """
        last = len(self._edges)
        places = np.interp(
            outputs, self._edges, np.arange(1.0, last + 1), left=0.5, right=last + 0.5
        )
        masses = self._spread(places) if self._pieces is not None else self._counted(places)
        squares = (np.abs(masses - self._data).sum(axis=1) / 2) ** 2 - self._noise
        cores, between = split_cores(masses.cumsum(axis=1)[:, self._ends])
        return Compared(np.sqrt(squares.clip(0.0)), cores.clip(0.0), between - self._gaps)

    def _counted(self, places: Array) -> Array:
        """Shares of the outputs in each cell."""
        return self._summed(places.astype(np.intp), None) / self._outputs

    def _spread(self, places: Array) -> Array:
        """Mass in each cell, if it is spread evenly from an output to the next."""
        whole = np.concatenate([places[:, :1], places, places[:, -1:]], axis=1)
        low = np.minimum(whole[:, :-1], whole[:, 1:])
        low = np.minimum(low, len(self._edges) + 1 - 2 * POINT)
        high = np.maximum(np.maximum(whole[:, :-1], whole[:, 1:]), low + POINT)
        height = self._pieces / (high - low)
        ends = np.concatenate([low, high], axis=1)
        jumps = np.concatenate([height, -height], axis=1)
        cells = ends.astype(np.intp)
        levels = self._summed(cells, jumps).cumsum(axis=1)
        jumps *= ends - cells
        return np.asarray(levels - self._summed(cells, jumps))

    def _summed(self, cells: NDArray[np.intp], weights: Array | None) -> Array:
        """Sums of the weights, or counts, in each cell of each frame."""
        frames, number = len(cells), len(self._data)
        cells = cells + number * np.arange(frames)[:, None]
        flat = None if weights is None else weights.ravel()
        sums = np.bincount(cells.ravel(), flat, frames * number)
        return np.asarray(sums.reshape(frames, number), np.float64)


def _quantiles(target: Distribution, number: int) -> Array:
    """Borders of cells of equal mass; of values, between two that differ."""
    quantiles = target.ppf(np.arange(1, number) / number)
    if target.count is None:
        return quantiles
    values = np.unique(target.ppf(np.linspace(0, 1, DISTINCT)))
    after = np.searchsorted(values, quantiles, side="right").clip(1, len(values) - 1)
    return np.asarray((values[after - 1] + values[after]) / 2)

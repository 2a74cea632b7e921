"""Distributions in even steps, fine enough for tails and narrow parts, and how far two are apart.

Two of them are compared in the cells that the edges of both make together. Within such a cell both
are even, so that the sums are exact for them: the cells follow the quantiles of both, and none is
too wide or ends too early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gan_viz.distributions import Distribution
from gan_viz.distributions.tabulated import Tabulated

Array = NDArray[np.float64]

BODY, GRID = 256, 2048
"""Cells of equal mass in the body of a target, and how many its `grid` may add."""
TAIL, FARTHEST, DECADE = 1.25, 12.0, 32
"""Decimal logarithms of the mass where a tail begins, and of that to which it is followed: beyond,
1 - q has too few digits; and cells for each tenth part between."""
FROM_CDF = 1e-13
"""Masses above this are differences of the distribution function; smaller ones would be rounded
off and come from the density."""
LIGHT, BEYOND = 40.0, 1.03 ** np.arange(65)
"""A tail that comes to its end within 40 scales is light, and gets cells up to 6.6 times as far
from the median, where a normal density underflows."""
ENDLESS, FELT = 0.999, 1e-6
"""What a tenth part of a tail adds to the mean is a geometric series; from this ratio on its sum is
infinite (it is 1 for Cauchy). A tail that adds less than a millionth of the scale is at its end."""
SHORTEST, DIGITS = 1e-6, 2.0**-22
"""A point is as wide as this part of the scale, and as two steps of the single precision in which
outputs are recorded."""
TOGETHER = 4
"""Neighbouring cells are added up before densities are compared: the steps of two profiles, each
even in cells of its own, would count as a difference."""
ROUNDING = 1e-12
"""Lower densities, relative to the highest, are what is left over where others cancel."""


@dataclass(frozen=True)
class Profile:
    """Mass, shape (cells,), spread evenly over each cell between ascending edges, (cells + 1,).

    `rest` is the mass below the first edge and above the last one, and `tails` what its distance
    from these edges adds to the mean, in the unit of x; infinite where there is no mean.
    """

    edges: Array
    mass: Array
    rest: tuple[float, float] = (0.0, 0.0)
    tails: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def heights(self) -> Array:
        """Density before the first edge, in each cell, and behind the last edge."""
        return np.concatenate([[0.0], self.mass / np.diff(self.edges), [0.0]])

    def on(self, edges: Array) -> Array:
        """Mass in each cell between other edges, among which all of its own must be."""
        passed = np.searchsorted(self.edges, edges[:-1], side="right")
        return np.asarray(self.heights[passed] * np.diff(edges))

    def quantiles(self, levels: Array) -> Array:
        """Quantiles at some levels between 0 and 1."""
        below = self.rest[0] + np.append(0.0, self.mass.cumsum())
        return np.asarray(np.interp(levels, below, self.edges))


def profile_of(target: Distribution) -> Profile:
    """A target in cells of equal mass, or narrower where its density calls for that."""
    tail = 10 ** -np.linspace(TAIL, FARTHEST, round((FARTHEST - TAIL) * DECADE) + 1)
    body = np.linspace(tail[0], 1 - tail[0], BODY)[1:-1]
    levels = np.concatenate([tail[::-1], body, 1 - tail])
    edges = target.ppf(levels)
    if target.is_estimate:  # all that is known of it
        mass = np.diff(levels)
        return piled(edges[:-1], edges[1:], mass / mass.sum(), target.scale)
    median = edges[len(edges) // 2]
    left, right = (_Tail(one, tail, target.scale) for one in (median - edges[::-1], edges - median))
    grid = target.grid[:: -(-len(target.grid) // GRID)]
    edges = np.concatenate([edges, grid, median - left.cells, median + right.cells])
    edges = np.unique(edges[np.isfinite(edges)])
    rest, adds = (left.rest, right.rest), (left.adds, right.adds)
    if isinstance(target, Tabulated) and not math.isfinite(target.mean):
        adds = math.inf, math.inf  # the table ends where the tails of the original go on
    return Profile(edges, _masses(target, edges), rest, adds)


def _masses(target: Distribution, edges: Array) -> Array:
    mass = np.diff(target.cdf(edges))
    small = mass <= FROM_CDF
    middles = ((edges[1:] + edges[:-1]) / 2)[small]
    density = np.nan_to_num(target.pdf(middles), nan=0.0, posinf=0.0)
    mass[small] = np.minimum(density * np.diff(edges)[small], FROM_CDF)
    return np.asarray(mass)


class _Tail:
    """What is farther from the median than the last of ascending distances.

    `cells` are the distances of the edges of cells there, none where the tail is heavy; `rest` and
    `adds` are as in `Profile`.
    """

    def __init__(self, distance: Array, tail: Array, scale: float) -> None:
        distance = distance[-len(tail) :]
        light = distance[-1] < LIGHT * scale
        self.cells = distance[-1] * BEYOND if light else np.zeros(0)
        self.rest, self.adds = (0.0, 0.0) if light else (float(tail[-1]), 0.0)
        steps = np.diff(distance) * (tail[1:] + tail[:-1]) / 2
        before, last = float(steps[-2 * DECADE : -DECADE].sum()), float(steps[-DECADE:].sum())
        if last > FELT * scale:
            ratio = last / before
            self.adds = last * ratio / (1 - ratio) if ratio < ENDLESS else math.inf


def piled(low: Array, high: Array, mass: Array, scale: float) -> Profile:
    """Masses spread evenly from `low` to `high`, which may overlap, or be points.

    A point becomes as narrow as `SHORTEST` and `DIGITS` say.
    """
    short = (np.maximum(SHORTEST * scale, DIGITS * np.abs(low)) - (high - low)).clip(0.0) / 2
    ends = np.concatenate([low - short, high + short])
    height = mass / (ends[len(low) :] - ends[: len(low)])
    order = np.argsort(ends, kind="stable")
    level = np.concatenate([height, -height])[order].cumsum()[:-1]
    level[level < ROUNDING * level.max()] = 0.0
    edges = ends[order]
    apart = edges[1:] > edges[:-1]
    masses = (level * np.diff(edges))[apart]
    return Profile(edges[np.append(True, apart)], masses * (mass.sum() / masses.sum()))


def _together(masses: Array) -> Array:
    return np.asarray(np.add.reduceat(masses, np.arange(0, len(masses), TOGETHER)))


class Comparison:
    """How far two profiles are apart, in the cells between the edges of both.

    `p` and `q`, shape (cells,), are their masses in `TOGETHER` such cells each.
    """

    def __init__(self, first: Profile, second: Profile) -> None:
        edges = np.concatenate([first.edges, second.edges])
        order = np.argsort(edges, kind="stable")
        edges = edges[order]
        of_first = (order < len(first.edges)).cumsum()[:-1]
        self._width = edges[1:] - edges[:-1]
        p = first.heights[of_first] * self._width
        q = second.heights[np.arange(1, len(edges)) - of_first] * self._width
        self._masses = p, q
        self._tails = sum(first.tails) + sum(second.tails)
        apart, half = p - q, len(p) // 2
        left = np.cumsum(apart[:half]) + (first.rest[0] - second.rest[0])
        right = np.cumsum(apart[half:][::-1])[::-1] + (first.rest[1] - second.rest[1])
        ends = first.rest[0] - second.rest[0], second.rest[1] - first.rest[1]
        # counted from either end, so that each digit counts in the tails
        self._difference = np.concatenate([ends[:1], left, -right[1:], ends[1:]])

    @cached_property
    def p(self) -> Array:
        """See the class."""
        return _together(self._masses[0])

    @cached_property
    def q(self) -> Array:
        """See the class."""
        return _together(self._masses[1])

    @property
    def wasserstein1(self) -> float:
        """Integral of ``|F - G|``, the difference of the distribution functions, in the unit of x.

        Equal to the mean distance between quantiles (Villani 2003, eq. 2.47); infinite where a
        distribution has no mean.
        """
        left, right = self._difference[:-1], self._difference[1:]
        total = np.abs(left) + np.abs(right)
        crossing = left * right < 0
        height = total / 2
        height[crossing] = ((left**2 + right**2)[crossing] / total[crossing]) / 2
        return float(height @ self._width) + self._tails

    @property
    def kolmogorov_smirnov(self) -> float:
        """Largest ``|F - G|``, from 0 to 1 (Kolmogorov 1933, Smirnov 1948)."""
        return float(np.abs(self._difference).max())

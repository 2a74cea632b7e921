"""p_g exactly: the density that a generator makes of a one-dimensional latent.

``p_g(x) = Σ p_z(z) / |G'(z)|`` over all z with ``G(z) = x``. G is known at ascending latents, and
interpolated by cubics where these lie far apart. Between two neighbors it is taken as straight, so
that the mass of p_z between them, known from its distribution function, spreads evenly from the one
output to the other. Each of these pieces counts by itself: where G folds, several lie upon one
another; where G is constant, one is a point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.profiles import Profile, piled
from gan_viz.distributions import Latent
from gan_viz.distributions.normal import cumulative
from gan_viz.recording import Recording

Array = NDArray[np.float64]

TAIL = np.concatenate([np.arange(1, 30) / 20, np.arange(12, 64) / 8, np.arange(16, 69) / 2])
"""Distances beyond the outermost latents of a normal distribution to which G is continued: to where
its density underflows, so that divergences find no end of p_g."""
NEAR = 0.02
"""Latents closer than this need none between them; in standard deviations of a normal latent, or
widths of a uniform one."""
MOST = 32
"""The interval between two latents is divided into at most this many parts."""
POINT = 1e-3
"""Shorter pieces, in cells, are drawn out to this length: their height would lose digits."""
ROUNDING = 1e-12
"""Smaller masses count as 0: large heights that cancel leave about 1e-13."""
FARTHEST, NEAREST = 1e6, 1e-12
"""Latents farther from 0, or nearer to one another, are refused: rounding would lose them."""
LARGE = 1e100
"""What is larger counts as infinite: squares still have to be finite."""


@dataclass(frozen=True)
class Pieces:
    """A distribution in pieces, each with its mass evenly spread from `low` to `high`.

    The ends, shape (pieces,), are finite, and equal where a piece is a point. The masses sum to 1,
    less the mass of outputs that are not finite. So many of the first and of the last pieces as
    `tails` says go on straight, with masses that become as small as numbers can.
    """

    low: Array
    high: Array
    mass: Array
    tails: tuple[int, int] = (0, 0)

    def below(self, x: ArrayLike) -> Array:
        """Mass below each of some places, which may be infinite; of their shape (k,)."""
        place = np.asarray(x, np.float64)[:, None]
        length = self.high - self.low
        with np.errstate(over="ignore"):  # far from a short piece
            within = (place - self.low) / np.where(length > 0, length, 1.0)
        part = np.where(length > 0, within.clip(0.0, 1.0), place > self.low)
        return np.asarray(part @ self.mass)

    def on_cells(self, start: float, step: float, cells: int) -> Array:
        """Mass in each cell, exact to 1e-12; the first begins at `start`, each is `step` wide."""
        low = (self.low - start) / step
        height = np.maximum((self.high - self.low) / step, POINT)
        ends = np.concatenate([low, low + height]).clip(0, cells)
        np.divide(self.mass, height, out=height)
        jumps = np.concatenate([height, -height])
        cell = ends.astype(np.intp)
        level = np.bincount(cell, jumps, cells + 1).cumsum()
        jumps *= ends - cell
        masses = (level - np.bincount(cell, jumps, cells + 1))[:cells]
        masses[masses < ROUNDING] = 0.0
        return np.asarray(masses)

    def piled(self, scale: float) -> Profile:
        """As `profile`, in half the time, but masses below 1e-12 of the others have no digits."""
        if not len(self.mass):
            return Profile(np.array([0.0, 1.0]), np.zeros(1))
        return piled(self.low, self.high, self.mass, scale)

    def profile(self, scale: float) -> Profile:
        """The same without overlaps, with points as wide as `piled` makes them at that scale."""
        number, (first, last) = len(self.mass), self.tails
        rows, others = [], np.ones(number, np.bool_)
        for part in (slice(0, first), slice(number - last, number)):
            if part.start < part.stop and (self.high[part] > self.low[part]).all():
                rows.append(self._in_a_row(part))
                others[part] = False
        if others.any():
            rows.append(piled(self.low[others], self.high[others], self.mass[others], scale))
        if not rows:
            return self.piled(scale)
        edges = np.unique(np.concatenate([row.edges for row in rows]))
        return Profile(edges, np.sum([row.on(edges) for row in rows], axis=0))

    def _in_a_row(self, part: slice) -> Profile:
        """Pieces that lie side by side: their small masses are no differences of large ones."""
        order = np.argsort(self.low[part])
        edges = np.append(self.low[part][order], self.high[part][order[-1]])
        return Profile(edges, self.mass[part][order])

    def density(self, x: Array) -> Array:
        """Mean density in the cells around the points of an even, ascending grid.

        In 1/unit of x; a point of mass m is a spike of area m, one cell wide.
        """
        step = float(x[-1] - x[0]) / (len(x) - 1)
        return self.on_cells(float(x[0]) - step / 2, step, len(x)) / step


class LatentLine:
    """Ascending latents, shape (n,), at least one, and the mass of p_z between them.

    `kind` is ``"normal"``, N(0, 1), or ``"uniform"``: from half a gap before the first latent to
    half a gap behind the last, but not beyond -1 and 1 if all are within. `mass` is that between
    latents: those given, those between them, and those beyond; `weights`, shape (n,), is what each
    of the given latents stands for; either sums to 1. `width` is that of p_z, infinite where z is
    normal.
    """

    def __init__(self, latents: ArrayLike, kind: str) -> None:
        z = np.asarray(latents, np.float64)
        normal = kind == "normal"
        gaps = np.diff(z) if len(z) > 1 else np.ones(1)
        before, after = (TAIL, TAIL) if normal else _margins(z, gaps)
        self._before, self._after = -before[::-1] / gaps[0], after / gaps[-1]  # in gaps
        between, in_gap = _refined(z, NEAR if normal else NEAR * float(z[-1] - z[0]))
        self._gap = np.pad(in_gap, (len(before), len(after)), constant_values=-1)
        self._nodes, self._weights = _cubics(z, between)
        whole = np.concatenate([z[0] - before[::-1], between, z[-1] + after])
        self._tails = (len(before), len(after)) if normal else (0, 0)
        self.width = math.inf if normal else float(np.ptp(whole))
        self._lengths = np.diff(whole)
        self.mass: Array = _normal_masses(whole) if normal else np.diff(whole) / np.ptp(whole)
        below = np.append(0.0, self.mass.cumsum())
        given = np.interp(z, whole, below)
        self.weights: Array = np.diff([0.0, *(given[1:] + given[:-1]) / 2, 1.0])

    def pieces(self, outputs: ArrayLike, gaps: NDArray[np.bool_] | None = None) -> Pieces:
        """The distribution of G, given its outputs at the latents, shape (n,).

        Beyond the outermost latents G goes on straight; what lies next to an output that is not
        finite is left out. With `gaps`, shape (n - 1,), there is only mass of the latents in these.
        """
        whole = self._whole(np.asarray(outputs, np.float64))
        finite = np.abs(whole) < LARGE
        left, right, mass, tails = whole[:-1], whole[1:], self.mass, self._tails
        if gaps is not None:
            mass = mass * np.append(gaps, False)[self._gap]
        if not finite.all():
            there = finite[:-1] & finite[1:]
            tails = int(there[: tails[0]].sum()), int(there[len(there) - tails[1] :].sum())
            left, right, mass = left[there], right[there], mass[there]
        return Pieces(np.minimum(left, right), np.maximum(left, right), mass, tails)

    def steepest(self, outputs: ArrayLike) -> float:
        """G's largest slope ``|dx/dz|``, given its outputs at the latents; NaN if not all finite.

        In the unit of x for each standard deviation of a normal latent, or unit of a uniform one.
        """
        whole = self._whole(np.asarray(outputs, np.float64))
        if not (np.abs(whole) < LARGE).all():
            return math.nan
        return float((np.abs(np.diff(whole)) / self._lengths).max(initial=0.0))

    def _whole(self, x: Array) -> Array:
        """G's outputs at the latents given, between them and beyond them."""
        with np.errstate(over="ignore", invalid="ignore"):
            first, last = (x[1] - x[0], x[-1] - x[-2]) if len(x) > 1 else (0.0, 0.0)
            ends = x[0] + self._before * first, x[-1] + self._after * last
            between = np.einsum("ij,ij->i", x[self._nodes], self._weights)
        return np.concatenate([ends[0], between, ends[1]])


def _margins(z: Array, gaps: Array) -> tuple[Array, Array]:
    """How far a uniform distribution reaches beyond its outermost latents."""
    ends = np.array([gaps[0], gaps[-1]]) / 2
    if z[0] >= -1 and z[-1] <= 1:
        ends = np.minimum(ends, [z[0] + 1, 1 - z[-1]])
    return ends[:1], ends[1:]


def _normal_masses(z: Array) -> Array:
    """Mass of N(0, 1) between ascending places; that beyond them is added at both ends."""
    beyond = cumulative(-np.abs(z))
    mass = np.abs(np.diff(beyond))
    middle = int(np.searchsorted(z, 0.0)) - 1
    if 0 <= middle < len(mass):
        mass[middle] = 1 - beyond[middle] - beyond[middle + 1]
    mass[[0, -1]] += beyond[[0, -1]]
    return mass


def _refined(z: Array, near: float) -> tuple[Array, NDArray[np.intp]]:
    """Add latents between those that lie far apart; and the gap in which each interval is."""
    if len(z) < 2:
        return z, np.zeros(0, np.intp)
    gaps = np.diff(z)
    parts = np.ceil(gaps / near).clip(1, MOST).astype(np.intp)
    gap = np.repeat(np.arange(len(gaps)), parts)
    first = (np.cumsum(parts) - parts)[gap]
    share = (np.arange(len(gap)) - first) / parts[gap]
    return np.append(z[gap] + share * gaps[gap], z[-1]), gap


def _cubics(z: Array, places: Array) -> tuple[NDArray[np.intp], Array]:
    """Lagrange interpolation at each place: the nearest latents, and their weights."""
    order = min(4, len(z))
    left = np.searchsorted(z, places, side="right") - 1
    nodes = (left - 1).clip(0, len(z) - order)[:, None] + np.arange(order)
    weights = np.ones((len(places), order))
    with np.errstate(all="ignore"):  # latents as near to one another as numbers can be
        for one, other in permutations(range(order), 2):
            a, b = z[nodes[:, one]], z[nodes[:, other]]
            weights[:, one] *= (places - b) / (a - b)
    return nodes, weights


def latent_line(recording: Recording) -> LatentLine | None:
    """The latents whose outputs, in the channel ``generator``, give p_g exactly.

    None if the latent has several dimensions, if the latents of the outputs were not recorded, or
    if the outputs are not G's but a statistic of them.
    """
    header = recording.header.get("latent")
    shape = recording.channels["generator"].shape
    known = recording.constant_channels.get("latents")
    if not isinstance(header, Mapping) or known is None or "statistic" in recording.header:
        return None
    if header.get("kind") not in ("normal", "uniform") or known.shape != (*shape, 1) or 0 in shape:
        return None
    latents = np.asarray(recording.constants["latents"], np.float64).ravel()
    if header["kind"] == "normal":  # of a uniform one the ends are those of the latents
        described = Latent.from_description({**header, "dim": 1})
        latents = (latents - described.loc) / described.scale
    ascending = (np.abs(latents) < FARTHEST).all() and (np.diff(latents) > NEAREST).all()
    return LatentLine(latents, str(header["kind"])) if ascending else None

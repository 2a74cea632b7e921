"""How far apart distributions are, and how diverse samples."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.profiles import Comparison, piled, profile_of
from gan_viz.distributions import Distribution
from gan_viz.distributions.modes import Mode, core_edges

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-6
"""`kullback_leibler` is infinite where one distribution has more mass than this, and the other has
none: far out in the tails a logarithm of 0 would outweigh all else."""
TAIL = 0.01
"""Part on either side that is left out where tails decide on a distance."""
COVERED = 0.25
"""A class is covered if it has at least this part of its fair share of the samples, and a mode if
it has this part of its mass: what lies there by chance, by an error of the classifier or on the way
between two other modes, is less."""

MOST_COMPARED = 512
"""Samples that are compared with one another, all pairs of them."""


def wasserstein1(samples: ArrayLike, target: Distribution) -> float:
    """Wasserstein-1 distance of samples, shape (n,), from a distribution, in the unit of x.

    In one dimension it is the area between the distribution functions, ``∫ |F(x) - G(x)| dx``
    (Villani 2003, eq. 2.47): infinite where the distribution has no mean, NaN if a sample is.

    Examples
    --------
    >>> from gan_viz.distributions import target
    >>> uniform = target("uniform(0, 1)")
    >>> round(wasserstein1([1.25, 1.75], uniform), 6)
    1.0
    """
    values = np.asarray(samples, np.float64).ravel()
    if not np.isfinite(values).all():
        return math.nan if np.isnan(values).any() else math.inf
    points = piled(values, values, np.full(len(values), 1 / len(values)), target.scale)
    return Comparison(profile_of(target), points).wasserstein1


def midpoints(n: int) -> Array:
    """Levels in the middle of n equal parts of 0..1.

    Examples
    --------
    >>> midpoints(2).tolist()
    [0.25, 0.75]
    """
    return np.asarray((np.arange(n) + 0.5) / n)


def quantile_distance(samples: ArrayLike, quantiles: Array) -> float:
    """Mean distance from a distribution's ascending quantiles, shape (n,), at the `midpoints`.

    Near `wasserstein1`, quicker, and finite for any distribution. NaN if a sample is, infinite if
    one is or is too large.
    """
    ordered = np.sort(np.asarray(samples, np.float64), axis=None)
    with np.errstate(over="ignore"):
        return float(np.mean(np.abs(ordered - quantiles)))


def relative_distances(outputs: Array, target: Distribution) -> Array:
    """Distance of each row of outputs, (frames, n), from a target, relative to its scale.

    The mean distance between quantiles (see `quantile_distance`), from 1 % to 99 % if the target is
    `heavy_tailed`; shape (frames,). NaN where an output is not finite.
    """
    levels = midpoints(outputs.shape[1])
    ordered, quantiles = np.sort(outputs, axis=1), target.ppf(levels)
    inside = (levels > TAIL) & (levels < 1 - TAIL) if target.heavy_tailed else levels > 0
    with np.errstate(over="ignore", invalid="ignore"):
        distances = np.abs(ordered - quantiles)[:, inside].mean(axis=1) / target.scale
    return np.where(np.isfinite(outputs).all(axis=1), distances, np.nan)


def core_shares(samples: ArrayLike, modes: Sequence[Mode]) -> tuple[Array, float]:
    """Share of one-dimensional samples in the core of each mode, and in the gaps between cores.

    Those that are not finite, or beyond the outermost cores, are in none.
    """
    values = np.asarray(samples, np.float64)
    ordered = np.sort(values[np.isfinite(values)])
    ends = core_edges(modes).reshape(-1, 2)
    first = np.searchsorted(ordered, ends[:, 0])
    last = np.searchsorted(ordered, ends[:, 1], side="right")
    counts, between = split_cores(np.stack([first, last], axis=1).ravel().astype(np.float64))
    return counts / len(values), float(between) / len(values)


def split_cores(below: Array) -> tuple[Array, Array]:
    """Masses in cores, shape (..., modes), and in the gaps between them, shape (...).

    `below` has the mass below each of the `gan_viz.distributions.modes.core_edges`.
    """
    masses = np.diff(below)
    return masses[..., ::2], np.asarray(masses[..., 1::2].sum(axis=-1))


# The divergences below take masses in the same cells. Merging what lies within a cell can only
# lower a divergence (Csiszár 1967); not at all where both are even within each cell.


def kullback_leibler(p: Array, q: Array) -> float:
    """``KL(p ‖ q) = Σ p log(p / q)`` (Kullback & Leibler 1951) of two masses, shape (cells,).

    In nats, at least 0. Infinite if p has more than 1e-6 where q has none; cells with less do not
    count.
    """
    if float(p[q <= 0].sum()) > NEGLIGIBLE:
        return math.inf
    there = (p > 0) & (q > 0)
    p, q = p[there], q[there]
    return max(0.0, float(p @ (np.log(p) - np.log(q))))  # p / q may be too large


def jensen_shannon(p: Array, q: Array) -> float:
    """Jensen-Shannon divergence: the mean of ``KL(p ‖ m)`` and ``KL(q ‖ m)``, ``m = (p + q)/2``.

    ``2 JS - log 4`` is the value of the minimax game against the optimal discriminator
    (Goodfellow et al. 2014, eq. 6). The masses have shape (cells,); in nats, from 0 to log 2.
    """
    middle = (p + q) / 2
    least = float(np.finfo(np.float64).tiny)  # smaller ones, halved, may be nothing
    total = sum(
        float(one[one > least] @ np.log(one[one > least] / middle[one > least])) for one in (p, q)
    )
    return min(max(0.0, total / 2), math.log(2))


def total_variation(p: Array, q: Array) -> float:
    """Largest difference in the probability of an event, 0..1, of two masses, shape (cells,)."""
    return float(np.abs(p - q).sum()) / 2


def diversity(samples: ArrayLike) -> float:
    """Mean Euclidean distance between two different samples, shape (n, ...), in their unit.

    Of more than 512 samples as many or fewer, evenly chosen, stand for all: pairs take memory by
    the square of their number. NaN if there are fewer than two, or if a value is not finite.

    Examples
    --------
    >>> diversity([[0, 0], [3, 4]])
    5.0
    """
    given = np.asarray(samples)
    rows = given[:: -(-len(given) // MOST_COMPARED) or 1].astype(np.float64)
    n = len(rows)
    if n < 2 or not np.isfinite(rows).all():
        return math.nan
    rows = rows.reshape(n, -1)
    rows = rows - rows.mean(axis=0)  # small differences of large numbers would lose digits
    gram = rows @ rows.T  # |a - b|² = |a|² + |b|² - 2 a·b, all in one product
    squares = np.diag(gram)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * gram, 0.0))
    np.fill_diagonal(distances, 0.0)
    return float(distances.sum() / (n * (n - 1)))


def covered_share(counts: ArrayLike, samples: float | None = None) -> float:
    """Share of the classes that samples cover, 0..1, from the number of samples in each class.

    Of `samples` classified in all, those that the classifier is unsure of are in no class; by
    default there are none of these. See `covered` for when a class is covered.
    """
    return float(covered(counts, samples).mean())


def covered(counts: ArrayLike, samples: float | None = None) -> NDArray[np.bool_]:
    """Whether each class has at least `COVERED` of its fair share, 1/classes, of the samples."""
    numbers = np.asarray(counts, np.float64)
    whole = max(float(numbers.sum()), samples or 0.0)
    return np.asarray(numbers >= max(COVERED * whole / len(numbers), 1e-300))

"""Data on its way to noise: its density, exact score and quantiles at a level of noise.

At a level, data x_0 has become ``x = alpha x_0 + shift + sigma e`` with e from N(0, 1). In one
dimension the probability flow between two levels keeps every sample at its quantile, so that it is
known without solving an equation: from F_start to ``F_end^-1(F_start)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.distributions import Distribution
from gan_viz.distributions.normal import cumulative
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

Array = NDArray[np.float64]

CELLS = 512
"""Cells of equal mass, besides those of its grid, in which data other than normal is taken."""
LEAST = 1e-6
"""Mass beyond the outermost cells, on either side, which is left out."""
NARROWEST = 1e-9
"""Cells of less than this part of the data's scale are merged, as they would vanish."""
BISECTIONS = 60
"""Halvings of the interval that holds a quantile."""
FARTHEST = 8.0
"""No quantile is looked for farther out than this, in standard deviations of the noise."""
ROOT = float(np.sqrt(2 * np.pi))


class Level(NamedTuple):
    """A level of noise: ``x = alpha x_0 + shift + sigma e``."""

    alpha: float
    """What is left of the data, above or at 0."""
    shift: float
    sigma: float
    """In the data's unit; `sigma` is at least 0."""


def recorded_levels(recording: Recording) -> list[Level]:
    """The levels of noise of a recording, from noise to data: all but the last have some.

    Raises RecordingError if the constant ``noise_levels`` is no such array of shape (n, 3), n at
    least 2.
    """
    rows = np.asarray(recording.constants["noise_levels"], np.float64)
    fits = rows.ndim == 2 and rows.shape[1:] == (3,) and len(rows) > 1
    if fits:
        alpha, _, sigma = rows.T
        fits = bool((np.abs(rows) < LARGE).all() and (alpha >= 0).all() and (sigma[:-1] > 0).all())
        fits &= bool(sigma[-1] >= 0 and alpha[-1] + sigma[-1] > 0)
    if not fits:
        raise RecordingError(
            f"{recording.path}: noise_levels are no rows of alpha, shift and sigma, at least two; "
            "choose other panels"
        )
    return [Level(*row) for row in rows.tolist()]


class NoisedTarget:
    """A target at any level of noise.

    Of a mixture of normals all is exact (`is_exact`): at a level it is a mixture again, with means
    ``alpha mu_k + shift`` and variances ``v_k = alpha^2 s_k^2 + sigma^2``, and its score is ``sum_k
    r_k(x) (alpha mu_k + shift - x) / v_k`` with the responsibilities r_k. Other data is taken in
    small cells, within each of which it is even.
    """

    def __init__(self, target: Distribution) -> None:
        self._target, self._normals = target, target.normals()
        self.is_exact = self._normals is not None
        if not self.is_exact:
            levels = np.linspace(LEAST, 1 - LEAST, CELLS + 1)
            edges = np.union1d(target.ppf(levels), target.grid)
            ends = target.ppf([LEAST, 1 - LEAST])
            edges = edges[(edges >= ends[0]) & (edges <= ends[1])]
            edges = edges[np.diff(edges, prepend=-np.inf) > NARROWEST * target.scale]
            masses = np.diff(target.cdf(edges))
            kept = masses > 0
            self._cells = edges[:-1][kept], edges[1:][kept], masses[kept] / masses.sum()

    def score(self, x: ArrayLike, level: Level) -> Array:
        """``d/dx log p(x)`` at a level with noise, in the shape of `x`, in 1 / unit of x.

        NaN where the density of data that is no mixture of normals underflows.
        """
        x = np.asarray(x, np.float64)
        parts = self._at(level)
        if parts is None:
            density, slope = self._on_cells(x, level)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(slope / density)
        weights, means, deviations = parts
        away = (means - x[..., None]) / deviations
        exponents = np.log(weights / deviations) - away**2 / 2
        shares = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.asarray((shares * away / deviations).sum(axis=-1))

    def pdf(self, x: ArrayLike, level: Level) -> Array:
        """The density at a level, in the shape of `x`."""
        x = np.asarray(x, np.float64)
        parts = self._at(level)
        if parts is None:
            return self._on_cells(x, level)[0] if level.sigma else self._clean(x, level)
        weights, means, deviations = parts
        away = (x[..., None] - means) / deviations
        return np.asarray((weights * np.exp(-(away**2) / 2) / (deviations * ROOT)).sum(axis=-1))

    def cdf(self, x: ArrayLike, level: Level) -> Array:
        """The mass below each place at a level, in the shape of `x`."""
        x = np.asarray(x, np.float64)
        parts = self._at(level)
        if parts is not None:
            weights, means, deviations = parts
            return np.asarray(cumulative((x[..., None] - means) / deviations) @ weights)
        if not level.sigma:
            return np.asarray(self._target.cdf((x - level.shift) / level.alpha))
        low, high, masses = self._noised_cells(level)
        # the integral of the normal distribution function, by parts
        a, b = (x[..., None] - low) / level.sigma, (x[..., None] - high) / level.sigma
        grown = a * cumulative(a) + _bell(a) - b * cumulative(b) - _bell(b)
        return np.asarray((grown * (level.sigma / (high - low))) @ masses)

    def ppf(self, q: ArrayLike, level: Level) -> Array:
        """The quantiles at a level, in the shape of `q`, which lies between 0 and 1."""
        q = np.asarray(q, np.float64)
        bare = level.alpha * self._target.ppf(np.clip(q, LEAST / 2, 1 - LEAST / 2)) + level.shift
        if not level.sigma:
            return np.asarray(level.alpha * self._target.ppf(q) + level.shift)
        ends = level.alpha * self._target.ppf([LEAST / 2, 1 - LEAST / 2]) + level.shift
        low = np.full_like(bare, ends[0] - FARTHEST * level.sigma)
        high = np.full_like(bare, ends[1] + FARTHEST * level.sigma)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = self.cdf(middle, level) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2

    def _at(self, level: Level) -> tuple[Array, Array, Array] | None:
        """Weights, means and deviations of the normals at a level; None for cells."""
        if self._normals is None and level.alpha:
            return None
        # without data there is noise alone, whatever the target is
        normals = np.array([[1.0, 0.0, 0.0]]) if self._normals is None else self._normals
        weights, means, deviations = normals.T
        return (
            weights,
            level.alpha * means + level.shift,
            np.hypot(level.alpha * deviations, level.sigma),
        )

    def _noised_cells(self, level: Level) -> tuple[Array, Array, Array]:
        """Ends of the cells and their masses."""
        low, high, masses = self._cells
        return level.alpha * low + level.shift, level.alpha * high + level.shift, masses

    def _on_cells(self, x: Array, level: Level) -> tuple[Array, Array]:
        """Density and its slope."""
        low, high, masses = self._noised_cells(level)
        a, b = (x[..., None] - low) / level.sigma, (x[..., None] - high) / level.sigma
        heights = masses / (high - low)
        # beyond the middle of the bell its other side has the digits
        inside = np.where(a + b > 0, cumulative(-b) - cumulative(-a), cumulative(a) - cumulative(b))
        return inside @ heights, (_bell(a) - _bell(b)) @ heights / level.sigma

    def _clean(self, x: Array, level: Level) -> Array:
        return np.asarray(self._target.pdf((x - level.shift) / level.alpha) / level.alpha)


def _bell(z: Array) -> Array:
    return np.asarray(np.exp(-(z**2) / 2) / ROOT)

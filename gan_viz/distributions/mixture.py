"""Weighted sums of distributions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import Array, Distribution

_MOST_ITERATIONS = 200
_TABLE = 256  # values of the cdf from which a search starts
_LEAST_WEIGHT_SEEN = 1e-3  # lighter parts do not widen the picture


class Mixture(Distribution):
    """A weighted sum of distributions, named by an expression.

    The weights are positive; they are scaled to sum to 1 exactly.
    """

    def __init__(
        self,
        weights: Sequence[float],
        parts: Sequence[Distribution],
        label: str,
        expression: str,
    ) -> None:
        self.label = label
        self._expression = expression
        self._weights = np.asarray(weights, np.float64) / np.sum(weights)
        self._parts = tuple(parts)
        with np.errstate(invalid="ignore", over="ignore"):
            self.mean = float(self._weights @ [part.mean for part in parts])
            around = [part.std**2 + (part.mean - self.mean) ** 2 for part in parts]
            self.std = float(np.sqrt(self._weights @ around))

    def pdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.pdf`."""
        return self._sum([part.pdf(x) for part in self._parts])

    def cdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.cdf`."""
        return np.minimum(self._sum([part.cdf(x) for part in self._parts]), 1.0)

    def normals(self) -> Array | None:
        """See `Distribution.normals`."""
        known = [part.normals() for part in self._parts]
        rows = [
            each * [weight, 1, 1]
            for each, weight in zip(known, self._weights, strict=True)
            if each is not None
        ]
        return np.concatenate(rows) if len(rows) == len(known) else None

    def _sum(self, values: list[Array]) -> Array:
        return np.asarray(np.tensordot(self._weights, np.stack(values), axes=1))

    def ppf(self, q: npt.ArrayLike) -> Array:
        """See `Distribution.ppf`; found by a bracketed Newton search in the cdf."""
        shape, q = np.shape(q), np.ravel(np.asarray(q, np.float64))
        quantiles = np.stack([part.ppf(q) for part in self._parts])
        low, high = quantiles.min(axis=0), quantiles.max(axis=0)
        x = np.where(q >= 1, high, low)
        inner = (q > 0) & (q < 1) & (low < high)
        x[inner] = self._search(q[inner], low[inner], high[inner])
        return np.asarray(x.reshape(shape))

    def _search(self, q: Array, low: Array, high: Array) -> Array:
        """Solve cdf(x) = q between `low` and `high`, where the parts' own quantiles lie.

        Newton steps from values of a table; where one did not halve what is missing, the next is a
        bisection, so that an end is found whatever the density does.
        """
        table = self.grid[:: -(-self.grid.size // _TABLE)]
        x = np.clip(np.interp(q, self.cdf(table), table), low, high)
        open_, before = np.arange(q.size), np.full(q.size, np.inf)
        for _ in range(_MOST_ITERATIONS):
            here, wanted = x[open_], q[open_]
            excess = self.cdf(here) - wanted
            low[open_] = np.where(excess <= 0, here, low[open_])
            high[open_] = np.where(excess >= 0, here, high[open_])
            left = np.abs(excess) > np.maximum(1e-12 * np.minimum(wanted, 1 - wanted), 2e-16)
            left &= high[open_] - low[open_] > 4 * np.spacing(np.abs(here))
            open_, here, excess = open_[left], here[left], excess[left]
            if not open_.size:
                break
            slow = np.abs(excess) > before[open_] / 2
            x[open_] = self._next(here, excess, low[open_], high[open_], slow)
            before[open_] = np.abs(excess)
        return x

    def _next(
        self, x: Array, excess: Array, low: Array, high: Array, bisected: npt.NDArray[np.bool_]
    ) -> Array:
        with np.errstate(all="ignore"):
            step = x - excess / self.pdf(x)
        inside = (step > low) & (step < high) & ~bisected
        return np.where(inside, step, low + (high - low) / 2)

    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """See `Distribution.sample`; each value picks its part independently."""
        edges = np.cumsum(self._weights)[:-1]
        chosen = np.searchsorted(edges, generator.random(n), side="right")
        drawn = np.empty(n)
        for index, part in enumerate(self._parts):
            where = np.flatnonzero(chosen == index)
            drawn[where] = part.sample(where.size, generator)
        return drawn

    def _seen(self) -> list[Distribution]:
        pairs = zip(self._weights, self._parts, strict=True)
        return [part for weight, part in pairs if weight >= _LEAST_WEIGHT_SEEN]

    @cached_property
    def window(self) -> tuple[float, float]:
        """The union of the parts' windows."""
        lows, highs = zip(*(part.window for part in self._seen()), strict=True)
        return min(lows), max(highs)

    @cached_property
    def grid(self) -> Array:
        """The union of the parts' grids."""
        return np.unique(np.concatenate([part.grid for part in self._parts]))

    def describe(self) -> dict[str, Any]:
        """See `Distribution.describe`."""
        return {"kind": "expression", "expression": self._expression, "label": self.label}

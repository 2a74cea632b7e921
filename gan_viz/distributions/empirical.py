"""Real data as a target: its values, their quantiles, and an estimate of their density."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import Array, Distribution, shorten
from gan_viz.distributions.fields import as_label, as_number, as_numbers, as_whole
from gan_viz.errors import DataError, GanVizError, UsageError

_MOST_DESCRIBED = 4096
_MOST_SMOOTHED = 65_536
_CELLS_PER_BANDWIDTH = 16
_KERNEL_REACH = 6  # bandwidths; beyond lies 2e-9 of a Gaussian
_MOST_CELLS = 1 << 17
_BINS = 5, 120
_SMOOTH = 0.6  # steps: a Gaussian this wide on each step is flat to a thousandth of its height
_LEAST_STEPS = 4  # fewer different values than five are categories, each a mode of its own
_EDGE = 0.5  # of the highest density: as much within a bandwidth of the end tells a limit
_TIED = 0.05  # of the values: as many exactly at the end tell a limit
_LEAST_LIMITED = 200  # of fewer values, the end is dense by chance
_DOMINATED = 1.5  # times the standard deviation of the body


class Empirical(Distribution):
    """The values of a sample as a distribution.

    `sample` draws values with replacement (a bootstrap). `ppf` interpolates linearly between the
    order statistics, as `numpy.quantile` does, and `cdf` is its inverse. `pdf` is a Gaussian kernel
    density estimate with Silverman's bandwidth, or a wider one where values are rounded (to whole
    numbers, say) so that the steps are no modes. At a limit where many values lie and beyond which
    none does, the estimate is reflected, so that no density leaks beyond it.

    The values, shape (m,), are finite and not all equal; where they are only evenly spaced
    quantiles of more values, `count`, `mean` and `std` are those of all. Raises DataError if there
    is nothing to learn from the values.

    References
    ----------
    Silverman (1986), Density Estimation for Statistics and Data Analysis, eq. 3.31:
    h = 0.9 min(std, IQR / 1.34) n^(-1/5); section 2.10 for the reflection.
    """

    is_estimate: ClassVar[bool] = True
    _least_mass: ClassVar[float] = 0.05  # smaller bumps of an estimate are often chance
    _unusable: ClassVar[type[GanVizError]] = DataError

    def __init__(
        self,
        values: Array,
        label: str,
        count: int | None = None,
        mean: float | None = None,
        std: float | None = None,
    ) -> None:
        self.label = shorten(label)
        self._values = np.sort(np.asarray(values, np.float64))
        _check_values(self._values, self.label)
        self.count: int = self._values.size if count is None else count
        center, spread = _moments(self._values)
        self.mean = center if mean is None else mean
        self.std = spread if std is None else std

    @property
    def _is_condensed(self) -> bool:
        return self.count > self._values.size

    @cached_property
    def _center(self) -> tuple[float, float]:
        """Mean and standard deviation, of the body alone where outliers dominate them."""
        low, high = self._body()
        inside = self._values[(low <= self._values) & (self._values <= high)]
        center, spread = _moments(inside) if inside.size else (self.mean, 0.0)
        if 0 < _DOMINATED * spread < self.std:
            return center, spread
        return self.mean, self.std

    def ppf(self, q: npt.ArrayLike) -> Array:
        """See `Distribution.ppf`."""
        steps = np.linspace(0.0, 1.0, self._values.size)
        return np.asarray(
            np.interp(np.asarray(q, np.float64), steps, self._values, left=np.nan, right=np.nan)
        )

    def cdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.cdf`."""
        x, last = np.asarray(x, np.float64), self._values.size - 1
        before = np.searchsorted(self._values, x, side="right") - 1
        here = self._values[np.clip(before, 0, last)]
        there = self._values[np.clip(before + 1, 0, last)]
        between = (before >= 0) & (before < last)
        part = np.where(between, x - here, 0.0) / np.where(between, there - here, 1.0)
        return np.asarray(np.clip((before + part) / last, 0.0, 1.0) + 0.0 * x)

    def pdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.pdf`; a kernel density estimate."""
        return np.asarray(
            np.interp(np.asarray(x, np.float64), *self._estimate, left=0.0, right=0.0)
        )

    @property
    def _blur(self) -> float:
        return self.bandwidth

    @cached_property
    def bandwidth(self) -> float:
        """The standard deviation of the estimate's Gaussian kernel."""
        low, high = map(float, self.ppf([0.25, 0.75]))
        spreads = [s for s in (self.scale, (high - low) / 1.34) if s > 0]
        silverman = float(0.9 * min(spreads) * self.count**-0.2)
        return max(silverman, _SMOOTH * (self._step or 0.0))

    @cached_property
    def _step(self) -> float | None:
        """What the values are multiples of, but for an offset; None if they are not rounded."""
        different = np.unique(self._values)
        if not _LEAST_STEPS < different.size < self._values.size / 2:
            return None
        step = float(np.diff(different).min())
        steps = (different - different[0]) / step
        return step if np.abs(steps - np.rint(steps)).max() < 1e-6 * steps[-1] ** 0.5 else None

    @cached_property
    def _estimate(self) -> tuple[Array, Array]:
        """The grid of x and the estimated density there."""
        smoothed = self._values
        if self._is_condensed or smoothed.size > _MOST_SMOOTHED:
            smoothed = self.ppf((np.arange(_MOST_SMOOTHED) + 0.5) / _MOST_SMOOTHED)
        cell = self.bandwidth / _CELLS_PER_BANDWIDTH
        low, high = self._estimated_range(cell)
        cells = int((high - low) / cell) + 1
        mass = _bin_linearly((smoothed - low) / cell, cells) / (smoothed.size * cell)
        density = np.asarray(np.convolve(mass, _gaussian_kernel(), mode="same"))
        x = low + cell * np.arange(density.size, dtype=np.float64)
        return x, self._reflected(x, density, cell)

    def _reflected(self, x: Array, density: Array, cell: float) -> Array:
        """Fold what lies beyond a limit of the values back to its other side."""
        highest, half_step = float(density.max()), (self._step or 0.0) / 2
        for end, sign in ((float(self._values[0]), -1), (float(self._values[-1]), 1)):
            if self._is_limit(end, highest):
                limit = end + sign * half_step
                mirrored = np.interp(2 * limit - x, x, density, left=0.0, right=0.0)
                within = sign * (x - limit) <= 0.01 * cell
                density = np.where(within, density + mirrored, 0.0)
        return density

    def _is_limit(self, end: float, highest: float) -> bool:
        """Tell whether values pile up at the smallest or largest one instead of thinning out."""
        near = np.abs(self._values - end)
        if self._values.size < _LEAST_LIMITED:
            return False
        if self._step is None and (near == 0).mean() >= _TIED:
            return True
        reach = self.bandwidth
        if self._step is not None:  # count whole steps
            reach = np.floor(reach / self._step) * self._step
        width = reach + (self._step or 0.0) / 2
        return bool((near <= reach).mean() / width > _EDGE * highest)

    def _estimated_range(self, cell: float) -> tuple[float, float]:
        """Return where the estimate is made: everywhere, unless outliers lie absurdly far."""
        reach = (_KERNEL_REACH + 1) * self.bandwidth
        low, high = float(self._values[0]) - reach, float(self._values[-1]) + reach
        middle = float(self.ppf(0.5))
        half = _MOST_CELLS / 2 * cell
        return max(low, middle - half), min(high, middle + half)

    @cached_property
    def grid(self) -> Array:
        """Every fourth point of the estimate's own grid, and those on both sides of a limit."""
        x, density = self._estimate
        ends = np.flatnonzero(np.diff(density > 0))
        return np.union1d(x[::4], x[np.concatenate([ends, ends + 1])])

    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """See `Distribution.sample`."""
        if self._is_condensed:
            return self.ppf(generator.random(n))
        return self._values[generator.integers(0, self._values.size, n)]

    def histogram(self) -> tuple[Array, Array]:
        """Return (edges, densities), shapes (k + 1,) and (k,), within the window.

        Bins are as wide as Freedman and Diaconis advise, 5 to 120 of them; those of rounded values
        are whole steps wide with the values in their middle. The densities are relative to all
        values, so they fit on `pdf`.
        """
        first, last = float(self._values[0]), float(self._values[-1])
        low, high = max(self.window[0], first), min(self.window[1], last)
        quarter, three_quarters = map(float, self.ppf([0.25, 0.75]))
        width = 2 * (three_quarters - quarter) * self.count ** (-1 / 3) or 3.5 * self.bandwidth
        edges = self._stepped_edges(low, high, width)
        if edges is None:
            bins = int(np.clip(np.ceil((high - low) / width), *_BINS))
            edges = np.linspace(low, high, bins + 1)
        inside = self._values[(low <= self._values) & (self._values <= high)]
        counts = np.histogram(inside, edges)[0]
        return edges, counts / (self._values.size * np.diff(edges))

    def _stepped_edges(self, low: float, high: float, width: float) -> Array | None:
        """Return edges half-way between rounded values, or None where these are not rounded."""
        if self._step is None:
            return None
        first = float(self._values[np.searchsorted(self._values, low)])
        steps = round((high - first) / self._step) + 1
        each = max(1, round(width / self._step), -(-steps // _BINS[1]))
        bins = -(-steps // each)
        return np.asarray(first + self._step * (each * np.arange(bins + 1) - 0.5))

    def describe(self) -> dict[str, Any]:
        """See `Distribution.describe`; of many values, 4096 evenly spaced quantiles are kept."""
        kept = self._values
        if kept.size > _MOST_DESCRIBED:
            kept = self.ppf(np.linspace(0.0, 1.0, _MOST_DESCRIBED))
        return {
            "kind": "values",
            "label": self.label,
            "count": self.count,
            "mean": self.mean,
            "std": self.std,
            "values": kept.tolist(),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Empirical:
        """Build what was described, checking every field."""
        values = as_numbers(description, "values")
        count = as_whole(description, "count", least=values.size, most=10**15)
        mean, std = (as_number(description, key) for key in ("mean", "std"))
        if std <= 0:
            raise UsageError(f"'std' is {std}, not positive")
        return cls(values, as_label(description), count, mean, std)


def _check_values(values: Array, label: str) -> None:
    if values.size < 2:
        raise DataError(
            f"{label}: {values.size or 'no'} value: at least 2 are needed to learn from"
        )
    if values[0] == values[-1]:
        raise DataError(
            f"{label}: all {values.size} values are {values[0]:g}: without any variance there is "
            "nothing to learn"
        )
    if max(-values[0], values[-1]) > 1e150 or values[-1] - values[0] < 1e-150:
        raise DataError(
            f"{label}: values from {values[0]:g} to {values[-1]:g} are too large or too small to "
            "square: give them in another unit"
        )


def _moments(values: Array) -> tuple[float, float]:
    """Return mean and standard deviation, without under- or overflow in the squares."""
    center = float(values.mean())
    away = values - center
    unit = float(np.abs(away).max())
    return center, unit * float(np.sqrt(np.mean((away / unit) ** 2))) if unit > 0 else 0.0


def _gaussian_kernel() -> Array:
    steps = np.arange(
        -_KERNEL_REACH * _CELLS_PER_BANDWIDTH, _KERNEL_REACH * _CELLS_PER_BANDWIDTH + 1
    )
    kernel = np.exp(-0.5 * (steps / _CELLS_PER_BANDWIDTH) ** 2)
    return np.asarray(kernel / kernel.sum())


def _bin_linearly(position: Array, cells: int) -> Array:
    """Share each value between the two grid points beside it; leave out what lies beyond."""
    position = position[(position >= 0) & (position < cells - 1)]
    left = position.astype(np.intp)
    right_share = position - left
    shares = np.bincount(left, 1 - right_share, cells)
    return np.asarray(shares + np.bincount(left + 1, right_share, cells))

"""The contract of a 1-D target: what a distribution to be learnt can be asked.

Subclasses give `pdf`, `cdf`, `ppf`, `sample`, `mean`, `std` and `describe`; what a picture needs
on top of these (where to look, how many modes there are) is worked out here, from them alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.modes import Mode, find_modes
from gan_viz.errors import GanVizError, UsageError

Array: TypeAlias = npt.NDArray[np.float64]

# IQR = 1.349 sigma and q75 - median = 0.6745 sigma for a normal distribution.
IQR_OF_NORMAL = 1.3489795003921634
_MARGIN = 0.1
_LONGEST_LABEL = 48
_LARGEST = 1e30  # networks compute in float32, which ends at 3e38
_SMALLEST_SCALE = 1e-9  # of |x|: float64 has 16 digits, and a picture of the density needs some


class Distribution(ABC):
    """A one-dimensional continuous distribution that G is to learn.

    Attributes
    ----------
    label : str
        Short text for a picture, e.g. ``"norm(4, 0.5)"`` or ``"measurements.csv: height"``.
        It may hold anything a file or column name can, so draw it as plain text.
    is_estimate : bool
        True for real data, where `pdf` is a kernel density estimate of the values.
    notes : tuple of str
        What to tell the user of a file about its numbers: how they were read, and which of them
        look like codes for missing values.
    mean, std : float
        The true ones; infinite or NaN where the distribution has none (Cauchy).
    count : int or None
        How many values of real data it is known by.
    """

    count: int | None = None
    label: str
    is_estimate: ClassVar[bool] = False
    notes: tuple[str, ...] = ()
    mean: float
    std: float

    _least_mass: ClassVar[float] = 1e-3  # of a peak that counts as a mode
    _unusable: ClassVar[type[GanVizError]] = UsageError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}: mean {self.mean:.4g}, std {self.std:.4g}>"

    @abstractmethod
    def pdf(self, x: npt.ArrayLike) -> Array:
        """Return the density at `x`, in the shape of `x`; infinite where the density is."""

    @abstractmethod
    def cdf(self, x: npt.ArrayLike) -> Array:
        """Return the probability of values up to `x`, in the shape of `x`."""

    @abstractmethod
    def ppf(self, q: npt.ArrayLike) -> Array:
        """Return the quantile at `q`, in the shape of `q`; NaN outside [0, 1]."""

    @abstractmethod
    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """Draw `n` independent values, shape (n,), from `generator` and nothing else."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return, as JSON, what `from_description` needs to build this distribution again."""

    def histogram(self) -> tuple[Array, Array] | None:
        """Return (edges, densities) of real data, shapes (k + 1,) and (k,); otherwise None."""
        return None

    def normals(self) -> Array | None:
        """Return (weight, mean, deviation) of normal distributions that make up this one.

        Shape (k, 3), the weights summing to 1; None where it is no mixture of normal ones.
        """
        return None

    @cached_property
    def _center(self) -> tuple[float, float]:
        if np.isfinite(self.mean) and np.isfinite(self.std) and self.std > 0:
            return self.mean, self.std
        low, median, high = map(float, self.ppf([0.25, 0.5, 0.75]))
        return median, (high - low) / IQR_OF_NORMAL

    @property
    def location(self) -> float:
        """What to subtract from data to standardize it: the mean, or the median without one.

        Of real data with outliers that would dominate it, the mean of the rest.
        """
        return self._center[0]

    @property
    def scale(self) -> float:
        """What to divide by to standardize: the standard deviation, else IQR / 1.349.

        Of real data with outliers that would dominate it, the standard deviation of the rest.
        """
        return self._center[1]

    @property
    def heavy_tailed(self) -> bool:
        """Whether the standard deviation is no scale: there is none, or a few values make it."""
        return self.scale != self.std

    @cached_property
    def window(self) -> tuple[float, float]:
        """The interval of x worth drawing.

        The central 99.8 %, but on neither side further from the median than 6 times the robust
        spread of that side (or twice the way to the outer 5 %), so that heavy tails do not squeeze
        the body; and a margin of a tenth on both sides.
        """
        low, high = self._body()
        if not low < high:
            low, high = map(float, self.ppf([0.0, 1.0]))
        margin = _MARGIN * (high - low)
        return low - margin, high + margin

    def _body(self) -> tuple[float, float]:
        q = [0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999]
        low, far_left, left, median, right, far_right, high = map(float, self.ppf(q))
        below = _reach(median - left, median - far_left)
        above = _reach(right - median, far_right - median)
        return max(low, median - below), min(high, median + above)

    @cached_property
    def grid(self) -> Array:
        """Ascending points that resolve the density wherever it has mass; not evenly spaced."""
        tails = [1e-6, 1e-4, 1e-3, 0.01]
        q = np.concatenate([tails, np.arange(1, 32) / 32, 1 - np.array(tails[::-1])])
        x = self.ppf(q)
        nodes = np.unique(np.concatenate([x[np.isfinite(x)], self.window]))
        between = nodes[:-1, None] + np.diff(nodes)[:, None] * (np.arange(32) / 32)
        return np.unique(np.concatenate([between.ravel(), np.linspace(*self.window, 513)]))

    @property
    def _blur(self) -> float:
        """Standard deviation by which `pdf` is blurred, and `cdf` is not."""
        return 0.0

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """The well-separated peaks from left to right, with the mass of each.

        Two peaks are separate where the density between them falls to half of the lower one. The
        border is the minimum between them, the outer borders are infinite, and the masses add
        up to 1. A unimodal distribution has one mode, of mass 1.
        """
        functions = self.pdf, self.cdf, self.ppf
        return find_modes(*functions, self.grid, self._least_mass, self._blur)

    def checked(self) -> Distribution:
        """Return self if it can be drawn and learnt.

        Raises
        ------
        UsageError or DataError
            If the distribution has no finite extent, or one that float64 cannot resolve.
        """
        low, high = self.window
        if self.scale < _SMALLEST_SCALE * abs(self.location):
            raise self._unusable(
                f"{self.label} is too narrow ({self.scale:.3g}) for where it lies, around "
                f"{self.location:.6g}: subtract an offset from it"
            )
        if not (0 < self.scale < np.inf and 0 < high - low < np.inf):
            raise self._unusable(f"{self.label} cannot be drawn: it has no finite, positive width")
        if not 1 / _LARGEST < self.scale < _LARGEST or abs(self.location) > _LARGEST:
            raise self._unusable(
                f"{self.label} has a width of {self.scale:.3g} around {self.location:.3g}, which "
                "networks cannot compute with: choose another unit"
            )
        return self


def _reach(half_spread: float, way_to_tail: float) -> float:
    reach = max(6 * half_spread / (IQR_OF_NORMAL / 2), 2 * way_to_tail)
    return reach if reach > 0 else np.inf


def shorten(text: str, longest: int = _LONGEST_LABEL) -> str:
    r"""Return printable `text` on one line, cut in its middle to `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= longest:
        return line
    head = longest // 2
    return f"{line[:head]}…{line[len(line) - (longest - head - 1) :]}"

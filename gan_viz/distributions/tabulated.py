"""A distribution known only by its values on a grid: what a recording keeps of a custom one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import Array, Distribution
from gan_viz.distributions.fields import as_label, as_number, as_numbers
from gan_viz.errors import UsageError


class Tabulated(Distribution):
    """A distribution with its density and cumulative probability interpolated linearly.

    All arrays have the shape (n,): x strictly ascending, the finite density there, and the cdf,
    ascending from 0 to 1; mean and std are the true ones. Raises UsageError if they are not as
    here.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0])
    >>> ramp = Tabulated(x, pdf=x / 2, cdf=x**2 / 4, mean=4 / 3, std=2**0.5 / 3, label="ramp")
    >>> ramp.ppf([0.0, 0.25, 1.0])
    array([0., 1., 2.])
    """

    def __init__(
        self, x: Array, pdf: Array, cdf: Array, mean: float, std: float, label: str
    ) -> None:
        ascending = (np.diff(x) > 0).all() and (np.diff(cdf) >= 0).all()
        if not (ascending and (cdf[0], cdf[-1]) == (0, 1) and (pdf >= 0).all()):
            raise UsageError(f"the table of {label} is not that of a distribution")
        self.label, self.mean, self.std = label, mean, std
        self._x, self._pdf, self._cdf = x, pdf, cdf

    @classmethod
    def of(cls, other: Distribution) -> Tabulated:
        """Tabulate `other` on its own grid, to the outermost millionth on both sides."""
        x = other.grid
        cdf = np.maximum.accumulate(other.cdf(x))
        cdf = (cdf - cdf[0]) / (cdf[-1] - cdf[0])
        pdf = np.nan_to_num(other.pdf(x), nan=0.0, posinf=np.inf)
        infinite = np.isinf(pdf)
        pdf[infinite] = _mean_density(x, cdf)[infinite]
        return cls(x, np.maximum(pdf, 0), cdf, other.mean, other.std, other.label)

    def pdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.pdf`."""
        return np.asarray(
            np.interp(np.asarray(x, np.float64), self._x, self._pdf, left=0.0, right=0.0)
        )

    def cdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.cdf`."""
        return np.asarray(np.interp(np.asarray(x, np.float64), self._x, self._cdf))

    def ppf(self, q: npt.ArrayLike) -> Array:
        """See `Distribution.ppf`."""
        return np.asarray(
            np.interp(np.asarray(q, np.float64), self._cdf, self._x, left=np.nan, right=np.nan)
        )

    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """See `Distribution.sample`."""
        return self.ppf(generator.random(n))

    def describe(self) -> dict[str, Any]:
        """See `Distribution.describe`; JSON has no infinity, so None stands for an infinite one."""
        return {
            "kind": "table",
            "label": self.label,
            "mean": self.mean if np.isfinite(self.mean) else None,
            "std": self.std if np.isfinite(self.std) else None,
            "x": self._x.tolist(),
            "pdf": self._pdf.tolist(),
            "cdf": self._cdf.tolist(),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Tabulated:
        """Build what was described, checking every field."""
        x, pdf, cdf = (as_numbers(description, key) for key in ("x", "pdf", "cdf"))
        if not x.size == pdf.size == cdf.size:
            raise UsageError("x, pdf and cdf differ in length")
        mean, std = (as_number(description, key, missing=np.nan) for key in ("mean", "std"))
        return cls(x, pdf, cdf, mean, std, as_label(description))


def _mean_density(x: Array, cdf: Array) -> Array:
    """Return the density at each point averaged over the cells beside it."""
    cells = np.diff(cdf) / np.diff(x)
    return np.asarray(np.maximum(np.append(cells, 0.0), np.append(0.0, cells)))

"""The standard normal distribution function and its inverse, for few values without scipy.

Importing `scipy.special` takes as long as drawing a hundred frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["cumulative", "quantile"]

_Array = npt.NDArray[np.float64]

FEW = 4096
"""Up to so many values Python's own functions are done before scipy is imported."""


def cumulative(z: npt.ArrayLike) -> _Array:
    """``Φ(z)``, as `scipy.special.ndtr`.

    Examples
    --------
    >>> cumulative([0.0, float("inf")]).tolist()
    [0.5, 1.0]
    """
    z = np.asarray(z, np.float64)
    if z.size > FEW:
        from scipy.special import ndtr

        return np.asarray(ndtr(z))
    return _each(lambda value: 0.5 * math.erfc(-value / math.sqrt(2)), z)


def quantile(q: npt.ArrayLike) -> _Array:
    """``Φ⁻¹(q)``, as `scipy.special.ndtri`: infinite at 0 and 1, and nan outside of them.

    Examples
    --------
    >>> quantile([0.0, 0.5, 2.0]).tolist()
    [-inf, 0.0, nan]
    """
    q = np.asarray(q, np.float64)
    if q.size > FEW:
        from scipy.special import ndtri

        return np.asarray(ndtri(q))
    return _each(_quantile, q)


def _quantile(q: float) -> float:
    if 0 < q < 1:
        return NormalDist().inv_cdf(q)
    return {0.0: -math.inf, 1.0: math.inf}.get(q, math.nan)


def _each(function: Callable[[float], float], values: _Array) -> _Array:
    return np.array([function(value) for value in values.ravel().tolist()]).reshape(values.shape)

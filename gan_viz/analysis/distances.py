"""How far apart two distributions are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.distributions import Distribution

__all__ = ["midpoints", "quantile_distance", "wasserstein1"]

Array = NDArray[np.float64]


def wasserstein1(samples: ArrayLike, target: Distribution) -> float:
    """Wasserstein-1 distance between samples and a distribution.

    In one dimension it is the mean distance between quantiles, ``∫ |F^-1(q) - G^-1(q)| dq``
    (Villani 2003, eq. 2.47), here by the midpoint rule over the samples.

    Parameters
    ----------
    samples : array_like, shape (n,)
    target : Distribution

    Returns
    -------
    float
        In the unit of x; NaN if a sample is.

    Examples
    --------
    >>> from gan_viz.distributions import target
    >>> uniform = target("uniform(0, 1)")
    >>> round(wasserstein1([1.25, 1.75], uniform), 6)
    1.0
    """
    values = np.asarray(samples, np.float64).ravel()
    return quantile_distance(values, target.ppf(midpoints(len(values))))


def midpoints(n: int) -> Array:
    """Levels in the middle of n equal parts of 0..1.

    Examples
    --------
    >>> midpoints(2).tolist()
    [0.25, 0.75]
    """
    return np.asarray((np.arange(n) + 0.5) / n)


def quantile_distance(samples: ArrayLike, quantiles: Array, weights: Array | None = None) -> float:
    """`wasserstein1` to a distribution whose quantiles at the `midpoints` are known already.

    Parameters
    ----------
    samples : array_like, shape (n,)
        With `weights`, ascending.
    quantiles : ndarray, shape (n,)
        Ascending.
    weights : ndarray, shape (n,), optional
        Mass of each sample, in all 1; the quantiles are then those in the middle of each.

    Returns
    -------
    float
        In the unit of x; NaN if a sample is, infinite if one is or is too large.
    """
    ordered = np.sort(np.asarray(samples, np.float64), axis=None)
    with np.errstate(over="ignore"):
        return float(np.average(np.abs(ordered - quantiles), weights=weights))

"""How far apart two distributions are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_viz.distributions import Distribution

__all__ = ["wasserstein1"]


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
    ordered = np.sort(np.asarray(samples, np.float64).ravel())
    q = (np.arange(len(ordered)) + 0.5) / len(ordered)
    return float(np.abs(ordered - target.ppf(q)).mean())

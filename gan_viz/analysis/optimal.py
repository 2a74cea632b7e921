"""The discriminator that cannot be improved, for the generator there is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["optimal_discriminator"]

Array = NDArray[np.float64]


def optimal_discriminator(p_data: ArrayLike, p_g: ArrayLike, least: float = 0.0) -> Array:
    """``D*(x) = p_data(x) / (p_data(x) + p_g(x))`` (Goodfellow et al. 2014, eq. 2).

    Parameters
    ----------
    p_data, p_g : array_like, shape (n,)
        Densities at the same places, finite, at least 0.
    least : float
        Where both together are this small or smaller, there are no samples to tell apart.

    Returns
    -------
    ndarray, shape (n,)
        Probabilities; NaN where there is next to no density.

    Examples
    --------
    >>> optimal_discriminator([0.25, 0.75, 0.0], [0.25, 0.25, 0.0]).tolist()
    [0.5, 0.75, nan]
    """
    real = np.asarray(p_data, np.float64)
    both = real + np.asarray(p_g, np.float64)
    enough = both > least
    return np.where(enough, real / np.where(enough, both, 1.0), np.nan)

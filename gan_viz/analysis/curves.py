"""Curves over the steps of a training."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["smooth"]

Array = NDArray[np.float64]


def smooth(values: ArrayLike, window: int) -> Array:
    """Centred moving average that stays within the curve's ends; gaps (NaN) are left out.

    Parameters
    ----------
    values : array_like, shape (n,)
    window : int
        Values averaged, made odd; near the ends fewer, so that the average stays centred.

    Returns
    -------
    ndarray, shape (n,)
        NaN where a window holds no finite value.

    Examples
    --------
    >>> smooth([0, 3, 0, 3, 0], 3).tolist()
    [0.0, 1.0, 2.0, 1.0, 0.0]
    """
    data = np.asarray(values, np.float64)
    finite = np.isfinite(data)
    sums = np.concatenate([[0.0], np.cumsum(np.where(finite, data, 0.0))])
    counts = np.concatenate([[0], np.cumsum(finite)])
    at = np.arange(len(data))
    reach = np.minimum(np.minimum(at, at[::-1]), max(window, 1) // 2)
    low, high = at - reach, at + reach + 1
    number = counts[high] - counts[low]
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, (sums[high] - sums[low]) / np.maximum(number, 1), np.nan)

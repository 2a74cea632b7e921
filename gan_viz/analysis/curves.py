"""Curves over the steps of a training."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def smooth(values: ArrayLike, window: int) -> NDArray[np.float64]:
    """Centred moving average of the finite values; NaN where a window, made odd, has none.

    Near the start, where losses move fast, the window shrinks and stays centred, so that the first
    value is kept; at the end it is cut off, so that the last average is not one noisy value.

    Examples
    --------
    >>> smooth([0, 3, 0, 3, 0], 3).tolist()
    [0.0, 1.0, 2.0, 1.0, 1.5]
    """
    data = np.asarray(values, np.float64)
    finite = np.isfinite(data)
    sums = np.concatenate([[0.0], np.cumsum(np.where(finite, data, 0.0))])
    counts = np.concatenate([[0], np.cumsum(finite)])
    at = np.arange(len(data))
    reach = np.minimum(at, max(window, 1) // 2)
    low, high = at - reach, np.minimum(at + reach + 1, len(data))
    number = counts[high] - counts[low]
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, (sums[high] - sums[low]) / np.maximum(number, 1), np.nan)

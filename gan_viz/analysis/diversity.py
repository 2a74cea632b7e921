"""How much samples differ from one another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["diversity"]


def diversity(samples: ArrayLike) -> float:
    """Mean Euclidean distance between two different samples.

    All distances come from one product of matrices: ``|a - b|² = |a|² + |b|² - 2 a·b``.

    Parameters
    ----------
    samples : array_like, shape (n, ...)
        Numbers, or pictures of any layout.

    Returns
    -------
    float
        In the samples' unit; 0 if all are equal, NaN of fewer than two or if a value is not
        finite.

    Examples
    --------
    >>> diversity([[0, 0], [3, 4]])
    5.0
    """
    rows = np.asarray(samples, np.float64)
    n = len(rows)
    if n < 2 or not np.isfinite(rows).all():
        return math.nan
    rows = rows.reshape(n, -1)
    rows = rows - rows.mean(axis=0)  # small differences of large numbers would lose digits
    gram = rows @ rows.T
    squares = np.diag(gram)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * gram, 0.0))
    np.fill_diagonal(distances, 0.0)
    return float(distances.sum() / (n * (n - 1)))

"""What an even grid of x shows of a distribution, and what it cannot show."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.distributions import Distribution

Array = NDArray[np.float64]

PARTS = 8
"""A cell is divided into so many to see whether there is detail in it."""
DETAIL = 2.0
"""There is, if a part has more than so many times the mean density."""
FROM_CDF = 1e-9
"""Masses above this are differences of the distribution function; smaller ones would be rounded
off and come from the density."""


class Cut(NamedTuple):
    """A spike that goes beyond the upper end of a scale."""

    x: float
    """Where it is highest."""
    mass: float
    """The probability of the stretch on which it is beyond."""


def cuts(x: Array, density: Array, top: float) -> list[Cut]:
    """Stretches of an even grid on which a density is higher than `top`, from left to right."""
    step = float(x[-1] - x[0]) / (len(x) - 1)
    over = np.concatenate([[False], density > top, [False]])
    ends = np.flatnonzero(over[1:] != over[:-1]).reshape(-1, 2)
    return [
        Cut(
            round(float(x[first + density[first:last].argmax()]), 12),
            round(step * float(density[first:last].sum()), 12),
        )
        for first, last in ends.tolist()
    ]


def finer(x: Array) -> Array:
    """Middles of the `PARTS` of each cell around the points of an even grid."""
    step = float(x[-1] - x[0]) / (len(x) - 1)
    part = (np.arange(PARTS) + 0.5) / PARTS - 0.5
    return np.asarray((x[:, None] + step * part).ravel())


def has_detail(parts: Array) -> NDArray[np.bool_]:
    """Which cells the `finer` density shows to be uneven within; shape (cells,)."""
    cells = parts.reshape(-1, PARTS)
    return np.asarray(cells.max(axis=1) > DETAIL * cells.mean(axis=1))


def mean_density(target: Distribution, x: Array) -> Array:
    """Mean density of a target in the cells around the points of an even grid, in 1/unit of x.

    So nothing falls between two points: the sum of all is the probability of the grid's cells, and
    the mean over a pole is finite.
    """
    if target.is_estimate:
        return np.asarray(target.pdf(finer(x)).reshape(-1, PARTS).mean(axis=1))
    step = float(x[-1] - x[0]) / (len(x) - 1)
    mass = np.diff(target.cdf(np.append(x - step / 2, x[-1] + step / 2)))
    small = mass <= FROM_CDF
    density = np.nan_to_num(target.pdf(x[small]), nan=0.0, posinf=0.0)
    mass[small] = np.minimum(density * step, FROM_CDF)
    return np.asarray(mass / step)

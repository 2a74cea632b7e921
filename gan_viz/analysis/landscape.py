"""The landscape of two points (Sun, Fang & Schwing 2020): the game's value where G's points are.

The data is the points 0 and 1, and G makes two points. D may say anything at each place, so that
all that counts is which points are told apart. Each point is seen through normal noise, which makes
the steps between the paper's values (section 2) slopes; for little noise they are those values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, ndtr, rel_entr

from gan_viz.errors import UnknownNameError

Array = NDArray[np.float64]

LOSSES: Mapping[str, str] = {
    "separable": "separable (non-saturating)",
    "fixed-pairs": "fixed pairs (relativistic)",
    "all-pairs": "mean over all pairs",
}
"""Names of losses to titles."""
DATA = (0.0, 1.0)
NOISE = 0.08
"""Standard deviation of the noise, in the distance of the data's points."""
CELL = 0.4
"""Width of the cells on which D has a value, relative to the noise."""
FAR = 5.0
"""Cells reach so many deviations of the noise beyond the points."""
RIDGE = 1e-10
"""Keeps Newton's steps finite where D may have any height, because nearly nothing is there."""
PRECISE = 1e-9
"""The value is known as soon as a step raises it by no more than this."""
LEVEL = 1e-5
"""Less than this is no climb."""
PARTS = (1.0, 0.5, 0.25, 0.1, 0.02, 0.0)
"""Parts of a step that are tried: a whole one may lead too far."""


def best_value(loss: str, made: Sequence[float], noise: float = NOISE) -> float:
    """The supremum over D of the game's value, which G minimises: from -log 2 to 0.

    ``E[log σ(D(x)) + log(1 - σ(D(y)))] / 2`` of the separable loss, and ``E[log σ(D(x) - D(y))]``
    of pairs: of each point of the data with the point of G of the same number, or of all with all.
    The `loss` is a name in `LOSSES`; the deviation of the `noise` is in the distance of the data's
    points.
    """
    if loss not in LOSSES:
        raise UnknownNameError("loss", loss, LOSSES)
    ends = min(*DATA, *made) - FAR * noise, max(*DATA, *made) + FAR * noise
    edges = np.linspace(*ends, int((ends[1] - ends[0]) / (CELL * noise)) + 2)
    real, fake = (np.diff(ndtr((edges - np.array(x)[:, None]) / noise)) for x in (DATA, made))
    p, q = real.mean(axis=0), fake.mean(axis=0)
    if loss == "separable":
        return 0.5 * float(np.sum(rel_entr(p, p + q) + rel_entr(q, p + q)))
    return _best_of_pairs(np.outer(p, q) if loss == "all-pairs" else real.T @ fake / len(DATA))


def _best_of_pairs(weights: Array) -> float:
    """The supremum of ``sum weights[a, b] log σ(D[a] - D[b])``, concave in D, by Newton's steps."""
    d = np.zeros(len(weights))
    value, rise = _value_of_pairs(weights, d), np.inf
    while rise > PRECISE:
        right = expit(d[:, None] - d)
        pulls = weights * (1 - right)
        uphill = pulls.sum(axis=1) - pulls.sum(axis=0)
        bends = pulls * right
        bends = bends + bends.T
        curvature = np.diag(bends.sum(axis=0) + RIDGE) - bends
        step = np.linalg.solve(curvature, uphill)
        tried = ((_value_of_pairs(weights, d + part * step), part) for part in PARTS)
        best, part = max(tried)
        rise, value, d = best - value, best, d + part * step
    return value


def _value_of_pairs(weights: Array, d: Array) -> float:
    return float(np.sum(weights * log_expit(d[:, None] - d)))


def path(loss: str, points: int, noise: float = NOISE) -> Array:
    """The landscape along the way from "both on one point" to "both matched", shape (points, 2).

    G's first point stays at 0, its second goes from 0 to 1: its places, and the values.
    """
    places = np.linspace(*DATA, points)
    return np.column_stack([places, [best_value(loss, (0.0, y), noise) for y in places.tolist()]])


def downhill(values: Array, start: int) -> list[int]:
    """Numbers of the places on the way to the lowest one that is reached without climbing."""
    ways = [start], [start]
    for way, step in zip(ways, (-1, 1), strict=True):
        while 0 <= (n := way[-1] + step) < len(values) and values[n] < values[way[-1]] + LEVEL:
            way.append(n)
    return min(ways, key=lambda way: float(values[way[-1]]))

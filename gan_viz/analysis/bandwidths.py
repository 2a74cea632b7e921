"""How wide the kernels of a density estimate should be."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

BINS = 512
"""Bins over the range of the samples, in which `plug_in` finds their density's derivatives."""
REACH = 12.0
"""Samples farther from the median, in robust spreads, do not count there."""
STAGES = 7
"""Derivatives that are estimated one after the other; more change next to nothing."""
ITERATIONS, NEAR = 30, 1e-2
"""Steps to the fixed point at the most, and the relative change that ends them."""


def quantiles(ordered: ArrayLike, q: list[float] | tuple[float, ...]) -> list[float]:
    """Quantiles of sorted values, at least one, by linear interpolation: quicker than NumPy's.

    Examples
    --------
    >>> quantiles([1.0, 2.0, 4.0], [0, 0.75, 1])
    [1.0, 3.0, 4.0]
    """
    values = np.asarray(ordered, np.float64)
    last = len(values) - 1
    places = [(int(share * last), share * last) for share in q]
    ends = [(values.item(at), values.item(min(at + 1, last)), place - at) for at, place in places]
    return [low * (1 - part) + high * part for low, high, part in ends]


def scott(samples: ArrayLike) -> float:
    """``std n^(-1/5)``, the default of scipy and seaborn (Scott 1992, eq. 6.42).

    Of finite samples. The best for a normal density, too wide for one with several modes.
    """
    values = np.asarray(samples, np.float64)
    return float(values.std(ddof=1) * len(values) ** -0.2) if len(values) > 1 else 0.0


def silverman(samples: ArrayLike) -> float:
    """``0.9 min(std, IQR/1.34) n^(-1/5)`` (Silverman 1986, eq. 3.31) of finite samples."""
    values = np.asarray(samples, np.float64)
    low, high = quantiles(np.sort(values), [0.25, 0.75])
    deviation = float(values.std())
    spread = min(deviation, (high - low) / 1.34) or deviation
    return float(0.9 * spread * len(values) ** -0.2)


def plug_in(ordered: Array) -> float:
    """Width that the samples themselves ask for, whatever the number of modes.

    The best width depends on a derivative of the density, which is estimated with the best width
    for that, and so on: a fixed point (Botev, Grotowski & Kroese 2010, Kernel density estimation
    via diffusion, algorithm 1). Never more than `silverman`'s. Of finite, ascending samples.
    """
    low, middle, high = quantiles(ordered, [0.25, 0.5, 0.75])
    reach = REACH * (high - low)
    inside = ordered[np.abs(ordered - middle) <= reach]
    fitted = _fitted(inside) if len(np.unique(inside)) >= STAGES else 0.0
    return min(fitted or math.inf, silverman(ordered))


def _fitted(ordered: Array) -> float:
    """The fixed point; 0 if there is none."""
    pad = float(ordered[-1] - ordered[0]) / 10
    start, length = float(ordered[0]) - pad, float(ordered[-1] - ordered[0]) + 2 * pad
    bins = ((ordered - start) * (BINS / length)).astype(np.intp)
    masses = np.bincount(bins, minlength=BINS) / len(ordered)
    rates: Array = (np.pi * np.arange(1, BINS, dtype=np.float64)) ** 2
    weights = 2 * _cosines(masses)[1:] ** 2 * rates ** np.arange(STAGES + 1)[:, None]
    time, number = 0.0, len(np.unique(ordered))
    with np.errstate(all="ignore"):
        for _ in range(ITERATIONS):
            before, time = time, _best(time, number, rates, weights)
            if not abs(time - before) > NEAR * time:
                break
    return math.sqrt(time) * length if time > 0 else 0.0


def _cosines(masses: Array) -> Array:
    """Sums of the masses times cos(π k x), x in the middle of each of the bins over 0..1."""
    spectrum = np.fft.rfft(np.concatenate([masses, masses[::-1]]))[: len(masses)]
    turned = spectrum * np.exp(-0.5j * np.pi / len(masses) * np.arange(len(masses)))
    return np.asarray(turned.real / 2)


def _best(time: float, number: int, rates: Array, weights: Array) -> float:
    """The square of the best width, if the highest derivative is taken at that of `time`.

    Row k of the `weights`, times how far each cosine fades in that time, sums to the integral of
    the square of the k-th derivative of the density.
    """
    roughness = weights[STAGES] @ np.exp(-rates * time)
    for order in range(STAGES - 1, 1, -1):
        odd = math.prod(range(1, 2 * order, 2)) / math.sqrt(2 * math.pi)
        factor = (1 + 0.5 ** (order + 0.5)) / 3
        at = (2 * factor * odd / (number * roughness)) ** (2 / (3 + 2 * order))
        roughness = weights[order] @ np.exp(-rates * at)
    return float((2 * number * math.sqrt(math.pi) * roughness) ** (-2 / 5))

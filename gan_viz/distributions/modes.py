"""The peaks of a density: where they are, where one ends, and how much mass each holds.

Between two peaks there is one border, but mass near it belongs to neither. So a mode has a core,
where its mass is: a generator makes the mode as far as it puts mass there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Array = npt.NDArray[np.float64]
_Function = Callable[[npt.ArrayLike], _Array]

_DIP = 0.5  # how far, as a share of the lower peak, the density falls between separate modes
_REACH = 3.0  # standard deviations of a normal mode to either side of its middle
_LEVELS = [1e-4, 0.1586552539314571, 0.5]  # of a normal one, 1 and 0 of them below the middle


class Mode(NamedTuple):
    """One peak of a density."""

    location: float
    """Where the density is highest."""
    mass: float
    """The probability between `low` and `high`."""
    low: float
    high: float
    """The minima of the density on either side; infinite for the outermost."""
    start: float
    end: float
    """The core: from its median three times as far, to either side, as the quantile that is one
    standard deviation away for a normal mode, but not beyond all but a ten-thousandth of the mode.
    For a normal mode three standard deviations; a heavy tail is no core."""
    core: float
    """The probability of the core."""


def find_modes(
    pdf: _Function,
    cdf: _Function,
    ppf: _Function,
    grid: _Array,
    least_mass: float,
    blur: float = 0.0,
) -> tuple[Mode, ...]:
    """Find the well-separated peaks of a density, from left to right; their masses add up to 1.

    The functions are vectorized, the density may be infinite at points, and the ascending points of
    the `grid` resolve it. Peaks with less than `least_mass` are no modes of their own; they join
    the neighbor from which the shallower valley divides them. `blur` is the standard deviation by
    which `pdf` is blurred and `cdf` is not: cores reach three times as far from the medians at
    least, also where all values of a mode are the same.
    """
    density = np.nan_to_num(pdf(grid), nan=0.0, posinf=np.inf)
    peaks = _separate_peaks(density.tolist())
    valleys = [_valley(pdf, grid, density, a, b) for a, b in pairwise(peaks)]
    peaks, valleys = _with_mass(cdf, density, peaks, valleys, least_mass)
    borders = [-np.inf, *(x for x, _ in valleys), np.inf]
    below = _cumulative(cdf, valleys)
    cores = _cores(ppf, below, borders, _REACH * blur)
    held = np.diff(cdf(cores))[:, 0]
    tops = [_summit(pdf, grid, density, peak) for peak in peaks]
    columns = [tops, np.diff(below), borders[:-1], borders[1:], *cores.T, held]
    return tuple(Mode(*map(float, fields)) for fields in zip(*columns, strict=True))


def core_edges(modes: Sequence[Mode]) -> _Array:
    """Ends of the cores, ascending, shape (2 modes,): between two there is a core, then a gap."""
    return np.array([(mode.start, mode.end) for mode in modes], np.float64).ravel()


def _cores(ppf: _Function, below: _Array, borders: list[float], least: float) -> _Array:
    """Ends of the cores, shape (modes, 2), of modes between levels and borders."""
    levels = np.array([*_LEVELS, *(1 - q for q in _LEVELS[1::-1])])
    start, left, median, right, end = ppf(below[:-1] + levels[:, None] * np.diff(below))
    start = np.minimum(np.maximum(start, median - _REACH * (median - left)), median - least)
    end = np.maximum(np.minimum(end, median + _REACH * (right - median)), median + least)
    return np.stack([np.maximum(start, borders[:-1]), np.minimum(end, borders[1:])], axis=1)


def _separate_peaks(density: list[float]) -> list[int]:
    """Walk along the density and note each top that a deep enough fall follows."""
    peaks: list[int] = []
    top, bottom, rising = 0, 0, True
    for i, height in enumerate(density):
        if rising and height > density[top]:
            top = i
        elif rising and height < _DIP * density[top]:
            peaks.append(top)
            bottom, rising = i, False
        elif not rising and height < density[bottom]:
            bottom = i
        elif not rising and _DIP * height > density[bottom]:
            top, rising = i, True
    return [*peaks, top] if rising else peaks


def _with_mass(
    cdf: _Function,
    density: _Array,
    peaks: list[int],
    valleys: list[tuple[float, float]],
    least_mass: float,
) -> tuple[list[int], list[tuple[float, float]]]:
    """Merge the lightest peak into a neighbor until every one has `least_mass`."""
    while valleys:
        masses = np.diff(_cumulative(cdf, valleys))
        lightest = int(masses.argmin())
        if masses[lightest] >= least_mass:
            break
        beside = [i for i in (lightest - 1, lightest) if 0 <= i < len(valleys)]
        gone = max(beside, key=lambda i: valleys[i][1])
        lower = min(peaks[gone], peaks[gone + 1], key=lambda i: density[i])
        peaks = [peak for peak in peaks if peak != lower]
        valleys = valleys[:gone] + valleys[gone + 1 :]
    return peaks, valleys


def _cumulative(cdf: _Function, valleys: list[tuple[float, float]]) -> _Array:
    return np.concatenate([[0.0], cdf([x for x, _ in valleys]), [1.0]])


def _summit(pdf: _Function, grid: _Array, density: _Array, peak: int) -> float:
    if np.isinf(density[peak]):
        return float(grid[peak])
    near = _level_stretch(density, peak, density >= density[peak] * (1 - 1e-9))
    return _middle_of_extreme(pdf, grid, *near, sign=-1.0)[0]


def _valley(pdf: _Function, grid: _Array, density: _Array, a: int, b: int) -> tuple[float, float]:
    """Return the x and the density of the minimum between grid points `a` and `b`."""
    bottom = a + int(density[a : b + 1].argmin())
    near = _level_stretch(density, bottom, density <= density[bottom] * (1 + 1e-9))
    return _middle_of_extreme(pdf, grid, *near, sign=1.0)


def _level_stretch(density: _Array, at: int, level: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the ends of the stretch around `at` where `level` holds, and one point beyond."""
    unlike = np.flatnonzero(~level)
    before, after = unlike[unlike < at], unlike[unlike > at]
    first = int(before[-1]) if before.size else 0
    last = int(after[0]) if after.size else density.size - 1
    return first, last


def _middle_of_extreme(
    pdf: _Function, grid: _Array, first: int, last: int, sign: float
) -> tuple[float, float]:
    """Look closer between two grid points; on a plateau the middle of it is the place."""
    x = np.linspace(grid[first], grid[last], 257)
    height = np.nan_to_num(sign * pdf(x), nan=np.inf, posinf=np.inf, neginf=-np.inf)
    best = height.min()
    flat = x[height <= best + 1e-9 * abs(best)] if np.isfinite(best) else x[height == best]
    return float((flat[0] + flat[-1]) / 2), float(abs(best))

"""Densities from samples, and the best discriminator between two densities."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.bandwidths import plug_in

Array = NDArray[np.float64]

FLAT = 100
"""A kernel that is so many times as wide as a curve differs by 5e-5 over it from a level one."""
REACH = 6.0
"""Kernels are cut off at this many widths: 2e-9 of a Gaussian lies beyond."""
WIDEST = 0.25
"""The widest kernel of an isolated sample, relative to the grid."""
SIZES = 2
"""Kernel sizes per doubling of the width; a kernel between two sizes is a mixture of both."""


def gap_widths(ordered: Array, least: float, most: float) -> Array:
    """Widths of kernels that leave no ripples where samples lie far apart.

    Kernels at even distances, each as wide as the distance, add up to a constant within 1e-8. So
    each of the ascending samples gets the mean distance among its two neighbors on either side,
    mirrored at the ends and clipped to `least` and `most`.
    """
    if len(ordered) < 3:
        return np.full(len(ordered), np.clip(ordered[-1] - ordered[0], least, most))
    before, after = 2 * ordered[0] - ordered[2:0:-1], 2 * ordered[-1] - ordered[-2:-4:-1]
    mirrored = np.concatenate([before, ordered, after])
    return np.asarray(np.clip((mirrored[4:] - mirrored[:-4]) / 4, least, most))


def estimated_density(ordered: Array, x: Array, factor: float = 1.0) -> Array:
    """Kernel density estimate of ascending samples along an even grid, in 1/unit of x.

    Kernels are as wide as `plug_in` says, times a factor, or else as the gaps between samples;
    without samples the density is 0.
    """
    if not len(ordered):
        return np.zeros_like(x)
    widest = WIDEST * float(x[-1] - x[0])
    least = min(factor * plug_in(ordered), widest)
    return kernel_density(ordered, x, gap_widths(ordered, least, widest))


def kernel_density(samples: ArrayLike, x: Array, width: float | Array) -> Array:
    """Gaussian kernel density estimate on an even grid, by linear binning and FFT.

    Source: Silverman (1982), algorithm AS 176; linear binning after Jones & Lotwick (1984).
    Samples outside of the ascending grid count for the total mass; those not finite are left out.

    `width` is the standard deviation of the kernel, or of each sample's, shape (n,); below a grid
    step it is taken as one. With several, a kernel between two `SIZES` is a mixture of both.
    """
    values = np.asarray(samples, np.float64)
    finite = np.isfinite(values)
    step = float(x[-1] - x[0]) / (len(x) - 1)
    if np.ndim(width) == 0 and width > step * len(x):  # cells as far as it reaches are too many
        with np.errstate(over="ignore"):
            away = (x[:, None] - values[finite]) / width
            heights = np.exp(-0.5 * away**2).mean(axis=1) if finite.any() else np.zeros_like(x)
        return np.asarray(heights / (width * math.sqrt(2 * math.pi)))
    widths = np.broadcast_to(np.maximum(np.asarray(width, np.float64) / step, 1.0), values.shape)
    reach = REACH * float(widths.max(initial=1.0, where=finite))
    margin = int(reach) + 2
    cells = len(x) + 2 * margin
    positions = (values - x[0]) / step + margin
    near = np.flatnonzero(finite & (positions > 1) & (positions < cells - 2))
    if not len(near):
        return np.zeros_like(x)
    size = _fast_length(cells + margin)
    sizes, mass = _binned(positions[near], widths[near], cells)
    spectrum = (np.fft.rfft(mass, size) * _kernels(sizes, size)).sum(axis=0)
    density = np.fft.irfft(spectrum, size)[margin : margin + len(x)]
    return np.asarray(np.maximum(density, 0.0) / (int(finite.sum()) * step))


def smoothed(masses: Array, width: float) -> Array:
    """Masses in even cells after smoothing by a Gaussian of `width` cells, one at least, or none.

    What leaves the cells is lost.
    """
    if not width:
        return masses
    width = max(width, 1.0)
    if width > FLAT * len(masses):  # more cells than memory holds; the kernel is level over these
        return np.full(len(masses), masses.sum() / (width * math.sqrt(2 * math.pi)))
    size = _fast_length(len(masses) + int(REACH * width) + 1)
    spectrum = np.fft.rfft(masses, size) * _kernels(np.array([width]), size)[0]
    return np.asarray(np.fft.irfft(spectrum, size)[: len(masses)].clip(0.0))


def _binned(positions: Array, widths: Array, cells: int) -> tuple[Array, Array]:
    """A geometric series of widths, and the mass of the samples in cells, a row for each width."""
    smallest = float(widths.min())
    wide = widths > smallest
    level = SIZES * np.log2(widths[wide] / smallest)
    rows = int(np.ceil(level.max(initial=0.0))) + 1
    row, part = level.astype(np.intp), level % 1  # what lies between two widths is shared by them
    place, up = positions[wide] + row * cells, np.minimum(1, rows - 1 - row) * cells
    mass = _linear_bins(place, 1 - part, rows * cells)
    mass += _linear_bins(place + up, part, rows * cells)
    mass[:cells] += _linear_bins(positions[~wide], 1.0, cells)
    return smallest * 2 ** (np.arange(rows) / SIZES), mass.reshape(rows, cells)


def _linear_bins(positions: Array, weight: float | Array, cells: int) -> Array:
    """Divide each sample between its two nearest cells, in proportion to nearness."""
    left = positions.astype(np.intp)
    right_share = (positions - left) * weight
    bins = np.bincount(left, weight - right_share, cells)
    return np.asarray(bins + np.bincount(left + 1, right_share, cells), np.float64)


def _kernels(sizes: Array, length: int) -> Array:
    """Fourier transforms of Gaussians of some widths, in cells; a row each."""
    frequency = 2 * np.pi / length * np.arange(length // 2 + 1)
    return np.asarray(np.exp(-0.5 * np.multiply.outer(sizes, frequency) ** 2))


def _fast_length(least: int) -> int:
    """The next length whose FFT is quick: 1, 3, 5 or 9 times a power of two."""
    return min(m << max(0, (-(-least // m) - 1).bit_length()) for m in (1, 3, 5, 9))


def optimal_discriminator(p_data: ArrayLike, p_g: ArrayLike, least: float = 0.0) -> Array:
    """``D*(x) = p_data(x) / (p_data(x) + p_g(x))`` (Goodfellow et al. 2014, eq. 2).

    Densities are finite and at least 0. Where both together are at most `least`, there are no
    samples to tell apart, and D* is NaN.

    Examples
    --------
    >>> optimal_discriminator([0.25, 0.75, 0.0], [0.25, 0.25, 0.0]).tolist()
    [0.5, 0.75, nan]
    """
    real = np.asarray(p_data, np.float64)
    both = real + np.asarray(p_g, np.float64)
    enough = both > least
    return np.where(enough, real / np.where(enough, both, 1.0), np.nan)

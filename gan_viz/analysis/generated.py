"""p_g along x: exact, or estimated by kernels or bins."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.bandwidths import scott
from gan_viz.analysis.density import estimated_density, kernel_density
from gan_viz.analysis.exact import LARGE, latent_line
from gan_viz.analysis.resolution import MOST, Resolution, doubtful
from gan_viz.recording import Recording

Array = NDArray[np.float64]

LOOKED_AT = 16
"""Frames at which it is asked whether G is known."""
BINS = 80
MOST_BINS = 400


class GeneratedDensity:
    """The density of G's outputs in a recording with the channel ``generator``.

    `way` is ``"exact"`` (the default), by change of variables as `gan_viz.analysis.exact` explains,
    ``"kde"``, by Gaussian kernels as scipy and seaborn draw them, or ``"histogram"``. Where
    `latent_line` gives none, the exact way is replaced by kernels that fit p_g's modes, too. The
    width of kernels is multiplied by `bandwidth`; the `rule` by which it is found is to be told in
    a picture, and empty without kernels. The histogram has 80 bins over the grid; with `bins`
    given, over the outputs, or over `span`.
    """

    def __init__(
        self,
        recording: Recording,
        way: str | None = None,
        bins: int | None = None,
        span: tuple[float, float] | None = None,
        bandwidth: float = 1.0,
    ) -> None:
        self._recording, self._line = recording, latent_line(recording)
        self.way = way or "exact"
        self._fitted = self.way == "exact" and self._line is None
        if self._fitted:
            self.way = "kde"
        self._bins, self._span, self._factor = bins, span, bandwidth
        rule = "plug-in width" if self._fitted else "Scott's rule" if self.way == "kde" else ""
        self.rule = f"{bandwidth:g} × {rule}" if rule and bandwidth != 1 else rule

    @cached_property
    def is_estimate(self) -> bool:
        """Whether the density is estimated from the outputs, or these are too few to know G by."""
        if self.way != "exact":
            return True
        resolution = Resolution(self._recording)
        number = len(self._recording)
        frames = np.unique(np.linspace(0, number - 1, min(number, LOOKED_AT)).astype(np.intp))
        return any(resolution.unresolved(frame) > MOST for frame in frames.tolist())

    def along(self, outputs: ArrayLike, x: Array) -> Array:
        """Density along an even, ascending grid, given G's outputs at the recording's latents.

        In 1/unit of x. Exact densities are means over the grid's cells.
        """
        values = np.asarray(outputs, np.float64)
        if self.way == "exact" and self._line is not None:
            return self._line.pieces(values).density(x) if len(values) else np.zeros_like(x)
        ordered = np.sort(values[np.abs(values) < LARGE])  # nor NaN
        if self.way == "histogram":
            return self._histogram(ordered, x)
        if self._fitted or len(ordered) < 2:
            return estimated_density(ordered, x, self._factor)
        return kernel_density(ordered, x, self._factor * scott(ordered))

    def outside(self, outputs: ArrayLike, x: Array) -> tuple[float, float]:
        """Mass of p_g below and above the cells of an even grid; of samples, their share there.

        Outputs that are not finite are on neither side.
        """
        values = np.asarray(outputs, np.float64)
        half = float(x[-1] - x[0]) / (len(x) - 1) / 2
        low, high = float(x[0]) - half, float(x[-1]) + half
        if self._line is None or not len(values):
            number = max(len(values), 1)
            return float((values < low).sum()) / number, float((values > high).sum()) / number
        pieces = self._line.pieces(values)
        below, within, all_of_it = pieces.below([low, high, np.inf]).tolist()
        return below, max(0.0, all_of_it - within)

    def levels(self, outputs: ArrayLike) -> tuple[Array, Array]:
        """Ascending outputs, and the mass of p_g below each; those not finite are left out.

        Both of shape (n,): points of the distribution function, which is straight between them.
        """
        values = np.asarray(outputs, np.float64)
        known = np.abs(values) < LARGE
        weights = np.ones(len(values)) if self._line is None else self._line.weights
        order = np.argsort(values[known])
        mass = weights[known][order]
        return values[known][order], (np.cumsum(mass) - mass / 2) / max(float(mass.sum()), 1e-300)

    def doubtful(self, outputs: ArrayLike, x: Array) -> NDArray[np.bool_]:
        """Where on the grid most of an exact density is from latents at which G is not known."""
        values = np.asarray(outputs, np.float64)
        bends = (
            doubtful(values) if self.way == "exact" and len(values) > 2 else np.zeros(0, np.bool_)
        )
        if self._line is None or not bends.any():
            return np.zeros(len(x), np.bool_)
        gaps = np.append(bends, False) | np.append(False, bends)
        doubt = self._line.pieces(values, gaps).density(x)
        return np.asarray(doubt > self._line.pieces(values).density(x) / 2)

    def _histogram(self, ordered: Array, x: Array) -> Array:
        if not len(ordered):
            return np.zeros_like(x)
        bins = self._bins or BINS
        cell = float(x[-1] - x[0]) / (len(x) - 1)
        low, high = self._ends(ordered, (float(x[0]) - cell / 2, float(x[-1]) + cell / 2))
        missing = max(0.0, bins * cell - (high - low))  # a narrower bin might lie between points
        width = (high - low + missing) / bins  # of the first ends: they may be too far to be moved
        low, high = low - missing / 2, high + missing / 2
        below = np.searchsorted(ordered, low + width * np.arange(bins + 1))
        below[-1] = np.searchsorted(ordered, high, side="right")
        heights = np.append(np.diff(below), 0) / (len(ordered) * width)
        places = np.floor((x - low) / width).clip(-1, bins).astype(np.intp)
        return np.asarray(heights[places])

    def _ends(self, ordered: Array, grid: tuple[float, float]) -> tuple[float, float]:
        """What the bins divide: by default the grid's cells."""
        if self._span is not None:
            return self._span
        return grid if self._bins is None else (float(ordered[0]), float(ordered[-1]))

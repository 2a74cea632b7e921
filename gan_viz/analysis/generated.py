"""p_g along x, in the way that a recording allows or that is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.density import estimated_density
from gan_viz.analysis.exact import LARGE, latent_line
from gan_viz.analysis.hints import hint
from gan_viz.recording import Recording

__all__ = ["WAYS", "GeneratedDensity"]

Array = NDArray[np.float64]

WAYS = ("exact", "kde", "histogram")
"""By change of variables (`gan_viz.analysis.exact`), with kernels, in bins."""
BINS = 80
MOST_BINS = 400


class GeneratedDensity:
    """The density of G's outputs.

    Parameters
    ----------
    recording : Recording
        With the channel ``generator``. Its header may ask for a way and a number of bins, as
        ``look: {"density": "histogram", "bins": 99}``.
    way : {"exact", "kde", "histogram"}, optional
        By default as the header says, or else as is `usual`.
    usual : {"exact", "kde", "histogram"}

    Attributes
    ----------
    way : str
        Exact densities are replaced by kernels where the latent has more dimensions than one.
    """

    def __init__(self, recording: Recording, way: str | None = None, usual: str = "exact") -> None:
        hinted, bins = hint(recording, "density"), hint(recording, "bins")
        self._line = latent_line(recording)
        self.way = way or (str(hinted) if hinted in WAYS else usual)
        if self.way == "exact" and self._line is None:
            self.way = "kde"
        self._bins = min(max(bins, 1), MOST_BINS) if isinstance(bins, int) else BINS

    @property
    def is_estimate(self) -> bool:
        """Whether it is only an estimate from the outputs."""
        return self.way != "exact"

    def along(self, outputs: ArrayLike, x: Array) -> Array:
        """Density along an even grid.

        Parameters
        ----------
        outputs : array_like, shape (n,)
            G at the recording's latents.
        x : ndarray, shape (m,)
            Ascending and evenly spaced.

        Returns
        -------
        ndarray, shape (m,)
            In 1/unit of x. Exact ones are means over the grid's cells; bins divide the grid evenly.
        """
        values = np.asarray(outputs, np.float64)
        if self.way == "exact" and self._line is not None:
            return self._line.pieces(values).density(x) if len(values) else np.zeros_like(x)
        ordered = np.sort(values[np.abs(values) < LARGE])  # nor NaN
        if self.way == "histogram":
            return self._histogram(ordered, x)
        return estimated_density(ordered, x, stratified=self._line is not None)

    def _histogram(self, samples: Array, x: Array) -> Array:
        counts, edges = np.histogram(samples, self._bins, (float(x[0]), float(x[-1])))
        heights = counts / (max(len(samples), 1) * (edges[1] - edges[0]))
        places = np.searchsorted(edges, x, side="right") - 1
        return np.asarray(heights[places.clip(0, self._bins - 1)])

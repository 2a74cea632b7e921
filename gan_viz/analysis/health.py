"""Figures of a generator's health: how diverse its samples are beside the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.coverage import coverage
from gan_viz.analysis.density import quantiles
from gan_viz.analysis.diversity import diversity
from gan_viz.distributions import Distribution

__all__ = ["Gauge"]

OUTER = [0.1, 0.5, 0.9]
"""Quantiles between which the bulk of a distribution lies: far tails do not count as spread."""


class Gauge:
    """Measures a frame's arrays against the data.

    Parameters
    ----------
    target : Distribution, optional
        Of one-dimensional data.
    real : array_like, shape (n, ...), optional
        Real samples, in the unit of the generated ones.
    """

    def __init__(self, target: Distribution | None = None, real: ArrayLike | None = None) -> None:
        self._real = math.nan if real is None else diversity(real)
        self._low, self._median, self._high = (
            (0.0, 0.0, 0.0) if target is None else map(float, target.ppf(OUTER))
        )

    def read(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, float]:
        """Measure what is there.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            By channel: ``samples``, shape (n, ...), ``generator``, shape (n,), and
            ``class_counts``, shape (classes,), each optional.

        Returns
        -------
        dict of str to float
            ``g_diversity``, the `diversity` of the samples relative to that of the real ones;
            ``g_spread``, the distance of the outer tenths of the outputs relative to the target's,
            and ``g_centre``, how far their median is from the target's, in the same unit;
            ``g_coverage``, the share of the classes that are covered. Only what can be measured;
            NaN where outputs are not finite.
        """
        figures: dict[str, float] = {}
        if len(arrays.get("samples", ())) > 1 and self._real > 0:
            figures["g_diversity"] = diversity(arrays["samples"]) / self._real
        if len(arrays.get("generator", ())) and self._high > self._low:
            figures |= self._placed(arrays["generator"])
        if "class_counts" in arrays and arrays["class_counts"].any():
            figures["g_coverage"] = coverage(arrays["class_counts"]).share
        return figures

    def _placed(self, outputs: NDArray[Any]) -> dict[str, float]:
        if not np.isfinite(outputs).all():
            return {"g_spread": math.nan, "g_centre": math.nan}
        low, median, high = quantiles(np.sort(outputs, axis=None), OUTER)
        width = self._high - self._low
        return {"g_spread": (high - low) / width, "g_centre": (median - self._median) / width}

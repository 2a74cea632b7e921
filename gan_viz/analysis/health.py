"""Figures of a training's health: how G's samples, and D on them, are beside the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.coverage import coverage
from gan_viz.analysis.density import quantiles
from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.diversity import diversity
from gan_viz.analysis.scores import probability
from gan_viz.analysis.symptoms import mode_name
from gan_viz.distributions import Distribution
from gan_viz.distributions.modes import Mode

__all__ = ["Gauge"]

OUTER = [0.1, 0.5, 0.9]
"""Quantiles between which the bulk of a distribution lies: far tails do not count as spread."""


FEW = 100
"""Outputs below which their own chance is as far from the data as what is called close to it."""
EXPECTED = 10
"""Outputs that a mode ought to have, for their number to say something: of 10 by chance, there is
less than a fifth in one case of 2000."""
LEVELS = midpoints(256)
"""Where quantiles are compared."""
FEW_OUTSIDE = 0.05
"""The share of outputs beyond the ends of x at most: what D says there is not known."""
MOST_MODES = 8
"""Data of more modes is not told about one by one."""


class Gauge:
    """Measures a frame's arrays against the data.

    Parameters
    ----------
    target : Distribution, optional
        Of one-dimensional data.
    real : array_like, shape (n, ...), optional
        Real samples, in the unit of the generated ones.
    x : ndarray, shape (points,), optional
        Where D was evaluated, ascending.
    output : {"logit", "probability"}
        What D returned there.

    Attributes
    ----------
    modes : tuple of Mode
        Of the target, where it has several.
    """

    def __init__(
        self,
        target: Distribution | None = None,
        real: ArrayLike | None = None,
        x: NDArray[np.float64] | None = None,
        output: object = "logit",
    ) -> None:
        self._target = target
        self._real = math.nan if real is None else diversity(real)
        self._low, self._median, self._high = (
            (0.0, 0.0, 0.0) if target is None else map(float, target.ppf(OUTER))
        )
        self.modes: tuple[Mode, ...] = () if target is None else target.modes
        if not 1 < len(self.modes) <= MOST_MODES:
            self.modes = ()
        self._borders = np.array([mode.high for mode in self.modes[:-1]])
        self._x, self._output = x, output
        if x is not None and target is not None:
            middles = (x[1:] + x[:-1]) / 2
            self._weights = np.diff(target.cdf(middles), prepend=0.0, append=1.0)

    def read(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, float]:
        """Measure what is there.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            By channel: ``samples``, shape (n, ...), ``generator``, shape (n,), ``discriminator``,
            shape (points,), and ``class_counts``, shape (classes,), each optional.

        Returns
        -------
        dict of str to float
            ``g_diversity``, the `diversity` of the samples relative to that of the real ones;
            ``g_spread``, the distance of the outer tenths of the outputs relative to the target's,
            and ``g_centre``, how far their median is from the target's, in the same unit;
            ``g_w1``, their Wasserstein-1 distance from the target relative to its standard
            deviation, of 100 outputs or more; ``g_mode_1``, ``g_mode_2`` and so on, the share of
            them in each mode, from left to right; ``d_real`` and ``d_fake``, D's mean probability
            over the target and over the outputs; ``g_coverage``, the share of the classes that are
            covered. Only what can be measured; NaN where outputs are not finite.
        """
        figures: dict[str, float] = {}
        if len(arrays.get("samples", ())) > 1 and self._real > 0:
            figures["g_diversity"] = diversity(arrays["samples"]) / self._real
        if len(arrays.get("generator", ())) and self._high > self._low:
            outputs = np.sort(arrays["generator"], axis=None)
            figures |= self._placed(outputs)
            figures |= self._judged(arrays.get("discriminator"), outputs)
        if "class_counts" in arrays and arrays["class_counts"].any():
            figures["g_coverage"] = coverage(arrays["class_counts"]).share
        return figures

    def _placed(self, outputs: NDArray[Any]) -> dict[str, float]:
        """Figures of outputs, ascending."""
        enough = {"g_w1": math.nan} if len(outputs) >= FEW else {}
        if not np.isfinite(outputs).all():
            return {"g_spread": math.nan, "g_centre": math.nan, **enough}
        low, median, high = quantiles(outputs, OUTER)
        width = self._high - self._low
        figures = {"g_spread": (high - low) / width, "g_centre": (median - self._median) / width}
        if enough:
            figures["g_w1"] = self._distance(outputs)
        return figures | self._shares(outputs)

    @cached_property
    def _quantiles(self) -> NDArray[np.float64]:
        """Of the target; they take longer than all the rest."""
        assert self._target is not None
        return self._target.ppf(LEVELS)

    def _distance(self, outputs: NDArray[Any]) -> float:
        assert self._target is not None
        number = len(outputs)
        found = np.interp(number * LEVELS - 0.5, np.arange(number), outputs)
        return float(np.abs(found - self._quantiles).mean()) / self._target.scale

    def _shares(self, outputs: NDArray[Any]) -> dict[str, float]:
        """Share of the outputs in each mode."""
        number = len(outputs)
        ends = [0, *np.searchsorted(outputs, self._borders).tolist(), number]
        return {
            mode_name(k): (ends[k + 1] - ends[k]) / number
            for k, mode in enumerate(self.modes)
            if number * mode.mass >= EXPECTED
        }

    def _judged(self, scores: NDArray[Any] | None, outputs: NDArray[Any]) -> dict[str, float]:
        """D's mean probabilities."""
        if scores is None or self._x is None:
            return {}
        if np.mean((outputs < self._x[0]) | (outputs > self._x[-1])) > FEW_OUTSIDE:
            return {}
        values = probability(scores, self._output)
        fake = float(np.interp(outputs, self._x, values).mean())
        return {"d_real": float(values @ self._weights), "d_fake": fake}

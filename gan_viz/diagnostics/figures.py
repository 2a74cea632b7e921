"""Figures of a training's health: how G's samples, and D on them, compare with the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.bandwidths import quantiles
from gan_viz.analysis.distances import (
    covered_share,
    diversity,
    midpoints,
    mode_shares,
    quantile_distance,
)
from gan_viz.analysis.scores import probability
from gan_viz.distributions import Distribution
from gan_viz.distributions.modes import Mode

__all__ = ["HealthFigures", "mode_name"]

Array = NDArray[Any]

BULK = [0.1, 0.5, 0.9]
"""Quantiles that measure spread and centre: far tails do not count."""
FEWEST_FOR_W1 = 100
"""Below this many outputs, sampling noise alone exceeds `Thresholds.close`."""
FEWEST_IN_MODE = 10
"""Expected number of outputs in a mode below which its share is not measured: if 10 are expected,
chance leaves less than a fifth of them in one case of 2000."""
LEVELS = midpoints(256)
"""Levels at which quantiles are compared for W1."""
MOST_OUTSIDE = 0.05
"""Largest share of the outputs beyond the ends of x, where D is not known."""
MOST_MODES = 8
"""Modes of the data are watched one by one if there are at most so many."""


def mode_name(number: int) -> str:
    """Name of the series with a mode's share of G's outputs; number 0 is the leftmost mode."""
    return f"g_mode_{number + 1}"


class HealthFigures:
    """Measures the arrays of a frame against the data, as far as this is known.

    `target` is the distribution of one-dimensional data; `real` are real samples, shape (n, ...),
    in the unit of the generated ones. D was evaluated at the ascending `x`, shape (points,), and
    its `output` there is a ``"logit"`` or ``"probability"``.

    Attributes
    ----------
    modes : tuple of Mode
        Modes of the target that are watched one by one: none if it has only one, or too many.
    """

    def __init__(
        self,
        target: Distribution | None = None,
        real: ArrayLike | None = None,
        x: NDArray[np.float64] | None = None,
        output: object = "logit",
    ) -> None:
        self._target, self._x, self._output = target, x, output
        self._real = math.nan if real is None else diversity(real)
        self._width, self._median = 0.0, 0.0
        self.modes: tuple[Mode, ...] = ()
        if target is not None:
            low, self._median, high = map(float, target.ppf(BULK))
            self._width = high - low
            if 1 < len(target.modes) <= MOST_MODES:
                self.modes = target.modes

    def of(self, arrays: Mapping[str, Array]) -> dict[str, float]:
        """Measure what can be measured of a frame's arrays, by channel; NaN of infinite outputs.

        The channels are ``samples``, shape (n, ...), ``generator``, shape (n,), ``discriminator``,
        shape (points,), and ``class_counts``, shape (classes,), each optional; the figures are

        - ``g_diversity``: `diversity` of the samples relative to that of the real ones;
        - ``g_spread``: distance between the outer tenths of the outputs, relative to the target's;
        - ``g_centre``: distance of their median from the target's, in the same unit;
        - ``g_w1``: Wasserstein-1 distance of 100 outputs or more from the target, relative to its
          standard deviation;
        - ``g_mode_1``, ``g_mode_2``...: share of the outputs in each mode, from left to right;
        - ``d_real``, ``d_fake``: D's mean probability over the target and over the outputs;
        - ``g_coverage``: share of the classes that are covered.
        """
        figures: dict[str, float] = {}
        if len(arrays.get("samples", ())) > 1 and self._real > 0:
            figures["g_diversity"] = diversity(arrays["samples"]) / self._real
        if len(arrays.get("generator", ())) and self._width > 0:
            outputs = np.sort(arrays["generator"], axis=None)
            figures |= self._placed(outputs)
            if "discriminator" in arrays:
                figures |= self._judged(arrays["discriminator"], outputs)
        if "class_counts" in arrays and arrays["class_counts"].any():
            figures["g_coverage"] = covered_share(arrays["class_counts"])
        return figures

    def _placed(self, outputs: Array) -> dict[str, float]:
        """Spread, centre, W1 and shares of modes of ascending outputs."""
        measures_w1 = len(outputs) >= FEWEST_FOR_W1
        if not np.isfinite(outputs).all():
            names = ("g_spread", "g_centre", *(("g_w1",) if measures_w1 else ()))
            return dict.fromkeys(names, math.nan)
        low, median, high = quantiles(outputs, BULK)
        figures = {
            "g_spread": (high - low) / self._width,
            "g_centre": (median - self._median) / self._width,
        }
        if measures_w1:
            figures["g_w1"] = self._distance(outputs)
        shares = mode_shares(outputs, self.modes).tolist()
        for number, (mode, share) in enumerate(zip(self.modes, shares, strict=True)):
            if len(outputs) * mode.mass >= FEWEST_IN_MODE:
                figures[mode_name(number)] = share
        return figures

    @cached_property
    def _quantiles(self) -> NDArray[np.float64]:
        """The target's, kept because they take longer to compute than all other figures."""
        assert self._target is not None
        return self._target.ppf(LEVELS)

    def _distance(self, outputs: Array) -> float:
        assert self._target is not None
        number = len(outputs)
        found = np.interp(number * LEVELS - 0.5, np.arange(number), outputs)
        return quantile_distance(found, self._quantiles) / self._target.scale

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        """The target's mass nearest to each point of x."""
        assert self._target is not None
        assert self._x is not None
        middles = (self._x[1:] + self._x[:-1]) / 2
        return np.diff(self._target.cdf(middles), prepend=0.0, append=1.0)

    def _judged(self, scores: Array, outputs: Array) -> dict[str, float]:
        """D's mean probabilities over the target and over ascending outputs."""
        if (
            self._x is None
            or np.mean((outputs < self._x[0]) | (outputs > self._x[-1])) > MOST_OUTSIDE
        ):
            return {}
        values = probability(scores, self._output)
        fake = float(np.interp(outputs, self._x, values).mean())
        return {"d_real": float(values @ self._weights), "d_fake": fake}

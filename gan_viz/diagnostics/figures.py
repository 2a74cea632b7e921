"""Figures of a training's health: how G's samples, and D on them, compare with the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.distances import covered_share, diversity, midpoints
from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.scores import UNBOUNDED, probability
from gan_viz.diagnostics.cells import Cells
from gan_viz.distributions import Distribution
from gan_viz.distributions.modes import Mode

Array = NDArray[Any]

BULK = np.array([0.1, 0.5, 0.9])
"""Quantiles that measure spread and centre: far tails do not count."""
FEWEST = 100
"""Below this many outputs, W1 and the total variation are not measured."""
FEWEST_DRAWN = 256
"""As `FEWEST`, for the total variation where the outputs, or the data, are a sample: of fewer,
chance makes too much of it."""
IN_MODE = 4, 20
"""Expected number of outputs in a mode below which its share is not measured: of latents in order,
and of samples. If 20 are expected, chance leaves less than a fifth in one case of 300,000."""
LEVELS = 0.01 + 0.98 * midpoints(256)
"""Levels at which quantiles are compared for W1: the middle 98 %, so that it exists for every
target, and a stray value does not count."""
MOST_OUTSIDE = 0.05
"""Largest share of the outputs beyond the ends of x, where D is not known."""
UNKNOWN = ("d_real", "d_fake", "d_off", "g_coverage")
"""Figures that are left out where they are NaN: of others it tells that G's outputs are not
finite."""


def mode_name(number: int) -> str:
    """Name of the series with a mode's share of G's outputs; number 0 is the leftmost mode."""
    return f"g_mode_{number + 1}"


class HealthFigures:
    """Measures the arrays of a frame against the data, as far as this is known.

    That is the distribution of one-dimensional data; `real` samples, shape (n, ...), in the unit of
    the generated ones; `x`, ascending, shape (points,), where D was evaluated, and its `output`
    there, ``logit``, ``probability``, ``critic`` or ``margin``, which may be set anew when it is
    found out; `weights`, shape (outputs,), see `gan_viz.diagnostics.cells.Cells`; and how many
    samples were `classified`, those included that are in no class. The `modes` of the target are
    watched one by one: there are none if it has only one.
    """

    def __init__(
        self,
        target: Distribution | None = None,
        real: ArrayLike | None = None,
        x: NDArray[np.float64] | None = None,
        output: object = "logit",
        weights: NDArray[np.float64] | None = None,
        classified: int | None = None,
    ) -> None:
        self._target, self._x, self.output = target, x, output
        self._weights, self._classified = weights, classified
        self._real = math.nan if real is None else diversity(real)
        self._width, self._median = 0.0, 0.0
        self._cells: dict[int, Cells] = {}
        self.modes: tuple[Mode, ...] = ()
        if target is not None:
            low, self._median, high = map(float, target.ppf(BULK))
            self._width = high - low
            self.modes = target.modes if len(target.modes) > 1 else ()

    def of(self, arrays: Mapping[str, Array]) -> dict[str, float]:
        """Measure what can be measured of a frame's arrays, by channel; see `of_frames`."""
        figures = self.of_frames({name: np.asarray(array)[None] for name, array in arrays.items()})
        numbers = {name: float(values[0]) for name, values in figures.items()}
        return {
            name: number
            for name, number in numbers.items()
            if math.isfinite(number) or name not in UNKNOWN
        }

    def of_frames(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Measure some frames at a time; NaN of outputs that are not finite.

        The channels are ``samples``, shape (frames, n, ...), ``generator``, shape (frames, n),
        ``discriminator``, shape (frames, points), and ``class_counts``, shape (frames, classes),
        each optional; the figures, of shape (frames,), are

        - ``g_diversity``: `diversity` of the samples relative to that of the real ones;
        - ``g_spread``: distance between the outer tenths of the outputs, relative to the target's;
        - ``g_centre``: distance of their median from the target's, in the same unit;
        - ``g_w1``: Wasserstein-1 distance of the middle 98 % of 100 outputs or more from those of
          the target, relative to its scale;
        - ``g_tv``: total variation distance of p_g from the target, 0..1;
        - ``g_mode_1``, ``g_mode_2``...: mass of p_g in the core of each mode, from left to right;
        - ``g_between``: mass of p_g between the cores, less that of the target there;
        - ``d_real``, ``d_fake``: D's mean probability over the target and over the outputs;
        - ``d_off``: how far D is, in the mean over the target, from what it is at equilibrium:
          from 1/2, as a probability; from -1..1, as a margin; a critic may be anything;
        - ``g_coverage``: share of the classes that are covered.
        """
        figures: dict[str, Array] = {}
        samples, counts = arrays.get("samples"), arrays.get("class_counts")
        if samples is not None and samples.shape[1] > 1 and self._real > 0:
            figures["g_diversity"] = np.array([diversity(one) for one in samples]) / self._real
        generated = arrays.get("generator")
        if generated is not None and generated.shape[1] and self._width > 0:
            outputs = generated.reshape(len(generated), -1).astype(np.float64)
            finite: NDArray[np.bool_] = np.all(np.abs(outputs) < LARGE, axis=1)
            outputs = np.where(finite[:, None], outputs, 0.0)
            for name, values in self._placed(outputs).items():
                figures[name] = np.where(finite, values, np.nan)
            if "discriminator" in arrays:
                outputs[~finite] = np.nan
                figures |= self._judged(arrays["discriminator"], outputs)
        if counts is not None:
            known = counts.any(axis=1) | bool(self._classified)
            shares = np.array([covered_share(one, self._classified) for one in counts])
            figures["g_coverage"] = np.where(known, shares, np.nan)
        return figures

    def _placed(self, outputs: Array) -> dict[str, Array]:
        """Spread, centre, distances and masses in modes of finite outputs."""
        ordered = np.sort(outputs, axis=1)
        low, median, high = _at(ordered, (ordered.shape[1] - 1) * BULK).T
        figures = {
            "g_spread": (high - low) / self._width,
            "g_centre": (median - self._median) / self._width,
        }
        if ordered.shape[1] >= FEWEST:
            figures["g_w1"] = self._distances(ordered)
        return figures | self._compared(outputs)

    def _compared(self, outputs: Array) -> dict[str, Array]:
        """Total variation, and masses in and between modes."""
        assert self._target is not None
        number = outputs.shape[1]
        in_order = self._weights is not None and len(self._weights) == number
        if number not in self._cells:
            self._cells[number] = Cells(self._target, number, self._weights if in_order else None)
        compared = self._cells[number].compare(outputs)
        figures = {}
        drawn = [count for count in (self._target.count, None if in_order else number) if count]
        if number >= FEWEST and min(drawn, default=FEWEST_DRAWN) >= FEWEST_DRAWN:
            figures["g_tv"] = compared.total_variation
        if self.modes:
            figures["g_between"] = compared.between
        for place, (mode, masses) in enumerate(zip(self.modes, compared.cores.T, strict=False)):
            if number * mode.mass >= IN_MODE[not in_order]:
                figures[mode_name(place)] = masses
        return figures

    @cached_property
    def _quantiles(self) -> NDArray[np.float64]:
        """The target's, kept because they take longer to compute than all other figures."""
        assert self._target is not None
        return self._target.ppf(LEVELS)

    def _distances(self, ordered: Array) -> Array:
        assert self._target is not None
        number = ordered.shape[1]
        found = _at(ordered, (number * LEVELS - 0.5).clip(0, number - 1))
        return np.asarray(np.abs(found - self._quantiles).mean(axis=1) / self._target.scale)

    @cached_property
    def _masses(self) -> NDArray[np.float64]:
        """The target's mass nearest to each point of x."""
        assert self._target is not None
        assert self._x is not None
        middles = (self._x[1:] + self._x[:-1]) / 2
        return np.diff(self._target.cdf(middles), prepend=0.0, append=1.0)

    def _judged(self, scores: Array, outputs: Array) -> dict[str, Array]:
        """What D says over the target and over outputs; nothing where it is not known."""
        if self.output == "critic":
            return {"d_off": np.zeros(len(scores))}
        if self._x is None:
            return {}
        values = probability(scores, self.output)
        if self.output in UNBOUNDED:
            return {"d_off": (np.abs(values) - 1).clip(0.0) @ self._masses}
        fake = [np.interp(one, self._x, d).mean() for one, d in zip(outputs, values, strict=True)]
        within = (outputs >= self._x[0]) & (outputs <= self._x[-1])
        unknown = within.mean(axis=1) < 1 - MOST_OUTSIDE
        return {
            "d_off": np.abs(values - 0.5) @ self._masses,
            "d_real": np.where(unknown, np.nan, values @ self._masses),
            "d_fake": np.where(unknown, np.nan, fake),
        }


def _at(rows: Array, places: Array) -> Array:
    """Values between the columns of each row, at places of shape (k,)."""
    first = places.astype(np.intp)
    after = np.minimum(first + 1, rows.shape[1] - 1)
    part = places - first
    return np.asarray(rows[:, first] * (1 - part) + rows[:, after] * part)

"""The losses of D and G over the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from gan_viz.analysis import smooth
from gan_viz.panels.base import DYNAMIC, Curve, Key, Panel, Style, add_right_scale
from gan_viz.recording import Recording

__all__ = ["LossesPanel"]

Array = NDArray[np.float64]

POINTS = 300
"""Points a curve is drawn with: as many as there are pixels to tell them apart."""
SMOOTHED = 50
"""The smoothed curves average over this fraction of the training."""
CLOSE = 0.12
"""Marks that are nearer than this part of the scale share one label of several lines."""
PALE = 0.28
"""Opacity of the raw values."""
NAMES = {"d_loss": "*D* loss", "g_loss": "*G* loss"}
CONSTANTS = {2 * math.log(2): "2 log 2", math.log(2): "log 2", -math.log(2): "−log 2", 0.0: "0"}


class LossesPanel(Panel):
    """Both losses up to the current step, smoothed, over all their raw values in pale.

    Lines mark the values of the objective at equilibrium, where the recording names them.
    """

    needs: ClassVar[tuple[str, ...]] = ("d_loss", "g_loss")

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.raw = {name: self._series(name) for name in self.needs}
        ends = [recording.steps, *(steps for steps, _ in self.raw.values())]
        self.last = max([1, *(int(steps[-1]) for steps in ends if len(steps))])
        self.smoothed = {name: _resampled(*series) for name, series in self.raw.items()}

    def _series(self, name: str) -> tuple[Array, Array]:
        steps, values = self.recording.scalars[name]
        return steps.astype(np.float64), values

    @cached_property
    def equilibrium(self) -> Mapping[str, float]:
        """Theoretical values of the losses where p_g = p_data, by name; may be empty."""
        objective = self.recording.header.get("objective")
        values = objective.get("equilibrium") if isinstance(objective, Mapping) else None
        if not isinstance(values, Mapping):
            return {}
        return {k: float(v) for k, v in values.items() if k in self.needs and _is_finite(v)}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lower and upper end of the scale: nearly all of the raw values, and the references."""
        values = np.concatenate([v[np.isfinite(v)] for _, v in self.raw.values()])
        ends = [*self.equilibrium.values()]
        if len(values):
            ends += np.quantile(values, [0.005, 0.995]).tolist()
        low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        pad = max(0.08 * (high - low), 1e-6 * abs(high)) or 1.0
        return low - pad, high + pad

    def keys(self, style: Style) -> Sequence[Key]:
        """One for each loss."""
        return [Key(NAMES["d_loss"], style.d_loss, "--"), Key(NAMES["g_loss"], style.g_loss)]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw all raw values in pale; create the curves up to the cursor."""
        axes.set_xlim(0, self.last)
        axes.set_ylim(*self.limits)
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        axes.locator_params(axis="x", integer=True)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: short(step)))
        self._draw_references(axes, style)
        self._draw_raw(axes, style)
        self._cursor = Curve(axes, style.muted, style.thin, snap=True)
        self._curves = {
            name: Curve(axes, key.color, style.line, key.linestyle, zorder)
            for zorder, (name, key) in enumerate(self._named_keys(style), int(DYNAMIC) + 1)
        }
        return [self._cursor, *self._curves.values()]

    def _named_keys(self, style: Style) -> list[tuple[str, Key]]:
        return list(zip(self.needs, self.keys(style), strict=True))

    def _draw_references(self, axes: Axes, style: Style) -> None:
        if not self.equilibrium:
            return
        values = sorted(set(self.equilibrium.values()))
        for value in values:
            axes.axhline(value, color=style.faint, linewidth=style.thin, zorder=1)
        marks = {
            sum(group) / len(group): "\n".join(name(value) for value in reversed(group))
            for group in self._grouped(values)
        }
        add_right_scale(axes, marks, style, style.ink)

    def _grouped(self, values: Sequence[float]) -> list[list[float]]:
        """Put values together, ascending, whose labels would cover one another."""
        low, high = self.limits
        groups: list[list[float]] = []
        for value in values:
            if groups and value - groups[-1][-1] < CLOSE * (high - low):
                groups[-1].append(value)
            else:
                groups.append([value])
        return groups

    def _draw_raw(self, axes: Axes, style: Style) -> None:
        for series, key in self._named_keys(style):
            steps, low, high = _band(*self.raw[series])
            edge = 0.0 if len(self.raw[series][0]) > POINTS else 1.0  # a band, or just a line
            axes.fill_between(steps, low, high, color=key.color, alpha=PALE, linewidth=edge)

    def update(self, frame: int) -> None:
        """Move the cursor, and the ends of the curves with it."""
        step = float(self.recording.steps[frame])
        self._cursor.set_points([step, step], self.limits)
        for series, curve in self._curves.items():
            curve.set_points(*_up_to(step, *self.smoothed[series]))


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _resampled(steps: Array, values: Array) -> tuple[Array, Array]:
    """The smoothed curve at few points, evenly spaced; gaps stay gaps."""
    level = smooth(values, max(3, len(values) // SMOOTHED))
    if len(steps) <= POINTS:
        return steps, level
    at = np.linspace(steps[0], steps[-1], POINTS)
    return at, np.interp(at, steps, level)


def _up_to(step: float, steps: Array, values: Array) -> tuple[Array, Array]:
    """The part of a curve up to a step, which it ends at exactly."""
    end = int(np.searchsorted(steps, step, side="right"))
    if end in (0, len(steps)):
        return steps[:end], values[:end]
    tip = np.interp(step, steps[end - 1 : end + 1], values[end - 1 : end + 1])
    return np.append(steps[:end], step), np.append(values[:end], tip)


def _band(steps: Array, values: Array) -> tuple[Array, Array, Array]:
    """Lowest and highest of the values in each short stretch of steps."""
    edges = np.unique(np.linspace(0, len(values), min(len(values), POINTS) + 1).astype(np.intp))
    starts = edges[:-1]
    middle = steps[(starts + edges[1:] - 1) // 2]
    finite = np.isfinite(values)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts) if len(starts) else values
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts) if len(starts) else values
    gaps = ~np.isfinite(low)
    return middle, np.where(gaps, np.nan, low), np.where(gaps, np.nan, high)


def short(step: float) -> str:
    """Write a number of steps with few characters.

    Examples
    --------
    >>> short(2500), short(20_000), short(1_500_000)
    ('2,500', '20k', '1.5M')
    """
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        if step >= 10_000 and step >= unit:
            return f"{step / unit:g}{sign}"
    return f"{step:,.0f}"


def name(value: float) -> str:
    """Write a value at equilibrium as it is known.

    Examples
    --------
    >>> name(2 * math.log(2)), name(0.25)
    ('2 log 2', '0.25')
    """
    near = [text for constant, text in CONSTANTS.items() if math.isclose(constant, value)]
    return near[0] if near else f"{value:.3g}"

"""What panels that draw scalars over the steps have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from gan_viz.analysis import smooth
from gan_viz.diagnostics import verdicts
from gan_viz.panels.artists import Curve, EventMarks
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style

__all__ = ["LARGE", "Series", "SeriesPanel", "bounded", "scale_of", "short"]

Array = NDArray[np.float64]
Series: TypeAlias = tuple[Array, Array]
"""Steps, ascending, and a value at each, both of shape (n,)."""

LARGE = 1e30
"""Values as large as this are not drawn: sums and products of them would overflow."""
CURVE_POINTS = 300
"""Points of a drawn curve: more than there are pixels would not be seen."""
SMOOTHED = 50
"""The moving average takes one part in this many of the training."""
TRIANGLE = Path([[-0.5, 0.0], [0.5, 0.0], [0.0, 1.0], [-0.5, 0.0]], closed=True)
DIAMOND = Path([[0.0, 0.0], [0.5, 0.5], [0.0, 1.0], [-0.5, 0.5], [0.0, 0.0]], closed=True)


class SeriesPanel(Panel):
    """Smoothed scalars up to the current step, over all raw values in a pale tint.

    Verdicts are marked on the axis of steps: a triangle where something went wrong, a diamond
    where the game came to rest.

    Attributes
    ----------
    pale : float
        Opacity of the raw values.
    raw, smoothed : dict of str to Series
        In the order of the legend, which has an entry for each.
    last : int
        The last step.
    verdicts : list of Verdict
        On the training.
    """

    pale: ClassVar[float] = 0.28

    def load(self) -> None:
        """Read and smooth the scalars."""
        self.raw = dict(self.series())
        ends = [self.recording.steps, *(steps for steps, _ in self.raw.values())]
        self.last = max([1, *(int(steps[-1]) for steps in ends if len(steps))])
        self.smoothed = {name: _resampled(*series) for name, series in self.raw.items()}
        self.verdicts = verdicts(self.recording)

    @abstractmethod
    def series(self) -> Mapping[str, Series]:
        """What is drawn, in the order of the legend."""

    @property
    @abstractmethod
    def limits(self) -> tuple[float, float]:
        """Lower and upper end of the scale."""

    @abstractmethod
    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Name the scale, and draw its reference lines."""

    def scalar(self, name: str) -> Series:
        """Read a scalar of the recording."""
        steps, values = self.recording.scalars[name]
        return steps.astype(np.float64), bounded(values)

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the raw values; create the cursor and the curves up to it."""
        axes.set_xlim(0, self.last)
        axes.set_ylim(*self.limits)
        axes.set_xlabel(f"{self.recording.header.get('clock') or 'step'!s:.40}")
        axes.locator_params(axis="x", integer=True)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: short(step)))
        self.draw_scale(axes, style)
        self._draw_raw(axes, style)
        self._axes = axes
        self._cursor = Curve(axes, style.muted, style.thin, snap=True)
        self._curves = {
            name: Curve(axes, entry.color, style.line, entry.linestyle, zorder)
            for zorder, (name, entry) in enumerate(self._named_entries(style), int(DYNAMIC) + 1)
        }
        self._events = [*self._draw_events(axes, style)]
        return [self._cursor, *self._curves.values(), *self._events]

    def _draw_events(self, axes: Axes, style: Style) -> Iterator[EventMarks]:
        for good, shape, color in ((False, TRIANGLE, style.ink), (True, DIAMOND, style.data)):
            steps = sorted({one.step for one in self.verdicts if one.good is good})
            if steps:
                yield EventMarks(axes, steps, shape, color, style)

    def _named_entries(self, style: Style) -> list[tuple[str, LegendEntry]]:
        return list(zip(self.raw, self.legend(style), strict=True))

    def _draw_raw(self, axes: Axes, style: Style) -> None:
        for series, entry in self._named_entries(style):
            steps, low, high = _band(*self.raw[series])
            edge = 0.0 if len(self.raw[series][0]) > CURVE_POINTS else 1.0  # a band, or just a line
            axes.fill_between(steps, low, high, color=entry.color, alpha=self.pale, linewidth=edge)

    def update(self, frame: int) -> None:
        """Move the cursor, and the ends of the curves with it."""
        step = float(self.recording.steps[frame])
        self._cursor.set_points([step, step], self._axes.get_ylim())
        for events in self._events:
            events.set_reached(step)
        for series, curve in self._curves.items():
            curve.set_points(*_up_to(step, *self.smoothed[series]))


def bounded(values: Array) -> Array:
    """Values as they are, but for those that no scale can hold, which are infinite."""
    return np.where(np.abs(values) >= LARGE, np.copysign(np.inf, values), values)


def _resampled(steps: Array, values: Array) -> Series:
    """The smoothed curve at up to `CURVE_POINTS` evenly spaced steps; gaps stay gaps."""
    level = smooth(values, max(3, len(values) // SMOOTHED))
    if len(steps) <= CURVE_POINTS:
        return steps, level
    at = np.linspace(steps[0], steps[-1], CURVE_POINTS)
    return at, np.interp(at, steps, level)


def _up_to(step: float, steps: Array, values: Array) -> Series:
    """The part of a curve up to a step, with an interpolated point there."""
    end = int(np.searchsorted(steps, step, side="right"))
    if end in (0, len(steps)):
        return steps[:end], values[:end]
    tip = np.interp(step, steps[end - 1 : end + 1], values[end - 1 : end + 1])
    return np.append(steps[:end], step), np.append(values[:end], tip)


def _band(steps: Array, values: Array) -> tuple[Array, Array, Array]:
    """Minimum and maximum of the values in up to `CURVE_POINTS` intervals of steps."""
    edges = np.unique(
        np.linspace(0, len(values), min(len(values), CURVE_POINTS) + 1).astype(np.intp)
    )
    starts = edges[:-1]
    middle = steps[(starts + edges[1:] - 1) // 2]
    finite = np.isfinite(values)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts) if len(starts) else values
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts) if len(starts) else values
    gaps = ~np.isfinite(low)
    return middle, np.where(gaps, np.nan, low), np.where(gaps, np.nan, high)


def scale_of(values: Iterable[Array], within: Iterable[float] = ()) -> tuple[float, float]:
    """Ends of a scale that holds 99 % of the finite values, and all of those `within`."""
    finite = np.concatenate([one[np.abs(one) < LARGE] for one in values])
    ends = [*within]
    if len(finite):
        ends += np.quantile(finite, [0.005, 0.995]).tolist()
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    pad = max(0.08 * (high - low), 1e-6 * abs(high)) or 1.0
    return low - pad, high + pad


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

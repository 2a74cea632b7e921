"""What panels that draw scalars over the steps have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, Locator
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis import smooth
from gan_viz.diagnostics import verdicts
from gan_viz.panels.artists import Area, Curve, EventMarks, to_pixels
from gan_viz.panels.base import (
    DYNAMIC,
    TICKS,
    LegendEntry,
    LineStyle,
    Panel,
    Style,
    name_before_ticks,
)
from gan_viz.panels.labels import CurveLabels, Shown
from gan_viz.panels.lettering import Font, Lettering

Array = NDArray[np.float64]
Series: TypeAlias = tuple[Array, Array]
"""Steps, ascending, and a value at each, both of shape (n,)."""

LARGE = 1e30
"""Values as large as this are not drawn: sums and products of them would overflow."""
CURVE_POINTS = 240
"""Points of a drawn curve: more than there are pixels would not be seen."""
SMOOTHED = 50
"""The moving average takes one part in this many of the training."""
PER_TICK = 4.6
"""Room for the number of a tick, in text heights."""
NEXT, MIDDLE, LINE = 0.5, 0.34, 1.25
"""Distance of a name from the tip of its curve, half the height of its letters, and least distance
of two names, in text heights."""
LANE = 0.35
"""Room for the words of verdicts below the curves of a strip, relative to their scale."""
MOST_ROOM = 0.4
"""Part of the width that names beside tips may take."""
TRIANGLE = Path([[-0.5, 0.0], [0.5, 0.0], [0.0, 1.0], [-0.5, 0.0]], closed=True)
DIAMOND = Path([[0.0, 0.0], [0.5, 0.5], [0.0, 1.0], [-0.5, 0.5], [0.0, 0.0]], closed=True)


@dataclass(eq=False)
class SeriesPanel(Panel):
    """Smoothed scalars up to the current step, over their raw values in a pale tint.

    Verdicts are marked on the axis of steps: a triangle where something went wrong, a diamond
    where the game came to rest.

    Parameters
    ----------
    strip : bool
        Whether it is a low strip below the other panels, on the clip's own clock: the curves grow
        evenly in time, whichever steps the clip dwells on, and the ticks say the steps. Curves are
        named at their tips, and marks of verdicts beside them.

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

    strip: bool = False

    @property
    def is_strip(self) -> bool:
        """Whether it goes below the other panels."""
        return self.strip

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
        self._axes, self._shown = axes, self._seconds()
        self._named: list[tuple[str, Lettering]] = []
        self._marks: list[tuple[float, float, Lettering]] = []
        axes.set_xlim(0, float(self._at(self.last)))
        low, high = self.limits
        lane = LANE * (high - low) if self.strip and self.verdicts else 0.0
        axes.set_ylim(low - lane, high)
        clock = self.recording.header.get("clock")
        word = f"{clock!s:.40}" if clock else style.words.say("step")
        if self.strip:
            name_before_ticks(axes, word, style)
        else:
            axes.set_xlabel(word)
        self._draw_steps(axes, style)
        self.draw_scale(axes, style)
        self._bands = {
            name: Area(axes, entry.color, 0.0, tint=self.pale)
            for name, entry in self._named_entries(style)
        }
        for name, band in self._bands.items():
            steps, least, most = _band(*self.raw[name])
            band.set_between(self._at(steps), least, most)
        self._curves = {
            name: Curve(axes, entry.color, style.line, self._line(entry), zorder)
            for zorder, (name, entry) in enumerate(self._named_entries(style), int(DYNAMIC) + 1)
        }
        self._events = [*self._draw_events(axes, style)]
        self._labels = CurveLabels(axes, style.background)
        return [*self._bands.values(), *self._curves.values(), *self._events, self._labels]

    def _line(self, entry: LegendEntry) -> LineStyle:
        """Curves with names at their tips need no dashes."""
        return "-" if self.strip else entry.linestyle

    def _draw_steps(self, axes: Axes, style: Style) -> None:
        """Choose the ticks of the steps, and where a strip's are on the clip's clock."""
        if self._shown is None:
            axes.locator_params(axis="x", integer=True)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: short(step)))
            return
        self._ticks = _StepTicks(self._at, self.last, PER_TICK * style.font)
        axes.xaxis.set_major_locator(self._ticks)
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda place, _: short(self._ticks.step(place)))
        )

    def _seconds(self) -> Array | None:
        """When a clip shows each frame, if the panel is a strip on its clock."""
        if not self.strip or self.clock is None or not np.ptp(self.clock) > 0:
            return None
        shown = np.asarray(self.clock, np.float64)
        return np.asarray(shown - shown[0])

    def _at(self, steps: ArrayLike) -> Array:
        """Where steps are along the axis: themselves, or the seconds at which a clip shows them."""
        at = np.asarray(steps, np.float64)
        if self._shown is None:
            return at
        return np.asarray(np.interp(at, self.recording.steps, self._shown))

    def label(self, style: Style) -> Sequence[LegendEntry]:
        """Name the curves of a strip at their tips, for which room is made at the right."""
        if not self.strip:
            return self.legend(style)
        font = Font(style.font)
        self._named = [
            (name, Lettering(entry.text, font, entry.color))
            for name, entry in self._named_entries(style)
        ]
        self._aside = NEXT * style.font
        widest = max(text.width for _, text in self._named) + 2 * self._aside
        axes, last = self._axes, float(self._at(self.last))
        part = min(widest / axes.bbox.width, MOST_ROOM)
        axes.set_xlim(0, last / (1 - part))
        axes.spines["bottom"].set_bounds(0, last)
        self._marks = self._words_of_marks(style)
        return ()

    def _words_of_marks(self, style: Style) -> list[tuple[float, float, Lettering]]:
        """When each verdict is reached, where its mark is, and what is written beside it."""
        font, found = Font(TICKS * style.font), []
        for one in self.verdicts:
            own = one.short.partition(": ")[0].replace(" -", " −")
            words = style.words.say(one.kind) or own
            text = Lettering(words, font, style.good if one.good else style.bad)
            found.append((float(one.step), float(self._at(one.step)), text))
        return found

    def _names_at_tips(self, step: float) -> list[Shown]:
        """The names of the curves, beside their tips and apart from one another."""
        tips = []
        for name, text in self._named:
            x, y = self._curves[name].tip
            if np.isfinite(y):
                left, up = to_pixels(self._axes).transform((x, y)) - self._axes.bbox.min
                tips.append([left + self._aside, up - MIDDLE * text.font.size, text])
        tips.sort(key=lambda tip: tip[1])
        for below, above in pairwise(tips):
            apart = LINE * above[2].font.size - (above[1] - below[1])
            if apart > 0:
                below[1], above[1] = below[1] - apart / 2, above[1] + apart / 2
        for tip in tips:
            tip[1] = min(tip[1], self._axes.bbox.height - tip[2].up)
        return [Shown(text, left, up) for left, up, text in tips] + self._words_at_marks(step)

    def _words_at_marks(self, step: float) -> list[Shown]:
        """The words of the marks that are reached, as far as the next mark leaves room."""
        reached, shown = [mark for mark in self._marks if mark[0] <= step], []
        end = np.inf
        for _, at, text in reversed(reached):
            left = to_pixels(self._axes).transform((at, 0))[0] - self._axes.bbox.x0
            start = min(left + text.font.size, self._axes.bbox.width - text.width)
            if start + text.width < end:
                shown.append(Shown(text, float(start), text.down))
            end = left - text.font.size
        return shown

    def _draw_events(self, axes: Axes, style: Style) -> Iterator[EventMarks]:
        for good, shape, color in ((False, TRIANGLE, style.bad), (True, DIAMOND, style.good)):
            steps = sorted({one.step for one in self.verdicts if one.good is good})
            if steps:
                places = dict(zip(steps, self._at(steps).tolist(), strict=True))
                yield EventMarks(axes, places, shape, color, style)

    def _named_entries(self, style: Style) -> list[tuple[str, LegendEntry]]:
        return list(zip(self.raw, self.legend(style), strict=True))

    def update(self, frame: int) -> None:
        """Let the curves end at the frame's step."""
        step = float(self.recording.steps[frame])
        for events in self._events:
            events.set_reached(step)
        for series, curve in self._curves.items():
            steps, values = _up_to(step, *self.smoothed[series])
            curve.set_points(self._at(steps), values)
        for band in self._bands.values():
            band.until = float(self._at(step))
        if self._named:
            self._labels.show(self._names_at_tips(step))


class _StepTicks(Locator):
    """A few round steps, as far apart along the clip's clock as their labels need.

    `at` maps steps to places on the axis, ascending; a label needs `room` pixels.
    """

    def __init__(self, at: Callable[[ArrayLike], Array], last: int, room: float) -> None:
        powers = 10 ** np.arange(np.log10(max(last, 1)) + 1)
        rounded = np.outer(powers, [1, 2, 5]).ravel()
        self._steps = np.array([0.0, last, *rounded[rounded < last][::-1]])
        self._places, self._room = np.asarray(at(self._steps)), room

    def step(self, place: float) -> float:
        """The step of a tick."""
        return float(self._steps[np.abs(self._places - place).argmin()])

    def __call__(self) -> Sequence[float]:
        """Places of the ticks: the first, the last, and of the round ones the largest that fit."""
        assert isinstance(self.axis, Axis)
        axes = self.axis.axes
        low, high = axes.get_xlim()
        least = self._room * (high - low) / max(axes.bbox.width, 1.0)
        kept: list[float] = []
        for place in self._places.tolist():
            if all(abs(place - other) >= least for other in kept):
                kept.append(place)
        return sorted(kept)

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """The same ticks, whatever the ends."""
        return self()

    def set_params(self, **_: object) -> None:
        """Ignore wishes for a number of ticks."""


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
    pad = max(0.08 * (high - low), 0.005 * max(-low, high)) or 1.0  # constants have no digits
    return low - pad, high + pad


def short(step: float) -> str:
    """Write a number of steps as elsewhere in the picture, millions with few characters.

    Examples
    --------
    >>> short(2500), short(20_000), short(1_500_000)
    ('2,500', '20,000', '1.5M')
    """
    return f"{step / 1e6:g}M" if step >= 1e6 else f"{step:,.0f}"

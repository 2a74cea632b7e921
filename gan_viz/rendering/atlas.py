"""Pictures of a sweep: heat maps over two settings, and curves with bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.ticker import LogFormatter, MaxNLocator
from numpy.typing import NDArray

from gan_viz.distributions.base import shorten
from gan_viz.rendering.canvas import Canvas
from gan_viz.rendering.figure import PixelFigure, rasterize

Array = NDArray[np.float64]

COLORS = "viridis"
OUTLINE = 1.2
"""Width of the diagonal, in points; it has a bright edge of half that width."""
LETTER, LINE = 0.65, 2.0
"""Room for a letter, and for a line of labels, in text heights."""
UPRIGHT = 0.25
"""Share of a map's room that names which stand upright take at most."""
TITLE = 0.8
"""Height of titles, in that of other text."""
BESIDE = 4
"""Letters that a title is shorter than its map with the labels beside it."""
LEAST_DECADES = 1.0
"""Span of positive values from which on colours follow their logarithm."""
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#999933")
"""Colours of curves: Okabe & Ito (2008), and two after Tol (2021)."""


@dataclass(frozen=True)
class Atlas:
    """Heat maps of one figure over two settings.

    Attributes
    ----------
    values : ndarray, shape (maps, frames, rows, columns)
        The figure in each cell; NaN where there is none. Row 0 is at the bottom.
    titles : sequence of str
        Of the maps.
    x_name, y_name, value_name : str
    x_labels, y_labels : sequence of str
        Of the columns and the rows.
    frames : sequence of str
        What each frame is, like "step 300".
    low_is_good : bool
        Whether a low value is what one hopes for; the good end of the scale is bright.
    limits : (float, float), optional
        Of the colours; by default those of the values.
    better : str
        What is written beside the scale of colours.
    diagonal : str
        Where both settings have the same values, what is said of the line along which they are
        equal; empty for no line.
    """

    values: Array
    titles: Sequence[str]
    x_name: str
    y_name: str
    value_name: str
    x_labels: Sequence[str]
    y_labels: Sequence[str]
    frames: Sequence[str]
    low_is_good: bool = True
    limits: tuple[float, float] | None = None
    better: str = ""
    diagonal: str = ""


class AtlasPicture:
    """Heat maps beside one another, with one scale of colours.

    Parameters
    ----------
    atlas : Atlas
    canvas : Canvas

    Attributes
    ----------
    figure : PixelFigure
        Shows the last frame that was asked for; at first, the last one there is.
    frames : int
    """

    def __init__(self, atlas: Atlas, canvas: Canvas) -> None:
        self._atlas, self.frames, style = atlas, len(atlas.frames), canvas.style
        self.figure: PixelFigure = canvas.figure(style)
        with self.figure.context():
            self.figure.set_layout_engine("constrained")
            maps, cells = len(atlas.titles), atlas.values.shape[2:]
            columns = _columns(maps, cells, canvas.width / canvas.height)
            rows = -(-maps // columns)
            self._font, self._room = style.font, (canvas.width / columns, canvas.height / rows)
            axes = self.figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
            self._images = [self._map(one, number) for number, one in enumerate(axes.flat[:maps])]
            for unused in axes.flat[maps:]:
                unused.set_axis_off()
            for one in axes[:, 0]:
                one.set_ylabel(atlas.y_name)
            for column in range(columns):
                filled = [one for one in axes[:, column] if one.axison]
                filled[-1].set_xlabel(atlas.x_name)
                filled[-1].tick_params(labelbottom=True)
            bar = self.figure.colorbar(self._images[0], ax=axes, aspect=30, pad=0.02)
            bar.outline.set_visible(False)
            bar.set_label(" · ".join(filter(None, [atlas.better, atlas.diagonal])))
            if isinstance(bar.norm, LogNorm):
                _write_plainly(bar.ax.yaxis)
            self._title = self.figure.suptitle("", fontsize=TITLE * style.font)
            self._above = f"{canvas.title}\n" if canvas.title else ""
            self._letters = int(canvas.width / (LETTER * style.font))
            self.show(self.frames - 1)
            # laid out once: nothing moves from frame to frame, and a frame takes half the time
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def _map(self, axes: Axes, number: int) -> AxesImage:
        atlas = self._atlas
        colors = COLORS + ("_r" if atlas.low_is_good else "")
        image = axes.imshow(
            atlas.values[number, -1],
            origin="lower",
            aspect="auto",
            cmap=colors,
            norm=_norm(atlas),
            interpolation="nearest",
        )
        if atlas.diagonal:
            ends = -0.5, len(atlas.x_labels) - 0.5
            axes.plot(ends, ends, color="white", linewidth=2 * OUTLINE)
            axes.plot(ends, ends, "--", color="black", linewidth=OUTLINE)
        letters = int(self._room[0] / (LETTER * self._font)) - BESIDE
        title = shorten(atlas.titles[number], max(letters, 1))
        axes.set_title(title, fontsize=TITLE * self._font)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        self._label(axes)
        return image

    def _label(self, axes: Axes) -> None:
        """Name as many columns and rows as there is room for."""
        atlas, font, across_labels = self._atlas, self._font, self._atlas.x_labels
        widest = max(map(len, across_labels)) * LETTER + 1
        across = max(1, int(0.8 * self._room[0] / (widest * font)))
        if across < len(across_labels) and not all(map(_is_number, across_labels)):
            # numbers between others are guessed, names are not
            axes.tick_params(axis="x", labelrotation=90)
            across = max(1, int(0.8 * self._room[0] / (LINE * font)))
            letters = max(4, int(UPRIGHT * self._room[1] / (LETTER * font)))
            across_labels = [shorten(label, letters) for label in across_labels]
        up = max(1, int(0.7 * self._room[1] / (LINE * font)))
        for axis, labels, most in (
            (axes.xaxis, across_labels, across),
            (axes.yaxis, atlas.y_labels, up),
        ):
            every = -(-len(labels) // most)
            axis.set_ticks(range(0, len(labels), every), labels[::every])

    def show(self, frame: int) -> None:
        """Show a frame."""
        for image, values in zip(self._images, self._atlas.values, strict=True):
            image.set_data(values[frame])
        name = self._atlas.frames[frame]
        text = " · ".join(filter(None, [self._atlas.value_name, name]))
        self._title.set_text(self._above + fill(text, self._letters))

    def frame(self, number: int) -> NDArray[np.uint8]:
        """A frame as pixels, shape (height, width, 3)."""
        self.show(number)
        return rasterize(self.figure)


class _PlainFormatter(LogFormatter):
    """Writes 0.2, where matplotlib writes 2 × 10⁻¹."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def _write_plainly(axis: Axis) -> None:
    axis.set_major_formatter(_PlainFormatter())
    axis.set_minor_formatter(_PlainFormatter(minor_thresholds=(2, 0.5)))


def _is_number(label: str) -> bool:
    with suppress(ValueError):
        return math.isfinite(float(label))
    return False


def _columns(maps: int, cells: tuple[int, ...], aspect: float) -> int:
    """Columns that make cells as square as can be."""
    rows, columns = cells

    def unlike(across: int) -> float:
        down = -(-maps // across)
        return abs(math.log(aspect * down * rows / (across * columns)))

    return min(range(1, maps + 1), key=unlike)


def _norm(atlas: Atlas) -> Normalize:
    known = atlas.values[np.isfinite(atlas.values)]
    if atlas.limits is not None:
        return Normalize(*atlas.limits)
    if not len(known):
        return Normalize(0, 1)
    low, high = float(known.min()), float(known.max())
    if low > 0 and math.log10(high / low) > LEAST_DECADES:
        return LogNorm(low, high)
    return Normalize(low, high if high > low else low + 1)


@dataclass(frozen=True)
class Band:
    """A curve over steps with a band around it, each of shape (points,)."""

    name: str
    steps: Array
    middle: Array
    low: Array
    high: Array


def curves_figure(bands: Sequence[Band], value_name: str, canvas: Canvas) -> PixelFigure:
    """Draw curves over the steps, with bands and their names at the end of each.

    Parameters
    ----------
    bands : sequence of Band
    value_name : str
    canvas : Canvas
    """
    style = canvas.style
    figure = canvas.figure(style)
    with figure.context():
        figure.set_layout_engine("constrained")
        axes: Any = figure.subplots()
        for number, band in enumerate(bands):
            color = HUES[number % len(HUES)]
            dashes = ("-", "--", ":", "-.")[number // len(HUES) % 4]
            axes.fill_between(band.steps, band.low, band.high, color=color, alpha=0.2, lw=0)
            axes.plot(band.steps, band.middle, dashes, color=color, lw=style.line, label=band.name)
        axes.set(
            xlabel="step",
            ylabel=f"{value_name}: median, middle 80 % of the runs",
            xlim=(0, max(b.steps[-1] for b in bands) or 1),
        )
        positive = all((band.low[1:] > 0).all() and len(band.low) > 1 for band in bands)
        axes.set_yscale("log" if positive else "linear")
        if positive:
            _write_plainly(axes.yaxis)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if canvas.title:
            figure.suptitle(canvas.title)
        axes.legend(frameon=False, loc="upper right")
    return figure

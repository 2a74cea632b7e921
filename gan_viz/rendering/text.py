"""Text in pixels: measured once, and without matplotlib's formulas, which take long to be set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from gan_viz.panels.base import LegendEntry, Style
from gan_viz.panels.lettering import DPI, Font, advance, parts

LONGEST = 500
"""Characters that a line is measured with at most."""
HANDLE = 2.2
"""Length of the line beside a legend entry, in text heights."""
SPACE = 0.5
"""Room between that line and its text, in text heights."""
BETWEEN = 1.4
"""Room between legend entries, in text heights."""
LIFT = 0.34
"""Height of that line over the base line of the text, in text heights."""
HINTED = 0.96
"""Smaller type is set wider than in proportion, in whole pixels: it shrinks by as much more."""
LEAST_WORDS = 0.75
"""Type of a legend that would have to be smaller than this, relative to the usual, is of its short
forms."""
CLOSEST = 0.5
"""How much shorter lines and spaces may get where there is little room."""


def write(figure: Figure, text: str, x: float, y: float, font: Font) -> Text:
    """Write a text whose left end and base line are at `x` and `y`, in pixels."""
    width, height = figure.bbox.width, figure.bbox.height
    return figure.text(x / width, y / height, text, va="baseline", **font.properties)


def in_pixels(figure: Figure) -> Transform:
    """Place artists in pixels of a figure as it is now, whatever its resolution becomes."""
    return Affine2D().scale(1 / figure.bbox.width, 1 / figure.bbox.height) + figure.transFigure


def shorten(text: str, fits: Callable[[str], bool]) -> str:
    """Cut the end of a text off until it fits, and show that by an ellipsis.

    `fits` is true of all texts that are short enough.

    Examples
    --------
    >>> shorten("abcdefgh", lambda text: len(text) <= 5)
    'abcd…'
    """
    if len(text) > LONGEST:
        text = _cut(text, LONGEST)  # measuring takes time, and so much never fits
    if fits(text):
        return text
    low, high = 0, len(text)  # the first `low` characters fit, `high` do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(_cut(text, middle)) else (low, middle)
    return _cut(text, low)


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip(" ·…") + "…"


def legend_width(entries: Sequence[LegendEntry], size: float) -> float:
    """Pixels that a legend takes where there is room; to be called within a figure's settings."""
    return _texts_width(entries, size) + _spaces(len(entries), size)


def draw_legend(
    figure: Figure, entries: Sequence[LegendEntry], style: Style, x: float, y: float, width: float
) -> None:
    """Draw a legend in one row above a panel, where it can cover no curve.

    `x` and `y` are its left end and base line, and `width` its room, in pixels: where that is
    short, everything moves closer together, then the text gets smaller, and where that is too
    small, the short forms of the entries are written.
    """
    words = _LegendRow.fitting(_texts_width(entries, style.font), len(entries), style.font, width)
    if words.size < LEAST_WORDS * style.font:
        entries = [replace(entry, text=entry.short or entry.text) for entry in entries]
    row = _LegendRow.fitting(_texts_width(entries, style.font), len(entries), style.font, width)
    for entry in entries:
        _draw_handle(figure, entry, style, x, y + LIFT * row.size, row.handle)
        x += row.handle + row.space
        start = x
        for part, font, drop in parts(entry.text, Font(row.size)):
            write(figure, part, start, y - drop, font)
            start += advance(part, font)
        x = start + row.between


@dataclass(frozen=True)
class _LegendRow:
    """Sizes in a row, in pixels: of handles, of spaces before and behind texts, and of texts."""

    handle: float
    space: float
    between: float
    size: float

    @classmethod
    def fitting(cls, texts: float, entries: int, font: float, width: float) -> _LegendRow:
        """Shrink the spaces first, then the text."""
        ideal = _spaces(entries, font)
        spaces = min(1.0, max(CLOSEST, (width - texts) / ideal))
        size = (width - spaces * ideal) / max(texts, 1.0)
        size = 1.0 if size >= 1.0 else HINTED * size
        unit = spaces * font
        return cls(HANDLE * unit, SPACE * unit, BETWEEN * unit, font * max(size, 0.5))


def _spaces(entries: int, font: float) -> float:
    """Pixels of a row that are no text."""
    return font * (entries * (HANDLE + SPACE) + (entries - 1) * BETWEEN)


def _texts_width(entries: Sequence[LegendEntry], size: float) -> float:
    each = (part for entry in entries for part in parts(entry.text, Font(size)))
    return sum(advance(part, font) for part, font, _ in each)


def _draw_handle(
    figure: Figure, entry: LegendEntry, style: Style, x: float, y: float, length: float
) -> None:
    height = 0.4 * style.font
    if entry.filled:
        tint = Rectangle((x, y - height), length, height, color=entry.color, alpha=0.2, linewidth=0)
        figure.add_artist(tint).set_transform(in_pixels(figure))
    inset = style.line * DPI / 72 / 2  # round ends reach beyond the line
    figure.add_artist(
        Line2D(
            [x + inset, x + length - inset],
            [y, y],
            color=entry.color,
            linestyle=entry.linestyle,
            linewidth=style.slight if entry.slight else style.wide if entry.wide else style.line,
            transform=in_pixels(figure),
        )
    )

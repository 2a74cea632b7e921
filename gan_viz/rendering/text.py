"""Text in pixels: measured once, and without matplotlib's formulas, which take long to be set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from gan_viz.panels.base import LegendEntry, Style
from gan_viz.rendering.theme import DPI

__all__ = ["Font", "draw_legend", "in_pixels", "legend_width", "shorten", "text_width", "write"]

SUBSCRIPT, DROP = 0.72, 0.16
"""Size of subscripts, and how far they stand below the line, relative to the text."""
HANDLE = 2.2
"""Length of the line beside a legend entry, in text heights."""
SPACE = 0.5
"""Room between that line and its text, in text heights."""
BETWEEN = 1.4
"""Room between legend entries, in text heights."""
LIFT = 0.34
"""Height of that line over the base line of the text, in text heights."""
CLOSEST = 0.5
"""How much shorter lines and spaces may get where there is little room."""


class Font(NamedTuple):
    """How a text is set.

    Attributes
    ----------
    size : float
        In pixels.
    style : {"normal", "italic"}
    weight : {"normal", "bold"}
    """

    size: float
    style: Literal["normal", "italic"] = "normal"
    weight: Literal["normal", "bold"] = "normal"

    @property
    def properties(self) -> dict[str, Any]:
        """Keywords of `matplotlib.text.Text`."""
        return {
            "fontsize": self.size * 72 / DPI,
            "fontstyle": self.style,
            "fontweight": self.weight,
            "parse_math": False,
        }


def text_width(text: str, font: Font) -> float:
    """Measure a text in pixels; to be called within the settings of a figure."""
    return _width(text, font, tuple(mpl.rcParams["font.family"]))


@lru_cache(maxsize=4096)
def _width(text: str, font: Font, families: tuple[str, ...]) -> float:
    size = font.size * 72 / DPI
    properties = FontProperties(
        family=list(families), style=font.style, weight=font.weight, size=size
    )
    measured = RendererAgg(1, 1, DPI).get_text_width_height_descent(text, properties, False)
    return float(measured[0])


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
    return sum(_entry_width(entry, size) for entry in entries) + _spaces(len(entries), size)


def draw_legend(
    figure: Figure, entries: Sequence[LegendEntry], style: Style, x: float, y: float, width: float
) -> None:
    """Draw a legend in one row above a panel, where it can cover no curve.

    `x` and `y` are its left end and base line, and `width` its room, in pixels: where that is
    short, everything moves closer together, and then the text gets smaller.
    """
    widths = [_entry_width(entry, style.font) for entry in entries]
    row = _LegendRow.fitting(sum(widths), len(entries), style.font, width)
    for entry, full in zip(entries, widths, strict=True):
        _draw_handle(figure, entry, style, x, y + LIFT * row.size, row.handle)
        x += row.handle + row.space
        start = x
        for part, font, drop in _parts(entry.text, row.size):
            write(figure, part, start, y - drop, font)
            start += _advance(part, font)
        x += full * row.size / style.font + row.between


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
        size = min(1.0, (width - spaces * ideal) / max(texts, 1.0))
        unit = spaces * font
        return cls(HANDLE * unit, SPACE * unit, BETWEEN * unit, font * max(size, 0.5))


def _spaces(entries: int, font: float) -> float:
    """Pixels of a row that are no text."""
    return font * (entries * (HANDLE + SPACE) + (entries - 1) * BETWEEN)


def _entry_width(entry: LegendEntry, size: float) -> float:
    return sum(_advance(part, font) for part, font, _ in _parts(entry.text, size))


def _parts(text: str, size: float) -> Iterator[tuple[str, Font, float]]:
    """Parts of ``*p*_data_`` that are set alike: their text, font, and pixels below the line."""
    for part in re.split(r"(\*[^*]+\*|_[^_]+_)", text):
        if part.startswith("*"):
            yield part[1:-1], Font(size, style="italic"), 0.0
        elif part.startswith("_"):
            yield part[1:-1], Font(SUBSCRIPT * size), DROP * size
        elif part:
            yield part, Font(size), 0.0


def _advance(text: str, font: Font) -> float:
    """Width with the space around: what matplotlib measures ends where the ink does."""
    return text_width(f"|{text}|", font) - text_width("||", font)


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
            linewidth=style.slight if entry.slight else style.line,
            transform=in_pixels(figure),
        )
    )

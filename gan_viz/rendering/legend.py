"""Legends in a row above a panel, where they can cover no curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from gan_viz.panels.base import LegendEntry, Style
from gan_viz.rendering.text import in_pixels, inline_width, write_inline
from gan_viz.rendering.theme import DPI

__all__ = ["draw_legend", "ideal_width"]

HANDLE = 2.2
"""Length of a sample of line, in text heights."""
SPACE = 0.5
BETWEEN = 1.4
LIFT = 0.34
"""Height of the line's middle over the base line of the text."""
CLOSEST = 0.5
"""How much shorter samples and spaces may get where there is little room."""


@dataclass(frozen=True)
class _Row:
    """Lengths in a row, in pixels: of samples, before and behind texts; and the texts' size."""

    handle: float
    space: float
    between: float
    size: float

    @classmethod
    def fitting(cls, texts: float, entries: int, font: float, width: float) -> _Row:
        """Shrink the spaces first, then the text."""
        ideal = font * (entries * (HANDLE + SPACE) + (entries - 1) * BETWEEN)
        spaces = min(1.0, max(CLOSEST, (width - texts) / ideal))
        size = min(1.0, (width - spaces * ideal) / max(texts, 1.0))
        unit = spaces * font
        return cls(HANDLE * unit, SPACE * unit, BETWEEN * unit, font * max(size, 0.5))


def ideal_width(entries: Sequence[LegendEntry], font: float) -> float:
    """Room that a legend takes where there is enough; to be called within a picture's settings.

    Parameters
    ----------
    entries : sequence of LegendEntry
    font : float
        Size of the text, in pixels.

    Returns
    -------
    float
        Pixels.
    """
    texts = sum(inline_width(entry.text, font) for entry in entries)
    return texts + font * (len(entries) * (HANDLE + SPACE) + (len(entries) - 1) * BETWEEN)


def draw_legend(
    figure: Figure, entries: Sequence[LegendEntry], style: Style, x: float, y: float, width: float
) -> None:
    """Write a legend from left to right.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    entries : sequence of LegendEntry
    style : Style
    x, y : float
        Left end and base line of the row, in pixels.
    width : float
        Room, in pixels; everything moves closer together where it is short.
    """
    widths = [inline_width(entry.text, style.font) for entry in entries]
    row = _Row.fitting(sum(widths), len(entries), style.font, width)
    for entry, full in zip(entries, widths, strict=True):
        _draw_handle(figure, entry, style, x, y + LIFT * row.size, row.handle)
        x += row.handle + row.space
        write_inline(figure, entry.text, x, y, row.size)
        x += full * row.size / style.font + row.between


def _draw_handle(
    figure: Figure, entry: LegendEntry, style: Style, x: float, y: float, length: float
) -> None:
    reach = 0.4 * style.font
    if entry.filled:
        tint = Rectangle((x, y - reach), length, reach, color=entry.color, alpha=0.2, linewidth=0)
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

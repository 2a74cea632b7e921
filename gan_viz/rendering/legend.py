"""Legends in a row above a panel, where they can cover no curve."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from gan_viz.panels.base import Key, Style

__all__ = ["draw_legend"]

HANDLE = 2.2
"""Length of a sample of line, in text heights."""
SPACE = 0.5
BETWEEN = 1.3


def draw_legend(
    figure: Figure, keys: Sequence[Key], style: Style, x: float, y: float, width: float
) -> None:
    """Write a legend from left to right.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    keys : sequence of Key
    style : Style
    x, y : float
        Left end and middle of the row, in pixels.
    width : float
        Room, in pixels; entries move closer together where it is short.
    """
    font = style.font
    widths = [_text_width(figure, key.text) for key in keys]
    used = sum(widths) + len(keys) * font * (HANDLE + SPACE)
    gaps = max(len(keys) - 1, 1)
    between = max(0.4 * font, min(BETWEEN * font, (width - used) / gaps))
    for key, text_width in zip(keys, widths, strict=True):
        _draw_handle(figure, key, style, x, y)
        x += font * (HANDLE + SPACE)
        _write(figure, key.text, x, y)
        x += text_width + between


def _text_width(figure: Figure, text: str) -> float:
    probe = figure.text(0, 0, text)
    width = float(probe.get_window_extent().width)
    probe.remove()
    return width


def _write(figure: Figure, text: str, x: float, y: float) -> None:
    width, height = figure.bbox.width, figure.bbox.height
    figure.text(x / width, y / height, text, va="center_baseline")


def _draw_handle(figure: Figure, key: Key, style: Style, x: float, y: float) -> None:
    length, reach = HANDLE * style.font, 0.45 * style.font
    if key.filled:
        figure.add_artist(
            Rectangle((x, y - reach), length, reach, color=key.color, alpha=0.16, linewidth=0)
        ).set_transform(None)  # pixels
    line = Line2D(
        [x, x + length],
        [y, y],
        color=key.color,
        linestyle=key.linestyle,
        linewidth=style.line,
        transform=None,
    )
    figure.add_artist(line)

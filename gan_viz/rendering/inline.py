"""Text with italics and subscripts, in a fraction of the time that formulas take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from matplotlib.figure import Figure

from gan_viz.rendering.canvas import text_width
from gan_viz.rendering.theme import DPI

__all__ = ["inline_width", "write_inline"]

LOW, DROP = 0.72, 0.16
"""Size of subscripts, and how far they stand below the line, relative to the text."""


def inline_width(figure: Figure, text: str, font: float) -> float:
    """Measure a text in pixels.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str
        With stars around italics and underscores around subscripts: ``*p*_data_``.
    font : float
        Size, in pixels.

    Returns
    -------
    float
    """
    return sum(_advance(figure, part, look) for part, look, _ in _parts(text, font))


def write_inline(figure: Figure, text: str, x: float, y: float, font: float) -> None:
    """Write a text from left to right.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str
        As `inline_width` takes it.
    x, y : float
        Left end and base line, in pixels.
    font : float
        Size, in pixels.
    """
    width, height = figure.bbox.width, figure.bbox.height
    for part, look, drop in _parts(text, font):
        figure.text(x / width, (y - drop) / height, part, va="baseline", **look)
        x += _advance(figure, part, look)


def _parts(text: str, font: float) -> Iterator[tuple[str, dict[str, Any], float]]:
    """Parts that are set alike: their text, look, and pixels below the line."""
    for part in re.split(r"(\*[^*]+\*|_[^_]+_)", text):
        look = {"fontsize": font * 72 / DPI, "parse_math": False}
        if part.startswith("*"):
            yield part[1:-1], look | {"fontstyle": "italic"}, 0.0
        elif part.startswith("_"):
            yield part[1:-1], look | {"fontsize": LOW * font * 72 / DPI}, DROP * font
        elif part:
            yield part, look, 0.0


def _advance(figure: Figure, text: str, look: dict[str, Any]) -> float:
    """Width with the space around: what matplotlib measures ends where the ink does."""
    return text_width(figure, f"|{text}|", **look) - text_width(figure, "||", **look)

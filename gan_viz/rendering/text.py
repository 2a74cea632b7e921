"""What is written and how much room it takes: measured once, and without slow formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from gan_viz.analysis.header import objective_name
from gan_viz.recording import Recording
from gan_viz.rendering.theme import DPI

__all__ = [
    "Type",
    "data_and_game",
    "game_name",
    "in_pixels",
    "inline_width",
    "shorten",
    "text_width",
    "title_of",
    "write",
    "write_inline",
]

LEAST_NAME = 8
"""Characters that must be left of the name of the data."""
LOW, DROP = 0.72, 0.16
"""Size of subscripts, and how far they stand below the line, relative to the text."""


class Type(NamedTuple):
    """How a text is set.

    Attributes
    ----------
    font : float
        Size, in pixels.
    style : {"normal", "italic"}
    weight : {"normal", "bold"}
    """

    font: float
    style: Literal["normal", "italic"] = "normal"
    weight: Literal["normal", "bold"] = "normal"

    @property
    def look(self) -> dict[str, Any]:
        """Properties of `matplotlib.text.Text`."""
        return {
            "fontsize": self.font * 72 / DPI,
            "fontstyle": self.style,
            "fontweight": self.weight,
            "parse_math": False,
        }


@lru_cache(maxsize=4096)
def text_width(text: str, kind: Type) -> float:
    """Measure a text in pixels; to be called within the settings of a picture.

    Parameters
    ----------
    text : str
    kind : Type

    Returns
    -------
    float
    """
    size = kind.font * 72 / DPI
    properties = FontProperties(style=kind.style, weight=kind.weight, size=size)
    measured = RendererAgg(1, 1, DPI).get_text_width_height_descent(text, properties, False)
    return float(measured[0])


def write(figure: Figure, text: str, x: float, y: float, kind: Type) -> Text:
    """Write a text from left to right.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str
    x, y : float
        Left end and base line, in pixels.
    kind : Type

    Returns
    -------
    matplotlib.text.Text
    """
    width, height = figure.bbox.width, figure.bbox.height
    return figure.text(x / width, y / height, text, va="baseline", **kind.look)


def in_pixels(figure: Figure) -> Transform:
    """Let artists be placed in pixels of a figure as it is now, at any resolution.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    matplotlib.transforms.Transform
    """
    return Affine2D().scale(1 / figure.bbox.width, 1 / figure.bbox.height) + figure.transFigure


def inline_width(text: str, font: float) -> float:
    """Measure a text in pixels; to be called within the settings of a picture.

    Parameters
    ----------
    text : str
        With stars around italics and underscores around subscripts: ``*p*_data_``.
    font : float
        Size, in pixels.

    Returns
    -------
    float
    """
    return sum(_advance(part, kind) for part, kind, _ in _parts(text, font))


def write_inline(figure: Figure, text: str, x: float, y: float, font: float) -> None:
    """Write a text with italics and subscripts.

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
    for part, kind, drop in _parts(text, font):
        write(figure, part, x, y - drop, kind)
        x += _advance(part, kind)


def _parts(text: str, font: float) -> Iterator[tuple[str, Type, float]]:
    """Parts that are set alike: their text, type, and pixels below the line."""
    for part in re.split(r"(\*[^*]+\*|_[^_]+_)", text):
        if part.startswith("*"):
            yield part[1:-1], Type(font, style="italic"), 0.0
        elif part.startswith("_"):
            yield part[1:-1], Type(LOW * font), DROP * font
        elif part:
            yield part, Type(font), 0.0


def _advance(text: str, kind: Type) -> float:
    """Width with the space around: what matplotlib measures ends where the ink does."""
    return text_width(f"|{text}|", kind) - text_width("||", kind)


def title_of(recording: Recording, fits: Callable[[str], bool] = lambda title: True) -> str:
    """Name what was learnt and how: ``bimodal · non-saturating GAN``, or as the header says.

    Parameters
    ----------
    recording : Recording
    fits : callable (str) -> bool
        True for all titles that are short enough: the name of the data is cut first.

    Returns
    -------
    str
    """
    given = recording.header.get("title")
    if isinstance(given, str):
        return shorten(given, fits)
    data, game = data_and_game(recording)
    title = " · ".join(part for part in (data, game) if part)
    if data and game and not fits(title):
        shorter = shorten(data, lambda text: fits(f"{text} · {game}"))
        if len(shorter) >= LEAST_NAME:
            return f"{shorter} · {game}"
    return shorten(title, fits)


def data_and_game(recording: Recording) -> tuple[str, str]:
    """Name what was learnt and how, as far as the header tells.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    (str, str)
        The data, and the objective as a title; empty where they are not known.
    """
    target, objective = recording.header.get("target"), objective_name(recording)
    data = str(target.get("label") or "") if isinstance(target, Mapping) else ""
    return data, game_name(objective) if objective else ""


def game_name(objective: str) -> str:
    """Write an objective as a title.

    Examples
    --------
    >>> game_name("minimax"), game_name("wgan-gp")
    ('minimax GAN', 'WGAN-GP')
    """
    return objective.upper() if "gan" in objective else f"{objective} GAN"


def shorten(text: str, fits: Callable[[str], bool]) -> str:
    """Cut the end of a text off until it fits, and show that by an ellipsis.

    Parameters
    ----------
    text : str
    fits : callable (str) -> bool
        True for all texts that are short enough.

    Returns
    -------
    str

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

"""Short texts, set once and drawn as pixels from then on: setting one takes longer than all curves.

``*italic*``, ``_low_`` and ``^high^`` parts are marked like that: formulas of matplotlib take long.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from numpy.typing import NDArray

DPI = 100
# nothing in "p_g near p_data", and nothing in "my_own_loss"
MARKED = re.compile(r"(\*[^*]+\*|_[^_\s]+_(?!\w)|\^[^^\s]+\^)")
SUBSCRIPT, DROP, RAISE = 0.72, 0.16, 0.3
"""Size of subscripts and superscripts, and how far they stand below or above the line, relative to
the text."""
DIGIT = re.compile(r"(\d)")
UP, DOWN = 1.0, 0.32
"""How far a text reaches above and below its base line, in text heights."""


class Font(NamedTuple):
    """How a text is set; the size is in pixels."""

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

    def of(self, families: Sequence[str]) -> FontProperties:
        """The font, of the first of these families that there is."""
        size, family = self.size * 72 / DPI, [*families]
        return FontProperties(family=family, style=self.style, weight=self.weight, size=size)


def text_width(text: str, font: Font) -> float:
    """Measure a text in pixels; to be called within the settings of a figure."""
    return _width(text, font, _families())


def _families() -> tuple[str, ...]:
    return tuple(mpl.rcParams["font.family"])


@lru_cache(maxsize=4096)
def _width(text: str, font: Font, families: tuple[str, ...]) -> float:
    scratch = RendererAgg(1, 1, DPI)
    return float(scratch.get_text_width_height_descent(text, font.of(families), False)[0])


def advance(text: str, font: Font) -> float:
    """Width with the space around: what matplotlib measures ends where the ink does."""
    return _advance(text, font, _families())


@lru_cache(maxsize=4096)
def _advance(text: str, font: Font, families: tuple[str, ...]) -> float:
    blank = _width("||", font, families)
    return sum(_width(f"|{piece}|", font, families) - blank for piece in _pieces(text))


def _pieces(text: str) -> list[str]:
    """Digits, and what is between them: texts with other numbers have the same pieces."""
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return [text]  # whose pieces do not follow one another from left to right
    return [piece for piece in DIGIT.split(text) if piece]


def parts(text: str, font: Font) -> Iterator[tuple[str, Font, float]]:
    """Parts of ``*p*_data_`` that are set alike: their text, font, and pixels below the line."""
    small = font._replace(size=SUBSCRIPT * font.size)
    for part in MARKED.split(text):
        if part.startswith("*") and len(part) > 1:
            yield part[1:-1], font._replace(style="italic"), 0.0
        elif part.startswith("_") and len(part) > 1:
            yield part[1:-1], small, DROP * font.size
        elif part.startswith("^") and len(part) > 1:
            yield part[1:-1], small, -RAISE * font.size
        elif part:
            yield part, font, 0.0


@dataclass(frozen=True)
class Lettering:
    """A text in one colour, to be made within the settings of a figure, which name its fonts."""

    text: str
    font: Font
    color: str
    families: tuple[str, ...] = field(default_factory=_families)

    @cached_property
    def parts(self) -> Sequence[tuple[str, Font, float, float]]:
        """Each part of the text, its font, how far right it is, and how far below the line."""
        x, before = 0.0, ("", self.font)
        found: list[tuple[str, Font, float, float]] = []
        for part, font, drop in parts(self.text, self.font):
            x += _advance(*before, self.families) if found else 0.0
            found.append((part, font, x, drop))
            before = part, font
        return found

    @cached_property
    def width(self) -> float:
        """In pixels; measured when it is asked for."""
        if not self.parts:
            return 0.0
        part, font, x, _ = self.parts[-1]
        return x + _advance(part, font, self.families)

    @property
    def up(self) -> float:
        """How far it reaches above its base line, in pixels."""
        return UP * self.font.size

    @property
    def down(self) -> float:
        """How far it reaches below its base line, in pixels."""
        return DOWN * self.font.size

    def draw(self, renderer: RendererBase, gc: Any, x: float, y: float, scale: float = 1.0) -> None:
        """Draw on any backend, as pixels or, where it draws vectors, as a text.

        `x` and `y` are the left end of the base line from the lower left corner, in pixels of a
        figure whose pixels are `scale` units of the backend.
        """
        if renderer.option_scale_image():
            self._draw_text(renderer, gc, scale * x, scale * y)
            return
        renderer.draw_image(gc, round(x) - 1, round(y) - math.ceil(self.down), self._pixels)

    def _draw_text(self, renderer: RendererBase, gc: Any, x: float, y: float) -> None:
        points: float = renderer.points_to_pixels(1.0)  # type: ignore[assignment]
        unit, gc_color = points * 72 / DPI, to_rgba(self.color)
        _, height = renderer.get_canvas_width_height()
        gc.set_foreground(gc_color, isRGBA=True)
        for text, font, right, drop in self.parts:
            base = y - unit * drop
            at = height - base if renderer.flipy() else base
            renderer.draw_text(gc, x + unit * right, at, text, font.of(self.families), 0.0)

    @cached_property
    def _pixels(self) -> NDArray[np.uint8]:
        return _rendered(self)


@lru_cache(maxsize=256)
def _rendered(lettering: Lettering) -> NDArray[np.uint8]:
    """Its pixels, the lowest row first, as backends expect: shape (height, width, 4).

    Kept for the next picture, which mostly has the same names.
    """
    up, down = math.ceil(lettering.up), math.ceil(lettering.down)
    ink = np.zeros((up + down, math.ceil(lettering.width) + 4), np.uint8)
    for text, font, x, drop in lettering.parts:
        for piece in _pieces(text):
            own = _ink(piece, font, lettering.families, up, down, drop)
            place = ink[:, round(x) :][:, : own.shape[1]]
            np.maximum(place, own[:, : place.shape[1]], out=place)  # edges of letters may overlap
            x += _advance(piece, font, lettering.families)
    pixels = np.empty((*ink.shape, 4), np.uint8)
    pixels[..., :3] = np.rint(np.multiply(255, to_rgba(lettering.color)[:3]))
    pixels[..., 3] = ink
    return pixels


@lru_cache(maxsize=512)
def _ink(
    piece: str, font: Font, families: tuple[str, ...], up: int, down: int, drop: float
) -> NDArray[np.uint8]:
    """How much of each pixel a piece covers; its base line begins at the second column."""
    scratch = RendererAgg(math.ceil(_advance(piece, font, families)) + 4, up + down, DPI)
    scratch.draw_text(scratch.new_gc(), 1, round(up + drop), piece, font.of(families), 0.0)
    return np.ascontiguousarray(np.asarray(scratch.buffer_rgba())[::-1, :, 3])

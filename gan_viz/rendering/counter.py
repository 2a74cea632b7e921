"""The step in the corner, composed of characters that are each drawn once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from gan_viz.panels.base import DYNAMIC
from gan_viz.rendering.text import Type, in_pixels, text_width

__all__ = ["Counter"]

Pixels = NDArray[np.uint8]

CHARACTERS = "0123456789,"


class Counter:
    """``step 1,234``: text takes longer to draw than all curves, so its digits are copied.

    Each character stands at a whole pixel of its own, and so looks the same wherever it is. The
    word, and the left end of the number, stay where they are.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    longest : int
        The greatest number to be shown.
    right, baseline : int
        Where the longest number ends, in pixels from the lower left corner.
    font : float
        Size of the text, in pixels.
    word : str
        What is counted; if empty, nothing is shown.

    Attributes
    ----------
    left : int
        Where the word begins.
    artists : sequence of matplotlib.text.Text
        One for each character, empty where there is none; for a full redraw.
    """

    def __init__(
        self,
        figure: Figure,
        longest: int,
        right: int,
        baseline: int,
        font: float,
        word: str = "step",
    ) -> None:
        kind = Type(font)
        eleven, one = (text_width("0" * count, kind) for count in (11, 1))
        digit = round((eleven - one) / 10)
        comma = round(text_width("0,0", kind) - text_width("00", kind))
        self._advance = {char: comma if char == "," else digit for char in CHARACTERS}
        self._word = word
        self._start = right - self._length(self._text(longest))
        self._baseline = baseline
        self._top = baseline + round(0.85 * font)
        self._bottom = baseline - round(0.25 * font)
        self.left = self._start - round(0.32 * font + text_width(word, kind))
        place = in_pixels(figure)
        figure.text(self.left, baseline, word, transform=place, parse_math=False)
        self.artists: Sequence[Text] = [
            figure.text(0, baseline, "", transform=place, parse_math=False, zorder=DYNAMIC)
            for _ in self._text(longest)
        ]
        self._height = int(figure.bbox.height)
        self._right = right

    def _text(self, number: int) -> str:
        return f"{number:,}" if self._word else ""

    def _length(self, text: str) -> int:
        return sum(self._advance[char] for char in text)

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the picture that the number may cover."""
        rows = slice(self._height - self._top, self._height - self._bottom)
        return rows, slice(self._start, self._right)

    def write(self, number: int) -> None:
        """Let the artists show a number."""
        text, x = self._text(number), self._start
        for artist, char in zip(self.artists, text.ljust(len(self.artists)), strict=True):
            artist.set_text(char.strip())
            artist.set_x(x)
            x += self._advance.get(char, 0)

    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels of each character.

        Parameters
        ----------
        draw : callable (Text or None) -> ndarray of uint8, shape (rows, columns, 3)
            Draws one artist, or none, on the background; returns the pixels of `region`.
        """
        self._blank = draw(None)
        self._tiles: dict[str, Pixels] = {}
        for first in self.artists[:1]:
            first.set_x(self._start)
            for char, advance in self._advance.items():
                first.set_text(char)
                self._tiles[char] = draw(first)[:, :advance]

    def paint(self, picture: Pixels, number: int) -> None:
        """Copy a number into a picture.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
        number : int
        """
        place = picture[self.region]
        place[:] = self._blank
        x = 0
        for char in self._text(number):
            tile = self._tiles[char]
            place[:, x : x + tile.shape[1]] = tile
            x += tile.shape[1]

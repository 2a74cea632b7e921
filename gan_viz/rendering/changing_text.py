"""Texts that change from frame to frame: the step, and a line on how the training is.

Text takes longer to draw than all curves. So the pieces that such a text is made of are drawn once,
and a frame copies their pixels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from gan_viz.panels.base import DYNAMIC
from gan_viz.panels.lettering import Font, text_width
from gan_viz.rendering.text import in_pixels, shorten

Pixels: TypeAlias = NDArray[np.uint8]
Region: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

APART = 1.5
"""Room between title, status and step, in text heights."""
LEAST_ROOM = 2.0
"""The least room for a status, in text heights."""


class ChangingText:
    """A text that is another one at each frame, made of pieces that are drawn once.

    A piece begins at a whole pixel, and so looks the same wherever it is.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    pieces : callable (int) -> sequence of str
        What the text is made of at a frame.
    most : int
        The most pieces that it ever has.
    widths : mapping of str to int
        Pixels from the beginning of each piece to that of the next.
    left, baseline : int
        Where the first piece begins, in pixels from the lower left corner.
    region : (slice, slice)
        Rows and columns of the picture that the text may cover.
    colors : mapping of str to str, optional
        Colours of pieces that have one of their own.
    **look
        Properties of `matplotlib.text.Text`.

    Attributes
    ----------
    artists : sequence of matplotlib.text.Text
        One for each piece, empty where there is none: what a full redraw draws.
    region : (slice, slice)
        As given.
    """

    def __init__(
        self,
        figure: Figure,
        pieces: Callable[[int], Sequence[str]],
        most: int,
        widths: Mapping[str, int],
        left: int,
        baseline: int,
        region: Region,
        colors: Mapping[str, str] | None = None,
        **look: Any,
    ) -> None:
        self.region, self._colors = region, colors or {}
        self._pieces, self._widths, self._left = pieces, widths, left
        look |= {"transform": in_pixels(figure), "parse_math": False, "zorder": DYNAMIC}
        self.artists: Sequence[Text] = [
            figure.text(left, baseline, "", **look) for _ in range(most)
        ]

    def write(self, frame: int) -> None:
        """Let the artists show a frame's text."""
        pieces, x = self._pieces(frame), self._left
        for index, artist in enumerate(self.artists):
            piece = pieces[index] if index < len(pieces) else ""
            artist.set_text(piece)
            artist.set_x(x)
            self._paint_as(artist, piece)
            x += self._widths.get(piece, 0)

    def _paint_as(self, artist: Text, piece: str) -> None:
        if piece in self._colors:
            artist.set_color(self._colors[piece])

    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels of each piece.

        `draw` draws one artist, or none, on the background, and returns the pixels of `region`.
        """
        self._blank = draw(None)
        self._pixels: dict[str, Pixels] = {}
        for first in self.artists[:1]:
            first.set_x(self._left)
            for piece, width in self._widths.items():
                first.set_text(piece)
                self._paint_as(first, piece)
                self._pixels[piece] = draw(first)[:, :width]

    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy a frame's text into a picture, shape (height, width, 4)."""
        place = picture[self.region]
        place[:] = self._blank
        x = 0
        for piece in self._pieces(frame):
            pixels = self._pixels[piece]
            place[:, x : x + pixels.shape[1]] = pixels
            x += pixels.shape[1]


def counter(
    figure: Figure,
    number: Callable[[int], str],
    widest: str,
    right: int,
    baseline: int,
    size: float,
    word: str = "",
    unit: str = "",
) -> tuple[ChangingText, int]:
    """Write ``step 1,234``: a word, a number that changes, and its unit.

    `number` tells it for a frame, and `widest` takes as much room as any. `right` is where that
    ends and `size` that of the text, in pixels. The word, the left end of the number, and the unit
    stay where they are.

    Returns
    -------
    (ChangingText, int)
        The number, and where the word begins, in pixels.
    """
    font = Font(size)
    eleven, one = (text_width("0" * count, font) for count in (11, 1))
    digit = round((eleven - one) / 10)
    mark = round(text_width("0,0", font) - text_width("00", font))
    widths = {char: digit if char.isdigit() else mark for char in "0123456789,."}
    if unit:
        right -= round(0.32 * size + text_width(unit, font))
    left = right - sum(map(widths.__getitem__, widest))
    start = left - round(0.32 * size + text_width(word, font)) if word else left
    look = font.properties | {"transform": in_pixels(figure)}
    figure.text(start, baseline, word, **look)
    figure.text(right + round(0.32 * size), baseline, unit, **look)
    rows = _rows(figure, baseline + round(0.85 * size), baseline - round(0.25 * size))
    region = rows, slice(left, right)
    places = left, baseline, region
    return ChangingText(figure, number, len(widest), widths, *places, **look), start


def status_line(
    figure: Figure,
    texts: Sequence[str],
    colors: Mapping[str, str],
    left: int,
    right: int,
    baseline: int,
    size: float,
) -> ChangingText:
    """Write a line about each frame in the colour of what it says; empty where it says nothing.

    What is too long for the room from `left` to `right` loses its step, then its end.
    """
    font, room = Font(size, weight="bold"), right - left
    distinct = dict.fromkeys(texts if room >= LEAST_ROOM * size else ())
    cut = {text: _fitted(text, lambda one: text_width(one, font) <= room) for text in distinct}
    widest = max((text_width(text, font) for text in cut.values()), default=0.0)
    columns = slice(left - 1, left + round(widest) + 2)
    widths = {text: columns.stop - columns.start for text in cut.values() if text}
    pieces = [[cut[text]] if cut.get(text) else [] for text in texts]
    rows = _rows(figure, baseline + round(0.95 * size), baseline - round(0.3 * size))
    own = {short: colors[text] for text, short in cut.items() if text}
    places, number = (left, baseline, (rows, columns)), max(map(len, pieces), default=0)
    return ChangingText(figure, pieces.__getitem__, number, widths, *places, own, **font.properties)


def _rows(figure: Figure, top: int, bottom: int) -> slice:
    """Rows of the picture between two heights, in pixels from the lower edge."""
    height = round(figure.bbox.height)
    return slice(height - top, height - bottom)


def _fitted(text: str, fits: Callable[[str], bool]) -> str:
    return text if fits(text) else shorten(re.sub(r" \([^()]* [\d,]+\)$", "", text), fits)

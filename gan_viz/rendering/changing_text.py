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

from gan_viz.panels.base import DYNAMIC, Style
from gan_viz.recording import Recording
from gan_viz.rendering.layout import EDGE, Margins
from gan_viz.rendering.text import Font, in_pixels, shorten, text_width
from gan_viz.rendering.titles import title_of, title_width

__all__ = ["APART", "ChangingText", "Region", "fits_beside", "status_line", "step_counter"]

Pixels: TypeAlias = NDArray[np.uint8]
Region: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

APART = 1.5
"""Room between title, status and step, in text heights."""
LEAST_ROOM = 4.0
"""The least room for a status, in text heights."""


class ChangingText:
    """A text that is another one at each frame, made of pieces that are drawn once.

    A piece begins at a whole pixel, and so looks the same wherever it is.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    pieces : sequence of sequence of str
        What the text is made of at each frame.
    widths : mapping of str to int
        Pixels from the beginning of each piece to that of the next.
    left, baseline : int
        Where the first piece begins, in pixels from the lower left corner.
    region : (slice, slice)
        Rows and columns of the picture that the text may cover.
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
        pieces: Sequence[Sequence[str]],
        widths: Mapping[str, int],
        left: int,
        baseline: int,
        region: Region,
        **look: Any,
    ) -> None:
        self.region = region
        self._pieces, self._widths, self._left = pieces, widths, left
        look |= {"transform": in_pixels(figure), "parse_math": False, "zorder": DYNAMIC}
        self.artists: Sequence[Text] = [
            figure.text(left, baseline, "", **look) for _ in range(max(map(len, pieces), default=0))
        ]

    def write(self, frame: int) -> None:
        """Let the artists show a frame's text."""
        pieces, x = self._pieces[frame], self._left
        for index, artist in enumerate(self.artists):
            piece = pieces[index] if index < len(pieces) else ""
            artist.set_text(piece)
            artist.set_x(x)
            x += self._widths.get(piece, 0)

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
                self._pixels[piece] = draw(first)[:, :width]

    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy a frame's text into a picture, shape (height, width, 3)."""
        place = picture[self.region]
        place[:] = self._blank
        x = 0
        for piece in self._pieces[frame]:
            pixels = self._pixels[piece]
            place[:, x : x + pixels.shape[1]] = pixels
            x += pixels.shape[1]


def step_counter(
    figure: Figure,
    steps: NDArray[np.integer[Any]],
    right: int,
    baseline: int,
    size: float,
    word: str = "step",
) -> tuple[ChangingText, int]:
    """Write ``step 1,234`` of digits and commas; nothing if there is no word.

    `right` is where the longest number ends and `size` that of the text, in pixels. The word, and
    the left end of the number, stay where they are.

    Returns
    -------
    (ChangingText, int)
        The number, and where the word begins, in pixels.
    """
    font = Font(size)
    eleven, one = (text_width("0" * count, font) for count in (11, 1))
    digit = round((eleven - one) / 10)
    comma = round(text_width("0,0", font) - text_width("00", font))
    widths = {char: comma if char == "," else digit for char in "0123456789,"}
    numbers = [f"{step:,}" if word else "" for step in steps.tolist()]
    left = right - max((sum(map(widths.__getitem__, number)) for number in numbers), default=0)
    start = left - round(0.32 * size + text_width(word, font))
    figure.text(start, baseline, word, transform=in_pixels(figure), parse_math=False)
    rows = _rows(figure, baseline + round(0.85 * size), baseline - round(0.25 * size))
    region = rows, slice(left, right)
    return ChangingText(figure, numbers, widths, left, baseline, region), start


def status_line(
    figure: Figure, texts: Sequence[str], left: int, right: int, baseline: int, style: Style
) -> ChangingText:
    """Write one quiet line about each frame, empty where there is nothing to be said.

    What is too long for the room from `left` to `right` loses its step, then its end.
    """
    font, room = Font(style.font), right - left
    distinct = dict.fromkeys(texts if room >= LEAST_ROOM * style.font else ())
    cut = {text: _fitted(text, lambda one: text_width(one, font) <= room) for text in distinct}
    widest = max((text_width(text, font) for text in cut.values()), default=0.0)
    columns = slice(left - 1, left + round(widest) + 2)
    widths = {text: columns.stop - columns.start for text in cut.values() if text}
    pieces = [[cut[text]] if cut.get(text) else [] for text in texts]
    rows = _rows(figure, baseline + round(0.95 * style.font), baseline - round(0.3 * style.font))
    look = font.properties | {"color": style.muted}
    return ChangingText(figure, pieces, widths, left, baseline, (rows, columns), **look)


def fits_beside(recording: Recording, texts: Sequence[str], style: Style, width: int) -> bool:
    """Whether the longest status has room between the title and the step, in a picture so wide.

    It goes by what the labels beside the panels usually take: they are not measured yet.
    """
    font, guess = Font(style.font), Margins.guess(style.font)
    longest = max((text_width(text, font) for text in {*texts}), default=0.0)
    title = title_width(title_of(recording.header), style)
    step = text_width(f"step {int(recording.steps.max(initial=0)):,}", font)
    taken = guess.left + guess.right + 2 * (EDGE + APART) * style.font
    return not longest or title + longest + step + taken <= width


def _rows(figure: Figure, top: int, bottom: int) -> slice:
    """Rows of the picture between two heights, in pixels from the lower edge."""
    height = round(figure.bbox.height)
    return slice(height - top, height - bottom)


def _fitted(text: str, fits: Callable[[str], bool]) -> str:
    return text if fits(text) else shorten(re.sub(r" \(step [\d,]+\)$", "", text), fits)

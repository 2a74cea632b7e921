"""Texts that change from frame to frame: the step, and a line on how the training is.

Text takes longer to draw than all curves. So what such a text may consist of is drawn once, and a
frame copies the pixels.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
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

__all__ = ["APART", "ChangingText", "Pixels", "Region", "StatusLine", "StepCounter", "fits_beside"]

Pixels: TypeAlias = NDArray[np.uint8]
Region: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

CHARACTERS = "0123456789,"
APART = 1.5
"""Room between title, status and step, in text heights."""
LEAST_ROOM = 4.0
"""The least room for a status, in text heights."""


class ChangingText(ABC):
    """A text that is another one at each frame.

    Attributes
    ----------
    artists : sequence of matplotlib.text.Text
        What a full redraw draws.
    region : (slice, slice)
        Rows and columns of the picture that it may cover.
    """

    artists: Sequence[Text]
    region: Region

    @abstractmethod
    def write(self, frame: int) -> None:
        """Let the artists show a frame's text."""

    @abstractmethod
    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels that `paint` copies.

        `draw` draws one artist, or none, on the background, and returns the pixels of `region`.
        """

    @abstractmethod
    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy a frame's text into a picture, shape (height, width, 3)."""


class StepCounter(ChangingText):
    """``step 1,234``, composed of characters.

    Each character begins at a whole pixel, and so looks the same wherever it is. The word, and the
    left end of the number, stay where they are.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    steps : ndarray of int, shape (frames,)
        The number at each frame, ascending.
    right, baseline : int
        Where the longest number ends, in pixels from the lower left corner.
    size : float
        Of the text, in pixels.
    word : str
        What is counted; if empty, nothing is shown.

    Attributes
    ----------
    left : int
        Where the word begins, in pixels.
    """

    def __init__(
        self,
        figure: Figure,
        steps: NDArray[np.integer[Any]],
        right: int,
        baseline: int,
        size: float,
        word: str = "step",
    ) -> None:
        font = Font(size)
        eleven, one = (text_width("0" * count, font) for count in (11, 1))
        digit = round((eleven - one) / 10)
        comma = round(text_width("0,0", font) - text_width("00", font))
        self._advance = {char: comma if char == "," else digit for char in CHARACTERS}
        self._steps, self._word = steps, word
        longest = self._text(int(steps.max(initial=0)))
        self._start = right - sum(self._advance[char] for char in longest)
        self.left = self._start - round(0.32 * size + text_width(word, font))
        where = in_pixels(figure)
        figure.text(self.left, baseline, word, transform=where, parse_math=False)
        self.artists = [
            figure.text(0, baseline, "", transform=where, parse_math=False, zorder=DYNAMIC)
            for _ in longest
        ]
        height = int(figure.bbox.height)
        top, bottom = baseline + round(0.85 * size), baseline - round(0.25 * size)
        self.region = slice(height - top, height - bottom), slice(self._start, right)

    def _text(self, number: int) -> str:
        return f"{number:,}" if self._word else ""

    def write(self, frame: int) -> None:
        """Let each artist show a character of the step."""
        text, x = self._text(int(self._steps[frame])), self._start
        for artist, char in zip(self.artists, text.ljust(len(self.artists)), strict=True):
            artist.set_text(char.strip())
            artist.set_x(x)
            x += self._advance.get(char, 0)

    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels of each character."""
        self._blank = draw(None)
        self._pixels: dict[str, Pixels] = {}
        for first in self.artists[:1]:
            first.set_x(self._start)
            for char, advance in self._advance.items():
                first.set_text(char)
                self._pixels[char] = draw(first)[:, :advance]

    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy the characters of the step into a picture."""
        place = picture[self.region]
        place[:] = self._blank
        x = 0
        for char in self._text(int(self._steps[frame])):
            pixels = self._pixels[char]
            place[:, x : x + pixels.shape[1]] = pixels
            x += pixels.shape[1]


class StatusLine(ChangingText):
    """One quiet line about each frame, always from the same place on.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    texts : sequence of str
        One for each frame, empty where there is nothing to be said.
    left, right : int
        Room on the line, in pixels; what is too long loses its step, then its end.
    baseline : int
        In pixels from the lower edge.
    style : Style
    """

    def __init__(
        self,
        figure: Figure,
        texts: Sequence[str],
        left: int,
        right: int,
        baseline: int,
        style: Style,
    ) -> None:
        font, room = Font(style.font), right - left
        distinct = dict.fromkeys(texts if room >= LEAST_ROOM * style.font else ())
        cut = {text: _fitted(text, lambda one: text_width(one, font) <= room) for text in distinct}
        self._texts = [cut.get(text, "") for text in texts]
        self._artist = figure.text(
            left,
            baseline,
            "",
            transform=in_pixels(figure),
            color=style.muted,
            zorder=DYNAMIC,
            **font.properties,
        )
        self.artists = [self._artist]
        height = int(figure.bbox.height)
        widest = max((text_width(text, font) for text in cut.values()), default=0.0)
        top, bottom = baseline + round(0.95 * style.font), baseline - round(0.3 * style.font)
        self.region = (
            slice(height - top, height - bottom),
            slice(left - 1, left + round(widest) + 2),
        )

    def write(self, frame: int) -> None:
        """Let the artist show the frame's text."""
        self._artist.set_text(self._texts[frame])

    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels of each text."""
        self._pixels: dict[str, Pixels] = {}
        for text in {*self._texts}:
            self._artist.set_text(text)
            self._pixels[text] = draw(self._artist if text else None)

    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy the frame's text into a picture."""
        picture[self.region] = self._pixels[self._texts[frame]]


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


def _fitted(text: str, fits: Callable[[str], bool]) -> str:
    return text if fits(text) else shorten(re.sub(r" \(step [\d,]+\)$", "", text), fits)

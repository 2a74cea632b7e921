"""One quiet line about the frame, of texts that are each drawn once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from gan_viz.panels.base import DYNAMIC, Style
from gan_viz.recording import Recording
from gan_viz.rendering.layout import EDGE, Margins
from gan_viz.rendering.text import Type, in_pixels, shorten, text_width, title_of
from gan_viz.rendering.theme import TITLE

__all__ = ["APART", "Remarks", "is_below"]

Pixels = NDArray[np.uint8]

APART = 1.5
"""Room between title, remark and step, in text heights."""
LEAST = 4.0
"""The least room for a remark, in text heights."""


class Remarks:
    """A text for each frame, in the second colour of type, always from the same place on.

    To be made within the settings of a picture.

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

    Attributes
    ----------
    artist : matplotlib.text.Text
        For a full redraw.
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
        kind, room = Type(style.font), right - left
        distinct = dict.fromkeys(texts if room >= LEAST * style.font else ())
        cut = {text: _fitted(text, lambda one: text_width(one, kind) <= room) for text in distinct}
        self._texts = [cut.get(text, "") for text in texts]
        self.artist: Text = figure.text(
            left,
            baseline,
            "",
            transform=in_pixels(figure),
            color=style.muted,
            zorder=DYNAMIC,
            **kind.look,
        )
        height = int(figure.bbox.height)
        widest = max((text_width(text, kind) for text in cut.values()), default=0.0)
        self._rows = slice(
            height - baseline - round(0.95 * style.font),
            height - baseline + round(0.3 * style.font),
        )
        self._columns = slice(left - 1, left + round(widest) + 2)

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the picture that the texts may cover."""
        return self._rows, self._columns

    def write(self, frame: int) -> None:
        """Let the artist show a frame's text."""
        self.artist.set_text(self._texts[frame])

    def prepare(self, draw: Callable[[Text | None], Pixels]) -> None:
        """Keep the pixels of each text.

        Parameters
        ----------
        draw : callable (Text or None) -> ndarray of uint8, shape (rows, columns, 3)
            Draws one artist, or none, on the background; returns the pixels of `region`.
        """
        self._tiles: dict[str, Pixels] = {}
        for text in {*self._texts}:
            self.artist.set_text(text)
            self._tiles[text] = draw(self.artist if text else None)

    def paint(self, picture: Pixels, frame: int) -> None:
        """Copy a frame's text into a picture.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
        frame : int
        """
        picture[self.region] = self._tiles[self._texts[frame]]


def is_below(recording: Recording, texts: Sequence[str], style: Style, width: int) -> bool:
    """Whether remarks need a line of their own, below the title.

    Parameters
    ----------
    recording : Recording
    texts : sequence of str
        All of them; there may be none.
    style : Style
    width : int
        Of the picture, in pixels.

    Returns
    -------
    bool
        By what the labels beside the panels usually take.
    """
    kind, guess = Type(style.font), Margins.guess(style.font)
    longest = max((text_width(text, kind) for text in {*texts}), default=0.0)
    if not longest:
        return False
    title = text_width(title_of(recording), Type(TITLE * style.font, weight="bold"))
    step = text_width(f"step {int(recording.steps.max(initial=0)):,}", kind)
    taken = guess.left + guess.right + 2 * (EDGE + APART) * style.font
    return title + longest + step + taken > width


def _fitted(text: str, fits: Callable[[str], bool]) -> str:
    return text if fits(text) else shorten(re.sub(r" \(step [\d,]+\)$", "", text), fits)

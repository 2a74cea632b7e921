"""What stands above a picture: title, step, what is said of the frame, and a live figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gan_viz.analysis import distance_at
from gan_viz.diagnostics import statuses
from gan_viz.diagnostics.status import Status
from gan_viz.diagnostics.wording import GOOD_KINDS
from gan_viz.panels.base import Style
from gan_viz.panels.lettering import Font, text_width
from gan_viz.recording import Recording
from gan_viz.rendering.canvas import Canvas
from gan_viz.rendering.changing_text import APART, ChangingText, counter, status_line
from gan_viz.rendering.layout import STATUS, TITLE, Margins, title_baseline
from gan_viz.rendering.theme import TITLE_SIZE
from gan_viz.rendering.titles import lines_of, title_of, write_small_lines, write_title

LOW = 20.0
"""A picture up to so many text heights high has no third line: the figure is left out."""
MOST = 99.0
"""Distances from here on are written as this: G may be anywhere at first."""
FINE = 9.9995
"""Those below have three decimals, the others one."""


def words_of(status: Status, style: Style) -> str:
    """What a status says, in the picture's words where these have some for it."""
    return (style.words.say(status.kind) if status.kind else "") or status.words


def color_of(status: Status, style: Style) -> str:
    """The colour in which it is said."""
    roles = {"turn-d": style.discriminator, "turn-g": style.generated}
    return roles.get(status.kind, style.good if status.kind in GOOD_KINDS else style.bad)


class Head:
    """The lines above the panels of one recording.

    The title has the step at its right, and what is said of the frame a live figure; where the
    picture is too narrow for that, step and figure have a line of their own.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        In whose settings this is made.
    recording : Recording
    clock : ndarray, shape (frames,)
        Seconds at which the frames are shown.
    style : Style
    canvas : Canvas

    Attributes
    ----------
    height : float
        Room that it takes, in text heights.
    """

    def __init__(
        self,
        figure: Figure,
        recording: Recording,
        clock: NDArray[np.float64],
        style: Style,
        canvas: Canvas,
    ) -> None:
        self._figure, self._style, self._canvas = figure, style, canvas
        self._header = canvas.titled(recording.header)
        self._statuses = statuses(recording, clock)
        self._texts = [self._in_words(status) for status in self._statuses]
        clock_word = self._header.get("clock")
        self._word = clock_word if isinstance(clock_word, str) else style.words.say("step")
        self._numbers = [f"{step:,}" if self._word else "" for step in recording.steps.tolist()]
        self._distance, self._widest_distance = _distances(recording)
        self._narrow = not self._arrange()
        said = any(self._texts)
        lines = 1 + said if self._narrow else said or bool(self._widest_distance)
        self.height = TITLE + STATUS * lines + lines_of(canvas)[0]

    def _in_words(self, status: Status) -> str:
        text, word = words_of(status, self._style), self._style.words.say("step")
        return f"{text} ({word} {status.step:,})" if status.step >= 0 else text

    def _arrange(self) -> bool:
        """Whether two lines are enough; leave the figure out where it finds no room in any.

        It goes by what the labels beside panels usually take.
        """
        size, guess = self._style.font, Margins.guess(self._style.font)
        bold = Font(TITLE_SIZE * size, weight="bold")
        room = self._figure.bbox.width - guess.left - guess.right - APART * size
        step = self._width(f"{self._word} {max(self._numbers, key=len, default='')}")
        figure = self._width(f"{self._style.words.say('distance')} 0.000 σ")
        said = max((text_width(text, bold) for text in {*self._texts}), default=0.0)
        title = text_width(title_of(self._header), bold)
        fits = title + step <= room and said + figure * bool(self._widest_distance) <= room
        two = fits or self._figure.bbox.height <= LOW * size
        if figure + (said if two else step) > room:
            self._widest_distance = ""
        return two

    def _width(self, text: str) -> float:
        return text_width(text, Font(self._style.font))

    def write(self, left: int, right: int) -> Sequence[ChangingText]:
        """Write all from `left` to `right`, in pixels; return what changes."""
        figure, style, size = self._figure, self._style, self._style.font
        first = title_baseline(int(figure.bbox.height), size)
        under = first - lines_of(self._canvas)[0] * size
        second, third = (round(under - line * STATUS * size) for line in (1, 2))
        longest, apart = max(self._numbers, key=len, default=""), APART * size
        numbers = self._numbers.__getitem__, longest
        if not self._narrow:
            step, start = counter(figure, *numbers, right, first, size, self._word)
            title_end, said_end = start - apart, float(right)
        else:
            third = third if any(self._texts) else second
            wide = self._width(f"{self._word} {longest}")
            step, _ = counter(figure, *numbers, round(left + wide), third, size, self._word)
            title_end = said_end = float(right)
        write_title(figure, self._header, left, first, title_end - left, style)
        write_small_lines(figure, self._canvas, style, left, first)
        texts = [step]
        if self._widest_distance:
            word, line = style.words.say("distance"), third if self._narrow else second
            figures = self._distance, self._widest_distance
            shown, start = counter(figure, *figures, right, line, size, word, "σ")
            said_end = said_end if self._narrow else start - apart
            texts.append(shown)
        if any(self._texts):
            colors = dict(
                zip(self._texts, (color_of(one, style) for one in self._statuses), strict=True)
            )
            room, size = math.floor(said_end), TITLE_SIZE * size
            texts.append(status_line(figure, self._texts, colors, left, room, second, size))
        return texts


def _distances(recording: Recording) -> tuple[Callable[[int], str], str]:
    """What is written of the distance at a frame, and what is as wide as the widest of these.

    The latter is empty where no distance is known. Few frames tell it: the others are measured when
    they are drawn.
    """
    at, widest = distance_at(recording), ""
    if at is None:
        return str, ""

    def written(frame: int) -> str:
        known = min(MOST, at(frame))  # in this order NaN is MOST, too
        return f"{known:.3f}" if known < FINE else f"{known:.1f}"

    for frame in reversed(range(len(recording))):
        if at(frame) < FINE:
            return written, "0.000"
        widest = "00.0" if math.isfinite(at(frame)) else widest
    return written, widest

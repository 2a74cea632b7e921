"""What a picture is drawn on: its size in pixels, its colours, and the size of its type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gan_viz.errors import UsageError
from gan_viz.panels.base import Style
from gan_viz.panels.words import WORDS, Words
from gan_viz.recording.coding import printable
from gan_viz.rendering.figure import PixelFigure
from gan_viz.rendering.fonts import families
from gan_viz.rendering.theme import THEMES, Theme

SMALLEST, LARGEST = (320, 180), (7680, 4320)
"""Width and height of pictures, in pixels."""
LEAST_SCALE, MOST_SCALE = 0.5, 3.0
LONGEST = 40
"""Characters of a word of a recording's own."""


@dataclass(frozen=True)
class Canvas:
    """Size, theme and scale of a picture, checked when it is made and nowhere else.

    Parameters
    ----------
    width, height : int
        In pixels, from 320x180 to 7680x4320.
    theme : Theme
        See `gan_viz.rendering.THEMES`.
    scale : float
        Size of type and lines relative to the usual, from 0.5 to 3; less where panels of one
        recording would find no room.
    words : Words
        What the picture says.
    title : str, optional
        By default the data and the objective, as the recording has them.
    subtitle, caption : str
        Lines below the title and below the picture; empty for none.
    font : str
        A family that is installed, or a font file; empty for the usual one.
    transparent : bool
        Whether there is no background; frames have a fourth channel then, the opacity.

    Raises
    ------
    UsageError
        The size or the scale is out of its range, or there is no such font.

    Examples
    --------
    >>> Canvas(960, 540).style.font, Canvas(480, 270, scale=1.5).style.font
    (19.0, 14.25)
    """

    width: int = 960
    height: int = 540
    theme: Theme = THEMES["light"]
    scale: float = 1.0
    words: Words = field(default_factory=Words)
    title: str | None = None
    subtitle: str = ""
    caption: str = ""
    font: str = ""
    transparent: bool = False

    def __post_init__(self) -> None:
        wide = SMALLEST[0] <= self.width <= LARGEST[0]
        if not (wide and SMALLEST[1] <= self.height <= LARGEST[1]):
            raise UsageError(
                f"size {self.width}x{self.height}: expected pixels from "
                f"{SMALLEST[0]}x{SMALLEST[1]} to {LARGEST[0]}x{LARGEST[1]}, like 960x540"
            )
        if not (math.isfinite(self.scale) and LEAST_SCALE <= self.scale <= MOST_SCALE):
            raise UsageError(f"scale {self.scale:g}: expected from 0.5 to 3, like 1.25")
        families(self.font)
        for name in ("title", "subtitle", "caption"):
            text = getattr(self, name)
            object.__setattr__(self, name, text and printable(text))

    @property
    def style(self) -> Style:
        """Colours, and sizes of type and lines, of a picture that fills the canvas."""
        return self.style_of(self.width, self.height)

    def style_of(self, width: float, height: float, scale: float = 1.0) -> Style:
        """The same for a part of it, or for another size; `scale` is relative to the canvas's."""
        return self.theme.style(round(width), round(height), scale * self.scale, self.words)

    def titled(self, header: Mapping[str, Any]) -> Mapping[str, Any]:
        """A recording's header with the title that is wanted."""
        return header if self.title is None else {**header, "title": self.title}

    def in_words_of(self, header: Mapping[str, Any]) -> Canvas:
        """The same, in the words that a recording asks for where its viewer has asked for none.

        They are in its header, as ``words`` of its ``look``; what is no short text is ignored.
        """
        look, words = header.get("look"), self.words
        asked = look.get("words") if isinstance(look, Mapping) else None
        if not isinstance(asked, Mapping) or (words.language, words.labels) != ("en", "words"):
            return self
        fit = {name: text for name, text in asked.items() if name in WORDS and _is_short(text)}
        own = tuple({**fit, **dict(words.own)}.items())
        return replace(self, words=replace(words, own=own))

    def figure(self, style: Style) -> PixelFigure:
        """Make an empty figure of this size, whose ticks and labels have the sizes of `style`."""
        fonts = {"font.family": list(families(self.font))}
        return PixelFigure(self.width, self.height, {**self.theme.settings(style), **fonts})


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST and text.isprintable()

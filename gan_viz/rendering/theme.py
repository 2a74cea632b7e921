"""Colours and sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import NDArray

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.panels.base import DASHES, TICKS, Style
from gan_viz.panels.lettering import DPI
from gan_viz.panels.words import Words

BASE_HEIGHT = 540
BASE_WIDTH = 960
FONT, LEAST_FONT = 19.0, 12.0
"""Size of text at 960x540, and where a smaller picture stops shrinking it; pixels."""
NARROW = 0.6
"""A picture this many times as narrow, or as low, as 960x540 has type as large as one of the same
area has."""
LINE, LEAST_LINE = 2.8, 1.6
"""Likewise the width of curves, in points."""
TITLE_SIZE = 1.06
"""Size of the title, relative to ordinary text."""


LOSSES_OF = {"d_loss": "discriminator", "g_loss": "generated"}


@dataclass(frozen=True)
class Theme:
    """The colours of a picture, as ``#rrggbb`` or any other colours of matplotlib.

    Attributes
    ----------
    name : str
    background, ink, muted, faint : str
        Paper, text, secondary text, reference lines.
    data, generated, discriminator, d_loss, g_loss : str
        The roles in the pictures.
    good, bad : str
        Verdicts.

    Raises
    ------
    UsageError
        One of them is no colour.

    Examples
    --------
    >>> from dataclasses import replace
    >>> replace(THEMES["dark"], name="mine", background="#000000").background
    '#000000'
    """

    name: str
    background: str
    ink: str
    muted: str
    faint: str
    data: str
    generated: str
    discriminator: str
    d_loss: str
    g_loss: str
    good: str
    bad: str

    def __post_init__(self) -> None:
        for role, color in self.roles.items():
            try:
                red, green, blue = to_rgb(color)
            except ValueError:
                raise UsageError(
                    f"color {color!r} of {role}: expected one like #1a3cff or orange"
                ) from None
            hexadecimal = to_hex((red, green, blue))
            object.__setattr__(self, role, hexadecimal)

    @property
    def roles(self) -> dict[str, str]:
        """All colours by their roles."""
        return {role: color for role, color in vars(self).items() if role != "name"}

    def recolored(self, colors: Mapping[str, str]) -> Theme:
        """The same with other colours; losses follow the networks that they are of.

        Raises
        ------
        UsageError
            There is no such role, or a colour is none.

        Examples
        --------
        >>> THEMES["light"].recolored({"generated": "black"}).g_loss
        '#000000'
        """
        for role in colors:
            if role not in self.roles:
                raise UnknownNameError("role of a color", role, self.roles)
        own = {loss: colors[role] for loss, role in LOSSES_OF.items() if role in colors}
        return replace(self, **{**own, **colors})

    def style(
        self, width: int, height: int, scale: float = 1.0, words: Words | None = None
    ) -> Style:
        """Sizes for a picture of some pixels: in proportion, but never too small to be read.

        Parameters
        ----------
        width, height : int
            In pixels.
        scale : float
            Size of type and lines relative to the usual.
        words : Words, optional
        """
        sides = width / BASE_WIDTH, height / BASE_HEIGHT
        scale *= min(math.sqrt(sides[0] * sides[1]), min(sides) / NARROW)
        line = max(LEAST_LINE, LINE * scale)
        font = max(LEAST_FONT, FONT * scale)
        return Style(**self.roles, font=font, line=line, thin=line / 3, words=words or Words())

    def colors(self) -> NDArray[np.uint8]:
        """All colours, the background first: ndarray of uint8, shape (n, 3)."""
        distinct = dict.fromkeys(self.roles.values())
        return np.array([[round(255 * c) for c in to_rgb(v)] for v in distinct], np.uint8)

    def settings(self, style: Style) -> dict[str, Any]:
        """Settings for `matplotlib.rc_context` that hold while a picture is set up and drawn."""
        points = 72 / DPI  # of a pixel
        lines = {
            "lines.dash_capstyle": "round",
            "lines.dash_joinstyle": "round",
            "lines.dashed_pattern": DASHES["--"],
            "lines.dotted_pattern": DASHES[":"],
            "lines.solid_capstyle": "round",
            "lines.solid_joinstyle": "round",
        }
        ticks = {
            "color": self.muted,
            "labelcolor": self.ink,
            "labelsize": style.font * TICKS * points,
            "major.pad": style.font * 0.3 * points,
            "major.size": style.font * 0.3 * points,
            "major.width": style.thin,
        }
        both = {f"{axis}tick.{name}": value for axis in "xy" for name, value in ticks.items()}
        return {
            "axes.edgecolor": self.muted,
            "axes.facecolor": self.background,
            "axes.labelcolor": self.ink,
            "axes.labelpad": style.font * 0.35 * points,
            "axes.labelsize": style.font * points,
            "axes.linewidth": style.thin,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.facecolor": self.background,
            "font.size": style.font * points,
            "text.color": self.ink,
            **lines,
            **both,
        }


THEMES: Mapping[str, Theme] = {
    # Chosen by search: text and curves have a contrast of 4.5 and more to the paper, reference
    # lines of 3 (WCAG 2.1), and the roles are 30 units of CIEDE2000 apart for the usual eye and
    # under protanopia, deuteranopia and tritanopia (Machado et al. 2009); benchmarks/picture.py.
    "light": Theme(
        "light",
        background="#ffffff",
        ink="#1f2328",
        muted="#6b7280",
        faint="#868c96",
        data="#1a3cff",
        generated="#c94a00",
        discriminator="#400c2a",
        d_loss="#400c2a",
        g_loss="#c94a00",
        good="#1a7f37",
        bad="#c0232c",
    ),
    "dark": Theme(
        "dark",
        background="#14171c",
        ink="#f2f4f7",
        muted="#9aa3b0",
        faint="#6a7280",
        data="#4a8cf7",
        generated="#d0625c",
        discriminator="#f8f81c",
        d_loss="#f8f81c",
        g_loss="#d0625c",
        good="#4ac26b",
        bad="#ff7b72",
    ),
    # The roles' hues in the animation everybody knows: blue data, green G, red D.
    "classic": Theme(
        "classic",
        background="#ffffff",
        ink="#000000",
        muted="#555555",
        faint="#8a8a8a",
        data="#0a0392",
        generated="#028803",
        discriminator="#3a0302",
        d_loss="#3a0302",
        g_loss="#028803",
        good="#006400",
        bad="#c00000",
    ),
}


def theme(name: str | Theme) -> Theme:
    """Find a theme by name; one of one's own is taken as it is.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if isinstance(name, Theme):
        return name
    if name not in [*THEMES]:  # which need not be hashable
        raise UnknownNameError("theme", name, THEMES)
    return THEMES[name]

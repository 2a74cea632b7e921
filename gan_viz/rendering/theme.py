"""Colours and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from gan_viz.errors import UnknownNameError
from gan_viz.panels.base import DASHES, TICKS, Style

__all__ = ["DPI", "THEMES", "Theme", "theme"]

DPI = 100
BASE_HEIGHT = 540
BASE_WIDTH = 960
FONT, LEAST_FONT = 17.0, 10.0
"""Size of text at 960x540, and where a smaller picture stops shrinking it; pixels."""
LINE, LEAST_LINE = 2.8, 1.6
"""Likewise the width of curves, in points."""
TITLE_SIZE = 1.06
"""Size of the title, relative to ordinary text."""


@dataclass(frozen=True)
class Theme:
    """A set of colours, as ``#rrggbb``.

    Attributes
    ----------
    name : str
    background, ink, muted, faint : str
        Paper, text, secondary text, reference lines.
    data, generated, discriminator, d_loss, g_loss : str
        The roles in the pictures.
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

    def style(self, width: int, height: int, scale: float = 1.0) -> Style:
        """Sizes for a picture of some pixels: in proportion, but never too small to be read.

        Parameters
        ----------
        width, height : int
            In pixels.
        scale : float
            Size of type and lines relative to the usual.
        """
        scale *= min(width / BASE_WIDTH, height / BASE_HEIGHT)
        colors = {k: v for k, v in vars(self).items() if k != "name"}
        line = max(LEAST_LINE, LINE * scale)
        return Style(**colors, font=max(LEAST_FONT, FONT * scale), line=line, thin=line / 3)

    def colors(self) -> NDArray[np.uint8]:
        """All colours, the background first: ndarray of uint8, shape (n, 3)."""
        distinct = dict.fromkeys(v for k, v in vars(self).items() if k != "name")
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
    # Blue and vermilion after Okabe & Ito (2008), wine after Tol (2021): under protanopia,
    # deuteranopia and tritanopia (Machado et al. 2009) they stay 20 units of CIELAB apart and more.
    "light": Theme(
        "light",
        background="#ffffff",
        ink="#1f2328",
        muted="#6b7280",
        faint="#b9bec7",
        data="#0072b2",
        generated="#d55e00",
        discriminator="#882255",
        d_loss="#882255",
        g_loss="#d55e00",
    ),
    "dark": Theme(
        "dark",
        background="#14171c",
        ink="#f2f4f7",
        muted="#9aa3b0",
        faint="#4d5562",
        data="#56b4e9",
        generated="#f5793a",
        discriminator="#f2e077",
        d_loss="#f2e077",
        g_loss="#f5793a",
    ),
    # The roles' colours in the animation everybody knows: blue data, green G, red D.
    "classic": Theme(
        "classic",
        background="#ffffff",
        ink="#000000",
        muted="#555555",
        faint="#b0b0b0",
        data="#0000ff",
        generated="#008000",
        discriminator="#ee0000",
        d_loss="#ee0000",
        g_loss="#008000",
    ),
}


def theme(name: str) -> Theme:
    """Find a theme by name.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in THEMES:
        raise UnknownNameError("theme", name, THEMES)
    return THEMES[name]

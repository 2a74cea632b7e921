"""The landscape of two points: hills and basins of the game's value, and G on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.landscape import LEVEL
from gan_viz.panels.artists import Area, Arrows, Curve
from gan_viz.panels.base import DYNAMIC, TICKS, Panel, Style, constant_pairs, latest
from gan_viz.panels.parameters import Interval

Array = NDArray[np.float64]

DOT, STATE = 1.1, 0.45
"""Diameters of the dots at G's place and at the named places, in text heights."""
HEAD = 0.7
"""Length of the heads of the arrow of the barrier, in text heights."""
TINT = 0.25
BELOW, ABOVE = 0.12, 0.62
"""Room below and above the landscape, relative to its height."""
UNKNOWN = np.array([0.0, 1.0]), np.array([-1.0, 0.0])
"""Places and values that are seen where the landscape is not known."""
STATES = ("collapsed", "one-matched", "both-matched")
"""What the first, the middle and the last place are called."""
BESIDE = ("left", 0.6, -2.9), ("center", 0.0, 0.6), ("right", -0.9, -0.3)
"""Where their names stand: alignment, and how far from the place, in text heights."""


@dataclass(eq=False)
class LandscapePanel(Panel):
    """The game's value under the best D, over the place of G's second point; see `analysis`.

    Parameters
    ----------
    xlim, ylim : (float, float), optional
        What is seen of the places and of the values.
    """

    needs: ClassVar[tuple[str, ...]] = ("on_landscape",)

    xlim: Interval | None = None
    ylim: Interval | None = None

    def load(self) -> None:
        """Read the landscape, and where G is on it."""
        self._last = latest(self.recording, "on_landscape")
        self.land = self._land()

    def _land(self) -> Array:
        """Places and values, shape (n, 2); none if they are not known."""
        land = constant_pairs(self.recording, "landscape")
        land = land[(np.abs(land) < LARGE).all(axis=1)]
        return land if len(land) > 1 and np.ptp(land[:, 0]) > 0 else land[:0]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the landscape, its named places and the barrier; create G's place."""
        places, values = self.land.T if len(self.land) else UNKNOWN
        low, high = float(values.min()), float(values.max())
        span = max(high - low, 1e-6 * (1 + abs(high)))
        margin = 0.12 * float(np.ptp(places))
        axes.set_xlim(*(self.xlim or (places.min() - margin, places.max() + margin)))
        axes.set_ylim(*(self.ylim or (low - BELOW * span, high + ABOVE * span)))
        axes.set_xlabel(f"{style.words.say('second-point')} →")
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        axes.set_ylabel(style.words.say("value"))
        em = style.font * 72 / axes.figure.dpi
        if len(self.land):
            ground = Area(axes, style.muted, 0, tint=TINT, zorder=2)
            ground.set_between(places, values, np.full_like(values, axes.get_ylim()[0]))
            curve = Curve(axes, style.ink, style.line, zorder=3)
            curve.set_points(places, values)
            self._name_places(axes, style, em)
            self._show_barrier(axes, style, em)
        self._here = Arrows(axes, style.generated, style.thin, 0, DOT * em, DYNAMIC)
        return [self._here]

    def _name_places(self, axes: Axes, style: Style, em: float) -> None:
        """Name the first, the middle and the last place, and tell their values."""
        places = self.land[[0, len(self.land) // 2, len(self.land) - 1]]
        dots = Arrows(axes, style.ink, style.thin, 0, STATE * em, zorder=4)
        dots.set_points(places, np.full_like(places, np.nan))
        for name, place, (side, x, y) in zip(STATES, places, BESIDE, strict=True):
            axes.annotate(
                f"{style.words.say(name)}\n{place[1]:.3f}".replace("-", "−"),
                place.tolist(),
                (x * em, y * em),
                textcoords="offset points",
                ha=side,
                fontsize=TICKS * em,
                color=style.ink,
            )

    def _show_barrier(self, axes: Axes, style: Style, em: float) -> None:
        """Show how high G has to climb from the first place, if at all."""
        top = int(self.land[:, 1].argmax())
        (_, foot), (at, peak) = self.land[0], self.land[top]
        there = peak - foot > LEVEL
        say, color = style.words.say, style.bad if there else style.good
        text = f"{say('barrier')} {peak - foot:.3f}" if there else say("no-barrier")
        if there:
            level = Curve(axes, color, style.thin, "--", zorder=3)
            level.set_points([self.land[0, 0], at], [foot, foot])
            arrow = Arrows(axes, color, style.line, HEAD * em, 0, zorder=4)
            arrow.set_points([[at, foot]], [[at, peak]])
        axes.annotate(
            text,
            (0.5, 1.0),
            (0.0, -0.1 * em),
            "axes fraction",
            "offset points",
            ha="center",
            va="top",
            fontsize=em,
            fontweight="bold",
            color=color,
        )

    def update(self, frame: int) -> None:
        """Move G."""
        last = int(self._last[frame])
        here = np.full((1, 2), np.nan)
        if last >= 0:
            here[0] = self.recording.array("on_landscape", last)
        self._here.set_points(here, np.full_like(here, np.nan))

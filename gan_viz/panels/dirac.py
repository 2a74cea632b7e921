"""The Dirac-GAN as a picture in one dimension: two points, and D's straight line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_viz.analysis.dirac import LARGEST, way_of
from gan_viz.panels.artists import Arrows, Curve
from gan_viz.panels.base import (
    DYNAMIC,
    LegendEntry,
    Panel,
    Style,
    add_right_scale,
    latest,
    name_before_ticks,
)
from gan_viz.panels.parameters import Interval

HEAD = 0.9
"""Length of the heads of the arrows that stand for point masses, in text heights."""
MARGIN = 1.15
HEIGHT = 0.75
"""Of the arrows, relative to the upper half."""


@dataclass(eq=False)
class DiracPanel(Panel):
    """The data, a point mass at 0, G's at θ, and ``D(x) = ψ x``, the log-odds of generated.

    Parameters
    ----------
    xlim, ylim : (float, float), optional
        What is seen of x and of D's scale.
    """

    needs: ClassVar[tuple[str, ...]] = ("weights",)
    width_ratio: ClassVar[float] = 1.3

    xlim: Interval | None = None
    ylim: Interval | None = None

    def load(self) -> None:
        """Read θ and ψ, and choose a scale that holds them."""
        self.weights = way_of(self.recording)
        self._last = latest(self.recording, "weights")

    def _reach(self) -> tuple[float, float]:
        """How far θ and ψ get in nearly all frames, and no farther than where the field ends."""
        known = np.abs(self.weights[np.isfinite(self.weights[:, 0])])
        if not len(known):
            return 1.0, 1.0
        theta, psi = np.quantile(known, 0.98, axis=0).clip(1e-9).tolist()
        if "field_places" in self.recording.constants:
            end = np.abs(np.asarray(self.recording.constants["field_places"], np.float64)).max()
            most = float(end) if 0 < end < LARGEST else LARGEST
            theta, psi = min(theta, most), min(psi, most)
        return theta, psi

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """The data, G's point, and D."""
        return [
            style.entry("data", style.data, wide=True),
            style.entry("generated", style.generated),
            style.entry("odds", style.discriminator, slight=True),
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the data; create G's point and D's line."""
        theta, psi = self._reach()
        axes.set_xlim(*(self.xlim or (-MARGIN * theta, MARGIN * theta)))
        axes.set_ylim(*(self.ylim or (-MARGIN * theta * psi, MARGIN * theta * psi)))
        name_before_ticks(axes, "x", style)
        axes.tick_params(left=False, labelleft=False)
        high = max(axes.get_ylim())
        em = style.font * 72 / axes.figure.dpi
        axes.axhline(0, color=style.faint, linewidth=style.thin, zorder=1)
        mark = float(f"{0.8 * high:.0e}")
        marks = {value: f"{value:.3g}".replace("-", "−") for value in (-mark, 0.0, mark)}
        add_right_scale(axes, marks, style, style.discriminator, "D(x) = ψx")
        top = HEIGHT * high
        data = Arrows(axes, style.data, style.wide, HEAD * em, 0, zorder=3)
        data.set_points([[0.0, 0.0]], [[0.0, top]])
        self._top, self._ends = top, np.array(axes.get_xlim())
        self._d = Curve(axes, style.discriminator, style.slight)
        self._g = Arrows(axes, style.generated, style.line, HEAD * em, 0.6 * em, DYNAMIC + 1)
        return [self._d, self._g]

    def update(self, frame: int) -> None:
        """Move G's point, and turn D."""
        last = int(self._last[frame])
        theta, psi = self.weights[last].tolist() if last >= 0 else (np.nan, np.nan)
        self._d.set_points(self._ends, psi * self._ends)
        self._g.set_points([[theta, 0.0]], [[theta, self._top]])

"""A panel of one's own: how far D's mean score of real samples is above that of generated ones.

Run it as ``python examples/06_own_panel.py``; a number as argument shortens the training.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

import gan_viz
from gan_viz.distributions import from_description
from gan_viz.panels.artists import Curve
from gan_viz.panels.base import LegendEntry, Panel, Style

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 3000


@dataclass(eq=False)
class GapPanel(Panel):
    """D's logit where the data is less its logit where G's samples are, frame by frame."""

    needs = ("generator", "discriminator", "x", "target")

    smoothing: int = 1
    """Frames that are averaged."""

    def load(self) -> None:
        """Read the recording as a whole, once: each frame then shows a part of it."""
        x = self.recording.constants["x"]
        p_data = from_description(self.recording.header["target"]).pdf(x)
        frames = (self.recording.frames(name) for name in ("discriminator", "generator"))
        gaps = [
            np.average(d, weights=p_data) - np.interp(g, x, d).mean()
            for d, g in zip(*frames, strict=True)
        ]
        self.gaps = np.convolve(gaps, np.ones(self.smoothing) / self.smoothing, "same")

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw what stands still; return what moves."""
        axes.set_xlim(0, max(1, self.recording.steps[-1]))
        axes.set_ylim(min(0, 1.1 * self.gaps.min()), 1.1 * self.gaps.max() + 0.1)
        axes.set_xlabel("step")
        axes.axhline(0, color=style.faint, linewidth=style.thin)
        self.curve = Curve(axes, style.discriminator, style.line)
        return [self.curve]

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """The legend."""
        return [LegendEntry("D(real) − D(generated)", style.discriminator)]

    def update(self, frame: int) -> None:
        """Show the curve up to a frame: the same picture, whatever was shown before."""
        self.curve.set_points(self.recording.steps[: frame + 1], self.gaps[: frame + 1])


gan_viz.train("norm(4, 0.5)", "panel.ganviz", steps=steps, seed=1)
gan_viz.render("panel.ganviz", "panel.gif", panels=["density", GapPanel(smoothing=3)])

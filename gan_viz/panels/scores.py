"""Histograms of D's outputs on real and generated samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis import is_critic, probability
from gan_viz.analysis.exact import LARGE
from gan_viz.panels.artists import Area
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style, latest

Array = NDArray[np.float64]

BINS = 25
MOST_COUNTED = 10_000
"""Outputs of a frame beyond which some, evenly chosen, stand for all."""
TINT = 0.22
"""Opacity of the areas."""
NEARLY_ALL = 0.005, 0.995
"""Quantiles of a critic's values between which the scale reaches."""
HIGH = 0.75
"""The scale reaches to this quantile of the frames' highest bars; higher ones are cut."""
HEADROOM = 1.08


class ScoresPanel(Panel):
    """D's outputs on fixed real samples and on those of G, in the same bins at all frames.

    Logits are shown as probabilities, with a line at 1/2; a critic's values as they are, those
    beyond the scale in its outermost bins.
    """

    needs: ClassVar[tuple[str, ...]] = ("scores_real", "scores_fake")

    def load(self) -> None:
        """Count the outputs of all frames in bins."""
        self.critic = is_critic(self.recording)
        outputs = {name: self._outputs(name) for name in self.needs}
        self.edges = np.linspace(*self._window(outputs["scores_real"] + outputs["scores_fake"]))
        self.shares = {name: self._shares(name, values) for name, values in outputs.items()}

    def _outputs(self, name: str) -> list[Array]:
        """The finite outputs at each frame at which any were recorded."""
        output = self.recording.channels[name].attributes.get("output")
        kind = "critic" if self.critic else output
        arrays = (array.ravel() for array in self.recording.frames(name))
        frames = (probability(one[:: len(one) // MOST_COUNTED + 1], kind) for one in arrays)
        return [values[np.abs(values) < LARGE] for values in frames]  # nor NaN

    def _window(self, outputs: Sequence[Array]) -> tuple[float, float, int]:
        """First and last edge of the bins, and the number of edges."""
        known = np.concatenate([*outputs, []])
        if not self.critic or not len(known):
            return 0.0, 1.0, BINS + 1
        low, high = np.quantile(known, NEARLY_ALL).tolist()
        pad = max(0.04 * (high - low), 0.01 * abs(high), 1e-6)
        return low - pad, high + pad, BINS + 1

    def _shares(self, name: str, outputs: Sequence[Array]) -> NDArray[np.float32]:
        """Share of the outputs in each bin, shape (frames, bins); 0 before any were recorded."""
        start, end = self.edges[[0, -1]]
        counts = [np.histogram(values.clip(start, end), self.edges)[0] for values in outputs]
        shares = [count / max(count.sum(), 1) for count in counts]
        frames = latest(self.recording, name)
        where = np.searchsorted(np.unique(frames[frames >= 0]), frames)
        drawn = np.array([*shares, np.zeros(BINS)], np.float32)
        return drawn[np.where(frames < 0, -1, where)]

    @cached_property
    def top(self) -> float:
        """Upper end of the scale."""
        highest = [shares.max(axis=1) for shares in self.shares.values() if len(shares)]
        reached = max((float(np.quantile(high, HIGH)) for high in highest), default=0.0)
        return HEADROOM * reached or 1.0

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """Outputs on real samples and on generated ones."""
        return [
            style.entry("d_real", style.data, filled=True),
            style.entry("d_fake", style.generated, "--", filled=True),
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the line at 1/2; create the two histograms."""
        axes.set_xlim(self.edges[0], self.edges[-1])
        axes.set_ylim(0, self.top)
        axes.set_xlabel("critic" if self.critic else style.words.say("output"))
        axes.set_ylabel(style.words.say("share"))
        if not self.critic:
            axes.axvline(0.5, color=style.faint, linewidth=style.thin, zorder=1)
        self._areas = {
            name: Area(axes, entry.color, style.line, entry.linestyle, zorder, snap=True, tint=TINT)
            for zorder, (name, entry) in enumerate(
                zip(self.needs, self.legend(style), strict=True), int(DYNAMIC)
            )
        }
        return list(self._areas.values())

    def update(self, frame: int) -> None:
        """Change the heights."""
        x = np.repeat(self.edges, 2)
        for name, area in self._areas.items():
            heights = np.repeat(self.shares[name][frame], 2)
            area.set_points(x, np.concatenate([[0], heights, [0]]))

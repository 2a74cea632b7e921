"""D's outputs on real and generated samples over the steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from gan_viz.analysis import is_critic, probability
from gan_viz.panels.base import LegendEntry, Style, missing, read_frames
from gan_viz.panels.series import Series, SeriesPanel, bounded, scale_of
from gan_viz.recording import Recording

AFTER = "d_fake_after"
SCORES = {"d_real": "scores_real", "d_fake": "scores_fake"}
"""Channels that the mean outputs are computed from if they were not recorded at every step."""
ROOM = 0.04
"""The scale goes this far beyond 0 and 1, so that the frame hides no curve there."""
TICK_LABELS = {0.0: "0", 0.5: "1/2", 1.0: "1"}


class OutputsPanel(SeriesPanel):
    """D(x) and D(G(z)), the latter before D's update and, where recorded, after it.

    At the equilibrium of the original GAN, D gives 1/2 to everything (Goodfellow et al. 2014,
    https://arxiv.org/abs/1406.2661, section 4.1); a line is there. A critic has a scale of its own.
    """

    needs: ClassVar[tuple[str, ...]] = ("d_real", "d_fake")
    pale: ClassVar[float] = 0.18

    def lacking(self, recording: Recording) -> list[str]:
        """Nothing if the outputs were recorded at every step, or at the frames at least."""
        return missing(recording, SCORES.values()) and super().lacking(recording)

    @cached_property
    def critic(self) -> bool:
        """Whether D is a critic, whose outputs are not probabilities."""
        return is_critic(self.recording)

    def series(self) -> Mapping[str, Series]:
        """The mean outputs of each step, or else of each frame."""
        if missing(self.recording, self.needs):
            return {name: self._means(channel) for name, channel in SCORES.items()}
        names = [*self.needs, *([AFTER] if AFTER in self.recording.scalars else [])]
        return {name: self.scalar(name) for name in names}

    def _means(self, channel: str) -> Series:
        """Mean outputs at each frame."""
        means = np.array([*self._mean_of_frames(channel)], np.float64)
        return self.recording.steps.astype(np.float64), bounded(means)

    def _mean_of_frames(self, channel: str) -> Iterator[float]:
        output = self.recording.channels[channel].attributes.get("output")
        for scores in read_frames(self.recording, channel):
            yield float(probability(scores, output).mean()) if scores.size else np.nan

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of the scale: 0 and 1, or for a critic such that it holds nearly all outputs."""
        if self.critic:
            return scale_of(values for _, values in self.raw.values())
        return -ROOM, 1 + ROOM

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """Outputs on real samples, on generated ones, and on these after D's update."""
        entries = [
            style.entry("d_real", style.data),
            style.entry("d_fake", style.generated, "--"),
            style.entry("d_fake_after", style.discriminator, ":"),
        ]
        return entries if AFTER in self.raw else entries[:2]

    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Draw the line at 1/2."""
        if self.critic:
            axes.set_ylabel("critic")
            return
        axes.set_ylabel(style.words.say("output"))
        axes.axhline(0.5, color=style.faint, linewidth=style.thin, zorder=1)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: TICK_LABELS.get(y, f"{y:g}")))

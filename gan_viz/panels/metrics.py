"""Distances between p_g and p_data over the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes

from gan_viz.analysis import metrics
from gan_viz.distributions import from_description
from gan_viz.panels.base import LegendEntry, Style, add_right_scale
from gan_viz.panels.series import Series, SeriesPanel, scale_of

HIGHEST = 1.5
"""The scale ends here at the latest: G may start many standard deviations away."""


class MetricsPanel(SeriesPanel):
    """Wasserstein-1 distance relative to the data's width, Jensen-Shannon divergence, and TV.

    All are 0 where p_g = p_data; a line marks log 2, the upper bound of the divergence. Where a few
    values make the standard deviation of the data, or it has none, the first is the distance
    between the middle 98 %; of real data the others are those of smoothed samples. The legend says
    so.
    """

    needs: ClassVar[tuple[str, ...]] = ("generator", "target")
    pale: ClassVar[float] = 0.2

    def series(self) -> Mapping[str, Series]:
        """The metrics of all frames, measured here."""
        measured = list(metrics(self.recording))
        steps = np.array([step for step, _ in measured], np.float64)
        self.is_estimate = any(one.is_estimate for _, one in measured)
        drawn = ("w1_middle" if self._heavy else "w1_relative", "js", "tv")
        values = {name: [getattr(one, name) for _, one in measured] for name in drawn}
        return {name: (steps, np.array(column, np.float64)) for name, column in values.items()}

    @cached_property
    def _heavy(self) -> bool:
        return from_description(self.recording.header["target"]).heavy_tailed

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of a scale from 0 that holds nearly all values."""
        _, high = scale_of((values for _, values in self.raw.values()), [0.0, math.log(2)])
        return 0.0, min(high, HIGHEST)

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """An entry for each metric."""
        name = "*W*_1_ / σ" + (" of the middle 98 %" if self._heavy else "")
        estimate = ", estimate" if self.is_estimate else ""
        return [
            LegendEntry(name, style.ink),
            LegendEntry(f"JS (nats{estimate})", style.bad, "--"),
            LegendEntry("TV" + " (estimate)" * self.is_estimate, style.muted, ":"),
        ]

    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Mark the upper bound of the Jensen-Shannon divergence."""
        axes.set_ylabel(style.words.say("distance"))
        axes.axhline(math.log(2), color=style.faint, linewidth=style.thin, zorder=1)
        add_right_scale(axes, {math.log(2): "log 2"}, style, style.ink)

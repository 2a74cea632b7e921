"""The ways of samples from noise to data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.noising import NoisedTarget, recorded_levels
from gan_viz.distributions import recorded_target
from gan_viz.distributions.normal import cumulative
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Curve
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style, read

Array = NDArray[np.float64]

LEAST = 1e-5
"""No way is drawn farther out in the distribution than this."""
MARGIN = 0.06
"""Room beyond the outermost ways, relative to all."""


class ProcessPanel(Panel):
    """Where samples of some latents are on their way from noise, at the left, to data.

    Places are relative to the noised data: ``x`` divided by ``sqrt(alpha^2 + sigma^2 / s^2)`` with
    the data's deviation s, around its mean; so noise is as wide as the data, and at the right x is
    as it is. The ways of the exact probability flow, which are the quantiles of the noised data,
    stand still.
    """

    needs: ClassVar[tuple[str, ...]] = ("ways", "noise_levels", "target")

    def load(self) -> None:
        """Find the exact ways, and the scales."""
        target = recorded_target(self.recording.header)
        levels, shape = recorded_levels(self.recording), self.recording.channels["ways"].shape
        if target is None or len(shape) != 2 or len(levels) != shape[0] or not shape[1]:
            raise RecordingError(
                f"{self.recording.path}: the paths from noise to data have the shape {shape}, "
                f"expected ({len(levels)}, k), and the data must be known; choose other panels"
            )
        self.levels = np.array(levels)
        self._middle, self._scale = target.location, target.scale
        noised = NoisedTarget(target)
        quantiles = self._quantiles(shape[1])
        self.exact = self._relative(np.array([noised.ppf(quantiles, each) for each in levels]))
        known = self.exact[np.isfinite(self.exact)]
        low, high = (known.min(), known.max()) if len(known) else (-1.0, 1.0)
        pad = MARGIN * (high - low) or 1.0
        self.limits = float(low - pad), float(high + pad)

    def _quantiles(self, number: int) -> Array:
        """Those of the latents whose ways are shown, or as many even ones, shape (k,)."""
        z, latent = self.recording.constants.get("way_latents"), self.recording.header.get("latent")
        if z is None or z.shape != (number,) or not isinstance(latent, Mapping):
            return midpoints(number)
        values = np.nan_to_num(np.asarray(z, np.float64))
        q = (values + 1) / 2 if latent.get("kind") == "uniform" else cumulative(values)
        return np.asarray(q.clip(LEAST, 1 - LEAST))

    def _relative(self, ways: Array) -> Array:
        """Places relative to the noised data."""
        alpha, shift, sigma = self.levels.T
        wide = np.hypot(alpha, sigma / self._scale)
        center = (alpha * self._middle + shift)[:, None]
        return np.asarray(self._middle + (ways - center) / wide[:, None])

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """The learnt ways and the exact ones."""
        return [
            LegendEntry(style.words.say("ways"), style.generated),
            LegendEntry(style.words.say("exact-ways"), style.muted, slight=True),
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the exact ways; create the learnt ones."""
        last = len(self.levels) - 1
        axes.set_xlim(0, last)
        axes.set_ylim(*self.limits)
        axes.set_xlabel(style.words.say("noise"))
        axes.set_ylabel("x / √(α² + σ²)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(self._noise_at))
        axes.plot(self.exact, color=style.muted, linewidth=style.thin, zorder=2)
        self._ways = Curve(axes, style.generated, style.slight, zorder=DYNAMIC)
        return [self._ways]

    def _noise_at(self, number: float, _: int) -> str:
        """What the tick of a level says."""
        noise = self.levels[min(max(round(number), 0), len(self.levels) - 1), 2] / self._scale
        return f"{noise:.2g}"

    def update(self, frame: int) -> None:
        """Move the learnt ways."""
        ways = read(self.recording, "ways", frame)
        if ways is None:
            self._ways.set_points([], [])
            return
        moved = self._relative(np.asarray(ways, np.float64))
        gap = np.full((1, moved.shape[1]), np.nan)
        heights = np.concatenate([moved, gap]).T
        along = np.broadcast_to(np.arange(len(moved) + 1), heights.shape)
        self._ways.set_points(along.ravel(), heights.ravel())

"""The ways of samples from noise to data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from gan_viz.analysis.noising import Level, NoisedTarget
from gan_viz.distributions import recorded_target
from gan_viz.distributions.normal import cumulative
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Curve
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style, read

__all__ = ["ProcessPanel"]

Array = NDArray[np.float64]

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
        self.levels = np.asarray(self.recording.constants["noise_levels"], np.float64)
        shape = self.recording.channels["ways"].shape
        if target is None or self.levels.shape != (shape[0], 3):
            raise RecordingError(
                f"{self.recording.path}: the ways from noise to data have the shape {shape} and "
                f"their levels {self.levels.shape}, expected (n, k) and (n, 3); choose other panels"
            )
        self._middle, self._scale = target.location, target.scale
        noised = NoisedTarget(target)
        self.exact = self._exact(noised, shape[1])
        low, high = float(np.min(self.exact)), float(np.max(self.exact))
        pad = MARGIN * (high - low)
        self.limits = low - pad, high + pad

    def _exact(self, noised: NoisedTarget, number: int) -> Array:
        """The exact ways, shape (levels, k)."""
        z = self.recording.constants.get("way_latents")
        q = (np.arange(number) + 0.5) / number
        if z is not None and z.shape == (number,):
            kind = self.recording.header.get("latent", {}).get("kind")
            z = np.asarray(z, np.float64)
            q = (z + 1) / 2 if kind == "uniform" else cumulative(z)
        q = q.clip(1e-5, 1 - 1e-5)
        ways = [noised.ppf(q, Level(*level)) for level in self.levels.tolist()]
        return self._relative(np.array(ways))

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

"""Points of the plane: G's samples on the data, and D's contours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar

import contourpy
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis import probability
from gan_viz.analysis.exact import LARGE
from gan_viz.panels.artists import Arrows, Curve
from gan_viz.panels.base import (
    DYNAMIC,
    LegendEntry,
    Panel,
    Style,
    constant_pairs,
    latest,
    read_frames,
)

Array = NDArray[np.float64]

LEVELS = 0.1, 0.3, 0.5, 0.7, 0.9
"""Contours of D's probability; of a critic's values, quantiles over the recording."""
DOTS = 0.45, 0.55
"""Diameters of the dots of real and of generated points, in text heights."""
MOST_REAL = 512
WIDEST = 1.6
"""The panel is not wider than this, relative to its height, nor narrower than 1 / this."""


class PointsPanel(Panel):
    """G's points of the same latents at every frame, over real ones, with contours of D.

    Contours of a probability are at 0.1, 0.3, 0.5 (thicker), 0.7 and 0.9; those of a critic at the
    same quantiles of all its values in the recording.
    """

    needs: ClassVar[tuple[str, ...]] = ("points",)

    def load(self) -> None:
        """Find the window, and the levels of the contours."""
        self._frames = latest(self.recording, "points")
        self.real = self._real_points()
        self.grid = self._grid()
        self.window = self._window()
        if self.grid is not None:
            self._maps = latest(self.recording, "discriminator_map")
            self.levels = self._levels()

    def _real_points(self) -> Array:
        points = constant_pairs(self.recording, "real_points")[:MOST_REAL]
        return points[np.isfinite(points).all(axis=1)]

    def _grid(self) -> tuple[Array, Array] | None:
        """The places of D's map, if there is one on a grid that ascends."""
        channel = self.recording.channels.get("discriminator_map")
        known = [self.recording.constant_channels.get(name) for name in ("map_x", "map_y")]
        if channel is None or None in known:
            return None
        x, y = (np.asarray(self.recording.constants[n], np.float64) for n in ("map_x", "map_y"))
        even = all(one.ndim == 1 and len(one) > 1 and (np.diff(one) > 0).all() for one in (x, y))
        return (x, y) if even and channel.shape == (len(y), len(x)) else None

    def _window(self) -> tuple[Array, Array]:
        """Lowest and highest x, and y."""
        if self.grid is not None:
            x, y = self.grid
            return x[[0, -1]], y[[0, -1]]
        first = next(read_frames(self.recording, "points"), np.empty((0, 2)))
        points = np.concatenate([self.real, first[(np.abs(first) < LARGE).all(axis=1)]])
        if not len(points):
            return np.array([-1.0, 1.0]), np.array([-1.0, 1.0])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = np.maximum(0.1 * (high - low), 1e-3)
        ends = np.stack([low - margin, high + margin], axis=1)
        return ends[0], ends[1]

    @cached_property
    def _output(self) -> object:
        return self.recording.channels["discriminator_map"].attributes.get("output")

    @property
    def _is_critic(self) -> bool:
        """Whether there is a map, of what is no probability."""
        return self.grid is not None and self._output not in ("logit", "probability")

    def _levels(self) -> Array:
        if not self._is_critic:
            return np.array(LEVELS)
        maps = [one[np.abs(one) < LARGE] for one in self._judgements()]
        bulk = [np.quantile(one, LEVELS) for one in maps if len(one)]
        values = np.concatenate([*bulk, np.zeros(0 if bulk else 1)])
        return np.unique(np.quantile(values, LEVELS))

    def _judgements(self) -> Iterator[Array]:
        for scores in read_frames(self.recording, "discriminator_map"):
            yield probability(scores, self._output)

    @property
    def aspect(self) -> float:
        """Width relative to height."""
        (left, right), (low, high) = self.window
        return float(np.clip((right - left) / (high - low), 1 / WIDEST, WIDEST))

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """Real and generated points, and contours."""
        d = "critic" if self._is_critic else "discriminator"
        entries = [style.entry("data", style.data, ":")] if len(self.real) else []
        entries.append(style.entry("samples", style.generated, "--"))
        if self.grid is not None:
            entries.append(style.entry(d, style.discriminator, slight=True))
        return entries

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the real points; create the generated ones, and the contours."""
        axes.set_xlim(*self.window[0])
        axes.set_ylim(*self.window[1])
        em = style.font * 72 / axes.figure.dpi
        if len(self.real):
            dots = Arrows(axes, style.data, style.thin, 0, DOTS[0] * em, zorder=2)
            dots.set_points(self.real, np.full_like(self.real, np.nan))
        self._contours = [] if self.grid is None else [*self._curves(axes, style)]
        self._points = Arrows(axes, style.generated, style.thin, 0, DOTS[1] * em, DYNAMIC + 1)
        return [*self._contours, self._points]

    def _curves(self, axes: Axes, style: Style) -> Iterator[Curve]:
        for level in self.levels:
            width = style.line if level == 0.5 and not self._is_critic else style.thin
            yield Curve(axes, style.discriminator, width)

    def update(self, frame: int) -> None:
        """Show the points of the last frame, up to this one, that has any."""
        last = int(self._frames[frame])
        points = self.recording.array("points", last) if last >= 0 else np.empty((0, 2))
        shown = np.asarray(points, np.float64)
        self._points.set_points(shown, np.full_like(shown, np.nan))
        if self.grid is not None:
            self._draw_contours(int(self._maps[frame]))

    def _draw_contours(self, frame: int) -> None:
        assert self.grid is not None
        lines: list[list[Array]] = [[] for _ in self._contours]
        if frame >= 0:
            scores = probability(self.recording.array("discriminator_map", frame), self._output)
            judged = np.ma.masked_invalid(np.where(np.abs(scores) < LARGE, scores, np.nan))
            contours = contourpy.contour_generator(*self.grid, judged)
            lines = [contours.lines(float(level)) for level in self.levels]  # type: ignore[misc]
        gap = np.full((1, 2), np.nan)
        for curve, parts in zip(self._contours, lines, strict=True):
            joined = np.concatenate([one for part in parts for one in (part, gap)] or [gap[:0]])
            curve.set_points(joined[:, 0], joined[:, 1])

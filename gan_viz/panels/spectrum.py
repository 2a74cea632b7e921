"""Eigenvalues of a game's Jacobian in the complex plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.spectrum import spectrum_in_words
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Arrows, CornerText, Curve
from gan_viz.panels.base import (
    DYNAMIC,
    TICKS,
    LegendEntry,
    Panel,
    Style,
    constant_pairs,
    latest,
    read_frames,
)
from gan_viz.panels.parameters import Interval

Array = NDArray[np.float64]

DOT, RING = 0.55, 0.95
"""Diameters of the dots, and of the rings around those at rest, in text heights."""
BULK = 0.02, 0.98
"""Quantiles over the frames that are to be in the picture."""
ROOM = 1.4
"""Room for the words, relative to the height of the rest."""


@dataclass(eq=False)
class SpectrumPanel(Panel):
    """Eigenvalues of the Jacobian of the vector field of a game, at the current weights.

    Left of the upright line they draw in, right of it they push away; those off the level line
    rotate, and words say how much. Within the circle, where there is one, simultaneous steps of
    the recorded size draw in, too: ``|1 + h λ| < 1``. Rings are the eigenvalues where the game is
    at rest.

    Parameters
    ----------
    xlim, ylim : (float, float), optional
        What is seen of the real and of the imaginary parts.
    """

    needs: ClassVar[tuple[str, ...]] = ("eigenvalues",)

    xlim: Interval | None = None
    ylim: Interval | None = None

    def load(self) -> None:
        """Read all eigenvalues."""
        shape = self.recording.channels["eigenvalues"].shape
        if len(shape) != 2 or shape[1] != 2:
            raise RecordingError(
                f"{self.recording.path}: eigenvalues have the shape {shape}, expected real and "
                "imaginary parts, (n, 2); choose other panels"
            )
        self.each = [_finite(values) for values in read_frames(self.recording, "eigenvalues")]
        self._last = latest(self.recording, "eigenvalues")
        self.rest = _finite(constant_pairs(self.recording, "eigenvalues_at_rest"))
        size = self.recording.header.get("step_size")
        usable = isinstance(size, int | float) and 1e-6 < size < 1e6
        self.step_size = float(size) if usable else None  # type: ignore[arg-type]

    def _limits(self) -> tuple[Interval, Interval]:
        """Ends that hold nearly all eigenvalues, the upright line, and both halves alike."""
        there = [one for one in (*self.each, self.rest) if len(one)] or [np.zeros((1, 2))]
        lows, highs = (np.array([way(one, axis=0) for one in there]) for way in (np.min, np.max))
        low, high = np.quantile(lows, BULK[0], axis=0), np.quantile(highs, BULK[1], axis=0)
        reach = max(-float(low[1]), float(high[1]), 0.0)
        left, right = min(float(low[0]), 0.0), max(float(high[0]), 0.0)
        span = max(right - left, 2 * reach, 1e-9)
        pad = 0.15 * span
        missing = max(0.4 * span - (right - left), 0.0) / 2
        up = max(reach, 0.2 * span) + pad
        return (
            self.xlim or (left - missing - pad, right + missing + pad),
            self.ylim or (-up, ROOM * up),
        )

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """The circle, where there is one."""
        circle = LegendEntry("|1 + *h*λ| = 1", style.muted, "--", slight=True)
        return [] if self.step_size is None else [circle]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the axes, the circle and the eigenvalues at rest; create those of a frame."""
        x, y = self._limits()
        axes.set_xlim(x)
        axes.set_ylim(y)
        axes.set_xlabel("Re λ")
        axes.set_ylabel("Im λ")
        em = style.font * 72 / axes.figure.dpi
        for draw in (axes.axhline, axes.axvline):
            draw(0, color=style.faint, linewidth=style.thin, zorder=1)
        if self.step_size is not None:
            angles = np.linspace(0, 2 * np.pi, 721)
            circle = Curve(axes, style.muted, style.thin, "--", zorder=2)
            real, up = (np.cos(angles) - 1) / self.step_size, np.sin(angles) / self.step_size
            circle.set_points(real, np.where(np.abs(up) <= abs(y[0]), up, np.nan))
        for size, color in ((RING, style.muted), (0.7 * RING, style.background)):
            ring = Arrows(axes, color, style.thin, 0, size * em, zorder=3)
            ring.set_points(self.rest, np.full_like(self.rest, np.nan))
        self._dots = Arrows(axes, style.discriminator, style.thin, 0, DOT * em, DYNAMIC)
        self._said = [
            spectrum_in_words(one[:, 0] + 1j * one[:, 1], style.words.say) for one in self.each
        ]
        self._text = CornerText(axes, self._said, style.ink, TICKS * style.font)
        return [self._dots, self._text]

    def update(self, frame: int) -> None:
        """Show the eigenvalues of the last frame, up to this one, that has any."""
        last = int(self._last[frame])
        values = self.each[last] if last >= 0 else np.empty((0, 2))
        self._dots.set_points(values, np.full_like(values, np.nan))
        self._text.set_text(self._said[last] if last >= 0 else "")


def _finite(values: Array) -> Array:
    return values[(np.abs(values) < LARGE).all(axis=1)]

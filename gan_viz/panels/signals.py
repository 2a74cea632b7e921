"""Signals over time: some real ones beside some of G's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.panels.artists import Curve
from gan_viz.panels.base import DYNAMIC, LegendEntry, LineStyle, Panel, Style, latest, read_frames

Array = NDArray[np.float64]

MOST_ROWS = 5
LINES: tuple[LineStyle, ...] = ("-", "--", ":")
"""Of the channels of a signal; no more are drawn."""
BULK = 0.005, 0.995
"""Quantiles of all values that reach the ends of a row."""
HIGH = 0.9
"""Height of a signal, relative to its row."""
APART = 0.06
"""Gap between real and generated signals, relative to the width of either."""


class SignalsPanel(Panel):
    """G's signals of the same latents at every frame, a row each, beside real ones.

    All are drawn on one scale, which holds nearly all values of the recording; the channels of a
    signal differ in their dashes.
    """

    needs: ClassVar[tuple[str, ...]] = ("signals",)

    def load(self) -> None:
        """Find the scale."""
        channel = self.recording.channels["signals"]
        self.rows = min(channel.shape[0], MOST_ROWS)
        self._frames = latest(self.recording, "signals")
        self.real = self._real_signals(channel.shape)
        ends = [self.real] if self.real is not None else []
        ends += [_ends(signals) for signals in read_frames(self.recording, "signals")]
        finite = np.concatenate([one[np.isfinite(one)] for one in ends])
        low, high = np.quantile(finite, BULK) if len(finite) else (0.0, 0.0)
        self.middle, self.reach = (low + high) / 2, max((high - low) / 2, 1e-9)

    def _real_signals(self, shape: tuple[int, ...]) -> Array | None:
        """The real signals, if they have as many channels and times."""
        known = self.recording.constant_channels.get("real_signals")
        if known is None or known.shape[1:] != shape[1:] or not known.shape[0]:
            return None
        return np.asarray(self.recording.constants["real_signals"], np.float64)

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """Real and generated signals."""
        made = style.entry("samples", style.generated, slight=True)
        real = LegendEntry(style.words.say("real"), style.data, slight=True)
        return [made] if self.real is None else [real, made]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the real signals; create the curves of G's."""
        axes.set_xlim(0, 1 if self.real is None else 2 + APART)
        axes.set_ylim(0, self.rows)
        axes.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
        axes.set_xlabel(style.words.say("time"))
        for row in range(1, self.rows):
            axes.axhline(row, color=style.faint, linewidth=style.thin, zorder=1)
        if self.real is not None:
            for (row, channel), curve in self._curves(axes, style.data, style, 1.0):
                if row < len(self.real):
                    curve.set_points(*self._placed(self.real[row, channel], row, 0.0))
        self._moving = dict(self._curves(axes, style.generated, style, DYNAMIC))
        return list(self._moving.values())

    def _curves(
        self, axes: Axes, color: str, style: Style, zorder: float
    ) -> Iterable[tuple[tuple[int, int], Curve]]:
        channels = min(self.recording.channels["signals"].shape[1], len(LINES))
        for row in range(self.rows):
            for channel in range(channels):
                yield (
                    (row, channel),
                    Curve(axes, color, style.slight, LINES[channel], zorder=zorder),
                )

    def _placed(self, values: Array, row: int, start: float) -> tuple[Array, Array]:
        """Places on the axes of the values of one channel."""
        height = ((values - self.middle) / self.reach).clip(-1, 1)
        return start + np.linspace(0, 1, len(values)), self.rows - row - 0.5 + 0.5 * HIGH * height

    def update(self, frame: int) -> None:
        """Show the signals of the last frame, up to this one, that has any."""
        last = int(self._frames[frame])
        start = 0.0 if self.real is None else 1 + APART
        shown = None if last < 0 else self.recording.array("signals", last).astype(np.float64)
        for (row, channel), curve in self._moving.items():
            if shown is None:
                curve.set_points([], [])
            else:
                curve.set_points(*self._placed(shown[row, channel], row, start))


def _ends(signals: Array) -> Array:
    """The bulk of a frame's values, in few numbers."""
    finite = signals[np.isfinite(signals)]
    return np.quantile(finite, np.linspace(*BULK, 21)) if len(finite) else finite

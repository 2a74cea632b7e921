"""The losses of D and G over the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gan_viz.analysis import smooth
from gan_viz.panels.base import DYNAMIC, Key, Panel, Style
from gan_viz.recording import Recording

__all__ = ["LossesPanel"]

Array = NDArray[np.float64]

POINTS = 400
"""Points a curve is drawn with at most: more than there are pixels to tell them apart."""
NAMES = {"d_loss": "$D$ loss", "g_loss": "$G$ loss"}
CONSTANTS = {2 * math.log(2): "2 log 2", math.log(2): "log 2", -math.log(2): "−log 2", 0.0: "0"}


class LossesPanel(Panel):
    """Both losses, smoothed over raw, up to the current step, and faintly beyond.

    Dashed lines mark the values of the objective at equilibrium, where the recording names them.
    """

    needs: ClassVar[tuple[str, ...]] = ("d_loss", "g_loss")

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.last = max(int(recording.steps[-1]), 1) if len(recording) else 1
        self.raw = {name: self._series(name) for name in self.needs}
        self.smoothed = {
            name: (steps, smooth(values, max(3, len(values) // 50)))
            for name, (steps, values) in self.raw.items()
        }

    def _series(self, name: str) -> tuple[Array, Array]:
        steps, values = self.recording.scalars[name]
        return steps.astype(np.float64), values

    @cached_property
    def equilibrium(self) -> Mapping[str, float]:
        """Theoretical values of the losses where p_g = p_data, by name; may be empty."""
        objective = self.recording.header.get("objective")
        values = objective.get("equilibrium") if isinstance(objective, Mapping) else None
        if not isinstance(values, Mapping):
            return {}
        return {k: float(v) for k, v in values.items() if k in self.needs}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lower and upper end of the scale: nearly all of the raw values, and the references."""
        values = np.concatenate([v[np.isfinite(v)] for _, v in self.raw.values()])
        ends = [*self.equilibrium.values()]
        if len(values):
            ends += np.quantile(values, [0.005, 0.995]).tolist()
        low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        pad = 0.08 * (high - low) or 1.0
        return low - pad, high + pad

    def keys(self, style: Style) -> Sequence[Key]:
        """One for each loss."""
        return [Key(NAMES["d_loss"], style.d_loss, "--"), Key(NAMES["g_loss"], style.g_loss)]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the whole curves faintly; create those up to the cursor."""
        axes.set_xlim(0, self.last)
        axes.set_ylim(*self.limits)
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        self._draw_references(axes, style)
        self._draw_whole(axes, style)
        thin = max(1.0, style.line / 3)
        self._cursor = Line2D(
            [0, 0],
            [0, 1],
            color=style.muted,
            linewidth=thin,
            transform=axes.get_xaxis_transform(),
            zorder=DYNAMIC,
        )
        self._curves = {
            name: Line2D(
                [], [], color=key.color, linestyle=key.linestyle, linewidth=style.line, zorder=z
            )
            for z, (name, key) in enumerate(
                zip(self.needs, self.keys(style), strict=True), int(DYNAMIC) + 1
            )
        }
        moving: list[Line2D] = [self._cursor, *self._curves.values()]
        for line in moving:
            axes.add_line(line)
        return moving

    def _draw_references(self, axes: Axes, style: Style) -> None:
        scale = axes.secondary_yaxis("right")
        values = sorted(set(self.equilibrium.values()))
        for value in values:
            axes.axhline(value, color=style.faint, linewidth=max(1.0, style.line / 3), zorder=1)
        scale.set_yticks(values, [_name(value) for value in values])

    def _draw_whole(self, axes: Axes, style: Style) -> None:
        for (steps, values), key in zip(self.raw.values(), self.keys(style), strict=True):
            axes.plot(*_envelope(steps, values), color=key.color, alpha=0.22, linewidth=1)

    def update(self, frame: int) -> None:
        """Move the cursor."""
        step = float(self.recording.steps[frame])
        self._cursor.set_xdata([step, step])
        for name, line in self._curves.items():
            steps, values = self.smoothed[name]
            stride = max(1, len(steps) // POINTS)
            end = int(np.searchsorted(steps, step, side="right"))
            line.set_data(steps[:end:stride], values[:end:stride])


def _envelope(steps: Array, values: Array) -> tuple[Array, Array]:
    """Lowest and highest value of each short stretch, in turn: looks like all the points."""
    stride = max(1, len(values) // POINTS)
    n = len(values) // stride * stride
    if stride == 1 or not n:
        return steps, values
    blocks = values[:n].reshape(-1, stride)
    ends = np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1).ravel()
    at = steps[:n].reshape(-1, stride)
    return np.stack([at[:, 0], at[:, stride // 2]], axis=1).ravel(), ends


def _name(value: float) -> str:
    near = [name for constant, name in CONSTANTS.items() if math.isclose(constant, value)]
    return near[0] if near else f"{value:.3g}"

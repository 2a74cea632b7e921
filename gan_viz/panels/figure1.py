"""Figure 1 of Goodfellow et al. (2014), alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN, MarkerStyle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, BboxBase, ScaledTranslation, TransformedBbox
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.arrows import Arrows
from gan_viz.panels.base import DYNAMIC, TICKS, Key, Style, missing, read
from gan_viz.panels.density import DensityPanel
from gan_viz.recording import Recording

__all__ = ["Figure1GradientPanel", "Figure1Panel"]

Array = NDArray[np.float64]

ARROWS = 23
TAILS = 0.005, 0.995
"""Quantiles of z between which the arrows start: of a normal z, -2.58 to 2.58."""
INSET = 0.03
"""Distance of the first and last arrow from the ends of the z axis, relative to its length."""
DEPTH = 0.66
"""Distance of the z axis below the x axis, relative to the height of the densities."""
LIFT = 0.025
"""Height of the arrows' starts over the z axis, relative to its distance from the x axis."""
RULER = 1.65
"""Height that the numbers below the x axis need, in text heights."""
MARGIN = 0.005
"""Height left free over the arrows' tips, relative to the axes."""
NAMES, ASIDE = 0.6, 1.0
"""Distances of names and numbers below their axes, and of names beside them, in text heights."""
HEAD, DOT = 0.55, 0.3
"""Length of heads and diameter of dots, in text heights."""
USUAL, LONG, LONGEST = 0.9, 0.09, 0.13
"""This quantile of all pushes is drawn as long as this part of the x axis; the most it can be."""
FLOOR = 0.03
"""Height of the lowest pushes, relative to the densities': the axis does not cut their heads."""


class Figure1Panel(DensityPanel):
    """p_data (dotted), p_g (solid) and D (dashed) over the x axis; below it z, and arrows to G(z).

    After Figure 1 of Goodfellow et al. (2014), https://arxiv.org/abs/1406.2661. The arrows start
    evenly spaced in z, not in its quantiles: so their tips are as far apart as G stretches z there,
    ``|G'(z)|``, arrows that draw together show where p_g is made dense, and arrows that cross show
    that G folds. z has to be one number.
    """

    needs: ClassVar[tuple[str, ...]] = ("generator", "latents")
    optimal: ClassVar[bool] = False

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        latents = self._checked_latents()
        order = np.argsort(latents, kind="stable")
        low, high = np.quantile(latents, TAILS, method="hazen").tolist()
        self.z = np.unique(np.linspace(low, high, ARROWS))
        pad = INSET * (high - low) / (1 - 2 * INSET) or 1.0
        self.ends = low - pad, high + pad
        frames = range(len(recording))
        tips = [self._images(latents[order], self._made(frame)[order]) for frame in frames]
        self.tips = np.reshape(tips, (len(frames), len(self.z)))

    @classmethod
    def lacking(cls, recording: Recording) -> list[str]:
        """Which of `needs` is neither a channel nor a constant."""
        known = recording.constant_channels
        return [name for name in missing(recording, cls.needs) if name not in known]

    def _checked_latents(self) -> Array:
        """The z of each of G's outputs, shape (n,)."""
        latents = np.asarray(self.recording.constants["latents"], np.float64)
        count = self.recording.channels["generator"].shape[0]
        if latents.size != count or len(latents) != count or not np.isfinite(latents).all():
            raise RecordingError(
                f"{self.recording.path}: Figure 1 draws one number z for each of G's {count} "
                f"outputs, but the recorded latents have the shape {latents.shape}, or are not "
                "finite; choose other panels, or train with one-dimensional latents"
            )
        return latents.reshape(-1)

    def _made(self, frame: int) -> Array:
        """G's outputs, shape (n,), NaN where none were recorded; far away is just out of sight."""
        outputs = read(self.recording, "generator", frame)
        if outputs is None:
            return np.full(self.recording.channels["generator"].shape, np.nan)
        low, high = float(self.x[0]), float(self.x[-1])
        values = np.asarray(outputs, np.float64)
        return np.asarray(values.clip(2 * low - high, 2 * high - low))

    def _images(self, latents: Array, outputs: Array) -> Array:
        """G at the arrows' z, between those it was recorded at."""
        return np.asarray(np.interp(self.z, latents, outputs))

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the densities in the upper part, both axes; create curves and arrows."""
        curves = super().setup(axes, style)
        self._make_room(axes)
        self._draw_names(axes, style)
        self._draw_z_axis(axes, style)
        figure = axes.get_figure(root=True)
        assert figure is not None
        self._axes, self._inches = axes, style.font / figure.dpi
        for curve in curves:
            curve.set_clip_box(_part(axes, self._level, 1.0))
        self._room = _Below(axes, self._level, RULER * self._inches)
        self._arrows = self._create_arrows(style.generated, style.thin, DYNAMIC)
        self._arrows.set_clip_box(self._room)
        return [self._arrows, *curves]

    @property
    def _level(self) -> float:
        """Height of the x axis, relative to the axes."""
        return DEPTH / (1 + DEPTH)

    def _make_room(self, axes: Axes) -> None:
        """Move the x axis up, and keep the scales of densities and D above it."""
        axes.set_ylim(-DEPTH * self.top, self.top)
        axes.spines["bottom"].set_position(("data", 0.0))
        for side in ("left", "right"):
            axes.spines[side].set_bounds(0.0, self.top)
        axes.yaxis.set_major_locator(_NotBelowZero())
        axes.yaxis.label.set_y((1 + self._level) / 2)

    def _create_arrows(self, color: str, width: float, zorder: float) -> Arrows:
        text = 72 * self._inches
        return Arrows(self._axes, color, width, HEAD * text, DOT * text, zorder)

    def _draw_names(self, axes: Axes, style: Style) -> None:
        """Name both axes where they start, as the paper does."""
        text = style.font / axes.figure.dpi
        scale = axes.figure.dpi_scale_trans
        before = ScaledTranslation(-ASIDE * text, -NAMES * text, scale)
        axes.xaxis.set_label_coords(0, 0, axes.get_yaxis_transform() + before)
        axes.xaxis.label.set(ha="right", va="top")
        axes.text(0, 0, "z", ha="right", va="top", transform=axes.transAxes + before)

    def _draw_z_axis(self, axes: Axes, style: Style) -> None:
        """Draw the line at the lower end, with a few numbers."""
        text, across = style.font / axes.figure.dpi, axes.get_xaxis_transform()
        below = across + ScaledTranslation(0, -NAMES * text, axes.figure.dpi_scale_trans)
        marks = self._z_marks()
        look: dict[str, Any] = {"color": style.muted, "clip_on": False, "transform": across}
        ticks = Line2D(
            [*marks], [0] * len(marks), linestyle="", marker=MarkerStyle(TICKDOWN), **look
        )
        ticks.set(markersize=0.3 * 72 * text, markeredgewidth=style.thin)
        axes.add_artist(ticks)
        axes.add_artist(Line2D(self.x[[0, -1]], [0, 0], linewidth=style.thin, **look))
        look = {"fontsize": TICKS * 72 * text, "ha": "center", "va": "top", "transform": below}
        for place, number in marks.items():
            axes.text(place, 0, number, **look)

    def _z_marks(self) -> Mapping[float, str]:
        """A few round z, at their places along x."""
        values = MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(*self.ends)
        low, high = self.ends
        within = [float(value) for value in values if low <= value <= high]
        return {float(self._along_x(z)): f"{z:g}".replace("-", "−") for z in within}

    def _along_x(self, z: float | Array) -> Any:
        """Where z is drawn: its axis is as long as that of x."""
        return np.interp(z, self.ends, self.x[[0, -1]])

    def update(self, frame: int) -> None:
        """Move curves and arrows."""
        super().update(frame)
        starts = np.column_stack([self._along_x(self.z), np.full(len(self.z), self._bottom)])
        ends = np.column_stack([self.tips[frame], np.full(len(self.z), self._under_the_numbers)])
        self._arrows.set_points(starts, ends)

    @property
    def _bottom(self) -> float:
        """Where arrows start: on the z axis, which does not cut their dots."""
        return -(1 - LIFT) * DEPTH * self.top

    @property
    def _under_the_numbers(self) -> float:
        """Where arrows end: below the numbers of x, on the density's scale."""
        part = self._room.height / self._axes.bbox.height - MARGIN
        return (part * (1 + DEPTH) - DEPTH) * self.top


class Figure1GradientPanel(Figure1Panel):
    """Figure 1 with the arrow on each of its samples along which the loss of G pushes it.

    The arrows show ``-∂L_G/∂x`` at G(z), as recorded. They start on p_g, and one factor for the
    whole recording gives their lengths: 9 of 10 are at most 9% as long as the x axis, and longer
    ones are cut at 13%.
    """

    needs: ClassVar[tuple[str, ...]] = (
        "generator",
        "latents",
        "discriminator",
        "x",
        "sample_gradient",
        "gradient_latents",
    )

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.pushes = np.reshape(
            [self._pushed(frame) for frame in range(len(recording))], self.tips.shape
        )
        known = np.abs(self.pushes[np.isfinite(self.pushes)])
        usual = float(np.quantile(known, USUAL)) if len(known) else 0.0
        width = float(self.x[-1] - self.x[0])
        self.reach = np.clip(self.pushes / (usual or 1.0) * LONG, -LONGEST, LONGEST) * width

    def _pushed(self, frame: int) -> Array:
        """The gradients of the arrows' samples, shape (n,); NaN where none were recorded."""
        gradient = read(self.recording, "sample_gradient", frame)
        if gradient is None:
            return np.full(len(self.z), np.nan)
        z = np.asarray(self.recording.constants["gradient_latents"], np.float64)
        return np.asarray(np.interp(self.z, z, gradient))

    def keys(self, style: Style) -> Sequence[Key]:
        """As for Figure 1; the arrows have the colour of D, whose slope they are."""
        keys = super().keys(style)
        if not any(key.color == style.discriminator for key in keys):
            return [*keys, Key("push →", style.discriminator, "--")]
        mine = [key for key in keys if key.color == style.discriminator][:1]
        return [replace(k, text=f"{k.text}, push →") if k in mine else k for k in keys]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Add the second kind of arrows."""
        moving = super().setup(axes, style)
        self._pushes = self._create_arrows(style.discriminator, 1.6 * style.thin, DYNAMIC + 2)
        self._pushes.set_clip_box(_part(axes, self._level, 1.0))
        return [*moving, self._pushes]

    def update(self, frame: int) -> None:
        """Move all."""
        super().update(frame)
        x = self.tips[frame]
        density = np.interp(x, self.x, self.densities[frame])
        height = np.clip(density, FLOOR * self.top, (1 - FLOOR) * self.top)
        ends = np.column_stack([x + self.reach[frame], height])
        self._pushes.set_points(np.column_stack([x, height]), ends)


class _NotBelowZero(MaxNLocator):
    """Round numbers of which none is negative."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        return [tick for tick in super().tick_values(vmin, vmax) if tick >= 0]


class _Below(BboxBase):
    """The part of axes below the numbers of a scale within them, in pixels.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    level : float
        Height of the scale, relative to the axes.
    room : float
        Height of its numbers, in inches; they leave at least half of what is below the scale.
    """

    def __init__(self, axes: Axes, level: float, room: float) -> None:
        super().__init__()
        self._axes, self._level, self._room = axes, level, room

    def get_points(self) -> Array:
        box = self._axes.bbox
        below = self._level * box.height
        numbers = min(self._room * self._axes.figure.dpi, below / 2)
        return np.array([[box.x0, box.y0], [box.x1, box.y0 + below - numbers]])


def _part(axes: Axes, low: float, high: float) -> TransformedBbox:
    """The part of axes between two heights, relative to theirs."""
    return TransformedBbox(Bbox([[0, low], [1, high]]), axes.transAxes)

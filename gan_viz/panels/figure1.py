"""The arrows of Figure 1 of Goodfellow et al. (2014), below and on the densities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN, MarkerStyle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, BboxBase, ScaledTranslation, TransformedBbox
from numpy.typing import NDArray

from gan_viz.distributions.latent import arrow_latents
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Arrows
from gan_viz.panels.base import DYNAMIC, TICKS, Style, read_frames
from gan_viz.recording import Recording

Array = NDArray[np.float64]

INSET = 0.03
"""Distance of the first and last arrow from the ends of the z axis, relative to its length."""
DEPTH = 0.66
"""Distance of the z axis below the x axis, relative to the height of the densities."""
LEVEL = DEPTH / (1 + DEPTH)
"""Height of the x axis, relative to the axes."""
LIFT = 0.025
"""Height of the arrows' starts over the z axis, which would cut their dots, relative to `DEPTH`."""
RULER = 1.65
"""Height of the numbers below the x axis, in text heights."""
MARGIN = 0.005
"""Height left free over the arrows' tips, relative to the axes."""
BELOW, ASIDE = 0.6, 1.0
"""Distances of names and numbers below their axes, and of names beside them, in text heights."""
HEAD, DOT = 0.55, 0.3
"""Length of heads and diameter of dots, in text heights."""
USUAL, LONG, LONGEST = 0.9, 0.09, 0.13
"""The arrow of this quantile of all gradients has this length, relative to the x axis; no arrow is
longer than the last number."""
FLOOR = 0.03
"""Height of the lowest gradient arrows, relative to the densities': the axis does not cut them."""


@dataclass(frozen=True)
class LatentMap:
    """Where G maps some latents to at each frame, and which way the loss of G moves them there.

    The latents `z`, shape (n,), are evenly spaced: so the tips of the arrows are as far apart as G
    stretches z there. The `tips` G(z), shape (frames, n), are NaN where no outputs were recorded,
    and just out of sight where they are far away. `reach`, of that shape, has the lengths of the
    gradient arrows, in the unit of x. `ends` are those of the z axis.
    """

    z: Array
    ends: tuple[float, float]
    tips: Array
    reach: Array | None

    @classmethod
    def read(cls, recording: Recording, x: Array, gradients: bool) -> LatentMap:
        """Read the outputs of G within a window, and the sample gradients if asked for."""
        latents = _latents(recording)
        order = np.argsort(latents, kind="stable")
        z = arrow_latents(latents)
        low, high = float(z[0]), float(z[-1])
        pad = INSET * (high - low) / (1 - 2 * INSET) or 1.0
        width = float(x[-1] - x[0])
        outputs = (values[order] for values in read_frames(recording, "generator"))
        near = (values.clip(float(x[0]) - width, float(x[-1]) + width) for values in outputs)
        tips = _interpolated(z, latents[order], near)
        reach = _reach(recording, z) * width if gradients else None
        return cls(z, (low - pad, high + pad), tips, reach)


def _latents(recording: Recording) -> Array:
    """The z of each of G's outputs, shape (n,)."""
    latents = np.asarray(recording.constants["latents"], np.float64)
    count = recording.channels["generator"].shape[0]
    if latents.size != count or len(latents) != count or not np.isfinite(latents).all():
        raise RecordingError(
            f"{recording.path}: the arrows need one number z for each of G's {count} outputs, but "
            f"the recorded latents have the shape {latents.shape}, or are not finite; choose other "
            "panels, leave out the arrows, or train with one-dimensional latents"
        )
    return latents.reshape(-1)


def _interpolated(z: Array, places: Array, frames: Iterable[Array]) -> Array:
    """Values of each frame at z, from those at ascending places; shape (frames, n)."""
    return np.reshape([np.interp(z, places, values) for values in frames], (-1, len(z)))


def _reach(recording: Recording, z: Array) -> Array:
    """Lengths of gradient arrows, relative to the x axis; one scale for the whole recording."""
    places = np.asarray(recording.constants["gradient_latents"], np.float64)
    shapes = places.shape, recording.channels["sample_gradient"].shape
    if places.ndim != 1 or shapes[0] != shapes[1] or not (np.diff(places) > 0).all():
        raise RecordingError(
            f"{recording.path}: sample_gradient has the shape {shapes[1]} and gradient_latents "
            f"the shape {shapes[0]}, expected a gradient for each of some ascending latents; "
            "leave out the arrows"
        )
    gradients = _interpolated(z, places, read_frames(recording, "sample_gradient"))
    known = np.abs(gradients[np.isfinite(gradients)])
    usual = float(np.quantile(known, USUAL)) if len(known) else 0.0
    return np.clip(gradients / (usual or 1.0) * LONG, -LONGEST, LONGEST)


class Figure1:
    """The z axis below densities, the arrows from it to G(z), and those of the sample gradients.

    What is on the axes already is moved into their upper part: along x, densities up to `top`, and
    curves that move, which are clipped there. `moving` are these and the arrows.
    """

    def __init__(
        self,
        axes: Axes,
        style: Style,
        mapping: LatentMap,
        x: Array,
        top: float,
        curves: Sequence[Artist],
    ) -> None:
        self._axes, self._style, self._map, self._x, self._top = axes, style, mapping, x, top
        self._inches = style.font / axes.figure.dpi
        self._make_room()
        self._draw_names()
        self._draw_z_axis()
        above = TransformedBbox(Bbox([[0.0, LEVEL], [1.0, 1.0]]), axes.transAxes)
        for curve in curves:
            curve.set_clip_box(above)
        self._room = _Below(axes, RULER * self._inches)
        self.arrows = self._create_arrows(style.generated, style.thin, DYNAMIC)
        self.arrows.set_clip_box(self._room)
        self.moving: list[Artist] = [self.arrows, *curves]
        if mapping.reach is not None:
            self.gradients = self._create_arrows(style.discriminator, 1.6 * style.thin, DYNAMIC + 2)
            self.gradients.set_clip_box(above)
            self.moving.append(self.gradients)

    def _make_room(self) -> None:
        """Move the x axis up, and keep the scales of densities and D above it."""
        axes = self._axes
        axes.set_ylim(-DEPTH * self._top, self._top)
        axes.spines["bottom"].set_position(("data", 0.0))
        for side in ("left", "right"):
            axes.spines[side].set_bounds(0.0, self._top)
        axes.yaxis.set_major_locator(NotBelowZero())
        axes.yaxis.label.set_y((1 + LEVEL) / 2)

    def _create_arrows(self, color: str, width: float, zorder: float) -> Arrows:
        text = 72 * self._inches
        return Arrows(self._axes, color, width, HEAD * text, DOT * text, zorder)

    def _moved(self, right: float, up: float) -> ScaledTranslation:
        """A translation by text heights."""
        scale = self._axes.figure.dpi_scale_trans
        return ScaledTranslation(right * self._inches, up * self._inches, scale)

    def _draw_names(self) -> None:
        """Name both axes where they start, as the paper does."""
        axes, before = self._axes, self._moved(-ASIDE, -BELOW)
        axes.xaxis.set_label_coords(0, 0, axes.get_yaxis_transform() + before)
        axes.xaxis.label.set(ha="right", va="top")
        axes.text(0, 0, "z", ha="right", va="top", transform=axes.transAxes + before)

    def _draw_z_axis(self) -> None:
        """Draw the line at the lower end, with a few numbers."""
        axes, style, across = self._axes, self._style, self._axes.get_xaxis_transform()
        marks = self._z_marks()
        look: dict[str, Any] = {"color": style.muted, "clip_on": False, "transform": across}
        ticks = Line2D(
            [*marks], [0] * len(marks), linestyle="", marker=MarkerStyle(TICKDOWN), **look
        )
        ticks.set(markersize=0.3 * 72 * self._inches, markeredgewidth=style.thin)
        axes.add_artist(ticks)
        axes.add_artist(Line2D(self._x[[0, -1]], [0, 0], linewidth=style.thin, **look))
        look = {"ha": "center", "va": "top", "transform": across + self._moved(0, -BELOW)}
        for place, number in marks.items():
            axes.text(place, 0, number, fontsize=TICKS * 72 * self._inches, **look)

    def _z_marks(self) -> Mapping[float, str]:
        """A few round z, at their places along x."""
        low, high = self._map.ends
        values = MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(low, high)
        within = [float(value) for value in values if low <= value <= high]
        return {float(self._along_x(z)): f"{z:g}".replace("-", "−") for z in within}

    def _along_x(self, z: float | Array) -> Any:
        """Where z is drawn: its axis is as long as that of x."""
        return np.interp(z, self._map.ends, self._x[[0, -1]])

    def update(self, frame: int, density: Array) -> None:
        """Move all arrows, given the density along x."""
        tips = self._map.tips[frame]
        bottom = np.full(len(tips), -(1 - LIFT) * DEPTH * self._top)
        below_numbers = np.full(len(tips), self._under_the_numbers)
        tails = np.column_stack([self._along_x(self._map.z), bottom])
        self.arrows.set_points(tails, np.column_stack([tips, below_numbers]))
        if self._map.reach is not None:
            height = np.interp(tips, self._x, density)
            height = np.clip(height, FLOOR * self._top, (1 - FLOOR) * self._top)
            ends = np.column_stack([tips + self._map.reach[frame], height])
            self.gradients.set_points(np.column_stack([tips, height]), ends)

    @property
    def _under_the_numbers(self) -> float:
        """Where arrows end: below the numbers of x, on the density's scale."""
        part = self._room.height / self._axes.bbox.height - MARGIN
        return (part * (1 + DEPTH) - DEPTH) * self._top


class NotBelowZero(MaxNLocator):
    """Round numbers of which none is negative."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Round numbers from 0."""
        return [tick for tick in super().tick_values(vmin, vmax) if tick >= 0]


class _Below(BboxBase):
    """The part of axes below the numbers of the x axis within them, in pixels.

    The numbers are some inches high, and leave at least half of what is below that axis.
    """

    def __init__(self, axes: Axes, numbers: float) -> None:
        super().__init__()
        self._axes, self._numbers = axes, numbers

    def get_points(self) -> Array:
        box = self._axes.bbox
        below = LEVEL * box.height
        numbers = min(self._numbers * self._axes.figure.dpi, below / 2)
        return np.array([[box.x0, box.y0], [box.x1, box.y0 + below - numbers]])

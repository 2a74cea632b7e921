"""Many arrows that move, drawn as one."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import ArrayLike, NDArray

from gan_viz.panels.base import DYNAMIC

__all__ = ["Arrows"]

Array = NDArray[np.float64]

SLENDER = 0.38
"""Half the width of a head, relative to its length."""
BLUNT = 0.5
"""The part of a short arrow that its head may take."""
CORNERS = 12
"""Of the polygons that stand for dots."""


class Arrows(Artist):
    """Straight arrows, each with a dot at its tail; three paths, whatever their number.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With linear scales; the arrows are added to it and clipped to it.
    color : str
    width : float
        Of the shafts, in points.
    head : float
        Length of the heads, in points; those of short arrows are shorter.
    dot : float
        Diameter of the dots, in points.
    zorder : float
        `DYNAMIC` or more.
    """

    def __init__(
        self,
        axes: Axes,
        color: str,
        width: float,
        head: float,
        dot: float,
        zorder: float = DYNAMIC,
    ) -> None:
        super().__init__()
        self._color, self._width, self._head, self._dot = to_rgba(color), width, head, dot
        self.set_points(np.empty((0, 2)), np.empty((0, 2)))
        self.set_zorder(zorder)
        axes.add_artist(self)

    def set_points(self, tails: ArrayLike, tips: ArrayLike) -> None:
        """Show other arrows.

        Parameters
        ----------
        tails, tips : array_like, shape (n, 2)
            In the units of the axes. Where a tail is not finite nothing is drawn; where only a tip
            is not, the dot.
        """
        tails, tips = np.asarray(tails, np.float64), np.asarray(tips, np.float64)
        there = np.isfinite(tails).all(axis=1)
        self._tails, self._tips = tails[there], tips[there]

    @property
    def points(self) -> Array:
        """What is shown: tails and tips, shape (n, 2, 2)."""
        return np.stack([self._tails, self._tips], axis=1)

    def draw(self, renderer: RendererBase) -> None:
        """Draw, on any backend."""
        if not self.get_visible() or not len(self._tails):
            return
        scale: float = renderer.points_to_pixels(1.0)  # type: ignore[assignment]
        transform = self.get_transform()
        tails, tips = transform.transform(self._tails), transform.transform(self._tips)
        dots = _dots(tails, 0.5 * self._dot * scale)
        pointed = np.isfinite(tips).all(axis=1)
        shafts, heads = _arrows(tails[pointed], tips[pointed], self._head * scale)
        gc: Any = renderer.new_gc()
        self._set_gc_clip(gc)  # type: ignore[attr-defined]
        gc.set_snap(False)
        gc.set_foreground(self._color, isRGBA=True)
        gc.set_linewidth(self._width)
        renderer.draw_path(gc, _compound(shafts, closed=False), IdentityTransform())
        gc.set_linewidth(0)
        for shapes in (dots, heads):
            renderer.draw_path(gc, _compound(shapes), IdentityTransform(), self._color)
        gc.restore()


def _arrows(tails: Array, tips: Array, head: float) -> tuple[Array, Array]:
    """Shafts, shape (n, 2, 2), and triangles for heads, shape (n, 3, 2); all in pixels."""
    along = tips - tails
    length = np.hypot(*along.T)[:, None]
    along /= np.maximum(length, 1e-9)
    head_length = np.minimum(head, BLUNT * length)
    base = tips - head_length * along
    aside = SLENDER * head_length * along[:, ::-1] * [-1, 1]
    # the shaft ends within the head, so that no gap is seen between them
    shafts = np.stack([tails, tips - 0.5 * head_length * along], axis=1)
    return shafts, np.stack([tips, base + aside, base - aside], axis=1)


def _dots(centers: Array, radius: float) -> Array:
    """Polygons of shape (n, CORNERS, 2)."""
    angles = 2 * np.pi * np.arange(CORNERS) / CORNERS
    circle = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.asarray(centers[:, None] + circle)


def _compound(shapes: Array, closed: bool = True) -> Path:
    """One path of shapes, shape (n, corners, 2)."""
    if closed:
        shapes = np.concatenate([shapes, shapes[:, :1]], axis=1)
    codes = np.full(shapes.shape[:2], Path.LINETO, Path.code_type)
    codes[:, 0] = Path.MOVETO
    if closed:
        codes[:, -1] = Path.CLOSEPOLY
    path = Path(shapes.reshape(-1, 2), codes.ravel())
    path.should_simplify = False  # would make the picture depend on global settings
    return path

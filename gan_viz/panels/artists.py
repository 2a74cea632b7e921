"""What moves on panels and is drawn with as little ado as possible."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from gan_viz.panels.base import DASHES, DYNAMIC, LineStyle

__all__ = ["Area", "Curve", "Dashed"]


class Curve(Artist):
    """A line whose points change from frame to frame.

    Looks like `matplotlib.lines.Line2D`, but is drawn with as little ado as possible, and the same
    whatever the settings of matplotlib are at that time.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With linear scales; the curve is added to it and clipped to it.
    color : str
    width : float
        In points.
    linestyle : {"-", "--", ":"}
    zorder : float
        `DYNAMIC` or more.
    snap : bool
        Whether to move it to whole pixels, as suits a line along an axis.
    """

    def __init__(
        self,
        axes: Axes,
        color: str,
        width: float,
        linestyle: LineStyle = "-",
        zorder: float = DYNAMIC,
        snap: bool = False,
    ) -> None:
        super().__init__()
        self._color, self._width, self._snapped = to_rgba(color), width, snap
        dashes = DASHES[linestyle]
        self._dashes = None if dashes is None else [length * width for length in dashes]
        self._path = Path(np.empty((0, 2)))
        self.set_zorder(zorder)
        axes.add_artist(self)

    def set_points(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show other points.

        Parameters
        ----------
        x, y : array_like, shape (n,)
            In the units of the axes; the line is interrupted where one is not finite.
        """
        self._path = Path(np.column_stack([x, y]))
        self._path.should_simplify = False  # would make the picture depend on global settings

    @property
    def points(self) -> NDArray[np.float64]:
        """What is shown, shape (n, 2)."""
        return np.asarray(self._path.vertices, np.float64)

    @property
    def width_in_pixels(self) -> float:
        """Width of the line in the figure as it is now."""
        figure = self.get_figure()
        return self._width * (1.0 if figure is None else figure.dpi / 72)

    def draw(self, renderer: RendererBase) -> None:
        """Draw, on any backend."""
        if not self.get_visible() or not len(self.points):
            return
        gc: Any = renderer.new_gc()
        self._set_gc_clip(gc)  # type: ignore[attr-defined]
        gc.set_foreground(self._color, isRGBA=True)
        gc.set_linewidth(self._width)
        gc.set_dashes(0, self._dashes)
        gc.set_capstyle("round")
        gc.set_joinstyle("round")
        gc.set_snap(self._snapped)
        renderer.draw_path(gc, self._path, self.get_transform())
        gc.restore()


class Dashed(Curve):
    """A curve along x whose dashes stay where they are: none crawls as the curve moves.

    Parameters
    ----------
    axes, color, width, linestyle, zorder, snap
        As for `Curve`; all but dashes are drawn as there.
    """

    def __init__(
        self, axes: Axes, color: str, width: float, linestyle: LineStyle = "--", **options: Any
    ) -> None:
        dashed = linestyle == "--"
        super().__init__(axes, color, width, "-" if dashed else linestyle, **options)
        self._pattern = DASHES["--"] if dashed else None
        self._gaps = np.zeros(0, np.bool_)

    def set_along(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Show other heights.

        Parameters
        ----------
        x : ndarray, shape (n,)
            Evenly spaced from the left end of the axes to the right, the same each time.
        y : ndarray, shape (n,)
            The line is interrupted where one is not finite.
        """
        if self._pattern is not None and not len(self._gaps):
            (dash, gap), axes = self._pattern, self.axes
            assert axes is not None
            length = round(axes.bbox.width) / self.width_in_pixels
            self._gaps = np.mod(np.linspace(0, length, len(x)), dash + gap) > dash
        self.set_points(x, np.where(self._gaps, np.nan, y) if len(self._gaps) else y)


class Area(Curve):
    """A curve, and the area within it tinted.

    The area is closed by a straight line from the curve's last point to its first; a curve that is
    interrupted has several areas.

    Parameters
    ----------
    axes, color, width, linestyle, zorder, snap
        As for `Curve`; of width 0, only the area is drawn.
    tint : float
        Opacity of the area, from 0 to 1.
    """

    def __init__(self, *arguments: Any, tint: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tint = tint

    def set_between(self, x: NDArray[np.float64], one: ArrayLike, other: ArrayLike) -> None:
        """Show the areas between two curves.

        Parameters
        ----------
        x : ndarray, shape (n,)
            In the units of the axes.
        one, other : array_like, shape (n,)
            Heights of the curves; where one of them is not finite, there is no area.
        """
        up, down = np.asarray(one, np.float64), np.asarray(other, np.float64)
        there = np.isfinite(up) & np.isfinite(down)
        ends = np.flatnonzero(np.diff(there, prepend=False, append=False)).reshape(-1, 2)
        parts = [slice(start, end) for start, end in ends.tolist()]
        across = [np.concatenate([x[part], x[part][::-1], [np.nan]]) for part in parts]
        heights = [np.concatenate([up[part], down[part][::-1], [np.nan]]) for part in parts]
        self.set_points(np.concatenate([*across, []]), np.concatenate([*heights, []]))

    def draw(self, renderer: RendererBase) -> None:
        """Draw, on any backend."""
        if self.get_visible() and len(self.points):
            gc: Any = renderer.new_gc()
            self._set_gc_clip(gc)  # type: ignore[attr-defined]
            gc.set_linewidth(0)
            gc.set_snap(self._snapped)
            face = (*self._color[:3], self._tint)
            renderer.draw_path(gc, self._path, self.get_transform(), face)
            gc.restore()
        if self._width:
            super().draw(renderer)

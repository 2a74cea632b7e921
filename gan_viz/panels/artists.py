"""What moves on panels: artists that are drawn with as little ado as possible.

Each keeps its paths ready and hands them to the backend directly: a `matplotlib.lines.Line2D` takes
several times as long, and looks different when global settings of matplotlib change.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, TransformedBbox
from numpy.typing import ArrayLike, NDArray

from gan_viz.panels.base import DASHES, DYNAMIC, LineStyle, Style

Array = NDArray[np.float64]

BOLD = 1.8
"""A bold curve is so many times as wide."""
SLENDER = 0.38
"""Half the width of an arrow's head, relative to its length."""
BLUNT = 0.5
"""The part of a short arrow that its head may take."""
CORNERS = 12
"""Of the polygons that stand for dots."""
MARK = 0.75
"""Size of the mark of an event, in text heights."""
ABOVE = 9.0
"""How far above the lowest curve the marks of events are drawn: on top of all of them."""


_PLACES: WeakKeyDictionary[Axes, tuple[TransformedBbox, Array, Affine2D]] = WeakKeyDictionary()
"""Of axes in use: a box that follows them, its corners, and what `to_pixels` was at these."""


def to_pixels(axes: Axes) -> Affine2D:
    """From the units of axes with linear scales to pixels.

    Matplotlib multiplies matrices whenever it is asked, which is some thirty times a frame.
    """
    if axes not in _PLACES:
        box = TransformedBbox(Bbox.unit(), axes.transData)
        _PLACES[axes] = box, np.empty(0), Affine2D()
    box, corners, affine = _PLACES[axes]
    if box.get_points() is not corners:  # it is another array once something has moved
        affine = Affine2D(axes.transData.get_affine().get_matrix())
        _PLACES[axes] = box, box.get_points(), affine
    return affine


class MovingArtist(Artist):
    """An artist of axes, drawn by `paint`.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With linear scales; the artist is added to it and clipped to it.
    zorder : float
        `DYNAMIC` or more, unless it stands still.
    """

    def __init__(self, axes: Axes, zorder: float = DYNAMIC) -> None:
        super().__init__()
        self.set_zorder(zorder)
        axes.add_artist(self)

    @property
    def dots_per_inch(self) -> float:
        """Resolution of the figure as it is now."""
        assert self.axes is not None
        return float(self.axes.figure.dpi)

    @property
    def to_pixels(self) -> Affine2D:
        """From the units of the axes to pixels, as they are now."""
        return to_pixels(cast("Axes", self.axes))

    @abstractmethod
    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw on any backend, with a graphics context that clips."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw, unless hidden."""
        if self.get_visible():
            gc = renderer.new_gc()
            self._set_gc_clip(gc)  # type: ignore[attr-defined]
            self.paint(renderer, gc)
            gc.restore()
        self.stale = False


class Curve(MovingArtist):
    """A line whose points change from frame to frame; it looks like a `Line2D`.

    Parameters
    ----------
    axes, zorder
        As for `MovingArtist`.
    color : str
    width : float
        In points.
    linestyle : {"-", "--", ":"}
    snap : bool
        Whether to move it to whole pixels, as suits a line along an axis.

    Attributes
    ----------
    bold : bool
        Whether it is drawn wider, for now.
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
        super().__init__(axes, zorder)
        self._color, self._width, self._snapped = to_rgba(color), width, snap
        self.bold = False
        dashes = DASHES[linestyle]
        self._dashes = None if dashes is None else [length * width for length in dashes]
        self._path = Path(np.empty((0, 2)))

    def set_points(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show other points.

        Parameters
        ----------
        x, y : array_like, shape (n,)
            In the units of the axes; the line is interrupted where one is not finite.
        """
        self._path = Path(np.column_stack([x, y]))
        self._path.should_simplify = False  # would make the picture depend on global settings
        self.stale = True

    @property
    def points(self) -> Array:
        """What is shown, shape (n, 2)."""
        return np.asarray(self._path.vertices, np.float64)

    @property
    def tip(self) -> tuple[float, float]:
        """The last point; NaN where there is none."""
        points = self.points
        return (float(points[-1, 0]), float(points[-1, 1])) if len(points) else (np.nan, np.nan)

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the line."""
        if not len(self.points):
            return
        gc.set_foreground(self._color, isRGBA=True)
        gc.set_linewidth(BOLD * self._width if self.bold else self._width)
        gc.set_dashes(0, self._dashes)
        gc.set_capstyle("round")
        gc.set_joinstyle("round")
        gc.set_snap(self._snapped)
        renderer.draw_path(gc, self._path, self.to_pixels)


class Area(Curve):
    """A `Curve`, and the area within it tinted; of width 0, the area alone.

    The area is closed by a straight line from the curve's last point to its first; a curve that is
    interrupted has several areas. Their opacity is `tint`, from 0 to 1.

    Attributes
    ----------
    until : float
        Only what is left of this place, in the units of x, is drawn; by default all.
    """

    def __init__(self, *arguments: Any, tint: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tint, self.until = tint, np.inf

    def set_between(self, x: Array, one: ArrayLike, other: ArrayLike) -> None:
        """Show the areas between two curves along x; there is none where one is not finite."""
        up, down = np.asarray(one, np.float64), np.asarray(other, np.float64)
        there = np.isfinite(up) & np.isfinite(down)
        if there.all():
            level = len(down) > 0 and (down == down[0]).all()  # its ends are enough then
            back = [-1, 0] if level else slice(None, None, -1)
            self.set_points(np.concatenate([x, x[back]]), np.concatenate([up, down[back]]))
            return
        ends = np.flatnonzero(np.diff(there, prepend=False, append=False)).reshape(-1, 2)
        parts = [slice(start, end) for start, end in ends.tolist()]
        across = [np.concatenate([x[part], x[part][::-1], [np.nan]]) for part in parts]
        heights = [np.concatenate([up[part], down[part][::-1], [np.nan]]) for part in parts]
        self.set_points(np.concatenate([*across, []]), np.concatenate([*heights, []]))

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the area, and the line on top of it."""
        if len(self.points):
            if np.isfinite(self.until):
                gc.set_clip_rectangle(self._box_until())
            gc.set_linewidth(0)
            gc.set_snap(self._snapped)
            face = (*self._color[:3], self._tint)
            renderer.draw_path(gc, self._path, self.to_pixels, face)
        if self._width:
            super().paint(renderer, gc)

    def _box_until(self) -> Bbox:
        """The part of the axes up to `until`, in pixels."""
        assert self.axes is not None
        (x0, y0), (x1, y1) = self.axes.bbox.get_points()
        end = float(self.to_pixels.transform((self.until, 0.0))[0])
        return Bbox([[x0, y0], [min(max(end, x0), x1), y1]])


class Arrows(MovingArtist):
    """Straight arrows, each with a dot at its tail; three paths, whatever their number.

    Width of the shafts, length of the heads and diameter of the dots are in points; heads of short
    arrows are shorter.
    """

    def __init__(
        self, axes: Axes, color: str, width: float, head: float, dot: float, zorder: float = DYNAMIC
    ) -> None:
        super().__init__(axes, zorder)
        self._color, self._width, self._head, self._dot = to_rgba(color), width, head, dot
        self.set_points(np.empty((0, 2)), np.empty((0, 2)))

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
        self.stale = True

    @property
    def points(self) -> Array:
        """What is shown: tails and tips, shape (n, 2, 2)."""
        return np.stack([self._tails, self._tips], axis=1)

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the shafts, then dots and heads."""
        if not len(self._tails):
            return
        scale: float = renderer.points_to_pixels(1.0)  # type: ignore[assignment]
        transform = self.to_pixels
        tails, tips = transform.transform(self._tails), transform.transform(self._tips)
        dots = _dots(tails, 0.5 * self._dot * scale)
        pointed = np.isfinite(tips).all(axis=1)
        shafts, heads = _arrows(tails[pointed], tips[pointed], self._head * scale)
        gc.set_snap(False)
        gc.set_foreground(self._color, isRGBA=True)
        gc.set_linewidth(self._width)
        renderer.draw_path(gc, _compound(shafts, closed=False), IdentityTransform())
        gc.set_linewidth(0)
        for shapes in (dots, heads):
            renderer.draw_path(gc, _compound(shapes), IdentityTransform(), self._color)


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


class EventMarks(MovingArtist):
    """Marks that stand on the lower edge of axes, each from when its step is reached.

    `places` says where the marks of steps are along the axis. Their shape is of height 1, around 0.
    """

    def __init__(
        self, axes: Axes, places: Mapping[int, float], shape: Path, color: str, style: Style
    ) -> None:
        super().__init__(axes, DYNAMIC + ABOVE)
        self._places, self._shape = dict(places), shape
        self._face, self._edge = to_rgba(color), to_rgba(style.background)
        self._size, self._width = MARK * style.font * 72 / self.dots_per_inch, style.thin
        self._reached = -np.inf

    def set_reached(self, step: float) -> None:
        """Show the marks up to a step."""
        self._reached, self.stale = step, True

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the marks that are reached, wholly within the axes."""
        assert self.axes is not None
        gc.set_foreground(self._edge, isRGBA=True)
        gc.set_linewidth(self._width)
        gc.set_joinstyle("miter")
        gc.set_snap(True)
        box, size = self.axes.bbox, float(np.asarray(renderer.points_to_pixels(self._size)))
        for step, at in self._places.items():
            if step <= self._reached:
                x = self.to_pixels.transform((at, 0.0))[0]
                x = min(max(x, box.x0 + size / 2), box.x1 - size / 2)
                place = Affine2D().scale(size).translate(x, box.y0)
                renderer.draw_path(gc, self._shape, place, self._face)


class CornerText(MovingArtist):
    """One of a few texts, in the upper left corner of axes, or the upper right one.

    Its letters are filled outlines, which are set once: so all texts that will be shown are given
    in advance. The size of the font is in pixels; `line` is the number of lines above this one.
    """

    def __init__(
        self,
        axes: Axes,
        texts: Iterable[str],
        color: str,
        font: float,
        line: int = 0,
        right: bool = False,
    ) -> None:
        super().__init__(axes, DYNAMIC + 1)
        usual, shown = FontProperties(), set(texts) - {""}
        self._paths = {text: TextPath((0, 0), text, font, usual.copy()) for text in shown}
        self._color, self._dpi = to_rgba(color), self.dots_per_inch
        self._in, self._down, self._right = 0.4 * font, (1.1 + 1.3 * line) * font, right
        self.text = ""

    def set_text(self, text: str) -> None:
        """Show one of the texts, or none."""
        self.text, self.stale = text, True

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Fill the letters."""
        if not self.text:
            return
        assert self.axes is not None
        scale, box = self.dots_per_inch / self._dpi, self.axes.bbox
        path = self._paths[self.text]
        wide = self._in + float(path.get_extents().x1)
        x = box.x1 - scale * wide if self._right else box.x0 + scale * self._in
        y = box.y1 - scale * self._down
        place = Affine2D().scale(scale).translate(round(x), round(y))
        gc.set_linewidth(0)
        renderer.draw_path(gc, path, place, self._color)

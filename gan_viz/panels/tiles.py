"""Small pictures on axes, enlarged pixel by pixel, and captions beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text
from matplotlib.transforms import (
    Affine2D,
    Affine2DBase,
    Bbox,
    ScaledTranslation,
    TransformedBbox,
)
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.artists import MovingArtist
from gan_viz.panels.base import DYNAMIC, TICKS, Style
from gan_viz.recording import Channel, Recording

Array = NDArray[np.uint8]

SMALLEST = 0.6
"""Captions shrink to this part of their size before they are cut."""
NEARLY_WHOLE = 0.97
"""A whole factor is taken where it is at least this part of the largest that fits."""
GREY = np.array([1, 1, 1, 0], np.uint8).view(np.uint32)
ALPHA = np.array([0, 0, 0, 255], np.uint8).view(np.uint32)
"""``level * GREY + ALPHA`` is an opaque grey pixel: four bytes of red, green, blue and opacity."""


class Sheet(Affine2DBase):
    """A plane of small pictures, enlarged as far as the axes allow.

    Maps pixels of the sheet, from its upper left corner to the right and down, to those of the
    figure. It is at the top of the axes, which may be moved and resized later. Backends that draw
    at another resolution, as those of vectors do, get the same arrangement, larger or smaller.

    The `size` of the sheet is in pixels of the pictures; a callable finds it, and arranges the
    pictures, for axes of some pixels. A `tile` is a picture's (height, width): where even the
    factor 1 is too large, the sheet is cut off at its right and lower ends; where not one picture
    would be left, it shrinks. A `gap` is the room between pictures, in their pixels. If `whole`,
    only whole factors will do, so that all pixels become squares of one size; otherwise pictures
    and gaps together are enlarged to whole pixels. The sheet is `centred` in the axes' width, or at
    the left, as suits captions there.
    """

    input_dims = output_dims = 2
    _invalid: int

    def __init__(
        self,
        axes: Axes,
        size: tuple[int, int] | Callable[[int, int], tuple[int, int]],
        tile: tuple[int, int],
        *,
        gap: int = 0,
        whole: bool = False,
        centred: bool = True,
    ) -> None:
        super().__init__()
        self.axes, self.tile, self.gap = axes, tile, gap
        self._size, self._whole = size, whole
        self._settled: tuple[tuple[int, int], tuple[int, int]] | None = None
        self._spare = 0.5 if centred else 0.0
        self._dpi = self._figure_dpi
        self.set_children(axes.bbox)

    def settle(self) -> tuple[int, int]:
        """Find width and height for the axes as they are now, in pixels of the pictures."""
        if not callable(self._size):
            return self._size
        room = self._box[2:]
        if self._settled is None or self._settled[0] != room:
            self._settled = room, self._size(*room)
            self.invalidate()
        return self._settled[1]

    @property
    def width(self) -> int:
        """Width in pixels of the pictures."""
        return self.settle()[0]

    @property
    def height(self) -> int:
        """Height in pixels of the pictures."""
        return self.settle()[1]

    @property
    def _figure_dpi(self) -> float:
        figure = self.axes.get_figure(root=True)
        assert figure is not None
        return float(figure.dpi)

    @property
    def resolution(self) -> float:
        """Pixels of the backend per pixel of the figure when it was made; 1 except for vectors."""
        return self._figure_dpi / self._dpi

    @property
    def _box(self) -> tuple[int, int, int, int]:
        """Left, bottom, width and height of the axes in whole pixels."""
        left, bottom, right, top = (
            round(float(edge) / self.resolution) for edge in self.axes.bbox.extents
        )
        return left, bottom, right - left, top - bottom

    @property
    def scale(self) -> float:
        """The factor of enlargement; below 1, one over a whole number."""
        _, _, width, height = self._box
        factor = min(width / self.width, height / self.height)
        if factor >= 1:
            pitch = self.tile[1] + self.gap
            whole = self._whole or math.floor(factor) >= NEARLY_WHOLE * factor
            return float(math.floor(factor)) if whole else math.floor(factor * pitch) / pitch
        down, across = self.tile
        return 1.0 / max(1, -(-across // max(width, 1)), -(-down // max(height, 1)))

    @property
    def shown(self) -> tuple[float, float]:
        """Width and height of the part of the sheet that fits the axes."""
        _, _, width, height = self._box
        return min(self.width, width / self.scale), min(self.height, height / self.scale)

    def get_matrix(self) -> NDArray[np.float64]:
        """The mapping as a matrix, shape (3, 3)."""
        if self._invalid:
            left, bottom, width, height = self._box
            x = left + round(self._spare * (width - self.scale * self.shown[0]))
            rows = [[self.scale, 0, x], [0, -self.scale, bottom + height]]
            self._matrix = np.vstack([self.resolution * np.array(rows), [0, 0, 1]])
            self._invalid = 0
        return self._matrix


class Tiles(MovingArtist):
    """Pictures in rows and columns on a sheet, never resampled; clipped to their place on it.

    Their upper left corner on the sheet is `x`, `y`; the `order`, shape (rows, columns), says which
    of the pictures goes where, -1 for none.
    """

    def __init__(
        self, sheet: Sheet, x: int, y: int, order: NDArray[np.intp], zorder: float = DYNAMIC
    ) -> None:
        super().__init__(sheet.axes, zorder)
        self._sheet, self._corner, self._order = sheet, (x, y), order
        self._place = Bbox.null()
        self._pictures: Array | None = None
        self._small = np.zeros((0, 0), np.uint32)  # four bytes a pixel: copied as one
        self._large = self._small
        self.set_clip_path(None)
        self.set_clip_box(TransformedBbox(self._place, sheet))  # the less, the less is drawn anew
        self.arrange(order)

    def arrange(self, order: NDArray[np.intp]) -> None:
        """Put the pictures elsewhere."""
        (x, y), self._order = self._corner, order
        (rows, columns), (tall, wide), gap = order.shape, self._sheet.tile, self._sheet.gap
        right, low = x + columns * (wide + gap) - gap, y + rows * (tall + gap) - gap
        self._place.set_points(np.array([[x, y], [max(x, right), max(y, low)]], np.float64))
        self.set_pictures(self._pictures)

    def get_clip_box(self) -> Bbox | None:
        """Where the pictures are on the figure."""
        self._sheet.settle()
        return super().get_clip_box()

    def draw(self, renderer: RendererBase) -> None:
        """Draw, once the sheet is arranged for the axes."""
        self._sheet.settle()
        super().draw(renderer)

    def set_pictures(self, pictures: Array | None) -> None:
        """Show other pictures, or none: shape (n, height, width), or with 3 colours at the end."""
        self._pictures, self.stale = pictures, True
        if pictures is None:
            self._small = np.zeros((0, 0), np.uint32)
            return
        (rows, columns), gap = self._order.shape, self._sheet.gap
        height, width = pictures.shape[1:3]
        opaque = _opaque(pictures)[self._order]
        opaque[self._order < 0] = 0
        spaced = np.zeros((rows, columns, height + gap, width + gap), np.uint32)
        spaced[:, :, :height, :width] = opaque
        joined = spaced.swapaxes(1, 2).reshape(rows * (height + gap), columns * (width + gap))
        self._small = joined[: len(joined) - gap, : joined.shape[1] - gap]

    @property
    def pixels(self) -> Array:
        """The pixels shown, before they are enlarged: shape (height, width, 4)."""
        small = self._cut()
        return small.view(np.uint8).reshape(*small.shape, 4)

    def _cut(self) -> NDArray[np.uint32]:
        """The rows and columns of pictures that fit the axes."""
        (across, down), gap = self._sheet.shown, self._sheet.gap
        tall, wide = (side + gap for side in self._sheet.tile)
        x, y = self._corner
        rows = max(0, math.floor(down - y + gap + 1e-9) // tall)
        columns = max(0, math.floor(across - x + gap + 1e-9) // wide)
        low, right = max(0, rows * tall - gap), max(0, columns * wide - gap)
        return np.ascontiguousarray(self._small[:low, :right])

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the pictures that fit the axes."""
        small = self._cut()
        if not small.size:
            return
        height, width = small.shape
        x, y = self._corner
        corners = self._sheet.transform([(x, y + height), (x + width, y)])
        if renderer.option_scale_image():
            self._draw_vector(renderer, gc, small, corners)
            return
        left, bottom, right, top = np.rint(corners).astype(int).ravel().tolist()
        image = self._enlarged(small, right - left, top - bottom)
        renderer.draw_image(gc, left, bottom, image.view(np.uint8).reshape(*image.shape, 4))

    @staticmethod
    def _draw_vector(
        renderer: RendererBase, gc: Any, small: NDArray[np.uint32], corners: NDArray[np.float64]
    ) -> None:
        """Let the viewer enlarge the pixels, which it does without blurring them."""
        (left, bottom), (right, top) = corners.tolist()
        upright = small[::-1].copy().view(np.uint8).reshape(*small.shape, 4)
        size = Affine2D().scale(right - left, top - bottom)
        renderer.draw_image(gc, left, bottom, upright, size)

    def _enlarged(self, small: NDArray[np.uint32], width: int, height: int) -> NDArray[np.uint32]:
        """Repeat pixels to a size; the lowest row comes first, as backends expect."""
        down, across = small.shape
        if width % across or height % down:
            wide = np.take(small, np.arange(width) * across // width, axis=1)
            return np.asarray(np.take(wide, np.arange(height)[::-1] * down // height, axis=0))
        if self._large.shape != (height, width):
            self._large = np.empty((height, width), np.uint32)
        factor = width // across
        wide = np.empty((down, width), np.uint32)
        for shift in range(factor):
            wide[:, shift::factor] = small
        rows_below = self._large.reshape(down, height // down, width)
        rows_below[::-1] = wide[:, None]
        return self._large


def _opaque(pictures: Array) -> NDArray[np.uint32]:
    """Four bytes for each pixel, red, green, blue, and full opacity: shape (n, height, width)."""
    if pictures.ndim == 3:
        return pictures * GREY + ALPHA
    bytes_of = np.full((*pictures.shape[:3], 4), 255, np.uint8)
    bytes_of[..., :3] = pictures
    return bytes_of.view(np.uint32)[..., 0]


class Caption(Text):
    """A text at a place of a sheet; where it is wider than its room it shrinks, then is cut short.

    The room is in pixels of the sheet; where these are cut off, the text is not shown. `pad` is the
    distance from the place to the right and up, in text heights.
    """

    def __init__(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        text: str,
        style: Style,
        room: float | None = None,
        pad: tuple[float, float] = (0.0, 0.0),
        **look: Any,
    ) -> None:
        axes = sheet.axes
        figure = axes.get_figure(root=True)
        assert figure is not None
        inches = style.font / figure.dpi
        away = ScaledTranslation(pad[0] * inches, pad[1] * inches, figure.dpi_scale_trans)
        size = TICKS * inches * 72
        super().__init__(x, y, text, fontsize=size, parse_math=False, clip_on=False, **look)
        self._sheet, self._whole, self._room, self._size = sheet, text, room, size
        axes.add_artist(self)
        self.set_transform(sheet + away)

    def _fit(self) -> None:
        """Leave as many characters as there is room for."""
        self.set_text(self._whole)
        if self._room is None:
            return
        if self.get_unitless_position()[0] > self._sheet.shown[0]:
            self.set_text("")
            return
        room = self._room * self._sheet.scale * self._sheet.resolution
        self.set_fontsize(self._size)
        wide = super().get_window_extent().width
        if wide > room:
            self.set_fontsize(self._size * max(SMALLEST, 0.96 * room / wide))
        left = len(self._whole)
        while left > 1 and super().get_window_extent().width > room:
            left -= 1
            self.set_text(self._whole[:left].rstrip() + ("…" if left > 2 else ""))

    def get_window_extent(self, *arguments: Any, **options: Any) -> Bbox:
        """The box that the text covers, in pixels."""
        self._fit()
        return super().get_window_extent(*arguments, **options)

    def draw(self, renderer: RendererBase) -> None:
        """Draw as much as there is room for."""
        self._fit()
        super().draw(renderer)


def picture_size(recording: Recording, channel: Channel, leading: int = 1) -> tuple[int, int]:
    """Height and width of a channel's pictures, which have some leading dimensions.

    Raises RecordingError if they are no pictures.
    """
    shape = channel.shape[leading:]
    grey_or_coloured = len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)
    if channel.dtype != "uint8" or not grey_or_coloured or 0 in channel.shape:
        raise RecordingError(
            f"{recording.path}: channel {channel.name!r} has {channel.dtype} arrays of the shape "
            f"{channel.shape}, expected pictures: uint8, {leading} leading dimensions, height and "
            "width, 3 colours at the end if any; choose other panels"
        )
    return shape[0], shape[1]

"""Frames of a recording as arrays.

What never changes is drawn once and kept as pixels; a frame restores them where something moves,
and draws only that, on top. `Renderer.full` draws the same state all over again by matplotlib
alone: the tests compare the two pixel by pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.diagnostics import status_lines
from gan_viz.panels.base import Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering.canvas import Picture, place
from gan_viz.rendering.counter import Counter
from gan_viz.rendering.layout import Box, Layout, check_size
from gan_viz.rendering.legend import draw_legend
from gan_viz.rendering.remarks import APART, Remarks, is_below
from gan_viz.rendering.text import Type, text_width, title_of, write
from gan_viz.rendering.theme import TITLE, Theme

__all__ = ["Frame", "Renderer"]

Frame: TypeAlias = NDArray[np.uint8]


Region: TypeAlias = tuple[slice, slice]
"""Rows and columns."""


class Renderer:
    """Draws any frame of a recording.

    Parameters
    ----------
    recording : Recording
    panels : sequence of Panel
        From left to right; those after one with an aspect are stacked beside it.
    theme : Theme
    width, height : int
        In pixels.
    scale : float
        Size of type and lines relative to the usual.

    Raises
    ------
    UsageError
        The size is impossible.
    """

    def __init__(
        self,
        recording: Recording,
        panels: Sequence[Panel],
        theme: Theme,
        width: int,
        height: int,
        *,
        scale: float = 1.0,
    ) -> None:
        check_size(width, height)
        self.recording, self.panels = recording, panels
        self.width, self.height = width, height
        style = theme.style(width, height, scale)
        self._picture = Picture(width, height, theme.settings(style))
        self._canvas = FigureCanvasAgg(self._picture)
        self._remarks: Remarks | None = None
        with self._picture.context():
            self._moving = self._compose(style)
            self._draw_background()
            self._prepare_texts()
        regions = (self._region(artist) for artist in self._moving)
        self._regions: list[Region] = []
        self._regions += (region for region in regions if region not in self._regions)

    def _compose(self, style: Style) -> list[Artist]:
        """Put everything in its place; return what moves, in the order of drawing."""
        figure = self._picture
        axes = [figure.add_axes((0, 0, 1, 1)) for _ in self.panels]
        moving: list[Artist] = []
        for panel, one in zip(self.panels, axes, strict=True):
            moving += sorted(panel.setup(one, style), key=lambda artist: artist.get_zorder())
        shares, aspects = [p.width_ratio for p in self.panels], [p.aspect for p in self.panels]
        texts = status_lines(self.recording)
        below = is_below(self.recording, texts, style, self.width)
        layout = Layout(self.width, self.height, style.font, shares, aspects, below)
        boxes = place(axes, style, self._canvas.get_renderer(), layout.boxes)
        for panel, box, end in zip(self.panels, boxes, layout.ends(boxes), strict=True):
            keys = panel.legend(style)
            draw_legend(figure, keys, style, box.x, layout.legend_y(box), end - box.x)
        end = self._write_title(layout, boxes, style)
        if any(texts):
            left, right, y = boxes[0].x, boxes[-1].right, layout.remark_y
            if not below:
                apart = round(APART * style.font)
                left, right, y = end + apart, self._counter.left - apart, layout.title_y
            self._remarks = Remarks(figure, texts, left, right, y, style)
        return moving

    def _write_title(self, layout: Layout, boxes: Sequence[Box], style: Style) -> int:
        """Write the title on the left and the step on the right, never one over the other.

        Returns
        -------
        int
            Where the title ends.
        """
        figure = self._picture
        last = int(self.recording.steps.max(initial=0))
        word = str(self.recording.header.get("clock", "step"))
        self._counter = Counter(figure, last, boxes[-1].right, layout.title_y, style.font, word)
        room = self._counter.left - boxes[0].x - APART * style.font
        kind = Type(TITLE * style.font, weight="bold")
        title = title_of(self.recording, lambda text: text_width(text, kind) <= room)
        write(figure, title, boxes[0].x, layout.title_y, kind)
        return boxes[0].x + math.ceil(text_width(title, kind))

    def _draw_background(self) -> None:
        """Draw all that stands still."""
        quiet = [self._remarks.artist] if self._remarks else []
        changing = (*self._moving, *self._counter.artists, *quiet)
        for artist in changing:
            artist.set_visible(False)
        self._canvas.draw()
        for artist in changing:
            artist.set_visible(True)
        self._pixels = np.asarray(self._canvas.buffer_rgba())
        self._background = self._pixels.copy()
        self._blank = _rgb(self._background)

    def _prepare_texts(self) -> None:
        """Keep the pixels of what is written anew in each frame."""
        self._counter.prepare(partial(self._drawn_alone, self._counter.region))
        if self._remarks:
            self._remarks.prepare(partial(self._drawn_alone, self._remarks.region))

    def _drawn_alone(self, region: Region, artist: Artist | None) -> Frame:
        """Draw one artist, or none, on the background; return the pixels of a region."""
        self._pixels[region] = self._background[region]
        if artist is not None:
            artist.draw(self._canvas.get_renderer())
        return _rgb(self._pixels[region])

    def _region(self, artist: Artist) -> Region:
        """The pixels that something moving may cover."""
        clip = artist.get_clip_box()
        if clip is None:
            return slice(0, self.height), slice(0, self.width)
        top, bottom = self.height - clip.y1, self.height - clip.y0
        return (
            slice(max(0, math.floor(top)), min(self.height, math.ceil(bottom) + 1)),
            slice(max(0, math.floor(clip.x0)), min(self.width, math.ceil(clip.x1) + 1)),
        )

    def _update(self, frame: int) -> None:
        for panel in self.panels:
            panel.update(frame)

    def frame(self, frame: int, out: Frame | None = None) -> Frame:
        """Draw a frame.

        Parameters
        ----------
        frame : int
            Index into the recording's frames.
        out : ndarray of uint8, shape (height, width, 3), optional
            An earlier frame of this renderer, to be overwritten: only what moves is copied then.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            `out`, or a new array.
        """
        picture = self._blank.copy() if out is None else out
        self._update(frame)
        for region in self._regions:
            self._pixels[region] = self._background[region]
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        for region in self._regions:
            _copy_rgb(self._pixels, picture, region)
        self._counter.paint(picture, int(self.recording.steps[frame]))
        if self._remarks:
            self._remarks.paint(picture, frame)
        return picture

    def frames(self, indices: Iterable[int]) -> Iterator[Frame]:
        """Draw frames one after another.

        Parameters
        ----------
        indices : iterable of int

        Yields
        ------
        ndarray of uint8, shape (height, width, 3)
            The same array each time: what is in it is valid until the next is asked for.
        """
        picture = self._blank.copy()
        return (self.frame(index, picture) for index in indices)

    def full(self, frame: int) -> Frame:
        """Draw a frame by a full redraw: the standard the fast way is held to, and slow.

        Parameters
        ----------
        frame : int

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
        """
        self.picture(frame)
        self._canvas.draw()
        return _rgb(self._pixels)

    def picture(self, frame: int) -> Picture:
        """Show a frame in the figure itself, to be drawn by any backend.

        Parameters
        ----------
        frame : int

        Returns
        -------
        Picture
            The same each time: it shows the frame until the next is asked for.
        """
        self._update(frame)
        self._counter.write(int(self.recording.steps[frame]))
        if self._remarks:
            self._remarks.write(frame)
        return self._picture


def _rgb(pixels: Frame) -> Frame:
    return np.ascontiguousarray(pixels[..., :3])


def _copy_rgb(pixels: Frame, out: Frame, region: Region) -> None:
    """Copy the red, green and blue of a region.

    Four bytes at once to every third place, where the next pixel overwrites the fourth: several
    times as quick as three. So the order matters, and the last pixel of a row is copied by itself.
    """
    rows, columns = region
    whole = pixels.view(np.uint32)[rows, columns.start : columns.stop - 1, 0]
    start = rows.start * out.strides[0] + columns.start * out.strides[1]
    np.ndarray(whole.shape, np.uint32, out, start, out.strides[:2])[...] = whole
    out[rows, columns.stop - 1] = pixels[rows, columns.stop - 1, :3]

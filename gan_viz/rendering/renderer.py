"""Frames of a recording as arrays.

What never changes is drawn once and kept as pixels; a frame restores them where something moves,
and draws only that, on top. `FrameRenderer.full` draws the same state all over again by matplotlib
alone: the tests compare the two pixel by pixel.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import ArrayLike, NDArray

from gan_viz.errors import UsageError
from gan_viz.panels.base import DYNAMIC, Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering.canvas import SMALLEST, Canvas
from gan_viz.rendering.changing_text import ChangingText, Region
from gan_viz.rendering.figure import PixelFigure, clear_background, place_axes
from gan_viz.rendering.head import Head
from gan_viz.rendering.layout import LEGEND, STATUS, TITLE, Layout
from gan_viz.rendering.text import draw_legend
from gan_viz.rendering.timeline import FPS, HOLD, SharedSteps, Timeline
from gan_viz.rendering.titles import lines_of

Frame: TypeAlias = NDArray[np.uint8]

SMALLER = 0.93
"""Type that is too large shrinks by this factor until it fits."""


class FrameRenderer(ABC):
    """Draws any frame of one or of several recordings; base of `Renderer` and `Comparison`.

    Parameters
    ----------
    recordings : sequence of Recording
        What each panel shows.
    panels : sequence of Panel
    canvas : Canvas
    style : Style
        Sizes of type and lines.
    clock : array_like, shape (frames,), optional
        Seconds at which an animation shows each of `steps`, ascending; by default 20 a second.

    Attributes
    ----------
    recordings, panels, canvas, clock
        As given.
    steps : ndarray of int, shape (frames,)
        At which there are frames, ascending.
    smallest : (int, int)
        Least width and height, in pixels, at which all can be read.

    Raises
    ------
    UsageError
        A panel breaks its contract.
    """

    smallest: tuple[int, int] = SMALLEST

    def __init__(
        self,
        recordings: Sequence[Recording],
        panels: Sequence[Panel],
        canvas: Canvas,
        style: Style,
        clock: ArrayLike | None = None,
    ) -> None:
        self.recordings, self.panels, self.canvas = recordings, panels, canvas
        self._shared = SharedSteps(recordings)
        self.steps = self._shared.steps
        self.clock = np.arange(len(self.steps)) / FPS if clock is None else np.asarray(clock)
        for panel, recording in zip(panels, recordings, strict=True):
            panel.clock = np.interp(recording.steps, self.steps, self.clock)
        self._figure = canvas.figure(style)
        self._agg = FigureCanvasAgg(self._figure)
        with self._figure.context():
            axes = [self._figure.add_axes((0, 0, 1, 1)) for _ in panels]
            self._moving: list[Artist] = []
            for panel, one in zip(panels, axes, strict=True):
                self._moving += _set_up(panel, one, style)
            self._texts = self._compose(axes, style)
            if canvas.transparent:
                clear_background(self._figure)
            self._draw_background()
            self._check_updates(axes)
            for text in self._texts:
                text.prepare(partial(self._drawn_alone, text.region))
        regions = (self._region(artist) for artist in self._moving)
        self._regions: list[Region] = []
        self._regions += (region for region in regions if region not in self._regions)
        self._changing = [*self._regions, *(text.region for text in self._texts)]

    @abstractmethod
    def _compose(self, axes: Sequence[Axes], style: Style) -> Sequence[ChangingText]:
        """Move the axes, which are set up, to their places; write what stands around them."""

    def _draw_background(self) -> None:
        """Draw all that stands still."""
        changing = [*self._moving, *(artist for text in self._texts for artist in text.artists)]
        for artist in changing:
            artist.set_visible(False)
        self._agg.draw()
        for artist in changing:
            artist.set_visible(True)
        self._pixels = np.asarray(self._agg.buffer_rgba())
        self._background = self._pixels.copy()
        self._blank = self._taken(self._background)

    def _check_updates(self, axes: Sequence[Axes]) -> None:
        """Refuse a panel whose `update` changes, or adds, what its `setup` did not return.

        That would be part of the background, which is never drawn again. Matplotlib marks an artist
        as stale when one of its properties is set, and a new one is stale from the start: so after
        an update nothing but what was returned may be stale. (What bypasses the setters, like an
        array changed in place, is not noticed.) Three updates are enough to catch what changes at
        the first frame, in the middle or at the last; drawing frames costs nothing more.
        """
        moving, number = {*self._moving}, len(self.steps)
        for frame in sorted({0, number // 2, number - 1} & {*range(number)}):
            own = self._shared.frames(frame)
            for panel, one, shown in zip(self.panels, axes, own, strict=True):
                for artist in one.get_children():
                    artist.stale = False
                panel.update(shown)
                for artist in one.get_children():
                    if artist.stale and artist not in moving:
                        raise UsageError(
                            f"{type(panel).__name__}.update changes {_named(artist)} that its "
                            "setup did not return, so it would never be drawn: return it from setup"
                        )

    def _drawn_alone(self, region: Region, artist: Artist | None) -> Frame:
        """Draw one artist, or none, on the background; return the pixels of a region."""
        self._pixels[region] = self._background[region]
        if artist is not None:
            artist.draw(self._agg.get_renderer())
        return self._pixels[region].copy()

    def _taken(self, pixels: Frame) -> Frame:
        """Copy red, green and blue, and of a transparent picture the opacity."""
        return np.ascontiguousarray(pixels[..., : 4 if self.canvas.transparent else 3])

    def _region(self, artist: Artist) -> Region:
        """The pixels that something moving may cover."""
        clip = artist.get_clip_box()
        width, height = self.canvas.width, self.canvas.height
        if clip is None:
            return slice(0, height), slice(0, width)
        top, bottom = height - clip.y1, height - clip.y0
        return (
            slice(max(0, math.floor(top)), min(height, math.ceil(bottom) + 1)),
            slice(max(0, math.floor(clip.x0)), min(width, math.ceil(clip.x1) + 1)),
        )

    def _update(self, frame: int) -> None:
        for panel, own in zip(self.panels, self._shared.frames(frame), strict=True):
            panel.update(own)

    def timeline(
        self,
        pace: str | None = None,
        fps: float = FPS,
        duration: float | None = None,
        hold: float = HOLD,
        **accents: Any,
    ) -> Timeline:
        """Choose the frames of an animation, evenly along the scale that `pace` names.

        See `gan_viz.rendering.timeline.SharedSteps.timeline`.
        """
        return self._shared.timeline(pace, fps, duration, hold, **accents)

    def frame(self, frame: int, out: Frame | None = None) -> Frame:
        """Draw a frame.

        Parameters
        ----------
        frame : int
            Index into `steps`.
        out : ndarray of uint8, shape (height, width, 3 or 4), optional
            An earlier frame of this renderer, to be overwritten: only what moves is copied then.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            `out`, or a new array; of a transparent canvas with a fourth channel, the opacity.
        """
        picture = self._blank.copy() if out is None else out
        self._draw(frame)
        for region in self._changing:
            if self.canvas.transparent:
                picture[region] = self._pixels[region]
            else:
                _copy_rgb(self._pixels, picture, region)
        return picture

    def _draw(self, frame: int) -> None:
        """Draw what moves over what stands still, where something moves."""
        self._update(frame)
        for region in self._regions:
            self._pixels[region] = self._background[region]
        renderer = self._agg.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        for text in self._texts:
            text.paint(self._pixels, frame)

    def frames(self, indices: Iterable[int]) -> Iterator[Frame]:
        """Draw frames one after another, each into the same array, as `frame` returns it.

        What is in it is valid until the next is asked for.
        """
        picture, shown = self._blank.copy(), None
        for index in indices:
            if index != shown:
                shown = index
                self.frame(index, picture)
            yield picture

    def changes(
        self, indices: Iterable[int]
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint32]]]:
        """Draw frames one after another, and tell how each differs from the one before.

        Yields
        ------
        (ndarray of int, ndarray of uint32), both of shape (n,)
            Where in the flattened picture its pixels changed, ascending, and their new colors,
            ``red + 256 * green + 65536 * blue``, in the highest byte the opacity if the canvas is
            transparent. Of the first frame, all pixels.
        """
        now = self._pixels.view("<u4")[..., 0]
        before, differ = now.copy(), np.zeros(now.shape, np.bool_)
        visible = np.uint32(0xFFFFFFFF if self.canvas.transparent else 0xFFFFFF)
        places, shown = np.arange(now.size), -1
        for index in indices:
            if index == shown:
                places = places[:0]
            else:
                self._draw(index)
                if shown >= 0:  # all at once: quicker than the regions that change
                    places = np.flatnonzero(np.not_equal(now, before, out=differ))
            shown = index
            codes = now.reshape(-1)[places]
            before.reshape(-1)[places] = codes
            yield places, codes & visible

    def full(self, frame: int) -> Frame:
        """Draw a frame by a full redraw: what `frame` has to equal."""
        self.figure(frame)
        self._agg.draw()
        return self._taken(self._pixels)

    def figure(self, frame: int) -> PixelFigure:
        """Show a frame in the figure itself, to be drawn by any backend.

        It is the same figure each time, and shows the frame until the next is asked for.
        """
        self._update(frame)
        for text in self._texts:
            text.write(frame)
        return self._figure


class Renderer(FrameRenderer):
    """Draws any frame of a recording.

    Parameters
    ----------
    recording : Recording
    panels : sequence of Panel
        From left to right, or as it suits the picture: see `gan_viz.rendering.layout.Layout`.
    canvas : Canvas
    clock : array_like, shape (frames,), optional
        As for `FrameRenderer`.

    Raises
    ------
    UsageError
        A panel breaks its contract.
    """

    def __init__(
        self,
        recording: Recording,
        panels: Sequence[Panel],
        canvas: Canvas,
        clock: ArrayLike | None = None,
    ) -> None:
        self.recording = recording
        canvas = canvas.in_words_of(recording.header)
        style = _fitting_style(panels, canvas)
        super().__init__([recording] * len(panels), panels, canvas, style, clock)

    def _compose(self, axes: Sequence[Axes], style: Style) -> Sequence[ChangingText]:
        head = Head(self._figure, self.recording, self.clock, style, self.canvas)
        above = [panel.above for panel in self.panels]
        # a legend makes panels smaller, where a name may then find no place, and need one, too
        while True:
            layout = self._layout(style, head, above)
            boxes = place_axes(axes, style, self._agg.get_renderer(), layout.boxes)
            rest = [panel.label(style) for panel in self.panels]
            wanted = [
                LEGEND if entries else room for entries, room in zip(rest, above, strict=True)
            ]
            if wanted == above:
                break
            above = wanted
        for entries, box, end in zip(rest, boxes, layout.ends(boxes), strict=True):
            if entries:
                draw_legend(self._figure, entries, style, box.x, layout.legend_y(box), end - box.x)
        left, right = min(box.x for box in boxes), max(box.right for box in boxes)
        return head.write(left, right)

    def _layout(self, style: Style, head: Head, above: Sequence[float]) -> Layout:
        return _layout(self.panels, self.canvas, style, above, head.height)


def _layout(
    panels: Sequence[Panel], canvas: Canvas, style: Style, above: Sequence[float], head: float
) -> Layout:
    return Layout(
        canvas.width,
        canvas.height,
        style.font,
        [panel.width_ratio for panel in panels],
        [panel.aspect for panel in panels],
        [panel.is_strip for panel in panels],
        above,
        head,
        lines_of(canvas)[1],
    )


def _fitting_style(panels: Sequence[Panel], canvas: Canvas) -> Style:
    """The style of a canvas, with type no larger than leaves room for the panels."""
    style, scale = canvas.style, 1.0
    head = TITLE + STATUS + lines_of(canvas)[0]
    while not _layout(panels, canvas, style, [LEGEND] * len(panels), head).is_roomy:
        scale *= SMALLER
        smaller = canvas.style_of(canvas.width, canvas.height, scale)
        if smaller.font == style.font:
            return canvas.style if canvas.scale <= 1 else smaller
        style = smaller
    return style


def _set_up(panel: Panel, axes: Axes, style: Style) -> list[Artist]:
    """Set a panel up; return what moves, in the order of drawing."""
    moving = sorted(panel.setup(axes, style), key=lambda artist: artist.get_zorder())
    if moving and moving[0].get_zorder() < DYNAMIC:
        raise UsageError(
            f"{type(panel).__name__}.setup returns {_named(moving[0])} of z-order "
            f"{moving[0].get_zorder():g}, which is drawn above all that stands still: "
            f"expected gan_viz.panels.base.DYNAMIC ({DYNAMIC:g}) or more"
        )
    return moving


def _named(artist: Artist) -> str:
    label = artist.get_label()
    named = isinstance(label, str) and label[:1] not in ("", "_")  # matplotlib names others _child0
    return f"an artist ({type(artist).__name__}{f' {label!r}' if named else ''})"


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

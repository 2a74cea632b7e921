"""Several recordings side by side: one panel each, the same scales, one clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.panels.base import LegendEntry, Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import Picture, place
from gan_viz.rendering.captions import Captions, common_header
from gan_viz.rendering.counter import Counter
from gan_viz.rendering.layout import Box
from gan_viz.rendering.legend import draw_legend, ideal_width
from gan_viz.rendering.renderer import Renderer
from gan_viz.rendering.strip_grid import COLUMNS, HEADING, StripGrid, keep_outer_labels, reach
from gan_viz.rendering.text import Type, shorten, text_width, title_of, write
from gan_viz.rendering.theme import TITLE, Theme

__all__ = ["CELL", "Clock", "Comparison", "columns_for", "has_room"]

CELL = (160, 90)
"""Least room for a picture with all that belongs to it, in pixels: less cannot be read."""
SHRINK = 0.3
"""Type is smaller by this power of how many pictures share the width, or the height: it has to be
read at all."""
TITLE_SHARE = 0.4
"""The most of the width that the title may take from the legend if there is too little."""
APART = 1.5
"""Room between title, legend and step, in text heights."""
SIDE, ABOVE = 1.9, 1.3
"""Room for headings beside rows and above columns, in text heights."""
BARE = 0.9
"""Room above a picture without a title, in text heights."""
SMALLER = 0.75
"""How much smaller the headings of rows get before they are cut."""

Limits = tuple[float, float]


class Clock:
    """The steps of several recordings as those of one.

    Parameters
    ----------
    recordings : sequence of Recording

    Attributes
    ----------
    steps : ndarray of int, shape (n,)
        At which any of them has a frame, ascending.
    header : dict
        What a title can be made of, as far as it is the same for all.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.steps: NDArray[np.int64] = np.unique(np.concatenate([r.steps for r in recordings]))
        self.header: dict[str, Any] = common_header(recordings)
        # before its first frame a recording shows that
        self._frames = [
            np.maximum(np.searchsorted(recording.steps, self.steps, side="right") - 1, 0)
            for recording in recordings
        ]

    def __len__(self) -> int:
        return len(self.steps)

    def frames(self, tick: int) -> list[int]:
        """The last frame of each recording at or before a step of the clock.

        Parameters
        ----------
        tick : int
            Index into `steps`.

        Returns
        -------
        list of int
        """
        return [int(frames[tick]) for frames in self._frames]


class Comparison(Renderer):
    """Draws several recordings as small multiples.

    It is used as any `Renderer`; its frames are numbered by the steps of its `clock`.

    Parameters
    ----------
    recordings : sequence of Recording
        In reading order; each with at least one frame.
    panels : sequence of Panel
        What is shown of each, not yet bound.
    theme : Theme
    width, height : int
        Of the whole picture, in pixels.
    titles : sequence of str, optional
        One for each; by default what they differ in, see `gan_viz.rendering.captions`.
    columns : int, optional
        Pictures beside one another; by default see `columns_for`.
    scale : float
        Size of type and lines relative to the usual.

    Attributes
    ----------
    clock : Clock

    Raises
    ------
    UsageError
        The size is impossible or too small, or there are no recordings, or not a title for each.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        panels: Sequence[Panel],
        theme: Theme,
        width: int,
        height: int,
        *,
        titles: Sequence[str] | None = None,
        columns: int | None = None,
        scale: float = 1.0,
    ) -> None:
        if not len(recordings):
            raise UsageError("a comparison of no recordings: expected at least one")
        if titles is not None and len(titles) != len(recordings):
            raise UsageError(
                f"{len(titles)} titles for {len(recordings)} recordings: expected one for each"
            )
        columns = columns_for(recordings, columns)
        check_room(len(recordings), columns, width, height)
        captions = Captions(titles) if titles is not None else Captions.of(recordings, columns)
        self._captions = captions
        self._grid = StripGrid.of(len(recordings), columns, width, height)
        scale *= max(self._grid.columns, self._grid.rows) ** -SHRINK
        panels = _with_shared_scales(recordings, panels, theme, (width, height), scale)
        self.clock = Clock(recordings)
        # a renderer asks a recording for no more than a clock has
        source = cast(Recording, self.clock)
        super().__init__(source, panels, theme, width, height, scale=scale)

    def _update(self, frame: int) -> None:
        for panel, own in zip(self.panels, self.clock.frames(frame), strict=True):
            panel.update(own)

    def _compose(self, style: Style) -> list[Artist]:
        figure, renderer = self._picture, self._canvas.get_renderer()
        axes = [figure.add_axes((0, 0, 1, 1)) for _ in self.panels]
        moving: list[Artist] = []
        for panel, one in zip(self.panels, axes, strict=True):
            moving += sorted(panel.setup(one, style), key=lambda artist: artist.get_zorder())
        _share_scales(axes)
        keep_outer_labels(axes, self._grid, renderer)
        lift = max(reach(one, renderer) for one in axes)
        heading = BARE if self._captions.rows else HEADING
        grid = replace(self._grid, heading=heading + lift / style.font)
        if self._captions.rows:
            grid = replace(grid, side=SIDE, above=ABOVE)
        boxes = place(axes, style, renderer, lambda margins: grid.boxes(margins, style.font))
        self._write_captions(boxes, style, lift)
        self._write_head(boxes, style)
        return moving

    def _write_captions(self, boxes: Sequence[Box], style: Style, lift: float) -> None:
        """Write titles, or headings of rows and columns."""
        figure, kind, across = self._picture, Type(style.font), self._grid.columns
        up = lift + 0.5 * style.font
        titles = _all_shortened(self._captions.titles, boxes[0].width, kind)
        for title, box in zip(titles, boxes, strict=bool(titles)):
            write(figure, title, box.x, box.top + up, kind)
        kind = Type(style.font, weight="bold")
        heads = _all_shortened(self._captions.columns, boxes[0].width, kind)
        for head, box in zip(heads, boxes[:across], strict=bool(heads)):
            start = box.x + (box.width - text_width(head, kind)) / 2
            write(figure, head, start, box.top + up, kind)
        for head, box in zip(
            self._captions.rows, boxes[::across], strict=bool(self._captions.rows)
        ):
            self._write_beside(head, box, style)

    def _write_beside(self, head: str, box: Box, style: Style) -> None:
        """Write the heading of a row at the left, from the bottom to the top."""
        room = box.height + BARE * style.font
        needed = text_width(head, Type(style.font, weight="bold"))
        kind = Type(style.font * min(1.0, max(SMALLER, room / needed)), weight="bold")
        short = shorten(head, lambda text: text_width(text, kind) <= room)
        self._picture.text(
            layout.EDGE * style.font / self.width,
            (box.y + box.height / 2) / self.height,
            short,
            va="center",
            rotation=90,
            **kind.look,
        )

    def _write_head(self, boxes: Sequence[Box], style: Style) -> None:
        """Write the data on the left, the step on the right, and the legend between them."""
        figure, left = self._picture, boxes[0].x
        y = round(self.height - (0.5 * layout.TITLE + 0.36) * style.font)
        right = max(box.right for box in boxes)
        word = str(self.clock.header.get("clock", "step"))
        self._counter = Counter(figure, int(self.clock.steps[-1]), right, y, style.font, word)
        kind = Type(TITLE * style.font, weight="bold")
        entries, span = _all_entries(self.panels, style), self._counter.left - left
        spare = span - ideal_width(entries, style.font) - 2 * APART * style.font
        room = max(TITLE_SHARE * span, spare)
        title = title_of(self.recording, lambda text: text_width(text, kind) <= room)
        write(figure, title, left, y, kind)
        start = left + (text_width(title, kind) + APART * style.font if title else 0)
        end = self._counter.left - APART * style.font
        draw_legend(figure, entries, style, start, y, end - start)


def columns_for(recordings: Sequence[Recording], columns: int | None = None) -> int:
    """How many pictures are beside one another.

    Parameters
    ----------
    recordings : sequence of Recording
    columns : int, optional
        As asked for.

    Returns
    -------
    int
        As asked for; or as many as there are headings of columns; or else up to three, and of
        more than nine pictures about as many as there are rows.
    """
    if columns is not None:
        return min(columns, len(recordings))
    heads = Captions.of(recordings).columns
    most = max(COLUMNS, math.ceil(math.sqrt(len(recordings))))
    rows = -(-len(recordings) // most)
    return len(heads) or -(-len(recordings) // rows)


def has_room(columns: int, rows: int, width: int, height: int) -> bool:
    """Whether pictures side by side are large enough to be read.

    Parameters
    ----------
    columns, rows : int
    width, height : int
        Of all together, in pixels.

    Returns
    -------
    bool
    """
    return width // columns >= CELL[0] and height // rows >= CELL[1]


def check_room(number: int, columns: int, width: int, height: int) -> None:
    """Refuse pictures that are too small to be read, or too large."""
    layout.check_size(width, height)
    rows = -(-number // columns)
    if not has_room(columns, rows, width, height):
        most = width // CELL[0], height // CELL[1]
        raise UsageError(
            f"{number} pictures in {columns} columns at {width}x{height} have "
            f"{width // columns}x{height // rows} pixels each: expected at least "
            f"{CELL[0]}x{CELL[1]}, that is at most "
            f"{most[0] * most[1]} pictures in {most[0]} columns; take fewer, or a larger --size"
        )


def _all_entries(panels: Sequence[Panel], style: Style) -> list[LegendEntry]:
    """Entries of all legends, each once, in the order of the longest; what looks alike in one."""
    each = sorted((panel.legend(style) for panel in panels), key=len, reverse=True)
    texts: dict[LegendEntry, list[str]] = {}
    for entry in dict.fromkeys(entry for entries in each for entry in entries):
        texts.setdefault(replace(entry, text=""), []).append(entry.text)
    return [replace(look, text=", ".join(names)) for look, names in texts.items()]


def _all_shortened(titles: Sequence[str], room: float, kind: Type) -> list[str]:
    """Cut the ends of titles off, or the beginnings where what is left would be the same."""

    def fits(text: str) -> bool:
        return text_width(text, kind) <= room

    ends = [shorten(title, fits) for title in titles]
    if len(set(ends)) == len(set(titles)):
        return ends
    return [shorten(title[::-1], fits)[::-1] for title in titles]


def _with_shared_scales(
    recordings: Sequence[Recording],
    described: Sequence[Panel],
    theme: Theme,
    size: tuple[int, int],
    scale: float,
) -> list[Panel]:
    """Bind panels; where limits are parameters of them, they hold what any of them shows."""
    pairs = list(zip(described, recordings, strict=True))
    panels = [panel.bind(recording) for panel, recording in pairs]
    style = theme.style(*size, scale)
    trial = Picture(*size, theme.settings(style))
    FigureCanvasAgg(trial)
    with trial.context():
        axes = [trial.add_axes((0, 0, 1, 1)) for _ in panels]
        for panel, one in zip(panels, axes, strict=True):
            panel.setup(one, style)
    if len({(one.get_xlim(), one.get_ylim()) for one in axes}) == 1:
        return panels
    x, y = _union([one.get_xlim() for one in axes]), _union([one.get_ylim() for one in axes])
    return [panel.with_limits(xlim=x, ylim=y).bind(recording) for panel, recording in pairs]


def _share_scales(axes: Sequence[Axes]) -> None:
    """Give all axes the same limits, those of panels too that have no limits as parameters."""
    x, y = _union([one.get_xlim() for one in axes]), _union([one.get_ylim() for one in axes])
    for one in axes:
        one.set_xlim(x)
        one.set_ylim(y)


def _union(limits: Sequence[Limits]) -> Limits:
    """The shortest interval that holds all; upside down if they are."""
    (first, last), ends = limits[0], [end for pair in limits for end in pair]
    return (min(ends), max(ends)) if first <= last else (max(ends), min(ends))

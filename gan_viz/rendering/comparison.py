"""Several recordings side by side: one panel each, with the same scales, aligned by step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gan_viz.analysis import relative_w1
from gan_viz.diagnostics import ending
from gan_viz.diagnostics.wording import GOOD_KINDS
from gan_viz.errors import UsageError
from gan_viz.panels.base import LegendEntry, Panel, Style
from gan_viz.panels.lettering import Font, text_width
from gan_viz.recording import Recording
from gan_viz.recording.coding import printable
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import SMALLEST, Canvas
from gan_viz.rendering.changing_text import APART, ChangingText, counter, status_line
from gan_viz.rendering.head import color_of, words_of
from gan_viz.rendering.layout import Box, title_baseline
from gan_viz.rendering.renderer import FrameRenderer
from gan_viz.rendering.small_multiples import USUAL_COLUMNS, CellGrid, arrange
from gan_viz.rendering.text import draw_legend, legend_width, shorten, write
from gan_viz.rendering.titles import (
    CellTitles,
    check_titles,
    common_header,
    lines_of,
    write_small_lines,
    write_title,
)

CELL = (160, 90)
"""Least room for a picture with all that belongs to it, in pixels: less cannot be read."""
SHRINK = 0.3
"""Type shrinks with this power of the number of columns, or of rows: more slowly than the pictures,
so that it can still be read."""
TITLE_SHARE = 0.4
"""Where room is short, the title may take this part of the width from the legend."""
SIDE, ABOVE = 1.9, 1.3
"""Room for headings beside rows and above columns, in text heights."""
BARE = 1.1
"""Room above a picture without a title, in text heights."""
SMALLER = 0.75
"""Headings of rows shrink to this part of their size before they are cut; how a recording ended is
as small."""
STRIP = 0.45
"""Height of a strip of losses, relative to the panel above it."""
NARROW = 0.5
"""Pictures are not narrower than this part of their height."""

Limits = tuple[float, float]


class Comparison(FrameRenderer):
    """Draws several recordings as small multiples.

    Its frames are at the steps at which any of them has one; each shows its last up to there.

    Parameters
    ----------
    recordings : sequence of Recording
        In reading order; each with at least one frame.
    panels : sequence of Panel
        What is shown of the first, from top to bottom, then of the next and so on, as many of each;
        not yet bound to them.
    canvas : Canvas
    titles : sequence of str, optional
        One for each; by default what they differ in.
    columns : int, optional
        Pictures beside one another; by default see `columns_for`.

    Raises
    ------
    UsageError
        The size is too small, or there are no recordings, or not a title for each, or a panel
        breaks its contract.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        panels: Sequence[Panel],
        canvas: Canvas,
        *,
        titles: Sequence[str] | None = None,
        columns: int | None = None,
    ) -> None:
        if not len(recordings):
            raise UsageError("a comparison of no recordings: expected at least one")
        check_titles(titles, recordings)
        self._stack = len(panels) // len(recordings)
        heights = heights_of(panels[: self._stack])
        tall = sum(heights)
        columns = columns_for(recordings, columns, (canvas.width, round(canvas.height / tall)))
        self._titles = (
            CellTitles.of(recordings, columns)
            if titles is None
            else CellTitles([printable(title) for title in titles])
        )
        grid = CellGrid.of(len(recordings), columns, canvas.width, canvas.height)
        self._grid = replace(grid, lines=lines_of(canvas), heights=heights)
        self._cell = CELL[0], round(CELL[1] * tall)
        self.smallest = (
            max(SMALLEST[0], self._cell[0] * columns),
            max(SMALLEST[1], self._cell[1] * self._grid.rows),
        )
        self._check_room(canvas)
        shrunk = max(columns, self._grid.rows * tall) ** -SHRINK
        style = canvas.style_of(canvas.width, canvas.height, shrunk)
        self._runs = recordings
        bound: list[Panel] = [*panels]
        for number in range(self._stack):
            alike = slice(number, None, self._stack)
            bound[alike] = _with_shared_scales(recordings, panels[alike], canvas, style)
        shown = [recording for recording in recordings for _ in range(self._stack)]
        super().__init__(shown, bound, canvas, style)

    def _check_room(self, canvas: Canvas) -> None:
        """Refuse pictures that are too small to be read."""
        columns, rows = self._grid.columns, self._grid.rows
        width, height = canvas.width, canvas.height
        if width < self.smallest[0] or height < self.smallest[1]:
            most = width // self._cell[0], height // self._cell[1]
            raise UsageError(
                f"{self._grid.number} pictures in {columns} columns at {width}x{height} have "
                f"{width // columns}x{height // rows} pixels each: expected at least "
                f"{self._cell[0]}x{self._cell[1]}, that is at most "
                f"{most[0] * most[1]} pictures in {most[0]} columns; take fewer, or a larger --size"
            )

    def _compose(self, axes: Sequence[Axes], style: Style) -> Sequence[ChangingText]:
        for number in range(self._stack):
            _share_scales(axes[number :: self._stack])
        grid = self._grid
        if self._titles.rows:
            grid = replace(grid, heading=BARE, side=SIDE, above=ABOVE)
        all_boxes, baseline = arrange(axes, grid, style, self._agg.get_renderer())
        boxes = all_boxes[:: self._stack]
        self._write_titles(boxes, style, baseline)
        ends = [*self._write_ends(boxes, style, baseline)]
        return [self._write_head(boxes, style), *ends]

    def _write_ends(
        self, boxes: Sequence[Box], style: Style, baseline: float
    ) -> Iterator[ChangingText]:
        """Say above each picture that its recording is over, and how it ended."""
        size, say = SMALLER * style.font, style.words.say
        titles = self._titles.titles or [""] * len(boxes)
        for recording, title, box in zip(self._runs, titles, boxes, strict=True):
            last, over = int(recording.steps[-1]), int(self.steps[-1])
            words, color = _last_words(recording, style)
            figure = _last_distance(recording)
            early = f"{say('ended')} {last:,}" if last < over else ""
            taken = text_width(title, Font(style.font)) + APART * style.font if title else 0.0
            room = max(box.width - taken, 0.4 * box.width)
            font = Font(size, weight="bold")
            meant = f"{say('distance')} {figure}" if figure else ""
            plain = _ways(early, "", meant) + _ways(early, "", figure)
            ways = _ways(early, words, figure) if words else plain
            said = next((one for one in ways if one and text_width(one, font) <= room), "")
            if not said:
                continue
            texts = [said if step >= last else "" for step in self.steps.tolist()]
            left = math.floor(box.right - text_width(said, font))
            colors = dict.fromkeys(texts, style.ink if said in plain else color)
            y = box.top + round(baseline if title else 0.25 * size)
            room = box.right + 1
            yield status_line(self._figure, texts, colors, left, room, y, size)

    def _write_titles(self, boxes: Sequence[Box], style: Style, baseline: float) -> None:
        """Write titles, or headings of rows and columns."""
        figure, font, across = self._figure, Font(style.font), self._grid.columns
        titles = _all_shortened(self._titles.titles, boxes[0].width, font)
        for title, box in zip(titles, boxes, strict=bool(titles)):
            write(figure, title, box.x, box.top + baseline, font)
        font = Font(style.font, weight="bold")
        heads = _all_shortened(self._titles.columns, boxes[0].width, font)
        for head, box in zip(heads, boxes[:across], strict=bool(heads)):
            start = box.x + (box.width - text_width(head, font)) / 2
            write(figure, head, start, box.top + baseline + SMALLER * style.font, font)
        rows = self._titles.rows
        for head, box in zip(rows, boxes[::across], strict=bool(rows)):
            self._write_beside(head, box, style)

    def _write_beside(self, head: str, box: Box, style: Style) -> None:
        """Write the heading of a row at the left, from the bottom to the top."""
        room = box.height + BARE * style.font
        needed = text_width(head, Font(style.font, weight="bold"))
        font = Font(style.font * min(1.0, max(SMALLER, room / needed)), weight="bold")
        self._figure.text(
            layout.EDGE * style.font / self.canvas.width,
            (box.y + box.height / 2) / self.canvas.height,
            shorten(head, lambda text: text_width(text, font) <= room),
            va="center",
            rotation=90,
            **font.properties,
        )

    def _write_head(self, boxes: Sequence[Box], style: Style) -> ChangingText:
        """Write the data on the left, the step on the right, and the legend between them."""
        figure, left, apart = self._figure, boxes[0].x, APART * style.font
        header = self.canvas.titled(common_header(self._runs))
        y = title_baseline(self.canvas.height, style.font)
        right = max(box.right for box in boxes)
        clock = header.get("clock")
        word = clock[:40] if isinstance(clock, str) else style.words.say("step")
        numbers = [f"{step:,}" if word else "" for step in self.steps.tolist()]
        number = numbers.__getitem__, max(numbers, key=len, default="")
        changing, step = counter(figure, *number, right, y, style.font, word)
        entries, span = _all_entries(self.panels, style), step - left
        spare = span - legend_width(entries, style.font) - 2 * apart
        title = write_title(figure, header, left, y, max(TITLE_SHARE * span, spare), style)
        start = left + (title + apart if title else 0)
        draw_legend(figure, entries, style, start, y, step - apart - start)
        write_small_lines(figure, self.canvas, style, left, y)
        return changing


def _ways(early: str, words: str, figure: str) -> list[str]:
    """Ways to say how a recording ended, the fullest first."""
    said = words.split(" · ")
    some = [" · ".join(said[:number]) for number in range(len(said), 0, -1)]
    full = [(early, one, figure) for one in some] + [(one, figure) for one in some]
    rest = (said[0],), (early, figure), (figure,)
    return [" · ".join(filter(None, parts)) for parts in (*full, *rest)]


def _last_words(recording: Recording, style: Style) -> tuple[str, str]:
    """What is true of the last frame, what came first before the rest, and in which colour."""
    said = ending(recording)
    if not said:
        return "", style.ink
    worst = next((one for one in said if one.kind not in GOOD_KINDS), said[-1])
    return " · ".join(words_of(one, style) for one in said), color_of(worst, style)


def _last_distance(recording: Recording) -> str:
    """How far p_g was from p_data at the end, where that is known."""
    distances = relative_w1(recording, [len(recording) - 1])
    if distances is None or not np.isfinite(distances[-1]):
        return ""
    return f"{distances[-1]:.{2 if distances[-1] >= 0.1 else 3}f} σ"


def heights_of(panels: Sequence[Panel]) -> list[float]:
    """Heights of the panels of one recording, relative to that of one that is alone."""
    return [STRIP if one.is_strip and len(panels) > 1 else 1.0 for one in panels]


def columns_for(
    recordings: Sequence[Recording],
    columns: int | None = None,
    size: tuple[int, int] | None = None,
) -> int:
    """How many pictures are beside one another.

    As many as asked for; or as many as there are headings of columns; or else up to three, and of
    more than nine pictures about as many as there are rows. In a picture of a given size they are
    fewer where each would be narrow.
    """
    if columns is not None:
        return min(columns, len(recordings))
    heads = CellTitles.of(recordings).columns
    most = max(USUAL_COLUMNS, math.ceil(math.sqrt(len(recordings))))
    number = len(recordings)
    rows = -(-number // most)
    across = -(-number // rows)
    if size is not None:
        while across > 1 and size[0] / across < NARROW * size[1] / -(-number // across):
            across -= 1
    return len(heads) or across


def _all_entries(panels: Sequence[Panel], style: Style) -> list[LegendEntry]:
    """Entries of all legends, each once; those that look alike become one, with both texts."""
    each = sorted((panel.legend(style) for panel in panels), key=len, reverse=True)
    alike: dict[LegendEntry, list[LegendEntry]] = {}
    for entry in dict.fromkeys(entry for entries in each for entry in entries):
        alike.setdefault(replace(entry, text="", short=""), []).append(entry)
    return [
        replace(
            look,
            text=", ".join(entry.text for entry in entries),
            short=", ".join(entry.short or entry.text for entry in entries),
        )
        for look, entries in alike.items()
    ]


def _all_shortened(titles: Sequence[str], room: float, font: Font) -> list[str]:
    """Cut the ends of titles off, or the beginnings where what is left would be the same."""

    def fits(text: str) -> bool:
        return text_width(text, font) <= room

    ends = [shorten(title, fits) for title in titles]
    if len(set(ends)) == len(set(titles)):
        return ends
    return [shorten(title[::-1], fits)[::-1] for title in titles]


def _with_shared_scales(
    recordings: Sequence[Recording], described: Sequence[Panel], canvas: Canvas, style: Style
) -> list[Panel]:
    """Bind panels, and if their scales differ, again with scales wide enough for all of them.

    Panels that scale what they draw, like D on the scale of densities, have to know that scale
    before they are set up: it is not enough to change the limits of the axes afterwards.
    """
    pairs = list(zip(described, recordings, strict=True))
    panels = [panel.bind(recording) for panel, recording in pairs]
    trial = canvas.figure(style)
    FigureCanvasAgg(trial)
    with trial.context():
        axes = [trial.add_axes((0, 0, 1, 1)) for _ in panels]
        for panel, one in zip(panels, axes, strict=True):
            panel.setup(one, style)
    each = [
        {"xlim": one.get_xlim(), "ylim": one.get_ylim()} | panel.shared_limits()
        for one, panel in zip(axes, panels, strict=True)
    ]
    if all(limits == each[0] for limits in each):
        return panels
    common = set.intersection(*map(set, each))
    limits = {name: _union([one[name] for one in each]) for name in common}
    return [panel.with_limits(**limits).bind(recording) for panel, recording in pairs]


def _share_scales(axes: Sequence[Axes]) -> None:
    """Give all axes the same limits, of panels too that take no limits."""
    x, y = _union([one.get_xlim() for one in axes]), _union([one.get_ylim() for one in axes])
    for one in axes:
        one.set_xlim(x)
        one.set_ylim(y)


def _union(limits: Sequence[Limits]) -> Limits:
    """The shortest interval that holds all; descending if they are."""
    (first, last), ends = limits[0], [end for pair in limits for end in pair]
    return (min(ends), max(ends)) if first <= last else (max(ends), min(ends))

"""Several frames in one picture: strips of a panel, contact sheets of samples."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.base import Panel, Style, read
from gan_viz.panels.lettering import Font, text_width
from gan_viz.panels.tiles import Sheet, Tiles
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import SMALLEST, Canvas
from gan_viz.rendering.figure import PixelFigure
from gan_viz.rendering.layout import Box, title_baseline
from gan_viz.rendering.small_multiples import CellGrid, arrange
from gan_viz.rendering.text import draw_legend, legend_width, write
from gan_viz.rendering.titles import lines_of, write_small_lines, write_title

ENLARGED = 1.9
"""Type is as large as in an animation of this many times the size of one picture: strips go into
papers, where they are looked at closely."""
TITLE_SHARE = 0.55
"""The title may take this part of the width from the legend."""
LEGEND_SHARE = 0.75
"""The legend shrinks to this part of its ideal width before the title is cut."""

PER_ROW = 16
"""Samples in a row, if there are as many; where they are ordered by class, whole groups."""
BETWEEN = 0.35
"""Room between the last row of G and the real pictures, relative to a picture."""
REAL = "real"
LETTER = 0.6
"""Room for a letter, in text heights."""

Pictures: TypeAlias = NDArray[np.uint8]
_Row: TypeAlias = tuple[str, Pictures]


def filmstrip(
    panel: Panel, frames: Sequence[int], canvas: Canvas, *, columns: int | None = None
) -> PixelFigure:
    """Show one panel at several frames, in rows; labels only at the outside.

    Parameters
    ----------
    panel : Panel
    frames : sequence of int
        Indices into the frames of its recording; at least one.
    canvas : Canvas
    columns : int, optional
        Frames beside one another; by default up to three.

    Returns
    -------
    PixelFigure
        For `rasterize` or `save_vector`.

    Raises
    ------
    UsageError
        There are no frames.
    """
    if not len(frames):
        raise UsageError("a strip of no frames: expected at least one")
    grid = replace(
        CellGrid.of(len(frames), columns, canvas.width, canvas.height), lines=lines_of(canvas)
    )
    cell = ENLARGED * canvas.width / grid.columns, ENLARGED * canvas.height / grid.rows
    style = canvas.style_of(*cell)
    figure = canvas.figure(style)
    renderer = FigureCanvasAgg(figure).get_renderer()
    with figure.context():
        axes = [figure.add_axes((0, 0, 1, 1)) for _ in frames]
        shown = [copy(panel) for _ in frames]  # they share what they know of the recording
        for one, where in zip(shown, axes, strict=True):
            one.setup(where, style)
        boxes, baseline = arrange(axes, grid, style, renderer)
        for one, frame, box in zip(shown, frames, boxes, strict=True):
            one.update(frame)
            step = f"{style.words.say('step')} {panel.recording.steps[frame]:,}"
            write(figure, step, box.x, box.top + baseline, Font(style.font))
        _write_head(figure, panel, boxes[0], style, canvas)
    return figure


def _write_head(figure: PixelFigure, panel: Panel, box: Box, style: Style, canvas: Canvas) -> None:
    """Write the title, and the legend behind it."""
    width, entries = figure.bbox.width, panel.legend(style)
    y = title_baseline(round(figure.bbox.height), style.font)
    legend = LEGEND_SHARE * legend_width(entries, style.font)
    room = min(TITLE_SHARE * width, width - legend - 3 * style.font) - box.x
    title = write_title(figure, canvas.titled(panel.recording.header), box.x, y, room, style)
    start = box.x + title + 2 * style.font if title else box.x
    draw_legend(figure, entries, style, start, y, width - start - style.font)
    write_small_lines(figure, canvas, style, box.x, y)


def contact_sheet(
    recording: Recording,
    frames: Sequence[int],
    names: Sequence[str],
    canvas: Canvas,
    *,
    crop: bool = False,
) -> PixelFigure:
    """Show the first samples of some frames, a row each, and real ones below.

    Parameters
    ----------
    recording : Recording
        With the channel ``samples``.
    frames : sequence of int
        Indices into the recording's frames; at least one.
    names : sequence of str
        What to write beside each row.
    canvas : Canvas
    crop : bool
        Whether the picture is only as wide, and just as high, as the rows need; by default it fills
        the canvas.

    Returns
    -------
    PixelFigure
        For `rasterize` or `save_vector`.

    Raises
    ------
    UsageError
        What the rows need is no possible size.
    RecordingError
        The recording has no samples at one of the frames.
    """
    rows = [(name, _row(recording, frame)) for name, frame in zip(names, frames, strict=True)]
    real = _real_row(recording, len(rows[0][1]))
    style = replace(canvas, height=round(9 / 16 * canvas.width)).style
    sheet = _SheetLayout.of(rows, real is not None, style, canvas.width)
    if crop:
        width, height = max(sheet.width, SMALLEST[0]), max(sheet.height, SMALLEST[1])
        canvas = replace(canvas, width=width, height=height)
    figure = canvas.figure(style)
    with figure.context():
        _compose(figure, rows, real, sheet, style)
        room = canvas.width - sheet.edge - sheet.left
        y = title_baseline(canvas.height, style.font)
        write_title(figure, recording.header, sheet.left, y, room, style)
    return figure


@dataclass(frozen=True)
class _SheetLayout:
    """Where the rows of a contact sheet go.

    Attributes
    ----------
    left, edge, head : float
        Room at the left for the names, around all, and above for the title, in pixels.
    width, height : int
        What all needs with the pictures enlarged by a whole factor, in pixels.
    pictures : (int, int)
        Width and height of all rows, in pixels of the samples.
    """

    left: float
    edge: float
    head: float
    width: int
    height: int
    pictures: tuple[int, int]

    @classmethod
    def of(cls, rows: Sequence[_Row], with_real: bool, style: Style, width: int) -> _SheetLayout:
        """Enlarge the pictures by the largest whole factor for which the width has room."""
        edge, head = layout.EDGE * style.font, layout.TITLE * style.font
        longest = max(len(name) for name, _ in (*rows, (REAL, None)))
        left = edge + LETTER * (longest + 1) * style.font
        number, down, across = rows[0][1].shape[:3]
        wide = number * across
        high = len(rows) * down + with_real * (down + round(BETWEEN * down))
        factor = max(1, int(width - left - edge) // wide)
        needed = round(left + factor * wide + edge), round(head + edge + factor * high)
        return cls(left, edge, head, *needed, (wide, high))


def _row(recording: Recording, frame: int) -> Pictures:
    """The first samples of a frame."""
    samples = read(recording, "samples", frame)
    if samples is None:
        raise RecordingError(
            f"{recording.path}: step {recording.steps[frame]:,} has no samples; choose other steps"
        )
    return samples[: _per_row(recording, len(samples))]


def _per_row(recording: Recording, samples: int) -> int:
    columns = recording.channels["samples"].attributes.get("columns")
    if not isinstance(columns, int) or columns < 1:
        columns = PER_ROW
    return min(samples, max(columns, PER_ROW // columns * columns))


def _real_row(recording: Recording, number: int) -> Pictures | None:
    """As many real pictures as samples; where G is given classes, of the same classes in order."""
    if "real_samples" not in recording.constants:
        return None
    real = recording.constants["real_samples"]
    labels, wanted = map(recording.constants.get, ("real_labels", "sample_labels"))
    if labels is None or wanted is None or len(labels) != len(real) or len(wanted) < number:
        return real[np.arange(number) % len(real)]
    order = [_matching(labels, wanted, k) for k in range(number)]
    return real[order]


def _matching(labels: NDArray[Any], wanted: NDArray[Any], position: int) -> int:
    """A real picture of the class wanted at a position; the pictures of a class take turns."""
    of_class = np.flatnonzero(labels == wanted[position])
    earlier = int(np.count_nonzero(wanted[:position] == wanted[position]))
    return int(of_class[earlier % len(of_class)]) if len(of_class) else position % len(labels)


def _compose(
    figure: PixelFigure,
    rows: Sequence[_Row],
    real: Pictures | None,
    sheet: _SheetLayout,
    style: Style,
) -> None:
    """Draw the rows, with their names at the left."""
    width, height = figure.bbox.width, figure.bbox.height
    box = (
        sheet.left / width,
        sheet.edge / height,
        1 - (sheet.left + sheet.edge) / width,
        1 - (sheet.head + sheet.edge) / height,
    )
    axes = figure.add_axes(box)
    axes.set_axis_off()
    number, down, across = rows[0][1].shape[:3]
    tiles = Sheet(axes, sheet.pictures, (down, across), whole=True, centred=False)
    order = np.arange(len(rows) * number).reshape(len(rows), number)
    Tiles(tiles, 0, 0, order).set_pictures(np.concatenate([row for _, row in rows]))
    tops = [index * down for index in range(len(rows))]
    names = [name for name, _ in rows]
    if real is not None:
        tops.append(sheet.pictures[1] - down)
        names.append(REAL)
        Tiles(tiles, 0, tops[-1], order[:1]).set_pictures(real)
    font = Font(style.font)
    for name, top in zip(names, tops, strict=True):
        x, y = tiles.transform((0, top + down / 2))
        start = x - text_width(name, font) - 0.5 * style.font
        write(figure, name, start, y - 0.36 * style.font, font)

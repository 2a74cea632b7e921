"""A few frames side by side in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

from matplotlib.backends.backend_agg import FigureCanvasAgg

from gan_viz.errors import UsageError
from gan_viz.panels.base import Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import Picture, place
from gan_viz.rendering.layout import Box, check_size
from gan_viz.rendering.legend import draw_legend, ideal_width
from gan_viz.rendering.strip_grid import HEADING, StripGrid, keep_outer_labels, reach
from gan_viz.rendering.text import Type, text_width, title_of, write
from gan_viz.rendering.theme import TITLE, Theme

__all__ = ["filmstrip"]

ENLARGED = 1.9
"""Type is as large as in an animation this many times the size of a picture: strips are for papers,
where they are looked at closely."""
TITLE_SHARE = 0.55
"""The most of the width that the title may take from the legend."""
LEGEND_SHARE = 0.75
"""The least of its ideal width that the legend is left: it shrinks so far, and then the title."""


def filmstrip(
    recording: Recording,
    panel: Callable[[Recording], Panel],
    frames: Sequence[int],
    theme: Theme,
    width: int,
    height: int,
    *,
    columns: int | None = None,
    scale: float = 1.0,
) -> Picture:
    """Show one panel at several frames, in rows; labels only at the outside.

    Parameters
    ----------
    recording : Recording
    panel : callable (Recording) -> Panel
    frames : sequence of int
        Indices into the recording's frames; at least one.
    theme : Theme
    width, height : int
        Of the whole picture, in pixels.
    columns : int, optional
        Frames beside one another; by default up to three.
    scale : float
        Size of type and lines relative to the usual.

    Returns
    -------
    Picture
        For `rasterize` or `save_vector`.

    Raises
    ------
    UsageError
        The size is impossible, or there are no frames.
    """
    check_size(width, height)
    if not len(frames):
        raise UsageError("a strip of no frames: expected at least one")
    grid = StripGrid.of(len(frames), columns, width, height)
    style = theme.style(
        round(ENLARGED * width / grid.columns), round(ENLARGED * height / grid.rows), scale
    )
    picture = Picture(width, height, theme.settings(style))
    with picture.context():
        _compose(picture, panel(recording), frames, grid, style)
    return picture


def _compose(
    figure: Picture, panel: Panel, frames: Sequence[int], grid: StripGrid, style: Style
) -> None:
    axes = [figure.add_axes((0, 0, 1, 1)) for _ in frames]
    shown = [copy(panel) for _ in frames]  # they share what they know of the recording
    renderer = FigureCanvasAgg(figure).get_renderer()
    for one, where in zip(shown, axes, strict=True):
        one.setup(where, style)
    keep_outer_labels(axes, grid, renderer)
    boxes = place(axes, style, renderer, lambda margins: grid.boxes(margins, style.font))
    lift = max(reach(one, renderer) for one in axes)
    if lift > 0:  # the panel writes above its axes itself: the steps go above that
        grid = replace(grid, heading=HEADING + lift / style.font)
        boxes = place(axes, style, renderer, lambda margins: grid.boxes(margins, style.font))
    for one, frame, box in zip(shown, frames, boxes, strict=True):
        one.update(frame)
        step = f"step {panel.recording.steps[frame]:,}"
        write(figure, step, box.x, box.top + lift + 0.5 * style.font, Type(style.font))
    _write_head(figure, panel, boxes[0], style)


def _write_head(figure: Picture, panel: Panel, box: Box, style: Style) -> None:
    """Write the title, and the legend behind it."""
    width, height = figure.bbox.width, figure.bbox.height
    y = round(height - (0.5 * layout.TITLE + 0.36) * style.font)
    legend = LEGEND_SHARE * ideal_width(panel.legend(style), style.font)
    room = min(TITLE_SHARE * width, width - legend - 3 * style.font) - box.x
    kind = Type(TITLE * style.font, weight="bold")
    title = title_of(panel.recording, lambda text: text_width(text, kind) <= room)
    write(figure, title, box.x, y, kind)
    start = box.x + text_width(title, kind) + 2 * style.font if title else box.x
    draw_legend(figure, panel.legend(style), style, start, y, width - start - style.font)

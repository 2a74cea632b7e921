"""A few frames side by side in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gan_viz.panels.base import Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import add_axes, clean_settings, new_figure, tidy, title_of
from gan_viz.rendering.layout import Box, check_size
from gan_viz.rendering.legend import draw_legend
from gan_viz.rendering.theme import Theme

__all__ = ["filmstrip"]

COLUMNS = 3
HEADING = 1.8
"""Room for the step above each picture, in text heights."""


def filmstrip(
    recording: Recording,
    panel: Callable[[Recording], Panel],
    frames: Sequence[int],
    theme: Theme,
    width: int,
    height: int,
) -> NDArray[np.uint8]:
    """Draw one panel at several frames, in rows of up to three.

    Parameters
    ----------
    recording : Recording
    panel : callable (Recording) -> Panel
    frames : sequence of int
        Indices into the recording's frames.
    theme : Theme
    width, height : int
        Of the whole picture, in pixels.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    UsageError
        The size is impossible.
    """
    check_size(width, height)
    columns = min(COLUMNS, len(frames))
    rows = -(-len(frames) // columns)
    # Type as large as in an animation of the size of one and a half cells: strips go into papers.
    style = theme.style(round(1.5 * width / columns), round(1.5 * height / rows))
    with mpl.rc_context(clean_settings(theme.settings(style))):
        figure = new_figure(width, height)
        shown = [panel(recording)] + [panel(recording) for _ in frames[1:]]
        boxes = _boxes(width, height, style.font, columns, rows)
        for one, frame, box in zip(shown, frames, boxes, strict=False):
            _draw(figure, one, box, style, frame, int(recording.steps[frame]))
        _draw_head(figure, recording, shown[0], boxes[0], style)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[:, :, :3])


def _boxes(width: int, height: int, font: float, columns: int, rows: int) -> list[Box]:
    """Axes in reading order, below a line of title and legend."""
    head = layout.TITLE * font
    cell_width, cell_height = width / columns, (height - head) / rows
    around = (layout.LEFT + layout.RIGHT) * font
    above_and_below = (layout.BELOW + HEADING) * font
    return [
        Box(
            column * cell_width + layout.LEFT * font,
            height - head - (row + 1) * cell_height + layout.BELOW * font,
            cell_width - around,
            cell_height - above_and_below,
        )
        for row in range(rows)
        for column in range(columns)
    ]


def _draw(figure: Figure, panel: Panel, box: Box, style: Style, frame: int, step: int) -> None:
    axes = add_axes(figure, box)
    panel.setup(axes, style)
    tidy(axes, box, style)
    panel.update(frame)
    axes.set_title(f"step {step:,}", loc="left", fontsize=axes.xaxis.label.get_fontsize())


def _draw_head(figure: Figure, recording: Recording, panel: Panel, box: Box, style: Style) -> None:
    width, height = figure.bbox.width, figure.bbox.height
    y = height - 0.55 * layout.TITLE * style.font
    title = figure.text(
        box.x / width, y / height, title_of(recording), va="center_baseline", parse_math=False
    )
    end = float(title.get_window_extent().x1)
    draw_legend(figure, panel.keys(style), style, end + 2 * style.font, y, width - end)

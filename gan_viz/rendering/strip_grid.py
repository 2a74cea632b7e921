"""Pictures of the same scales in rows, labelled at the outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase

from gan_viz.rendering import layout
from gan_viz.rendering.layout import Box, Margins

__all__ = ["HEADING", "StripGrid", "keep_outer_labels", "reach"]

COLUMNS = 3
HEADING = 1.9
"""Room for the words above each picture, in text heights."""


@dataclass(frozen=True)
class StripGrid:
    """Where pictures go, in reading order.

    Attributes
    ----------
    number, columns, rows : int
        Of pictures, and how they are laid out.
    width, height : int
        Of the whole, in pixels.
    heading : float
        Room above each picture, in text heights.
    """

    number: int
    columns: int
    rows: int
    width: int
    height: int
    heading: float = HEADING

    @classmethod
    def of(cls, number: int, columns: int | None, width: int, height: int) -> StripGrid:
        """Lay a number of pictures out, by default in up to three columns."""
        rows = -(-number // (columns or COLUMNS))
        return cls(number, columns or -(-number // rows), rows, width, height)

    def is_left(self, index: int) -> bool:
        """Whether a picture begins its row."""
        return index % self.columns == 0

    def is_right(self, index: int) -> bool:
        """Whether a picture ends its row."""
        return index % self.columns == self.columns - 1 or index == self.number - 1

    def is_bottom(self, index: int) -> bool:
        """Whether there is no picture below one."""
        return index + self.columns >= self.number

    def boxes(self, margins: Sequence[Margins], font: float) -> list[Box]:
        """Boxes of one size below a line of title and legend."""
        edge, gap = layout.EDGE * font, layout.GAP * font
        inner = [i for i in range(self.number) if not self.is_left(i)]
        before = max((margins[i].left + margins[i - 1].right for i in inner), default=0.0) + gap
        left = max(m.left for i, m in enumerate(margins) if self.is_left(i)) + edge
        right = max(m.right for i, m in enumerate(margins) if self.is_right(i)) + edge
        below = max(m.below for i, m in enumerate(margins) if self.is_bottom(i)) + edge
        least = layout.LEAST * font
        width = max(least, (self.width - left - right - before * (self.columns - 1)) / self.columns)
        head = layout.TITLE * font
        height = max(least, (self.height - head - below) / self.rows - self.heading * font)
        return [
            Box(
                round(left + (i % self.columns) * (width + before)),
                round(
                    self.height - head - (i // self.columns + 1) * (height + self.heading * font)
                ),
                int(width),
                int(height),
            )
            for i in range(self.number)
        ]


def reach(axes: Axes, renderer: RendererBase) -> float:
    """How far texts of an axes reach above it, in pixels."""
    tops = [float(t.get_window_extent(renderer).y1) for t in axes.texts if t.get_visible()]
    return max(0.0, *(top - float(axes.bbox.y1) for top in (*tops, 0.0)))


def keep_outer_labels(axes: Axes, grid: StripGrid, index: int, renderer: RendererBase) -> None:
    """Label the scales, which are the same in all pictures, only at the outside."""
    if not grid.is_left(index):
        axes.set_ylabel("")
        axes.tick_params(axis="y", labelleft=False)
    if not grid.is_bottom(index):
        axes.set_xlabel("")
        axes.tick_params(axis="x", labelbottom=False)
    for text in axes.texts:
        box = text.get_window_extent(renderer)
        beside, below = box.x0 >= axes.bbox.x1, box.y1 <= axes.bbox.y0
        if (beside and not grid.is_right(index)) or (below and not grid.is_bottom(index)):
            text.set_visible(False)

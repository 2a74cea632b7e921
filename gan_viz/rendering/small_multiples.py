"""Pictures with the same scales in rows and columns, labelled at the outside alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text
from matplotlib.transforms import BboxBase

from gan_viz.panels.base import Style
from gan_viz.rendering import layout
from gan_viz.rendering.figure import place_axes
from gan_viz.rendering.layout import Box, Margins

USUAL_COLUMNS = 3
STACKED = 0.6
"""Room between the panels of a picture, in text heights, besides that of their labels."""
HEADING = 1.9
"""Room for the words above each picture, in text heights."""


@dataclass(frozen=True)
class CellGrid:
    """Where pictures go, in reading order.

    Attributes
    ----------
    number, columns, rows : int
        Of pictures, and how they are laid out.
    width, height : int
        Of the whole, in pixels.
    heading : float
        Room above each picture, in text heights.
    side, above : float
        Room at the left of all, and above all, in text heights.
    lines : (float, float)
        Room for a line below the title and for one below all, in text heights.
    heights : sequence of float
        Of the panels of each picture, one above the other, relative to one another.
    """

    number: int
    columns: int
    rows: int
    width: int
    height: int
    heading: float = HEADING
    side: float = 0.0
    above: float = 0.0
    lines: tuple[float, float] = (0.0, 0.0)
    heights: Sequence[float] = (1.0,)

    @classmethod
    def of(cls, number: int, columns: int | None, width: int, height: int) -> CellGrid:
        """Lay a number of pictures out, by default in up to three columns."""
        rows = -(-number // (columns or USUAL_COLUMNS))
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
        """Boxes of all panels, picture by picture, below a line of title and legend."""
        panels = len(self.heights)
        upper = [margins[panel::panels] for panel in range(panels)]
        gaps = [max(m.below for m in row) + STACKED * font for row in upper[:-1]]
        around = [
            Margins(max(m.left for m in cell), max(m.right for m in cell), cell[-1].below)
            for cell in (margins[at : at + panels] for at in range(0, len(margins), panels))
        ]
        return [
            part for box in self._pictures(around, font) for part in self._stacked(box, gaps, font)
        ]

    def _stacked(self, box: Box, gaps: Sequence[float], font: float) -> Iterator[Box]:
        """Boxes of the panels of a picture, from its top."""
        unit = max(layout.LEAST * font, box.height - sum(gaps)) / sum(self.heights)
        top = float(box.top)
        for height, gap in zip(self.heights, (*gaps, 0.0), strict=True):
            bottom = top - height * unit
            yield Box(box.x, round(bottom), box.width, int(height * unit))
            top = bottom - gap

    def _pictures(self, margins: Sequence[Margins], font: float) -> list[Box]:
        """Boxes of one size, one for each picture."""
        edge, gap = layout.EDGE * font, layout.GAP * font
        inner = [i for i in range(self.number) if not self.is_left(i)]
        before = max((margins[i].left + margins[i - 1].right for i in inner), default=0.0) + gap
        left = max(m.left for i, m in enumerate(margins) if self.is_left(i)) + edge
        left += self.side * font
        right = max(m.right for i, m in enumerate(margins) if self.is_right(i)) + edge
        below = max(m.below for i, m in enumerate(margins) if self.is_bottom(i)) + edge
        least = layout.LEAST * font
        width = max(least, (self.width - left - right - before * (self.columns - 1)) / self.columns)
        head = (layout.TITLE + self.lines[0] + self.above) * font
        below += self.lines[1] * font
        height = max(least, (self.height - head - below) / self.rows - self.heading * font)
        step = height + self.heading * font
        return [
            Box(
                round(left + (i % self.columns) * (width + before)),
                round(self.height - head - (i // self.columns + 1) * step),
                int(width),
                int(height),
            )
            for i in range(self.number)
        ]


def arrange(
    axes: Sequence[Axes], grid: CellGrid, style: Style, renderer: RendererBase
) -> tuple[Sequence[Box], float]:
    """Label axes that are set up at the outside, and move them to their places in a grid.

    Besides the boxes, return how far above each box its words stand, in pixels: higher than what
    the panel itself writes there.
    """
    panels = len(grid.heights)
    for panel in range(panels):
        _keep_outer_labels(axes[panel::panels], grid, renderer, lowest=panel == panels - 1)
    above = max(_height_above(one, renderer) for one in axes[::panels])
    grid = replace(grid, heading=grid.heading + above / style.font)
    boxes = place_axes(axes, style, renderer, lambda margins: grid.boxes(margins, style.font))
    for one in axes:
        _hide_covered(_beside(one, renderer), renderer)
    return boxes, above + 0.5 * style.font


def _height_above(axes: Axes, renderer: RendererBase) -> float:
    """How far texts of the axes reach above it, in pixels."""
    tops = [float(t.get_window_extent(renderer).y1) for t in axes.texts if t.get_visible()]
    return max(0.0, *(top - float(axes.bbox.y1) for top in (*tops, 0.0)))


def _keep_outer_labels(
    axes: Sequence[Axes], grid: CellGrid, renderer: RendererBase, *, lowest: bool
) -> None:
    """Label the scales that are the same in all pictures only at the outside.

    Only the `lowest` panels of pictures have nothing of another scale below them.
    """
    for index, one in enumerate(axes):
        if not grid.is_left(index):
            one.set_ylabel("")
            one.tick_params(axis="y", labelleft=False)
        bottom = grid.is_bottom(index) or not lowest
        if not bottom:
            one.set_xlabel("")
            one.tick_params(axis="x", labelbottom=False)
        last = min((index // grid.columns + 1) * grid.columns, grid.number) - 1
        own = _beside(one, renderer)
        alike = _labels(own) == _labels(_beside(axes[last], renderer))
        below = [t for t in one.texts if t.get_window_extent(renderer).y1 <= one.bbox.y0]
        inner = [] if grid.is_right(index) else [t for t in own if alike or t.get_rotation()]
        for text in [*inner, *([] if bottom else below)]:
            text.set_visible(False)


def _beside(axes: Axes, renderer: RendererBase) -> list[Text]:
    """The texts at the right of an axes: those of a scale."""
    return [t for t in axes.texts if t.get_window_extent(renderer).x0 >= axes.bbox.x1]


def _hide_covered(texts: Sequence[Text], renderer: RendererBase) -> None:
    """Hide labels that lie upon others, as on a scale that is wide for the sake of others."""
    shown: list[BboxBase] = []
    for text in (text for text in texts if text.get_visible() and text.get_text()):
        box = text.get_window_extent(renderer)
        if any(box.overlaps(other) for other in shown):
            text.set_visible(False)
        else:
            shown.append(box)


def _labels(texts: Sequence[Text]) -> list[tuple[str, float]]:
    """What is written, and at which height."""
    return [(text.get_text(), round(float(text.get_position()[1]), 6)) for text in texts]

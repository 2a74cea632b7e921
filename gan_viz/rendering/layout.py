"""Where panels go: measured in text heights and by what their labels need, so that all fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

__all__ = ["EDGE", "GAP", "LEAST", "TITLE", "Box", "Layout", "Margins", "title_baseline"]

# Heights of lines, and widths of gaps, in text heights.
TITLE = 2.2
LEGEND = 1.9
STATUS = 1.45
EDGE = 0.7
GAP = 1.2
LEAST = 2.0
"""A box is at least this wide and high, in text heights, even if its labels then find no room."""
STACKED = 3
"""Panels in one column at most."""
MOST = 0.74
"""Panels with an aspect may take up to this part of the width from the others."""


@dataclass(frozen=True)
class Margins:
    """Room for the labels around a box, in pixels."""

    left: float
    right: float
    below: float

    @classmethod
    def guess(cls, font: float) -> Margins:
        """What ordinary labels need, before they are measured."""
        return cls(4.0 * font, 3.6 * font, 2.8 * font)

    def __or__(self, other: Margins) -> Margins:
        """The room that is enough for either."""
        return Margins(
            max(self.left, other.left), max(self.right, other.right), max(self.below, other.below)
        )


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels, from the lower left corner of the picture."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Right end."""
        return self.x + self.width

    @property
    def top(self) -> int:
        """Upper end."""
        return self.y + self.height


@dataclass(frozen=True)
class Layout:
    """Boxes for panels below a line of title, in columns from left to right.

    Each panel has a column of its own, except after one that has an aspect, like a grid of
    pictures, which fills a column from top to bottom: then up to three share the next column.

    Attributes
    ----------
    width, height : int
        Of the picture, in pixels.
    font : float
        Size of the text, in pixels.
    width_ratios : sequence of float
        Widths of the panels relative to one another; of a shared column, that of its first.
    aspects : sequence of (float or None), optional
        Width of each panel relative to its height, if it matters; by default it does for none.
    status : bool
        Whether there is a line for the status below the title.

    Examples
    --------
    >>> room = Margins(left=60, right=40, below=50)
    >>> [(b.x, b.width) for b in Layout(960, 540, 15.0, [3, 2]).boxes([room, room])]
    [(70, 433), (621, 289)]
    >>> Layout(960, 540, 15.0, [1, 1, 1], [1.2, None, None]).columns
    [[0], [1, 2]]
    """

    width: int
    height: int
    font: float
    width_ratios: Sequence[float]
    aspects: Sequence[float | None] | None = None
    status: bool = False

    @cached_property
    def columns(self) -> list[list[int]]:
        """The panels of each column, from top to bottom, by number."""
        columns: list[list[int]] = []
        tall = [aspect is not None for aspect in self._aspects]
        for panel in range(len(self.width_ratios)):
            joins = not tall[panel] and any(tall[:panel]) and not tall[panel - 1]
            if joins and len(columns[-1]) < STACKED:
                columns[-1].append(panel)
            else:
                columns.append([panel])
        return columns

    @property
    def _aspects(self) -> Sequence[float | None]:
        return [None] * len(self.width_ratios) if self.aspects is None else self.aspects

    def boxes(self, margins: Sequence[Margins]) -> list[Box]:
        """Boxes of the panels' axes, around each of which the labels have their margins."""
        heights = self._heights(margins)
        boxes: dict[int, Box] = {}
        for column, (left, right) in zip(self.columns, self._widths(margins, heights), strict=True):
            for panel in column:
                bottom, top = heights[panel]
                boxes[panel] = _whole(left, bottom, right, top)
        return [boxes[panel] for panel in range(len(margins))]

    def _heights(self, margins: Sequence[Margins]) -> dict[int, tuple[float, float]]:
        """Lower and upper end of each panel; what stands side by side stands on one line."""
        least, edge, top = LEAST * self.font, EDGE * self.font, self._top
        lowest = [column[-1] for column in self.columns if self._aspects[column[0]] is None]
        shared = max((margins[panel].below for panel in lowest), default=0.0)
        heights: dict[int, tuple[float, float]] = {}
        for column in self.columns:
            below = margins[column[0]].below if column[-1] not in lowest else shared
            bottom = min(edge + below, top - least)
            between = [margins[panel].below + LEGEND * self.font for panel in column[:-1]]
            height = max(1.0, (top - bottom - sum(between)) / len(column))
            upper = top
            for panel, gap in zip(column, [*between, 0.0], strict=True):
                heights[panel] = max(upper - height, 0.0), max(upper, 1.0)
                upper -= height + gap
        return heights

    def _widths(
        self, margins: Sequence[Margins], heights: Mapping[int, tuple[float, float]]
    ) -> Iterator[tuple[float, float]]:
        """Left and right end of each column."""
        least, gap = LEAST * self.font, GAP * self.font
        rooms = [reduce(or_, (margins[panel] for panel in column)) for column in self.columns]
        labels = sum(room.left + room.right for room in rooms)
        fixed = 2 * EDGE * self.font + gap * (len(rooms) - 1)
        free = max(self.width - fixed - labels, least * len(rooms))
        # Where there are too many panels for the picture, the labels give way, not the boxes.
        squeeze = min(1.0, max(0.0, self.width - fixed - free) / max(labels, 1.0))
        x = EDGE * self.font
        for width, room in zip(self._parts(free, heights), rooms, strict=True):
            start = x + squeeze * room.left
            yield start, start + width
            x = start + width + squeeze * room.right + gap

    def _parts(self, free: float, heights: Mapping[int, tuple[float, float]]) -> list[float]:
        """Width of each column: by its aspect, if enough is left to the others, or by its ratio."""
        parts: dict[int, float] = {}
        for number, (panel, *_) in enumerate(self.columns):
            aspect = self._aspects[panel]
            if aspect is not None and len(self.columns) > 1:
                bottom, top = heights[panel]
                parts[number] = min(aspect * (top - bottom), MOST * free / len(self._tall))
        rest = free - sum(parts.values())
        ratios = {n: self.width_ratios[c[0]] for n, c in enumerate(self.columns) if n not in parts}
        parts |= {n: rest * ratio / sum(ratios.values()) for n, ratio in ratios.items()}
        return [parts[number] for number in range(len(self.columns))]

    @property
    def _tall(self) -> list[int]:
        return [panel for panel, aspect in enumerate(self._aspects) if aspect is not None]

    def ends(self, boxes: Sequence[Box]) -> list[float]:
        """Where the legend above each box has to end: before the next column, or at the edge."""
        starts = [boxes[column[0]].x - GAP * self.font for column in self.columns[1:]]
        ends = [*starts, self.width - EDGE * self.font]
        return [end for column, end in zip(self.columns, ends, strict=True) for _ in column]

    @property
    def _top(self) -> float:
        return self.height - (TITLE + STATUS * self.status + LEGEND) * self.font

    @property
    def title_y(self) -> int:
        """Height of the title's base line."""
        return title_baseline(self.height, self.font)

    @property
    def status_y(self) -> int:
        """Height of the base line of a status below the title."""
        return round(self.height - (TITLE + 0.5 * STATUS - 0.1 + 0.36) * self.font)

    def legend_y(self, box: Box) -> int:
        """Height of the base line of a panel's legend."""
        return round(box.top + 0.5 * LEGEND * self.font - 0.36 * self.font)


def _whole(left: float, bottom: float, right: float, top: float) -> Box:
    x, y = round(left), round(bottom)
    return Box(x, y, max(1, round(right) - x), max(1, round(top) - y))


def title_baseline(height: int, font: float) -> int:
    """Base line of the title in a picture so high: pixels from its lower edge."""
    return round(height - (0.5 * TITLE + 0.36) * font)

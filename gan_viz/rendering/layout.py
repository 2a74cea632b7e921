"""Where panels go: measured in text heights and by what their labels need, so that all fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import TypeAlias

# Heights of lines, and widths of gaps, in text heights.
TITLE = 2.0
LEGEND = 1.9
STATUS = 1.6
EDGE = 0.5
GAP = 1.2
LEAST = 2.0
"""A box is at least this wide and high, in text heights, even if its labels then find no room."""
STACKED = 3
"""Panels in one column at most."""
MOST = 0.74
"""Panels with an aspect may take up to this part of the room from the others."""
STRIP = 0.2
"""Height of a strip, relative to the picture below the title, without its labels."""
LOWEST, LOWEST_STRIP, SLIMMEST = 6.0, 2.8, 9.0
"""Least height of a panel, of a strip, and least width, in text heights, for which large type is
made smaller."""
NO_LABELS = 2.0
"""Panels with less room for labels at their sides, in text heights, are as wide as the picture."""
NARROWEST, WIDEST, WIDEST_STRIP = 0.8, 2.6, 12.0
"""Beyond these ratios of width and height, more of either makes a panel no easier to read."""


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


Columns: TypeAlias = list[list[int]]
"""Panels from top to bottom, in columns from left to right, by number."""


@dataclass(frozen=True)
class Layout:
    """Boxes for panels below the title, arranged such that they fill the picture.

    The panels are side by side, one above the other, or the others beside or below the first:
    whichever gives them most of the area in which they can still be read, or in the shape that they
    want. Strips are low, and below all others, or beside panels that leave room there.

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
    strips : sequence of bool, optional
        Which panels are strips; by default none.
    above : sequence of float, optional
        Room above each panel, in text heights; by default that of a legend.
    head, foot : float
        Room above and below all panels, in text heights.

    Examples
    --------
    >>> room = Margins(left=60, right=40, below=50)
    >>> [(b.x, b.width) for b in Layout(960, 540, 15.0, [3, 2]).boxes([room, room])]
    [(68, 436), (622, 290)]
    >>> Layout(540, 960, 15.0, [3, 2]).rows
    [[[0]], [[1]]]
    >>> Layout(960, 540, 15.0, [3, 2], strips=[False, True]).rows
    [[[0]], [[1]]]
    """

    width: int
    height: int
    font: float
    width_ratios: Sequence[float]
    aspects: Sequence[float | None] | None = None
    strips: Sequence[bool] | None = None
    above: Sequence[float] | None = None
    head: float = TITLE
    foot: float = 0.0

    @property
    def _aspects(self) -> Sequence[float | None]:
        return [None] * len(self.width_ratios) if self.aspects is None else self.aspects

    @property
    def _strips(self) -> Sequence[bool]:
        strips = [False] * len(self.width_ratios) if self.strips is None else self.strips
        return [one and not all(strips) for one in strips]

    def _legend(self, panel: int) -> float:
        """Room for the legend above a panel, in pixels."""
        return (LEGEND if self.above is None else self.above[panel]) * self.font

    @cached_property
    def rows(self) -> list[Columns]:
        """The arrangement: rows from top to bottom, each of columns of panels."""
        guess = [Margins.guess(self.font)] * len(self.width_ratios)
        return max(self._arrangements(), key=lambda rows: self._worth(self._placed(rows, guess)))

    def _arrangements(self) -> Iterator[list[Columns]]:
        """All that are tried; of equals the first is taken."""
        panels = [*range(len(self.width_ratios))]
        strips = [panel for panel in panels if self._strips[panel]]
        first, *others = main = [panel for panel in panels if panel not in strips]
        below: list[Columns] = [[[strip]] for strip in strips]
        for rows in range(1, len(main) + 1):
            across = -(-len(main) // rows)
            starts = range(0, len(main), across)
            yield [*([[panel] for panel in main[at : at + across]] for at in starts), *below]
        if others:
            yield [[[first]], [[panel] for panel in others], *below]
        shared = others + (strips if self._aspects[first] is not None else [])
        if shared:
            below = below if len(shared) == len(others) else []
            yield [[[first], *_dealt(shared)], *below]

    def _worth(self, boxes: Sequence[Box]) -> float:
        """The area in which the panels can be read, relative to what they ask for."""
        worth = 0.0
        for panel, box in enumerate(boxes):
            width, height = float(box.width), float(box.height)
            aspect, wide = self._aspects[panel], WIDEST_STRIP if self._strips[panel] else WIDEST
            if aspect is not None:
                area = min(width, aspect * height) ** 2 / aspect
            else:
                area = min(width, wide * height) * min(height, width / NARROWEST)
            if min(width, height) < LEAST * self.font - 1:
                area = 0.0
            worth += math.sqrt(area * (0.3 if self._strips[panel] else 1.0))
        return worth

    def boxes(self, margins: Sequence[Margins]) -> list[Box]:
        """Boxes of the panels' axes, around each of which the labels have their margins."""
        return self._placed(self.rows, margins)

    def _placed(self, rows: Sequence[Columns], margins: Sequence[Margins]) -> list[Box]:
        boxes: dict[int, Box] = {}
        top, edge = self.height - self.head * self.font, (EDGE + self.foot) * self.font
        fixed = [self._around(columns, margins) for columns in rows]
        free = max(top - edge - sum(fixed), len(rows) * LEAST * self.font)
        squeeze = min(1.0, max(0.0, top - edge - free) / max(sum(fixed), 1.0))
        for columns, around, height in zip(
            rows, fixed, self._row_heights(rows, margins, free, top), strict=True
        ):
            ends = self._column_ends(columns, rows, margins, height)
            for column, (left, right) in zip(columns, ends, strict=True):
                self._fill(boxes, column, margins, (left, right), (top, height, columns))
            top -= squeeze * around + height
        return [boxes[panel] for panel in range(len(margins))]

    def _around(self, columns: Columns, margins: Sequence[Margins]) -> float:
        """Room above and below the boxes of a row."""
        above = max(self._legend(column[0]) for column in columns)
        return above + max(margins[column[-1]].below for column in columns)

    def _fill(
        self,
        boxes: dict[int, Box],
        column: Sequence[int],
        margins: Sequence[Margins],
        across: tuple[float, float],
        row: tuple[float, float, Columns],
    ) -> None:
        """Stack the panels of a column in its row."""
        top, height, columns = row
        upper = top - max(self._legend(one[0]) for one in columns)
        gaps = [margins[above].below + self._legend(below) for above, below in pairwise(column)]
        each = max(1.0, (height - sum(gaps)) / len(column))
        for panel, gap in zip(column, [*gaps, 0.0], strict=True):
            bottom = max(upper - each, 0.0)
            boxes[panel] = _whole(across[0], bottom, across[1], max(upper, 1.0))
            upper = bottom - gap

    def _row_heights(
        self, rows: Sequence[Columns], margins: Sequence[Margins], free: float, top: float
    ) -> list[float]:
        """Heights of the boxes in each row: strips are low, pictures as high as they are wide."""
        wanted: dict[int, float] = {}
        width = self.width - 2 * EDGE * self.font
        for number, columns in enumerate(rows):
            panel, alone = columns[0][0], len(columns) == 1 == len(columns[0])
            aspect = self._aspects[panel]
            if alone and self._strips[panel]:
                wanted[number] = min(max(STRIP * top, LOWEST_STRIP * self.font), 0.5 * free)
            elif alone and aspect is not None and len(rows) > 1:
                room = width - margins[panel].left - margins[panel].right
                wanted[number] = min(room / aspect, MOST * free)
        rest = len(rows) - len(wanted)
        most = free - rest * LEAST * self.font
        if rest and sum(wanted.values()) > most:
            wanted = {one: max(most, 0.0) / len(wanted) for one in wanted}
        if not rest:
            scale = free / sum(wanted.values())
            return [scale * wanted[number] for number in range(len(rows))]
        each = max(free - sum(wanted.values()), rest * LEAST * self.font) / rest
        return [wanted.get(number, each) for number in range(len(rows))]

    def _column_ends(
        self,
        columns: Columns,
        rows: Sequence[Columns],
        margins: Sequence[Margins],
        height: float,
    ) -> Iterator[tuple[float, float]]:
        """Left and right end of each column; first and last columns of all rows are in line."""
        least, gap = LEAST * self.font, GAP * self.font
        rooms = [reduce(or_, (margins[panel] for panel in column)) for column in columns]
        labels = sum(room.left + room.right for room in rooms)
        in_line = rows if labels > NO_LABELS * self.font else [columns]
        outer = [
            reduce(or_, (margins[panel] for row in in_line for panel in row[end]))
            for end in (0, -1)
        ]
        lefts = [outer[0].left, *(room.left for room in rooms[1:])]
        rights = [*(room.right for room in rooms[:-1]), outer[1].right]
        labels = sum(lefts) + sum(rights)
        fixed = 2 * EDGE * self.font + gap * (len(rooms) - 1)
        free = max(self.width - fixed - labels, least * len(rooms))
        # Where there are too many panels for the picture, the labels give way, not the boxes.
        squeeze = min(1.0, max(0.0, self.width - fixed - free) / max(labels, 1.0))
        x = EDGE * self.font
        for width, left, right in zip(
            self._parts(columns, free, height), lefts, rights, strict=True
        ):
            start = x + squeeze * left
            yield start, start + width
            x = start + width + squeeze * right + gap

    def _parts(self, columns: Columns, free: float, height: float) -> list[float]:
        """Width of each column: by its aspect, if enough is left to the others, or by its ratio."""
        tall = [column[0] for column in columns if self._aspects[column[0]] is not None]
        parts: dict[int, float] = {}
        for number, (panel, *_) in enumerate(columns):
            aspect = self._aspects[panel]
            if aspect is not None and len(columns) > len(tall):
                parts[number] = min(aspect * height, MOST * free / len(tall))
        rest = free - sum(parts.values())
        ratios = {n: self.width_ratios[c[0]] for n, c in enumerate(columns) if n not in parts}
        parts |= {n: rest * ratio / sum(ratios.values()) for n, ratio in ratios.items()}
        return [parts[number] for number in range(len(columns))]

    @property
    def is_roomy(self) -> bool:
        """Whether type of this size leaves room for the panels, with labels of the usual size."""
        boxes = self.boxes([Margins.guess(self.font)] * len(self.width_ratios))
        least = [LOWEST_STRIP if strip else LOWEST for strip in self._strips]
        return all(
            box.height >= lowest * self.font and box.width >= SLIMMEST * self.font
            for box, lowest in zip(boxes, least, strict=True)
        )

    def ends(self, boxes: Sequence[Box]) -> list[float]:
        """Where the legend above each box has to end: before the next column, or at the edge."""
        ends: dict[int, float] = {}
        for columns in self.rows:
            starts = [boxes[column[0]].x - GAP * self.font for column in columns[1:]]
            for column, end in zip(columns, [*starts, self.width - EDGE * self.font], strict=True):
                ends |= dict.fromkeys(column, end)
        return [ends[panel] for panel in range(len(boxes))]

    @property
    def title_y(self) -> int:
        """Height of the title's base line."""
        return title_baseline(self.height, self.font)

    def legend_y(self, box: Box) -> int:
        """Height of the base line of a panel's legend."""
        return round(box.top + 0.5 * LEGEND * self.font - 0.36 * self.font)


def _dealt(panels: Sequence[int]) -> Columns:
    """Columns of up to `STACKED` panels."""
    return [[*panels[start : start + STACKED]] for start in range(0, len(panels), STACKED)]


def _whole(left: float, bottom: float, right: float, top: float) -> Box:
    x, y = round(left), round(bottom)
    return Box(x, y, max(1, round(right) - x), max(1, round(top) - y))


def title_baseline(height: int, font: float) -> int:
    """Base line of the title in a picture so high: pixels from its lower edge."""
    return round(height - (0.5 * TITLE + 0.36) * font)

"""Generated pictures, and real ones to compare them with."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.panels.base import Panel, Style, latest
from gan_viz.panels.tiles import Caption, Sheet, Tiles, picture_size

Order = NDArray[np.intp]

MOST_ROWS, MOST_COLUMNS, MOST = 8, 16, 128
"""The most rows, real pictures included, and columns of generated pictures of some classes, and the
most that are of none."""
ENOUGH = 0.9
"""Part of the pictures that is shown at least where all would find room."""
SQUARE = (10_000, 10_000)
GAP = 0.08
"""Room between pictures, relative to one."""
REAL_COLUMNS = 2
ASIDE, ABOVE = 0.25, 0.14
"""Gap between the real and the generated pictures, side by side or one above the other, relative to
one picture."""
LONG = 6
"""Names of more letters are written in two lines."""
NAMED = 0.5
"""Part of the gaps beside a column that the name of its class may take."""


class GridPanel(Panel):
    """G's pictures of the same latents at every frame, beside real pictures.

    They are in as many columns as make them largest. Where G is told a class, each class has a
    column, with a real picture of it on top. Where G is given pictures, each stands to the left of
    what becomes of it.
    """

    needs: ClassVar[tuple[str, ...]] = ("samples",)
    width_ratio: ClassVar[float] = 2.0

    def load(self) -> None:
        """Find the pictures, and arrange them in rows and columns."""
        channel = self.recording.channels["samples"]
        self.size = picture_size(self.recording, channel)
        self.number = channel.shape[0]
        self._frames = latest(self.recording, "samples")
        self.real = self._real_pictures()
        labels = self._labels("sample_labels", self.number)
        self.by_class = labels is not None
        self.gap = max(1, round(GAP * min(self.size)))
        self.order = self._in_rows(SQUARE) if labels is None else self._in_columns(labels)
        self.real_order = self._real_order(self.order)

    @property
    def above(self) -> float:
        """Room for the names of the columns, of which long ones take two lines."""
        return 2.1 if self.by_class and any("\n" in name for name in self._class_names()) else 1.1

    def _real_pictures(self) -> NDArray[np.uint8] | None:
        """The real pictures, if they were recorded in the size of the generated ones."""
        channel = self.recording.constant_channels.get("real_samples")
        if channel is None or picture_size(self.recording, channel) != self.size:
            return None
        return self.recording.constants["real_samples"]

    def _labels(self, name: str, number: int) -> NDArray[Any] | None:
        """The recorded classes of pictures; None if they are not as many as the pictures."""
        channel = self.recording.constant_channels.get(name)
        if channel is None or channel.shape != (number,):
            return None
        return self.recording.constants[name]

    def _in_rows(self, room: tuple[int, int]) -> Order:
        """Samples in reading order, in rows and columns that fill some pixels best.

        Up to one in ten is left out where the last row would not be full.
        """
        tall, wide = (side + self.gap for side in self.size)
        across, down = room[0] + self.gap - self._beside, room[1] + self.gap
        number = min(self.number, MOST, max(1, across // wide) * max(1, down // tall))

        def area(columns: int, rows: int) -> float:
            shown = min(number, columns * rows)
            width, height = self._beside + columns * wide, rows * tall
            enlarged = min((room[0] + self.gap) / width, down / height)
            return shown * enlarged**2 if shown >= ENOUGH * number else 0.0

        shapes = [
            (columns, rows)
            for columns in range(1, number + 1)
            for rows in range(math.ceil(ENOUGH * number / columns), -(-number // columns) + 1)
        ]
        columns, rows = max(shapes, key=lambda shape: (area(*shape), -shape[0] * shape[1]))
        return _filled(min(number, columns * rows), columns)

    def _fewer_rows(self, room: tuple[int, int]) -> Order:
        """As many of the rows of all classes, at least a quarter, as fill some pixels best."""

        def area(rows: int) -> float:
            width, height = self._sheet_size(self.order[:rows], self.real_order)
            return width * height * min(room[0] / width, room[1] / height) ** 2

        most = len(self.order)
        return self.order[: max(range(most, most // 4, -1), key=area)]

    @property
    def _beside(self) -> int:
        """Width of the real pictures at the left, with the gap after them."""
        if self.real is None or self.on_top:
            return 0
        wide = self.size[1]
        return REAL_COLUMNS * (wide + self.gap) - self.gap + max(2 * self.gap, round(ASIDE * wide))

    def _in_columns(self, labels: NDArray[Any]) -> Order:
        """The samples of each class from top to bottom."""
        self.classes = np.unique(labels)[:MOST_COLUMNS]
        rows = MOST_ROWS if self.real is None or self._real_labels is None else MOST_ROWS - 1
        return _stacked([np.flatnonzero(labels == one)[:rows] for one in self.classes])

    @property
    def _real_labels(self) -> NDArray[Any] | None:
        return None if self.real is None else self._labels("real_labels", len(self.real))

    def _real_order(self, order: Order) -> Order:
        """Some real pictures in two columns, or one of each class in a row."""
        if self.real is None:
            return np.empty((0, 0), np.intp)
        labels = self._real_labels
        if self.by_class and labels is not None:
            return _stacked([np.flatnonzero(labels == one)[:1] for one in self.classes], 1)
        return _filled(len(self.real), REAL_COLUMNS)[: len(order)]

    @property
    def on_top(self) -> bool:
        """Whether the real pictures are above the generated ones, not beside them."""
        return self.by_class and self._real_labels is not None

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the real pictures and the captions; create the generated pictures."""
        axes.set_axis_off()
        self._sheet = Sheet(axes, self._fit, self.size, gap=self.gap, centred=not self.on_top)
        x, y = self._corner()
        self._tiles = Tiles(self._sheet, x, y, self.order)
        self._real_tiles = Tiles(self._sheet, 0, 0, self.real_order, zorder=1)
        self._real_tiles.set_pictures(self.real)
        self._draw_captions(self._sheet, x, y, style)
        return [self._tiles]

    def _fit(self, width: int, height: int) -> tuple[int, int]:
        """Arrange all pictures for axes of some pixels; return width and height of the sheet."""
        order = (self._fewer_rows if self.by_class else self._in_rows)((width, height))
        real = self._real_order(order)
        self._tiles.arrange(order)
        self._real_tiles.arrange(real)
        return self._sheet_size(order, real)

    def _sheet_size(self, order: Order, real: Order) -> tuple[int, int]:
        """Width and height of all pictures together."""
        tall, wide = (side + self.gap for side in self.size)
        (rows, columns), (x, y) = order.shape, self._corner()
        return x + columns * wide - self.gap, y + max(rows, len(real)) * tall - self.gap

    def _corner(self) -> tuple[int, int]:
        """Upper left corner of the generated pictures on the sheet."""
        if self.real is None or not self.on_top:
            return self._beside, 0
        tall = self.size[0]
        return 0, tall + max(2 * self.gap, round(ABOVE * tall))

    def _draw_captions(self, sheet: Sheet, x: int, y: int, style: Style) -> None:
        in_pairs = self.recording.channels["samples"].attributes.get("pairs") is True
        real = style.words.say("real")
        generated = style.words.name("pairs" if in_pairs else "pictures")
        tall, wide = self.size
        if self.by_class:
            for column, name in enumerate(self._class_names()):
                middle = x + column * (wide + self.gap) + 0.5 * wide
                room = wide + NAMED * self.gap
                Caption(sheet, middle, 0, name, style, room, (0, 0.35), ha="center")
        if self.on_top:
            beside: dict[str, Any] = {"ha": "right", "va": "center", "rotation": 90}
            beside["pad"] = (-0.35, 0.0)
            Caption(sheet, 0, tall / 2, real, style, **beside)
            half = self.order[: -(-len(self.order) // 2)]
            middle = (y + self._sheet_size(half, self.real_order)[1]) / 2
            Caption(sheet, 0, middle, generated, style, **beside)
            return
        if self.real is not None:
            Caption(sheet, 0, 0, real, style, x, (0, 0.35))
        if not self.by_class:
            Caption(sheet, x, 0, generated, style, pad=(0, 0.35))

    def _class_names(self) -> list[str]:
        """Names of the classes in the columns, from the header where it has them."""
        names = self.recording.header.get("classes")
        known = names if isinstance(names, list) else []
        numbers = [int(one) for one in self.classes.tolist()]
        return [_in_lines(str(known[n])) if 0 <= n < len(known) else str(n) for n in numbers]

    def update(self, frame: int) -> None:
        """Show the pictures of the last frame, up to this one, that has any."""
        last = int(self._frames[frame])
        shown = self.recording.array("samples", last) if last >= 0 else None
        self._tiles.set_pictures(shown)


def _in_lines(name: str) -> str:
    """A long name in two lines, if it has parts."""
    parts = re.split(r"(?<=/)|\s", name, maxsplit=1) if len(name) > LONG else [name]
    return "\n".join(part for part in parts if part)


def _filled(number: int, columns: int) -> Order:
    """Indices in reading order, shape (rows, columns); -1 where there are no more."""
    order = np.full((-(-number // columns), columns), -1, np.intp)
    order.ravel()[:number] = np.arange(number)
    return order


def _stacked(columns: Sequence[Order], least: int = 0) -> Order:
    """Columns of indices as one array, shape (rows, columns); the shorter end with -1."""
    rows = max([least, *(len(column) for column in columns)])
    ends = [np.full(rows - len(column), -1, np.intp) for column in columns]
    return np.stack([np.concatenate(pair) for pair in zip(columns, ends, strict=True)], axis=1)

"""Generated pictures, and real ones to compare them with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.panels.base import Panel, Style, latest
from gan_viz.panels.tiles import Sheet, Tiles, picture_size
from gan_viz.panels.words import Caption
from gan_viz.recording import Recording

__all__ = ["GridPanel"]

Order = NDArray[np.intp]

ROWS, COLUMNS = 8, 16
"""The most rows, real pictures included, and the most columns of generated pictures."""
REAL_COLUMNS = 2
ASIDE, ABOVE = 0.25, 0.14
"""Room between real and generated pictures beside and below them, relative to one picture."""
NAMED = 0.9
"""Part of a column's width that the name of its class may take."""
NAMES = "real", "G(z)"


class GridPanel(Panel):
    """G's pictures of the same latents at every frame, beside real pictures.

    Where G is told a class, each class has a column, with a real picture of it on top.
    """

    needs: ClassVar[tuple[str, ...]] = ("samples",)

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        channel = recording.channels["samples"]
        self.size = picture_size(recording, channel)
        self.number = channel.shape[0]
        self._frames = latest(recording, "samples")
        self.real = self._real_pictures()
        labels = self._labels("sample_labels", self.number)
        self.by_class = labels is not None
        self.order = self._in_rows() if labels is None else self._in_columns(labels)
        self.real_order = self._real_order()
        width, height = self._sheet_size()
        self.aspect = width / height

    def _real_pictures(self) -> NDArray[np.uint8] | None:
        """Real pictures, if there are any of the generated ones' size."""
        channel = self.recording.constant_channels.get("real_samples")
        if channel is None or picture_size(self.recording, channel) != self.size:
            return None
        return self.recording.constants["real_samples"]

    def _labels(self, name: str, number: int) -> NDArray[Any] | None:
        """Classes of some number of pictures, if they were recorded."""
        channel = self.recording.constant_channels.get(name)
        if channel is None or channel.shape != (number,):
            return None
        return self.recording.constants[name]

    def _in_rows(self) -> Order:
        """All samples in reading order."""
        columns = self.recording.channels["samples"].attributes.get("columns")
        if not isinstance(columns, int) or not 1 <= columns <= self.number:
            columns = math.isqrt(self.number - 1) + 1
        return _filled(self.number, columns)[:ROWS, :COLUMNS]

    def _in_columns(self, labels: NDArray[Any]) -> Order:
        """The samples of each class from top to bottom."""
        self.classes = np.unique(labels)[:COLUMNS]
        rows = ROWS if self.real is None or self._real_labels is None else ROWS - 1
        return _stacked([np.flatnonzero(labels == one)[:rows] for one in self.classes])

    @property
    def _real_labels(self) -> NDArray[Any] | None:
        return None if self.real is None else self._labels("real_labels", len(self.real))

    def _real_order(self) -> Order:
        """Some real pictures in two columns, or one of each class in a row."""
        if self.real is None:
            return np.empty((0, 0), np.intp)
        labels = self._real_labels
        if self.by_class and labels is not None:
            return _stacked([np.flatnonzero(labels == one)[:1] for one in self.classes], 1)
        return _filled(len(self.real), REAL_COLUMNS)[: len(self.order)]

    @property
    def on_top(self) -> bool:
        """Whether the real pictures are above the generated ones, not beside them."""
        return self.by_class and self._real_labels is not None

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the real pictures and the captions; create the generated pictures."""
        axes.set_axis_off()
        x, y = self._corner()
        sheet = Sheet(axes, *self._sheet_size(), self.size, centred=not self.on_top)
        if self.real is not None:
            Tiles(sheet, 0, 0, self.real_order, zorder=1).set_pictures(self.real)
        self._draw_captions(sheet, x, y, style)
        self._tiles = Tiles(sheet, x, y, self.order)
        return [self._tiles]

    def _sheet_size(self) -> tuple[int, int]:
        """Width and height of all pictures together."""
        tall, wide = self.size
        rows, columns = self.order.shape
        x, y = self._corner()
        return x + columns * wide, y + rows * tall

    def _corner(self) -> tuple[int, int]:
        """Where the generated pictures begin on the sheet."""
        tall, wide = self.size
        if self.real is None:
            return 0, 0
        rows, columns = self.real_order.shape
        if self.on_top:
            return 0, rows * tall + max(1, round(ABOVE * tall))
        return columns * wide + max(1, round(ASIDE * wide)), 0

    def _draw_captions(self, sheet: Sheet, x: int, y: int, style: Style) -> None:
        real, generated = NAMES
        tall, wide = self.size
        if self.by_class:
            for column, name in enumerate(self._class_names()):
                middle = x + (column + 0.5) * wide
                Caption(sheet, middle, 0, name, style, NAMED * wide, (0, 0.35), ha="center")
        if self.on_top:
            beside: dict[str, Any] = {"ha": "right", "va": "center", "rotation": 90}
            beside["pad"] = (-0.35, 0.0)
            Caption(sheet, 0, tall / 2, real, style, **beside)
            Caption(sheet, 0, y + tall / 2, generated, style, fontstyle="italic", **beside)
            return
        if self.real is not None:
            Caption(sheet, 0, 0, real, style, x, (0, 0.35))
        if not self.by_class:
            Caption(sheet, x, 0, generated, style, pad=(0, 0.35), fontstyle="italic")

    def _class_names(self) -> list[str]:
        """What the columns show, as the header names it."""
        names = self.recording.header.get("classes")
        known = names if isinstance(names, list) else []
        numbers = [int(one) for one in self.classes.tolist()]
        return [str(known[n]) if 0 <= n < len(known) else str(n) for n in numbers]

    def update(self, frame: int) -> None:
        """Show other pictures, those of the last frame that has any."""
        last = int(self._frames[frame])
        shown = self.recording.array("samples", last) if last >= 0 else None
        self._tiles.set_pictures(shown)


def _filled(number: int, columns: int) -> Order:
    """Numbers from 0 in reading order, shape (rows, columns); -1 behind the last."""
    order = np.full((-(-number // columns), columns), -1, np.intp)
    order.ravel()[:number] = np.arange(number)
    return order


def _stacked(columns: Sequence[Order], least: int = 0) -> Order:
    """Columns of numbers beside one another, shape (rows, columns); -1 below the shorter ones."""
    rows = max([least, *(len(column) for column in columns)])
    ends = [np.full(rows - len(column), -1, np.intp) for column in columns]
    return np.stack([np.concatenate(pair) for pair in zip(columns, ends, strict=True)], axis=1)

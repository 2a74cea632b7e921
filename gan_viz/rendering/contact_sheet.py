"""Samples of several frames in one picture, a row each, the real ones last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style, read
from gan_viz.panels.tiles import Sheet, Tiles
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import Picture
from gan_viz.rendering.layout import check_size
from gan_viz.rendering.text import Type, text_width, title_of, write
from gan_viz.rendering.theme import TITLE, Theme

__all__ = ["contact_sheet"]

PER_ROW = 16
"""Samples in a row, unless there are fewer, or columns of classes."""
BETWEEN = 0.35
"""Room between the last row of G and the real pictures, relative to a picture."""
REAL = "real"
LETTER = 0.6
"""Room for a letter, in text heights."""

Pictures: TypeAlias = NDArray[np.uint8]
_Row: TypeAlias = tuple[str, Pictures]


def contact_sheet(
    recording: Recording,
    frames: Sequence[int],
    names: Sequence[str],
    theme: Theme,
    width: int,
    height: int | None = None,
    *,
    scale: float = 1.0,
) -> Picture:
    """Show the first samples of some frames.

    Parameters
    ----------
    recording : Recording
        With the channel ``samples``.
    frames : sequence of int
        Indices into the recording's frames; at least one.
    names : sequence of str
        What to write beside each row.
    theme : Theme
    width : int
        Of the picture at most, in pixels: what the pictures do not need is cut off.
    height : int, optional
        By default what the rows need.
    scale : float
        Size of type relative to the usual.

    Returns
    -------
    Picture
        For `rasterize` or `save_vector`.

    Raises
    ------
    UsageError
        The size is impossible.
    RecordingError
        The recording has no samples at one of the frames.
    """
    rows = [(name, _row(recording, frame)) for name, frame in zip(names, frames, strict=True)]
    real = _real_row(recording, len(rows[0][1]))
    style = theme.style(width, round(9 / 16 * width), scale)
    sizes = _Sizes.of(rows, real is not None, style, width, height)
    check_size(sizes.width, sizes.height)
    picture = Picture(sizes.width, sizes.height, theme.settings(style))
    with picture.context():
        _compose(picture, rows, real, sizes, style)
        kind = Type(TITLE * style.font, weight="bold")
        room = sizes.width - sizes.edge - sizes.left
        title = title_of(recording, lambda text: text_width(text, kind) <= room)
        baseline = round(sizes.height - (0.5 * layout.TITLE + 0.36) * style.font)
        write(picture, title, sizes.left, baseline, kind)
    return picture


@dataclass(frozen=True)
class _Sizes:
    """Where the rows go, in pixels."""

    left: float
    edge: float
    head: float
    width: int
    height: int
    sheet: tuple[int, int]

    @classmethod
    def of(
        cls, rows: Sequence[_Row], with_real: bool, style: Style, width: int, height: int | None
    ) -> _Sizes:
        """Enlarge the pictures by the largest whole factor for which there is room."""
        edge, head = layout.EDGE * style.font, layout.TITLE * style.font
        longest = max(len(name) for name, _ in (*rows, (REAL, None)))
        left = edge + LETTER * (longest + 1) * style.font
        number, down, across = rows[0][1].shape[:3]
        sheet_width = number * across
        sheet_height = len(rows) * down + with_real * (down + round(BETWEEN * down))
        factor = max(1, int(width - left - edge) // sheet_width)
        needed = round(head + edge + factor * sheet_height)
        across_all = width if height else round(left + factor * sheet_width + edge)
        return cls(left, edge, head, across_all, height or needed, (sheet_width, sheet_height))


def _row(recording: Recording, frame: int) -> Pictures:
    """The samples of a frame; of those by classes, whole rows of a grid."""
    samples = read(recording, "samples", frame)
    if samples is None:
        raise RecordingError(
            f"{recording.path}: step {recording.steps[frame]:,} has no samples; choose other steps"
        )
    return samples[: _per_row(recording, len(samples))]


def _per_row(recording: Recording, samples: int) -> int:
    columns = int(recording.channels["samples"].attributes.get("columns", PER_ROW))
    return min(samples, max(columns, PER_ROW // columns * columns))


def _real_row(recording: Recording, number: int) -> Pictures | None:
    """As many real pictures, of the same classes in the same order where G is told classes."""
    if "real_samples" not in recording.constants:
        return None
    real = recording.constants["real_samples"]
    if not {"real_labels", "sample_labels"} <= set(recording.constants):
        return real[np.arange(number) % len(real)]
    labels, wanted = recording.constants["real_labels"], recording.constants["sample_labels"]
    order = [_matching(labels, wanted, k) for k in range(number)]
    return real[order]


def _matching(labels: NDArray[Any], wanted: NDArray[Any], position: int) -> int:
    """The next real picture of the class at a position, in turns."""
    of_class = np.flatnonzero(labels == wanted[position])
    earlier = int(np.count_nonzero(wanted[:position] == wanted[position]))
    return int(of_class[earlier % len(of_class)]) if len(of_class) else position % len(labels)


def _compose(
    picture: Picture, rows: Sequence[_Row], real: Pictures | None, sizes: _Sizes, style: Style
) -> None:
    width = picture.bbox.width
    box = (
        sizes.left / width,
        sizes.edge / sizes.height,
        1 - (sizes.left + sizes.edge) / width,
        1 - (sizes.head + sizes.edge) / sizes.height,
    )
    axes = picture.add_axes(box)
    axes.set_axis_off()
    number, down, across = rows[0][1].shape[:3]
    sheet = Sheet(axes, *sizes.sheet, (down, across), centred=False)
    order = np.arange(len(rows) * number).reshape(len(rows), number)
    Tiles(sheet, 0, 0, order).set_pictures(np.concatenate([row for _, row in rows]))
    tops = [index * down for index in range(len(rows))]
    names = [name for name, _ in rows]
    if real is not None:
        tops.append(sizes.sheet[1] - down)
        names.append(REAL)
        Tiles(sheet, 0, tops[-1], order[:1]).set_pictures(real)
    for name, top in zip(names, tops, strict=True):
        x, y = sheet.transform((0, top + down / 2))
        kind = Type(style.font)
        start = x - text_width(name, kind) - 0.5 * style.font
        write(picture, name, start, y - 0.36 * style.font, kind)

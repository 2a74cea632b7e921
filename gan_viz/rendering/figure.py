"""Figures of a size in pixels, without pyplot and whatever the user's settings are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from numpy.typing import NDArray

from gan_viz.panels.base import Style
from gan_viz.panels.labels import CurveLabels
from gan_viz.panels.lettering import DPI
from gan_viz.rendering.layout import Box, Margins

_GLOBAL = {"backend", "backend_fallback", "interactive", "toolbar", "timezone"}
_VECTORS = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "gan_viz"}
"""Texts that programs can edit, and identifiers that do not change from file to file."""

PER_X_TICK, PER_Y_TICK = 4.4, 3.2
"""Room for a tick, in text heights."""
FACTOR = re.compile(r" \(\$[^$]*mathdefault[^$]*\$\)$")
"""A factor of all tick labels, as it is put behind an axis's name."""


class PixelFigure(Figure):
    """A figure of a size in pixels that looks the same whatever the user's settings are.

    Parameters
    ----------
    width, height : int
        In pixels.
    settings : mapping
        Of matplotlib, where they differ from its defaults; they hold while the figure is drawn.
    """

    def __init__(self, width: int, height: int, settings: Mapping[str, Any]) -> None:
        usual = {name: value for name, value in mpl.rcParamsDefault.items() if name not in _GLOBAL}
        self.settings: dict[Any, Any] = usual | _VECTORS | dict(settings)
        with self.context():
            super().__init__(figsize=(width / DPI, height / DPI), dpi=DPI)

    @contextmanager
    def context(self) -> Iterator[None]:
        """Apply the settings; to be entered whenever something is added to the figure.

        Characters that no font has are told by `gan_viz.rendering.fonts.not_written`, once.
        """
        with mpl.rc_context(self.settings), warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph .* missing from")
            yield

    def draw(self, renderer: RendererBase) -> None:
        """Draw with the settings."""
        with self.context():
            super().draw(renderer)


def rasterize(figure: PixelFigure, transparent: bool = False) -> NDArray[np.uint8]:
    """Draw a figure as pixels: ndarray of uint8, shape (height, width, 3).

    Without its background there are 4 channels, the last of them the opacity.
    """
    canvas = FigureCanvasAgg(figure)
    if transparent:
        clear_background(figure)
    canvas.draw()
    channels = 4 if transparent else 3
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[:, :, :channels])


def clear_background(figure: PixelFigure) -> None:
    """Let what is behind the picture be seen."""
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_alpha(0.0)
    for labels in figure.findobj(CurveLabels):
        labels.background = None


def save_vector(figure: PixelFigure, file: Path | IO[bytes], kind: str | None = None) -> None:
    """Write a figure as SVG or PDF, text as outlines or in embedded fonts.

    The same figure gives the same bytes.

    Parameters
    ----------
    figure : PixelFigure
    file : path or binary file
    kind : {"svg", "pdf"}, optional
        By default as the path ends.
    """
    kind = kind or Path(str(file)).suffix.lower().removeprefix(".")
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with figure.context():
        figure.savefig(file, format=kind, metadata=undated.get(kind))


def place_axes(
    axes: Sequence[Axes],
    style: Style,
    renderer: RendererBase,
    boxes_for: Callable[[Sequence[Margins]], Sequence[Box]],
) -> Sequence[Box]:
    """Move axes to where their labels leave room for them; return their boxes.

    `boxes_for` says where axes whose labels need certain margins go. How many ticks there are
    depends on the size of the axes and how wide their labels are on the ticks, so the axes are
    placed twice: with guessed margins, then with those measured by `renderer`.
    """
    margins = [Margins.guess(style.font)] * len(axes)
    boxes = boxes_for(margins)
    _move(axes, boxes)
    for one, box in zip(axes, boxes, strict=True):
        _thin_ticks(one, box, style)
    for one in axes:
        _explain_offsets(one)
    margins = [_measured(one, renderer) for one in axes]
    boxes = boxes_for(margins)
    _move(axes, boxes)
    return boxes


def _move(axes: Sequence[Axes], boxes: Sequence[Box]) -> None:
    for one, box in zip(axes, boxes, strict=True):
        figure = one.get_figure(root=True)
        assert figure is not None
        width, height = figure.bbox.width, figure.bbox.height
        one.set_position((box.x / width, box.y / height, box.width / width, box.height / height))


def _thin_ticks(axes: Axes, box: Box, style: Style) -> None:
    """Put as many ticks on the axes as the box has room for."""
    across = box.width / (PER_X_TICK * style.font)
    up = box.height / (PER_Y_TICK * style.font)
    axes.locator_params(axis="x", nbins=max(2, int(across)), steps=[1, 2, 5, 10])
    axes.locator_params(axis="y", nbins=max(2, int(up)), steps=[1, 2, 5, 10])


def _explain_offsets(axes: Axes) -> None:
    """Move a factor of all tick labels from the end of the axis, where it collides, to its name."""
    for axis in (axes.xaxis, axes.yaxis):
        formatter = axis.get_major_formatter()
        if not isinstance(formatter, ScalarFormatter):
            continue
        formatter.set_locs(axis.get_majorticklocs())  # type: ignore[arg-type]
        name = FACTOR.sub("", axis.get_label_text())  # axes may be placed several times
        if formatter.get_offset():
            name += f" ({_offset(axis)})"
            axis.offsetText.set_visible(False)
        axis.set_label_text(name)


def _offset(axis: Axis) -> str:
    """The factor or shift as a formula, which in the tick labels themselves would cost time."""
    formatter = ScalarFormatter(useMathText=True)
    formatter.set_axis(axis)
    formatter.set_locs(axis.get_majorticklocs())  # type: ignore[arg-type]
    return formatter.get_offset()


def _measured(axes: Axes, renderer: RendererBase) -> Margins:
    """The room that ticks and labels take up."""
    around = axes.get_tightbbox(renderer, bbox_extra_artists=axes.texts)
    box = axes.bbox
    assert around is not None
    return Margins(box.x0 - around.x0, around.x1 - box.x1, box.y0 - around.y0)

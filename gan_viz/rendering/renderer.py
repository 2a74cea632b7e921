"""Frames of a recording as arrays.

What never changes is drawn once and kept as pixels; a frame restores them and draws only what
moves, on top. `Renderer.full` draws the same state all over again by matplotlib alone: the tests
compare the two pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.panels.base import DYNAMIC, Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering.canvas import add_axes, clean_settings, new_figure, tidy, title_of
from gan_viz.rendering.layout import Layout, check_size
from gan_viz.rendering.legend import draw_legend
from gan_viz.rendering.theme import Theme

__all__ = ["Frame", "Renderer"]

Frame = NDArray[np.uint8]


class Renderer:
    """Draws any frame of a recording.

    Parameters
    ----------
    recording : Recording
    panels : sequence of Panel
        From left to right.
    theme : Theme
    width, height : int
        In pixels.

    Raises
    ------
    UsageError
        The size is impossible.
    """

    def __init__(
        self,
        recording: Recording,
        panels: Sequence[Panel],
        theme: Theme,
        width: int,
        height: int,
    ) -> None:
        check_size(width, height)
        self.recording, self.panels = recording, panels
        self.width, self.height = width, height
        style = theme.style(width, height)
        with mpl.rc_context(clean_settings(theme.settings(style))):
            self._figure = new_figure(width, height)
            self._moving = self._compose(style)
        self._canvas = FigureCanvasAgg(self._figure)
        self._background = self._draw_background()

    def _compose(self, style: Style) -> list[Artist]:
        layout = Layout(self.width, self.height, style.font, [p.share for p in self.panels])
        boxes = layout.boxes()
        moving: list[Artist] = []
        for panel, box in zip(self.panels, boxes, strict=True):
            axes = add_axes(self._figure, box)
            moving += sorted(panel.setup(axes, style), key=lambda artist: artist.get_zorder())
            tidy(axes, box, style)
            draw_legend(
                self._figure, panel.keys(style), style, box.x, layout.legend_y(box), box.width
            )
        x = boxes[0].x / self.width
        y = layout.title_y / self.height
        self._figure.text(x, y, title_of(self.recording), va="center", parse_math=False)
        self._counter = self._figure.text(
            (boxes[-1].x + boxes[-1].width) / self.width,
            y,
            "",
            ha="right",
            va="center",
            color=style.ink,
            parse_math=False,
            zorder=DYNAMIC,
        )
        return [*moving, self._counter]

    def _draw_background(self) -> Any:
        self._animate(True)
        self._canvas.draw()
        return self._canvas.copy_from_bbox(self._figure.bbox)

    def _animate(self, animated: bool) -> None:
        for artist in self._moving:
            artist.set_animated(animated)

    def _update(self, frame: int) -> None:
        for panel in self.panels:
            panel.update(frame)
        self._counter.set_text(f"step {self.recording.steps[frame]:,}")

    def frame(self, frame: int) -> Frame:
        """Draw a frame.

        Parameters
        ----------
        frame : int
            Index into the recording's frames.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
        """
        self._update(frame)
        self._canvas.restore_region(self._background)
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        return self._pixels()

    def full(self, frame: int) -> Frame:
        """Draw a frame by a full redraw: the standard the fast way is held to, and slow."""
        self._update(frame)
        self._animate(False)
        self._canvas.draw()
        self._animate(True)
        return self._pixels()

    def frames(self, indices: Iterable[int]) -> Iterable[Frame]:
        """Draw frames one after another."""
        return map(self.frame, indices)

    def _pixels(self) -> Frame:
        return np.ascontiguousarray(np.asarray(self._canvas.buffer_rgba())[:, :, :3])

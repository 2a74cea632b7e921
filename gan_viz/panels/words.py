"""Texts on panels: those that change, and those beside small pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation

from gan_viz.panels.base import DYNAMIC, TICKS, Style
from gan_viz.panels.tiles import Sheet

__all__ = ["Caption", "Words"]


class Words(Artist):
    """One of a few texts, in the upper left corner of axes.

    Its letters are filled outlines: they are set once, and are drawn the same whatever the settings
    of matplotlib are at that time.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The text is added to them and clipped to them.
    texts : iterable of str
        All that will be shown; an empty one is nothing.
    color : str
    font : float
        Size, in pixels.
    line : int
        Lines of text above this one.
    """

    def __init__(
        self, axes: Axes, texts: Iterable[str], color: str, font: float, line: int = 0
    ) -> None:
        super().__init__()
        figure = axes.get_figure(root=True)
        assert figure is not None
        usual = FontProperties()
        shown = set(texts) - {""}
        self._paths = {text: TextPath((0, 0), text, font, usual.copy()) for text in shown}
        self._color, self._down, self._dpi = to_rgba(color), (1.1 + 1.3 * line) * font, figure.dpi
        self._right = 0.4 * font
        self._text = ""
        self.set_zorder(DYNAMIC + 1)
        axes.add_artist(self)

    def set_text(self, text: str) -> None:
        """Show one of the texts, or none."""
        self._text = text

    def draw(self, renderer: RendererBase) -> None:
        """Draw, on any backend."""
        if not self.get_visible() or not self._text:
            return
        assert self.axes is not None
        figure = self.axes.get_figure(root=True)
        assert figure is not None
        scale, box = figure.dpi / self._dpi, self.axes.bbox
        x, y = box.x0 + scale * self._right, box.y1 - scale * self._down
        place = Affine2D().scale(scale).translate(round(x), round(y))
        gc: Any = renderer.new_gc()
        self._set_gc_clip(gc)  # type: ignore[attr-defined]
        gc.set_linewidth(0)
        renderer.draw_path(gc, self._paths[self._text], place, self._color)
        gc.restore()


class Caption(Text):
    """A text at a place of a sheet; it is cut short where it is wider than its room.

    Parameters
    ----------
    sheet : Sheet
        The caption is added to its axes.
    x, y : float
        Place on the sheet.
    text : str
    style : Style
    room : float, optional
        Pixels of the sheet that the text may cover; where they are cut off, it is not shown.
    pad : (float, float)
        Distance to the right and up, in text heights.
    **look
        Properties of `matplotlib.text.Text`.
    """

    def __init__(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        text: str,
        style: Style,
        room: float | None = None,
        pad: tuple[float, float] = (0.0, 0.0),
        **look: Any,
    ) -> None:
        axes = sheet.axes
        figure = axes.get_figure(root=True)
        assert figure is not None
        inches = style.font / figure.dpi
        away = ScaledTranslation(pad[0] * inches, pad[1] * inches, figure.dpi_scale_trans)
        size = TICKS * inches * 72
        super().__init__(x, y, text, fontsize=size, parse_math=False, clip_on=False, **look)
        self._sheet, self._whole, self._room = sheet, text, room
        axes.add_artist(self)
        self.set_transform(sheet + away)

    def _fit(self) -> None:
        """Leave as many characters as there is room for."""
        self.set_text(self._whole)
        if self._room is None:
            return
        if self.get_unitless_position()[0] + self._room / 2 > self._sheet.shown[0]:
            self.set_text("")
            return
        room = self._room * self._sheet.scale * self._sheet.resolution
        left = len(self._whole)
        while left > 1 and super().get_window_extent().width > room:
            left -= 1
            self.set_text(self._whole[:left].rstrip() + ("…" if left > 2 else ""))

    def get_window_extent(self, *arguments: Any, **options: Any) -> Bbox:
        """The box that the text covers, in pixels."""
        self._fit()
        return super().get_window_extent(*arguments, **options)

    def draw(self, renderer: RendererBase) -> None:
        """Draw as much as there is room for."""
        self._fit()
        super().draw(renderer)

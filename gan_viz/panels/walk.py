"""Walks between latents: what G makes of the points on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_viz.panels.base import Panel, Style, latest
from gan_viz.panels.tiles import Sheet, Tiles, picture_size
from gan_viz.panels.words import Caption
from gan_viz.recording import Recording

__all__ = ["WalkPanel"]

GAP = 0.14
"""Room between two walks, relative to the height of a picture."""


class WalkPanel(Panel):
    """Pictures along walks between fixed latents, a row each, at every frame."""

    needs: ClassVar[tuple[str, ...]] = ("walk",)
    share: ClassVar[float] = 1.6

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        channel = recording.channels["walk"]
        self.size = picture_size(recording, channel, leading=2)
        self.rows, self.columns = channel.shape[:2]
        kinds = channel.attributes.get("kind")
        self.kinds = [str(kind) for kind in kinds][: self.rows] if isinstance(kinds, list) else []
        self._frames = latest(recording, "walk")

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Name the walks; create their pictures."""
        axes.set_axis_off()
        tall, wide = self.size
        below = tall + max(1, round(GAP * tall))
        height = self.rows * below - (below - tall)
        sheet = Sheet(axes, self.columns * wide, height, self.size, centred=not self.kinds)
        for row, kind in enumerate(self.kinds):
            y = row * below + tall / 2
            Caption(sheet, 0, y, kind, style, pad=(-0.5, 0), ha="right", va="center")
        order = np.arange(self.columns)[None]
        self._tiles = [Tiles(sheet, 0, row * below, order) for row in range(self.rows)]
        return self._tiles

    def update(self, frame: int) -> None:
        """Show other pictures, those of the last frame that has any."""
        last = int(self._frames[frame])
        shown = self.recording.array("walk", last) if last >= 0 else [None] * self.rows
        for tiles, pictures in zip(self._tiles, shown, strict=True):
            tiles.set_pictures(pictures)

"""Walks between latents: G's pictures of the points on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_viz.panels.base import Panel, Style, latest
from gan_viz.panels.tiles import Caption, Sheet, Tiles, picture_size

GAP, BETWEEN = 0.2, 0.04
"""Room between two walks and between two pictures of one, relative to a picture."""


class WalkPanel(Panel):
    """Pictures along walks between fixed latents, a row each, at every frame."""

    needs: ClassVar[tuple[str, ...]] = ("walk",)
    width_ratio: ClassVar[float] = 1.6

    def load(self) -> None:
        """Find the walks and the frames that have them."""
        channel = self.recording.channels["walk"]
        self.size = picture_size(self.recording, channel, leading=2)
        self.rows, self.columns = channel.shape[:2]
        kinds = channel.attributes.get("kind")
        self.kinds = [str(kind) for kind in kinds][: self.rows] if isinstance(kinds, list) else []
        self._frames = latest(self.recording, "walk")

    @property
    def aspect(self) -> float:
        """Width relative to height of all walks together."""
        tall, wide = self.size
        return self.columns * wide / (self.rows * tall * (1 + GAP))

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Name the walks; create their pictures."""
        axes.set_axis_off()
        tall, wide = self.size
        below, gap = tall + max(1, round(GAP * tall)), max(1, round(BETWEEN * wide))
        size = self.columns * (wide + gap) - gap, self.rows * below - (below - tall)
        sheet = Sheet(axes, size, self.size, gap=gap, centred=not self.kinds)
        for row, kind in enumerate(self.kinds):
            y = row * below + tall / 2
            Caption(sheet, 0, y, kind, style, pad=(-0.5, 0), ha="right", va="center")
        order = np.arange(self.columns)[None]
        self._tiles = [Tiles(sheet, 0, row * below, order) for row in range(self.rows)]
        return self._tiles

    def update(self, frame: int) -> None:
        """Show the pictures of the last frame, up to this one, that has any."""
        last = int(self._frames[frame])
        shown = self.recording.array("walk", last) if last >= 0 else [None] * self.rows
        for tiles, pictures in zip(self._tiles, shown, strict=True):
            tiles.set_pictures(pictures)

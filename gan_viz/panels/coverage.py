"""Which classes G's samples are of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Area, CornerText
from gan_viz.panels.base import TICKS, Panel, Style, latest, read

__all__ = ["CoveragePanel"]

WIDTH = 0.8
"""Of a bar, where 1 is the distance from one to the next."""
TINT = 0.45
"""Opacity of the bars."""
ABOVE = 1.45
"""Top of the scale over the highest bar: the words find room there."""
LEAST = 2.0
"""Top of the scale over the share that all classes have if they are equally frequent, at least."""
LONG = 2
"""Names of more characters are written upwards."""


class CoveragePanel(Panel):
    """Share of the samples that a classifier assigns to each class, and how many classes there are.

    A line is where all classes are equally frequent. Between frames with counts, the last stay.
    """

    needs: ClassVar[tuple[str, ...]] = ("class_counts",)

    def load(self) -> None:
        """Read all frames."""
        self._check_shapes()
        counts = [self._read("class_counts", frame) for frame in self._frames]
        self.counts = np.array(counts, np.float64).reshape(len(counts), self.classes)
        self.samples = self.counts.sum(axis=1)
        self.shares = self.counts / np.maximum(self.samples, 1)[:, None]

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.recording.channels["class_counts"].shape[0])

    @cached_property
    def _frames(self) -> list[int]:
        return [int(frame) for frame in latest(self.recording, "class_counts")]

    def _check_shapes(self) -> None:
        shape = self.recording.channels["class_counts"].shape
        if len(shape) != 1 or not shape[0]:
            raise RecordingError(
                f"{self.recording.path}: class_counts has the shape {shape}, expected one number "
                "for each class; choose other panels"
            )

    def _read(self, channel: str, frame: int) -> NDArray[np.float64]:
        """Numbers recorded at a frame, none below 0; 0 before the first frame that has any."""
        shape = self.recording.channels[channel].shape
        values = read(self.recording, channel, frame) if frame >= 0 else None
        recorded = np.zeros(shape) if values is None else np.asarray(values, np.float64)
        return np.nan_to_num(recorded, nan=0.0, posinf=0.0).clip(min=0.0)

    @cached_property
    def covered(self) -> list[str]:
        """Classes that any sample is of, in words, for each frame; empty before the first."""
        numbers = (self.counts > 0).sum(axis=1)
        return [
            f"{number}/{self.classes} classes" if frame >= 0 else ""
            for number, frame in zip(numbers.tolist(), self._frames, strict=True)
        ]

    @cached_property
    def unsure(self) -> list[str]:
        """Share of the samples that the classifier is unsure of, likewise."""
        if "class_unsure" not in self.recording.channels:
            return [""] * len(self._frames)
        numbers = [self._read("class_unsure", frame).sum() for frame in self._frames]
        return [
            f"{number / samples:.0%} unsure" if samples else ""
            for number, samples in zip(numbers, self.samples, strict=True)
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Name the classes; create bars and words."""
        uniform = 1 / self.classes
        highest = float(self.shares.max(initial=LEAST * uniform))
        axes.set_xlim(-0.5, self.classes - 0.5)
        axes.set_ylim(0, ABOVE * highest)
        axes.set_ylabel("share")
        axes.axhline(uniform, color=style.faint, linewidth=style.thin, zorder=1)
        self._name_classes(axes, style)
        self._bars = Area(axes, style.generated, style.thin, snap=True, tint=TINT)
        self._words = [
            CornerText(axes, texts, style.ink, style.font, line)
            for line, texts in enumerate((self.covered, self.unsure))
        ]
        return [self._bars, *self._words]

    def _name_classes(self, axes: Axes, style: Style) -> None:
        names = self.recording.header.get("classes")
        known = [str(name) for name in names] if isinstance(names, list) else []
        numbers = [str(number) for number in range(len(known), self.classes)]
        labels = (known + numbers)[: self.classes]
        long = max(map(len, labels)) > LONG
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        points = style.font * 72 / axes.figure.dpi
        for place, label in enumerate(labels):
            axes.annotate(
                label,
                (place, 0),
                (0, -0.3 * points),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                annotation_clip=False,
                fontsize=TICKS * points,
                rotation=90 if long else 0,
                ha="center",
                va="top",
            )

    def update(self, frame: int) -> None:
        """Change the heights, and what is said of them."""
        places = np.arange(self.classes)[:, None]
        x = places + WIDTH * np.array([-0.5, -0.5, 0.5, 0.5, np.nan])
        up = np.array([0.0, 1.0, 1.0, 0.0, np.nan])
        self._bars.set_points(x.ravel(), (self.shares[frame][:, None] * up).ravel())
        for words, texts in zip(self._words, (self.covered, self.unsure), strict=True):
            words.set_text(texts[frame])

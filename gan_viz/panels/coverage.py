"""Which classes G's samples are of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.distances import covered
from gan_viz.distributions.base import shorten
from gan_viz.panels.artists import Area, CornerText
from gan_viz.panels.base import TICKS, Panel, Style, latest, read

WIDTH = 0.8
"""Width of a bar, relative to the distance from one to the next."""
TINT = 0.45
"""Opacity of the bars."""
ABOVE = 1.3
"""The scale is this many times as high as the highest bar: the corner text needs the room."""
USUAL = 0.8
"""The scale goes by this quantile of the frames' highest bars; higher ones are cut."""
LEAST = 2.0
"""The highest bar counts as at least this many times the share of equally frequent classes."""
MOST_NAMED = 100
"""Classes that there is room to name."""
LONG = 2
"""If a name has more characters than this, all names are rotated by 90 degrees."""


class CoveragePanel(Panel):
    """Share of the samples that a classifier assigns to each class, and how many are covered.

    A class is covered as `gan_viz.analysis.distances.covered` has it: by a quarter of the share of
    equally frequent classes, which a line marks. Of the samples that the classifier is unsure of,
    only their share is told. A frame without counts shows the last ones.
    """

    needs: ClassVar[tuple[str, ...]] = ("class_counts",)

    def load(self) -> None:
        """Read the counts of all frames."""
        counts = [self._read("class_counts", frame) for frame in self._frames]
        self.counts = np.array(counts, np.float64).reshape(len(counts), self.classes)
        self.samples = np.maximum(self.counts.sum(axis=1), self._classified)
        self.shares = self.counts / np.maximum(self.samples, 1)[:, None]

    @property
    def _classified(self) -> int:
        """Samples classified at each frame; 0 where only those in some class are known."""
        samples = self.recording.channels["class_counts"].attributes.get("samples")
        return samples if isinstance(samples, int) else 0

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.recording.channels["class_counts"].shape[0])

    @cached_property
    def _frames(self) -> list[int]:
        return [int(frame) for frame in latest(self.recording, "class_counts")]

    def _read(self, channel: str, frame: int) -> NDArray[np.float64]:
        """Recorded numbers, clipped to at least 0; zeros before the first frame with counts."""
        shape = self.recording.channels[channel].shape
        values = read(self.recording, channel, frame) if frame >= 0 else None
        recorded = np.zeros(shape) if values is None else np.asarray(values, np.float64)
        return np.nan_to_num(recorded, nan=0.0, posinf=0.0).clip(min=0.0)

    @cached_property
    def covered(self) -> list[str]:
        """Text for each frame: how many classes are covered; empty before the first counts."""
        return [
            f"{covered(counts, samples).sum()}/{self.classes} classes" if frame >= 0 else ""
            for counts, samples, frame in zip(self.counts, self.samples, self._frames, strict=True)
        ]

    @cached_property
    def unsure(self) -> list[str]:
        """Text for each frame: the share of the samples that the classifier is unsure of."""
        if "class_unsure" not in self.recording.channels:
            return [""] * len(self._frames)
        numbers = [self._read("class_unsure", frame).sum() for frame in self._frames]
        return [
            f"{number / samples:.0%} unsure" if samples else ""
            for number, samples in zip(numbers, self.samples, strict=True)
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Name the classes; create the bars and the corner texts."""
        uniform = 1 / self.classes
        most = self.shares.max(axis=1, initial=0.0)
        highest = max(float(np.quantile(most, USUAL)) if len(most) else 0.0, LEAST * uniform)
        axes.set_xlim(-0.5, self.classes - 0.5)
        axes.set_ylim(0, ABOVE * highest)
        axes.set_ylabel(style.words.say("share"))
        axes.axhline(uniform, color=style.faint, linewidth=style.thin, zorder=1)
        self._name_classes(axes, style)
        self._bars = Area(axes, style.generated, style.thin, snap=True, tint=TINT)
        self._texts = [
            CornerText(axes, texts, style.ink, style.font, line)
            for line, texts in enumerate((self.covered, self.unsure))
        ]
        return [self._bars, *self._texts]

    def _name_classes(self, axes: Axes, style: Style) -> None:
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        if self.classes > MOST_NAMED:
            return
        names = self.recording.header.get("classes")
        known = [str(name) for name in names] if isinstance(names, list) else []
        numbers = [str(number) for number in range(len(known), self.classes)]
        labels = [shorten(label) for label in (known + numbers)[: self.classes]]
        long = max(map(len, labels)) > LONG
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
        """Change the bars and the texts."""
        places = np.arange(self.classes)[:, None]
        x = places + WIDTH * np.array([-0.5, -0.5, 0.5, 0.5, np.nan])
        up = np.array([0.0, 1.0, 1.0, 0.0, np.nan])
        self._bars.set_points(x.ravel(), (self.shares[frame][:, None] * up).ravel())
        for shown, texts in zip(self._texts, (self.covered, self.unsure), strict=True):
            shown.set_text(texts[frame])

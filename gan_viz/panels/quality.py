"""How good G's pictures are, over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.panels.base import LegendEntry, LineStyle, Style
from gan_viz.panels.series import Series, SeriesPanel, scale_of
from gan_viz.recording import Recording

PREFIX = "quality_"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "shares": ("precision", "recall", "coverage"),
    "frechet": ("frechet",),
    "kernel": ("kernel",),
    "score": ("classifier_score",),
}
"""What is drawn on one scale, by the parameter's value."""
NAMES = {
    "frechet": "Fréchet distance",
    "kernel": "kernel distance",
    "classifier_score": "classifier's score",
}


@dataclass(eq=False)
class QualityPanel(SeriesPanel):
    """Precision, recall and coverage of G's pictures in a classifier's features, or a distance.

    Each has a line at its floor: what real pictures that were not learnt from get, see
    `gan_viz.hooks.quality.QualityHook`. The pale band is two standard errors to either side.

    Parameters
    ----------
    figure : {"shares", "frechet", "kernel", "score"}
        Precision, recall and coverage; the Fréchet distance; the kernel distance; or the
        classifier's score.
    strip : bool
        See `gan_viz.panels.series.SeriesPanel`.
    """

    needs: ClassVar[tuple[str, ...]] = ("quality_precision",)
    pale: ClassVar[float] = 0.2

    figure: Literal["shares", "frechet", "kernel", "score"] = "shares"

    @classmethod
    def parameters(cls) -> list[str]:
        """Names of the parameters: what is drawn comes first, as in ``quality(frechet)``."""
        return sorted(super().parameters())

    def lacking(self, recording: Recording) -> list[str]:
        """Which of the scalars that it draws a recording does not have."""
        names = (f"{PREFIX}{name}" for name in GROUPS[self.figure])
        return [name for name in names if name not in recording.scalars]

    def series(self) -> Mapping[str, Series]:
        """The figures, as they were measured."""
        return {name: self.scalar(f"{PREFIX}{name}") for name in GROUPS[self.figure]}

    def load(self) -> None:
        """Read the figures; what is measured a few times is not smoothed."""
        super().load()
        self.smoothed = dict(self.raw)

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the scales; the bands are of the errors."""
        moving = super().setup(axes, style)
        for name, band in self._bands.items():
            steps, values = self.raw[name]
            error = 2 * self._error(name, steps)
            band.set_between(self._at(steps), values - error, values + error)
        return moving

    def _error(self, name: str, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard errors at some steps; 0 where none were recorded."""
        scalar = f"{PREFIX}{name}_error"
        if scalar not in self.recording.scalars:
            return np.zeros_like(steps)
        at, errors = self.scalar(scalar)
        return np.interp(steps, at, errors) if len(at) else np.zeros_like(steps)

    @cached_property
    def floor(self) -> dict[str, float]:
        """Of each figure, as far as it is known."""
        about = self.recording.header.get("quality")
        floor = about.get("floor") if isinstance(about, Mapping) else None
        known = floor if isinstance(floor, Mapping) else {}
        found = {name: _first_number(known.get(name)) for name in self.raw}
        return {name: value for name, value in found.items() if np.isfinite(value)}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Shares from 0 to 1; other figures from 0, or below it, to nearly the greatest."""
        if self.figure == "shares":
            return 0.0, 1.03
        values = [values for _, values in self.raw.values()]
        low, high = scale_of(values, [0.0, *self.floor.values()])
        return low, high

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """An entry for each figure."""
        looks: tuple[tuple[str, LineStyle], ...] = (
            (style.generated, "-"),
            (style.data, "--"),
            (style.discriminator, ":"),
        )
        return [
            LegendEntry(NAMES.get(name, name), color, line)
            for name, (color, line) in zip(self.raw, looks, strict=False)
        ]

    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Draw a line at the floor of each figure."""
        axes.set_ylabel(style.words.say("share") if self.figure == "shares" else "")
        for (name, _), entry in zip(self.raw.items(), self.legend(style), strict=True):
            if name in self.floor:
                height = self.floor[name]
                axes.axhline(height, color=entry.color, linewidth=style.thin, alpha=0.5, zorder=1)


def _first_number(value: object) -> float:
    """The value of a figure that a header tells with its error."""
    first = value[0] if isinstance(value, Sequence) and value else None
    return float(first) if isinstance(first, int | float) else float("nan")

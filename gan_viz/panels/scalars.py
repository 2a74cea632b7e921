"""Any scalars of a training over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from matplotlib.axes import Axes

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.panels.base import LegendEntry, LineStyle, Style
from gan_viz.panels.series import Series, SeriesPanel, scale_of
from gan_viz.recording import Recording

MOST = 6
"""Scalars drawn at once: there are as many colours."""
ELSEWHERE = "d_loss", "g_loss", "quality_"
"""Beginnings of the names of those that have a panel of their own."""


@dataclass(eq=False)
class ScalarsPanel(SeriesPanel):
    """Scalars up to the current step, smoothed, over their raw values in a pale tint."""

    needs: ClassVar[tuple[str, ...]] = ("scalars",)

    names: str | None = None
    """Which, with plus signs between them; by default six at most that have no other panel."""

    def lacking(self, recording: Recording) -> list[str]:
        """What was asked for, or any scalars at all."""
        return [] if recording.scalars else list(self.needs)

    @property
    def chosen(self) -> list[str]:
        """The scalars that are drawn.

        Raises UnknownNameError if the recording does not have one; UsageError if there are too
        many.
        """
        there = list(self.recording.scalars)
        if self.names is None:
            return ([name for name in there if not name.startswith(ELSEWHERE)] or there)[:MOST]
        asked = [name.strip() for name in self.names.split("+") if name.strip()]
        for name in asked:
            if name not in there:
                raise UnknownNameError("scalar", name, there)
        if not 1 <= len(asked) <= MOST:
            raise UsageError(f"scalars {self.names!r}: expected 1 to {MOST} names")
        return list(dict.fromkeys(asked))

    def series(self) -> Mapping[str, Series]:
        """The scalars."""
        return {name: self.scalar(name) for name in self.chosen}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of a scale that holds nearly all raw values."""
        return scale_of(values for _, values in self.raw.values())

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """An entry for each."""
        roles: tuple[tuple[str, LineStyle], ...] = (
            (style.generated, "-"),
            (style.data, "--"),
            (style.discriminator, ":"),
            (style.g_loss, "-"),
            (style.d_loss, "--"),
            (style.ink, ":"),
        )
        return [
            LegendEntry(name.replace("_", " ").replace("*", "×"), color, line, slight=number > 2)
            for number, (name, (color, line)) in enumerate(zip(self.raw, roles, strict=False))
        ]

    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Name the scale after the scalar, if it is one."""
        axes.set_ylabel(next(iter(self.raw)) if len(self.raw) == 1 else style.words.say("value"))

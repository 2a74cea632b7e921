"""The losses of D and G over the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from matplotlib.axes import Axes

from gan_viz.panels.base import LegendEntry, Style, add_right_scale
from gan_viz.panels.series import LARGE, Series, SeriesPanel, scale_of

CLOSE = 0.12
"""Marks closer than this fraction of the scale share a label of several lines."""
EXACT_VALUES = {2 * math.log(2): "2 log 2", math.log(2): "log 2", -math.log(2): "−log 2", 0.0: "0"}


@dataclass(eq=False)
class LossesPanel(SeriesPanel):
    """Both losses up to the current step, smoothed, over their raw values in a pale tint.

    Lines mark the values of the objective at equilibrium, where the recording names them.

    Parameters
    ----------
    critic : bool
        Whether only D's loss is drawn, with its sign turned: of a Wasserstein critic that is what
        Arjovsky et al. (2017) plot, https://arxiv.org/abs/1701.07875, an estimate of the distance.
    strip : bool
        See `SeriesPanel`.
    """

    needs: ClassVar[tuple[str, ...]] = ("d_loss", "g_loss")

    critic: bool = False

    def series(self) -> Mapping[str, Series]:
        """Both losses, or that of the critic with its sign turned."""
        if not self.critic:
            return {name: self.scalar(name) for name in self.needs}
        steps, values = self.scalar("d_loss")
        return {"d_loss": (steps, -values)}

    @cached_property
    def equilibrium(self) -> Mapping[str, float]:
        """The losses where p_g = p_data, by name, as far as the header gives them."""
        objective = self.recording.header.get("objective")
        values = objective.get("equilibrium") if isinstance(objective, Mapping) else None
        if not isinstance(values, Mapping):
            return {}
        known = {k: float(v) for k, v in values.items() if k in self.needs and _is_finite(v)}
        if not self.critic:
            return known
        return {"d_loss": -known["d_loss"] + 0.0} if "d_loss" in known else {}

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of a scale that holds nearly all raw values, and the values at equilibrium."""
        return scale_of((values for _, values in self.raw.values()), self.equilibrium.values())

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """An entry for each loss."""
        if self.critic:
            return [LegendEntry(style.words.say("critic_loss"), style.d_loss, short="−*L*_D_")]
        return [style.entry("d_loss", style.d_loss, "--"), style.entry("g_loss", style.g_loss)]

    def draw_scale(self, axes: Axes, style: Style) -> None:
        """Mark the values at equilibrium."""
        axes.set_ylabel(style.words.say("loss"))
        if not self.equilibrium:
            return
        values = sorted(set(self.equilibrium.values()))
        for value in values:
            axes.axhline(value, color=style.faint, linewidth=style.thin, zorder=1)
        marks = {
            sum(group) / len(group): "\n".join(written(value) for value in reversed(group))
            for group in self._grouped(values)
        }
        add_right_scale(axes, marks, style, style.ink)

    def _grouped(self, values: Sequence[float]) -> list[list[float]]:
        """Group ascending values whose labels would overlap."""
        low, high = self.limits
        groups: list[list[float]] = []
        for value in values:
            if groups and value - groups[-1][-1] < CLOSE * (high - low):
                groups[-1].append(value)
            else:
                groups.append([value])
        return groups


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < LARGE


def written(value: float) -> str:
    """A value at equilibrium in symbols, if it has any.

    Examples
    --------
    >>> written(2 * math.log(2)), written(0.25)
    ('2 log 2', '0.25')
    """
    near = [text for constant, text in EXACT_VALUES.items() if math.isclose(constant, value)]
    return near[0] if near else f"{value:.3g}"

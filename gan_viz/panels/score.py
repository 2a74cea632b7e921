"""The learnt score of the noised data beside the exact one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.noising import Level, NoisedTarget, recorded_levels
from gan_viz.distributions import Distribution, recorded_target
from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.artists import Area, CornerText, Curve
from gan_viz.panels.base import DYNAMIC, LegendEntry, Panel, Style, name_before_ticks, read

Array = NDArray[np.float64]

USUAL = 0.3
"""Noise, relative to what is left of the data's deviation, at which the score is shown."""
TINT, GAP = 0.2, 0.45
"""Opacity of the density, and of the gap between the scores."""
LANE = 0.3
"""Height of the density, relative to the picture."""
FAINT = 0.01
"""The gap counts where the density is more than this part of its peak."""
MARGIN = 0.15
"""Room beyond the exact score, relative to all of it."""
CLIP = 3.0
"""Scores are cut at this many times the scale: far off a network may say anything."""


@dataclass(eq=False)
class ScorePanel(Panel):
    """``sigma d/dx log p(x)``, as learnt and as it is, at one level of noise; the gap is tinted.

    Times the noise's deviation the score is the mean noise in x, with the other sign: of size 1
    whatever the level. Beneath is the density of the noised data, on a scale of its own: where
    there is none, nothing can be learnt.

    Parameters
    ----------
    noise : float, optional
        Deviation of the noise relative to what is left of the data's, above 0: the nearest level
        is shown; by default 0.3. Where only one level was recorded at a frame, it is that one.
    """

    needs: ClassVar[tuple[str, ...]] = ("score", "score_x", "noise_levels", "target")

    noise: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise is not None and not self.noise > 0:
            raise UsageError(f"panel score: noise is {self.noise:g}, expected more than 0")

    def load(self) -> None:
        """Choose the level of each frame."""
        target, levels = recorded_target(self.recording.header), recorded_levels(self.recording)
        self.x = np.asarray(self.recording.constants["score_x"], np.float64)
        shape = self.recording.channels["score"].shape
        fits = len(shape) == 2 and self.x.shape == shape and len(levels) == shape[0] + 1
        if target is None or not fits or not (np.diff(self.x) > 0).all():
            raise RecordingError(
                f"{self.recording.path}: the learnt score has the shape {shape} and its places "
                f"{self.x.shape}, expected ({len(levels) - 1}, k) for both, ascending, and the "
                "data must be known; choose other panels"
            )
        self.levels = np.array(levels)
        self.target: Distribution = target
        self.shown = [self._level(frame) for frame in range(len(self.recording))]

    def _level(self, frame: int) -> int:
        """The level of a frame."""
        scores = read(self.recording, "score", frame)
        if scores is not None:
            known = np.flatnonzero(np.isfinite(scores).any(axis=1))
            if len(known) == 1:
                return int(known[0])
        alpha, _, sigma = self.levels[:-1].T
        relative = sigma / (self.target.scale * np.maximum(alpha, 1e-9))
        return int(np.abs(np.log(relative / (self.noise or USUAL))).argmin())

    @cached_property
    def _noised(self) -> NoisedTarget:
        return NoisedTarget(self.target)

    @cached_property
    def exact(self) -> dict[int, Array]:
        """``sigma`` times the exact score at the levels that are shown, each of shape (k,)."""
        found = {}
        for number in set(self.shown):
            level = Level(*self.levels[number].tolist())
            found[number] = level.sigma * self._noised.score(self.x[number], level)
        return found

    @cached_property
    def densities(self) -> dict[int, Array]:
        """Of the noised data, relative to its peak, at the levels that are shown."""
        found = {}
        for number in set(self.shown):
            density = self._noised.pdf(self.x[number], Level(*self.levels[number].tolist()))
            found[number] = density / max(float(density.max()), 1e-300)
        return found

    @property
    def _changes(self) -> bool:
        """Whether frames show several levels, whose places are then drawn to one width."""
        return len(set(self.shown)) > 1

    def _along(self, number: int) -> Array:
        """Where the places of a level are drawn, shape (k,)."""
        return np.linspace(-1, 1, self.x.shape[1]) if self._changes else self.x[number]

    def learnt(self, frame: int) -> Array:
        """``sigma`` times the learnt score at the level of a frame, shape (k,)."""
        scores, number = read(self.recording, "score", frame), self.shown[frame]
        if scores is None:
            return np.full(self.x.shape[1], np.nan)
        low, high = self.limits
        cut = CLIP * (high - low)
        with np.errstate(invalid="ignore"):
            values = self.levels[number, 2] * np.asarray(scores[number], np.float64)
        return np.asarray(np.clip(values, low - cut, high + cut))

    def gap(self, frame: int) -> float:
        """Root of the mean square difference of the two, over the noised data; NaN if unknown."""
        number = self.shown[frame]
        square = (self.learnt(frame) - self.exact[number]) ** 2
        weights = np.where(np.isfinite(square), self.densities[number], 0.0)
        if not weights.any():
            return float("nan")
        return float(np.sqrt(np.average(np.nan_to_num(square), weights=weights)))

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of the scale: the exact scores, and the density below them."""
        known = np.concatenate([one[np.isfinite(one)] for one in self.exact.values()])
        low, high = np.quantile(known, [0.02, 0.98]).tolist() if len(known) else (-1.0, 1.0)
        pad = MARGIN * (high - low)
        return low - pad, high + pad

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """The learnt score and the exact one, and the density of what is noised."""
        words = style.words
        certainty = "" if self._noised.is_exact else f" ({words.say('estimate')})"
        return [
            LegendEntry(words.say("score"), style.discriminator),
            LegendEntry(
                words.say("exact-score") + certainty, style.muted, filled=True, slight=True
            ),
            LegendEntry(words.say("noised"), style.data, filled=True),
        ]

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the scales and the line at 0; create what moves."""
        ends = self._along(self.shown[0])[[0, -1]]
        axes.set_xlim(*ends)
        axes.set_ylim(*self.limits)
        if self._changes:
            axes.tick_params(axis="x", bottom=False, labelbottom=False)
        name_before_ticks(axes, "x", style)
        axes.set_ylabel("σ · score")
        axes.axhline(0.0, color=style.faint, linewidth=style.thin, zorder=1)
        self._density = Area(axes, style.data, style.line, tint=TINT)
        self._gap = Area(axes, style.muted, 0.0, tint=GAP, zorder=DYNAMIC + 1)
        self._exact = Curve(axes, style.muted, style.slight, zorder=DYNAMIC + 2)
        self._learnt = Curve(axes, style.discriminator, style.line, zorder=DYNAMIC + 3)
        self._texts = [self._text(frame) for frame in range(len(self.recording))]
        # scores fall from the left to the right: that corner is free
        self._corner = CornerText(axes, self._texts, style.ink, style.font, right=True)
        return [self._density, self._gap, self._exact, self._learnt, self._corner]

    def _text(self, frame: int) -> str:
        noise, gap = self.levels[self.shown[frame], 2] / self.target.scale, self.gap(frame)
        return f"noise {noise:.2g}" + (f", gap {gap:.2f}" if np.isfinite(gap) else "")

    def update(self, frame: int) -> None:
        """Move the curves."""
        number = self.shown[frame]
        low, high = self.limits
        x = self._along(number)
        density = self.densities[number]
        base = np.full_like(density, low)
        self._density.set_between(x, low + LANE * (high - low) * density, base)
        learnt, exact = self.learnt(frame), self.exact[number]
        self._exact.set_points(x, exact)
        self._learnt.set_points(x, learnt)
        counts = density > FAINT
        self._gap.set_between(x, np.where(counts, learnt, np.nan), exact)
        self._corner.set_text(self._texts[frame])

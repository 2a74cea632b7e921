"""D along x, on the scale that its kind of output calls for, and what D would best be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.density import optimal_discriminator
from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.analysis.scores import UNBOUNDED, probability
from gan_viz.analysis.visible import finer, has_detail, mean_density
from gan_viz.distributions import Distribution
from gan_viz.recording import NotRecordedError, Recording

Array = NDArray[np.float64]

CUT_OFF = 0.05
"""Share of the frames at which a critic may go below its scale, and at which above."""
DISTORTED = 10.0
"""A first frame that spans so many times what any other does is no part of the scale."""
PAD = 0.1
"""Margin at either end of a critic's scale, relative to its length."""


class DiscriminatorCurve:
    """D along an even grid `x`, shape (m,), of a recording with ``discriminator`` and ``x``.

    Logits become probabilities. The Wasserstein losses use differences of a critic's values alone,
    and a critic drifts by a constant as it learns: so its mean on the data is subtracted at each
    frame, or its mean along the grid where `p_data`, the density there, is not given. How far the
    mean over p_g's samples then lies below 0 is the distance that the critic estimates. The margin
    of a hinge loss is left as it is: D tells real from generated samples at 0.

    With `critic_range`, a critic or margin is stretched at each frame so that its least and its
    greatest value along the grid are these. With `common_scale`, probabilities are to be drawn on
    the scale of the densities.
    """

    def __init__(
        self,
        recording: Recording,
        x: Array,
        p_data: Array | None = None,
        *,
        critic_range: tuple[float, float] | None = None,
        common_scale: bool = False,
    ) -> None:
        self._recording, self._x = recording, x
        self._places = np.asarray(recording.constants["x"], np.float64)
        self._output = recording.channels["discriminator"].attributes.get("output")
        self.critic = self._output in UNBOUNDED
        self.stretched = critic_range if self.critic else None
        self._common_scale = common_scale
        self.centered = self._output == "critic" and not self.stretched
        self._weights = np.ones_like(x) if p_data is None or not p_data.any() else p_data

    @property
    def on_the_densities(self) -> tuple[float, float] | None:
        """Least and greatest value, if D is drawn on the scale of the densities."""
        if self.critic:
            return self.stretched
        return (0.0, 1.0) if self._common_scale else None

    def at(self, frame: int) -> Array:
        """Values at a frame, shape (m,); NaN where D was not recorded or is not finite."""
        try:
            recorded = probability(self._recording.array("discriminator", frame), self._output)
        except NotRecordedError:
            return np.full_like(self._x, np.nan)
        values = np.interp(self._x, self._places, recorded, left=np.nan, right=np.nan)
        return self._on_its_scale(values) if self.critic else values

    def _on_its_scale(self, values: Array) -> Array:
        there = np.abs(values) < LARGE  # nor NaN
        if not there.any():
            return np.full_like(values, np.nan)
        values = np.where(there, values, np.nan)
        if self.stretched is not None:
            ends = float(values[there].min()), float(values[there].max())
            if ends[0] == ends[1]:
                return np.where(there, sum(self.stretched) / 2, np.nan)
            low, high = self.stretched
            return np.asarray(low + (values - ends[0]) * ((high - low) / (ends[1] - ends[0])))
        if not self.centered:
            return values
        weights = self._weights[there]
        return values - np.average(values[there], weights=weights if weights.any() else None)

    def limits(self, there: NDArray[np.bool_]) -> tuple[float, float]:
        """Ends of a critic's scale, which shows 0 and its values where there are samples.

        `there`, of shape (frames, m), says where that is: elsewhere a critic may be anything. At a
        twentieth of the frames a critic goes below the scale, and at a twentieth above; at the
        first, if it spans far more there than ever after: a spectral norm is not yet known then.
        """
        curves = map(self.at, range(len(self._recording)))
        pairs = zip(curves, there, strict=True)
        known = [values[np.isfinite(values) & one] for values, one in pairs]
        ends = [(one.min(), one.max()) for one in known if len(one)] or [(-1.0, 1.0)]
        lows, highs = np.transpose(ends)
        if len(ends) > 2 and highs[0] - lows[0] > DISTORTED * (highs - lows)[1:].max() > 0:
            lows, highs = lows[1:], highs[1:]
        low = min(0.0, float(np.quantile(lows, CUT_OFF)))
        high = max(0.0, float(np.quantile(highs, 1 - CUT_OFF)))
        pad = PAD * (high - low) or 1.0
        return low - pad, high + pad


class BestDiscriminator:
    """``D*(x) = p_data(x) / (p_data(x) + p_g(x))`` of the masses in the cells of an even grid.

    Goodfellow et al. (2014), proposition 1. Cells within which both densities vary are left out,
    where D* may be anything, whatever it is on average; and those whose p_g is not known.
    """

    def __init__(self, target: Distribution, generated: GeneratedDensity, x: Array) -> None:
        self.is_estimate = target.is_estimate or generated.is_estimate
        self._generated, self._x, self._finer = generated, x, finer(x)
        self._p_data = mean_density(target, x)
        self._has_detail = has_detail(mean_density(target, self._finer))

    biased = False

    def at(self, outputs: ArrayLike, least: float = 0.0, d: Array | None = None) -> Array:
        """D* given G's outputs at a frame; shape (points,).

        NaN where it is not known, and where the densities add up to at most `least`. What D says,
        `d`, makes no difference; it does for a critic of clipped weights.
        """
        p_g = self._generated.along(outputs, self._x)
        best = optimal_discriminator(self._p_data, p_g, least)
        best[self._generated.doubtful(outputs, self._x)] = np.nan
        if self._has_detail.any():
            parts = self._generated.along(outputs, self._finer)
            best[self._has_detail & has_detail(parts)] = np.nan
        return best

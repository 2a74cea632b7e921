"""D along x, in the way that its outputs mean and that a recording allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.scores import UNBOUNDED, probability
from gan_viz.recording import NotRecordedError, Recording

__all__ = ["DiscriminatorCurve"]

Array = NDArray[np.float64]

CUT_OFF = 0.05
"""Part of the frames at which a critic may be lower than its scale, and at which higher."""
PAD = 0.1
"""What is added to a critic's scale at either end, relative to it."""


class DiscriminatorCurve:
    """D along an even grid.

    Logits become probabilities. Of a critic's values only differences count in the Wasserstein
    losses, and a critic drifts by a constant as it learns: so its mean on the data is subtracted at
    each frame (its mean along the grid, if the data is not known). What p_g's samples get less than
    0 on average is then the distance that the critic estimates. A margin (of
    the hinge loss) is left as it is: real and generated samples are told apart at 0.

    Parameters
    ----------
    recording : Recording
        With the channel ``discriminator`` and the constant ``x``.
    x : ndarray, shape (m,)
        The grid.
    p_data : ndarray, shape (m,), optional
        Density of the data there.
    critic_range : (float, float), optional
        Heights at which the least and the greatest value of a critic along the grid are drawn, at
        each frame.
    common_scale : bool
        Whether probabilities are drawn on the scale of the densities.

    Attributes
    ----------
    critic : bool
        Whether the values are those of a critic or a margin, and no probabilities.
    centered : bool
        Whether a mean was subtracted.
    stretched : (float, float) or None
        A critic's least and greatest value at each frame, if they are given.
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
        """Least and greatest value, if they are to be drawn on the scale of the densities."""
        if self.critic:
            return self.stretched
        return (0.0, 1.0) if self._common_scale else None

    def at(self, frame: int) -> Array:
        """Values at a frame, shape (m,); NaN where none were recorded, or no number.

        Parameters
        ----------
        frame : int
        """
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
        return values - self._mean(values[there], self._weights[there]) if self.centered else values

    @staticmethod
    def _mean(values: Array, weights: Array) -> float:
        return float(np.average(values, weights=weights if weights.any() else None))

    def limits(self, there: NDArray[np.bool_]) -> tuple[float, float]:
        """Choose a scale for a critic: for 0, and for its values among the samples.

        Parameters
        ----------
        there : ndarray of bool, shape (frames, m)
            Where there are samples. Elsewhere a critic may be anything.

        Returns
        -------
        (float, float)
            Lower and upper end. At a twentieth of the frames a critic is lower, and at a twentieth
            higher.
        """
        curves = map(self.at, range(len(self._recording)))
        pairs = zip(curves, there, strict=True)
        known = [values[np.isfinite(values) & one] for values, one in pairs]
        ends = [(one.min(), one.max()) for one in known if len(one)] or [(-1.0, 1.0)]
        lows, highs = np.transpose(ends)
        low = min(0.0, float(np.quantile(lows, CUT_OFF)))
        high = max(0.0, float(np.quantile(highs, 1 - CUT_OFF)))
        pad = PAD * (high - low) or 1.0
        return low - pad, high + pad

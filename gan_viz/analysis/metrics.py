"""How near p_g is to p_data: all metrics of a frame."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.density import estimated_density
from gan_viz.analysis.distances import (
    jensen_shannon,
    kullback_leibler,
    midpoints,
    mode_shares,
    quantile_distance,
    total_variation,
)
from gan_viz.analysis.exact import LARGE, LatentLine, latent_line
from gan_viz.distributions import Distribution, from_description
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

__all__ = ["Metrics", "TargetMetrics", "metrics", "relative_w1"]

Array = NDArray[np.float64]

CELLS = 2048
"""Cells in which masses are compared, over three times the window of p_data: about 90 to the
standard deviation of a normal distribution."""
UNEQUAL = 1e-2
"""Relative difference above which the masses of latents count as different."""
LEAST_FROM_CDF = 1e-9
"""Masses of p_data above this are differences of its distribution function; smaller ones would be
rounded off and come from the density."""


@dataclass(frozen=True)
class Metrics:
    """Distances between p_g and p_data at one frame.

    For a one-dimensional latent of 1024 values and smooth densities, w1 is exact to 0.2 % of the
    data's standard deviation, and the others to 1e-3; for latents of several dimensions all but w1
    are those of a kernel density estimate.

    Attributes
    ----------
    w1 : float
        Wasserstein-1 distance, in the unit of x; NaN or infinite where an output of G is.
    w1_relative : float
        The same relative to the standard deviation of the data (or to its robust spread, where it
        has none).
    js : float
        Jensen-Shannon divergence, in nats, from 0 to log 2.
    kl_data_g, kl_g_data : float
        KL(p_data ‖ p_g) and KL(p_g ‖ p_data), in nats; infinite where the second has no mass in a
        cell and the first has a millionth or more, as when the tails of p_g end too early.
    tv : float
        Total variation distance, from 0 to 1.
    masses : tuple of float
        Mass of p_g in each mode of p_data (`Distribution.modes`), from left to right.
    """

    w1: float
    w1_relative: float
    js: float
    kl_data_g: float
    kl_g_data: float
    tv: float
    masses: tuple[float, ...]

    @property
    def value(self) -> float:
        """``2 JS - log 4``: the value of the minimax game against the optimal discriminator."""
        return 2 * self.js - math.log(4)


class TargetMetrics:
    """Measures how far G's outputs are from a target; without their latents, p_g is estimated.

    Examples
    --------
    >>> from gan_viz.distributions import Latent, target
    >>> z = Latent("normal", 1).stratified(1024)[:, 0]
    >>> measured = TargetMetrics(target("norm(0, 1)"), LatentLine(z, "normal"))
    >>> shifted = measured.of(z + 1.0)
    >>> round(shifted.w1, 3), round(shifted.kl_g_data, 3), round(shifted.tv, 3)
    (1.0, 0.5, 0.383)
    """

    def __init__(self, target: Distribution, line: LatentLine | None = None) -> None:
        self.target, self.line = target, line
        self._quantiles = np.zeros(0)
        low, high = target.window
        self._step = 3 * (high - low) / CELLS
        self._start = 2 * low - high
        edges = self._start + self._step * np.arange(CELLS + 1)
        self._middles = (edges[1:] + edges[:-1]) / 2
        density = np.nan_to_num(target.pdf(self._middles), nan=0.0, posinf=0.0)
        mass = density * self._step
        if not target.is_estimate:
            exact = np.diff(target.cdf(edges))
            mass = np.where(exact > LEAST_FROM_CDF, exact, np.minimum(mass, LEAST_FROM_CDF))
        self._data = _with_rest(mass)

    @cached_property
    def _weights(self) -> Array | None:
        """Masses of the latents, where they are not the same."""
        if self.line is None or np.ptp(self.line.weights) < UNEQUAL * self.line.weights.mean():
            return None
        return self.line.weights

    def of(self, outputs: ArrayLike) -> Metrics:
        """Measure the outputs of one frame, shape (n,), at least one, in the latents' order."""
        x = np.asarray(outputs, np.float64)
        w1 = self.w1(x)
        masses, shares = self._estimated(x) if self.line is None else self._exact(x, self.line)
        p, q = self._data, _with_rest(masses)
        return Metrics(
            w1=w1,
            w1_relative=w1 / self.target.scale,
            js=jensen_shannon(p, q),
            kl_data_g=kullback_leibler(p, q),
            kl_g_data=kullback_leibler(q, p),
            tv=total_variation(p, q),
            masses=tuple(shares.tolist()),
        )

    def w1(self, x: Array) -> float:
        """`Metrics.w1` of the outputs of one frame, without the rest."""
        if self._weights is not None:
            order = np.argsort(x)
            weights = self._weights[order]
            quantiles = self.target.ppf((weights.cumsum() - weights / 2).clip(0.0, 1.0))
            return quantile_distance(x[order], quantiles, weights)
        if len(self._quantiles) != len(x):  # they take longer than all the rest
            self._quantiles = self.target.ppf(midpoints(len(x)))
        return quantile_distance(x, self._quantiles)

    def _exact(self, x: Array, line: LatentLine) -> tuple[Array, Array]:
        """Masses of p_g in the cells and in the modes."""
        pieces = line.pieces(x)
        borders = [-np.inf, *(mode.high for mode in self.target.modes)]
        return pieces.on_cells(self._start, self._step, CELLS), np.diff(pieces.below(borders))

    def _estimated(self, x: Array) -> tuple[Array, Array]:
        """Masses of p_g in the cells and in the modes, where the latents are not known."""
        ordered = np.sort(x[np.abs(x) < LARGE])  # nor NaN
        masses = estimated_density(ordered, self._middles) * self._step * len(ordered) / len(x)
        return masses, mode_shares(x, self.target.modes)


def _with_rest(masses: Array) -> Array:
    """Append the mass beyond the cells as one more cell."""
    rest = 1.0 - float(masses.sum())
    return np.append(masses, rest if rest > LEAST_FROM_CDF else 0.0)


def metrics(recording: Recording) -> Iterator[tuple[int, Metrics]]:
    """Measure all frames of a recording at which G's outputs were recorded.

    Yields
    ------
    (int, Metrics)
        The step, and what was measured there.

    Raises
    ------
    RecordingError
        The recording has no target, or no one-dimensional outputs of G.
    """
    channel = recording.channels.get("generator")
    if channel is None or len(channel.shape) != 1 or not channel.shape[0]:
        raise RecordingError(
            f"{recording.path}: metrics compare one number a sample with the data, but the "
            "recording has no such channel 'generator'; record with the distribution hook"
        )
    if "target" not in recording.header:
        raise RecordingError(
            f"{recording.path}: there is no target in the recording to compare with; give the "
            "recorder data=..."
        )
    measured = TargetMetrics(from_description(recording.header["target"]), latent_line(recording))
    frames = enumerate(recording.steps.tolist())
    return (
        (step, measured.of(recording.array("generator", frame)))
        for frame, step in frames
        if recording.has("generator", frame)
    )


def relative_w1(
    recording: Recording, frames: Sequence[int] | None = None
) -> NDArray[np.float64] | None:
    """`Metrics.w1_relative` of some frames, or of all, without measuring anything else: shape (n,).

    NaN where G's outputs were not recorded; None where the recording has none to be compared.
    """
    channel = recording.channels.get("generator")
    if channel is None or len(channel.shape) != 1 or not channel.shape[0]:
        return None
    if "target" not in recording.header:
        return None
    measured = TargetMetrics(from_description(recording.header["target"]), latent_line(recording))
    scale = measured.target.scale
    return np.array(
        [
            measured.w1(np.asarray(recording.array("generator", frame), np.float64)) / scale
            if recording.has("generator", frame)
            else np.nan
            for frame in (range(len(recording)) if frames is None else frames)
        ]
    )

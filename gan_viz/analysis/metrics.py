"""How near p_g is to p_data: all metrics of a frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.bandwidths import plug_in
from gan_viz.analysis.distances import (
    core_shares,
    jensen_shannon,
    kullback_leibler,
    midpoints,
    split_cores,
    total_variation,
)
from gan_viz.analysis.exact import LARGE, LatentLine, Pieces, latent_line
from gan_viz.analysis.profiles import Comparison, Profile, profile_of
from gan_viz.analysis.resolution import MOST, Resolution
from gan_viz.analysis.smoothing import Smoothing
from gan_viz.distributions import Distribution, from_description, recorded_target
from gan_viz.distributions.empirical import Empirical
from gan_viz.distributions.modes import core_edges
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

Array = NDArray[np.float64]

MIDDLE = 0.01 + 0.98 * midpoints(1024)
"""Levels of the middle 98 %."""
ROUNDING = 1e-9
"""Less mass than this is missing by rounding alone."""


@dataclass(frozen=True)
class Metrics:
    """Distances between p_g and p_data at one frame.

    For a one-dimensional latent of 1024 values, a G that these resolve, and an analytic p_data, w1
    is exact to 0.2 %, the KLs to 1 %, and the others to 1e-3; a point mass counts as being a
    millionth of the scale wide. Where p_data is real data, or the latent has several dimensions,
    densities are not known: js, kl_data_g, kl_g_data and tv then compare what both are after the
    same smoothing, which is 0 where G reproduces the data, and less than the true value elsewhere.
    The others need no density.
    """

    w1: float
    """Wasserstein-1 distance, in the unit of x; NaN or infinite where an output of G is, and
    infinite where p_data has no mean."""
    w1_relative: float
    """The same relative to the spread of the data: the standard deviation, or IQR / 1.349 where it
    has none or a few values make it."""
    w1_middle: float
    """Mean distance between the quantiles from 1 % to 99 %, relative to the same spread: finite for
    any p_data."""
    js: float
    """Jensen-Shannon divergence, in nats, from 0 to log 2."""
    kl_data_g: float
    kl_g_data: float
    """KL(p_data ‖ p_g) and KL(p_g ‖ p_data), in nats; infinite where the first has more than a
    millionth of its mass and the second has none, or less than numbers can be (beyond 38 standard
    deviations of a normal distribution)."""
    tv: float
    """Total variation distance, from 0 to 1."""
    ks: float
    """Kolmogorov-Smirnov distance: the largest difference of the distribution functions, 0 to 1."""
    masses: tuple[float, ...]
    """Mass of p_g in the core of each mode of p_data (`Distribution.modes`), from left to right:
    within three standard deviations of a normal one. All but .3 % of p_data is there."""
    between: float
    """Mass of p_g in the gaps between these cores."""
    is_estimate: bool
    """Whether js, kl_data_g, kl_g_data and tv compare smoothed samples, or a p_g whose G bends too
    much to be known between the recorded latents."""

    @property
    def value(self) -> float:
        """``2 JS - log 4``: the value of the minimax game against the optimal discriminator."""
        return 2 * self.js - math.log(4)


class TargetMetrics:
    """Measures how far G's outputs are from a target; without their latents, p_g is estimated."""

    def __init__(self, target: Distribution, line: LatentLine | None = None) -> None:
        self.target, self.line = target, line
        self.is_estimate = target.is_estimate or line is None

    @cached_property
    def _data(self) -> Profile:
        return profile_of(self.target)

    @cached_property
    def _middle(self) -> Array:
        return self.target.ppf(MIDDLE)

    @cached_property
    def _smoothing(self) -> Smoothing:
        return Smoothing(self.target)

    def of(self, outputs: ArrayLike) -> Metrics:
        """Measure the outputs of one frame, shape (n,), at least one, in the latents' order."""
        x = np.asarray(outputs, np.float64)
        pieces = self._pieces(x)
        generated = pieces.profile(self.target.scale)
        both = Comparison(self._data, generated)
        p, q = self._smooth(pieces, x) if self.is_estimate else (both.p, both.q)
        p, q = _with_rest(p), _with_rest(q)
        shares, between = self._shares(x, pieces)
        away = _away(x)
        w1 = both.wasserstein1 + away
        return Metrics(
            w1=w1,
            w1_relative=w1 / self.target.scale,
            w1_middle=self._apart(generated) + away,
            js=jensen_shannon(p, q),
            kl_data_g=kullback_leibler(p, q),
            kl_g_data=kullback_leibler(q, p),
            tv=total_variation(p, q),
            ks=both.kolmogorov_smirnov + 0 * away,
            masses=tuple(shares.tolist()),
            between=between,
            is_estimate=self.is_estimate,
        )

    def relative_w1(self, outputs: ArrayLike) -> float:
        """`Metrics.w1_relative`, or `w1_middle` if the target is heavy-tailed, and nothing else.

        To 1e-5 of itself: digits of tiny masses, which only divergences need, take half the time.
        """
        x = np.asarray(outputs, np.float64)
        if away := _away(x):
            return away
        generated = self._pieces(x).piled(self.target.scale)
        if self.target.heavy_tailed:
            return self._apart(generated)
        return Comparison(self._data, generated).wasserstein1 / self.target.scale

    def _pieces(self, x: Array) -> Pieces:
        return _points(x) if self.line is None else self.line.pieces(x)

    def _apart(self, generated: Profile) -> float:
        """Mean distance of the quantiles of the middle, relative to the scale."""
        distances = np.abs(generated.quantiles(MIDDLE) - self._middle)
        return float(distances.mean()) / self.target.scale

    def _smooth(self, pieces: Pieces, x: Array) -> tuple[Array, Array]:
        """Masses of p_data and p_g, both smoothed by the wider of their kernels."""
        widths = [self.target.bandwidth] if isinstance(self.target, Empirical) else []
        if self.line is None and (np.abs(x) < LARGE).any():
            widths.append(plug_in(np.sort(x[np.abs(x) < LARGE])))
        return self._smoothing.both(pieces, max(widths, default=0.0))

    def _shares(self, x: Array, pieces: Pieces) -> tuple[Array, float]:
        """Masses of p_g in the cores of the modes, and between them."""
        if self.line is None:
            return core_shares(x, self.target.modes)
        shares, between = split_cores(pieces.below(core_edges(self.target.modes)))
        return shares, float(between)


def _away(x: Array) -> float:
    """What makes a distance NaN or infinite where a sample is."""
    return math.nan if np.isnan(x).any() else 0.0 if (np.abs(x) < LARGE).all() else math.inf


def _points(x: Array) -> Pieces:
    """Samples of equal mass, as far as they are finite."""
    finite = x[np.abs(x) < LARGE]
    return Pieces(finite, finite, np.full(len(finite), 1 / len(x)))


def _with_rest(masses: Array) -> Array:
    """Append the mass beyond the cells as one more cell."""
    rest = 1.0 - float(masses.sum())
    return np.append(masses, rest if rest > ROUNDING else 0.0)


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
    return _measured(recording)


def _measured(recording: Recording) -> Iterator[tuple[int, Metrics]]:
    line = latent_line(recording)
    measured = TargetMetrics(from_description(recording.header["target"]), line)
    known = Resolution(recording) if line is not None else None
    for frame, step in enumerate(recording.steps.tolist()):
        outputs = recording.find("generator", frame)
        if outputs is not None:
            one = measured.of(outputs)
            doubtful = known is not None and known.unresolved(frame) > MOST
            yield step, replace(one, is_estimate=True) if doubtful else one


def relative_w1(recording: Recording, frames: Sequence[int] | None = None) -> Array | None:
    """Distance from the data at some frames, or at all, shape (n,); see `distance_at`."""
    at = distance_at(recording)
    chosen = range(len(recording)) if frames is None else frames
    return None if at is None else np.array([at(frame) for frame in chosen])


def distance_at(recording: Recording) -> Callable[[int], float] | None:
    """What tells the distance from the data at a frame, which is measured once.

    See `TargetMetrics.relative_w1`. NaN where G's outputs were not recorded; None where the
    recording has none to be compared, or nothing to compare them with.
    """
    channel = recording.channels.get("generator")
    if channel is None or len(channel.shape) != 1 or 0 in channel.shape:
        return None
    target = recorded_target(recording.header)
    if target is None:
        return None
    measured = TargetMetrics(target, latent_line(recording))

    @cache
    def at(frame: int) -> float:
        outputs = recording.find("generator", frame)
        return math.nan if outputs is None else measured.relative_w1(outputs)

    return at

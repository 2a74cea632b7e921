"""What a Wasserstein critic would best be, in one dimension, exactly.

With F_r and F_g, the distribution functions of the data and of G's samples, a critic f earns
``E f(x) - E f(G(z)) = ∫ f' (F_g - F_r) dx``: so its best slope is found at each x by itself. Let
``dF = F_g - F_r``. Of all f with slopes up to 1, the best has ``f' = sign(dF)``, and earns the
Wasserstein-1 distance (Kantorovich & Rubinstein; Villani 2003, eq. 1.11). A penalty
``λ E[(|f'| - 1)²]`` on points between real and generated samples, whose density is μ (Gulrajani et
al. 2017), and one of ``γ/2 E[f'²]`` on the data (R1) make that

``f' = sign(dF) (|dF| + 2 λ μ) / (2 λ μ + γ p_data)``

which maximises ``f' dF - λ (|f'| - 1)² μ - γ/2 f'² p_data``. Without R1 it is steeper than 1, by
``|dF| / (2 λ μ)``, and earns ``W1 + ∫ dF² / (4 λ μ)``: the penalty's bias.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.discriminator import BestDiscriminator
from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.exact import LARGE, Pieces
from gan_viz.analysis.generated import GeneratedDensity
from gan_viz.analysis.visible import mean_density
from gan_viz.distributions import Distribution
from gan_viz.recording import Recording

Array = NDArray[np.float64]

LEVELS = midpoints(128)
"""Of the quantiles whose pairs stand for all pairs of samples."""
STEEPEST = 1e6
"""A best slope beyond this, per standard deviation, counts as none: p_g is where no data is."""


def best_slopes(
    difference: ArrayLike, gp: ArrayLike = 0.0, r1: ArrayLike = 0.0, most: float = math.inf
) -> Array:
    """The best slopes of a critic, shape (n,).

    `difference` is ``F_g - F_r``, `gp` is ``λ μ`` and `r1` ``γ p_data``, both in 1/unit of x and 0
    for none. Slopes are clipped to `most`; where there is no penalty, they are this or its
    negative.
    """
    d, weight = np.asarray(difference, np.float64), 2 * np.asarray(gp, np.float64)
    against = weight + np.asarray(r1, np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        steep = np.minimum((np.abs(d) + weight) / against, most)
    return np.asarray(np.where(d == 0, 0.0, np.sign(d) * steep))


def between(real: Array, fake: Array, x: Array) -> Array:
    """The density of ``ε x + (1 - ε) G(z)`` along an even grid, with ε from U(0, 1).

    `real` and `fake` are quantiles at even levels; each pair is as likely as the others, and its
    points are spread evenly from the one to the other.
    """
    low, high = np.minimum.outer(real, fake).ravel(), np.maximum.outer(real, fake).ravel()
    return Pieces(low, high, np.full(len(low), 1 / max(len(low), 1))).density(x)


class BestCritic:
    """The critic that earns most, given its penalties, along an even grid of a recording.

    Slopes count on the scale on which the critic learns, which the header's ``scaling`` tells.
    Values are those less their mean on the data, as `DiscriminatorCurve` has a critic's. One whose
    weights are clipped is bound by a slope that nobody knows: it is compared with the best one that
    is as steep as itself. A penalty that makes the best slope differ from 1 makes it `biased`.
    """

    def __init__(
        self,
        recording: Recording,
        target: Distribution,
        generated: GeneratedDensity,
        x: Array,
        penalties: Mapping[str, float],
    ) -> None:
        self.is_estimate = target.is_estimate or generated.is_estimate
        self._generated, self._x = generated, x
        self._gp, self._r1 = penalties.get("gp", 0.0), penalties.get("r1", 0.0)
        self._clipped, self.biased = "clip" in penalties, self._gp > 0
        self._scale = _Scale(recording.header.get("scaling"))
        self._p_data = mean_density(target, x)
        places = self._scale.scaled(x)
        self._u, self._places = np.linspace(places[0], places[-1], len(x)), places
        step = self._u[1] - self._u[0]
        self._at = self._scale.units(self._u)
        edges = self._scale.units(np.append(self._u - step / 2, self._u[-1] + step / 2))
        self._real_below = target.cdf(self._at)
        self._real_density = np.diff(target.cdf(edges)) / step
        self._real = self._scale.scaled(target.ppf(LEVELS))

    def at(self, outputs: ArrayLike, least: float = 0.0, d: Array | None = None) -> Array:
        """Values given G's outputs at a frame, shape (points,); NaN where they are not known.

        Where the densities add up to at most `least` they hardly matter, and are NaN, too. `d`
        is what the critic says along the grid; one of clipped weights is compared with that.
        """
        difference = self._difference(outputs)
        there = self._p_data + self._generated.along(outputs, self._x) > least
        most = self._steepest(d, there) if self._clipped else math.inf
        gp = self._gp * self._between(outputs) if self._gp else 0.0
        return self._values(best_slopes(difference, gp, self._r1 * self._real_density, most), there)

    def unbiased(self, outputs: ArrayLike, least: float = 0.0) -> Array:
        """The same without a penalty, of slope 1: what the Wasserstein-1 distance asks for."""
        there = self._p_data + self._generated.along(outputs, self._x) > least
        return self._values(best_slopes(self._difference(outputs), most=1.0), there)

    def _difference(self, outputs: ArrayLike) -> Array:
        values, below = self._generated.levels(outputs)
        if not len(values):
            return np.full_like(self._at, np.nan)
        return np.interp(self._at, values, below, left=0.0, right=1.0) - self._real_below

    def _between(self, outputs: ArrayLike) -> Array:
        values, below = self._generated.levels(outputs)
        if not len(values):
            return np.zeros_like(self._u)
        fake = self._scale.scaled(np.interp(LEVELS, below, values))
        return between(self._real, fake, self._u)

    def _steepest(self, critic: Array | None, there: NDArray[np.bool_]) -> float:
        """The largest slope of a critic along the grid, where there are samples."""
        if critic is None:
            return math.inf
        slopes = np.abs(np.gradient(critic, self._places))[there]
        slopes = slopes[np.isfinite(slopes)]
        return float(slopes.max()) if len(slopes) else math.inf

    def _values(self, slopes: Array, there: NDArray[np.bool_]) -> Array:
        """Integrate slopes from the middle of the data on, and subtract the mean there."""
        slopes = np.where(np.abs(slopes) < STEEPEST, slopes, np.nan)
        parts = (slopes[1:] + slopes[:-1]) / 2 * np.diff(self._u)
        start = int(np.searchsorted(self._real_below, 0.5).clip(0, len(parts)))
        before = -np.cumsum(parts[:start][::-1])[::-1]
        values = np.concatenate([before, [0.0], np.cumsum(parts[start:])])
        values = np.interp(self._places, self._u, values)
        weights = np.where(np.isfinite(values), self._p_data, 0.0)
        if not (weights.any() and np.isfinite(slopes).any()):
            return np.full_like(values, np.nan)
        mean = np.average(np.nan_to_num(values), weights=weights)
        return np.where(there, values - mean, np.nan)


class BestMargin:
    """The best margin of a hinge loss: 1 where p_data is above p_g, -1 where it is below.

    Miyato et al. (2018), eq. 16: at each x it minimises
    ``p_data max(0, 1 - s) + p_g max(0, 1 + s)``.
    """

    biased = False

    def __init__(self, target: Distribution, generated: GeneratedDensity, x: Array) -> None:
        self.is_estimate = target.is_estimate or generated.is_estimate
        self._generated, self._x = generated, x
        self._p_data = mean_density(target, x)

    def at(self, outputs: ArrayLike, least: float = 0.0, d: Array | None = None) -> Array:
        """The best margin given G's outputs at a frame; see `BestCritic.at`."""
        p_g = self._generated.along(outputs, self._x)
        sides = np.where(self._p_data >= p_g, 1.0, -1.0)
        return np.where(self._p_data + p_g > least, sides, np.nan)


def best_of(
    recording: Recording, target: Distribution, generated: GeneratedDensity, x: Array
) -> BestDiscriminator | BestCritic | BestMargin | None:
    """What the recorded D would best be; None where theory knows no best one.

    Such is a critic that nothing keeps from ever steeper slopes, or whose penalties the recording
    does not tell.
    """
    output = recording.channels["discriminator"].attributes.get("output")
    if output == "critic":
        penalties = _penalties(recording.header)
        return BestCritic(recording, target, generated, x, penalties) if penalties else None
    if output == "margin":
        return None if _penalties(recording.header) else BestMargin(target, generated, x)
    return BestDiscriminator(target, generated, x)


def _penalties(header: Mapping[str, Any]) -> dict[str, float]:
    """What the header's ``objective`` says of its penalties, as far as it can be used."""
    objective = header.get("objective")
    told = objective.get("penalties") if isinstance(objective, Mapping) else None
    return {
        name: float(told[name])
        for name in ("gp", "r1", "clip")
        if isinstance(told, Mapping)
        and isinstance(told.get(name), int | float)
        and 0 < told[name] < LARGE
    }


class _Scale:
    """The scale on which the networks learn, ``x = location + scale u``, or bent by a sinh."""

    def __init__(self, told: object) -> None:
        known = told if isinstance(told, Mapping) else {}
        location, scale = known.get("location", 0.0), known.get("scale", 1.0)
        usable = isinstance(location, int | float) and isinstance(scale, int | float)
        if not (usable and abs(location) < LARGE and 0 < scale < LARGE):
            location, scale = 0.0, 1.0
        self._location, self._scale, self._bends = location, scale, known.get("bends") is True

    def scaled(self, x: Array) -> Array:
        u = (x - self._location) / self._scale
        return np.asarray(np.arcsinh(u) if self._bends else u)

    def units(self, u: Array) -> Array:
        return np.asarray(self._location + self._scale * (np.sinh(u) if self._bends else u))

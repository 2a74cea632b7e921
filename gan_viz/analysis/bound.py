"""Why a continuous G leaks: how much of its mass must lie between two modes.

Where G's slope is at most L, two outputs that are D apart come from latents at least D/L apart. Of
a normal z, in any number of dimensions, two sets at that distance of masses a and b have

``Φ⁻¹(a) + Φ⁻¹(b) <= -D/L``

(the Gaussian isoperimetric inequality: Borell 1975, Sudakov & Tsirelson 1974), so that of two
equal modes G makes at most ``2 Φ(-D / (2L))``; a ramp between two flat parts makes just that.
Of a uniform z of width W, which is in one dimension, ``1 - a - b >= D / (L W)``.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from numpy.typing import ArrayLike

from gan_viz.analysis.exact import LatentLine
from gan_viz.distributions import Distribution
from gan_viz.distributions.normal import cumulative

USUAL_SLOPE = 35.0
"""In spreads of the data for each standard deviation of z: 168 of 199 toys of several recipes, of
3,000 steps or more on targets with several modes, ended with a G less steep than this."""
TOLD = 0.01
"""Mass between two modes that is told of."""
SLIVER = 0.01
"""Narrower gaps, relative to the spread of the data, are none: the cores touch."""
FAR = 38.0
"""Standard deviations beyond which a normal distribution has no mass that a number can tell."""
HALVINGS = 64
"""Of the interval in which the edge of a gap is looked for."""


class Gap(NamedTuple):
    """What lies between the cores of two neighbouring modes."""

    low: float
    high: float
    """Its ends, in the unit of x."""
    left: float
    right: float
    """Mass of the data below and above it."""

    @property
    def width(self) -> float:
        """The distance D between both modes."""
        return self.high - self.low

    @property
    def share(self) -> float:
        """How much of the data outside of the gap is on the left."""
        return self.left / (self.left + self.right)


def gaps_of(target: Distribution) -> list[Gap]:
    """The gaps between the modes of a target whose cores do not touch, from left to right."""
    found = []
    for one, other in pairwise(target.modes):
        if other.start - one.end > SLIVER * target.scale:
            below = target.cdf([one.end, other.start]).tolist()
            found.append(Gap(one.end, other.start, below[0], 1 - below[1]))
    return found


def least_between(
    width: float, slope: float, share: float = 0.5, z_width: float = math.inf
) -> float:
    """The least mass that a continuous G has between two modes, 0..1.

    It is 0 where G is in one mode alone, or its slope is not known. `width` is the distance D from
    one mode to the other, in the unit of x; `slope` the largest slope L of G, in the unit of x for
    each unit of z; `share` the part of the mass outside of the gap that is on its left, 0 to 1. A z
    of N(0, 1) is assumed, or a uniform one of the width `z_width`.
    """
    if not (slope > 0 and 0 < share < 1 and width > 0):
        return 0.0
    apart = width / slope
    if math.isfinite(z_width):
        return min(1.0, apart / z_width)
    # The best G has all that is left of one latent in one mode, and all that is right of another,
    # `apart` from it, in the other mode.
    low, high = -FAR - apart, FAR
    for _ in range(HALVINGS):
        edge = (low + high) / 2
        left, right = cumulative([edge, -edge - apart]).tolist()
        low, high = (edge, high) if (1 - share) * left < share * right else (low, edge)
    return float(1 - left - right)


class Leak(NamedTuple):
    """What a G has between two modes."""

    mass: float
    """Of p_g in the gap, 0 to 1."""
    least: float
    """The least mass there of any continuous G of this slope that has the same masses beside it in
    proportion."""
    slope: float
    """G's largest slope."""


def leak_into(gap: Gap, line: LatentLine, outputs: ArrayLike) -> Leak:
    """What G has in a gap, given its outputs at the latents of a line."""
    pieces, slope = line.pieces(outputs), line.steepest(outputs)
    left, upto, whole = pieces.below([gap.low, gap.high, math.inf]).tolist()
    right = max(whole - upto, 0.0)
    share = left / (left + right) if left + right > 0 else 0.0
    return Leak(max(upto - left, 0.0), least_between(gap.width, slope, share, line.width), slope)


def limits_of(target: Distribution) -> list[str]:
    """What a continuous G of the usual slope cannot make of a target, a line for each."""
    lines = []
    for gap in gaps_of(target):
        least = least_between(gap.width, USUAL_SLOPE * target.scale, gap.share)
        if least >= TOLD:
            lines.append(
                f"a continuous G has to cross from {gap.low:.3g} to {gap.high:.3g}: at least "
                f"{100 * least:.1f} % of p_g lies between, unless G's slope exceeds "
                f"{USUAL_SLOPE:g} spreads of the data for each standard deviation of z, as it "
                "seldom does in small networks (Gaussian isoperimetry; --show bound)"
            )
    if not (math.isfinite(target.mean) and math.isfinite(target.std)):
        lines.append(
            "the data has no finite standard deviation: a G of bounded slope has tails no heavier "
            "than a normal distribution's (Gaussian concentration), so p_g stays below p_data far "
            "out; G can learn the middle"
        )
    return lines

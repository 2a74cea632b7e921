"""The non-saturating game with noise on what D sees."""

from __future__ import annotations

import math

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import NonSaturatingLogistic


class InstanceNoise(NonSaturatingLogistic):
    """Instance noise (Sønderby et al. 2017, section 3; Arjovsky & Bottou 2017, section 3).

    ``L_D = -E[log σ(D(x + e))] - E[log(1 - σ(D(G(z) + e)))]`` and ``L_G = -E[log σ(D(G(z) + e))]``
    with fresh ``e`` from N(0, noise²) for each sample.

    D compares p_data and p_g after the same blur, which overlap even where those do not, so that G
    has a slope to follow. Two densities are equal where their blurred ones are: the fixed point is
    that of the game without noise, and it draws in (Mescheder et al. 2018, section 3).

    Parameters
    ----------
    noise : float
        Standard deviation, in the unit of what D sees. On the toy, 0.3 ends farther from the data.

    Raises
    ------
    UsageError
        The standard deviation is not above 0.
    """

    name = "instance-noise"
    formula = (
        "L_D = -E[log D(x + e)] - E[log(1 - D(G(z) + e))],  L_G = -E[log D(G(z) + e)],  "
        "e from N(0, s^2)"
    )

    @checked
    def __init__(self, noise: float = 0.1) -> None:
        if not (math.isfinite(noise) and noise > 0):
            raise UsageError(
                f"instance noise {noise:g}: expected a standard deviation above 0, like 0.1"
            )
        self.noise = noise

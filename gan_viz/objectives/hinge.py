"""The hinge game."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gan_viz.objectives.base import Array, Critic, Output, mean

if TYPE_CHECKING:
    import torch


class Hinge(Critic):
    """The hinge loss of Lim & Ye (2017), section 3, and Miyato et al. (2018), eqs. 16 and 17.

    ``L_D = E[max(0, 1 - s_r)] + E[max(0, 1 + s_f)]`` and ``L_G = -E[s_f]``.

    D's output is a margin, not a probability: it is the side of the boundary that counts, and D
    learns nothing more from samples beyond ±1. Where ``p_g = p_data``, any D within -1..1 is
    optimal and its loss is 2; theory leaves the loss of G open.
    """

    name = "hinge"
    formula = "L_D = E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))],  L_G = -E[D(G(z))]"
    equilibrium: Mapping[str, float] = {"d_loss": 2.0}
    output: Output = "margin"

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[max(0, 1 - s_r)] + E[max(0, 1 + s_f)]``."""
        return (1 - real).relu().mean() + (1 + fake).relu().mean()

    def d_losses(self, real: Array, fake: Array) -> Array:
        """``E[max(0, 1 - s_r)] + E[max(0, 1 + s_f)]``."""
        one, zero = np.float32(1), np.float32(0)
        return mean(np.maximum(one - real, zero) + np.maximum(one + fake, zero))

    def d_slopes(self, real: Array, fake: Array, real_slopes: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_r = -[s_r < 1]/n`` and ``∂L/∂s_f = [s_f > -1]/n``."""
        one, weight = np.float32(1), np.float32(1 / real.shape[-1])
        np.multiply(real < one, -weight, out=real_slopes)
        np.multiply(fake > -one, weight, out=fake_slopes)

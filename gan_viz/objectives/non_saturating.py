"""The non-saturating game."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gan_viz.objectives.base import Array, Logistic, mean, numpy_softplus, weighted_sigmoid

if TYPE_CHECKING:
    import torch


class NonSaturating(Logistic):
    """The non-saturating game of Goodfellow et al. (2014), section 3.

    ``L_G = -E[log σ(s_f)] = E[softplus(-s_f)]``: the same fixed point as minimax, with strong
    gradients early in training.
    """

    name = "non-saturating"
    formula = "L_D = -E[log D(x)] - E[log(1 - D(G(z)))],  L_G = -E[log D(G(z))]"
    equilibrium: Mapping[str, float] = {
        "d_loss": Logistic.EQUILIBRIUM_D,
        "g_loss": math.log(2),
    }

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_f)]``."""
        from torch.nn.functional import softplus

        return softplus(-fake).mean()

    def g_losses(self, fake: Array) -> Array:
        """``E[softplus(-s_f)]``."""
        return mean(numpy_softplus(-fake))

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_f = (σ(s_f) - 1)/n``."""
        weighted_sigmoid(fake, 1 / fake.shape[-1], -1, fake_slopes)

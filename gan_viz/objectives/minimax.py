"""The minimax game."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gan_viz.objectives.base import Array, Logistic, mean, numpy_softplus, weighted_sigmoid

if TYPE_CHECKING:
    import torch


class Minimax(Logistic):
    """The minimax game of Goodfellow et al. (2014), eq. 1.

    ``min_G max_D  E[log σ(D(x))] + E[log(1 - σ(D(G(z))))]``

    ``L_G = E[log(1 - σ(s_f))] = -E[softplus(s_f)]``. Where D tells the samples apart with
    certainty, the gradient of this loss vanishes (section 3 of the paper).
    """

    name = "minimax"
    formula = "L_D = -E[log D(x)] - E[log(1 - D(G(z)))],  L_G = E[log(1 - D(G(z)))]"
    equilibrium: Mapping[str, float] = {"d_loss": 2 * math.log(2), "g_loss": -math.log(2)}

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[softplus(s_f)]``."""
        from torch.nn.functional import softplus

        return -softplus(fake).mean()

    def g_losses(self, fake: Array) -> Array:
        """``-E[softplus(s_f)]``."""
        return -mean(numpy_softplus(fake))

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_f = -σ(s_f)/n``."""
        weighted_sigmoid(fake, -1 / fake.shape[-1], 0, fake_slopes)

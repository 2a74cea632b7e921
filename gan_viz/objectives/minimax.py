"""The minimax game."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch.nn.functional import softplus

from gan_viz.objectives.base import Array, Logistic, mean, numpy_sigmoid, numpy_softplus

__all__ = ["Minimax"]


class Minimax(Logistic):
    """The minimax game of Goodfellow et al. (2014), eq. 1.

    ``min_G max_D  E[log σ(D(x))] + E[log(1 - σ(D(G(z))))]``

    ``L_G = E[log(1 - σ(s_f))] = -E[softplus(s_f)]``. Where D tells the samples apart with
    certainty, the gradient of this loss vanishes (section 3 of the paper).
    """

    name = "minimax"
    formula = "L_D = -E[log D(x)] - E[log(1 - D(G(z)))],  L_G = E[log(1 - D(G(z)))]"
    equilibrium: Mapping[str, float] = {
        "d_loss": Logistic.EQUILIBRIUM_D,
        "g_loss": -math.log(2),
    }

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[softplus(s_f)]``."""
        return -softplus(fake).mean()

    def g_errors(self, fake: Array, fake_error: Array) -> float:
        """``∂L/∂s_f = -σ(s_f)/n``."""
        np.multiply(numpy_sigmoid(fake), np.float32(-1 / fake.size), out=fake_error)
        return -mean(numpy_softplus(fake))

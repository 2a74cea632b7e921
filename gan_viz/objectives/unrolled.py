"""The minimax game with a G that looks ahead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import Logistic

if TYPE_CHECKING:
    import torch


class Unrolled(Logistic):
    """The unrolled GAN of Metz et al. (2017), section 2.

    D learns as in the minimax game. G minimises the value of that game after `steps` more updates
    of D, ``L_G = E[log σ(D'(x))] + E[log(1 - σ(D'(G(z))))]`` (eq. 6), and is differentiated
    through them (eq. 8): it takes into account how D will answer, so that a G that jumps from mode
    to mode gains nothing. D itself makes its usual updates only.

    Parameters
    ----------
    steps : int
        Updates of D that G looks ahead, by gradient descent on the batch at hand; 5 or 10 in the
        paper.
    lr : float
        Learning rate of these. On the toy 0.3 loses modes, and 1 leads away from the data.

    Raises
    ------
    UsageError
        The steps are not at least 1, or the learning rate is not above 0.
    """

    name = "unrolled"
    equilibrium: Mapping[str, float] = {"d_loss": 2 * math.log(2), "g_loss": -2 * math.log(2)}

    @checked
    def __init__(self, steps: int = 5, lr: float = 0.1) -> None:
        if steps < 1:
            raise UsageError(f"unrolled steps {steps}: expected at least 1, like 5")
        if not (math.isfinite(lr) and lr > 0):
            raise UsageError(f"learning rate {lr:g} of unrolled steps: expected above 0, like 0.1")
        self.unrolled_steps, self.unrolled_lr = steps, lr
        self.formula = (
            "L_D = -E[log D(x)] - E[log(1 - D(G(z)))],  L_G = E[log D'(x)] + E[log(1 - D'(G(z)))],"
            f"  D' = D after {steps} steps of gradient descent"
        )

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[softplus(s_f)]``: of D as it is, without the part of real samples."""
        from torch.nn.functional import softplus

        return -softplus(fake).mean()

    def g_loss_beside(self, fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """``-E[softplus(-s_r)] - E[softplus(s_f)]``, of D after its updates."""
        return -self.d_loss(real, fake)

"""The relativistic game of pairs, with both gradient penalties."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import Discriminator, Objective, Output, Uniform, input_gradients

if TYPE_CHECKING:
    import torch


class Relativistic(Objective):
    """The relativistic pairing GAN of Jolicoeur-Martineau (2018) with R1 and R2: R3GAN.

    ``L_D = E[softplus(-(s_r - s_f))] + γ/2 E[|∇D(x)|²] + γ/2 E[|∇D(G(z))|²]`` and
    ``L_G = E[softplus(-(s_f - s_r))]`` over pairs of a real and a generated sample (Huang et al.
    2024, eqs. 1 to 4).

    D has to find each real sample more real than the generated one that it is paired with, so
    that a G of few modes is never at rest as it is where both kinds are judged by themselves (Sun,
    Fang & Schwing 2020). Only differences of D count. Where ``p_g = p_data``, D is constant at
    best, and both losses are log 2.

    Parameters
    ----------
    gamma : float
        The paper's γ, of both penalties; 0.1 to 10 there, for pictures.

    Raises
    ------
    UsageError
        The weight is not above 0.
    """

    name = "relativistic"
    equilibrium: Mapping[str, float] = {"d_loss": math.log(2), "g_loss": math.log(2)}
    output: Output = "critic"

    @checked
    def __init__(self, gamma: float = 1.0) -> None:
        if not gamma > 0:
            raise UsageError(f"R1 and R2 penalty {gamma:g}: expected a weight above 0, like 1")
        self.gamma = gamma
        self.formula = (
            "L_D = E[softplus(D(G(z)) - D(x))] + "
            f"{gamma / 2:g} E[|grad D(x)|^2 + |grad D(G(z))|^2],  L_G = E[softplus(D(x) - D(G(z)))]"
        )

    @classmethod
    def toy_arguments(cls) -> dict[str, Any]:
        """A weight of 0.1: standardized data has modes that D has to see in a fraction of 1."""
        return {"gamma": 0.1}

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(s_f - s_r)]``, without the penalties."""
        from torch.nn.functional import softplus

        return softplus(fake - real).mean()

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_f)]``: against real samples that D puts at 0."""
        from torch.nn.functional import softplus

        return softplus(-fake).mean()

    def g_loss_beside(self, fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """``E[softplus(s_r - s_f)]``."""
        return self.d_loss(fake, real)

    def penalty(
        self,
        discriminator: Discriminator,
        real: torch.Tensor,
        fake: torch.Tensor,
        uniform: Uniform,
    ) -> torch.Tensor:
        """``γ/2 (|∇D(x)|² + |∇D(G(z))|²)`` of each pair; see `Objective.penalty`."""
        each = [input_gradients(discriminator, one).square().sum(dim=1) for one in (real, fake)]
        return self.gamma / 2 * (each[0] + each[1])

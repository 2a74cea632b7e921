"""The R1 penalty, on top of any objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import Discriminator, Objective, Uniform, input_gradients

if TYPE_CHECKING:
    import torch


class R1(Objective):
    """An objective with the penalty R1 of Mescheder et al. (2018), eq. 9.

    ``γ/2 E[|∇D(x)|²]`` on real samples is added to the loss of D. It is 0 where D is constant, so
    the values at equilibrium stay, but for an objective that wants a slope of D.

    Parameters
    ----------
    objective : Objective
        Gives the losses, and a penalty of its own if it has one.
    gamma : float
        The paper's γ; it uses 10 for pictures.

    Raises
    ------
    UsageError
        The weight is not above 0.

    Examples
    --------
    ::

        objective = R1(OBJECTIVES["non-saturating"](), gamma=10)
    """

    @checked
    def __init__(self, objective: Objective, gamma: float) -> None:
        if not gamma > 0:
            raise UsageError(f"R1 penalty {gamma:g}: expected a weight above 0, like 10")
        self.objective, self.gamma = objective, gamma
        self.name = f"{objective.name} + R1"
        self.formula = f"{objective.formula},  L_D + {gamma / 2:g} E[|grad D(x)|^2]"
        self.equilibrium, self.output = objective.equilibrium_with_r1(gamma), objective.output
        self.clip, self.noise = objective.clip, objective.noise
        self.unrolled_steps, self.unrolled_lr = objective.unrolled_steps, objective.unrolled_lr
        self.pack = objective.pack
        self.penalties = {**objective.penalties, "r1": objective.penalties.get("r1", 0.0) + gamma}

    def equilibrium_with_r1(self, gamma: float) -> Mapping[str, float]:
        """With both penalties together."""
        return self.objective.equilibrium_with_r1(self.gamma + gamma)

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """The objective's own, without the penalties."""
        return self.objective.d_loss(real, fake)

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """The objective's own."""
        return self.objective.g_loss(fake)

    @property
    def paired(self) -> bool:
        """As the objective is."""
        return self.objective.paired

    def g_loss_beside(self, fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """The objective's own."""
        return self.objective.g_loss_beside(fake, real)

    def penalty(
        self,
        discriminator: Discriminator,
        real: torch.Tensor,
        fake: torch.Tensor,
        uniform: Uniform,
    ) -> torch.Tensor:
        """``γ/2 |∇D(x)|²``, and the objective's own penalty; see `Objective.penalty`."""
        r1 = self.gamma / 2 * input_gradients(discriminator, real).square().sum(dim=1)
        own = self.objective.penalty(discriminator, real, fake, uniform)
        return r1 if own is None else r1 + own

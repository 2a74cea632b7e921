"""The Wasserstein game with a gradient penalty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import Critic, Discriminator, Uniform, input_gradients

if TYPE_CHECKING:
    import torch


class PenalizedWasserstein(Critic):
    """The Wasserstein GAN with gradient penalty of Gulrajani et al. (2017), eq. 3.

    ``L_D = E[s_f] - E[s_r] + λ E[(|∇D(x̂)| - 1)²]`` and ``L_G = -E[s_f]``, where
    ``x̂ = ε x + (1 - ε) G(z)`` with one ``ε`` from U(0, 1) for each pair of samples.

    The penalty is two-sided: it draws the slope of D along the way between the samples to 1. D
    must judge each sample by itself, so it has no batch normalization (section 4 of the paper).
    Where ``p_g = p_data`` the best loss of D is 0, with a slope of 1; the loss of G is open.

    In one dimension the slope of D cannot turn, it has to change its sign by way of 0, where the
    penalty is λ. A straight D that is on the wrong side stays there until the samples are 2 λ
    apart, so standardized data wants a λ near 0.1 where pictures take 10.

    Parameters
    ----------
    weight : float
        The paper's λ.

    Raises
    ------
    UsageError
        The weight is not above 0.
    """

    name = "wgan-gp"
    equilibrium: Mapping[str, float] = {"d_loss": 0.0}

    @checked
    def __init__(self, weight: float = 10.0) -> None:
        if not weight > 0:
            raise UsageError(f"gradient penalty {weight:g}: expected a weight above 0, like 10")
        self.weight, self.penalties = weight, {"gp": weight}
        self.formula = (
            f"L_D = E[D(G(z))] - E[D(x)] + {weight:g} E[(|grad D(x')| - 1)^2],  L_G = -E[D(G(z))]"
        )

    @classmethod
    def toy_arguments(cls) -> dict[str, Any]:
        """A weight of 0.1: with 10 the penalty is a wall that D cannot cross (see the class)."""
        return {"weight": 0.1}

    def equilibrium_with_r1(self, gamma: float) -> Mapping[str, float]:
        """``λ γ / (2 λ + γ)``, the least ``λ (s - 1)² + γ/2 s²``, at ``s = 2 λ / (2 λ + γ)``."""
        return {"d_loss": self.weight * gamma / (2 * self.weight + gamma)}

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[s_f] - E[s_r]``, without the penalty."""
        return fake.mean() - real.mean()

    def penalty(
        self,
        discriminator: Discriminator,
        real: torch.Tensor,
        fake: torch.Tensor,
        uniform: Uniform,
    ) -> torch.Tensor:
        """``λ (|∇D(x̂)| - 1)²`` of each pair; see `Objective.penalty`."""
        between = fake.lerp(real, uniform(*[1] * (real.ndim - 1)))
        slopes = input_gradients(discriminator, between).norm(dim=1)
        squares: torch.Tensor = (slopes - 1).square()
        return self.weight * squares

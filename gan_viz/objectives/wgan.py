"""The Wasserstein game with clipped weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.objectives.base import Array, Critic, mean

if TYPE_CHECKING:
    import torch


class ClippedWasserstein(Critic):
    """The Wasserstein GAN of Arjovsky et al. (2017), algorithm 1.

    ``L_D = E[s_f] - E[s_r]`` and ``L_G = -E[s_f]``.

    Clamping the weights of D keeps its slope bounded, so that ``-L_D`` estimates the Wasserstein-1
    distance up to a factor (eq. 2). Where ``p_g = p_data`` the loss of D is 0, whatever D is; the
    loss of G is open, since a constant added to D changes nothing else.

    Parameters
    ----------
    clip : float
        Largest absolute value of a parameter of D. The paper's 0.01 is for wide networks; with
        layers of some 16 units it leaves D hardly more than a straight line, and 0.3 does better.

    Raises
    ------
    UsageError
        The bound is not above 0.
    """

    name = "wgan"
    formula = "L_D = E[D(G(z))] - E[D(x)],  L_G = -E[D(G(z))]"
    equilibrium: Mapping[str, float] = {"d_loss": 0.0}

    @checked
    def __init__(self, clip: float = 0.01) -> None:
        if not clip > 0:
            raise UsageError(f"clip {clip:g}: expected a bound above 0, like 0.01")
        self.clip, self.penalties = clip, {"clip": clip}

    @classmethod
    def toy_arguments(cls) -> dict[str, Any]:
        """A bound of 0.3: weights up to 0.01 make a narrow critic too flat to follow."""
        return {"clip": 0.3}

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[s_f] - E[s_r]``."""
        return fake.mean() - real.mean()

    def d_losses(self, real: Array, fake: Array) -> Array:
        """``E[s_f] - E[s_r]``."""
        return mean(fake - real)

    def d_slopes(self, real: Array, fake: Array, real_slopes: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_r = -1/n`` and ``∂L/∂s_f = 1/n``."""
        real_slopes.fill(-1 / real.shape[-1])
        fake_slopes.fill(1 / fake.shape[-1])

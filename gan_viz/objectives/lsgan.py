"""The least squares game."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gan_viz.objectives.base import Array, Objective, Output, mean

if TYPE_CHECKING:
    import torch


class LeastSquares(Objective):
    """The least squares GAN of Mao et al. (2017), with the targets 0 and 1 of eq. 9.

    ``L_D = 1/2 E[(s_r - 1)²] + 1/2 E[s_f²]`` and ``L_G = 1/2 E[(s_f - 1)²]``.

    D has no sigmoid: it regresses 1 on real and 0 on generated samples. With these targets the
    optimal D is ``p_data / (p_data + p_g)`` (eq. 5), so its output is read as a probability,
    though nothing keeps it within 0..1. At equilibrium D = 1/2 everywhere.
    """

    name = "lsgan"
    formula = "L_D = E[(D(x) - 1)^2]/2 + E[D(G(z))^2]/2,  L_G = E[(D(G(z)) - 1)^2]/2"
    equilibrium: Mapping[str, float] = {"d_loss": 1 / 4, "g_loss": 1 / 8}
    output: Output = "probability"

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``1/2 E[(s_r - 1)²] + 1/2 E[s_f²]``."""
        return ((real - 1).square().mean() + fake.square().mean()) / 2

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``1/2 E[(s_f - 1)²]``."""
        return (fake - 1).square().mean() / 2

    def d_losses(self, real: Array, fake: Array) -> Array:
        """``1/2 E[(s_r - 1)²] + 1/2 E[s_f²]``."""
        return mean(np.square(real - np.float32(1)) + np.square(fake)) * np.float32(0.5)

    def g_losses(self, fake: Array) -> Array:
        """``1/2 E[(s_f - 1)²]``."""
        return mean(np.square(fake - np.float32(1))) * np.float32(0.5)

    def d_slopes(self, real: Array, fake: Array, real_slopes: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_r = (s_r - 1)/n`` and ``∂L/∂s_f = s_f/n``."""
        self.g_slopes(real, real_slopes)
        np.multiply(fake, np.float32(1 / fake.shape[-1]), out=fake_slopes)

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_f = (s_f - 1)/n``."""
        np.subtract(fake, np.float32(1), out=fake_slopes)
        np.multiply(fake_slopes, np.float32(1 / fake.shape[-1]), out=fake_slopes)

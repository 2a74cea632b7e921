"""The non-saturating game of a D that ends with a probability, not with a logit."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from gan_viz.objectives.base import Logistic, Objective, Output
from gan_viz.objectives.non_saturating import NonSaturating

__all__ = ["Probabilities"]


class Probabilities(Objective):
    """The losses of Goodfellow et al. (2014), section 3, of D's probabilities ``p``.

    ``L_D = -E[log max(p_r, c)] - E[log max(1 - p_f, c)]`` and ``L_G = -E[log max(p_f, c)]``. What
    is cut off at ``c`` has no gradient: G learns nothing from a D that is that sure.

    Parameters
    ----------
    least : float
        The bound c; 0 where D itself stays away from 0 and 1.

    Examples
    --------
    >>> half = torch.tensor([0.5])
    >>> round(Probabilities().d_loss(half, half).item(), 3)
    1.386
    """

    name = NonSaturating.name
    formula = NonSaturating.formula
    equilibrium: Mapping[str, float] = {
        "d_loss": Logistic.EQUILIBRIUM_D,
        "g_loss": NonSaturating.equilibrium["g_loss"],
    }
    output: Output = "probability"

    def __init__(self, least: float = 0.0) -> None:
        self.least = least

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``-E[log max(p_r, c)] - E[log max(1 - p_f, c)]``."""
        return -self._log(real).mean() - self._log(1 - fake).mean()

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[log max(p_f, c)]``."""
        return -self._log(fake).mean()

    def _log(self, p: torch.Tensor) -> torch.Tensor:
        return p.clamp(min=self.least).log()

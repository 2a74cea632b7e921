"""The non-saturating game."""

from __future__ import annotations

from gan_viz.objectives.base import NonSaturatingLogistic


class NonSaturating(NonSaturatingLogistic):
    """The non-saturating game of Goodfellow et al. (2014), section 3.

    ``L_G = -E[log σ(s_f)] = E[softplus(-s_f)]``: the same fixed point as minimax, with strong
    gradients early in training.
    """

    name = "non-saturating"
    formula = "L_D = -E[log D(x)] - E[log(1 - D(G(z)))],  L_G = -E[log D(G(z))]"

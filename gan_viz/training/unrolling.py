"""D after some more updates, for a G that looks ahead (Metz et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from gan_viz.objectives.base import Objective

Parameters = Sequence[torch.Tensor]


def look_ahead(
    parameters: Parameters, loss: Callable[[Parameters], torch.Tensor], objective: Objective
) -> Parameters:
    """Parameters of D after the objective's unrolled steps, differentiable by what G made.

    Those of D as it is are left as they are. `loss` is D's loss with some parameters, a scalar
    tensor; the sum over runs where they are stacked.
    """
    ahead: Parameters = [each.detach().requires_grad_() for each in parameters]
    for _ in range(objective.unrolled_steps):
        slopes = torch.autograd.grad(loss(ahead), ahead, create_graph=True, materialize_grads=True)
        ahead = [p - objective.unrolled_lr * s for p, s in zip(ahead, slopes, strict=True)]
    return ahead

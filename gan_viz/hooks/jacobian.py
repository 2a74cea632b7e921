"""How the game turns where it is: eigenvalues of the Jacobian of its vector field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.distances import midpoints
from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.latents import as_numbers
from gan_viz.registry import OBJECTIVES

if TYPE_CHECKING:
    import torch
    from torch import nn

    from gan_viz.objectives import Objective

MOST_WEIGHTS = 600
"""Of both networks together: the time grows with the third power, and is a second or so here."""
SAMPLES = 256


class JacobianHook(Hook):
    """Record the eigenvalues of the Jacobian of the game's vector field at each frame.

    Channel ``eigenvalues``, float64, shape ``(weights, 2)``, real and imaginary parts; the panel
    ``spectrum`` draws them, and says in words whether the game turns. See `game_eigenvalues`.

    Parameters
    ----------
    objective : str or Objective
        A name in `gan_viz.registry.OBJECTIVES`, or one's own.
    generator, discriminator : torch.nn.Module, optional
        The players; by default the networks that the recorder watches. To be given where G is
        drawn as a moving average.
    real, latents : array_like, shapes (n, ...), optional
        Samples that stand for p_data and for the latents; by default those of the recorder, or
        256 quantiles of the data, and 256 latents.

    Raises
    ------
    UsageError
        Together the networks have more than 600 weights, or a player is missing.
    """

    @checked
    def __init__(
        self,
        objective: str | Objective = "non-saturating",
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        real: ArrayLike | None = None,
        latents: ArrayLike | None = None,
    ) -> None:
        self._objective = OBJECTIVES[objective]() if isinstance(objective, str) else objective
        self._players = generator, discriminator
        self._given = [
            None if values is None else as_numbers(name, values)
            for name, values in (("real", real), ("latents", latents))
        ]

    def start(self, context: HookContext) -> None:
        """Check the networks, fix the samples, declare the channel."""
        g, d = self._players
        g, d = g or context.generator, d or context.discriminator
        if g is None or d is None:
            raise UsageError("the jacobian hook needs G and D, two networks: one is missing")
        count = sum(p.numel() for network in (g, d) for p in network.parameters())
        if count > MOST_WEIGHTS:
            raise UsageError(
                f"the jacobian of a game of {count:,} weights: expected at most {MOST_WEIGHTS}, "
                "like those of the toy with hidden layers 8,8"
            )
        self._g, self._d = g, d
        self._samples = _chosen(context, *self._given)
        context.writer.add_channel(
            "eigenvalues", (count, 2), "float64", parts=["real", "imaginary"]
        )

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Compute the eigenvalues; none where they are not finite."""
        found = game_eigenvalues(self._g, self._d, self._objective, *self._samples)
        return {} if found is None else {"eigenvalues": np.stack([found.real, found.imag], axis=1)}


def game_eigenvalues(
    generator: nn.Module,
    discriminator: nn.Module,
    objective: Objective,
    real: ArrayLike,
    latents: ArrayLike,
) -> NDArray[np.complex128] | None:
    """Eigenvalues of the Jacobian of ``(-∂L_G/∂θ, -∂L_D/∂ψ)``, in double precision, (weights,).

    What is simultaneous gradient descent in small steps draws in where all real parts are below 0,
    and turns by the imaginary ones (Mescheder et al. 2017, section 3). The penalty of the objective
    counts, with random numbers that are always the same; steps that it unrolls do not. The networks
    are left as they are. None where the Jacobian is not finite.
    """
    import torch

    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        players = _Player(generator), _Player(discriminator)
        x, z = (torch.as_tensor(np.asarray(each), dtype=torch.float64) for each in (real, latents))
        g, d = players
        made = g(z)
        on_made, on_real = d(made), d(x)
        losses = [objective.g_loss_beside(on_made, on_real), objective.d_loss(on_real, on_made)]
        source = torch.Generator().manual_seed(0)

        def uniform(*shape: int) -> torch.Tensor:
            return torch.rand((len(x), *shape), generator=source, dtype=x.dtype)

        penalty = objective.penalty(d, x, made, uniform)
        if penalty is not None:
            losses[1] = losses[1] + penalty.mean()
        weights = [*g.weights, *d.weights]
        field = [
            -_flat(
                torch.autograd.grad(loss, player.weights, create_graph=True, allow_unused=True),
                player.weights,
            )
            for loss, player in zip(losses, players, strict=True)
        ]
        jacobian = _rows(torch.cat(field), weights)
    if not np.isfinite(jacobian).all():
        return None
    return np.linalg.eigvals(jacobian).astype(np.complex128)


class _Player:
    """A copy of a network in double precision, whose weights can be differentiated by."""

    def __init__(self, network: nn.Module) -> None:
        from copy import deepcopy

        self._network = deepcopy(network).double().cpu().requires_grad_()
        self._network.eval()
        self.weights = [*self._network.parameters()]

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self._network(inputs)
        return outputs


def _flat(slopes: Sequence[torch.Tensor | None], weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Slopes by weights as one vector; 0 by what a loss does not depend on."""
    import torch

    pairs = zip(slopes, weights, strict=True)
    return torch.cat([(torch.zeros_like(w) if s is None else s).flatten() for s, w in pairs])


def _rows(field: torch.Tensor, weights: Sequence[torch.Tensor]) -> NDArray[np.float64]:
    """Slopes of each number of a vector by all weights."""
    import torch

    if not field.requires_grad:
        return np.zeros((len(field), len(field)))
    each: Sequence[torch.Tensor | None] = torch.autograd.grad(
        field,
        weights,
        torch.eye(len(field), dtype=field.dtype),
        is_grads_batched=True,
        allow_unused=True,
    )
    count = len(field)
    return np.concatenate(
        [
            np.zeros((count, w.numel()))
            if rows is None
            else rows.detach().numpy().reshape(count, -1)
            for rows, w in zip(each, weights, strict=True)
        ],
        axis=1,
    )


def _chosen(context: HookContext, real: Any, latents: Any) -> tuple[Any, Any]:
    """The samples that were given, or else those that the recorder knows."""
    if real is None and context.real is not None:
        real = context.real[:SAMPLES].detach().cpu().numpy()
    if real is None and context.target is not None:
        real = context.target.ppf(midpoints(SAMPLES))[:, None]
    if real is None:
        raise UsageError("the jacobian hook needs data: real=, or data= of the recorder")
    if latents is None:
        latents = context.latent.sample(SAMPLES, np.random.default_rng(0))
    return real, latents

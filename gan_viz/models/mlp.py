"""Small multilayer perceptrons for one-dimensional data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.models.initial import made
from gan_viz.registry import ACTIVATIONS

__all__ = ["ACTIVATIONS", "Affine", "leaky_relu", "mlp", "see_finely"]

STEEPEST, REACH = 20.0, 4.0
"""See `see_finely`; in standard deviations of the data."""


def leaky_relu() -> nn.Module:
    """The activation of that name, with the slope 0.2 that GANs use."""
    return nn.LeakyReLU(0.2)


def mlp(
    inputs: int,
    hidden: Sequence[int],
    outputs: int = 1,
    activation: str = "leaky_relu",
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Build a multilayer perceptron, ``(batch, inputs)`` to ``(batch, outputs)``, ending linearly.

    Weights and biases are drawn from ``U(-1/sqrt(fan_in), 1/sqrt(fan_in))``, PyTorch's default for
    `torch.nn.Linear`, but from `generator` alone: the global random state is not touched.

    Parameters
    ----------
    inputs : int
        Features of the input.
    hidden : sequence of int
        Features of each hidden layer; may be empty.
    outputs : int
        Features of the output.
    activation : str
        A name in `ACTIVATIONS`, used after every hidden layer.
    generator : torch.Generator, optional
        Source of the weights; by default one seeded with 0.

    Raises
    ------
    UsageError
        A width is not positive, or the activation is unknown.

    Examples
    --------
    >>> [tuple(p.shape) for p in mlp(1, [16], activation="tanh").parameters()]
    [(16, 1), (16,), (1, 16), (1,)]
    """
    if activation not in ACTIVATIONS:
        raise UnknownNameError("activation", activation, ACTIVATIONS)
    widths = [inputs, *hidden, outputs]
    if min(widths) < 1:
        raise UsageError(f"layer widths {widths}: expected positive whole numbers")
    source = generator or torch.Generator().manual_seed(0)

    def build() -> nn.Sequential:
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(widths):
            layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[activation]()]
        return nn.Sequential(*layers[:-1])

    return made(build, source)


def see_finely(network: nn.Sequential, source: torch.Generator) -> None:
    """Draw the first layer of a perceptron on one feature so that it tells near inputs apart.

    A unit ``f(w (x - c))`` turns at c, over a width of 1/w. Weights and biases from one interval
    have w up to 1 and most c near 0: a D of such units learns what is wide long before it learns
    what is narrow (the spectral bias of Rahaman et al. 2019), and the modes of the data are narrow.
    Here c is from U(-4, 4), and the logarithm of w from U(0, log 20), with either sign, as Fourier
    features have frequencies of all sizes (Tancik et al. 2020). The wide ones reach G wherever it
    starts.

    Parameters
    ----------
    network : torch.nn.Sequential
        From `mlp`; its first layer is changed.
    source : torch.Generator

    Raises
    ------
    UsageError
        The network takes several features.

    Examples
    --------
    >>> network = mlp(1, [3])
    >>> see_finely(network, torch.Generator().manual_seed(0))
    >>> turns = -network[0].bias / network[0].weight[:, 0]
    >>> bool((turns.abs() <= 4).all())
    True
    """
    first = network[0]
    if not isinstance(first, nn.Linear) or first.in_features != 1:
        raise UsageError(f"first layer {first}: expected a linear one of a single feature")
    steepness, place, sign = torch.rand((3, first.out_features), generator=source)
    weights = STEEPEST**steepness * torch.where(sign < 0.5, -1.0, 1.0)
    with torch.no_grad():
        first.weight.copy_(weights[:, None])
        first.bias.copy_(weights * REACH * (1 - 2 * place))


class Affine(nn.Module):
    """A fixed map ``y = shift + scale * x``, computed in double precision.

    It takes networks that learn standardized data to the data's own units and back; in single
    precision, data like 1.7e9 ± 1 would not survive the way.

    Examples
    --------
    >>> Affine(1.0, 2.0)(torch.tensor([3.0]))
    tensor([7.], dtype=torch.float64)
    """

    def __init__(self, shift: float, scale: float, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.shift, self.scale, self.dtype = shift, scale, dtype

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a tensor of any shape."""
        return (self.shift + self.scale * x.double()).to(self.dtype)

    def extra_repr(self) -> str:
        """Show shift and scale in the module's repr."""
        return f"shift={self.shift:g}, scale={self.scale:g}"

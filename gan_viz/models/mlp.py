"""Small multilayer perceptrons for one-dimensional data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from gan_viz.errors import UnknownNameError, check_widths
from gan_viz.models.initial import made
from gan_viz.registry import ACTIVATIONS


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
        A width is not positive, there are too many weights, or the activation is unknown.

    Examples
    --------
    >>> [tuple(p.shape) for p in mlp(1, [16], activation="tanh").parameters()]
    [(16, 1), (16,), (1, 16), (1,)]
    """
    if activation not in ACTIVATIONS:
        raise UnknownNameError("activation", activation, ACTIVATIONS)
    widths = [inputs, *hidden, outputs]
    check_widths(widths)
    source = generator or torch.Generator().manual_seed(0)

    def build() -> nn.Sequential:
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(widths):
            layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[activation]()]
        return nn.Sequential(*layers[:-1])

    return made(build, source)


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

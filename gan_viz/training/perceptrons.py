"""The toy's networks: perceptrons of plain arrays, which learn and are seen without PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import UnknownNameError, check_widths
from gan_viz.registry import ACTIVATIONS
from gan_viz.training.stacks import ACTIVATIONS as IN_NUMPY
from gan_viz.training.stacks import Activation, Stack

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[np.float32]
Uniform = Callable[[int], Array]
LEAK = 0.2
"""Slope of a leaky ReLU below 0: that of most GANs."""
NAMES = {
    "elu": "ELU(alpha=1.0)",
    "leaky_relu": f"LeakyReLU(negative_slope={LEAK})",
    "relu": "ReLU()",
    "silu": "SiLU()",
    "softplus": "Softplus(beta=1.0, threshold=20.0)",
    "tanh": "Tanh()",
}
"""What PyTorch calls activations."""
STEEPEST, REACH = 20.0, 4.0
"""See `Perceptron.see_finely`; in standard deviations of the data."""


class Perceptron:
    """A multilayer perceptron, ``(batch, widths[0])`` to ``(batch, widths[-1])``, ending linearly.

    The widths are the features of the input, of each hidden layer and of the output; the
    activation, a name in `gan_viz.registry.ACTIVATIONS`, is used after every hidden layer. Weights
    and biases are from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), PyTorch's default for `torch.nn.Linear`,
    drawn from a source as `uniform_source` makes it. They are in `theta`, shape (1, parameters), as
    `Stack` has them; where the network learns beside others, it is a view of theirs. Raises
    UsageError if a width is not positive, there are too many weights, or the activation is
    unknown.
    """

    def __init__(self, widths: Sequence[int], activation: str, source: Uniform) -> None:
        if activation not in ACTIVATIONS:
            raise UnknownNameError("activation", activation, ACTIVATIONS)
        check_widths(widths)
        self.widths, self._activation = tuple(widths), activation
        self._module: nn.Sequential | None = None
        size = sum(outputs * (inputs + 1) for inputs, outputs in pairwise(widths))
        self.theta = np.empty((1, size), np.float32)
        for layer in self._layers():
            bound = float(np.float32(1 / math.sqrt(layer.shape[1] - 1)))
            for values in (layer[:, :-1], layer[:, -1]):
                drawn = source(values.size).astype(np.float64) * (2 * bound) - bound
                values[...] = drawn.reshape(values.shape)

    @property
    def activation(self) -> Activation | None:
        """What NumPy does between the layers; None if only PyTorch has it."""
        known = IN_NUMPY.get(self._activation)
        return None if known is None else known(LEAK)

    def bind(self, theta: Array) -> None:
        """Have a row of parameters, shape (1, parameters), for one's own from now on."""
        self.theta = theta
        if self._module is not None:
            self._bind_module(self._module)

    def copy(self) -> Self:
        """Another network of the same parameters."""
        other = object.__new__(type(self))
        other.widths, other._activation, other._module = self.widths, self._activation, None
        other.theta = self.theta.copy()
        return other

    def see_finely(self, source: Uniform) -> None:
        """Draw the first layer so that it tells near inputs apart, each unit on one feature.

        A unit ``f(w (x - c))`` turns at c, over a width of 1/w. Weights and biases from one
        interval have w up to 1 and most c near 0: a D of such units learns what is wide long before
        it learns what is narrow (the spectral bias of Rahaman et al. 2019), and the modes of the
        data are narrow. Here c is from U(-4, 4), and the logarithm of w from U(0, log 20), with
        either sign, as Fourier features have frequencies of all sizes (Tancik et al. 2020). The
        wide ones reach G wherever it starts.
        """
        first = self._layers()[0]
        steepness, place, sign = source(3 * len(first)).reshape(3, -1)
        weights = np.float32(STEEPEST) ** steepness * np.where(sign < 0.5, -1, 1)
        units, features = len(first), first.shape[1] - 1
        first[:, :-1] = 0.0
        first[np.arange(units), np.arange(units) % features] = weights
        first[:, -1] = weights * REACH * (1 - 2 * place)

    def shift(self, by: float) -> None:
        """Add to the last bias, and so to every output."""
        self._layers()[-1][:, -1] += np.float32(by)

    def module(self) -> nn.Sequential:
        """The same network for PyTorch, on the same memory: both change together."""
        if self._module is None:
            self._module = self._built()
            self._bind_module(self._module)
        return self._module

    def released(self) -> nn.Sequential:
        """A copy of the network for PyTorch, on memory of its own, whose rows are contiguous."""
        import torch

        module = self._built()
        self._bind_module(module)
        for parameter in module.parameters():
            parameter.data = parameter.data.clone(memory_format=torch.contiguous_format)
        return module

    def _built(self) -> nn.Sequential:
        import torch
        from torch import nn

        layers: list[nn.Module] = []
        # not on the meta device: to leave it, PyTorch imports half a second of symbolic algebra
        with torch.random.fork_rng(devices=[]):
            for inputs, outputs in pairwise(self.widths):
                layers += [nn.Linear(inputs, outputs), ACTIVATIONS[self._activation]()]
        return nn.Sequential(*layers[:-1])

    def _bind_module(self, module: Iterable[Any]) -> None:
        import torch

        for matrix, layer in zip(self._layers(), list(module)[::2], strict=True):
            layer.weight.data = torch.from_numpy(matrix[:, :-1])
            layer.bias.data = torch.from_numpy(matrix[:, -1])

    def _layers(self) -> list[Array]:
        """Views of the parameters, each layer (outputs, inputs + 1)."""
        return [layer[0] for layer in Stack(self.widths, self.theta, None).layers]

    def __str__(self) -> str:
        """What PyTorch calls the same network."""
        lines: list[str] = []
        for inputs, outputs in pairwise(self.widths):
            lines += [
                f"Linear(in_features={inputs}, out_features={outputs}, bias=True)",
                NAMES.get(self._activation, self._activation),
            ]
        return "Sequential(\n" + "".join(f"  ({k}): {x}\n" for k, x in enumerate(lines[:-1])) + ")"


def stack_of(network: nn.Module | Perceptron) -> Stack:
    """The parameters of a perceptron, copied, as a stack of one; see `compile_mlp`."""
    if isinstance(network, Perceptron):
        return Stack(network.widths, network.theta.copy(), network.activation)
    from gan_viz.training.compiling import compile_mlp

    stack = compile_mlp(network)
    assert stack is not None
    return stack


def uniform_source(seed: int) -> Uniform:
    """What draws from U(0, 1), 24 bits at a time: the numbers of a `torch.Generator` of that seed.

    Both are the Mersenne Twister (Matsumoto & Nishimura 1998).
    """
    source = np.random.RandomState(seed & 0xFFFFFFFF)

    def draw(n: int) -> Array:
        bits = source.randint(0, 2**32, n, np.uint32) & np.uint32(0xFFFFFF)
        return bits.astype(np.float32) * np.float32(2**-24)

    return draw

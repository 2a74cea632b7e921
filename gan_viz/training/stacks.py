"""Perceptrons of one architecture, stacked and differentiated by hand in NumPy.

On networks this small nearly all of a PyTorch step is dispatch, not arithmetic. The same arithmetic
written out (back-propagation, Rumelhart et al. 1986) takes a small fraction of the time, and arrays
``(runs, features, samples)`` make one call of what would be one for each run. Samples come last, so
that every row is contiguous, and each layer's input carries a last row of ones, so that one product
does weights and bias together.

Each run goes through the very numbers it would go through alone: products are made run by run
(`numpy.matmul`), all else is elementwise or along the samples of one run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Ready = Callable[[], object]
"""A call with its arrays bound to it: a step makes some twenty, so nothing is looked up in it."""


class Activation(NamedTuple):
    """An elementwise nonlinearity, computed in place."""

    over: Callable[[Array], Ready]
    """``(x) -> Ready``: what makes ``x = f(x)``."""
    back: Callable[[Array, Array], Ready]
    """``(y, error) -> Ready``: what makes ``error = f'(x) * error`` from ``y = f(x)``, which is
    lost."""


_ONE = np.float32(1.0)


def _torch() -> Any:
    """PyTorch if it is loaded anyway: it needs one pass over the memory where NumPy needs several.

    With 16 runs this halves the time of a leaky ReLU. Results are the same to the bit; where they
    would not be, as with the derivative of tanh, NumPy does it always.
    """
    return sys.modules.get("torch")


def _tanh(_: float) -> Activation:
    def over(x: Array) -> Ready:
        return lambda: np.tanh(x, out=x)

    def back(y: Array, error: Array) -> Ready:
        def multiply() -> None:
            np.multiply(y, y, out=y)
            np.subtract(_ONE, y, out=y)
            np.multiply(error, y, out=error)

        return multiply

    return Activation(over, back)


def _softplus(_: float) -> Activation:
    def over(x: Array) -> Ready:
        return lambda: np.logaddexp(x, np.float32(0.0), out=x)

    def back(y: Array, error: Array) -> Ready:
        # 1 - exp(-softplus(x)) is the sigmoid of x
        return lambda: np.multiply(error, -np.expm1(-y), out=error)

    return Activation(over, back)


def _leaky(negative_slope: float) -> Activation:
    """Leaky ReLU; its slope is picked from two bit patterns by the sign bit, without a branch."""
    slope = np.float32(negative_slope)
    one_bits, slope_bits = np.array([1.0, slope], np.float32).view(np.int32)

    def over(x: Array) -> Ready:
        torch = _torch()
        if torch is None:
            return lambda: np.maximum(x, x * slope, out=x)
        values, leaky_relu = torch.from_numpy(x), torch.nn.functional.leaky_relu_
        return lambda: leaky_relu(values, negative_slope)

    def back(y: Array, error: Array) -> Ready:
        torch = _torch()
        if torch is None:
            return lambda: numpy_back(y, error)
        values, slopes = torch.from_numpy(y), torch.from_numpy(error)
        backward = torch.ops.aten.leaky_relu_backward.grad_input
        return lambda: backward(slopes, values, negative_slope, True, grad_input=slopes)

    def numpy_back(y: Array, error: Array) -> None:
        bits = y.view(np.int32) >> 31
        bits &= one_bits ^ slope_bits
        bits ^= one_bits
        np.multiply(error, bits.view(np.float32), out=error)

    return Activation(over, back)


def _relu(_: float) -> Activation:
    def over(x: Array) -> Ready:
        return lambda: np.maximum(x, np.float32(0.0), out=x)

    def back(y: Array, error: Array) -> Ready:
        torch = _torch()
        if torch is None:
            return lambda: np.multiply(error, y > 0, out=error)
        values, slopes = torch.from_numpy(y), torch.from_numpy(error)
        threshold_backward = torch.ops.aten.threshold_backward.grad_input
        return lambda: threshold_backward(slopes, values, 0, grad_input=slopes)

    return Activation(over, back)


ACTIVATIONS: dict[str, Callable[[float], Activation]] = {
    "leaky_relu": _leaky,
    "relu": _relu,
    "softplus": _softplus,
    "tanh": _tanh,
}
"""Name to activation, given the negative slope (which only ``leaky_relu`` has)."""


class Stack:
    """Multilayer perceptrons with linear last layers, over one matrix of parameters.

    The widths are the features of the input, of each hidden layer and of the output. `theta`, of
    shape (runs, parameters), is layer by layer, each row by row, the bias after the weights of its
    row; `gradient` is the last gradient, likewise. `layers` and `layer_gradients` are views of
    both, each of shape (runs, outputs, inputs + 1). The activation between the layers is None if it
    has no form in NumPy, so that only PyTorch can use the stack.
    """

    def __init__(self, widths: Sequence[int], theta: Array, activation: Activation | None) -> None:
        self.widths, self.theta, self.activation = tuple(widths), theta, activation
        self.gradient = np.zeros_like(theta)
        self.layers, self.layer_gradients = self._split(theta), self._split(self.gradient)

    def _split(self, flat: Array) -> list[Array]:
        shapes = [(outputs, inputs + 1) for inputs, outputs in pairwise(self.widths)]
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        return [
            flat[:, end - rows * columns : end].reshape(len(flat), rows, columns)
            for (rows, columns), end in zip(shapes, ends, strict=True)
        ]

    @staticmethod
    def of(stacks: Sequence[Stack]) -> Stack:
        """Stack stacks of one architecture; the parameters are copied."""
        theta = np.concatenate([stack.theta for stack in stacks])
        return Stack(stacks[0].widths, theta, stacks[0].activation)


class Scratch:
    """Arrays of up to `size` numbers that hold nothing from one pass to the next: all share them.

    The less memory a step goes through, the more of it stays in the processor's cache.
    """

    def __init__(self, size: int) -> None:
        self._flat = [np.empty(size, np.float32) for _ in range(2)]

    def array(self, which: int, *shape: int) -> Array:
        """One of two arrays, in some shape."""
        return self._flat[which][: math.prod(shape)].reshape(shape)


class _Layer(NamedTuple):
    """What a pass through one layer reads and writes."""

    weights: Array
    transposed: Array
    gradient: Array
    """Shape (runs, outputs, inputs + 1): `transposed` is without the biases, its last axes
    swapped."""
    inputs: Array
    turned: Array
    """Shape (runs, inputs + 1, samples), and with the last two axes swapped."""
    outputs: Array
    """Shape (runs, outputs, samples)."""
    error: Array
    """Shape (runs, inputs, samples): derivative by the inputs."""
    activate: Ready | None
    slope: Ready | None
    """Applies the activation to the outputs, and the derivative of the one in front to the
    error."""


class Passes:
    """The arrays that one batch size needs to run a `Stack` forward and backward.

    Each run has so many samples. `inputs` are what each layer is given, shape (runs, inputs + 1,
    samples), with a row of ones at the end; `input`, shape (runs, inputs, samples), is where
    `forward` reads from, and `output`, shape (runs, outputs, samples), where it writes to.

    The scratch has room for ``runs * widest layer * samples``; by default it is one of its own.
    `wider` are passes of the same networks and more samples: the last columns of its arrays serve
    here too, but for those of the outputs, and what is left there is lost.
    """

    def __init__(
        self,
        stack: Stack,
        samples: int,
        scratch: Scratch | None = None,
        wider: Passes | None = None,
    ) -> None:
        assert stack.activation is not None
        runs, widths = len(stack.theta), stack.widths
        scratch = scratch or Scratch(runs * max(widths) * samples)
        if wider is None:
            self.inputs = [np.ones((runs, width + 1, samples), np.float32) for width in widths[:-1]]
        else:
            self.inputs = [array[..., -samples:] for array in wider.inputs]
        bodies = [array[:, :-1] for array in self.inputs]
        self.input = bodies[0]
        self.output: Array = np.empty((runs, widths[-1], samples), np.float32)
        self._layers = self._bound(stack, bodies, _places(bodies, scratch), stack.activation)
        # An outer product is faster as one of matrices: padded by a column and a row of zeros.
        self._column = np.zeros((runs, widths[-2], 2), np.float32)
        self._row = np.zeros((runs, 2, samples), np.float32)

    def _bound(
        self, stack: Stack, bodies: list[Array], errors: list[Array], activation: Activation
    ) -> list[_Layer]:
        last = len(bodies) - 1
        return [
            _Layer(
                weights,
                weights[..., :-1].swapaxes(1, 2),
                stack.layer_gradients[k],
                self.inputs[k],
                self.inputs[k].swapaxes(1, 2),
                self.output if k == last else bodies[k + 1],
                errors[k],
                None if k == last else activation.over(bodies[k + 1]),
                None if k == 0 else activation.back(bodies[k], errors[k]),
            )
            for k, weights in enumerate(stack.layers)
        ]

    def forward(self) -> Array:
        """Run the networks on `input`; the result is `output`, valid until the next call."""
        for layer in self._layers:
            np.matmul(layer.weights, layer.inputs, out=layer.outputs)
            if layer.activate is not None:
                layer.activate()
        return self.output

    def backward(self, error: Array, *, weights: bool = True, inputs: bool = False) -> Array:
        """Propagate gradients back through the last `forward`, whose activations are lost.

        `error` is the derivative of each run's loss by its output, shape (runs, 1, samples). With
        `weights`, `Stack.gradient` is written; with `inputs`, the derivative by the input is
        returned, shape (runs, inputs, samples), which is meaningless otherwise.
        """
        for layer in reversed(self._layers):
            if weights:
                np.matmul(error, layer.turned, out=layer.gradient)
            if inputs or layer.slope is not None:
                error = self._through(layer, error)
        return error

    def _through(self, layer: _Layer, error: Array) -> Array:
        """Take errors from behind a layer to before it, through the activation in front."""
        transposed = layer.transposed
        if layer.activate is None:
            self._column[..., :1], self._row[:, :1] = transposed, error
            transposed, error = self._column, self._row
        np.matmul(transposed, error, out=layer.error)
        if layer.slope is not None:
            layer.slope()
        return layer.error


def _places(bodies: Sequence[Array], scratch: Scratch) -> list[Array]:
    """Where the derivatives by the inputs of each layer go, given where those are.

    Where there is room, over the activations behind the layer, which have served their turn; else
    into two arrays in turn, for a product cannot be written over one of its factors.
    """
    places = [np.empty(bodies[0].shape, np.float32)]
    for k, body in enumerate(bodies[1:], 1):
        behind = bodies[k + 1] if k + 1 < len(bodies) else body[:, :0]
        width = body.shape[1]
        roomy = width <= behind.shape[1]
        places.append(behind[:, :width] if roomy else scratch.array(k % 2, *body.shape))
    return places

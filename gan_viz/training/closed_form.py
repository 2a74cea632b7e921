"""Small multilayer perceptrons and Adam, differentiated by hand in NumPy.

On networks this small nearly all of a PyTorch step is dispatch, not arithmetic. The same arithmetic
written out (back-propagation, Rumelhart et al. 1986; Adam, Kingma & Ba 2015, algorithm 1) takes a
small fraction of the time. The tests hold it against autograd and ``torch.optim.Adam``.

Arrays lie feature by sample, ``(features, samples)``, so that every row is contiguous, and each
layer's input carries a last row of ones, so that one product does weights and bias together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["ACTIVATIONS", "Activation", "Adam", "Mlp", "Workspace"]

Array = NDArray[np.float32]


class Activation(NamedTuple):
    """An elementwise nonlinearity and its slope.

    Attributes
    ----------
    value : callable (x, out) -> None
        ``out = f(x)``, of NumPy arrays.
    slope : callable (y, out) -> None
        ``out = f'(x)``, computed from ``y = f(x)``.
    over : callable (x) -> object
        ``x = f(x)``, of PyTorch tensors: one pass where NumPy needs several, which pays on arrays
        beyond the processor's first cache.
    back : callable (y, error) -> object
        ``error = f'(x) * error``, of tensors, computed from ``y = f(x)``.
    """

    value: Callable[[Array, Array], None]
    slope: Callable[[Array, Array], None]
    over: Callable[[torch.Tensor], object]
    back: Callable[[torch.Tensor, torch.Tensor], object]


_ONE = np.float32(1.0)


def _tanh() -> Activation:
    def value(x: Array, out: Array) -> None:
        np.tanh(x, out=out)

    def slope(y: Array, out: Array) -> None:
        np.multiply(y, y, out=out)
        np.subtract(_ONE, out, out=out)

    def over(x: torch.Tensor) -> None:
        value(x.numpy(), x.numpy())

    def back(y: torch.Tensor, error: torch.Tensor) -> None:
        torch.ops.aten.tanh_backward.grad_input(error, y, grad_input=error)

    return Activation(value, slope, over, back)


def _softplus() -> Activation:
    def value(x: Array, out: Array) -> None:
        np.logaddexp(x, np.float32(0.0), out=out)

    def slope(y: Array, out: Array) -> None:
        np.negative(y, out=out)
        np.expm1(out, out=out)
        np.negative(out, out=out)  # 1 - exp(-softplus(x)) is the sigmoid of x

    def over(x: torch.Tensor) -> None:
        value(x.numpy(), x.numpy())

    def back(y: torch.Tensor, error: torch.Tensor) -> None:
        error.mul_(y.neg().expm1_().neg_())

    return Activation(value, slope, over, back)


def _leaky(negative_slope: float) -> Activation:
    """Leaky ReLU; its slope is picked from two bit patterns by the sign bit, without a branch."""
    factor = np.float32(negative_slope)
    one_bits, slope_bits = np.array([1.0, factor], np.float32).view(np.int32)
    flip = one_bits ^ slope_bits

    def value(x: Array, out: Array) -> None:
        np.multiply(x, factor, out=out)
        np.maximum(x, out, out=out)

    def slope(y: Array, out: Array) -> None:
        bits = out.view(np.int32)
        np.right_shift(y.view(np.int32), 31, out=bits)
        np.bitwise_and(bits, flip, out=bits)
        np.bitwise_xor(bits, one_bits, out=bits)

    def over(x: torch.Tensor) -> None:
        torch.nn.functional.leaky_relu_(x, negative_slope)

    def back(y: torch.Tensor, error: torch.Tensor) -> None:
        torch.ops.aten.leaky_relu_backward.grad_input(
            error, y, negative_slope, True, grad_input=error
        )

    return Activation(value, slope, over, back)


def _relu() -> Activation:
    def value(x: Array, out: Array) -> None:
        np.maximum(x, np.float32(0.0), out=out)

    def slope(y: Array, out: Array) -> None:
        np.greater(y, np.float32(0.0), out=out, casting="unsafe")

    def back(y: torch.Tensor, error: torch.Tensor) -> None:
        torch.ops.aten.threshold_backward.grad_input(error, y, 0, grad_input=error)

    return Activation(value, slope, torch.relu_, back)


ACTIVATIONS: dict[str, Callable[[float], Activation]] = {
    "leaky_relu": _leaky,
    "relu": lambda _: _relu(),
    "softplus": lambda _: _softplus(),
    "tanh": lambda _: _tanh(),
}
"""Name to activation, given the negative slope (which only ``leaky_relu`` has)."""


class Mlp:
    """A multilayer perceptron with a linear last layer, over one flat vector of parameters.

    Parameters
    ----------
    widths : sequence of int
        Features of the input, of each hidden layer and of the output.
    activation : Activation
        Between the layers.

    Attributes
    ----------
    theta, gradient : ndarray of float32, shape (parameters,)
        All parameters and the last gradient. Layer by layer, each row by row, the bias after the
        weights of its row.
    layers, layer_gradients : list of ndarray, shape (outputs, inputs + 1)
        Views of them.
    transposed : list of ndarray, shape (inputs, outputs)
        Views of the weights without the biases.
    """

    def __init__(self, widths: Sequence[int], activation: Activation) -> None:
        self.widths = tuple(widths)
        self.activation = activation
        shapes = [(out, into + 1) for into, out in pairwise(widths)]
        size = sum(rows * columns for rows, columns in shapes)
        self.theta = np.zeros(size, np.float32)
        self.gradient = np.zeros(size, np.float32)
        self.layers = split(self.theta, shapes)
        self.layer_gradients = split(self.gradient, shapes)
        self.transposed = [layer[:, :-1].T for layer in self.layers]

    def copy(self) -> Mlp:
        """An `Mlp` of its own with the same parameters."""
        twin = Mlp(self.widths, self.activation)
        twin.theta[:] = self.theta
        return twin


def split(flat: Array, shapes: Sequence[tuple[int, int]]) -> list[Array]:
    """Views of a flat vector as consecutive matrices.

    Parameters
    ----------
    flat : ndarray, shape (sum of rows * columns,)
    shapes : sequence of (rows, columns)

    Returns
    -------
    list of ndarray
        One view for each shape.
    """
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    return [
        flat[end - rows * columns : end].reshape(rows, columns)
        for (rows, columns), end in zip(shapes, ends, strict=True)
    ]


class Workspace:
    """The arrays one batch size needs to run an `Mlp` forward and backward without allocating.

    Parameters
    ----------
    mlp : Mlp
    samples : int
        The batch size.
    """

    def __init__(self, mlp: Mlp, samples: int) -> None:
        self.mlp = mlp
        self._inputs = [np.ones((width + 1, samples), np.float32) for width in mlp.widths[:-1]]
        self._bodies = [array[:-1] for array in self._inputs]
        self._outputs = [np.empty((width, samples), np.float32) for width in mlp.widths[1:]]
        self._errors = [np.empty((width, samples), np.float32) for width in mlp.widths]
        self._slopes = [np.empty((width, samples), np.float32) for width in mlp.widths[1:-1]]

    @property
    def input(self) -> Array:
        """Where `forward` reads from: ndarray, shape (inputs, samples)."""
        return self._bodies[0]

    def forward(self) -> Array:
        """Run the network on `input`.

        Returns
        -------
        ndarray, shape (outputs, samples)
            Valid until the next call.
        """
        last = len(self._outputs) - 1
        for k, weights in enumerate(self.mlp.layers):
            np.matmul(weights, self._inputs[k], out=self._outputs[k])
            if k < last:
                self.mlp.activation.value(self._outputs[k], self._bodies[k + 1])
        return self._outputs[-1]

    def backward(self, error: Array, *, weights: bool = True, inputs: bool = False) -> Array:
        """Propagate a gradient back through the last `forward`.

        Parameters
        ----------
        error : ndarray, shape (outputs, samples)
            Derivative of the loss by the output.
        weights : bool
            Whether to write `Mlp.gradient`.
        inputs : bool
            Whether to go on to the derivative by the input.

        Returns
        -------
        ndarray, shape (inputs, samples)
            Derivative of the loss by the input; meaningless unless `inputs`.
        """
        for k in reversed(range(len(self.mlp.layers))):
            if weights:
                np.matmul(error, self._inputs[k].T, out=self.mlp.layer_gradients[k])
            if k > 0 or inputs:
                error = self._through(k, error)
        return self._errors[0]

    def _through(self, k: int, error: Array) -> Array:
        """Take an error from behind layer `k` to before it, through the activation in front."""
        before = self._errors[k]
        weights = self.mlp.transposed[k]
        if weights.shape[1] == 1:  # an outer product: broadcasting beats a product of depth 1
            np.multiply(weights, error, out=before)
        else:
            np.matmul(weights, error, out=before)
        if k > 0:
            slope = self._slopes[k - 1]
            self.mlp.activation.slope(self._bodies[k], slope)
            np.multiply(before, slope, out=before)
        return before


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1) on one flat vector, as `torch.optim.Adam` counts it.

    Parameters
    ----------
    theta, gradient : ndarray of float32, shape (parameters,)
        Updated and read in place.
    rate : float
        Learning rate.
    betas : (float, float)
        Decay rates of the two moments.
    eps : float
        Added to the root of the second moment.
    """

    def __init__(
        self,
        theta: Array,
        gradient: Array,
        rate: float,
        betas: tuple[float, float],
        eps: float = 1e-8,
    ) -> None:
        self.theta, self.gradient, self.rate = theta, gradient, rate
        self.betas, self.eps = betas, np.float32(eps)
        self.first = np.zeros_like(theta)
        self.second = np.zeros_like(theta)
        self._scratch = np.empty_like(theta)
        self._powers = [1.0, 1.0]

    def step(self, factor: float = 1.0) -> None:
        """Move the parameters once.

        Parameters
        ----------
        factor : float
            Multiplies the learning rate.
        """
        scratch, beta1, beta2 = self._scratch, *self.betas
        self._powers = [self._powers[0] * beta1, self._powers[1] * beta2]
        first = self._update_first(beta1)
        np.multiply(self.gradient, self.gradient, out=scratch)
        np.multiply(scratch, np.float32(1 - beta2), out=scratch)
        np.multiply(self.second, np.float32(beta2), out=self.second)
        np.add(self.second, scratch, out=self.second)
        np.sqrt(self.second, out=scratch)
        np.multiply(scratch, np.float32((1 - self._powers[1]) ** -0.5), out=scratch)
        np.add(scratch, self.eps, out=scratch)
        np.divide(first, scratch, out=scratch)
        np.multiply(scratch, np.float32(self.rate * factor / (1 - self._powers[0])), out=scratch)
        np.subtract(self.theta, scratch, out=self.theta)

    def _update_first(self, beta1: float) -> Array:
        if beta1 == 0.0:
            return self.gradient
        scratch = self._scratch
        np.subtract(self.gradient, self.first, out=scratch)
        np.multiply(scratch, np.float32(1 - beta1), out=scratch)
        np.add(self.first, scratch, out=self.first)
        return self.first

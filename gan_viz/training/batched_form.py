"""Many perceptrons of one architecture, differentiated by hand in NumPy, side by side.

What `gan_viz.training.closed_form` does, with a leading axis for the run: arrays are
``(runs, features, samples)``, so that one call does what would be one for each run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gan_viz.training.closed_form import Mlp, split

__all__ = ["BatchedMlp", "BatchedWorkspace", "Scratch"]

Array = NDArray[np.float32]


class BatchedMlp:
    """Perceptrons of one architecture over one matrix of parameters.

    Parameters
    ----------
    mlps : sequence of Mlp
        One a run. Their parameters are moved into the matrix, so that both change together.

    Attributes
    ----------
    runs : list of Mlp
        The same, by row.
    theta, gradient : ndarray of float32, shape (runs, parameters)
        In each row, what `Mlp` has.
    layers, layer_gradients : list of ndarray, shape (runs, outputs, inputs + 1)
        Views of them.
    transposed : list of ndarray, shape (runs, inputs, outputs)
        Views of the weights without the biases.
    """

    def __init__(self, mlps: Sequence[Mlp]) -> None:
        self.runs = list(mlps)
        self.widths, self.activation = mlps[0].widths, mlps[0].activation
        shapes = [layer.shape for layer in mlps[0].layers]
        self.theta = np.stack([mlp.theta for mlp in mlps])
        self.gradient = np.zeros_like(self.theta)
        self.layers = _split_rows(self.theta, shapes)
        self.layer_gradients = _split_rows(self.gradient, shapes)
        self.transposed = [layer[..., :-1].swapaxes(1, 2) for layer in self.layers]
        for mlp, theta, gradient in zip(mlps, self.theta, self.gradient, strict=True):
            mlp.theta, mlp.gradient = theta, gradient
            mlp.layers, mlp.layer_gradients = split(theta, shapes), split(gradient, shapes)
            mlp.transposed = [layer[:, :-1].T for layer in mlp.layers]


def _split_rows(flat: Array, shapes: Sequence[tuple[int, int]]) -> list[Array]:
    """Views of the rows of a matrix as consecutive matrices; see `split`."""
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    return [
        flat[:, end - rows * columns : end].reshape(len(flat), rows, columns)
        for (rows, columns), end in zip(shapes, ends, strict=True)
    ]


class Scratch:
    """Arrays that hold nothing from one pass to the next, so that all workspaces can share them.

    The less memory a step goes through, the more of it stays in the processor's cache.

    Parameters
    ----------
    size : int
        Numbers in the largest array that is asked for.
    """

    def __init__(self, size: int) -> None:
        self._flat = [np.empty(size, np.float32) for _ in range(2)]

    def array(self, which: int, *shape: int) -> Array:
        """One of two arrays, in some shape."""
        return self._flat[which][: math.prod(shape)].reshape(shape)


class _Layer(NamedTuple):
    """What a pass through one layer reads and writes, together so that nothing is looked up.

    Attributes
    ----------
    weights, transposed, gradient : ndarray
        As `BatchedMlp` has them.
    inputs, turned : ndarray, shape (runs, inputs + 1, samples) and the last two swapped
        What it is given, with a row of ones.
    outputs : ndarray, shape (runs, outputs, samples)
    error : ndarray, shape (runs, inputs, samples)
        Derivative by the inputs.
    tensor : torch.Tensor
        The same.
    before, behind : torch.Tensor or None
        The inputs, and the outputs, that have been through an activation.
    """

    weights: Array
    transposed: Array
    gradient: Array
    inputs: Array
    turned: Array
    outputs: Array
    error: Array
    tensor: torch.Tensor
    before: torch.Tensor | None
    behind: torch.Tensor | None


class BatchedWorkspace:
    """The arrays one batch size needs to run a `BatchedMlp` forward and backward.

    Parameters
    ----------
    mlp : BatchedMlp
    samples : int
        The batch size of each run.
    scratch : Scratch
        With room for ``runs * widest layer * samples``.
    wider : BatchedWorkspace, optional
        Of the same networks and more samples: the last columns of its arrays serve here too, but
        for those of the outputs, and what is left there is lost.

    Attributes
    ----------
    inputs : list of ndarray, shape (runs, inputs + 1, samples)
        What each layer is given, with a row of ones at the end.
    input : ndarray, shape (runs, inputs, samples)
        Where `forward` reads from.
    output : ndarray, shape (runs, 1, samples)
        Where it writes to.
    """

    def __init__(
        self,
        mlp: BatchedMlp,
        samples: int,
        scratch: Scratch,
        wider: BatchedWorkspace | None = None,
    ) -> None:
        runs, widths = len(mlp.theta), mlp.widths
        if wider is None:
            self.inputs = [np.ones((runs, width + 1, samples), np.float32) for width in widths[:-1]]
        else:
            self.inputs = [array[..., -samples:] for array in wider.inputs]
        bodies = [array[:, :-1] for array in self.inputs]
        self.input = bodies[0]
        self.output: Array = np.empty((runs, widths[-1], samples), np.float32)
        hidden = [None, *map(torch.from_numpy, bodies[1:]), None]
        self._layers = [
            _Layer(
                mlp.layers[k],
                mlp.transposed[k],
                mlp.layer_gradients[k],
                self.inputs[k],
                self.inputs[k].swapaxes(1, 2),
                [*bodies, self.output][k + 1],
                error,
                torch.from_numpy(error),
                *hidden[k : k + 2],
            )
            for k, error in enumerate(_places(bodies, scratch))
        ]
        self._activation = mlp.activation
        # an outer product is written as one of matrices, padded by a column and a row of zeros
        self._column = np.zeros((runs, widths[-2], 2), np.float32)
        self._row = np.zeros((runs, 2, samples), np.float32)
        self._padded = self._column[..., :1], self._row[:, :1]

    def forward(self) -> Array:
        """Run the networks on `input`.

        Returns
        -------
        ndarray, shape (runs, 1, samples)
            `output`, valid until the next call.
        """
        over = self._activation.over
        for layer in self._layers:
            np.matmul(layer.weights, layer.inputs, out=layer.outputs)
            if layer.behind is not None:
                over(layer.behind)
        return self.output

    def backward(self, error: Array, *, weights: bool = True, inputs: bool = False) -> Array:
        """Propagate gradients back through the last `forward`, whose activations are lost.

        Parameters
        ----------
        error : ndarray, shape (runs, 1, samples)
            Derivative of each run's loss by its output.
        weights : bool
            Whether to write `BatchedMlp.gradient`.
        inputs : bool
            Whether to go on to the derivative by the input.

        Returns
        -------
        ndarray, shape (runs, inputs, samples)
            Derivative of each run's loss by its input; meaningless unless `inputs`.
        """
        for layer in reversed(self._layers):
            if weights:
                np.matmul(error, layer.turned, out=layer.gradient)
            if inputs or layer.before is not None:
                error = self._through(layer, error)
        return error

    def _through(self, layer: _Layer, error: Array) -> Array:
        """Take errors from behind a layer to before it, through the activation in front."""
        weights = layer.transposed
        if layer.behind is None:
            self._padded[0][...], self._padded[1][...] = weights, error
            weights, error = self._column, self._row
        np.matmul(weights, error, out=layer.error)
        if layer.before is not None:
            self._activation.back(layer.before, layer.tensor)
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

"""Many perceptrons of one architecture, differentiated by hand in NumPy, side by side.

What `gan_viz.training.closed_form` does, with a leading axis for the run: arrays are
``(runs, features, samples)``, so that one call does what would be one for each run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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


class BatchedWorkspace:
    """The arrays one batch size needs to run a `BatchedMlp` forward and backward.

    Parameters
    ----------
    mlp : BatchedMlp
    samples : int
        The batch size of each run.
    scratch : Scratch
        With room for ``runs * widest layer * samples``.
    """

    def __init__(self, mlp: BatchedMlp, samples: int, scratch: Scratch) -> None:
        self.mlp = mlp
        runs, widths = len(mlp.theta), mlp.widths
        self._inputs = [np.ones((runs, width + 1, samples), np.float32) for width in widths[:-1]]
        self._bodies = [array[:, :-1] for array in self._inputs]
        self._turned = [array.swapaxes(1, 2) for array in self._inputs]
        self._output = np.empty((runs, widths[-1], samples), np.float32)
        self._hidden = [torch.from_numpy(array) for array in self._bodies[1:]]
        first = np.empty((runs, widths[0], samples), np.float32)
        # two errors in turn: a product cannot be written over one of its factors
        hidden = enumerate(widths[1:-1])
        self._errors = [first, *(scratch.array(k % 2, runs, w, samples) for k, w in hidden)]
        self._hidden_errors = [torch.from_numpy(array) for array in self._errors[1:]]
        # an outer product is written as one of matrices, padded by a column and a row of zeros
        self._column = np.zeros((runs, widths[-2], 2), np.float32)
        self._row = np.zeros((runs, 2, samples), np.float32)

    @property
    def input(self) -> Array:
        """Where `forward` reads from: ndarray, shape (runs, inputs, samples)."""
        return self._bodies[0]

    def forward(self) -> Array:
        """Run the networks on `input`.

        Returns
        -------
        ndarray, shape (runs, 1, samples)
            Valid until the next call.
        """
        *hidden, last = self.mlp.layers
        for k, weights in enumerate(hidden):
            np.matmul(weights, self._inputs[k], out=self._bodies[k + 1])
            self.mlp.activation.over(self._hidden[k])
        return np.matmul(last, self._inputs[-1], out=self._output)

    def backward(self, error: Array, *, weights: bool = True, inputs: bool = False) -> Array:
        """Propagate gradients back through the last `forward`.

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
        for k in reversed(range(len(self.mlp.layers))):
            if weights:
                np.matmul(error, self._turned[k], out=self.mlp.layer_gradients[k])
            if k > 0 or inputs:
                error = self._through(k, error)
        return self._errors[0]

    def _through(self, k: int, error: Array) -> Array:
        """Take errors from behind layer `k` to before it, through the activation in front."""
        before, weights = self._errors[k], self.mlp.transposed[k]
        if k == len(self._errors) - 1:
            self._column[..., :1], self._row[:, :1] = weights, error
            weights, error = self._column, self._row
        np.matmul(weights, error, out=before)
        if k > 0:
            self.mlp.activation.back(self._hidden[k - 1], self._hidden_errors[k - 1])
        return before

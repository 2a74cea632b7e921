"""Adam in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1), as `torch.optim.Adam` counts it.

    `theta` and `gradient`, of one shape, are updated and read in place; the learning rate is that
    of all runs or of each, shape (runs, 1); `betas` are the decay rates of the two moments, and
    `eps` is added to the root of the second.
    """

    def __init__(
        self,
        theta: Array,
        gradient: Array,
        lr: float | NDArray[np.float64],
        betas: tuple[float, float],
        eps: float = 1e-8,
    ) -> None:
        self.theta, self.gradient, self.lr = theta, gradient, lr
        self.betas, self.eps = betas, np.float32(eps)
        self.first = np.zeros_like(theta)
        self.second = np.zeros_like(theta)
        self._scratch = np.empty_like(theta)
        self._powers = [1.0, 1.0]

    def step(self, lr_multiplier: float = 1.0) -> None:
        """Move the parameters once."""
        scratch, beta1, beta2 = self._scratch, *self.betas
        self._powers = [self._powers[0] * beta1, self._powers[1] * beta2]
        lr = self.lr * lr_multiplier
        first = self._update_first(beta1)
        np.multiply(self.gradient, self.gradient, out=scratch)
        np.multiply(scratch, np.float32(1 - beta2), out=scratch)
        np.multiply(self.second, np.float32(beta2), out=self.second)
        np.add(self.second, scratch, out=self.second)
        np.sqrt(self.second, out=scratch)
        np.multiply(scratch, np.float32((1 - self._powers[1]) ** -0.5), out=scratch)
        np.add(scratch, self.eps, out=scratch)
        np.divide(first, scratch, out=scratch)
        # asarray: as fast as a number where there is one rate for all
        np.multiply(scratch, np.asarray(lr / (1 - self._powers[0]), np.float32), out=scratch)
        np.subtract(self.theta, scratch, out=self.theta)

    def _update_first(self, beta1: float) -> Array:
        if beta1 == 0.0:
            return self.gradient
        scratch = self._scratch
        np.subtract(self.gradient, self.first, out=scratch)
        np.multiply(scratch, np.float32(1 - beta1), out=scratch)
        np.add(self.first, scratch, out=self.first)
        return self.first

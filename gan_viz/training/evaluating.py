"""Plain perceptrons evaluated in NumPy, for frames: several times as fast as a pass of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from gan_viz.objectives.base import Objective
from gan_viz.training.compiling import compile_mlp, has_numpy_form, read
from gan_viz.training.scaling import Scaling
from gan_viz.training.stacks import Passes

__all__ = ["NumpyNetworks"]

_quiet = np.errstate(over="ignore", invalid="ignore")
"""A GAN that diverges is recorded without warnings."""


class NumpyNetworks:
    """G and D in the data's units, read from modules that learn standardized data.

    As `gan_viz.hooks.distribution.Networks` asks for.

    Parameters
    ----------
    generator, discriminator : torch.nn.Module
        Plain perceptrons (see `gan_viz.training.compiling`); never changed.
    objective : Objective
    scaling : Scaling
        On which the modules learn.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        scaling: Scaling,
    ) -> None:
        self._g, self._d = _Network(generator), _Network(discriminator)
        self._objective, self._scaling = objective, scaling

    @staticmethod
    def can_read(*modules: nn.Module) -> bool:
        """Whether modules are plain perceptrons, with activations that have a form in NumPy."""
        return all(map(has_numpy_form, modules))

    @_quiet
    def generate(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """G's outputs, shape (n,), of latents of shape (n, latent_dim)."""
        return self._scaling.units(self._g.passed(latents.T).output.ravel())

    @_quiet
    def judge(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """D's raw outputs, shape (n,), on x of shape (n,)."""
        return self._d.passed(self._scaled(x)).output.ravel().copy()

    @_quiet
    def sample_gradient(self, latents: NDArray[np.float32]) -> NDArray[np.float64]:
        """``-∂(n L_G)/∂x`` at each ``x = G(z)``, of the loss over these n samples."""
        x = self.generate(latents)
        passes = self._d.passed(self._scaled(x))
        slopes = np.empty_like(passes.output)
        self._objective.g_slopes(passes.output[0], slopes[0])
        by_input = passes.backward(slopes, weights=False, inputs=True)
        return by_input.ravel().astype(np.float64) * (-len(latents) * self._scaling.slope(x))

    def _scaled(self, x: NDArray[np.float64]) -> NDArray[np.float32]:
        return self._scaling.scaled(x).astype(np.float32)


class _Network:
    """A module's copy, with what it takes to run it on batches of the sizes that were asked for."""

    def __init__(self, module: nn.Module) -> None:
        stack = compile_mlp(module)
        assert stack is not None
        self._module, self._stack = module, stack
        self._passes: dict[int, Passes] = {}

    def passed(self, inputs: NDArray[np.float32]) -> Passes:
        """Run the module as it is now on inputs of shape (features, samples)."""
        read(self._module, self._stack)
        samples = inputs.shape[-1]
        if samples not in self._passes:
            self._passes[samples] = Passes(self._stack, samples)
        passes = self._passes[samples]
        passes.input[...] = inputs
        passes.forward()
        return passes

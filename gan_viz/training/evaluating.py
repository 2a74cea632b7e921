"""Plain perceptrons evaluated in NumPy, for frames: several times as fast as a pass of PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.objectives.base import Objective
from gan_viz.training.perceptrons import Perceptron, stack_of
from gan_viz.training.scaling import Scaling
from gan_viz.training.stacks import Passes

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.training.loop import Network

_quiet = np.errstate(over="ignore", invalid="ignore")
"""A GAN that diverges is recorded without warnings."""


class NumpyNetworks:
    """G and D in the data's units, read from networks that learn standardized data.

    They are as `gan_viz.hooks.base.Networks` asks for. The networks are plain perceptrons (see
    `gan_viz.training.compiling`), and never changed; they learn on the given scaling. A D that
    judges packs is asked about packs of equal samples, as `Packed.one_by_one`.
    """

    judged = True

    def __init__(
        self,
        generator: Network,
        discriminator: Network,
        objective: Objective,
        scaling: Scaling,
    ) -> None:
        judge = discriminator if objective.pack == 1 else _unpacked(discriminator)
        self._g, self._d = _Network(generator), _Network(judge)
        self._objective, self._scaling = objective, scaling

    @staticmethod
    def can_read(*networks: Network) -> bool:
        """Whether networks are plain perceptrons, with activations that have a form in NumPy."""
        return all(map(_has_numpy_form, networks))

    @_quiet
    def generate(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """G's outputs, shape (n,), of latents of shape (n, latent_dim)."""
        return self._scaling.units(self._g.passed(latents.T).output.ravel())

    @_quiet
    def judge(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """D's raw outputs, shape (n,), on x of shape (n,)."""
        return self._d.passed(self._scaled(x)).output.ravel() / self._objective.pack

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
    """A copy of a network, and what it takes to run it on batches of the sizes asked for."""

    def __init__(self, network: Network) -> None:
        self._network, self._stack = network, stack_of(network)
        self._passes: dict[int, Passes] = {}

    def passed(self, inputs: NDArray[np.float32]) -> Passes:
        """Run the network as it is now on inputs of shape (features, samples)."""
        self._read()
        samples = inputs.shape[-1]
        if samples not in self._passes:
            self._passes[samples] = Passes(self._stack, samples)
        passes = self._passes[samples]
        passes.input[...] = inputs  # a sample fills its pack
        passes.forward()
        return passes

    def _read(self) -> None:
        if isinstance(self._network, Perceptron):
            self._stack.theta[...] = self._network.theta
        else:
            from gan_viz.training.compiling import read

            read(self._network, self._stack)


def _unpacked(discriminator: Network) -> nn.Module:
    """The perceptron that judges packs."""
    from gan_viz.training.packing import Packed

    assert isinstance(discriminator, Packed)
    return discriminator.network


def _has_numpy_form(network: Network) -> bool:
    if isinstance(network, Perceptron):
        return network.activation is not None
    from gan_viz.training.compiling import has_numpy_form

    return has_numpy_form(network)

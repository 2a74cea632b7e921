"""The contract of an objective, and the losses that several games share.

Notation: ``s_r = D(x)`` and ``s_f = D(G(z))`` are D's outputs as they leave its last layer (before
the sigmoid ``σ``, where the objective has one), of any shape in PyTorch, ``(batch, 1)`` as a rule,
and ``(..., batch)`` in the closed forms. ``E`` is the mean over a batch.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import softplus

__all__ = [
    "ClosedForm",
    "Critic",
    "Derived",
    "Discriminator",
    "Logistic",
    "Objective",
    "Output",
    "input_gradients",
    "mean",
    "numpy_softplus",
    "weighted_sigmoid",
]

Array = NDArray[np.float32]
Discriminator: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
Output: TypeAlias = Literal["logit", "probability", "critic"]


class Objective(ABC):
    """A pair of losses. Both are to be minimised and computed on D's raw outputs.

    Attributes
    ----------
    name : str
        The name in the registry.
    formula : str
        Both losses, as one line of text.
    equilibrium : mapping of str to float
        Theoretical values of ``d_loss`` and ``g_loss`` where ``p_g = p_data`` and D is optimal;
        drawn as reference lines. Only what theory fixes: either may be missing.
    output : {"logit", "probability", "critic"}
        What D's raw output means: the log-odds that a sample is real, an estimate of its
        probability (which may leave 0..1), or a value on no particular scale.
    clip : float or None
        Where given, every parameter of D is clamped to ``[-clip, clip]`` after each update of D.
    """

    name: str
    formula: str
    equilibrium: Mapping[str, float]
    output: Output = "logit"
    clip: float | None = None

    @abstractmethod
    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """Loss of D: a scalar tensor, from D's outputs on real and generated samples."""

    @abstractmethod
    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """Loss of G: a scalar tensor, from D's outputs on generated samples."""

    def penalty(
        self,
        discriminator: Discriminator,
        real: torch.Tensor,
        fake: torch.Tensor,
        source: torch.Generator,
    ) -> torch.Tensor | None:
        """What is added to the loss of D and depends on more than its outputs.

        Parameters
        ----------
        discriminator : callable
            Maps samples to outputs, one a sample, each by its own sample alone. Where D is told
            classes, a function that has them fixed.
        real, fake : torch.Tensor, shape (batch, ...)
            As many samples of the data as of G, the latter detached.
        source : torch.Generator
            Of random numbers, on the samples' device; the global random state is not touched.

        Returns
        -------
        torch.Tensor or None
            A scalar that gradients can go through; None where the objective has no penalty.
        """
        return None


@runtime_checkable
class ClosedForm(Protocol):
    """An objective that also knows its derivatives, and so can be trained without autograd.

    Arrays hold a batch in their last axis; where there are others, each batch has a loss of its
    own.

    Attributes
    ----------
    clip : float or None
        As in `Objective`.
    """

    clip: float | None

    def d_errors(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> float:
        """Write the derivatives of D's loss by its outputs and return the loss.

        Parameters
        ----------
        real, fake : ndarray, shape (1, batch)
            D's raw outputs.
        real_error, fake_error : ndarray, shape (1, batch)
            Written.
        """
        ...

    def g_errors(self, fake: Array, fake_error: Array) -> float:
        """Write the derivative of G's loss by D's outputs and return the loss.

        Parameters
        ----------
        fake : ndarray, shape (1, batch)
            D's raw outputs.
        fake_error : ndarray, shape (1, batch)
            Written.
        """
        ...

    def d_slopes(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> None:
        """Write the derivatives of D's losses by its outputs.

        Parameters
        ----------
        real, fake : ndarray, shape (..., batch)
            D's raw outputs.
        real_error, fake_error : ndarray, shape (..., batch)
            Written.
        """
        ...

    def g_slopes(self, fake: Array, fake_error: Array) -> None:
        """Write the derivatives of G's losses by D's outputs.

        Parameters
        ----------
        fake : ndarray, shape (..., batch)
            D's raw outputs.
        fake_error : ndarray, shape (..., batch)
            Written.
        """
        ...

    def d_losses(self, real: Array, fake: Array) -> Array:
        """Losses of D.

        Parameters
        ----------
        real, fake : ndarray, shape (..., batch)
            D's raw outputs.

        Returns
        -------
        ndarray, shape (...)
        """
        ...

    def g_losses(self, fake: Array) -> Array:
        """Losses of G.

        Parameters
        ----------
        fake : ndarray, shape (..., batch)
            D's raw outputs.

        Returns
        -------
        ndarray, shape (...)
        """
        ...


def numpy_softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow.

    Examples
    --------
    >>> [round(y, 3) for y in numpy_softplus(np.float32([0, 100])).tolist()]
    [0.693, 100.0]
    """
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    return np.add(tail, np.maximum(x, np.float32(0)), out=tail)


def weighted_sigmoid(x: Array, weight: float, offset: int, out: Array) -> None:
    """``out = weight * (σ(x) + offset)`` without overflow, in as few passes as it takes.

    Examples
    --------
    >>> y = np.empty(2, np.float32)
    >>> weighted_sigmoid(np.float32([-200, 0]), 0.5, -1, y)
    >>> y.tolist()
    [-0.5, -0.25]
    """
    np.multiply(x, np.float32(0.5), out=out)
    np.tanh(out, out=out)  # σ(x) = (tanh(x/2) + 1) / 2
    np.multiply(out, np.float32(weight / 2), out=out)
    np.add(out, np.float32(weight / 2 + weight * offset), out=out)


def mean(values: Array) -> Array:
    """Means over the last axis; several times as fast as `numpy.mean` on arrays this small."""
    means: Array = np.add.reduce(values, axis=-1) / values.shape[-1]
    return means


def input_gradients(discriminator: Discriminator, x: torch.Tensor) -> torch.Tensor:
    """The gradient of D's output by its input, sample by sample.

    Parameters
    ----------
    discriminator : callable
        Maps x to one output a sample.
    x : torch.Tensor, shape (batch, ...)

    Returns
    -------
    torch.Tensor, shape (batch, values in a sample)
        Part of the graph, so that a penalty on it can be differentiated by D's parameters.

    Examples
    --------
    >>> input_gradients(lambda x: x**2, torch.tensor([[1.0], [3.0]])).tolist()
    [[2.0], [6.0]]
    """
    x = x.detach().requires_grad_()
    # each output depends on its own sample alone, so the gradient of the sum holds them all
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.reshape(len(x), -1)


class Derived(Objective):
    """An objective with the derivatives of a `ClosedForm`, written once for any number of runs."""

    @abstractmethod
    def d_slopes(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> None:
        """See `ClosedForm.d_slopes`."""

    @abstractmethod
    def g_slopes(self, fake: Array, fake_error: Array) -> None:
        """See `ClosedForm.g_slopes`."""

    @abstractmethod
    def d_losses(self, real: Array, fake: Array) -> Array:
        """See `ClosedForm.d_losses`."""

    @abstractmethod
    def g_losses(self, fake: Array) -> Array:
        """See `ClosedForm.g_losses`."""

    def d_errors(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> float:
        """See `ClosedForm.d_errors`."""
        self.d_slopes(real, fake, real_error, fake_error)
        return float(self.d_losses(real[0], fake[0]))

    def g_errors(self, fake: Array, fake_error: Array) -> float:
        """See `ClosedForm.g_errors`."""
        self.g_slopes(fake, fake_error)
        return float(self.g_losses(fake[0]))


class Critic(Objective):
    """An objective whose D is a critic: G climbs its value, ``L_G = -E[s_f]``."""

    output: Output = "critic"

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[s_f]``."""
        return -fake.mean()

    def g_slopes(self, fake: Array, fake_error: Array) -> None:
        """``∂L/∂s_f = -1/n``."""
        fake_error.fill(-1 / fake.shape[-1])

    def g_losses(self, fake: Array) -> Array:
        """``-E[s_f]``."""
        return -mean(fake)


class Logistic(Derived):
    """The discriminator of Goodfellow et al. (2014), eq. 1, as a loss to minimise.

    ``L_D = -E[log σ(s_r)] - E[log(1 - σ(s_f))] = E[softplus(-s_r)] + E[softplus(s_f)]``
    """

    EQUILIBRIUM_D: ClassVar[float] = 2 * math.log(2)

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_r)] + E[softplus(s_f)]``."""
        return softplus(-real).mean() + softplus(fake).mean()

    def d_losses(self, real: Array, fake: Array) -> Array:
        """``E[softplus(-s_r)] + E[softplus(s_f)]``."""
        return mean(numpy_softplus(-real) + numpy_softplus(fake))

    def d_slopes(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> None:
        """``∂L/∂s_r = (σ(s_r) - 1)/n`` and ``∂L/∂s_f = σ(s_f)/n``."""
        weight = 1 / real.shape[-1]
        weighted_sigmoid(real, weight, -1, real_error)
        weighted_sigmoid(fake, weight, 0, fake_error)

"""The contract of an objective, and the losses that several games share.

Notation: ``s_r = D(x)`` and ``s_f = D(G(z))`` are D's outputs as they leave its last layer (before
the sigmoid ``σ``, where the objective has one), of any shape in PyTorch, ``(batch, 1)`` as a rule,
and ``(1, batch)`` in the closed forms. ``E`` is the mean over a batch.
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
    "Discriminator",
    "Logistic",
    "Objective",
    "Output",
    "input_gradients",
    "mean",
    "numpy_sigmoid",
    "numpy_softplus",
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


def numpy_softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow.

    Examples
    --------
    >>> [round(y, 3) for y in numpy_softplus(np.float32([0, 100])).tolist()]
    [0.693, 100.0]
    """
    tail = np.log1p(np.exp(-np.abs(x)))
    return np.add(tail, np.maximum(x, np.float32(0)), out=tail)


def numpy_sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))`` without overflow.

    Examples
    --------
    >>> numpy_sigmoid(np.float32([-200, 0])).tolist()
    [0.0, 0.5]
    """
    half = np.float32(0.5)
    y = np.tanh(np.multiply(x, half))
    np.multiply(y, half, out=y)
    return np.add(y, half, out=y)


def mean(values: Array) -> float:
    """Mean of all values; several times as fast as `numpy.mean` on arrays this small."""
    return float(np.add.reduce(values, axis=None)) / values.size


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


class Critic(Objective):
    """An objective whose D is a critic: G climbs its value, ``L_G = -E[s_f]``."""

    output: Output = "critic"

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[s_f]``."""
        return -fake.mean()

    def g_errors(self, fake: Array, fake_error: Array) -> float:
        """``∂L/∂s_f = -1/n``."""
        fake_error.fill(-1 / fake.size)
        return -mean(fake)


class Logistic(Objective):
    """The discriminator of Goodfellow et al. (2014), eq. 1, as a loss to minimise.

    ``L_D = -E[log σ(s_r)] - E[log(1 - σ(s_f))] = E[softplus(-s_r)] + E[softplus(s_f)]``
    """

    EQUILIBRIUM_D: ClassVar[float] = 2 * math.log(2)

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_r)] + E[softplus(s_f)]``."""
        return softplus(-real).mean() + softplus(fake).mean()

    def d_errors(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> float:
        """``∂L/∂s_r = (σ(s_r) - 1)/n`` and ``∂L/∂s_f = σ(s_f)/n``."""
        weight = np.float32(1 / real.size)
        np.subtract(numpy_sigmoid(real), np.float32(1), out=real_error)
        np.multiply(real_error, weight, out=real_error)
        np.multiply(numpy_sigmoid(fake), weight, out=fake_error)
        return mean(numpy_softplus(-real)) + mean(numpy_softplus(fake))

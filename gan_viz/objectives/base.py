"""The contract of an objective, and the loss of D that the two classic games share.

Notation: ``s_r = D(x)`` and ``s_f = D(G(z))`` are logits (before the sigmoid ``σ``), each of shape
``(batch, 1)`` in PyTorch and ``(1, batch)`` in the closed forms.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import softplus

__all__ = ["ClosedForm", "Logistic", "Objective", "mean", "numpy_sigmoid", "numpy_softplus"]

Array = NDArray[np.float32]


class Objective(ABC):
    """A pair of losses. Both are to be minimised and computed on logits.

    Attributes
    ----------
    name : str
        The name in the registry.
    formula : str
        Both losses, as one line of text.
    equilibrium : mapping of str to float
        Theoretical values of ``d_loss`` and ``g_loss`` where ``p_g = p_data`` and ``D = 1/2``
        (in nats); drawn as reference lines.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    equilibrium: ClassVar[Mapping[str, float]]

    @abstractmethod
    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """Loss of D: a scalar tensor, from logits on real and generated samples."""

    @abstractmethod
    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """Loss of G: a scalar tensor, from logits on generated samples."""


@runtime_checkable
class ClosedForm(Protocol):
    """An objective that also knows its derivatives, and so can be trained without autograd."""

    def d_errors(self, real: Array, fake: Array, real_error: Array, fake_error: Array) -> float:
        """Write the derivatives of D's loss by its logits and return the loss.

        Parameters
        ----------
        real, fake : ndarray, shape (1, batch)
            Logits.
        real_error, fake_error : ndarray, shape (1, batch)
            Written.
        """
        ...

    def g_errors(self, fake: Array, fake_error: Array) -> float:
        """Write the derivative of G's loss by D's logits and return the loss.

        Parameters
        ----------
        fake : ndarray, shape (1, batch)
            Logits.
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

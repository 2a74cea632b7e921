"""The contract of an objective, and what the built-in ones share.

Notation: ``s_r = D(x)`` and ``s_f = D(G(z))`` are D's outputs as they leave its last layer (before
the sigmoid ``σ``, where the objective has one); ``E`` is the mean over a batch. Losses are written
for PyTorch; no module here imports it before a loss is asked for.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.objectives.slopes import differentiate, losses_by_row

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float32]
Discriminator: TypeAlias = "Callable[[torch.Tensor], torch.Tensor]"
Uniform: TypeAlias = "Callable[..., torch.Tensor]"
Output: TypeAlias = Literal["logit", "probability", "critic", "margin"]
OUTPUTS: tuple[Output, ...] = ("logit", "probability", "critic", "margin")


class Objective(ABC):
    """A pair of losses, both to be minimised, on D's raw outputs.

    A subclass needs a name, a formula and the two losses; all else has a default. The game is
    trained with the derivatives that autograd finds, unless the subclass overrides `d_slopes` and
    `g_slopes` (and `d_losses`, `g_losses`) with a closed form, which is faster.

    Attributes
    ----------
    name : str
        The name in the registry, and in the recording.
    formula : str
        Both losses, as one line of text.
    equilibrium : mapping of str to float
        Theoretical values of ``d_loss`` and ``g_loss`` where ``p_g = p_data`` and D is optimal;
        drawn as reference lines. Either may be missing.
    output : {"logit", "probability", "critic", "margin"}
        What D's raw output means: the log-odds that a sample is real; an estimate of its
        probability (which may leave 0..1); a value of which only differences count; or a signed
        distance from the boundary at 0 between real and generated.
    clip : float or None
        Where given, every parameter of D is clamped to ``[-clip, clip]`` after each update of D.
    noise : float
        Standard deviation of the normal noise that is added to all that D sees, real or generated,
        to the end of the training. That of `gan_viz.training.Settings` fades.
    unrolled_steps : int
        Updates of D, by gradient descent, that G looks ahead: its loss is computed on D after
        these, on `d_loss` alone, and differentiated through them (Metz et al. 2017). 0 for none.
    unrolled_lr : float
        Learning rate of these.
    pack : int
        Samples of one kind that D judges at once, in logits or as a critic; its input is so many
        times as wide (Lin et al. 2018). 1 but for toys.
    penalties : mapping of str to float
        What the optimal critic depends on, for pictures that show it: ``gp``, the weight λ of
        ``(|grad D| - 1)²`` between samples; ``r1``, the weight γ of ``|grad D|²/2`` on real ones;
        ``clip``.

    Examples
    --------
    >>> class Softened(Objective):
    ...     name = "softened"
    ...     formula = "L_D = E[D(G(z))] - E[D(x)] + E[D(x)^2]/2,  L_G = -E[D(G(z))]"
    ...     output = "critic"
    ...
    ...     def d_loss(self, real, fake):
    ...         return fake.mean() - real.mean() + real.square().mean() / 2
    ...
    ...     def g_loss(self, fake):
    ...         return -fake.mean()
    >>> slopes = np.empty((1, 2), np.float32)
    >>> Softened().g_slopes(np.zeros((1, 2), np.float32), slopes)
    >>> slopes
    array([[-0.5, -0.5]], dtype=float32)
    """

    name: str
    formula: str
    equilibrium: Mapping[str, float] = {}
    output: Output = "logit"
    clip: float | None = None
    noise: float = 0.0
    unrolled_steps: int = 0
    unrolled_lr: float = 0.0
    pack: int = 1
    penalties: Mapping[str, float] = {}

    @abstractmethod
    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """Loss of D: a scalar tensor, from D's outputs on real and generated samples."""

    @abstractmethod
    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """Loss of G: a scalar tensor, from D's outputs on generated samples."""

    def g_loss_beside(self, fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Loss of G where it compares: D's outputs on real samples, as many, are given, too.

        To be overridden by an objective of pairs; G is then trained with this instead of `g_loss`.
        """
        return self.g_loss(fake)

    def penalty(
        self,
        discriminator: Discriminator,
        real: torch.Tensor,
        fake: torch.Tensor,
        uniform: Uniform,
    ) -> torch.Tensor | None:
        """Penalty on D of each sample; its mean is added to the loss of D.

        Parameters
        ----------
        discriminator : callable
            Maps samples to outputs, one a sample, each by its own sample alone. Where D is told
            classes, a function that has them fixed.
        real, fake : torch.Tensor, shape (n, ...)
            As many samples of the data as of G, the latter detached.
        uniform : callable
            ``uniform(*shape)`` draws a tensor from U(0, 1) in the shape ``(n, *shape)``, the only
            source of randomness here.

        Returns
        -------
        torch.Tensor or None
            Shape (n,), differentiable; None where the objective has no penalty.
        """
        return None

    def equilibrium_with_r1(self, gamma: float) -> Mapping[str, float]:
        """`equilibrium` if ``gamma/2 |grad D|^2`` is added to the loss of D.

        The same where the optimal D is constant, and to be overridden where it has a slope.
        """
        return self.equilibrium

    @property
    def paired(self) -> bool:
        """Whether G is trained with `g_loss_beside`."""
        return type(self).g_loss_beside is not Objective.g_loss_beside

    @property
    def penalized(self) -> bool:
        """Whether there is a `penalty`, which takes second derivatives of D."""
        return type(self).penalty is not Objective.penalty

    def d_loss_at(self, right: float) -> float | None:
        """D's loss where it gives real and generated samples alike this probability of being right.

        A margin of 1 counts as certain. None of a critic, which has no such probability.

        Examples
        --------
        >>> from gan_viz.registry import OBJECTIVES
        >>> [round(OBJECTIVES[name]().d_loss_at(0.98), 4) for name in ("minimax", "lsgan", "hinge")]
        [0.0404, 0.0004, 0.08]
        """
        certain = {
            "logit": (math.log(right / (1 - right)), -math.log(right / (1 - right))),
            "probability": (right, 1 - right),
            "margin": (2 * right - 1, 1 - 2 * right),
        }
        if self.output not in certain:
            return None
        real, fake = (np.full((1, 2), output, np.float32) for output in certain[self.output])
        loss = float(self.d_losses(real, fake)[0])
        return loss if math.isfinite(loss) else None

    @classmethod
    def toy_arguments(cls) -> dict[str, Any]:
        """Arguments of the constructor that suit one-dimensional data, where the defaults do not.

        The defaults are those of the papers, which were chosen for pictures.
        """
        return {}

    def d_slopes(self, real: Array, fake: Array, real_slopes: Array, fake_slopes: Array) -> None:
        """Write the derivatives of each batch's loss of D by D's outputs.

        Parameters
        ----------
        real, fake : ndarray, shape (..., batch)
            D's raw outputs; every batch, along the last axis, has a loss of its own.
        real_slopes, fake_slopes : ndarray, shape (..., batch)
            Written.
        """
        real_slopes[...], fake_slopes[...] = differentiate(self.d_loss, real, fake)

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """Write the derivatives of each batch's loss of G by D's outputs; see `d_slopes`."""
        (fake_slopes[...],) = differentiate(self.g_loss, fake)

    def d_losses(self, real: Array, fake: Array) -> Array:
        """Losses of D, shape (...), of batches of shape (..., batch)."""
        return losses_by_row(self.d_loss, real, fake)

    def g_losses(self, fake: Array) -> Array:
        """Losses of G, shape (...), of batches of shape (..., batch)."""
        return losses_by_row(self.g_loss, fake)


def numpy_softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow."""
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    return np.add(tail, np.maximum(x, np.float32(0)), out=tail)


def weighted_sigmoid(x: Array, weight: float, offset: int, out: Array) -> None:
    """``out = weight * (σ(x) + offset)`` without overflow, in as few passes as it takes."""
    np.multiply(x, np.float32(0.5), out=out)
    np.tanh(out, out=out)  # σ(x) = (tanh(x/2) + 1) / 2
    np.multiply(out, np.float32(weight / 2), out=out)
    np.add(out, np.float32(weight / 2 + weight * offset), out=out)


def mean(values: Array) -> Array:
    """Means over the last axis; several times as fast as `numpy.mean` on arrays this small."""
    means: Array = np.add.reduce(values, axis=-1) / values.shape[-1]
    return means


def input_gradients(discriminator: Discriminator, x: torch.Tensor) -> torch.Tensor:
    """The gradient of D's output by its input, sample by sample, shape (n, values in a sample).

    It is part of the graph, so that a penalty on it can be differentiated by D's parameters.

    Examples
    --------
    >>> import torch
    >>> input_gradients(lambda x: x**2, torch.tensor([[1.0], [3.0]])).tolist()
    [[2.0], [6.0]]
    """
    import torch

    x = x.detach().requires_grad_()
    # each output depends on its own sample alone, so the gradient of the sum holds them all
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.reshape(len(x), -1)


class Critic(Objective):
    """An objective whose G climbs D's value, ``L_G = -E[s_f]``."""

    output: Output = "critic"

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[s_f]``."""
        return -fake.mean()

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_f = -1/n``."""
        fake_slopes.fill(-1 / fake.shape[-1])

    def g_losses(self, fake: Array) -> Array:
        """``-E[s_f]``."""
        return -mean(fake)


class Logistic(Objective):
    """The discriminator of Goodfellow et al. (2014), eq. 1, as a loss to minimise.

    ``L_D = -E[log σ(s_r)] - E[log(1 - σ(s_f))] = E[softplus(-s_r)] + E[softplus(s_f)]``
    """

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_r)] + E[softplus(s_f)]``."""
        from torch.nn.functional import softplus

        return softplus(-real).mean() + softplus(fake).mean()

    def d_losses(self, real: Array, fake: Array) -> Array:
        """``E[softplus(-s_r)] + E[softplus(s_f)]``."""
        return mean(numpy_softplus(-real) + numpy_softplus(fake))

    def d_slopes(self, real: Array, fake: Array, real_slopes: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_r = (σ(s_r) - 1)/n`` and ``∂L/∂s_f = σ(s_f)/n``."""
        weight = 1 / real.shape[-1]
        weighted_sigmoid(real, weight, -1, real_slopes)
        weighted_sigmoid(fake, weight, 0, fake_slopes)


class NonSaturatingLogistic(Logistic):
    """The same D, and the loss of G of section 3, ``L_G = -E[log σ(s_f)] = E[softplus(-s_f)]``."""

    equilibrium: Mapping[str, float] = {"d_loss": 2 * math.log(2), "g_loss": math.log(2)}

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``E[softplus(-s_f)]``."""
        from torch.nn.functional import softplus

        return softplus(-fake).mean()

    def g_losses(self, fake: Array) -> Array:
        """``E[softplus(-s_f)]``."""
        return mean(numpy_softplus(-fake))

    def g_slopes(self, fake: Array, fake_slopes: Array) -> None:
        """``∂L/∂s_f = (σ(s_f) - 1)/n``."""
        weighted_sigmoid(fake, 1 / fake.shape[-1], -1, fake_slopes)

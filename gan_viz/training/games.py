"""One step of the game between G and D: with autograd for any networks, in closed form for MLPs.

Both play the same game on the same numbers: `d_steps` updates of D, each on a batch of real and a
batch of generated samples in one pass, then `g_steps` updates of G, the first on the last generated
batch, through the updated D and without gradients for D's weights.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.objectives.base import ClosedForm, Objective
from gan_viz.training.closed_form import Adam, Mlp, Workspace
from gan_viz.training.compiling import bind, compile_mlp
from gan_viz.training.settings import Settings
from gan_viz.training.tensor_game import Batch, TensorGame

__all__ = ["AutogradGame", "ClosedFormGame", "Game", "start_game"]

Array = NDArray[np.float32]


class Game(ABC):
    """The state of a training: two networks, their optimizers, and G's moving average.

    Attributes
    ----------
    generator, discriminator : torch.nn.Module
        The networks that learn.
    drawn : torch.nn.Module
        The moving average of G, or G itself where none is kept.
    """

    generator: nn.Module
    discriminator: nn.Module
    drawn: nn.Module

    def step(self, number: int, real: Array, latents: Array) -> tuple[float, float]:
        """Play one step.

        Parameters
        ----------
        number : int
            The step, counted from 0.
        real : ndarray, shape (d_steps, batch, 1)
        latents : ndarray, shape (d_steps + g_steps - 1, batch, latent_dim)
            For each update of D, and for each of G after its first.

        Returns
        -------
        (float, float)
            Losses of D (with the objective's penalty if it has one) and of G, each of the last
            update and before it.
        """
        losses = dict(self.updates(number, real, latents))
        return losses["d_loss"], losses["g_loss"]

    @abstractmethod
    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, float]]:
        """Play one step, one update of a player at each turn of iteration.

        Parameters
        ----------
        number : int
        real, latents : ndarray
            As `step` takes them.

        Yields
        ------
        (str, float)
            ``"d_loss"`` or ``"g_loss"``, and that loss before the update.
        """


def start_game(
    generator: nn.Module, discriminator: nn.Module, objective: Objective, settings: Settings
) -> Game:
    """Choose the fastest way of playing that fits the networks and the objective.

    Parameters
    ----------
    generator : torch.nn.Module
        Maps ``(batch, latent_dim)`` to ``(batch, 1)``.
    discriminator : torch.nn.Module
        Maps ``(batch, 1)`` to logits ``(batch, 1)``.
    objective : Objective
    settings : Settings

    Returns
    -------
    Game
        In closed form where the optimizer is Adam, the objective has one, and both networks are
        plain stacks of `torch.nn.Linear` and one known activation in single precision on the CPU;
        else with autograd.
    """
    if isinstance(objective, ClosedForm) and settings.optimizer == "adam":
        g, d = compile_mlp(generator), compile_mlp(discriminator)
        if g is not None and d is not None:
            return ClosedFormGame(generator, discriminator, g, d, objective, settings)
    return AutogradGame(generator, discriminator, objective, settings)


class AutogradGame(Game):
    """The game for any networks and any objective, penalties included.

    Parameters
    ----------
    generator, discriminator : torch.nn.Module
    objective : Objective
    settings : Settings
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        settings: Settings,
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self._game = TensorGame(generator, discriminator, objective, settings)
        self.drawn, self.optimizers = self._game.drawn, self._game.optimizers
        self._device = next(generator.parameters()).device

    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, float]]:
        """Play one step; see `Game.updates`."""
        for figures in self._game.updates(number, self._batches(real), self._batches(latents)):
            name = "d_loss" if "d_loss" in figures else "g_loss"
            yield name, figures[name].item()

    def _batches(self, values: Array) -> list[Batch]:
        return [Batch(torch.from_numpy(batch).to(self._device)) for batch in values]


class ClosedFormGame(Game):
    """The game for two plain MLPs, without autograd; the modules' parameters stay current.

    Parameters
    ----------
    generator, discriminator : torch.nn.Module
    g, d : Mlp
        Compiled from them; share their parameters.
    objective : ClosedForm
    settings : Settings
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        g: Mlp,
        d: Mlp,
        objective: ClosedForm,
        settings: Settings,
    ) -> None:
        self.generator, self.discriminator, self.drawn = generator, discriminator, generator
        self.objective, self.settings = objective, settings
        self._mean = g
        if settings.average:
            self._mean = g.copy()
            self.drawn = bind(deepcopy(generator).requires_grad_(False), self._mean)
        self._g, self._on_fake = Workspace(g, settings.batch), Workspace(d, settings.batch)
        self._on_both = Workspace(d, 2 * settings.batch)
        self._error = np.empty((1, 2 * settings.batch), np.float32)
        self.optimizers = (
            Adam(g.theta, g.gradient, settings.g_lr, settings.betas),
            Adam(d.theta, d.gradient, settings.d_lr, settings.betas),
        )

    def step(self, number: int, real: Array, latents: Array) -> tuple[float, float]:
        """Play one step; see `Game.step`."""
        with _quiet():
            losses = dict(self._played(number, real, latents))
        return losses["d_loss"], losses["g_loss"]

    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, float]]:
        """Play one step; see `Game.updates`."""
        played = self._played(number, real, latents)
        while True:
            with _quiet():  # but not while others go on with what is yielded
                update = next(played, None)
            if update is None:
                return
            yield update

    def _played(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, float]]:
        factor, of_d = self.settings.factor(number), len(real)
        for x, z in zip(real, latents[:of_d], strict=True):
            yield "d_loss", self._update_d(x, z, factor)
        g_loss = self._update_g(self._on_both.input[:, self.settings.batch :], factor)
        for z in latents[of_d:]:
            yield "g_loss", g_loss
            g_loss = self._update_g(self._made(z), factor)
        if self.drawn is not self.generator:
            self._update_average(self.settings.averaging(number))
        yield "g_loss", g_loss

    def _made(self, latents: Array) -> Array:
        self._g.input[...] = latents.T
        return self._g.forward()

    def _update_d(self, real: Array, latents: Array, factor: float) -> float:
        n, both = self.settings.batch, self._on_both
        both.input[:, :n], both.input[:, n:] = real.T, self._made(latents)
        logits, error = both.forward(), self._error
        loss = self.objective.d_errors(logits[:, :n], logits[:, n:], error[:, :n], error[:, n:])
        both.backward(error)
        self.optimizers[1].step(factor)
        self._clip()
        return loss

    def _clip(self) -> None:
        bound = self.objective.clip
        if bound is not None:
            theta = self.optimizers[1].theta
            np.clip(theta, -bound, bound, out=theta)

    def _update_g(self, fake: Array, factor: float) -> float:
        error = self._error[:, : self.settings.batch]
        self._on_fake.input[...] = fake
        loss = self.objective.g_errors(self._on_fake.forward(), error)
        self._g.backward(self._on_fake.backward(error, weights=False, inputs=True))
        self.optimizers[0].step(factor)
        return loss

    def _update_average(self, share: float) -> None:
        mean = self._mean.theta
        now, difference = self.optimizers[0].theta, self._mean.gradient  # a scratch array here
        np.subtract(now, mean, out=difference)
        np.multiply(difference, np.float32(share), out=difference)
        np.add(mean, difference, out=mean)


def _quiet() -> np.errstate:
    """No warnings of numbers that overflow: the loop tells of a loss gone wrong."""
    return np.errstate(over="ignore", invalid="ignore")

"""The game between G and D, played by any number of runs side by side.

In a step, D makes `d_steps` updates, each on a batch of real and a batch of generated samples in
one pass; then G makes `g_steps`, the first on the last generated batch, through the updated D.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.objectives.base import Objective
from gan_viz.training.adam import Adam
from gan_viz.training.settings import Settings
from gan_viz.training.stacks import Passes, Scratch, Stack

Array = NDArray[np.float32]
_NONE = np.float32(0.0)


class Game(ABC):
    """The state of some trainings, with an axis for the run in all arrays."""

    def play(self, first: int, real: Array, latents: Array) -> tuple[Array, Array]:
        """Play some steps.

        Parameters
        ----------
        first : int
            The first of them, counted from 0.
        real : ndarray, shape (steps, d_steps, runs, 1, batch)
        latents : ndarray, shape (steps, d_steps + g_steps - 1, runs, latent_dim, batch)
            For each update of D, and for each of G after its first. Where the settings have noise
            there is one feature more: what is added to what G makes, before D sees it.

        Returns
        -------
        (ndarray, ndarray)
            Losses of D (with the objective's penalty if it has one) and of G, each of the last
            update in a step and before it, of shape (runs, steps). A run whose losses are no longer
            finite does not touch the others.
        """
        losses: dict[str, list[Array]] = {"d_loss": [], "g_loss": []}
        for number, (x, z) in enumerate(zip(real, latents, strict=True), first):
            last = dict(self.updates(number, x, z))
            for name, each in losses.items():
                each.append(last[name])
        d_losses, g_losses = (np.stack(each, axis=1) for each in losses.values())
        return d_losses, g_losses

    @abstractmethod
    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, Array]]:
        """Play one step, counted from 0, one update of a player at each turn of iteration.

        `real` and `latents` are as `play` takes them, without the first axis. Yields ``"d_loss"``
        or ``"g_loss"``, and those losses before the update, of shape (runs,).
        """


class _Group(NamedTuple):
    """Runs next to one another that share an objective, and D's outputs for them."""

    objective: Objective
    runs: slice
    on_both: tuple[Array, Array, Array, Array]
    """For an update of D: outputs on real and on generated samples, and where their slopes go."""
    on_fake: tuple[Array, Array]
    """For an update of G: outputs on generated samples, and where their slopes go."""


class NumpyGame(Game):
    """The game of plain perceptrons in NumPy, with Adam, for objectives without a penalty.

    A run is bit for bit the same alone and beside others. The stacks are changed in place; `g_ema`
    is the moving average of G, if one is kept. Objectives and settings are one a run: equal
    objectives are best next to one another, settings differ in the learning rates at most. The
    `optimizers` are those of all G and of all D.
    """

    def __init__(
        self,
        g: Stack,
        d: Stack,
        g_ema: Stack | None,
        objectives: Sequence[Objective],
        settings: Sequence[Settings],
    ) -> None:
        how = self.settings = settings[0]
        n, runs = how.batch, len(objectives)
        self._g_ema, self._batch = g_ema, n
        scratch = Scratch(runs * 2 * n * max(*g.widths, *d.widths))
        self._on_noise = Passes(g, n, scratch)
        self._on_both = Passes(d, 2 * n, scratch)
        self._on_fake = Passes(d, n, scratch, self._on_both)
        self._real = self._on_both.input[..., :n]
        self._slopes = np.empty((runs, 1, 2 * n), np.float32)
        self._fake_slopes = self._slopes[..., :n]
        self._groups = [self._group(*alike) for alike in by_objective(objectives)]
        self.optimizers = (
            Adam(g.theta, g.gradient, _rates([each.g_lr for each in settings]), how.betas),
            Adam(d.theta, d.gradient, _rates([each.d_lr for each in settings]), how.betas),
        )

    def _group(self, objective: Objective, runs: slice) -> _Group:
        n, slopes = self._batch, self._slopes[runs, 0]
        both, fake = self._on_both.output[runs, 0], self._on_fake.output[runs, 0]
        on_both = both[:, :n], both[:, n:], slopes[:, :n], slopes[:, n:]
        return _Group(objective, runs, on_both, (fake, slopes[:, :n]))

    def play(self, first: int, real: Array, latents: Array) -> tuple[Array, Array]:
        """Play some steps; see `Game.play`."""
        shape = len(real), len(self._slopes)
        on_both = np.empty((*shape, 2 * self._batch), np.float32)
        on_fake = np.empty((*shape, self._batch), np.float32)
        with _quiet():
            for k, (x, z) in enumerate(zip(real, latents, strict=True)):
                for _ in self._turns(first + k, x, z):
                    pass
                on_both[k], on_fake[k] = self._on_both.output[:, 0], self._on_fake.output[:, 0]
            # Losses are only looked at, so those of many steps are computed in one go.
            return self._d_losses(on_both).T, self._g_losses(on_fake).T

    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, Array]]:
        """Play one step, update by update; see `Game.updates`."""
        turns = self._turns(number, real, latents)
        while True:
            with _quiet():  # not around the yield: whoever takes the losses keeps their warnings
                name = next(turns, None)
                if name is None:
                    return
                losses = (
                    self._d_losses(self._on_both.output[None, :, 0])
                    if name == "d_loss"
                    else self._g_losses(self._on_fake.output[None, :, 0])
                )
            yield name, losses[0]

    def _turns(self, number: int, real: Array, latents: Array) -> Iterator[str]:
        """Make the updates of a step, each leaving D's outputs behind; yield its loss's name."""
        (g_multiplier, d_multiplier), of_d = self.settings.lr_multipliers(number), len(real)
        for x, z in zip(real, latents[:of_d], strict=True):
            self._update_d(x, z, d_multiplier)
            yield "d_loss"
        self._update_g(g_multiplier)
        for z in latents[of_d:]:
            yield "g_loss"
            self._make(z)
            self._update_g(g_multiplier)
        self._update_ema(number)
        yield "g_loss"

    def _make(self, latents: Array) -> None:
        """Have G make samples, and put them before D."""
        z, noise = without_noise(latents, self.settings)
        self._on_noise.input[...] = z
        np.add(self._on_noise.forward(), noise, out=self._on_fake.input)

    def _update_d(self, real: Array, latents: Array, lr_multiplier: float) -> None:
        self._real[...] = real
        self._make(latents)
        self._on_both.forward()
        for group in self._groups:
            group.objective.d_slopes(*group.on_both)
        self._on_both.backward(self._slopes)
        self.optimizers[1].step(lr_multiplier)
        for group in self._groups:
            bound = group.objective.clip
            if bound is not None:
                theta = self.optimizers[1].theta[group.runs]
                np.clip(theta, -bound, bound, out=theta)

    def _update_g(self, lr_multiplier: float) -> None:
        self._on_fake.forward()
        for group in self._groups:
            group.objective.g_slopes(*group.on_fake)
        slopes = self._on_fake.backward(self._fake_slopes, weights=False, inputs=True)
        self._on_noise.backward(slopes)
        self.optimizers[0].step(lr_multiplier)

    def _update_ema(self, number: int) -> None:
        if self._g_ema is None:
            return
        mean, difference = self._g_ema.theta, self._g_ema.gradient  # a scratch array here
        np.subtract(self.optimizers[0].theta, mean, out=difference)
        np.multiply(difference, np.float32(self.settings.ema_weight(number)), out=difference)
        np.add(mean, difference, out=mean)

    def _d_losses(self, outputs: Array) -> Array:
        """Losses of D from its outputs, shape (steps, runs, 2 * batch); shape (steps, runs)."""
        n = self._batch
        return np.concatenate(
            [
                group.objective.d_losses(outputs[:, group.runs, :n], outputs[:, group.runs, n:])
                for group in self._groups
            ],
            axis=1,
        )

    def _g_losses(self, outputs: Array) -> Array:
        """Losses of G from D's outputs, shape (steps, runs, batch); shape (steps, runs)."""
        return np.concatenate(
            [group.objective.g_losses(outputs[:, group.runs]) for group in self._groups], axis=1
        )


def _rates(each: Sequence[float]) -> float | NDArray[np.float64]:
    """The learning rate of all runs, or those of each, shape (runs, 1)."""
    return each[0] if len(set(each)) == 1 else np.array(each)[:, None]


def without_noise(latents: Array, settings: Settings) -> tuple[Array, Array | np.float32]:
    """Latents, and what is added to what G makes of them; see `Game.play`."""
    if not settings.noise:
        return latents, _NONE
    return latents[..., :-1, :], latents[..., -1:, :]


def by_objective(objectives: Sequence[Objective]) -> Iterator[tuple[Objective, slice]]:
    """The runs of each objective: those next to one another that share the very object."""
    start = 0
    for _, alike in groupby(objectives, id):
        members = list(alike)
        yield members[0], slice(start, start + len(members))
        start += len(members)


def _quiet() -> np.errstate:
    """No warnings of numbers that overflow: the loop tells of a loss gone wrong."""
    return np.errstate(over="ignore", invalid="ignore")

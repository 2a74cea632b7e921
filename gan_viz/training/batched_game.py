"""Many small games of one architecture, played side by side in NumPy.

On networks this small a good part even of a step in closed form is calls, not arithmetic. Arrays
with a leading axis for the run, ``(runs, features, samples)``, make one call of many, and each run
goes through the numbers it would go through alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

from gan_viz.errors import UsageError
from gan_viz.objectives.base import ClosedForm
from gan_viz.training.batched_form import BatchedMlp, BatchedWorkspace, Scratch
from gan_viz.training.closed_form import Adam
from gan_viz.training.compiling import bind, compile_mlp
from gan_viz.training.games import ClosedFormGame, Game

__all__ = ["BatchedGame", "kind_of_game"]

Array = NDArray[np.float32]


class _Group(NamedTuple):
    """Runs next to one another that play for the same losses.

    Attributes
    ----------
    objective : ClosedForm
    runs : slice
    on_both : (ndarray, ndarray, ndarray, ndarray)
        D's outputs on real and on generated samples, and where their errors go, for an update of D.
    on_fake : (ndarray, ndarray)
        The same of generated samples, for an update of G.
    """

    objective: ClosedForm
    runs: slice
    on_both: tuple[Array, Array, Array, Array]
    on_fake: tuple[Array, Array]


class BatchedGame:
    """Games in closed form, each step of which is one step of all.

    Parameters
    ----------
    games : sequence of ClosedFormGame
        Not yet played, of one kind (see `kind_of_game`). Their networks stay current, but the
        games themselves are not to be played any more. Those of one objective are best next to one
        another.

    Attributes
    ----------
    optimizers : (Adam, Adam)
        Of all G and of all D.

    Raises
    ------
    UsageError
        The games are of several kinds.
    """

    def __init__(self, games: Sequence[ClosedFormGame]) -> None:
        if len({kind_of_game(game) for game in games}) != 1:
            raise UsageError(
                f"{len(games)} games side by side: expected networks and settings all alike; "
                "play those of each kind by themselves"
            )
        self.settings = games[0].settings
        n = self.settings.batch
        self._g = _taken_over([game.generator for game in games])
        d = _taken_over([game.discriminator for game in games])
        self._mean = None
        if self.settings.average:
            self._mean = BatchedMlp([mlp.copy() for mlp in self._g.runs])
            _bind_all([game.drawn for game in games], self._mean)
        scratch = Scratch(len(games) * 2 * n * max(*self._g.widths, *d.widths))
        self._on_noise = BatchedWorkspace(self._g, n, scratch)
        self._on_both = BatchedWorkspace(d, 2 * n, scratch)
        self._on_fake = BatchedWorkspace(d, n, scratch, self._on_both)
        self._real = self._on_both.input[..., :n]
        self._error = np.empty((len(games), 1, 2 * n), np.float32)
        self._fake_error = self._error[..., :n]
        self._groups = [self._group(*alike) for alike in _alike([g.objective for g in games])]
        rates, betas = (self.settings.g_lr, self.settings.d_lr), self.settings.betas
        self.optimizers = (
            Adam(self._g.theta, self._g.gradient, rates[0], betas),
            Adam(d.theta, d.gradient, rates[1], betas),
        )

    def _group(self, objective: ClosedForm, runs: slice) -> _Group:
        n, error = self.settings.batch, self._error[runs, 0]
        s, on_fake = self._on_both.output[runs, 0], self._on_fake.output[runs, 0]
        on_both = s[:, :n], s[:, n:], error[:, :n], error[:, n:]
        return _Group(objective, runs, on_both, (on_fake, error[:, :n]))

    def play(self, first: int, real: Array, latents: Array) -> tuple[Array, Array]:
        """Play some steps.

        Parameters
        ----------
        first : int
            The first of them, counted from 0.
        real : ndarray, shape (steps, d_steps, runs, 1, batch)
        latents : ndarray, shape (steps, d_steps + g_steps - 1, runs, latent_dim, batch)
            For each update of D, and for each of G after its first.

        Returns
        -------
        (ndarray, ndarray)
            Losses of D and of G as `Game.step` gives them, each of shape (runs, steps). A run
            whose losses are not finite any more does not touch the others.
        """
        n, steps, runs = self.settings.batch, len(real), real.shape[2]
        on_both = np.empty((steps, runs, 2 * n), np.float32)
        on_fake = np.empty((steps, runs, n), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(steps):
                self._step(first + k, real[k], latents[k])
                on_both[k], on_fake[k] = self._on_both.output[:, 0], self._on_fake.output[:, 0]
            return self._losses(on_both, on_fake)

    def _step(self, number: int, real: Array, latents: Array) -> None:
        """Make one step; D's outputs in its last update and in that of G are left behind."""
        factor, of_d = self.settings.factor(number), len(real)
        for x, z in zip(real, latents[:of_d], strict=True):
            self._update_d(x, z, factor)
        self._update_g(factor)
        for z in latents[of_d:]:
            self._make(z)
            self._update_g(factor)
        if self._mean is not None:
            self._update_average(self._mean, self.settings.averaging(number))

    def _make(self, latents: Array) -> None:
        """Have G make samples, and put them before D."""
        self._on_noise.input[...] = latents
        self._on_fake.input[...] = self._on_noise.forward()

    def _update_d(self, real: Array, latents: Array, factor: float) -> None:
        self._real[...] = real
        self._make(latents)
        self._on_both.forward()
        for group in self._groups:
            group.objective.d_slopes(*group.on_both)
        self._on_both.backward(self._error)
        self.optimizers[1].step(factor)
        self._clip()

    def _clip(self) -> None:
        for group in self._groups:
            bound = group.objective.clip
            if bound is not None:
                theta = self.optimizers[1].theta[group.runs]
                np.clip(theta, -bound, bound, out=theta)

    def _update_g(self, factor: float) -> None:
        self._on_fake.forward()
        for group in self._groups:
            group.objective.g_slopes(*group.on_fake)
        error = self._on_fake.backward(self._fake_error, weights=False, inputs=True)
        self._on_noise.backward(error)
        self.optimizers[0].step(factor)

    def _update_average(self, mean: BatchedMlp, share: float) -> None:
        difference = mean.gradient  # a scratch array here
        np.subtract(self._g.theta, mean.theta, out=difference)
        np.multiply(difference, np.float32(share), out=difference)
        np.add(mean.theta, difference, out=mean.theta)

    def _losses(self, on_both: Array, on_fake: Array) -> tuple[Array, Array]:
        """Losses from D's outputs, of shape (steps, runs, samples)."""
        n = self.settings.batch
        losses = [
            (
                group.objective.d_losses(on_both[:, group.runs, :n], on_both[:, group.runs, n:]),
                group.objective.g_losses(on_fake[:, group.runs]),
            )
            for group in self._groups
        ]
        of_d, of_g = zip(*losses, strict=True)
        return np.concatenate(of_d, axis=1).T, np.concatenate(of_g, axis=1).T


def kind_of_game(game: Game) -> Hashable:
    """What is alike in games that can be played side by side.

    Parameters
    ----------
    game : Game

    Returns
    -------
    Hashable
        Equal for games that can; None for one that has to be played alone.
    """
    if not isinstance(game, ClosedFormGame):
        return None
    return str(game.generator), str(game.discriminator), game.settings


def _taken_over(networks: Sequence[nn.Module]) -> BatchedMlp:
    """Compile networks that are known to be plain, and move their parameters into one matrix."""
    mlps = [mlp for mlp in map(compile_mlp, networks) if mlp is not None]
    batched = BatchedMlp(mlps)
    _bind_all(networks, batched)
    return batched


def _bind_all(networks: Sequence[nn.Module], batched: BatchedMlp) -> None:
    for network, mlp in zip(networks, batched.runs, strict=True):
        bind(network, mlp)


def _alike(objectives: Sequence[ClosedForm]) -> Iterator[tuple[ClosedForm, slice]]:
    """Runs next to one another whose objectives are of one kind, with the same parameters."""
    start = 0
    for _, alike in groupby(objectives, lambda each: (type(each), vars(each))):
        members = list(alike)
        yield members[0], slice(start, start + len(members))
        start += len(members)

"""Trainings that go on side by side, in arrays with an axis for the run."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.training.batched_game import BatchedGame, kind_of_game
from gan_viz.training.games import ClosedFormGame
from gan_viz.training.loop import BLOCK, Training

__all__ = ["BatchedTraining"]

Array = NDArray[np.float32]
TOGETHER = 16
"""Most runs in one array: with more, what a layer leaves is no longer in the processor's cache when
the next one reads it."""


class BatchedTraining:
    """Trainings that go on side by side, each as it would alone.

    Parameters
    ----------
    trainings : sequence of Training
        Not yet begun, of games of one kind (see `kind_of_game`). They are taken over, and not to
        be iterated over any more.
    sources : sequence of Hashable, optional
        Which trainings draw the same samples and latents: those of equal sources are given what
        the first of them draws. By default each draws its own.

    Attributes
    ----------
    games : sequence of ClosedFormGame
        Of the trainings, in their order; their networks stay current.
    made : int
        Steps made so far.

    Raises
    ------
    UsageError
        The games are of several kinds, or cannot be played side by side.
    """

    def __init__(
        self, trainings: Sequence[Training], sources: Sequence[Hashable] | None = None
    ) -> None:
        games = [training.game for training in trainings]
        closed = [game for game in games if isinstance(game, ClosedFormGame)]
        if len(closed) < len(games) or len(set(map(kind_of_game, games))) != 1:
            raise UsageError(
                f"{len(games)} trainings side by side: expected closed forms, with networks and "
                "settings all alike; train those of each kind by themselves"
            )
        self.games, self.made = closed, 0
        self._sources = list(range(len(games))) if sources is None else list(sources)
        self._feeds: dict[Hashable, _Feed] = {}
        for source, training in zip(self._sources, trainings, strict=True):
            self._feeds.setdefault(source, _Feed(training))
        order = sorted(range(len(games)), key=lambda run: type(closed[run].objective).__name__)
        self._batches = _split(order)
        self._games = [BatchedGame([closed[run] for run in batch]) for batch in self._batches]

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Make some steps of every training.

        Parameters
        ----------
        steps : int
            No more than are left.

        Returns
        -------
        (ndarray, ndarray)
            Losses of D and of G, each of shape (runs, steps); from the first that is not finite
            on, a run's are of no use.
        """
        losses = np.empty((2, len(self._sources), steps), np.float32)
        for start in range(0, steps, BLOCK):
            self._play(losses[:, :, start : start + BLOCK])
        return losses[0], losses[1]

    def _play(self, losses: Array) -> None:
        """Play a block of steps of all runs, and write their losses."""
        steps = losses.shape[2]
        drawn = {source: feed.draw(steps) for source, feed in self._feeds.items()}
        for batch, game in zip(self._batches, self._games, strict=True):
            real, latents = zip(*(drawn[self._sources[run]] for run in batch), strict=True)
            losses[:, batch] = game.play(
                self.made, np.stack(real, axis=2), np.stack(latents, axis=2)
            )
        self.made += steps


def _split(runs: Sequence[int]) -> list[list[int]]:
    """Share runs out among arrays, as evenly as can be."""
    number = math.ceil(len(runs) / TOGETHER)
    bounds = [len(runs) * k // number for k in range(number + 1)]
    return [list(runs[start:end]) for start, end in pairwise(bounds)]


class _Feed:
    """What a training draws for its game."""

    def __init__(self, training: Training) -> None:
        self._dealt = training.dealt()

    def draw(self, steps: int) -> tuple[Array, Array]:
        """What the training has for its next steps.

        Returns
        -------
        (ndarray, ndarray)
            Real samples and latents, of shape (steps, batches in a step, features, batch).
        """
        _, real, latents = zip(*islice(self._dealt, steps), strict=True)
        return _stacked(real), _stacked(latents)


def _stacked(steps: Sequence[Array]) -> Array:
    """Batches of steps as one array, of samples side by side."""
    together = np.concatenate(steps).reshape(len(steps), *steps[0].shape)
    return together.swapaxes(-1, -2)

"""Trainings that go on side by side, in arrays with an axis for the run."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.training.batched_game import BatchedGame, kind_of_game
from gan_viz.training.games import ClosedFormGame, Game
from gan_viz.training.loop import BLOCK, Training

__all__ = ["BatchedTraining"]

Array = NDArray[np.float32]
TOGETHER = 16
"""Runs in one array: with more of them, what a layer leaves is no longer in the processor's cache
when the next one reads it."""


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
        self._batches = [order[k : k + TOGETHER] for k in range(0, len(order), TOGETHER)]
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
            end = min(steps, start + BLOCK)
            drawn = {source: feed.draw(end - start) for source, feed in self._feeds.items()}
            for batch, game in zip(self._batches, self._games, strict=True):
                real, latents = zip(*(drawn[self._sources[run]] for run in batch), strict=True)
                losses[:, batch, start:end] = game.play(self.made, real, latents)
            self.made += end - start
        return losses[0], losses[1]


class _Feed(Game):
    """Stands in for a training's game, and keeps what the training draws for it."""

    def __init__(self, training: Training) -> None:
        training.game = self
        self._steps = iter(training)

    def step(self, number: int, real: Array, latents: Array) -> tuple[float, float]:
        """Play nothing."""
        self._drawn.append((real, latents))
        return 0.0, 0.0

    def draw(self, steps: int) -> tuple[list[Array], list[Array]]:
        """What the training has for its next steps: real samples and latents, of each step."""
        self._drawn: list[tuple[Array, Array]] = []
        for _ in islice(self._steps, steps):
            pass
        real, latents = zip(*self._drawn, strict=True)
        return list(real), list(latents)

"""Trainings that go on side by side, in arrays with an axis for the run."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice, pairwise
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.training.batched_game import BatchedGame, kind_of_game
from gan_viz.training.games import ClosedFormGame
from gan_viz.training.loop import BLOCK, Training

__all__ = ["BatchedTraining"]

Array = NDArray[np.float32]
_Drawn: TypeAlias = Mapping[Hashable, tuple[Array, Array]]
_Map: TypeAlias = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
TOGETHER = 16
"""Most runs in one array: with more, what a layer leaves is no longer in the processor's cache when
the next one reads it."""
APART = 4
"""Least runs in one array: with fewer, a thread of their own is taken up by calls."""


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
    threads : int, optional
        Threads to use, at least 1; by default as many as PyTorch does (`torch.set_num_threads`).
        The numbers that come out do not depend on it.

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
        self,
        trainings: Sequence[Training],
        sources: Sequence[Hashable] | None = None,
        threads: int | None = None,
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
        self._threads = threads or torch.get_num_threads()
        order = sorted(range(len(games)), key=lambda run: type(closed[run].objective).__name__)
        self._batches = _split(order, self._threads)
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
        with _pool(min(self._threads, len(self._games))) as each:
            playing: Iterable[None] = ()
            for start in range(0, steps, BLOCK):
                block = losses[:, :, start : start + BLOCK]
                drawn = {source: feed.draw(block.shape[2]) for source, feed in self._feeds.items()}
                deque(playing, 0)  # what a block is played on is drawn while the last is played
                playing = each(
                    partial(self._play, self.made, drawn, block), range(len(self._games))
                )
                self.made += block.shape[2]
            deque(playing, 0)
        return losses[0], losses[1]

    def _play(self, first: int, drawn: _Drawn, losses: Array, which: int) -> None:
        """Play a block of steps of the runs in one array, and write their losses."""
        batch = self._batches[which]
        real, latents = zip(*(drawn[self._sources[run]] for run in batch), strict=True)
        losses[:, batch] = self._games[which].play(
            first, np.stack(real, axis=2), np.stack(latents, axis=2)
        )


def _split(runs: Sequence[int], threads: int) -> list[list[int]]:
    """Share runs out among arrays, as evenly as can be."""
    number = max(math.ceil(len(runs) / TOGETHER), min(threads, len(runs) // APART))
    bounds = [len(runs) * k // number for k in range(number + 1)]
    return [list(runs[start:end]) for start, end in pairwise(bounds)]


@contextmanager
def _pool(threads: int) -> Iterator[_Map]:
    """Give a `map` that runs in threads of its own; with one thread, in this one, when asked."""
    if threads == 1:
        yield map
        return
    own = torch.get_num_threads()
    try:  # PyTorch has to stay in each of the threads: the cores are taken
        with ThreadPoolExecutor(threads, "gan_viz", torch.set_num_threads, (1,)) as pool:
            yield pool.map
    finally:
        torch.set_num_threads(own)  # the last number set is what later threads start with


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

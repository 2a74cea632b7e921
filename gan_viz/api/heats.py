"""A part of a race: runs that one process trains and records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from gan_viz.api.progress import Reporter
from gan_viz.api.toy import Toy, build_toy, toy_recorder
from gan_viz.distributions import Distribution
from gan_viz.errors import TrainingError

__all__ = ["Heat", "Run", "frame_steps"]

Run: TypeAlias = tuple[str, int]
"""Objective and seed."""
STRETCH = 8192
"""Steps, of all runs together, after which a batch stops at the latest, to tell how far it is."""


class Heat(NamedTuple):
    """Some runs of a race, and all it takes to train them: what a process is sent.

    Attributes
    ----------
    learnt : Distribution
    paths : dict of Run to pathlib.Path
        The recordings.
    every : int or None
        Steps between frames, as `gan_viz.api.race` takes it.
    options : dict of str to Any
        As `gan_viz.api.toy.build_toy` takes them.
    """

    learnt: Distribution
    paths: Mapping[Run, Path]
    every: int | None
    options: Mapping[str, Any]

    def part(self, runs: Sequence[Run]) -> Heat:
        """A heat of only some of the runs."""
        return self._replace(paths={run: self.paths[run] for run in runs})

    def build(self) -> dict[Run, Toy]:
        """Build the GANs; no file is touched.

        Raises
        ------
        UsageError
            A value cannot be used.
        """
        return {
            (name, seed): build_toy(self.learnt, objective=name, seed=seed, **self.options)
            for name, seed in self.paths
        }

    def steps(self, toys: Mapping[Run, Toy]) -> int:
        """Steps of all its runs."""
        return sum(toys[run].training.settings.steps for run in self.paths)

    def train(self, toys: Mapping[Run, Toy], tell: Callable[[int], None]) -> None:
        """Train and record; what is interrupted leaves recordings as good as finished ones.

        Parameters
        ----------
        toys : mapping of Run to Toy
            What `build` gave, or more.
        tell : callable (int) -> None
            Told now and then how many steps are made, and when all are. What it raises ends the
            training.

        Raises
        ------
        RecordingError
            Something cannot be recorded.
        """
        reporter = Reporter(lambda _, done, *rest: tell(done), "training", self.steps(toys))
        with ExitStack() as recorded:
            lanes = []
            for run, path in self.paths.items():
                lanes.append(_Lane(toys[run], run[1], path, self.every))
                recorded.callback(lanes[-1].close)
            _train(lanes, reporter)


def frame_steps(steps: int, every: int | None) -> list[int]:
    """The steps that a run has frames at, but for the first.

    Parameters
    ----------
    steps : int
        Of the run.
    every : int or None
        Between frames; by default there are about 200, closer together early on.

    Returns
    -------
    list of int
        Ascending, ending with `steps`.
    """
    from gan_viz.hooks.cadence import early_steps

    frames = early_steps(steps) if every is None else range(every, steps + 1, every)
    return sorted({*frames, steps})


class _Lane:
    """One run, and its recorder."""

    def __init__(self, toy: Toy, seed: int, path: Path, every: int | None) -> None:
        self.toy, self.seed = toy, seed
        self.stops = frame_steps(toy.training.settings.steps, every)
        self.recorder = toy_recorder(toy, path, self.stops)
        self._over = False

    def note(self, d_losses: Sequence[float], g_losses: Sequence[float]) -> None:
        """Record some steps, unless the run has ended."""
        for d_loss, g_loss in zip(d_losses, g_losses, strict=True):
            if self._over:
                return
            if math.isfinite(d_loss + g_loss):
                self.recorder.step(d_loss=d_loss, g_loss=g_loss)
            else:
                self.end()

    def end(self) -> None:
        """End the run where it is: its networks are of no use any more."""
        self._over = True
        self.recorder.close(complete=False)

    def close(self) -> None:
        self.recorder.close()


def _train(lanes: Sequence[_Lane], reporter: Reporter) -> None:
    """Train the runs of each kind together, and by themselves those that have to be."""
    from gan_viz.training.batched_game import kind_of_game

    def kind(lane: _Lane) -> str:
        return str(kind_of_game(lane.toy.training.game))

    done = 0
    for _, alike in groupby(sorted(lanes, key=kind), kind):
        group = list(alike)
        closed = kind_of_game(group[0].toy.training.game) is not None
        for made in _together(group) if closed else _one_by_one(group):
            done += made
            if reporter.due(done):
                reporter.report(done, {})


def _together(lanes: Sequence[_Lane]) -> Iterator[int]:
    """Train as one batch, from frame to frame; yield the steps made."""
    from gan_viz.training.batched import BatchedTraining

    stops = lanes[0].stops
    stretches = range(0, stops[-1], max(1, STRETCH // len(lanes)))
    batched = BatchedTraining([lane.toy.training for lane in lanes], [lane.seed for lane in lanes])
    for start, stop in pairwise(sorted({0, *stretches, *stops})):
        d_losses, g_losses = batched.advance(stop - start)
        for lane, of_d, of_g in zip(lanes, d_losses.tolist(), g_losses.tolist(), strict=True):
            lane.note(of_d, of_g)
        yield (stop - start) * len(lanes)


def _one_by_one(lanes: Sequence[_Lane]) -> Iterator[int]:
    for lane in lanes:
        made = 0
        try:
            for _, d_loss, g_loss in lane.toy.training:
                lane.note([d_loss], [g_loss])
                made += 1
                yield 1
        except TrainingError:
            lane.end()
            yield lane.toy.training.settings.steps - made

"""A part of a race: runs that one process trains and records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from gan_viz.api.progress import Reporter
from gan_viz.api.toy import Toy, build_toy, frame_steps, toy_recorder, train_together
from gan_viz.distributions import Distribution

if TYPE_CHECKING:
    from gan_viz.hooks import Recorder
    from gan_viz.objectives import Objective

__all__ = ["Heat", "Run", "frame_steps"]

Run: TypeAlias = tuple[str, int]
"""Objective and seed."""


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
    objectives : mapping of str to Objective
        Those that the registry does not know, by name.
    """

    learnt: Distribution
    paths: Mapping[Run, Path]
    every: int | None
    options: Mapping[str, Any]
    objectives: Mapping[str, Objective] = {}

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
            (name, seed): build_toy(
                self.learnt, objective=self.objectives.get(name, name), seed=seed, **self.options
            )
            for name, seed in self.paths
        }

    def steps(self, toys: Mapping[Run, Toy]) -> int:
        """Steps of all its runs."""
        return sum(toys[run].gan.settings.steps for run in self.paths)

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
            recorders = []
            for run, path in self.paths.items():
                stops = frame_steps(toys[run].gan.settings.steps, self.every)
                recorders.append(toy_recorder(toys[run], path, stops))
                recorded.callback(recorders[-1].close)
            _train(self, toys, recorders, reporter)


def _train(
    heat: Heat, toys: Mapping[Run, Toy], recorders: Sequence[Recorder], reporter: Reporter
) -> None:
    runs = list(heat.paths)
    stops = frame_steps(toys[runs[0]].gan.settings.steps, heat.every)
    seeds = [seed for _, seed in runs]
    for made, _ in train_together([toys[run] for run in runs], recorders, stops, seeds):
        if reporter.due(made * len(runs)):
            reporter.report(made * len(runs), {})

"""The same game played for several objectives, from the same start, and recorded."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise, product
from pathlib import Path
from typing import Any

from gan_viz.api.progress import Progress, Reporter
from gan_viz.api.toy import Toy, build_toy, toy_recorder
from gan_viz.errors import OutputError, TrainingError, UsageError

__all__ = ["race"]


def race(
    data: Any = "gaussian",
    objectives: Sequence[str] = ("non-saturating",),
    seeds: Sequence[int] = (0,),
    record: str | os.PathLike[str] = "race",
    *,
    every: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> dict[tuple[str, int], Path]:
    """Train the toy 1-D GAN once for each objective and seed, and record each run.

    All runs of a seed start with the same networks and see the same data and latents. Runs whose
    objectives have closed forms train together, each as it would alone.

    Parameters
    ----------
    data : optional
        What is to be learnt, as `gan_viz.target` takes it.
    objectives : sequence of str
        Names in `gan_viz.registry.OBJECTIVES`.
    seeds : sequence of int
    record : path-like
        The folder of the recordings, ``OBJECTIVE-SEED.ganviz``; made if it is not there.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on.
    progress : Progress, optional
        Told how many of the steps of all runs are made.
    **options
        As `gan_viz.api.toy.build_toy` takes them, except the networks: each run has its own.

    Returns
    -------
    dict of (str, int) to pathlib.Path
        The recording of each objective and seed. Where a loss is no longer finite, the recording
        holds everything up to there, and is marked as unfinished; the other runs go on.

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be learnt from.
    OutputError
        The folder cannot be made.
    """
    runs = list(product(objectives, seeds))
    _check(runs, every, options)
    from gan_viz.distributions import target

    learnt = target(data)
    toys = [build_toy(learnt, objective=name, seed=seed, **options) for name, seed in runs]
    folder = _folder(record)
    paths = {(name, seed): folder / f"{name}-{seed}.ganviz" for name, seed in runs}
    lanes: list[_Lane] = []
    reporter = Reporter(progress, "training", sum(toy.training.settings.steps for toy in toys))
    try:  # an interrupted training leaves recordings as good as finished ones
        for (run, path), toy in zip(paths.items(), toys, strict=True):
            lanes.append(_Lane(toy, run[1], path, every))
        _train(lanes, reporter)
    finally:
        for lane in lanes:
            lane.close()
    return paths


def _check(runs: Sequence[tuple[str, int]], every: int | None, options: Mapping[str, Any]) -> None:
    if not runs or len(set(runs)) < len(runs):
        raise UsageError(
            f"a race of {len(runs)} runs: expected at least one objective and one seed, none twice"
        )
    if every is not None and every < 1:
        raise UsageError(f"every {every}: expected a positive whole number of steps")
    for name in ("generator", "discriminator"):
        if options.get(name) is not None:
            raise UsageError(
                f"{name}: the runs of a race cannot share a network; give hidden=... instead"
            )


def _folder(record: str | os.PathLike[str]) -> Path:
    folder = Path(record)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror or error}") from error
    return folder


class _Lane:
    """One run, and its recorder."""

    def __init__(self, toy: Toy, seed: int, path: Path, every: int | None) -> None:
        from gan_viz.hooks.cadence import early_steps

        steps = toy.training.settings.steps
        self.toy, self.seed = toy, seed
        frames = early_steps(steps) if every is None else range(every, steps + 1, every)
        self.stops = sorted({*frames, steps})
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

    seeds = [lane.seed for lane in lanes]
    batched = BatchedTraining([lane.toy.training for lane in lanes], seeds)
    for start, stop in pairwise([0, *lanes[0].stops]):
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

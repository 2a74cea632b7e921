"""The same game played for several objectives, from the same start, and recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.heats import Heat, Run
from gan_viz.api.processors import processors
from gan_viz.api.progress import PERIOD, Progress
from gan_viz.api.racers import Racers
from gan_viz.api.sharing import share_out, work
from gan_viz.api.toy import Toy
from gan_viz.errors import OutputError, UsageError

if TYPE_CHECKING:
    from gan_viz.objectives import Objective

__all__ = ["MOST", "race"]

MOST = 8
"""Processes, unless another number is asked for."""


def race(
    data: Any = "gaussian",
    objectives: Sequence[str | Objective] = ("non-saturating",),
    seeds: Sequence[int] = (0,),
    record: str | os.PathLike[str] = "race",
    *,
    every: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> dict[tuple[str, int], Path]:
    """Train the toy 1-D GAN once for each objective and seed, and record each run.

    All runs of a seed start with the same networks and see the same data and latents. Runs train
    side by side, each as it would alone (see `gan_viz.training.Training`). A race that takes longer
    than the start of a process is shared out among the processors.

    Parameters
    ----------
    data : optional
        What is to be learnt, as `gan_viz.target` takes it.
    objectives : sequence of (str or Objective)
        Names in `gan_viz.registry.OBJECTIVES`, or one's own.
    seeds : sequence of int
    record : path-like
        The folder of the recordings, ``OBJECTIVE-SEED.ganviz``; made if it is not there.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on.
    jobs : int, optional
        Processes to train in at most; by default as many as there are processors, up to 8.
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
    RecordingError
        Something cannot be recorded.
    TrainingError
        A process has died; the recordings hold what was made until then.
    """
    own = {each.name: each for each in objectives if not isinstance(each, str)}
    names = [each if isinstance(each, str) else each.name for each in objectives]
    runs = list(product(names, seeds))
    _check(runs, every, jobs, options)
    from gan_viz.distributions import target
    from gan_viz.hooks.distributed import writes_here
    from gan_viz.training.threads import suitable_threads

    paths = {(name, seed): Path(record) / f"{name}-{seed}.ganviz" for name, seed in runs}
    whole = Heat(target(data), paths, every, options, own)
    toys = whole.build()
    _make_folder(record)
    most = (jobs or processors(MOST)) if writes_here() else 1
    first, *rest = [whole.part(part) for part in share_out(work(toys, every), most)]
    networks = [] if rest else [toys[runs[0]].generator, toys[runs[0]].discriminator]
    with Racers(rest) as others, suitable_threads(*networks):
        _train(first, toys, others, progress)
    return paths


def _train(first: Heat, toys: Mapping[Run, Toy], others: Racers, progress: Progress | None) -> None:
    """Train a heat here, and then what the other processes refuse, while they train theirs."""
    total = sum(toy.gan.settings.steps for toy in toys.values())
    made = 0

    def tell(done: int) -> None:
        others.listen()
        if progress is not None:
            progress("training", made + done + others.made, total, {})

    todo = [first]
    while todo or others.busy:
        for heat in todo:
            heat.train(toys, tell)
            made += heat.steps(toys)
        if others.busy:
            others.listen(PERIOD)
            tell(0)
        todo, others.refused = others.refused, []


def _check(
    runs: Sequence[Run], every: int | None, jobs: int | None, options: Mapping[str, Any]
) -> None:
    if not runs or len(set(runs)) < len(runs):
        raise UsageError(
            f"a race of {len(runs)} runs: expected at least one objective and one seed, none twice"
        )
    if every is not None and every < 1:
        raise UsageError(f"every {every}: expected a positive whole number of steps")
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs {jobs}: expected a positive whole number of processes")
    for name in ("generator", "discriminator"):
        if options.get(name) is not None:
            raise UsageError(
                f"{name}: the runs of a race cannot share a network; give hidden=... instead"
            )


def _make_folder(record: str | os.PathLike[str]) -> None:
    folder = Path(record)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror or error}") from error

"""Many toy GANs: trained in batches, by as many workers as there are, summed up in one file."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, Unpack

from joblib import Parallel, delayed, effective_n_jobs, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from gan_viz.api.options import SweepOptions
from gan_viz.api.output import keep_apart
from gan_viz.api.processors import interrupts_held, processors
from gan_viz.api.tables import check_table
from gan_viz.arguments import checked
from gan_viz.encoders.publish import check_file
from gan_viz.errors import TrainingError, UsageError, reject_unknown
from gan_viz.hooks.recorder import checked_name
from gan_viz.progress import Progress
from gan_viz.recording.files import choose
from gan_viz.registry import import_extra
from gan_viz.sweeps.cells import Summary, batches, train_cells
from gan_viz.sweeps.checks import check_kept
from gan_viz.sweeps.grid import SETTINGS, Cell, Range, cells, plain, read_grid, values_of
from gan_viz.sweeps.store import SweepResults, SweepWriter

Batch: TypeAlias = list[tuple[int, Cell]]
"""Numbers and settings of runs that are trained side by side."""
Results: TypeAlias = list[tuple[int, Summary]]

BACKENDS = ("loky", "dask", "ray")
TASK = 64
"""Most runs in a task: more would not train faster, and be lost when a worker dies."""
SMALLEST_TASK = 16
TASKS_A_WORKER = 4
"""Tasks each worker gets at least, where there are enough runs, so that none waits for another."""
ATTEMPTS = 3
"""Times that a task is tried whose worker dies."""
MOST_PROCESSES = 64


@checked
def sweep(
    settings: str | Mapping[str, Sequence[Any] | Range],
    out: str | os.PathLike[str] = "sweep.db",
    *,
    sample: str | None = None,
    number: int | None = None,
    sample_seed: int = 0,
    resume: bool = False,
    jobs: int | None = None,
    backend: str | None = None,
    address: str | None = None,
    record: Mapping[int, str | os.PathLike[str]] | None = None,
    table: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    **common: Unpack[SweepOptions],
) -> SweepResults:
    """Train a toy GAN for each of many settings, and sum up each run.

    Runs of equal settings, but for the data, the objective, the learning rates and the seed, are
    trained side by side; the tasks are spread by joblib.

    Parameters
    ----------
    settings : str or mapping of str to sequence
        Values of each setting in `gan_viz.sweeps.grid.SETTINGS`, as text (see
        `gan_viz.sweeps.grid.read_grid`) or by name, where those of one may be text, too.
    out : path-like
        The file of the results, written as they come in: a killed sweep keeps what was done.
    sample : {"random", "latin"}, optional
        Draw combinations instead of trying all; see `gan_viz.sweeps.grid.cells`.
    number : int, optional
        How many combinations a sample has; each is run with all seeds.
    sample_seed : int
        Of the sample.
    resume : bool
        Go on with the file if it is there.
    jobs : int, optional
        Tasks at a time; by default one for each processor, or all workers of a cluster.
    backend : {"loky", "dask", "ray"}, optional
        What runs the tasks: processes on this machine, a Dask cluster or a Ray cluster. By default
        loky, or what a `joblib.parallel_config` around the call says.
    address : str, optional
        Of the cluster's scheduler; without one, Dask and Ray start a cluster on this machine.
    record : mapping of int to path-like, optional
        Numbers of runs that are recorded whole, and their recordings; see `record_run`.
    table : path-like, optional
        Where to write a row for each run, too; see `SweepResults.write`.
    progress : Progress, optional
        Told how many runs are done.
    **common
        Settings of all runs, as `gan_viz.train` takes them.

    Returns
    -------
    SweepResults

    Raises
    ------
    UsageError
        A setting or a value cannot be used, `out` is there already, or a file would be written
        over another, or over data.
    OutputError
        A file cannot be written.
    MissingExtraError
        Dask, Ray, or a library that the table needs is not installed.
    TrainingError
        A worker died several times at the same task; the file holds the other results.
    """
    values = values_of(read_grid(settings) if isinstance(settings, str) else settings)
    reject_unknown("sweep", common, SETTINGS)
    given = {name: plain(value) for name, value in common.items() if value is not None}
    _check_settings(values, given)
    runs = cells(values, sample, number, sample_seed)
    recorded = record or {}
    _check_places(out, recorded, table, _data_of(runs, given))
    _check(runs, given)
    for chosen in recorded:
        if not 0 <= chosen < len(runs):
            raise UsageError(f"run {chosen} to be recorded: expected 0 to {len(runs) - 1:,}")
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs {jobs}: expected a positive whole number")
    # The cluster first: nothing is written where it is not there.
    with _cluster(backend, address), closing(SweepWriter(out, runs, given, resume=resume)) as file:
        planned = SweepResults(out).planned()
        workers = jobs or processors(MOST_PROCESSES)
        size = min(TASK, max(SMALLEST_TASK, len(planned) // (TASKS_A_WORKER * workers)))
        done = len(runs) - len(planned)
        everywhere = jobs is None and backend in ("dask", "ray")
        for some in _run([*batches(planned, size)], given, -1 if everywhere else workers):
            file.put(some)
            done += len(some)
            if progress is not None:
                progress("sweeping", done, len(runs), {})
    results = SweepResults(out)
    if table is not None:
        results.write(table)
    for chosen, place in recorded.items():
        record_run(results, chosen, place, progress=progress)
    return results


@checked
def record_run(
    results: str | os.PathLike[str] | SweepResults,
    number: int,
    record: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
) -> Path:
    """Train one run of a sweep again, and record it whole.

    Parameters
    ----------
    results : path-like or SweepResults
    number : int
        Of the run, its ``id``.
    record : path-like
        The recording to write.
    progress : Progress, optional

    Returns
    -------
    pathlib.Path
        The recording. With a closed form, it is of the very run that was summed up.

    Raises
    ------
    UsageError
        There is no such run.
    RecordingError
        The results cannot be read, or the recording not be written.
    """
    from gan_viz.api.toy import train

    found = results if isinstance(results, SweepResults) else SweepResults(results)
    options = found.settings(number)
    return train(options.pop("data", "gaussian"), record, progress=progress, **options)


def _data_of(runs: Sequence[Cell], common: Mapping[str, Any]) -> set[str | os.PathLike[str]]:
    """All that a sweep may read its data from."""
    given = [common.get("data"), *(run.get("data") for run in runs)]
    return {one for one in given if isinstance(one, str | os.PathLike)}


def _check_settings(values: Mapping[str, Sequence[Any] | Range], given: Mapping[str, Any]) -> None:
    """Refuse settings that are given twice, or cannot be kept."""
    for name in given.keys() & values.keys():
        raise UsageError(f"{name} is in the grid and beside it: expected it in one of them")
    for name, several in {**values, **{name: [one] for name, one in given.items()}}.items():
        for value in () if isinstance(several, Range) else several:
            check_kept(name, value)


def _check_places(
    out: str | os.PathLike[str],
    record: Mapping[int, str | os.PathLike[str]],
    table: str | os.PathLike[str] | None,
    data: set[str | os.PathLike[str]],
) -> None:
    """Refuse, before anything is trained, what could not be written or is in the way."""
    keep_apart([out, table, *record.values()], data)
    check_file(Path(out))
    if table is not None:
        check_table(table)
    for place in record.values():
        choose(checked_name(Path(place)))


def _check(runs: Sequence[Cell], common: Mapping[str, Any]) -> None:
    """Refuse what no run could use, before anything is trained.

    Whether a value can be used does not depend on the other settings, and of numbers the least and
    the greatest tell.
    """
    from gan_viz.api.toy import build_toy
    from gan_viz.training import Training

    for name in runs[0]:
        values = list({json.dumps(run[name]): run[name] for run in runs}.values())
        if all(isinstance(value, int | float) for value in values):
            values = [min(values), max(values)]
        for value in values:
            Training([build_toy(**{**common, name: value}).gan])


def _run(tasks: list[Batch], common: Mapping[str, Any], jobs: int) -> Iterator[Results]:
    """Run tasks in any order; those that a dead worker leaves behind are tried again."""
    left = dict(enumerate(tasks))
    for _ in range(ATTEMPTS):
        try:
            for number, results in _unordered(left, common, jobs):
                del left[number]
                yield results
        except TerminatedWorkerError:
            time.sleep(1)  # loky starts anew
        else:
            return
    runs = sum(map(len, left.values()))
    raise TrainingError(
        f"worker processes died {ATTEMPTS} times, so {runs:,} runs are not done: maybe memory is "
        "short; go on with --resume and fewer --jobs"
    )


def _unordered(
    tasks: Mapping[int, Batch], common: Mapping[str, Any], jobs: int
) -> Iterator[tuple[int, Results]]:
    """Run tasks as joblib is configured; give what they return as it comes in."""
    calls = [delayed(_work)(*task, common) for task in tasks.items()]
    try:
        parallel = Parallel(jobs, return_as="generator_unordered", batch_size=1)
    except ValueError:  # Ray's backend returns lists alone: so many tasks at a time
        parallel, together = Parallel(jobs, batch_size=1), TASKS_A_WORKER * effective_n_jobs(jobs)
        for start in range(0, len(calls), together):
            yield from parallel(calls[start : start + together])
    else:
        with interrupts_held():  # the first tasks are dispatched in the call
            found = parallel(calls)
        yield from found


def _work(number: int, task: Batch, common: Mapping[str, Any]) -> tuple[int, Results]:
    numbers, runs = zip(*task, strict=True)
    return number, list(zip(numbers, train_cells(runs, common), strict=True))


def _cluster(backend: str | None, address: str | None) -> AbstractContextManager[Any]:
    """What makes joblib use a backend."""
    if backend not in (None, *BACKENDS):
        raise UsageError(f"backend {backend!r}: expected {', '.join(BACKENDS)}")
    if address is not None and backend not in ("dask", "ray"):
        raise UsageError(f"address {address!r}: expected it beside the backend dask or ray")
    if backend is None:
        return nullcontext()
    return {"dask": _dask, "loky": _loky, "ray": _ray}[backend](address)


@contextmanager
def _loky(_: str | None) -> Iterator[None]:
    with parallel_config(backend="loky", inner_max_num_threads=1):
        yield


@contextmanager
def _dask(address: str | None) -> Iterator[None]:
    distributed = import_extra("distributed", "--backend dask", "dask")
    here = {"n_workers": processors(MOST_PROCESSES), "threads_per_worker": 1}
    quiet = {"dashboard_address": None, "silence_logs": logging.ERROR}
    options: dict[str, Any] = {"address": address} if address else here | quiet
    try:
        with interrupts_held():
            client = distributed.Client(**options)
    except OSError as error:
        raise UsageError(f"address {address!r}: no cluster answers there: {error}") from None
    with client, parallel_config(backend="dask"):
        yield


@contextmanager
def _ray(address: str | None) -> Iterator[None]:
    ray = import_extra("ray", "--backend ray", "ray")
    started = not ray.is_initialized()
    if started:
        try:
            with interrupts_held():
                ray.init(
                    address, log_to_driver=False, logging_level="error", include_dashboard=False
                )
        except (ConnectionError, ValueError) as error:
            raise UsageError(
                f"address {address!r}: no Ray cluster answers there: {error}"
            ) from None
    try:
        import_module("ray.util.joblib").register_ray()
        with parallel_config(backend="ray"):
            yield
    finally:
        if started:
            ray.shutdown()

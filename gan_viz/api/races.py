"""Races: the same data for several objectives, models and seeds, in several processes, recorded."""

from __future__ import annotations

import os
import pickle
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, Unpack, cast

import cloudpickle
import numpy as np
from joblib.executor import get_memmapping_executor
from joblib.externals.loky import get_reusable_executor
from numpy.typing import NDArray

from gan_viz.api.options import ToyOptions
from gan_viz.api.output import make_folder
from gan_viz.api.processors import interrupts_held, processors
from gan_viz.api.seeds import seed_sequence
from gan_viz.api.toy import Toy, build_toy, frame_steps, toy_recorder, train_together
from gan_viz.api.transports import ToyTransport, build_transport, raced, record_transport
from gan_viz.arguments import checked
from gan_viz.distributions import Distribution, target
from gan_viz.errors import TrainingError, UsageError, reject_unknown
from gan_viz.progress import PERIOD, Progress, Reporter
from gan_viz.registry import PROCESSES

if TYPE_CHECKING:
    from gan_viz.objectives import Objective

T = TypeVar("T")
Note: TypeAlias = Callable[[int], None]
"""Told now and then how many steps a job has made. What it raises ends the job."""
Job: TypeAlias = Callable[[Note], T]
RunKey: TypeAlias = tuple[str, int]
"""Objective, or model without a game, and seed of a run."""

OWN_OPTIONS = ("data", "objectives", "seeds", "record", "every", "jobs", "progress")
MOST_PROCESSES = 8
"""Processes of a race, unless another number is asked for."""
# All three in the time of one step in closed form, in a batch; measured with the default networks.
STEP_COSTS = {"numpy": 1, "autograd": 3}
"""A step in closed form, and one by autograd, of WGAN-GP or with R1, both in a batch."""
ALONE = 20
"""A step of what cannot be stacked with others."""
FRAME = 10
"""A frame recorded."""
TOGETHER = 64
"""Runs whose recordings are open at a time."""
START = 20_000
"""The start of a process, which imports torch."""
IDLE = 300
"""Seconds that worker processes wait for the next race: only the first one pays for their start."""
PATIENCE = 30.0
"""Seconds that a worker process gets to close its recordings."""
_working = threading.Lock()
"""Held by a worker process while it runs a job."""
# NumPy and torch read these when they are imported.  Safe path: no file in the current folder is
# taken for a module of that name while a worker starts.
WORKER_ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "PYTHONSAFEPATH": "1",
}


@checked
def race(
    data: Any = "gaussian",
    objectives: Sequence[str | Objective] = ("non-saturating",),
    seeds: Sequence[int] | str = (0,),
    record: str | os.PathLike[str] = "race",
    *,
    every: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[ToyOptions],
) -> dict[tuple[str, int], Path]:
    """Train the toy 1-D GAN once for each objective and seed, and record each run.

    All GANs of a seed start with the same networks and see the same data and latents. Runs whose
    objectives have closed forms train together, each as it would alone. Long races are shared out
    among the processors; short ones are done before another process would have started. A diffusion
    model or a flow, which plays no game, can take part with a network of its own.

    Parameters
    ----------
    data : optional
        The target distribution, as `gan_viz.target` takes it.
    objectives : sequence of (str or Objective), or str
        Names in `gan_viz.registry.OBJECTIVES`, or your own; or ``diffusion`` and ``flow``. As text
        with commas between them: ``"lsgan,wgan"``.
    seeds : sequence of int, or str
        0 or more. As text with ranges: ``"0-63"``.
    record : path-like
        The folder of the recordings, ``OBJECTIVE-SEED.ganviz``; made if it is not there.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on.
    jobs : int, optional
        Processes to train in at most; by default one per processor, up to 8.
    progress : Progress, optional
        Told how many of the steps of all runs are made.
    **options
        As `gan_viz.train` takes them, except the networks: each run has its own. A diffusion model
        or a flow takes those in `gan_viz.api.transports.TRANSPORT_OPTIONS`.

    Returns
    -------
    dict of (str, int) to pathlib.Path
        The recording of each objective and seed. Where a loss is no longer finite, the recording
        ends before that step and is marked as unfinished; the other runs go on.

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
        A worker process has died; the recordings hold what was written until then.
    """
    from gan_viz.hooks.distributed import writes_here
    from gan_viz.training.threads import threads_for

    reject_unknown("race", options, (*OWN_OPTIONS, *ToyOptions.__annotations__))
    given = {name: value for name, value in options.items() if value is not None}
    seeds = cast("Sequence[int]", seeds)  # `checked` has read what was a text
    own = {one.name: one for one in objectives if not isinstance(one, str)}
    names = [one if isinstance(one, str) else one.name for one in objectives]
    runs = list(product(names, seeds))
    _check(runs, jobs, given)
    paths = {(name, seed): Path(record) / f"{name}-{seed}.ganviz" for name, seed in runs}
    whole = RaceJob(target(data), paths, every, given, own)
    costs = work(whole)
    make_folder(record)
    most = (jobs or processors(MOST_PROCESSES)) if writes_here() and _same_copy(whole.learnt) else 1
    parts = [whole.part(part) for part in share_out(costs, most)]
    toys = [whole.build((name, seeds[0])) for name in names]
    total = len(runs) * toys[0].settings.steps
    gans = [toy.gan for toy in toys if isinstance(toy, Toy)]
    reporter = Reporter(progress, "training", total)

    def note(made: int) -> None:
        if reporter.due(made):
            reporter.report(made, {})

    with threads_for(gans, one=len(parts) > 1):  # alone, a job may use what its networks are worth
        run_jobs(parts, len(parts), note)
    return paths


def run_jobs(jobs: Sequence[Job[T]], n_jobs: int, note: Note) -> list[T]:
    """Run jobs in this process and in others, which stay for `IDLE` seconds to be used again.

    Threads would not do: steps of networks this small are mostly calls, which hold Python's lock.

    Each job calls its `note` now and then with the number of steps it has made; the given `note` is
    told, in this process, the steps made by all together. The first job runs in this process,
    because the others take a second or two to start; so do jobs that cannot be pickled, and all
    that nobody else has begun when this process is free. `n_jobs` are the processes, this one
    included.

    Returns what each job returned, in their order. Raises TrainingError if a process has died, and
    what a job or `note` raised. The other jobs are stopped first: their `note` raises
    KeyboardInterrupt.
    """
    with _shared_counts(len(jobs), n_jobs > 1) as (counts, place):
        sent = _send(jobs, n_jobs - 1, place) if n_jobs > 1 else {}
        running = _Running(jobs, sent, counts, note)
        try:
            return running.results()
        except BrokenProcessPool as error:
            running.stop()
            raise _death(error) from None
        except BaseException:
            running.stop()
            raise


class _Running(Generic[T]):
    """Jobs, some of them sent to other processes."""

    def __init__(
        self,
        jobs: Sequence[Job[T]],
        sent: Mapping[int, Future[T]],
        counts: NDArray[np.int64],
        note: Note,
    ) -> None:
        self._jobs, self._sent, self._counts, self._note = jobs, sent, counts, note

    def results(self) -> list[T]:
        """Run here what was not sent or not begun elsewhere; then wait for the others."""
        found = {}
        for number in range(len(self._jobs)):
            if number not in self._sent or self._sent[number].cancel():
                found[number] = self._run(number)
        while wait(self._sent.values(), PERIOD).not_done:
            self._report()
        for number in self._sent.keys() - found.keys():
            future = self._sent[number]
            found[number] = self._run(number) if _unsendable(future) else future.result()
        self._report()
        return [found[number] for number in range(len(self._jobs))]

    def stop(self) -> None:
        """Let the worker processes close what they record; end those that do not."""
        self._counts[-1] = 1
        for future in self._sent.values():
            future.cancel()
        if wait(self._sent.values(), PATIENCE).not_done:
            get_reusable_executor(reuse=True).shutdown(kill_workers=True)

    def _run(self, number: int) -> T:
        def note(made: int) -> None:
            self._counts[number] = made
            self._report()

        return self._jobs[number](note)

    def _report(self) -> None:
        for future in self._sent.values():
            if future.done() and not future.cancelled() and not _unsendable(future):
                future.result()  # raises at once what went wrong there
        self._note(int(self._counts[:-1].sum()))


@contextmanager
def _shared_counts(jobs: int, shared: bool) -> Iterator[tuple[NDArray[np.int64], str]]:
    """Steps made by each job, and last a flag to stop, in a file that all processes map."""
    if not shared:
        yield np.zeros(jobs + 1, np.int64), ""
        return
    with TemporaryDirectory(prefix="gan_viz-", ignore_cleanup_errors=True) as folder:
        place = os.path.join(folder, "counts")  # noqa: PTH118
        yield np.memmap(place, np.int64, "w+", shape=jobs + 1), place


def _send(jobs: Sequence[Job[T]], workers: int, place: str) -> dict[int, Future[T]]:
    """Give all jobs but the first to other processes."""
    # joblib's own, which a sweep in this process may be given next
    executor = get_memmapping_executor(
        workers, timeout=IDLE, env=WORKER_ENVIRONMENT, initializer=_prepare_worker
    )
    sent = {}
    for number, job in list(enumerate(jobs))[1:]:
        # suppressed: whatever pickling somebody's own object raises
        with suppress(Exception), interrupts_held():
            sent[number] = executor.submit(_work, cloudpickle.dumps(job), number, place)
    return sent


def _unsendable(future: Future[Any]) -> bool:
    """Whether a job could not be unpickled there: then it has not been begun."""
    failed = future.done() and not future.cancelled()
    return failed and isinstance(future.exception(), pickle.PicklingError)


def _prepare_worker() -> None:
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when its parent is gone, as soon as recordings are closed."""
    while os.getppid() == parent:
        time.sleep(1)
    _working.acquire(timeout=PATIENCE)
    os._exit(1)


def _work(packed: bytes, number: int, place: str) -> Any:
    """Run a job in a worker process, until it is told to stop or its parent is gone."""
    try:
        job = pickle.loads(packed)
    except Exception as error:
        raise pickle.PicklingError(str(error)) from error
    parent, counts = os.getppid(), np.memmap(place, np.int64, "r+")

    def note(made: int) -> None:
        counts[number] = made
        if counts[-1] or os.getppid() != parent:
            raise KeyboardInterrupt

    with _working:
        try:
            return job(note)
        except KeyboardInterrupt:
            return None


def _death(error: BaseException) -> TrainingError:
    killed = re.search(r"SIG[A-Z]+", str(error))
    how = f"was ended by {killed[0]}" if killed else "ended"
    return TrainingError(
        f"a process that trains {how} before it was done: maybe memory is short; its "
        "recordings hold what was written; try again, or with one job"
    )


@dataclass(frozen=True)
class RaceJob:
    """Some runs of a race, trained and recorded by one process.

    The `paths` of the recordings are by objective and seed. `every` is as `race` takes it,
    `options` as `gan_viz.api.toy.build_toy`; `objectives` are those that the registry does not
    know, by name.
    """

    learnt: Distribution
    paths: Mapping[RunKey, Path]
    every: int | None
    options: Mapping[str, Any]
    objectives: Mapping[str, Objective] = field(default_factory=dict)

    def build(self, run: RunKey) -> Toy | ToyTransport:
        """Put the GAN or the model of a run together; no file is touched. Raises UsageError."""
        name, seed = run
        if self._plays_no_game(name):
            return build_transport(self.learnt, name, seed=seed, **raced(self.options))
        objective = self.objectives.get(name, name)
        return build_toy(self.learnt, objective=objective, seed=seed, **self.options)

    def part(self, runs: Sequence[RunKey]) -> RaceJob:
        """A job of only some of the runs."""
        return replace(self, paths={run: self.paths[run] for run in runs})

    def __call__(self, note: Note) -> None:
        """Train and record; what is interrupted leaves recordings marked as unfinished."""
        made = 0
        for together in self._groups():
            for now in self._record(together):
                note(made + now)
            made += now

    def _plays_no_game(self, name: str) -> bool:
        return name in PROCESSES and name not in self.objectives

    def _groups(self) -> Iterator[list[RunKey]]:
        """Runs that are trained side by side: GANs, a few at a time, and each other model alone."""
        games = (run for run in self.paths if not self._plays_no_game(run[0]))
        while together := list(islice(games, TOGETHER)):
            yield together
        yield from ([run] for run in self.paths if self._plays_no_game(run[0]))

    def _record(self, runs: Sequence[RunKey]) -> Iterator[int]:
        """Train and record some runs side by side; yield now and then the steps made by all."""
        built = [self.build(run) for run in runs]
        stops = frame_steps(built[0].settings.steps, self.every)
        if isinstance(built[0], ToyTransport):
            yield from record_transport(built[0], self.paths[runs[0]], stops)
            return
        toys = [toy for toy in built if isinstance(toy, Toy)]
        with ExitStack() as recorded:
            recorders = []
            for toy, run in zip(toys, runs, strict=True):
                recorder = toy_recorder(toy, self.paths[run], stops)
                recorders.append(recorded.enter_context(recorder))
            for made in train_together(toys, recorders, stops, [seed for _, seed in runs]):
                yield made * len(toys)


def work(job: RaceJob) -> dict[RunKey, float]:
    """Estimate what each run takes, in steps in closed form.

    Runs that can be trained as one batch are next to one another, and among them those of one
    seed, which draw the same samples. Raises UsageError where a run cannot be made.
    """
    from gan_viz.training import kind_of

    kinds: dict[str, Hashable] = {}
    for name, seed in job.paths:
        seed_sequence(seed)
        if name not in kinds:  # runs of an objective are alike
            toy = job.build((name, seed))
            kinds[name] = kind_of(toy.gan) if isinstance(toy, Toy) else name
    steps = toy.settings.steps
    frames = FRAME * len(frame_steps(steps, job.every))
    works = {}
    for run in sorted(job.paths, key=lambda run: (str(kinds[run[0]]), run[1])):
        kind = kinds[run[0]]
        cost = STEP_COSTS[kind[0]] if isinstance(kind, tuple) else ALONE
        works[run] = float(steps * cost + frames)
    return works


def share_out(works: Mapping[RunKey, float], processes: int) -> list[list[RunKey]]:
    """Share runs out among processes at most, so that all are done as soon as can be.

    Runs next to one another in `works` stay together where they can. Each process has to be worth
    its start twice, except the first, which runs already. None is empty.
    """
    total = sum(works.values())
    parts = max(1, min(processes, len(works), int(total / START) - 1))
    first = (total + (parts - 1) * START) / parts  # of the first; others start with less to do
    shared: list[list[RunKey]] = [[] for _ in range(parts)]
    done = 0.0
    for run, each in works.items():
        middle = done + each / 2
        part = 0 if middle < first else 1 + int((middle - first) / (first - START))
        shared[min(part, parts - 1)].append(run)
        done += each
    return [runs for runs in shared if runs]


def _same_copy(learnt: Distribution) -> bool:
    """Whether another process would get the same distribution.

    ``scipy.stats.Normal(mu=2)`` is unpickled as the standard normal distribution.
    """
    try:
        copy = pickle.loads(pickle.dumps(learnt))
    except Exception:  # noqa: BLE001 - whatever a user's own distribution raises
        return False
    one, other = (each.sample(8, np.random.default_rng(0)) for each in (learnt, copy))
    return bool(np.array_equal(one, other))


def _check(runs: Sequence[RunKey], jobs: int | None, options: Mapping[str, Any]) -> None:
    if not runs or len(set(runs)) < len(runs):
        raise UsageError(
            f"a race of {len(runs)} runs: expected at least one objective and one seed, none twice"
        )
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs {jobs}: expected a positive whole number of processes")
    for name in ("objective", "seed"):
        if options.get(name) is not None:
            raise UsageError(f"{name} {options[name]!r}: a race has several; give {name}s=...")
    for name in ("generator", "discriminator"):
        if options.get(name) is not None:
            raise UsageError(
                f"{name}: the runs of a race cannot share a network; give hidden=... instead"
            )

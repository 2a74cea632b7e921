"""A race in several processes: the same recordings, the same errors, nothing left behind."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_viz.api import races as module
from gan_viz.api.races import RaceJob, race, run_jobs, share_out, work
from gan_viz.distributions import SHORT_NAMES, target
from gan_viz.errors import RecordingError, TrainingError, UnknownNameError
from gan_viz.recording import Recording

SMALL: dict[str, Any] = {"steps": 24, "batch": 16, "hidden": (4,)}
# a worker cannot import this file: pytest finds it in its own way
cloudpickle.register_pickle_by_value(sys.modules[__name__])
RUNS = [("hinge", 0), ("hinge", 1), ("wgan-gp", 0)]


@pytest.fixture
def job(tmp_path: Path) -> RaceJob:
    paths = {(name, seed): tmp_path / f"{name}-{seed}.ganviz" for name, seed in RUNS}
    return RaceJob(target("bimodal"), paths, 8, SMALL)


def counting(note: Callable[[int], None]) -> int:
    """A job of three steps that tells which process it ran in."""
    for made in range(1, 4):
        note(made)
    return os.getpid()


def slow(note: Callable[[int], None]) -> int:
    """A job that begins elsewhere before the first is done."""
    time.sleep(0.5)
    return counting(note)


class Waiting:
    """A job that goes on until it is stopped, and then leaves a file."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __call__(self, note: Callable[[int], None]) -> None:
        self.place.with_suffix(".begun").touch()
        try:
            while True:
                note(1)
                time.sleep(0.02)
        finally:
            self.place.touch()


class AfterBeginning:
    """A job that fails, or whatever it is told to do, when a file is there."""

    def __init__(self, place: Path, does: Callable[[], Any]) -> None:
        self.place, self.does = place, does

    def __call__(self, note: Callable[[int], None]) -> None:
        deadline = time.monotonic() + 120
        while not self.place.exists() and time.monotonic() < deadline:
            note(1)
            time.sleep(0.02)
        self.does()


def die() -> None:
    os.kill(os.getpid(), 9)


def fail() -> None:
    raise UnknownNameError("objective", "hnige", ["hinge"])


def interrupt() -> None:
    raise KeyboardInterrupt


def test_jobs_run_here_and_elsewhere_and_return_in_order() -> None:
    told: list[int] = []
    found = run_jobs([slow, counting, slow, counting], 2, told.append)
    assert found[0] == os.getpid()
    assert len(found) == 4
    assert told == sorted(told)
    assert told[-1] == 12
    assert run_jobs([counting, counting], 1, told.append) == [os.getpid()] * 2


def test_what_cannot_be_pickled_runs_here() -> None:
    lock = threading.Lock()

    def own(note: Callable[[int], None]) -> int:
        with lock:
            return counting(note)

    told: list[int] = []
    assert run_jobs([slow, own], 2, told.append) == [os.getpid()] * 2
    assert told[-1] == 6


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize(
    ("does", "expected", "message"),
    [
        (die, TrainingError, "ended by SIGKILL before.*with one job"),
        (fail, UnknownNameError, "^unknown objective 'hnige': did you mean 'hinge'"),
    ],
)
def test_what_goes_wrong_elsewhere_ends_the_job_here(
    does: Callable[[], Any], expected: type[Exception], message: str, tmp_path: Path
) -> None:
    here = Waiting(tmp_path / "here")
    with pytest.raises(expected, match=message):
        run_jobs([here, AfterBeginning(tmp_path / "here.begun", does)], 2, lambda made: None)
    assert here.place.exists()


@pytest.mark.parametrize(("does", "expected"), [(interrupt, KeyboardInterrupt), (fail, Exception)])
def test_what_goes_wrong_here_stops_the_others_gently(
    does: Callable[[], Any], expected: type[BaseException], tmp_path: Path
) -> None:
    there = Waiting(tmp_path / "there")
    with pytest.raises(expected):
        run_jobs([AfterBeginning(tmp_path / "there.begun", does), there], 2, lambda made: None)
    assert there.place.exists()


class NotThere:
    """A job that only this process can unpickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return __import__, (f"module_of_process_{os.getpid()}",)

    def __call__(self, note: Callable[[int], None]) -> int:
        return counting(note)


def test_what_cannot_be_unpickled_elsewhere_runs_here() -> None:
    assert run_jobs([slow, NotThere()], 2, lambda made: None) == [os.getpid()] * 2


ORPHANS = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_race_jobs import AfterBeginning, Waiting, die
from gan_viz.api.races import run_jobs
place = Path({place!r})
run_jobs([AfterBeginning(place.with_suffix(".begun"), die), Waiting(place)], 2, print)
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_workers_end_with_this_process(tmp_path: Path) -> None:
    """Nor does a script need a guard: the workers do not run it."""
    place = tmp_path / "there"
    script = tmp_path / "script.py"
    script.write_text(ORPHANS.format(tests=str(Path(__file__).parent), place=str(place)))
    # its output ends when the last process that could write there has ended
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, timeout=120)
    assert ended.returncode == -9
    assert place.exists()


def test_two_processes_record_what_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START", 1)  # else a race this small is never shared out
    here: list[int] = []
    call = RaceJob.__call__
    monkeypatch.setattr(
        RaceJob, "__call__", lambda job, note: (here.append(len(job.paths)), call(job, note))[1]
    )
    told: list[int] = []
    recorded = []
    for jobs in (1, 2):
        paths = race(
            [0.0, 1.0, 5.0],
            ["hinge", "lsgan"],
            [0, 1],
            tmp_path / str(jobs),
            every=8,
            jobs=jobs,
            progress=lambda task, done, total, figures: told.append(done),
            **SMALL,
        )
        assert told[-1] == 4 * SMALL["steps"]
        for path in paths.values():
            with Recording(path) as recording:
                assert recording.complete
                assert recording.steps.tolist() == [0, 8, 16, 24]
                frames = list(recording.frames("generator"))
                recorded.append([*np.ravel(frames), *recording.scalars["d_loss"].values])
    one, other = np.array(recorded).reshape(2, 4, -1)
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
    assert here[0] == 4
    assert here[1] < 4


def test_an_interrupted_job_leaves_whole_recordings(job: RaceJob) -> None:
    def note(made: int) -> None:
        raise KeyboardInterrupt

    endless = RaceJob(job.learnt, job.paths, 8, {**SMALL, "steps": 10**6}).part(RUNS[2:])
    with pytest.raises(KeyboardInterrupt):
        endless(note)
    with Recording(job.paths[RUNS[2]]) as recording:
        assert not recording.complete
        assert recording.steps[-1] == recording.scalars["d_loss"].steps[-1] < 10**6


def test_a_job_is_the_same_elsewhere(job: RaceJob) -> None:
    copy = pickle.loads(pickle.dumps(job))
    assert copy.paths == job.paths
    told: list[int] = []
    copy(told.append)
    assert told[-1] == len(RUNS) * SMALL["steps"]
    for path in job.paths.values():
        with Recording(path) as recording:
            assert recording.complete


def test_an_interrupted_model_without_a_game_leaves_a_whole_recording(tmp_path: Path) -> None:
    def note(made: int) -> None:
        if made == 20:
            raise KeyboardInterrupt

    path = tmp_path / "flow.ganviz"
    with pytest.raises(KeyboardInterrupt):
        RaceJob(target("bimodal"), {("flow", 0): path}, 8, SMALL)(note)
    with Recording(path) as recording:
        assert not recording.complete
        assert recording.steps.tolist() == [0, 8, 16]
        assert recording.scalars["loss"].steps[-1] == 20


@pytest.mark.skipif(os.name != "posix", reason="POSIX limits")
def test_a_race_needs_no_more_open_files_than_its_runs_at_a_time(tmp_path: Path) -> None:
    code = (
        "import resource, gan_viz; from gan_viz.api import races; races.TOGETHER = 8; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)); "
        f"paths = gan_viz.race(seeds=range(60), record={str(tmp_path / 'r')!r}, steps=4, batch=4); "
        "print(sum(gan_viz.Recording(path).complete for path in paths.values()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["60"], done.stderr


@pytest.mark.parametrize("error", [UnknownNameError("a", "b", "c"), RecordingError("no disk")])
def test_errors_survive_the_way_between_processes(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)


@settings(max_examples=60)
@given(
    st.lists(st.floats(1, 1e6), min_size=1, max_size=40),
    st.integers(1, 9),
    st.sampled_from([1.0, 2e4]),
)
def test_every_run_is_trained_by_one_process(each: list[float], jobs: int, start: float) -> None:
    works = {("hinge", seed): work for seed, work in enumerate(each)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "START", start)
        shared = share_out(works, jobs)
    assert [run for runs in shared for run in runs] == [*works]
    assert 1 <= len(shared) <= jobs
    assert all(shared)
    total = sum(each)
    if total < 3 * start:
        assert len(shared) == 1
    shares = [sum(works[run] for run in runs) for runs in shared]
    parts = max(1, min(jobs, len(each), int(total / start) - 1))
    assert max(shares) <= (total + (parts - 1) * start) / parts + max(each)


def test_runs_of_a_kind_and_of_a_seed_stay_together(job: RaceJob) -> None:
    paths = {(name, seed): Path() for name in ("wgan-gp", "lsgan", "hinge") for seed in (0, 1)}
    works = work(RaceJob(job.learnt, paths, 24, SMALL))
    penalized, closed = (
        [run for run in works if (run[0] == "wgan-gp") is wanted] for wanted in (True, False)
    )
    assert [*works] in ([*penalized, *closed], [*closed, *penalized])
    assert [seed for _, seed in closed] == [0, 0, 1, 1]
    assert penalized == [("wgan-gp", 0), ("wgan-gp", 1)]
    assert works[penalized[0]] > 1.5 * works[closed[0]]


OTHERS = [stats.norm(3, 1), stats.gamma(2), np.linspace(0, 1, 9) ** 2]


@pytest.mark.parametrize("data", [*SHORT_NAMES, *OTHERS])
def test_targets_are_the_same_elsewhere(data: Any) -> None:
    assert module._same_copy(target(data))


def test_a_distribution_that_scipy_does_not_copy_stays_here() -> None:
    assert not module._same_copy(target(stats.Normal(mu=2.0)))


def test_joblib_uses_the_same_workers_afterwards() -> None:
    assert run_jobs([lambda note: 1, lambda note: 2], 2, lambda made: None) == [1, 2]
    assert joblib.Parallel(n_jobs=2)([joblib.delayed(abs)(-1), joblib.delayed(abs)(-2)]) == [1, 2]

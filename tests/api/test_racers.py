"""A race in several processes: the same recordings, the same errors, nothing left behind."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from multiprocessing.connection import Pipe
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_viz.api import racer, racers, sharing
from gan_viz.api.heats import Heat
from gan_viz.api.racing import race
from gan_viz.distributions import SHORT_NAMES, target
from gan_viz.errors import TrainingError, UnknownNameError
from gan_viz.recording import Recording

SMALL: dict[str, Any] = {"steps": 24, "batch": 16, "hidden": (4,)}
RUNS = [("hinge", 0), ("hinge", 1), ("wgan-gp", 0)]

posix = pytest.mark.skipif(os.name != "posix", reason="trains in this process there")


@pytest.fixture
def heat(tmp_path: Path) -> Heat:
    paths = {(name, seed): tmp_path / f"{name}-{seed}.ganviz" for name, seed in RUNS}
    return Heat(target("bimodal"), paths, 8, SMALL)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[str, int]]]:
    """The runs of each heat that this process trains; a process costs nothing to start."""
    trained, train = [], Heat.train

    def counted(self: Heat, *arguments: Any) -> None:
        trained.append([*self.paths])
        train(self, *arguments)

    monkeypatch.setattr(Heat, "train", counted)
    monkeypatch.setattr(sharing, "START", 1)
    return trained


@posix
def test_two_processes_record_what_one_does(tmp_path: Path, here: list[Any]) -> None:
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
    alone, shared = here
    assert len(alone) == 4
    assert 0 < len(shared) < 4


CHILD = """
import os, sys
from multiprocessing.connection import Connection
_, descriptor, *sys.path = sys.argv
with Connection(int(descriptor)) as parent:
    parent.recv_bytes()
"""
BEGINS = """
    parent.send(0)
"""
FAILS = """
    from gan_viz.api.racer import Failure
    from gan_viz.errors import UnknownNameError
    parent.send(Failure(UnknownNameError, ("unknown objective 'hnige'",), "trace of the child"))
"""
DIES = """
    os.kill(os.getpid(), 9)
"""


@posix
@pytest.mark.parametrize(
    ("does", "expected", "message"),
    [
        (BEGINS + DIES, TrainingError, "ended by SIGKILL before.*with one job"),
        (BEGINS + FAILS, UnknownNameError, "^unknown objective 'hnige'"),
    ],
    ids=["dies", "fails"],
)
def test_what_goes_wrong_there_is_raised_here(
    does: str,
    expected: type[Exception],
    message: str,
    tmp_path: Path,
    here: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(racers, "_BOOT", CHILD + does)
    with pytest.raises(expected, match=message):
        race("gaussian", ["hinge"], [0, 1, 2], tmp_path, jobs=2, **{**SMALL, "steps": 40_000})
    (ours,) = here
    for name, seed in ours:
        with Recording(tmp_path / f"{name}-{seed}.ganviz") as recording:
            assert recording.complete  # as if it had been interrupted
            assert recording.steps[-1] < 40_000
    assert len([*tmp_path.iterdir()]) == len(ours)


@posix
@pytest.mark.parametrize("does", [DIES, FAILS], ids=["dies", "fails"])
def test_what_cannot_begin_there_is_trained_here(
    does: str, tmp_path: Path, here: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racers, "_BOOT", CHILD + does)
    paths = race("gaussian", ["hinge"], [0, 1, 2], tmp_path, jobs=2, **SMALL)
    assert sorted(run for runs in here for run in runs) == sorted(paths)
    assert len(here) == 2
    for path in paths.values():
        with Recording(path) as recording:
            assert recording.complete


def test_the_other_process_tells_how_far_it_is(heat: Heat) -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        ours.send_bytes(pickle.dumps(heat))
        racer.main(str(os.dup(theirs.fileno())))
        told = [ours.recv() for _ in iter(ours.poll, False)]
    assert told[0] == 0
    assert told[-2:] == [heat.steps(heat.build()), None]
    for path in heat.paths.values():
        with Recording(path) as recording:
            assert recording.complete
            assert recording.steps.tolist() == [0, 8, 16, 24]


def test_the_other_process_tells_what_went_wrong(heat: Heat) -> None:
    heat = heat._replace(options={"steps": 0})
    ours, theirs = Pipe()
    with ours, theirs:
        ours.send_bytes(pickle.dumps(heat))
        racer.main(str(os.dup(theirs.fileno())))
        error = ours.recv().revived()
    with pytest.raises(type(error), match="steps"):
        heat.build()
    assert "heat.build" in error.__notes__[0]
    assert not any(path.exists() for path in heat.paths.values())


def test_the_other_process_ends_with_this_one(heat: Heat) -> None:
    slow = heat.part(RUNS[2:])._replace(options={**SMALL, "steps": 10**6})
    ours, theirs = Pipe()
    with theirs:
        trains = Thread(target=racer.main, args=[str(os.dup(theirs.fileno()))])
        ours.send_bytes(pickle.dumps(slow))
        trains.start()
        assert ours.recv() == 0
        assert ours.recv() > 0
    ours.close()
    trains.join(10)
    assert not trains.is_alive()
    with Recording(slow.paths[RUNS[2]]) as recording:
        assert recording.complete
        assert 0 < recording.steps[-1] < 10**6


@settings(max_examples=60)
@given(
    st.lists(st.floats(1, 1e6), min_size=1, max_size=40),
    st.integers(1, 9),
    st.sampled_from([1.0, 2e4]),
)
def test_every_run_is_trained_by_one_process(each: list[float], jobs: int, start: float) -> None:
    works = {("hinge", seed): work for seed, work in enumerate(each)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "START", start)
        shared = sharing.share_out(works, jobs)
    assert [run for runs in shared for run in runs] == [*works]
    assert 1 <= len(shared) <= jobs
    assert all(shared)
    total = sum(each)
    if total < 3 * start:
        assert len(shared) == 1
    shares = [sum(works[run] for run in runs) for runs in shared]
    parts = max(1, min(jobs, len(each), int(total / start) - 1))
    assert max(shares) <= (total + (parts - 1) * start) / parts + max(each)


def test_runs_of_a_kind_and_of_a_seed_stay_together(heat: Heat) -> None:
    paths = {(name, seed): Path() for name in ("wgan-gp", "lsgan", "hinge") for seed in (0, 1)}
    works = sharing.work(heat._replace(paths=paths).build(), 24)
    *closed, first, second = works
    assert [seed for _, seed in closed] == [0, 0, 1, 1]
    assert (first, second) == (("wgan-gp", 0), ("wgan-gp", 1))
    assert works[first] > 4 * works[closed[0]]


OTHERS = [stats.norm(3, 1), stats.Normal(mu=2.0), stats.gamma(2), np.linspace(0, 1, 9) ** 2]


@pytest.mark.parametrize("data", [*SHORT_NAMES, *OTHERS])
def test_every_target_can_be_sent(data: Any) -> None:
    learnt = target(data)
    packed = racers._packed(Heat(learnt, {}, None, {}))
    if packed is None:
        assert "Normal" in learnt.label  # of scipy, whose copies are another distribution
        return
    theirs = pickle.loads(packed).learnt
    draws = [each.sample(5, np.random.default_rng(0)) for each in (learnt, theirs)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert theirs.describe() == learnt.describe()


@dataclass
class Own:
    """Stands for something that the user's script defines."""

    value: object = 1


@pytest.mark.parametrize("value", [Own(), Own, lambda: 1], ids=["instance", "class", "function"])
def test_what_only_the_script_knows_is_not_sent(
    value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Own, "__module__", "__main__")
    assert racers._packed(Heat(target("gaussian"), {}, None, {"hidden": value})) is None

"""A process that records is killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from gan_viz.recording import Recording

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

RECORD = """
import random, sys, time
import numpy as np
from gan_viz.recording import Writer

path, seed = sys.argv[1], int(sys.argv[2])
chance = random.Random(seed)

def say(*words):
    print(time.monotonic(), *words, flush=True)

writer = Writer(path, {"seed": seed})
writer.add_channel("small", (3,), "float64")
writer.add_channel("large", (chance.choice([10, 3000, 300_000]),), "int32")
pause = chance.choice([0.002, 0.02, 0.3])
step = 1
say("ready")
while True:
    arrays = {"small": np.full(3, step)}
    if step % 2 == 0:
        arrays["large"] = np.full(writer._channels["large"][1].shape, step, np.int32)
    writer.write_frame(step, arrays)
    say("frame", step)
    writer.write_scalars([step - 1, step], {"loss": [0.5 * step - 0.5, 0.5 * step]})
    say("scalar", step)
    if chance.random() < 0.02:
        writer.flush()
    if chance.random() < 0.02:
        time.sleep(chance.uniform(0.5, 1.0))
    step += 1
    time.sleep(chance.random() * pause)
"""

REPLACE = """
import random, sys, time
from gan_viz.recording import Writer

path, seed = sys.argv[1], int(sys.argv[2])
chance, run = random.Random(seed), 0
while True:
    run += 1
    with Writer(path, {"run": run}) as writer:
        for step in range(chance.randrange(200)):
            writer.write_frame(step, {})
        writer.write_scalars([run], {"run": [run]})
    print(time.monotonic(), "complete", run, flush=True)
"""


FORKS = """
import os, sys
import numpy
from gan_viz.recording import Writer

program, number = sys.argv[1], 0
for line in sys.stdin:
    sys.argv[1:] = line.split()
    number += 1
    process = os.fork()
    if not process:
        os.dup2(os.open(sys.argv[1] + ".said", os.O_WRONLY | os.O_CREAT), 1)
        exec(program, {})
    print(process, flush=True)
print(*(os.wait()[1] for _ in range(number)))
"""
"""Runs a program with each line of words, in forks that need not import anything anew."""


def kill_at_random(process: int, said: Path, seed: int, longest: float) -> tuple[float, list[str]]:
    """Let a process run for a while; return when it was killed and what it had said."""
    chance = random.Random(seed)
    begun = chance.random() < 0.9
    while begun and not (said.exists() and said.stat().st_size):
        time.sleep(0.01)
    time.sleep(chance.uniform(0.05, longest))
    moment = time.monotonic()
    os.kill(process, signal.SIGKILL)
    lines = said.read_text().splitlines(keepends=True) if said.exists() else []
    return moment, [line for line in lines if line.endswith("\n")]  # the kill may cut the last one


def kill_many(tmp_path: Path, program: str, number: int, longest: float):
    paths = [tmp_path / f"{seed}.ganviz" for seed in range(number)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    start = threading.Lock()
    with (
        subprocess.Popen([sys.executable, "-c", FORKS, program], **pipes) as forks,
        ThreadPoolExecutor(25) as pool,
    ):

        def killed(seed: int, path: Path) -> tuple[float, list[str]]:
            with start:
                print(path, seed, file=forks.stdin, flush=True)
                process = int(forks.stdout.readline())
            return kill_at_random(process, path.with_suffix(".ganviz.said"), seed, longest)

        jobs = [pool.submit(killed, seed, path) for seed, path in enumerate(paths)]
        found = [(path, *job.result()) for path, job in zip(paths, jobs, strict=True)]
        ended, _ = forks.communicate()
    assert ended.split() == [str(int(signal.SIGKILL))] * number  # none had ended by itself
    return found


def play(path: Path) -> tuple[set[int], set[int]]:
    """Read all of a recording and see that it is consistent; return the steps that it has."""
    with Recording(path) as recording:
        assert not recording.complete
        steps = recording.steps.tolist()
        for frame, step in enumerate(steps):
            assert (recording.array("small", frame) == step).all()
            assert recording.has("large", frame) == (step % 2 == 0)
        if "large" in recording.channels:  # else it was killed before the first commit
            assert all((array == array[0]).all() for array in recording.frames("large"))
        scalars = recording.scalars["loss"] if recording.scalars else None
        if scalars:
            assert (scalars.values == 0.5 * scalars.steps).all()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return set(steps), set(scalars.steps.tolist() if scalars else ())


def test_a_killed_recording_holds_what_was_acknowledged(tmp_path, record_testsuite_property):
    lost = []
    for path, moment, said in kill_many(tmp_path, RECORD, 54, longest=3.0):
        if not path.exists():
            assert not said  # not even the constructor had returned
            continue
        frames, scalars = play(path)
        events = [line.split() for line in said]
        for instant, what, *number in events:
            step = int(number[0]) if number else 0
            if what in ("frame", "scalar"):
                there = step in (frames if what == "frame" else scalars)
                lost.append(0.0 if there else moment - float(instant))
    assert len(lost) > 1000
    assert max(lost) < 2.0
    record_testsuite_property("oldest lost write (s)", max(lost))


def test_a_recording_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    replaced = 0
    for path, _, said in kill_many(tmp_path, REPLACE, 30, longest=0.5):
        if path.exists():
            with Recording(path) as recording:
                run = recording.header["run"]
                assert recording.complete or run == 1
                if recording.complete:
                    assert recording.scalars["run"].values.tolist() == [run]
            last = int(said[-1].split()[2]) if said else 0
            assert last <= run <= last + 1
            replaced += run > 1
    assert replaced > 2  # on a busy machine few get so far

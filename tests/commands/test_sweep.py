"""``gan-viz sweep`` and ``gan-viz atlas`` as a user calls them."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from gan_viz.recording import Recording
from gan_viz.sweeps import SweepResults

Done = subprocess.CompletedProcess[str]
GRID = "objective=lsgan,hinge; g_lr=1e-3,1e-2; seed=0-1"


def call(*words: str, cwd: Path) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "gan_viz", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    options = ["--steps", "10", "--table", "runs.csv", "--record", "3:one.ganviz"]
    done = call("sweep", "--grid", GRID, *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "sweep.db: 8 done" in done.stderr
    assert "runs.csv: a row for each run" in done.stderr
    return folder


def test_a_sweep_leaves_results_a_table_and_a_recording(place: Path) -> None:
    assert sorted(path.name for path in place.iterdir()) == ["one.ganviz", "runs.csv", "sweep.db"]
    rows = [*SweepResults(place / "sweep.db").rows()]
    with (place / "runs.csv").open(newline="") as file:
        table = [*csv.DictReader(file)]
    assert [row["w1"] for row in table] == [str(row["w1"]) for row in rows]
    with Recording(place / "one.ganviz") as recording:
        assert recording.header["objective"]["name"] == rows[3]["objective"]
        assert recording.header["settings"]["g_lr"] == rows[3]["g_lr"]


@pytest.mark.parametrize(
    "words",
    [("--out", "a.png"), ("--out", "a.gif", "--fps", "5"), ("--out", "c.png", "--curves")],
)
def test_its_pictures(
    words: tuple[str, ...], place: Path, tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    results = str(place / "sweep.db")
    done = call_here("gan_viz", "atlas", results, *words, "--size", "480x320")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / words[1]) as picture:
        assert picture.size == (480, 320)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sweep", "--grid", "seed=0"), "sweep.db is there already"),
        (("sweep", "--grid", "sed=0"), "did you mean 'seed'"),
        (("sweep", "--grid", "seed=0", "--random", "3", "--latin", "3"), "exclude one another"),
        (("sweep", "--grid", "g_lr=log(1e-4,1e-2)", "--out", "x.db"), "random or latin"),
        (("sweep", "--grid", "seed=0", "--out", "x.db", "--random", "0"), "a random sample of 0"),
        (("sweep", "--grid", "seed=0", "--out", "x.db", "--table", "t.txt"), ".csv or .parquet"),
        (("sweep", "--grid", "seed=0", "--out", "x.db", "--record", "best"), "ID:FILE.ganviz"),
        (("sweep", "--grid", "seed=0", "--out", "x.db", "--record", "1:r.ganviz"), "run 1"),
        (("atlas", "sweep.db", "--value", "loss"), "unknown value 'loss'"),
        (("atlas", "sweep.db", "--curves", "--x", "g_lr"), "expected --by alone"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    words: tuple[str, ...], said: str, place: Path, tmp_path: Path, call_here: Callable[..., Done]
) -> None:
    shutil.copy(place / "sweep.db", tmp_path)
    done = call_here("gan_viz", *words)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.db"]


def test_why_runs_could_not_be_made_is_told(call_here: Callable[..., Done]) -> None:
    grid = "objective=lsgan,pacgan; batch=8,9,10; hidden=4; seed=0"
    done = call_here("gan_viz", "sweep", "--grid", grid, "--steps", "2", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "5 done, 1 failed" in done.stderr
    assert "run 4 could not be made: batch 9: expected a multiple of 2" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    words = ["sweep", "--grid", "seed=0-2000", "--steps", "2000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gan_viz", *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "sweep.db-wal").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3)  # workers are at their tasks
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "--resume continues" in error
    assert "Traceback" not in error
    assert len(SweepResults(tmp_path / "sweep.db")) == 2001

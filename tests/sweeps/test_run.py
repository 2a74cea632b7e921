"""Sweeps: spread, killed, resumed, and the same on every backend."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

import gan_viz
from gan_viz.errors import OutputError, RecordingError, TrainingError, UsageError
from gan_viz.sweeps import SweepResults, run, sweep
from gan_viz.sweeps.cells import Summary
from gan_viz.sweeps.store import SweepWriter

GRID = "objective=non-saturating,wgan-gp; g_lr=1e-3,1e-2; seed=0-7"
LIGHT = "objective=non-saturating,lsgan; g_lr=1e-3,1e-2; seed=0-7"  # needs no PyTorch
SCRIPT = """
import sys
import gan_viz
if __name__ == "__main__":
    gan_viz.sweep(sys.argv[1], sys.argv[2], steps=int(sys.argv[3]), backend=sys.argv[4] or None,
                  jobs=int(sys.argv[5]) or None, resume=True,
                  progress=lambda task, done, total, figures: print(done, flush=True))
"""


def in_another_process(out: Path, backend: str = "", jobs: int = 0) -> subprocess.Popen[str]:
    script = out.with_suffix(".py")
    script.write_text(SCRIPT)
    words = [sys.executable, str(script), LIGHT, str(out), "30", backend, str(jobs)]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one process finds."""
    out = tmp_path_factory.mktemp("sweep") / "here.db"
    return [*sweep(GRID, out, steps=30, jobs=1).rows()]


def test_the_rows_hold_settings_and_figures(rows: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in rows] == list(range(32))
    assert {row["status"] for row in rows} == {"done"}
    assert rows[0].items() >= {"objective": "non-saturating", "g_lr": 1e-3, "seed": 0}.items()
    assert all(row["steps"] == row["steps_made"] == 30 for row in rows)
    assert all(0 < row["w1_best"] <= row["w1"] < math.inf for row in rows)


@pytest.fixture(scope="module")
def light_rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one process finds, of other objectives."""
    out = tmp_path_factory.mktemp("sweep") / "light.db"
    return [*sweep(LIGHT, out, steps=30, jobs=1).rows()]


@pytest.mark.parametrize(("backend", "library"), [("dask", "distributed"), ("ray", "ray")])
def test_every_backend_finds_the_same(
    backend: str, library: str, light_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    pytest.importorskip(library)
    out = tmp_path / "there.db"
    for _ in range(2):  # Ray gives itself 30 s to start, which a busy machine may not keep
        process = in_another_process(out, backend)
        said, error = process.communicate()
        if "timed out during startup" not in error:
            break
    assert process.returncode == 0, error
    assert "32" in said.splitlines()  # among what the backend prints, also when it ends
    assert [*SweepResults(out).rows()] == light_rows


def test_a_killed_sweep_goes_on_where_it_was(
    light_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "killed.db"
    process = in_another_process(out, jobs=1)
    assert process.stdout is not None
    assert process.stdout.readline() == "16\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert SweepResults(out).counts.get("done", 0) >= 16
    assert "planned" in repr(SweepResults(out)) or SweepResults(out).counts["done"] == 32
    made: list[int] = []
    found = sweep(
        LIGHT, out, steps=30, jobs=1, resume=True, progress=lambda _, done, *rest: made.append(done)
    )
    assert made in ([32], [])
    assert [*found.rows()] == light_rows
    assert not [*tmp_path.glob("killed.db-*")]


DIES = """
import os, signal, sys
from pathlib import Path
if "popen_loky" in " ".join(sys.orig_argv):
    try:
        Path(__file__).with_name("died").touch(exist_ok=False)
    except FileExistsError:
        pass
    else:
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""What Python runs when it starts: the first worker of all does not live."""


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_task_whose_worker_dies_is_tried_again(
    rows: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(DIES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    get_reusable_executor().shutdown()  # whose workers have started
    results = sweep(GRID, tmp_path / "died.db", steps=30, jobs=2, backend="loky")
    assert (tmp_path / "died").exists()
    assert [*results.rows()] == rows


def test_a_task_that_always_kills_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise run.TerminatedWorkerError("gone")

    monkeypatch.setattr(run, "_unordered", dies)
    monkeypatch.setattr(run.time, "sleep", lambda _: None)
    with pytest.raises(TrainingError, match=r"died 3 times, so 2 runs are not done.*--resume"):
        sweep("seed=0-1", tmp_path / "s.db", steps=5, jobs=1)
    assert SweepResults(tmp_path / "s.db").counts == {"planned": 2}


def test_an_interrupt_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain: Callable[..., list[Summary]] = run.train_cells
    calls: list[int] = []

    def second_interrupts(*arguments: Any) -> list[Summary]:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(*arguments)

    monkeypatch.setattr(run, "train_cells", second_interrupts)
    with pytest.raises(KeyboardInterrupt):
        sweep("seed=0-31", tmp_path / "s.db", steps=5, jobs=1)
    assert SweepResults(tmp_path / "s.db").counts == {"done": 16, "planned": 16}


def test_a_run_can_be_recorded_whole(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    results = sweep("g_lr=1e-3,1e-2; seed=3", tmp_path / "s.db", steps=30, jobs=1, data="bimodal")
    record = gan_viz.record_run(results, 1, tmp_path / "one.ganviz")
    with gan_viz.Recording(record) as recording:
        assert recording.header["settings"]["g_lr"] == 1e-2
        assert recording.header["seed"] == 3
    found = gan_viz.metrics(record)[-1]["w1_relative"]
    assert found == pytest.approx([*results.rows()][1]["w1"], rel=0.01)
    with pytest.raises(UsageError, match=r"run 2: .* has runs 0 to 1"):
        gan_viz.record_run(results, 2, tmp_path / "two.ganviz")


@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        ("seed=0", {"thme": 1}, "no option 'thme'"),
        ("objective=lsgna", {}, "did you mean 'lsgan'"),
        ("data=nrom(0,1)", {}, "nrom"),
        ("d_steps=0", {}, "d_steps 0"),
        ("seed=0", {"jobs": 0}, "jobs 0"),
        ("seed=0", {"backend": "slurm"}, "expected loky, dask, ray"),
        ("seed=0", {"address": "tcp://x:1"}, "expected it beside"),
        ("optimizer=adm", {}, "adam"),
        ("hidden=0", {}, "layer widths"),
        ("seed=0", {"steps": 0}, "steps 0"),
        ("steps=5; seed=0", {}, "steps is in the grid and beside it"),
        ("seed=0", {"number": 3}, "expected it beside a sample"),
        ("g_lr=1e-3,1e30", {}, "g_lr 1e.30: a sweep cannot keep"),
        ({"seed": [2**200]}, {}, "a sweep cannot keep"),
        ({"seed": [1.5]}, {}, r"seed \[1.5\]: expected a sequence of whole numbers"),
        ({"r1": [None, 0.1]}, {}, "r1 None"),
        ({"objective": [object()]}, {}, r"objective \[<object"),
        ({"seed": 3}, {}, "expected text or a mapping to a sequence of values or a Range"),
        ("seed=0", {"data": np.zeros(9)}, "data array"),
    ],
)
def test_what_no_run_could_use_is_refused_before_any_is_made(
    settings: Any, options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        sweep(settings, tmp_path / "s.db", **{"steps": 5, "jobs": 1, **options})
    assert not [*tmp_path.iterdir()]


def test_values_of_numpy_and_paths_are_kept_as_plain_ones(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "d.txt", np.random.default_rng(0).normal(size=200))
    grid = {
        "data": (place for place in [tmp_path / "d.txt"]),
        "g_lr": np.geomspace(1e-3, 1e-2, 2),
        "hidden": [(4,), np.array([4, 4])],
        "seed": np.arange(2),
    }
    rows = [*sweep(grid, tmp_path / "s.db", steps=np.int64(4), jobs=1).rows()]
    assert [row["seed"] for row in rows] == [0, 1] * 4
    assert {row["hidden"] for row in rows} == {"4", "4+4"}
    assert {row["status"] for row in rows} == {"done"}


def test_somebody_who_reads_does_not_spoil_the_end(tmp_path: Path) -> None:
    writer = SweepWriter(tmp_path / "s.db", [{"seed": 0}], {})
    writer._connection.execute("PRAGMA busy_timeout = 0")
    writer.put([(0, Summary(figures={"modes": 1, "modes_covered": 1}))])
    with closing(sqlite3.connect(tmp_path / "s.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM cells").fetchone()
        writer.close()
    assert SweepResults(tmp_path / "s.db").counts == {"done": 1}


def test_what_cannot_be_begun_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: SweepWriter, *_: object) -> None:
        self._connection.execute("PRAGMA max_page_count = 2")
        begin(self, [{"seed": k} for k in range(999)], {})

    begin = SweepWriter._begin
    monkeypatch.setattr(SweepWriter, "_begin", full)
    with pytest.raises(OutputError, match="cannot be written: database or disk is full"):
        sweep("seed=0", tmp_path / "s.db", steps=2, jobs=1)
    assert not [*tmp_path.iterdir()]


def test_another_sweep_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "s.db"
    first = [*sweep("seed=0-1", out, steps=5, jobs=1).rows()]
    with pytest.raises(UsageError, match="is there already"):
        sweep("seed=0-1", out, steps=5, jobs=1)
    for settings, steps in (("seed=0-2", 5), ("seed=1-2", 5), ("seed=0-1", 6)):
        with pytest.raises(UsageError, match="holds another sweep"):
            sweep(settings, out, steps=steps, jobs=1, resume=True)
    assert [*SweepResults(out).rows()] == first


def test_what_is_no_sweep_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        SweepResults(tmp_path / "s.db")
    (tmp_path / "text.db").write_text("seed,w1\n" * 100)
    with pytest.raises(RecordingError, match="cannot be read as a sweep"):
        SweepResults(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE sweep (common)")
    other.close()
    with pytest.raises(RecordingError, match="holds no results"):
        SweepResults(tmp_path / "other.db")
    with pytest.raises(RecordingError, match="holds no results"):
        sweep("seed=0", tmp_path / "other.db", steps=5, jobs=1, resume=True)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_table_is_read_back(suffix: str, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    results = sweep("hidden=8,8x8; seed=0", tmp_path / "s.db", steps=5, jobs=1)
    path = results.write(tmp_path / f"table{suffix}")
    read = pandas.read_csv if suffix == ".csv" else pandas.read_parquet
    table = read(path)
    assert table["hidden"].astype(str).tolist() == ["8", "8+8"]
    assert table["w1"].tolist() == pytest.approx([row["w1"] for row in results.rows()])

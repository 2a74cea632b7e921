"""How fast a sweep is, whatever its size, and what spreading its tasks costs.

``python benchmarks/sweep.py`` prints the tables; ``--write`` also puts them into RESULTS.md. Rates
are by the time of processors, so that others who use the machine count for little. The first table
is of sweeps of more and more runs in closed form, each in processes of its own, all included: from
starting Python to the closed file, against the bare training of a batch of 64. The second is of a
penalized objective by itself and in batches. The third is of tasks that do nothing: what joblib
takes for each, on this machine and on a local Dask cluster.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from results import table, write

import gan_viz
from gan_viz.api.processors import processors
from gan_viz.api.toy import build_toy
from gan_viz.training import Training

SIZES = 64, 256, 1024, 4096, 10_000
TASKS = 500
SAME: dict[str, Any] = {"hidden": (16, 16), "stabilizers": ()}
"""The game of the plain loop; the defaults play one of wider networks."""


def bare(runs: int, steps: int, objective: str = "non-saturating") -> float:
    """GAN-steps for each second of a processor, of training alone."""
    games = [build_toy(objective=objective, seed=k, steps=steps, **SAME).gan for k in range(runs)]
    training = Training(games)
    training.advance(steps // 10)
    started = time.process_time()
    training.advance(steps - steps // 10)
    return runs * (steps - steps // 10) / (time.process_time() - started)


def sweep(runs: int, steps: int) -> None:
    """Run a sweep in this process and its workers; print what it took."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        gan_viz.sweep({"seed": range(runs)}, Path(folder) / "sweep.db", steps=steps, **SAME)
    get_reusable_executor().shutdown(wait=True)
    own, workers = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    found = {
        "seconds": time.perf_counter() - started,
        "processor": sum(one.ru_utime + one.ru_stime for one in (own, workers)),
        "own": own.ru_maxrss / 1024,
        "worker": workers.ru_maxrss / 1024,
    }
    print(json.dumps(found))


def swept(runs: int, steps: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", str(runs), str(steps)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def sweep_table(sizes: list[tuple[int, int]]) -> str:
    rows = []
    for runs, steps in sizes:
        alone, found = bare(64, steps), swept(runs, steps)
        rate = runs * steps / found["processor"]
        rows.append(
            [
                f"{runs:,} of {steps:,}",
                f"{found['seconds']:.0f}",
                f"{rate:,.0f}",
                f"{rate / alone:.2f}",
                f"{found['own']:.0f}",
                f"{found['worker']:.0f}",
            ]
        )
        print(rows[-1], flush=True)
    head = ["runs of steps", "s", "GAN-steps/s a core", "times bare training", "MB", "MB a worker"]
    return table(head, rows)


def penalized_table() -> str:
    import torch  # here: processes of a sweep need none

    torch.set_num_threads(1)
    rows = []
    for name in ("wgan-gp",):
        one, many = bare(1, 300, name), bare(64, 300, name)
        rows.append([name, f"{one:,.0f}", f"{many:,.0f}", f"{many / one:.1f}"])
    return table(["objective", "one, GAN-steps/s", "64 together", "times"], rows)


def overhead_table() -> str:
    rows = []
    for backend in ("loky", "dask"):
        if backend == "dask":
            start: Any = import_module("distributed").Client
            client = start(n_workers=processors(8), threads_per_worker=1, dashboard_address=None)
        with parallel_config(backend=backend):
            Parallel(-1)(delayed(int)(0) for _ in range(8))
            started, own = time.perf_counter(), time.process_time()
            Parallel(-1, batch_size=1)(delayed(int)(0) for _ in range(TASKS))
            spent = time.perf_counter() - started, time.process_time() - own
            rows.append([backend, *(f"{1000 * one / TASKS:.1f}" for one in spent)])
        if backend == "dask":
            client.close()
    return table(["backend", "ms a task", "of the processor that spreads them"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--most", type=int, default=1024, help="runs of the largest sweep")
    parser.add_argument("--steps", type=int, default=1000, help="of each run")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        sweep(*arguments.child)
        return
    sizes = [(size, arguments.steps) for size in SIZES if size <= arguments.most]
    sections = {
        "A sweep": sweep_table([*sizes, (64, 3000)]),
        "Penalized objectives, alone and together": penalized_table(),
        "Tasks that do nothing": overhead_table(),
    }
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

"""How fast a sweep is, whatever its size, and what spreading its tasks costs.

``python benchmarks/sweep.py`` prints the tables; ``--write`` also puts them into RESULTS.md. The
first is of sweeps of more and more runs in closed form, summed up and written to their file,
against the bare training of a batch of 64 in one process; its memory is that of the process that
spreads the tasks. The second is of penalized objectives by themselves and in batches. The third is
of tasks that do nothing: what joblib takes for each, on this machine and on a local Dask cluster.
``--most`` is the size of the largest sweep.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import resource
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from joblib import Parallel, delayed, parallel_config
from results import table, write

import gan_viz
from gan_viz.api.processors import processors
from gan_viz.api.toy import build_toy
from gan_viz.sweeps.run import MOST_PROCESSES
from gan_viz.training import Training

STEPS = 1000
TASKS = 500


def bare(runs: int, objective: str = "non-saturating", steps: int = STEPS) -> float:
    """GAN-steps/s of training alone, in this process."""
    training = Training(
        [build_toy(objective=objective, seed=k, steps=steps).gan for k in range(runs)]
    )
    training.advance(steps // 10)
    started = time.perf_counter()
    training.advance(steps - steps // 10)
    return runs * (steps - steps // 10) / (time.perf_counter() - started)


def swept(runs: int) -> float:
    """GAN-steps/s of a sweep, all included."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        gan_viz.sweep({"seed": range(runs)}, Path(folder) / "sweep.db", steps=STEPS)
        return runs * STEPS / (time.perf_counter() - started)


def sweep_table(most: int, workers: int) -> str:
    swept(64)  # workers start, and stay
    rows = []
    for runs in (size for size in (64, 256, 1024, 4096, 10_000) if size <= most):
        alone, rate = bare(64), swept(runs)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(
            [
                f"{runs:,}",
                f"{rate:,.0f}",
                f"{rate / workers:,.0f}",
                f"{rate / workers / alone:.2f}",
                f"{memory:.0f}",
            ]
        )
        print(rows[-1], flush=True)
    head = ["runs of 1000 steps", "GAN-steps/s", "a process", "times bare training", "peak MB"]
    return table(head, rows)


def penalized_table() -> str:
    rows = []
    for name in ("wgan-gp",):
        one, many = bare(1, name, 300), bare(64, name, 300)
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
            started = time.perf_counter()
            Parallel(-1, batch_size=1)(delayed(int)(0) for _ in range(TASKS))
            rows.append([backend, f"{1000 * (time.perf_counter() - started) / TASKS:.1f}"])
        if backend == "dask":
            client.close()
    return table(["backend", "ms a task"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--most", type=int, default=1024, help="runs of the largest sweep")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sections = {
        "A sweep": sweep_table(arguments.most, processors(MOST_PROCESSES)),
        "Penalized objectives, alone and together": penalized_table(),
        "Tasks that do nothing": overhead_table(),
    }
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

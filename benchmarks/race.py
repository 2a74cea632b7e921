"""How much faster the runs of a race train together than one after another.

``python benchmarks/race.py`` prints the tables; ``--write`` also puts them into RESULTS.md. The
yardsticks are the same runs, each by itself, and the loop that every tutorial
shows (see `toy.py`). A race is one of four objectives, with the same samples and latents for all
runs of a seed, or one of a single objective, where each run draws its own. Each is timed in one
process and shared out among as many as there are processors, the way `gan_viz.api.race` does it; a
process has one thread.

The first table is of training alone: nothing is recorded, samples are drawn within the time, and
the processes are started beforehand and told to go on through pipes. Times are by the clock on the
wall, in short turns; the ratios are medians over the rounds, each to what the yardstick did in the
same round. The second is of all that `race` does for 64 runs of 1000 steps, the start of processes
and some 200 frames of each run included. A machine that does other work at the time takes more from
several processes than from one alone.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import contextlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch
from results import table, write
from toy import plain_loop

from gan_viz.api.processors import processors
from gan_viz.api.races import MOST_PROCESSES, RunKey, race, share_out
from gan_viz.api.toy import build_toy
from gan_viz.training import Training

OBJECTIVES = ("hinge", "lsgan", "minimax", "non-saturating")
PENALIZED = ("wgan-gp",)
ENDLESS = 10**9
"""Steps that are never all made: each way goes on where it was, turn by turn."""
BLOCK = 64
CONTEXT = multiprocessing.get_context("spawn")

Way = Callable[[], int]
"""Plays on for a while; returns the steps it made."""


def build(runs: Sequence[RunKey]) -> Training:
    same: dict[str, Any] = {"steps": ENDLESS, "hidden": (16, 16), "stabilizers": ()}
    gans = [build_toy(objective=name, seed=seed, **same).gan for name, seed in runs]
    return Training(gans, [seed for _, seed in runs])


def together(objectives: Sequence[str], seeds: int, processes: int) -> Way:
    """Train in this process and in others, which wait for their orders."""
    runs = {(name, seed): float(ENDLESS) for seed in range(seeds) for name in objectives}
    first, *rest = share_out(runs, processes)
    pipes = [start(part) for part in rest]
    training = build(first)

    def play() -> int:
        for pipe in pipes:
            pipe.send(2 * BLOCK)
        training.advance(2 * BLOCK)
        for pipe in pipes:
            pipe.recv()
        return 2 * BLOCK * len(runs)

    return play


def start(runs: Sequence[RunKey]) -> Connection:
    """Start a process that trains; it ends with this one."""
    ours, theirs = CONTEXT.Pipe()
    CONTEXT.Process(target=obey, args=(theirs, runs), daemon=True).start()
    theirs.close()
    return ours


def obey(orders: Connection, runs: Sequence[RunKey]) -> None:
    """Train as many steps as are asked for, again and again."""
    torch.set_num_threads(1)
    training = build(runs)
    with contextlib.suppress(EOFError):
        while True:
            steps = orders.recv()
            training.advance(steps)
            orders.send(steps)


def one_after_another(objectives: Sequence[str], seeds: int) -> Way:
    """Each for a while in turn: what is timed is the steps, and there are enough in a row."""
    alone = [build([(name, seed)]) for name in objectives for seed in range(seeds)]

    def play() -> int:
        for training in alone:
            training.advance(BLOCK)
        return BLOCK * len(alone)

    return play


def plain() -> int:
    plain_loop(2 * BLOCK)
    return 2 * BLOCK


def rate(way: Way, seconds: float) -> float:
    """Steps of a GAN in a second."""
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        steps += way()
    return steps / (time.perf_counter() - started)


def races(cores: int) -> dict[tuple[str, int], Way]:
    """Each race, in one process and in several."""
    kinds = {
        "8 together: 4 objectives, 2 seeds": (OBJECTIVES, 2),
        "8 together: 8 seeds": (OBJECTIVES[-1:], 8),
        "64 together: 4 objectives, 16 seeds": (OBJECTIVES, 16),
        "64 together: 64 seeds": (OBJECTIVES[-1:], 64),
        "8 by autograd: WGAN-GP": (PENALIZED, 8),
        "64 by autograd: WGAN-GP": (PENALIZED, 64),
    }
    return {
        (name, processes): together(*kind, processes)
        for processes in sorted({1, cores})
        for name, kind in kinds.items()
    }


def speed_table(seconds: float, rounds: int, cores: int) -> str:
    """All ways in turn, so that a drift of the machine hits all alike."""
    loop, alone = ("plain PyTorch loop", 1), ("8, one after another", 1)
    penalized = ("8 of WGAN-GP, one after another", 1)
    ways: dict[tuple[str, int], Way] = {
        loop: plain,
        alone: one_after_another(OBJECTIVES, 2),
        penalized: one_after_another(PENALIZED, 8),
        **races(cores),
    }
    for way in ways.values():
        way()
    rates = np.array([[rate(way, seconds) for way in ways.values()] for _ in range(rounds)]).T
    of = dict(zip(ways, rates, strict=True))
    rows = [
        [
            name,
            str(processes),
            f"{np.median(each):,.0f}",
            f"{np.median(each / of[alone]):.2f}",
            f"{np.max(each / of[alone]):.2f}",
            f"{np.median(each / of[loop]):.1f}",
        ]
        for (name, processes), each in of.items()
    ]
    head = ["GANs", "processes", "GAN-steps/s", "times one after another", "at best",
            "times the plain loop"]  # fmt: skip
    return table(head, rows)


def whole_table(rounds: int, cores: int) -> str:
    """All of a race, with one process and with several in turn."""
    seconds: dict[int, list[float]] = {processes: [] for processes in sorted({1, cores})}
    for _ in range(rounds):
        for processes, each in seconds.items():
            with tempfile.TemporaryDirectory() as folder:
                started = time.perf_counter()
                race(record=folder, seeds=range(64), steps=1000, jobs=processes)
                each.append(time.perf_counter() - started)
    rows = [
        [str(processes), f"{np.median(each):.1f}", f"{min(each):.1f}"]
        for processes, each in seconds.items()
    ]
    return table(["processes", "s", "at best"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each way in a round")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cores = processors(MOST_PROCESSES)
    sections = {
        "A race": speed_table(arguments.seconds, arguments.rounds, cores),
        "All of a race of 64 runs, 1000 steps each, recorded": whole_table(2, cores),
    }
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

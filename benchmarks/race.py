"""How much faster the runs of a race train together than one after another.

``python benchmarks/race.py`` prints the table; ``--write`` also puts it into RESULTS.md. The
yardsticks are the same runs on the fast path, each by itself, and the loop that every tutorial
shows (see `toy.py`); nothing is recorded, samples are drawn within the time. A race is one of four
objectives, with the same samples and latents for all runs of a seed, or one of a single objective,
where each run draws its own. Each is timed on one thread and on all cores, where one run after
another has no use for a second.

Times are by the clock on the wall, in short turns; the ratios are medians over the rounds, each to
what the yardstick did in the same round. A machine that does other work at the time takes more from
threads that wait for one another than from one alone.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from results import table, write
from toy import plain_loop

from gan_viz.api.toy import build_toy
from gan_viz.training import Training
from gan_viz.training.batched import BatchedTraining

OBJECTIVES = ("hinge", "lsgan", "minimax", "non-saturating")
ENDLESS = 10**9
"""Steps that are never all made: each way goes on where it was, turn by turn."""
BLOCK = 64

Way = Callable[[], int]
"""Plays on for a while; returns the steps it made."""


def build(objectives: Sequence[str], seeds: int) -> tuple[list[Training], list[int]]:
    runs = [(name, seed) for name in objectives for seed in range(seeds)]
    trainings = [
        build_toy(objective=name, seed=seed, steps=ENDLESS).training for name, seed in runs
    ]
    return trainings, [seed for _, seed in runs]


def together(objectives: Sequence[str], seeds: int, threads: int) -> Way:
    trainings, sources = build(objectives, seeds)
    batched = BatchedTraining(trainings, sources, threads)

    def play() -> int:
        batched.advance(2 * BLOCK)
        return 2 * BLOCK * len(trainings)

    return play


def one_after_another(objectives: Sequence[str], seeds: int) -> Way:
    """Each for a while in turn: what is timed is the steps, and there are enough in a row."""
    runs: list[Iterator[object]] = [iter(training) for training in build(objectives, seeds)[0]]

    def play() -> int:
        for run in runs:
            for _ in range(BLOCK):
                next(run)
        return BLOCK * len(runs)

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
    """Each race, on one thread and on all cores."""
    kinds = {
        "8 together: 4 objectives, 2 seeds": (OBJECTIVES, 2),
        "8 together: 8 seeds": (OBJECTIVES[-1:], 8),
        "64 together: 4 objectives, 16 seeds": (OBJECTIVES, 16),
        "64 together: 64 seeds": (OBJECTIVES[-1:], 64),
    }
    return {
        (name, threads): together(*kind, threads)
        for threads in sorted({1, cores})
        for name, kind in kinds.items()
    }


def speed_table(seconds: float, rounds: int, cores: int) -> str:
    """All ways in turn, so that a drift of the machine hits all alike."""
    loop, alone = ("plain PyTorch loop", 1), ("8, one after another", 1)
    ways: dict[tuple[str, int], Way] = {
        loop: plain,
        alone: one_after_another(OBJECTIVES, 2),
        **races(cores),
    }
    for way in ways.values():
        way()
    rates = np.array([[rate(way, seconds) for way in ways.values()] for _ in range(rounds)]).T
    of = dict(zip(ways, rates, strict=True))
    rows = [
        [
            name,
            str(threads),
            f"{np.median(each):,.0f}",
            f"{np.median(each / of[alone]):.2f}",
            f"{np.max(each / of[alone]):.2f}",
            f"{np.median(each / of[loop]):.1f}",
        ]
        for (name, threads), each in of.items()
    ]
    head = ["GANs", "threads", "GAN-steps/s", "times one after another", "at best",
            "times the plain loop"]  # fmt: skip
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each way in a round")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    text = speed_table(arguments.seconds, arguments.rounds, len(os.sched_getaffinity(0)))
    print(text)
    if arguments.write:
        write({"A race": text})


if __name__ == "__main__":
    main()

"""How much faster the runs of a race train together than one after another.

``python benchmarks/race.py`` prints the table; ``--write`` also puts it into RESULTS.md. The
yardsticks are the same runs on the fast path, each by itself, and the loop that every tutorial
shows (see `toy.py`); one thread each, nothing recorded, samples drawn within the time. A race of
64 runs is one of four objectives and 16 seeds, and one objective with 64 seeds.
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


def together(objectives: Sequence[str], seeds: int) -> Way:
    trainings, sources = build(objectives, seeds)
    batched = BatchedTraining(trainings, sources)

    def play() -> int:
        batched.advance(BLOCK)
        return BLOCK * len(trainings)

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
    """Steps of a GAN in a second of the processor, whatever else the machine does."""
    steps, started = 0, time.process_time()
    while time.process_time() - started < seconds:
        steps += way()
    return steps / (time.process_time() - started)


def speed_table(seconds: float, rounds: int) -> str:
    """All ways in turn, so that a drift of the machine hits all alike."""
    ways: dict[str, Way] = {
        "plain PyTorch loop": plain,
        "8, one after another": one_after_another(OBJECTIVES, 2),
        "8 together: 4 objectives, 2 seeds": together(OBJECTIVES, 2),
        "8 together: 8 seeds": together(OBJECTIVES[-1:], 8),
        "64 together: 4 objectives, 16 seeds": together(OBJECTIVES, 16),
        "64 together: 64 seeds": together(OBJECTIVES[-1:], 64),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            rates[name].append(rate(way, seconds))
    median = {name: float(np.median(values)) for name, values in rates.items()}
    loop, alone = median["plain PyTorch loop"], median["8, one after another"]
    rows = [
        [name, f"{value:,.0f}", f"{value / alone:.2f}", f"{value / loop:.1f}"]
        for name, value in median.items()
    ]
    head = ["one thread", "GAN-steps/s", "times one after another", "times the plain loop"]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each way in a round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    text = speed_table(arguments.seconds, arguments.rounds)
    print(text)
    if arguments.write:
        write({"A race": text})


if __name__ == "__main__":
    main()

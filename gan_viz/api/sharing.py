"""How a race is shared out among processes."""

from __future__ import annotations

from collections.abc import Mapping

from gan_viz.api.heats import Run
from gan_viz.api.toy import Toy, frame_steps

__all__ = ["share_out", "work"]

# All in the time of a step in closed form, in a batch; as measured with the default networks.
AUTOGRAD = 22
"""A step by autograd, of WGAN-GP or with R1."""
FRAME = 10
"""A frame recorded."""
START = 20_000
"""The start of a process, which imports torch."""


def work(toys: Mapping[Run, Toy], every: int | None) -> dict[Run, float]:
    """Estimate what each run takes.

    Parameters
    ----------
    toys : mapping of Run to Toy
    every : int or None
        Steps between frames, as `gan_viz.api.race` takes it.

    Returns
    -------
    dict of Run to float
        In steps in closed form. Runs that can be trained as one batch are next to one another, and
        among them those of one seed, which draw the same samples.
    """
    from gan_viz.training import kind_of

    kinds = {run: kind_of(toy.gan) for run, toy in toys.items()}
    ordered = sorted(toys, key=lambda run: (str(kinds[run]), run[1]))
    works = {}
    for run in ordered:
        steps = toys[run].gan.settings.steps
        frames = len(frame_steps(steps, every))
        works[run] = float(steps * (AUTOGRAD if kinds[run] is None else 1) + FRAME * frames)
    return works


def share_out(works: Mapping[Run, float], jobs: int) -> list[list[Run]]:
    """Share runs out so that all are done as soon as can be.

    Parameters
    ----------
    works : mapping of Run to float
        As `work` gives it: runs next to one another stay together where they can.
    jobs : int
        Processes at most. Each has to be worth its start, twice.

    Returns
    -------
    list of list of Run
        For each process, the first of which runs already; none is empty.
    """
    total = sum(works.values())
    parts = max(1, min(jobs, len(works), int(total / START) - 1))
    first = (total + (parts - 1) * START) / parts  # of the first; others start with less to do
    shared: list[list[Run]] = [[] for _ in range(parts)]
    done = 0.0
    for run, each in works.items():
        middle = done + each / 2
        part = 0 if middle < first else 1 + int((middle - first) / (first - START))
        shared[min(part, parts - 1)].append(run)
        done += each
    return [runs for runs in shared if runs]

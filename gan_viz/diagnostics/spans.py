"""Numbers over the steps of a training, and the spans in which something holds of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gan_viz.diagnostics.wording import Verdict
from gan_viz.recording import Scalars

Array: TypeAlias = NDArray[np.float64]
Steps: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Series: TypeAlias = Mapping[str, Scalars]
"""Numbers by name, each with ascending steps of its own; without its numbers a rule is silent."""

NOTHING = Scalars(np.empty(0, np.int64), np.empty(0))
BLOCK = 1 << 14
"""Steps averaged at a time: arrays of this size stay in the processor's cache."""
NEGLIGIBLE = 1e-18
"""Weight below which an older number no longer changes an average in double precision."""


class Span(NamedTuple):
    """A verdict, and the steps at which it holds: from `start` until before `end`."""

    verdict: Verdict
    start: int
    end: float


def moving_average(series: Scalars, constant: float) -> Array:
    """Exponential moving average after each step; steps need not be even.

    The weight of a number falls to 1/e in `constant` steps. Numbers that are not finite leave the
    average as it was; it is NaN before the first finite one.
    """
    finite = np.isfinite(series.values)
    steps, x = series.steps[finite], series.values[finite]
    # The average is followed as its lag behind the numbers: where these do not change, it equals
    # them exactly, so that a number on a threshold is not rounded over it.
    with np.errstate(over="ignore", invalid="ignore"):
        kept = np.exp(-np.diff(steps, prepend=steps[:1]) / constant)
        lag = -kept * np.diff(x, prepend=x[:1])
        last = 0.0
        for start in range(0, len(x), BLOCK):
            last = _accumulate(lag[start : start + BLOCK], kept[start : start + BLOCK], last)
    means: Array = np.append(np.nan, x + lag)[np.cumsum(finite)]
    return means


def _accumulate(y: Array, kept: Array, last: float) -> float:
    """Add ``kept[n] y[n-1]`` to each ``y[n]`` in place, doubling the reach (Hillis & Steele 1986).

    Takes the number before the first, and returns the last one.
    """
    y[0] += kept[0] * last
    factor, reach = kept.copy(), 1
    factor[0] = 0.0
    while reach < len(y) and factor.max() > NEGLIGIBLE:
        y[reach:] += factor[reach:] * y[:-reach]
        factor[reach:] *= factor[:-reach]
        reach *= 2
    return float(y[-1])


def stretches(
    steps: Steps, wrong: Flags, right: Flags, hold: int, least: int, exact: bool = False
) -> list[tuple[int, float]]:
    """Find where something has been wrong for `hold` steps and `least` numbers in a row.

    At each step it is wrong, right or neither. Where the number before is so many steps away, one
    that is `exact` is enough: nobody knows for how long it has been so. Returns the index from
    which it has been wrong for long enough and the step at which it is right again, or infinity;
    only then does it count anew.
    """
    edges = np.flatnonzero(np.diff(wrong.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    due = np.maximum(starts + least - 1, np.searchsorted(steps, steps[starts] + hold))
    if exact:
        since = np.diff(steps, prepend=steps[:1])
        due = np.where(since[starts] >= hold, starts, due)
    fine, over = np.append(steps[right], math.inf), -math.inf
    found = []
    for index in due[due < ends].tolist():
        if steps[index] > over:
            over = float(fine[np.searchsorted(fine, steps[index])])
            found.append((index, over))
    return found


def lasting(
    hold: int,
    least: int,
    steps: Steps,
    wrong: Flags,
    right: Flags,
    tell: Callable[[int], Verdict],
    exact: bool = False,
) -> list[Span]:
    """Give verdicts, each told by its index, on what `stretches` finds.

    A verdict holds where it is true: while something is neither wrong nor right it does not, but
    the same one holds as soon as it is wrong again.
    """
    spans = []
    after = np.append(steps, math.inf)
    for index, end in stretches(steps, wrong, right, hold, least, exact):
        told = tell(index)
        last = int(np.searchsorted(steps, end))
        edges = index + np.flatnonzero(np.diff(wrong[index:last].astype(np.int8), 1, -1, 0, 0))
        spans += [
            Span(told, int(steps[start]), float(after[stop]))
            for start, stop in zip(edges[::2], edges[1::2], strict=True)
        ]
    return spans


def learned(fine: Flags, least: int) -> Flags:
    """Whether something has been fine `least` times in a row by each step."""
    flags = np.concatenate([np.zeros(least, np.bool_), fine])
    in_a_row = np.all(sliding_window_view(flags, least)[1:], axis=1)
    return np.logical_or.accumulate(in_a_row)


def finite(series: Scalars) -> Scalars:
    """The numbers that are finite."""
    there = np.isfinite(series.values)
    return Scalars(series.steps[there], series.values[there])


def together(one: Scalars, other: Scalars) -> tuple[Steps, Array, Array]:
    """The values of two series at the steps that both have."""
    if np.array_equal(one.steps, other.steps):
        return one.steps, one.values, other.values
    steps, at, of = np.intersect1d(one.steps, other.steps, True, True)
    return steps, one.values[at], other.values[of]


def at_steps(spans: Sequence[Span], steps: Steps) -> Flags:
    """Whether any of some spans holds at each step."""
    held = np.zeros(len(steps), np.bool_)
    for span in spans:
        held[slice(*np.searchsorted(steps, [span.start, span.end]))] = True
    return held

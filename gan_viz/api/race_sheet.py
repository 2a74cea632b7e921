"""What a race of objectives comes to, in figures."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.distances import midpoints, quantile_distance
from gan_viz.analysis.header import objective_name
from gan_viz.distributions import Distribution, from_description
from gan_viz.errors import OutputError, RecordingError
from gan_viz.recording import Recording

__all__ = ["COLUMNS", "Row", "race_statistics", "write_race_statistics"]

Row: TypeAlias = dict[str, str | int | float]
CONVERGED = 0.1
"""A run has converged at the first frame from which W1, relative to the standard deviation of the
data, stays below this."""
COVERED = 0.25
"""A mode is covered from this share of its mass on: what lies on the way between two others, or a
tail of a neighbour, is less."""
COLUMNS = (
    "objective",
    "runs",
    "w1_median",
    "w1_low",
    "w1_high",
    "covered",
    "converged",
    "steps_median",
    "steps_within",
)


class _Outcome(NamedTuple):
    """How one run ended."""

    w1: float
    covers: bool
    steps: float
    within: int


def race_statistics(recordings: Iterable[str | os.PathLike[str]]) -> list[Row]:
    """Sum up the runs of each objective.

    Parameters
    ----------
    recordings : iterable of path-like
        Of the 1-D toy, as `gan_viz.api.race` makes them.

    Returns
    -------
    list of dict
        One for each objective, in the order of their first runs: ``objective``; ``runs``, their
        number; ``w1_median``, ``w1_low`` and ``w1_high``, the median and the ends of the middle 90%
        of the Wasserstein-1 distance at the last frame, relative to the standard deviation of the
        data; ``covered``, the share of runs that cover all modes; ``converged``, the share that
        converged; ``steps_median``, the steps that took, infinite where half of them did not; and
        ``steps_within``, the most steps from a frame to the next that this is found to within. All
        are values of some run; of two in the middle, the lower.

    Raises
    ------
    RecordingError
        A recording cannot be read, or there is nothing in it to be measured.
    """
    outcomes: dict[str, list[_Outcome]] = {}
    for path in recordings:
        with Recording(path) as recording:
            outcomes.setdefault(objective_name(recording) or "?", []).append(_outcome(recording))
    return [_row(name, runs) for name, runs in outcomes.items()]


def _outcome(recording: Recording) -> _Outcome:
    if "generator" not in recording.channels or "target" not in recording.header:
        raise RecordingError(
            f"{recording.path}: there are no outputs of G beside the distribution of the data; "
            "expected a recording of the 1-D toy"
        )
    target = from_description(recording.header["target"])
    frames = [f for f in range(len(recording)) if recording.has("generator", f)]
    if not frames:
        raise RecordingError(
            f"{recording.path}: it holds no frames, so there is nothing to measure"
        )
    outputs = np.array([recording.array("generator", f) for f in frames], np.float64)
    quantiles = target.ppf(midpoints(outputs.shape[1]))
    w1 = np.array([quantile_distance(each, quantiles) for each in outputs]) / target.std
    return _Outcome(
        float(np.nan_to_num(w1[-1], nan=math.inf)),
        _covers(outputs[-1], target),
        *_steps_to_converge(recording.steps[frames], w1),
    )


def _covers(outputs: NDArray[np.float64], target: Distribution) -> bool:
    """Whether outputs cover all modes."""
    shares = [((outputs >= mode.low) & (outputs < mode.high)).mean() for mode in target.modes]
    needed = [COVERED * mode.mass for mode in target.modes]
    return all(share >= least for share, least in zip(shares, needed, strict=True))


def _steps_to_converge(steps: NDArray[np.integer], w1: NDArray[np.float64]) -> tuple[float, int]:
    """The step from which `w1` stays small, and how many after the last one at which it was not.

    The first is infinite, and the second 0, where there is none.
    """
    far = np.flatnonzero(~(w1 < CONVERGED))  # NaN is far, too
    first = int(far[-1]) + 1 if len(far) else 0
    if first == len(steps):
        return math.inf, 0
    return float(steps[first]), int(steps[first] - steps[max(first - 1, 0)])


def _row(objective: str, runs: Sequence[_Outcome]) -> Row:
    w1, covers, steps, within = (np.array(column) for column in zip(*runs, strict=True))
    low, median, high = np.quantile(w1, [0.05, 0.5, 0.95], method="inverted_cdf").tolist()
    return {
        "objective": objective,
        "runs": len(runs),
        "w1_median": median,
        "w1_low": low,
        "w1_high": high,
        "covered": float(covers.mean()),
        "converged": float(np.isfinite(steps).mean()),
        "steps_median": float(np.quantile(steps, 0.5, method="inverted_cdf")),
        "steps_within": int(within.max()),
    }


def write_race_statistics(rows: Iterable[Row], out: str | os.PathLike[str]) -> Path:
    """Write a sheet of statistics as CSV.

    Parameters
    ----------
    rows : iterable of dict
        As `race_statistics` gives them.
    out : path-like

    Returns
    -------
    pathlib.Path
        The table, with the columns `COLUMNS`.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    path = Path(out)
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    return path

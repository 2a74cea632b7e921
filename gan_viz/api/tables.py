"""Figures of recordings as rows and tables: the metrics of one, the statistics of a race."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz import analysis
from gan_viz.analysis.distances import midpoints, mode_shares, quantile_distance
from gan_viz.analysis.scores import objective_name
from gan_viz.api.drawing import nothing_in
from gan_viz.distributions import Distribution, from_description
from gan_viz.encoders.publish import Partial, check_file
from gan_viz.errors import MissingExtraError, OutputError, RecordingError, UsageError
from gan_viz.recording import Recording

__all__ = [
    "metrics",
    "race_statistics",
    "write_metrics",
    "write_race_statistics",
]

MetricsRow: TypeAlias = dict[str, float]
StatisticsRow: TypeAlias = dict[str, str | int | float]
CONVERGED = 0.1
"""A run has converged at the first frame from which W1, relative to the standard deviation of the
data, stays below this."""
COVERED = 0.25
"""A mode is covered from this share of its mass on: what lies on the way between two others, or a
tail of a neighbour, is less."""


def metrics(recording: str | os.PathLike[str] | Recording) -> list[MetricsRow]:
    """Measure how near p_g is to p_data at every frame of a recording.

    Parameters
    ----------
    recording : path-like or Recording
        Of one-dimensional data.

    Returns
    -------
    list of dict
        One for each frame with outputs of G: ``step``; ``w1``, ``w1_relative``, ``js``,
        ``kl_data_g``, ``kl_g_data``, ``tv`` and ``value`` of `gan_viz.analysis.Metrics`; and
        ``mass_of_mode_1`` and so on for each mode of the data, from left to right.

    Raises
    ------
    RecordingError
        The recording cannot be read, or has nothing to measure.
    """
    if not isinstance(recording, Recording):
        with Recording(recording) as opened:
            return metrics(opened)
    rows = []
    for step, one in analysis.metrics(recording):
        figures = asdict(one)
        masses = figures.pop("masses")
        named = {f"mass_of_mode_{number}": mass for number, mass in enumerate(masses, 1)}
        rows.append({"step": step, **figures, "value": one.value, **named})
    if not rows:
        raise RecordingError(f"{recording.path}: no frame has outputs of G to be measured")
    return rows


def write_metrics(recording: str | os.PathLike[str], out: str | os.PathLike[str]) -> Path:
    """Measure every frame of a recording, and write a row for each.

    Parameters
    ----------
    recording : path-like
        Of one-dimensional data.
    out : path-like
        ``.csv``, or ``.parquet`` where pandas and pyarrow are installed.

    Returns
    -------
    pathlib.Path
        The table, with the columns of `metrics`.

    Raises
    ------
    UsageError
        The name ends in something else, or nothing can be written there.
    RecordingError
        The recording cannot be read, or has nothing to measure.
    MissingExtraError
        A library for Parquet is not installed.
    OutputError
        The file cannot be written; what was there before is left as it was.
    """
    path = Path(out)
    write = _writer(path)
    check_file(path)
    return _publish(path, metrics(recording), write)


def _publish(path: Path, rows: Sequence[Any], write: Callable[[Path, Sequence[Any]], None]) -> Path:
    """Write a table under a temporary name, which becomes `path` only when it is whole."""
    try:
        partial = Partial(path)
        try:
            write(partial.path, rows)
            partial.publish()
        finally:
            partial.discard()
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _writer(path: Path) -> Callable[[Path, Sequence[MetricsRow]], None]:
    writers: Mapping[str, Callable[[Path, Sequence[MetricsRow]], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    kind = path.suffix.lower()
    if kind not in writers:
        raise UsageError(f"{path}: unknown extension {kind!r}; expected {' or '.join(writers)}")
    if kind == ".parquet":
        for library in ("pandas", "pyarrow"):
            _check_library(library)
    return writers[kind]


def _check_library(library: str) -> None:
    try:
        import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise MissingExtraError("writing .parquet", library, "parquet") from None


def _write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def _write_parquet(path: Path, rows: Sequence[MetricsRow]) -> None:
    import_module("pandas").DataFrame(rows).to_parquet(path, engine="pyarrow", index=False)


class _Outcome(NamedTuple):
    """How one run ended."""

    w1: float
    covers: bool
    steps: float
    within: int


def race_statistics(recordings: Iterable[str | os.PathLike[str]]) -> list[StatisticsRow]:
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
            f"{recording.path}: {nothing_in(recording)}, so there is nothing to measure"
        )
    outputs = np.array([recording.array("generator", f) for f in frames], np.float64)
    quantiles = target.ppf(midpoints(outputs.shape[1]))
    w1 = np.array([quantile_distance(each, quantiles) for each in outputs]) / target.scale
    return _Outcome(
        float(np.nan_to_num(w1[-1], nan=math.inf)),
        _covers(outputs[-1], target),
        *_steps_to_converge(recording.steps[frames], w1),
    )


def _covers(outputs: NDArray[np.float64], target: Distribution) -> bool:
    """Whether outputs cover all modes."""
    shares = mode_shares(outputs, target.modes)
    return bool((shares >= [COVERED * mode.mass for mode in target.modes]).all())


def _steps_to_converge(steps: NDArray[np.integer], w1: NDArray[np.float64]) -> tuple[float, int]:
    """The step from which `w1` stays small, and how many after the last one at which it was not.

    The first is infinite, and the second 0, where there is none.
    """
    far = np.flatnonzero(~(w1 < CONVERGED))  # NaN is far, too
    first = int(far[-1]) + 1 if len(far) else 0
    if first == len(steps):
        return math.inf, 0
    return float(steps[first]), int(steps[first] - steps[max(first - 1, 0)])


def _row(objective: str, runs: Sequence[_Outcome]) -> StatisticsRow:
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


def write_race_statistics(rows: Iterable[StatisticsRow], out: str | os.PathLike[str]) -> Path:
    """Write the rows of `race_statistics` as CSV. Raises UsageError or OutputError."""
    return _publish(Path(out), list(rows), _write_csv)

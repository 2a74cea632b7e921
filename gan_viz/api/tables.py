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
from gan_viz.analysis.distances import COVERED, core_shares, relative_distances
from gan_viz.analysis.scores import objective_name
from gan_viz.api.drawing import nothing_in, opened, place_of
from gan_viz.api.output import keep_apart, published
from gan_viz.arguments import checked
from gan_viz.distributions import Distribution, from_description
from gan_viz.encoders.publish import check_file
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording
from gan_viz.registry import import_extra

MetricsRow: TypeAlias = dict[str, float]
StatisticsRow: TypeAlias = dict[str, str | int | float]
QUALITY = "quality_"
"""What the names of figures on pictures begin with; see `gan_viz.hooks.quality.QualityHook`."""
CONVERGED = 0.1
"""The steps counted are those to the first frame from which W1, relative to the spread of the data,
stays below this (between the middle 98 % if a few values make the standard deviation). It is less
than an equilibrium: p_g may still ripple."""


@checked
def metrics(recording: str | os.PathLike[str] | Recording) -> list[MetricsRow]:
    """Measure how near p_g is to p_data at every frame of a recording.

    Parameters
    ----------
    recording : path-like or Recording
        Of one-dimensional data, or of pictures with figures of quality
        (`gan_viz.hooks.quality.QualityHook`).

    Returns
    -------
    list of dict
        Of pictures, one for each frame that was measured: ``step`` and the figures, each with its
        ``_error``. Of one-dimensional data one for each frame with outputs of G: ``step``; ``w1``,
        ``w1_relative``, ``js``, ``kl_data_g``, ``kl_g_data``, ``tv`` and ``value`` of
        `gan_viz.analysis.Metrics`; ``mass_of_mode_1`` and so on, the mass of p_g where each mode
        of the data is, from left to right; and ``mass_between_modes``.

    Raises
    ------
    RecordingError
        The recording cannot be read, or has nothing to measure.
    """
    rows = []
    with opened(recording) as source:
        if "generator" not in source.channels and f"{QUALITY}precision" in source.scalars:
            return _quality(source)
        for step, one in analysis.metrics(source):
            figures = asdict(one)
            masses = figures.pop("masses")
            named = {f"mass_of_mode_{number}": mass for number, mass in enumerate(masses, 1)}
            named["mass_between_modes"] = figures.pop("between")
            rows.append({"step": step, **figures, "value": one.value, **named})
    if not rows:
        raise RecordingError(f"{place_of(recording)}: no frame has outputs of G to be measured")
    return rows


def _quality(recording: Recording) -> list[MetricsRow]:
    """The figures on pictures that were recorded, a row for each step with them."""
    names = [name for name in recording.scalars if name.startswith(QUALITY)]
    steps = recording.scalars[f"{QUALITY}precision"].steps
    columns = {name.removeprefix(QUALITY): recording.scalars[name] for name in names}
    return [
        {
            "step": step,
            **{name: float(one.values[one.steps == step][-1]) for name, one in columns.items()},
        }
        for step in steps.tolist()
    ]


@checked
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
    check_table(path)  # before anything is measured
    keep_apart([out], [place_of(recording)])
    return write_rows(path, metrics(recording))


def check_table(out: str | os.PathLike[str]) -> None:
    """Check that a table can be written, before any work is done for it.

    Raises UsageError if the extension is unknown, or there cannot be such a file; MissingExtraError
    if a library is not installed.
    """
    check_file(Path(out))
    table_writer(Path(out))


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows of equal keys as .csv or .parquet, under `path` only when the table is whole.

    Raises UsageError or MissingExtraError, as `check_table`, or if there are none; OutputError if
    the file cannot be written.
    """
    check_table(path)
    if not rows:
        raise UsageError(f"{path}: a table of no rows: expected at least one")
    with published(path) as place:
        table_writer(path)(place, rows)
    return path


def table_writer(path: Path) -> Callable[[Path, Sequence[Mapping[str, Any]]], None]:
    """Find what writes rows of equal keys under names that end as this one.

    Raises UsageError or MissingExtraError, as `check_table`.
    """
    writers: Mapping[str, Callable[[Path, Sequence[Mapping[str, Any]]], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    kind = path.suffix.lower()
    if kind not in writers:
        raise UsageError(f"{path}: unknown extension {kind!r}; expected {' or '.join(writers)}")
    if kind == ".parquet":
        for library in ("pandas", "pyarrow"):
            import_extra(library, "writing .parquet", "parquet")
    return writers[kind]


def _write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    import_module("pandas").DataFrame(rows).to_parquet(path, engine="pyarrow", index=False)


class _Outcome(NamedTuple):
    """How one run ended."""

    w1: float
    covers: bool
    steps: float
    within: int


@checked
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
        data; ``covered``, the share of runs that cover all modes: of each, a quarter of its mass is
        where it is, within three standard deviations; ``w1_below_tenth``, the share whose relative
        W1 is below 0.1 at the end; ``steps_median``, the steps from which it stays so, infinite
        where half of them did not; and ``steps_within``, the most steps from a frame to the next
        that this is found to within. All are values of some run; of two in the middle, the lower.

    Raises
    ------
    RecordingError
        A recording cannot be read, or there is nothing in it to be measured.
    """
    outcomes: dict[str, list[_Outcome]] = {}
    for path in recordings:
        with opened(path) as recording:
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
    w1 = relative_distances(outputs, target)
    return _Outcome(
        float(np.nan_to_num(w1[-1], nan=math.inf)),
        _covers(outputs[-1], target),
        *steps_to_converge(recording.steps[frames], w1),
    )


def _covers(outputs: NDArray[np.float64], target: Distribution) -> bool:
    """Whether outputs cover all modes."""
    shares, _ = core_shares(outputs, target.modes)
    return bool((shares >= [COVERED * mode.core for mode in target.modes]).all())


def steps_to_converge(steps: NDArray[np.integer], w1: NDArray[np.float64]) -> tuple[float, int]:
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
        "w1_below_tenth": float(np.isfinite(steps).mean()),
        "steps_median": float(np.quantile(steps, 0.5, method="inverted_cdf")),
        "steps_within": int(within.max()),
    }


@checked
def write_race_statistics(rows: Iterable[StatisticsRow], out: str | os.PathLike[str]) -> Path:
    """Write the rows of `race_statistics` as CSV. Raises UsageError or OutputError."""
    return write_rows(Path(out), list(rows))

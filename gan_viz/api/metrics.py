"""The metrics of a recording as a table."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from gan_viz.errors import MissingExtraError, OutputError, RecordingError, UsageError
from gan_viz.recording import Recording

__all__ = ["write_metrics"]

Row: TypeAlias = dict[str, float]


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
        The table. Its columns are ``step``; ``w1``, ``w1_relative``, ``js``, ``kl_data_g``,
        ``kl_g_data``, ``tv`` and ``value`` of `gan_viz.analysis.Metrics`; and ``mass_of_mode_1``
        and so on for each mode of the data, from left to right.

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
    from gan_viz.encoders.publish import Partial, check_file

    path = Path(out)
    write = _writer(path)
    check_file(path)
    rows = _rows(recording)
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


def _writer(path: Path) -> Callable[[Path, Sequence[Row]], None]:
    writers: Mapping[str, Callable[[Path, Sequence[Row]], None]] = {
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


def _rows(path: str | os.PathLike[str]) -> list[Row]:
    from gan_viz.analysis import metrics

    with Recording(path) as recording:
        rows = []
        for step, one in metrics(recording):
            figures = asdict(one)
            masses = figures.pop("masses")
            named = {f"mass_of_mode_{number}": mass for number, mass in enumerate(masses, 1)}
            rows.append({"step": step, **figures, "value": one.value, **named})
        if not rows:
            raise RecordingError(f"{recording.path}: no frame has outputs of G to be measured")
        return rows


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def _write_parquet(path: Path, rows: Sequence[Row]) -> None:
    import_module("pandas").DataFrame(rows).to_parquet(path, engine="pyarrow", index=False)

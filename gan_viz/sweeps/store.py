"""The results of a sweep: one SQLite file, written as they come in."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.output import keep_apart
from gan_viz.api.tables import write_rows
from gan_viz.api.toy import STEPS
from gan_viz.errors import GanVizError, OutputError, RecordingError, UsageError
from gan_viz.recording.side_files import check_side_files
from gan_viz.sweeps.cells import Summary, curve_steps
from gan_viz.sweeps.checks import check_figures, read_settings
from gan_viz.sweeps.grid import Cell

APPLICATION = 0x67767377
"""``application_id`` of these files: "gvsw"."""
VERSION = 1
STATUSES = {"planned", "done", "diverged", "failed"}
FIGURES = {
    "w1": "REAL",
    "w1_best": "REAL",
    "best_step": "INTEGER",
    "js": "REAL",
    "tv": "REAL",
    "modes": "INTEGER",
    "modes_covered": "INTEGER",
    "steps_to_converge": "REAL",
    "steps_made": "INTEGER",
}
"""Figures of a `Summary`, and how SQLite keeps them."""
SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE sweep (common TEXT NOT NULL);
CREATE TABLE cells (
    id INTEGER PRIMARY KEY,
    settings TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'planned',
    {", ".join(f"{name} {kind}" for name, kind in FIGURES.items())},
    verdicts TEXT NOT NULL DEFAULT '[]',
    at_end TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '',
    curve BLOB NOT NULL DEFAULT x''
);
"""


class SweepResults:
    """The results of a sweep, read from its file.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    RecordingError
        There is no such file, or it holds no sweep.

    Examples
    --------
    ::

        results = gan_viz.SweepResults("sweep.db")
        lost = [row for row in results.rows() if row["modes_covered"] < row["modes"]]
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        with self._opened() as connection:
            (found,) = connection.execute("SELECT common FROM sweep").fetchone()
            counts = connection.execute("SELECT status, COUNT(*) FROM cells GROUP BY status")
            self.common: dict[str, Any] = read_settings(found)
            self.counts: dict[str, int] = dict(counts.fetchall())
            if not self.counts.keys() <= STATUSES:
                raise ValueError("a run has an unknown status")

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __repr__(self) -> str:
        parts = ", ".join(f"{number:,} {status}" for status, number in self.counts.items())
        return f"<SweepResults {self.path}: {parts or 'no runs'}>"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each run, in the order of the sweep.

        Yields
        ------
        dict
            ``id``, the settings by name, ``status`` ("planned", "done", "diverged" or "failed"),
            the figures of `gan_viz.sweeps.cells.Summary` (None where there are none),
            ``verdicts`` and ``at_end`` (kinds, with ``;`` between them), and ``note``.
        """
        columns = ["id", "settings", "status", *FIGURES, "verdicts", "at_end", "note"]
        with self._opened() as connection:
            first: dict[str, Any] | None = None
            for row in connection.execute(f"SELECT {', '.join(columns)} FROM cells ORDER BY id"):
                found = dict(zip(columns, row, strict=True))
                check_figures(found, FIGURES)
                settings = {**self.common, **read_settings(found.pop("settings"))}
                first = settings if first is None else first
                if settings.keys() != first.keys():
                    raise ValueError("runs have other settings than the first")
                kinds = {name: ";".join(json.loads(found[name])) for name in ("verdicts", "at_end")}
                yield {"id": found.pop("id"), **_flat(settings), **found, **kinds}

    def planned(self) -> list[tuple[int, Cell]]:
        """The runs that are still to be made, with their numbers."""
        with self._opened() as connection:
            found = connection.execute(
                "SELECT id, settings FROM cells WHERE status = 'planned' ORDER BY id"
            )
            return [(number, read_settings(settings)) for number, settings in found]

    def settings(self, number: int) -> Cell:
        """All settings of a run.

        Raises
        ------
        UsageError
            There is no run of that number.
        """
        with self._opened() as connection:
            found = connection.execute(
                "SELECT settings FROM cells WHERE id = ?", (number,)
            ).fetchone()
            if found is None:
                raise UsageError(f"run {number}: {self.path} has runs 0 to {len(self) - 1:,}")
            return {**self.common, **read_settings(found[0])}

    def curves(self) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float32]]]:
        """W1 of each run over its steps, relative to the standard deviation of the data.

        Yields
        ------
        (int, ndarray of int, ndarray of float32)
            The run's ``id``, steps and values, both of shape (points,): fewer where the run
            diverged, none where it was not made.
        """
        with self._opened() as connection:
            for number, settings, curve in connection.execute(
                "SELECT id, settings, curve FROM cells ORDER BY id"
            ):
                made = {"steps": STEPS, **self.common, **read_settings(settings)}["steps"]
                values, steps = np.frombuffer(curve, "<f4"), curve_steps(made)
                if len(values) > len(steps):
                    raise ValueError("a curve has more points than it can have")
                yield number, np.array(steps[: len(values)], np.int64), values

    def write(self, out: str | os.PathLike[str]) -> Path:
        """Write the rows as a table, .csv or .parquet.

        Raises
        ------
        UsageError, OutputError, MissingExtraError
            The name cannot be used, the file cannot be written, or a library is missing.
        """
        keep_apart([out], [self.path])
        rows = list(self.rows())
        if not rows:
            raise RecordingError(f"{self.path}: it holds no runs")
        return write_rows(Path(out), rows)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise RecordingError(f"{self.path}: there is no such file; expected results of a sweep")
        try:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            check_side_files(self.path.resolve())
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                connection.execute("PRAGMA trusted_schema = OFF")
                (application,) = connection.execute("PRAGMA application_id").fetchone()
                if application != APPLICATION:
                    raise RecordingError(f"{self.path}: it holds no results of a sweep")
                if _tables(connection) != _expected_tables():
                    raise RecordingError(f"{self.path}: its tables are not those of a sweep")
                yield connection
        except GanVizError:
            raise
        except sqlite3.Error as error:
            raise RecordingError(f"{self.path} cannot be read as a sweep: {error}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise RecordingError(f"{self.path}: it is damaged: {error}") from None


def _tables(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    found = connection.execute("SELECT type, name, sql FROM sqlite_schema LIMIT 9")
    return set(found.fetchall())


@cache
def _expected_tables() -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        return _tables(connection)


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as cells of a table: lists as text."""
    return {
        name: "+".join(map(str, value)) or "none" if isinstance(value, list) else value
        for name, value in settings.items()
    }


class SweepWriter:
    """Writes the results of a sweep as they come in.

    What was written stays readable whenever the process is killed: at most the last task is lost.
    `cells` are the settings of all runs; they override `common`. With `resume` it goes on with the
    file, if it is there, which must be of the same sweep. Raises UsageError if the file is there
    already, or is of another sweep; OutputError if it cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        cells: Sequence[Cell],
        common: Mapping[str, Any],
        *,
        resume: bool = False,
    ) -> None:
        self.path, there = Path(path), Path(path).exists()
        if there and not resume:
            raise UsageError(f"{path} is there already: expected a new name, or --resume to go on")
        if there:
            self._check_same(cells, common)
        with self._told():
            # autocommit: transactions are begun below, one a task
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                if not there:
                    self._begin(cells, common)
            except BaseException:
                self._connection.close()
                if not there:  # begun by half, it could neither be read nor resumed
                    self.path.unlink(missing_ok=True)
                raise

    def _check_same(self, cells: Sequence[Cell], common: Mapping[str, Any]) -> None:
        known = SweepResults(self.path)
        ends = (0, len(cells) - 1)
        same = known.common == json.loads(json.dumps(common)) and len(known) == len(cells)
        if not same or any(known.settings(k) != {**common, **cells[k]} for k in ends):
            raise UsageError(
                f"{self.path} holds another sweep, of {len(known):,} runs: expected the same "
                "settings to resume it, or a new name"
            )

    def _begin(self, cells: Sequence[Cell], common: Mapping[str, Any]) -> None:
        rows = ((number, json.dumps(cell)) for number, cell in enumerate(cells))
        self._connection.executescript(f"BEGIN;{SCHEMA}")
        self._connection.execute("INSERT INTO sweep VALUES (?)", (json.dumps(common),))
        self._connection.executemany("INSERT INTO cells (id, settings) VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")

    def put(self, results: Iterable[tuple[int, Summary]]) -> None:
        """Write some results, all or none of them."""
        columns = ["status", *FIGURES, "verdicts", "at_end", "note", "curve"]
        sets = ", ".join(f"{name} = ?" for name in columns)
        rows = [
            (
                one.status,
                *(one.figures.get(name) for name in FIGURES),
                json.dumps(one.verdicts),
                json.dumps(one.at_end),
                one.note,
                one.curve.astype("<f4").tobytes(),
                number,
            )
            for number, one in results
        ]
        with self._told():
            self._connection.execute("BEGIN")
            self._connection.executemany(f"UPDATE cells SET {sets} WHERE id = ?", rows)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Leave one file, without what SQLite keeps beside it, unless somebody reads it."""
        with self._told(), closing(self._connection):
            self._connection.execute("PRAGMA wal_checkpoint")
            try:
                self._connection.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OutputError(f"{self.path} cannot be written: {error}") from error

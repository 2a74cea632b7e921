"""Opening a recording that may be damaged, foreign, or made to do harm.

The measures are those of https://www.sqlite.org/security.html: nothing of the file's schema is
trusted, its tables must be those of the format to the letter, and every limit of SQLite is set to
what reading a recording takes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gan_viz.errors import RecordingError
from gan_viz.recording.files import PATIENCE, connect, error_code, is_complete, probe_locks
from gan_viz.recording.format import (
    APPLICATION_ID,
    FORMAT_VERSION,
    MAX_ARRAY_BYTES,
    MAX_JSON_BYTES,
    SCHEMA,
)
from gan_viz.recording.side_files import (
    any_beside,
    check_side_files,
    has_content,
    private_copy,
    remove_empty_log,
)

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_ARRAY_BYTES + 2 * MAX_JSON_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 3,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}

_HEADER_BYTES = 100  # with which every SQLite database begins

_SETTINGS = (
    "trusted_schema = OFF",
    "query_only = ON",
    "cell_size_check = ON",
    "mmap_size = 0",
)

# the last one: an index of a log, left by a killed process, that only a writer could mend
_CANNOT_READ = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL)

_NO_LOCK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)

_SIGNATURES = {
    b"GIF8": "a GIF image",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"PK\x03\x04": "a ZIP archive (perhaps of numpy or torch)",
    b"\x93NUMPY": "a numpy array",
    b"%PDF": "a PDF",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3\0": "a damaged SQLite database",
}


def open_database(path: Path) -> sqlite3.Connection:
    """Open a recording for reading only; RecordingError if it is not one that can be read.

    Nothing is written: no index of a log is made or mended, no journal is rolled back in place.
    """
    real = _check_file(path)
    alone = not any_beside(real)
    with reading(path):
        try:
            return _open_locked(path, real)
        except sqlite3.OperationalError as error:
            if not is_read_only(error):
                raise
        finally:
            if alone:  # SQLite makes an empty log before it sees that there is no index of one
                remove_empty_log(real)
        if has_content(real, "-journal") or has_content(real, "-wal"):
            return _open_copy(path, real)
        # No log and no index of one: nobody can be writing, so no locks are needed.
        return _open(path, real, "ro&immutable=1")


def _open_locked(path: Path, real: Path) -> sqlite3.Connection:
    """Open a file that may be written to meanwhile; without locks where there are none.

    To SQLite it is all the same whether somebody has locked a file or files cannot be locked, so
    it waits for others only after that is known.
    """
    mode = "ro&readonly_shm=1"
    try:
        return _open(path, real, mode, patience=0)
    except sqlite3.OperationalError as error:
        if error_code(error) not in _NO_LOCK:
            raise
    if not os.access(real.parent, os.W_OK):  # locks cannot be probed
        complete = _open_complete(path, real)
        if complete is not None:
            return complete
    return _open(path, real, mode if probe_locks(real.parent) else "ro")


def _open_complete(path: Path, real: Path) -> sqlite3.Connection | None:
    """Open a recording that is complete, to which nobody writes, without locks."""
    if any_beside(real):
        return None
    connection = _open(path, real, "ro&immutable=1")
    if is_complete(connection):
        return connection
    connection.close()
    return None


def _open_copy(path: Path, real: Path) -> sqlite3.Connection:
    """Open a copy of what a killed process left, in which all is put in order.

    The process was killed during a commit, or the log has come without its index, which SQLite
    would write anew.
    """
    with private_copy(real) as copy:
        with closing(connect(copy, "rw")) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA journal_mode = DELETE")
        return _open(path, copy, "ro&immutable=1")  # the open file outlives its name


def _check_file(path: Path) -> Path:
    """Return where a file really is that may be a recording, with side files in order."""
    try:
        if path.is_dir():
            raise RecordingError(f"{path} is a directory, not a recording: give the name of a file")
        if not path.exists():
            raise RecordingError(f"there is no recording {path}: no such file")
        if not path.is_file():
            raise RecordingError(f"{path} is not an ordinary file, so it is no recording")
        size = path.stat().st_size
        if size == 0:
            raise RecordingError(f"{path} is empty: nothing was recorded in it")
        if size < _HEADER_BYTES:
            raise RecordingError(_foreign(path))
        real = path.resolve()
        check_side_files(real)
    except (OSError, ValueError, RuntimeError) as error:
        raise RecordingError(f"cannot read {str(path)!r}: {error}") from None
    return real


def _open(path: Path, place: Path, mode: str, patience: float = PATIENCE) -> sqlite3.Connection:
    connection = connect(place, mode, patience)
    try:
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        _check_version(path, connection)
        _check_tables(path, connection)
        _check_size(path, place, connection)
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise RecordingError(
            f"{path} is an SQLite database of another program, not a gan_viz recording"
        )
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT_VERSION:
        raise RecordingError(
            f"{path} was written by a newer gan_viz (format {version}, this one reads up to"
            f" {FORMAT_VERSION}): upgrade with pip install -U gan-viz"
        )
    if version < 1:
        raise RecordingError(f"{path} is damaged: it has no format {version}; record it again")


def _check_tables(path: Path, connection: sqlite3.Connection) -> None:
    query = f"SELECT type, name, sql FROM sqlite_schema LIMIT {4 * len(SCHEMA)}"
    found = {
        (kind, name, sql)
        for kind, name, sql in connection.execute(query)
        if kind != "index" or sql is not None  # SQLite's own for PRIMARY KEY and UNIQUE
    }
    if found != {("table", name, sql) for name, sql in SCHEMA.items()}:
        raise RecordingError(
            f"{path} is damaged or was tampered with: its tables are not those of a recording;"
            " record it again"
        )


def _check_size(path: Path, place: Path, connection: sqlite3.Connection) -> None:
    """Find a file cut off within its last page, for which SQLite would read zeros."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    there = place.stat().st_size
    if there < pages * size and not has_content(place, "-wal"):
        raise RecordingError(
            f"{path} is cut off: it has {there} of {pages * size} bytes; copy it again from its"
            " source, or record it again"
        )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of SQLite, and any ValueError about what was read, into a RecordingError."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise RecordingError(f"the recording {path} is closed: open it again") from error
    except sqlite3.Error as error:
        raise RecordingError(_explain(path, error)) from error
    except ValueError as error:
        raise RecordingError(_damaged(path, error)) from error


def is_read_only(error: BaseException | None) -> bool:
    """Whether SQLite would have had to write, as where the index of a log is no longer valid."""
    return isinstance(error, sqlite3.Error) and error_code(error) in _CANNOT_READ


def _explain(path: Path, error: sqlite3.Error) -> str:
    code = error_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return _foreign(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is locked by another program: try again when that has finished"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY):
        return f"{path} cannot be opened ({error}): see that it and its directory can be read"
    if code == sqlite3.SQLITE_IOERR:
        return f"{path} cannot be read ({error}): see that the disk is in order"
    return _damaged(path, error)


def _foreign(path: Path) -> str:
    return f"{path} is {_kind(path)}, not a gan_viz recording"


def _damaged(path: Path, error: Exception) -> str:
    return f"{path} is damaged ({error}): copy it again from its source, or record it again"


def _kind(path: Path) -> str:
    """Say what a file that is no database seems to be."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return "not a database"
    if start[4:8] == b"ftyp":
        return "a video (MP4)"
    return next(
        (kind for magic, kind in _SIGNATURES.items() if start.startswith(magic)), "something else"
    )

"""Where a recording lies while it is being written, and how it gets to its final name.

A path that is free is recorded to at once, so that a reader can follow and a killed process leaves
what it had. A path that holds a recording is recorded to under a sibling name, ``run.new.ganviz``
for ``run.ganviz``, which takes the place of the old recording when it is complete.

No file here is ever opened by other means than SQLite: closing any handle on a file drops all the
locks that the process has on it, among them those of a writer in the same process
(https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import warnings
from collections.abc import Mapping
from pathlib import Path

from gan_viz.errors import GanVizError, RecordingError, RecordingWarning, UsageError, reason
from gan_viz.recording.coding import Packer
from gan_viz.recording.format import APPLICATION_ID, FIRST_VERSION, SCHEMA
from gan_viz.recording.side_files import SIDE_FILES, check_side_files

_LOCKLESS: set[Path] = set()
"""Folders in which files cannot be locked."""
PATIENCE = 10.0
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def connect(path: Path, mode: str, patience: float = PATIENCE) -> sqlite3.Connection:
    """Open a database for any thread, transactions begun by hand; `mode` as in SQLite's URIs.

    `patience` is how many seconds to wait for other programs.
    """
    lock = "&nolock=1" if path.absolute().parent in _LOCKLESS else ""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}{lock}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def probe_locks(folder: Path) -> bool:
    """Find out, on a file of our own, whether files can be locked in a folder.

    Some network file systems know no locks, or are mounted without. What is there is then opened
    without any.
    """
    probe = folder / f".{os.urandom(4).hex()}.part"
    try:
        import fcntl

        handle = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_RDWR)
    except (ImportError, OSError):  # another system, or nothing can be written there
        return folder not in _LOCKLESS
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _LOCKLESS.discard(folder)
    except OSError:
        _LOCKLESS.add(folder)
    finally:
        os.close(handle)
        probe.unlink(missing_ok=True)
    return folder not in _LOCKLESS


def choose(path: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Return a path, absolute, and where to record until it is complete, after checking both.

    That is the path itself if nothing is there, else a sibling. Raises UsageError if `path` is a
    directory, its directory is missing or not writable, or the recording there is write-protected
    or still being recorded; RecordingError if `path` holds anything but a recording.
    """
    final = _check_place(Path(path))
    sibling = _sibling(final)
    _make_free(sibling)
    if not _has_content(final):
        discard(final)
        return final, final
    _settle(final)
    return final, sibling


def find(path: str | os.PathLike[str]) -> tuple[Path, Path | None]:
    """Return the absolute path of a recording to resume, and where it is now, None if nowhere.

    An unfinished replacement, in the sibling, is resumed first: it was recorded last.
    """
    final = _check_place(Path(path))
    return final, next((p for p in (_sibling(final), final) if _has_content(p)), None)


def unfinished_beside(path: Path) -> Path | None:
    """The recording, if there is one, that was begun to replace that at `path` and is newer."""
    beside = _sibling(path)
    if not _has_content(beside) or beside.stat().st_mtime < path.stat().st_mtime:
        return None
    return beside


def _sibling(final: Path) -> Path:
    return final.with_name(f"{final.stem}.new{final.suffix}")


def _check_place(path: Path) -> Path:
    try:
        path = path.resolve() if path.is_symlink() else path.absolute()
        sibling = _sibling(path)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            # raises for names that cannot be, or not with what SQLite adds to them
            sibling.with_name(f"{sibling.name}-journal").lstat()
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"cannot record to {str(path)[:200]!r}: {reason(error)}") from None
    if path.is_dir():
        raise UsageError(f"cannot record to {path}: it is a directory; give the name of a file")
    if not path.parent.is_dir():
        raise UsageError(f"cannot record to {path}: the directory {path.parent} does not exist")
    if not _writable(path.parent):
        raise UsageError(f"cannot record to {path}: the directory {path.parent} is not writable")
    if path.exists() and not path.is_file():
        raise UsageError(f"cannot record to {path}: it is not a regular file")
    if path.exists() and not _writable(path):
        raise UsageError(f"cannot record to {path}: the file is write-protected")
    probe_locks(path.parent)
    return path


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _make_free(sibling: Path) -> None:
    """Remove what a killed recording left under the sibling name, and nothing else."""
    if _has_content(sibling):
        _settle(sibling)
        with contextlib.closing(connect(sibling, "ro")) as connection:
            complete = is_complete(connection)
        if complete:
            raise RecordingError(
                f"{sibling} is a complete recording that never got its final name:"
                " rename it or delete it first"
            )
    discard(sibling)


def is_complete(connection: sqlite3.Connection) -> bool:
    """Whether a recording was closed in good order."""
    query = "SELECT value FROM header WHERE key = 'complete'"
    with contextlib.suppress(sqlite3.Error):  # damaged, or killed before there was a header
        return bool(connection.execute(query).fetchone() == ("true",))
    return False


def _settle(path: Path) -> None:
    """Make an existing recording a single file, which also proves that nobody is writing it.

    A log left beside it by a killed process would otherwise be taken by SQLite for the log of the
    file that replaces it.
    """
    check_side_files(path)
    try:
        with contextlib.closing(connect(path, "rw")) as connection:
            connection.execute("PRAGMA busy_timeout = 500")
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (found,) = connection.execute("PRAGMA application_id").fetchone()
            if pages and found != APPLICATION_ID:
                raise _foreign(path)
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise _unsettled(path, error) from error


def _in_use(path: Path) -> UsageError:
    return UsageError(
        f"cannot record to {path}: it is still being recorded or read;"
        " wait, close it, or give another name"
    )


def error_code(error: BaseException) -> int:
    """What kind of error SQLite reports; 0 of other errors."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_busy(error: BaseException) -> bool:
    """Whether SQLite says that another program holds the file."""
    return error_code(error) in _BUSY


def cause(error: BaseException) -> str:
    """Why a commit failed, in a few words."""
    if is_busy(error):
        return "another program keeps it locked"
    if error_code(error) == sqlite3.SQLITE_FULL:
        return "the disk is full"
    return reason(error)


def _unsettled(path: Path, error: sqlite3.Error) -> GanVizError:
    if is_busy(error):
        return _in_use(path)
    if error_code(error) == sqlite3.SQLITE_NOTADB:
        return _foreign(path)
    return RecordingError(f"cannot replace {path}: {error}; delete it or give another name")


def _foreign(path: Path) -> RecordingError:
    return RecordingError(
        f"{path} exists and is not a gan_viz recording, so it is not replaced: give another name"
    )


def discard(path: Path) -> None:
    """Remove a recording and what SQLite keeps beside it."""
    for suffix in ("", *SIDE_FILES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def create(final: Path, current: Path, header: Mapping[str, str]) -> sqlite3.Connection:
    """Make an empty recording with a header (JSON by key) and open it for writing.

    It gets its name only when it has all its tables, so that no reader meets half of them.
    UsageError if no file can be made there.
    """
    sibling = _sibling(final)
    try:
        _draft(sibling, header)
        sibling.replace(current)
        connection = connect(current, "rw")
        _prepare(connection)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            discard(sibling)
        raise UsageError(f"cannot record to {current}: {error}") from error
    return connection


def reopen(final: Path, current: Path) -> sqlite3.Connection:
    """Open an existing recording for writing.

    Raises UsageError if it, or the recording that it is to replace, is in use; RecordingError if
    one of them is damaged or no recording.
    """
    for path in {final, current}:
        if _has_content(path):
            _settle(path)
    connection = connect(current, "rw")
    try:
        _prepare(connection)
        _set_journal(connection, "wal")
    except sqlite3.OperationalError as error:
        _warn_of_no_log(current, error)
    return connection


def _set_journal(connection: sqlite3.Connection, journal: str) -> None:
    (answer,) = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()
    if answer != journal:
        raise sqlite3.OperationalError(f"SQLite chose journal mode {answer}")


def _draft(path: Path, header: Mapping[str, str]) -> None:
    """Write the tables with a write-ahead log, or without where there can be none."""
    try:
        _write_tables(path, header, "wal")
    except sqlite3.OperationalError as error:
        discard(path)
        _write_tables(path, header, "delete")
        _warn_of_no_log(path, error)


def _warn_of_no_log(path: Path, error: sqlite3.Error) -> None:
    why = f"cannot hold a write-ahead log ({error})"
    careful = "which is slower and keeps readers waiting during a commit"
    if path.absolute().parent in _LOCKLESS:
        why = "is on a file system on which files cannot be locked"
        careful = "which nobody should read before it is complete"
    warnings.warn(
        f"{path.parent} {why}: recording with a rollback journal, {careful}",
        RecordingWarning,
        stacklevel=6,  # whoever made the Writer
    )


def _write_tables(path: Path, header: Mapping[str, str], journal: str) -> None:
    with contextlib.closing(connect(path, "rwc")) as connection:
        execute = connection.execute
        execute("PRAGMA auto_vacuum = NONE")
        execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _set_journal(connection, journal)
        execute("BEGIN IMMEDIATE")
        for statement in SCHEMA.values():
            execute(statement)
        connection.executemany("INSERT INTO header VALUES (?, ?)", header.items())
        execute(f"PRAGMA user_version = {FIRST_VERSION}")
        execute("COMMIT")


def identity(path: Path) -> tuple[int, int] | None:
    """Which file a name leads to; None if to none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def write_again(connection: sqlite3.Connection, path: Path) -> tuple[Path, sqlite3.Connection]:
    """Write a recording anew whose file was removed while it was written; it is open still.

    Returns where it is now, under another name if a file that is not ours has the old one, and a
    new connection: the old one is closed. Raises OSError if the folder is gone; sqlite3.Error if it
    cannot be written.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the directory {path.parent} has been removed")
    taken = os.path.lexists(path)
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 10_000))
    place = next(name for name in names if not os.path.lexists(name)) if taken else path
    draft = place.with_name(f".{place.name}.{os.urandom(4).hex()}.part")
    try:
        with contextlib.closing(connect(draft, "rwc")) as copy:
            connection.backup(copy)
        connection.close()  # removes its log by its name: only now
        discard(place)
        draft.replace(place)
    finally:
        discard(draft)
    connection = connect(place, "rw")
    _prepare(connection)
    with contextlib.suppress(sqlite3.OperationalError):
        _set_journal(connection, "wal")
    return place, connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Let commits sync rarely, and wait for other programs only briefly: they are tried again.

    Arrays are packed by the thread that commits them.
    """
    connection.create_function("pack", 1, Packer())
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 1000")


def finish(connection: sqlite3.Connection) -> bool:
    """Close a committed recording and make it a single file, unless a reader is following.

    Returns whether the file needs no log beside it.
    """
    whole = False
    with contextlib.suppress(sqlite3.Error), contextlib.closing(connection):
        connection.execute("PRAGMA busy_timeout = 2000")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        whole = not busy
        connection.execute("PRAGMA busy_timeout = 100")
        connection.execute("PRAGMA journal_mode = DELETE")  # fails if someone is following
    return whole


def publish(current: Path, final: Path, *, whole: bool) -> None:
    """Move a complete recording to its final name; RecordingError, and both kept, if it cannot."""
    try:
        if not whole:
            raise _in_use(current)
        if _has_content(final):
            _settle(final)
        current.replace(final)
    except (OSError, GanVizError) as error:
        raise RecordingError(f"{error}; the new recording is complete and is {current}") from error

"""What SQLite keeps beside a recording: a journal, or a log and its index.

A stranger may have sent them along. SQLite believes a journal so far that it deletes whatever file
the journal names as its "super-journal", and it opens a log that is a link or a pipe. So they are
looked at before SQLite sees them.
"""

from __future__ import annotations

import os
import shutil
import stat
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gan_viz.errors import RecordingError

SIDE_FILES = ("-wal", "-shm", "-journal")
_LOCK = "@hhqqi4x"
"""``struct flock`` of Linux: kind, origin, start, length, process."""
_OPEN_BYTE = 128
"""Which byte of the index those lock who have it open: ``UNIX_SHM_DMS`` of SQLite's os_unix.c."""
# With which a journal ends that names another file: https://www.sqlite.org/fileformat.html, 3.
_MAGIC = bytes.fromhex("d9d505f920a163d7")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def has_content(path: Path, suffix: str) -> bool:
    """Whether a recording has a side file that is not empty."""
    found = _status(_beside(path, suffix))
    return found is not None and found.st_size > 0


def _status(file: Path) -> os.stat_result | None:
    """What the system says of a file, None of one that is not there: its writer may remove it."""
    try:
        return file.lstat()
    except FileNotFoundError:
        return None


def any_beside(path: Path) -> bool:
    """Whether there is a log or an index of one; whoever writes a log has both."""
    return any(os.path.lexists(_beside(path, suffix)) for suffix in ("-wal", "-shm"))


def is_open_elsewhere(path: Path) -> bool | None:
    """Whether another process has a recording open; None where that cannot be told.

    Whoever follows or writes a log holds a lock in the index beside it, until it ends, however it
    does. Call it only where this process has the recording not open: closing the index drops the
    locks that SQLite has on it here.
    """
    index = _beside(path.resolve(), "-shm")
    if sys.platform != "linux":  # elsewhere what is asked has another form
        return None
    try:
        import fcntl

        handle = os.open(index, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        asked = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, _OPEN_BYTE, 1, 0)
        kind, *_ = struct.unpack(_LOCK, fcntl.fcntl(handle, fcntl.F_GETLK, asked))
    except OSError:
        return None
    finally:
        os.close(handle)
    return bool(kind != fcntl.F_UNLCK)


def remove_empty_log(path: Path) -> None:
    """Remove a log that is empty, and that nobody can have opened, for it has no index."""
    log = _beside(path, "-wal")
    with suppress(OSError):
        if log.stat().st_size == 0 and not os.path.lexists(_beside(path, "-shm")):
            log.unlink()


def lacks_log(path: Path) -> bool:
    """Whether a file was written with a log beside it, and is here without."""
    real = path.resolve()
    if any_beside(real):
        return False
    with real.open("rb") as file:  # nobody has it open for writing: there would be a log
        file.seek(18)
        return file.read(2) == b"\2\2"


def check_side_files(path: Path) -> None:
    """Refuse side files that are no files, and a journal that names another file.

    Raises RecordingError, with the file and what to do.
    """
    for suffix in SIDE_FILES:
        file = _beside(path, suffix)
        found = _status(file)
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise RecordingError(f"{file} is no ordinary file, as gan_viz makes them: move it away")
    journal = _beside(path, "-journal")
    if has_content(path, "-journal") and _names_another(journal):
        raise RecordingError(
            f"{journal} names another file for SQLite to delete, which no gan_viz has written:"
            f" trust neither it nor {path.name}, or move it away"
        )


def _names_another(journal: Path) -> bool:
    with suppress(FileNotFoundError), journal.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_MAGIC)))
        return file.read() == _MAGIC
    return False


@contextmanager
def private_copy(path: Path) -> Iterator[Path]:
    """Copy a recording with its side files, for the time of the block.

    Raises RecordingError if there is no room for it.
    """
    folder = Path(tempfile.mkdtemp(prefix="gan_viz-"))
    try:
        _copy(path, folder)
        yield folder / path.name
    finally:
        # Where an open file cannot be removed, on Windows, it stays until the system clears up.
        shutil.rmtree(folder, ignore_errors=True)


def _copy(path: Path, folder: Path) -> None:
    sides = [_beside(path, suffix) for suffix in ("-wal", "-journal") if has_content(path, suffix)]
    try:
        needed = sum(file.stat().st_size for file in (path, *sides))
        if 2 * needed > shutil.disk_usage(folder).free:
            raise OSError(f"{needed:,} bytes")
        for file in (path, *sides):
            shutil.copyfile(file, folder / file.name)
    except OSError as error:
        raise RecordingError(
            f"{path} was cut off while it was written and must be copied to be read, for which"
            f" {folder.parent} has no room ({error.strerror or error}): name another folder with"
            " TMPDIR"
        ) from None

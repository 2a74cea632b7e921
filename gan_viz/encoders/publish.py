"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from pathlib import Path
from typing import BinaryIO, ClassVar

from gan_viz.errors import UsageError, reason

_LONGEST = 100
"""Bytes of a name that its temporary names begin with."""
_FRESH = 60.0
"""Seconds in which a temporary file is left alone: it may be about to be locked."""


def check_file(path: Path) -> None:
    """Refuse a path that could not be written, before any work is done for it.

    Parameters
    ----------
    path : Path
        Where a file is to be written; a file that is already there may be replaced.

    Raises
    ------
    UsageError
        If the path is a directory or something else that is no ordinary file, if its name cannot
        be that of a file, or if its directory does not exist or cannot be written.
    """
    check_folder(path)
    if path.is_dir():
        raise UsageError(f"{path} is a directory: give the name of a file in it")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is not an ordinary file: give another name")


def check_folder(path: Path) -> None:
    """Refuse a file or folder with an impossible name, or whose parent cannot be written into.

    Raises
    ------
    UsageError
        With the reason.
    """
    try:
        for each in (path, _real(path)):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                each.stat()
        folder = _real(path).parent
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(path)[:200]!r} cannot be written: {reason(error)}") from None
    if not folder.exists():
        raise UsageError(f"the directory {folder} does not exist: create it, or write elsewhere")
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a directory: {path.name} cannot be written into it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"the directory {folder} cannot be written: choose another one")


class Partial:
    """A file in the making: ``.NAME.XXXXXXXX.part`` beside the name it will get.

    Parameters
    ----------
    path : Path
        The final name.  A link is followed, so that the file it points to is replaced.

    Attributes
    ----------
    target : Path
        The final name, as given.
    path : Path
        The temporary file; it exists and is empty at first.

    Raises
    ------
    UsageError
        If the final name cannot be used.
    OSError
        If the temporary file cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self.target = path
        self.check(path)
        self._final = _real(path)
        self._clear_abandoned()
        # Not `secrets`, which takes longer to import than all of this module.
        self.path = self._final.with_name(f"{self._stem}.{os.urandom(4).hex()}.part")
        self._create()
        self._lock = _locked(self.path)

    @property
    def _stem(self) -> str:
        """The name with which temporary names begin; cut, for they are longer than the name."""
        return "." + os.fsencode(self._final.name)[:_LONGEST].decode(errors="ignore")

    @classmethod
    def check(cls, path: Path) -> None:
        """Refuse a final name that cannot be used.

        Raises
        ------
        UsageError
            With the reason.
        """
        check_file(path)

    def _clear_abandoned(self) -> None:
        """Remove what processes that were killed have left of earlier attempts."""
        form = re.compile(rf"{re.escape(self._stem)}\.[0-9a-f]{{8}}(\.old)?\.part")
        for left in self._final.parent.iterdir():
            if form.fullmatch(left.name):
                with contextlib.suppress(OSError):
                    self._clear(left)

    def _clear(self, left: Path) -> None:
        if time.time() - left.lstat().st_mtime > _FRESH and (lock := _locked(left)) is not None:
            os.close(lock)
            remove(left)

    def _create(self) -> None:
        # Not tempfile: its files are private to the user, an animation is not.
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        with contextlib.suppress(OSError):
            self.path.chmod(stat.S_IMODE(self._final.stat().st_mode))

    def open(self) -> BinaryIO:
        """Open the temporary file for writing."""
        return self.path.open("wb")

    def publish(self) -> None:
        """Give the file its final name, in one step; replaces what had it before."""
        self.path.replace(self._final)
        self._unlock()

    def discard(self) -> None:
        """Remove what was written; what has the final name stays as it is."""
        remove(self.path)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


class PartialFolder(Partial):
    """A folder in the making: ``.NAME.XXXXXXXX.part`` beside the name it will get.

    It may replace a folder of the same making, all of whose files it knows, and nothing else.

    Parameters
    ----------
    path : Path
        The final name.
    """

    own: ClassVar[re.Pattern[str]] = re.compile(r"frames-\d+\.png")
    """Names of the files in such a folder."""

    @classmethod
    def check(cls, path: Path) -> None:
        """Refuse a final name that cannot be used, or whose folder has something else in it.

        Raises
        ------
        UsageError
            With the reason.
        """
        check_folder(path)
        if path.is_dir():
            cls._check_content(path)
        elif path.exists():
            raise UsageError(f"{path} is a file: give the name of a folder")

    @classmethod
    def _check_content(cls, path: Path) -> None:
        try:
            items = list(path.iterdir())
        except OSError as error:
            raise UsageError(f"{path} cannot be looked into: {reason(error)}") from None
        for item in items:
            if not cls.own.fullmatch(item.name) or item.is_dir():
                raise UsageError(
                    f"{path} holds {item.name}, which is no frame: it would be lost; "
                    "give the name of a new folder"
                )

    def _create(self) -> None:
        self.path.mkdir()
        with contextlib.suppress(OSError):
            self.path.chmod(stat.S_IMODE(self._final.stat().st_mode))

    def _clear(self, left: Path) -> None:
        if left.suffixes[-2:] == [".old", ".part"] and not self._final.exists():
            left.rename(self._final)  # a process was killed while it replaced this folder
        else:
            super()._clear(left)

    def publish(self) -> None:
        """Give the folder its final name; what had it before is removed."""
        self.check(self.target)  # something may have been put there meanwhile
        old = self.path.with_suffix(".old.part")
        if self._final.exists():
            self._final.rename(old)
        try:
            self.path.rename(self._final)
        except OSError:
            if old.exists():
                old.rename(self._final)
            raise
        self._unlock()
        remove(old)


class Borrowed(Partial):
    """The temporary file, or folder, of another process, which will publish it.

    Parameters
    ----------
    target, path : Path
        Its final name and its name now.
    """

    def __init__(self, target: Path, path: Path) -> None:
        self.target, self.path, self._lock = target, path, None

    def publish(self) -> None:
        """Leave it to the other process."""


class Nowhere(Partial):
    """The place of encoders that write no file."""

    def __init__(self, path: Path) -> None:
        self.target = self.path = path
        self._lock = None

    def publish(self) -> None:
        """Do nothing."""

    def discard(self) -> None:
        """Do nothing."""


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _locked(path: Path) -> int | None:
    """Lock a temporary file or folder until the descriptor is closed or the process ends.

    None where that cannot be done, or another process has it.
    """
    try:
        import fcntl

        handle = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle

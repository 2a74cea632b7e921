"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from pathlib import Path
from typing import BinaryIO, ClassVar

from gan_viz.errors import UsageError

__all__ = [
    "Borrowed",
    "Nowhere",
    "Partial",
    "PartialFolder",
    "check_file",
    "check_folder",
    "remove",
]


def check_file(path: Path) -> None:
    """Refuse a path that could not be written, before any work is done for it.

    Parameters
    ----------
    path : Path
        Where a file is to be written; a file that is already there may be replaced.

    Raises
    ------
    UsageError
        If the path is a directory or something else that is no ordinary file, or if its directory
        does not exist or cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a directory: give the name of a file in it")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is not an ordinary file: give another name")
    check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse a file or folder whose parent does not exist, is no folder or cannot be written.

    Raises
    ------
    UsageError
        With the reason.
    """
    folder = _real(path).parent
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
        self.check()
        self._final = _real(path)
        # Not `secrets`, which takes longer to import than all of this module.
        self.path = self._final.with_name(f".{self._final.name}.{os.urandom(4).hex()}.part")
        self._create()

    def check(self) -> None:
        """Refuse a final name that cannot be used.

        Raises
        ------
        UsageError
            With the reason.
        """
        check_file(self.target)

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

    def discard(self) -> None:
        """Remove what was written; what has the final name stays as it is."""
        remove(self.path)


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

    def check(self) -> None:
        """Refuse a final name that cannot be used, or whose folder has something else in it.

        Raises
        ------
        UsageError
            With the reason.
        """
        path = self.target
        if path.is_dir():
            self._check_content(path)
        elif path.exists():
            raise UsageError(f"{path} is a file: give the name of a folder")
        check_folder(path)

    def _check_content(self, path: Path) -> None:
        for item in path.iterdir():
            if not self.own.fullmatch(item.name) or item.is_dir():
                raise UsageError(
                    f"{path} holds {item.name}, which is no frame: it would be lost; "
                    "give the name of a new folder"
                )

    def _create(self) -> None:
        self.path.mkdir()
        with contextlib.suppress(OSError):
            self.path.chmod(stat.S_IMODE(self._final.stat().st_mode))

    def publish(self) -> None:
        """Give the folder its final name; what had it before is removed."""
        self.check()  # something may have been put there meanwhile
        if not self._final.exists():
            self.path.rename(self._final)
            return
        old = self.path.with_suffix(".old.part")
        self._final.rename(old)
        try:
            self.path.rename(self._final)
        except OSError:
            old.rename(self._final)
            raise
        remove(old)


class Borrowed(Partial):
    """The temporary file, or folder, of another process, which will publish it.

    Parameters
    ----------
    target, path : Path
        Its final name and its name now.
    """

    def __init__(self, target: Path, path: Path) -> None:
        self.target, self.path = target, path

    def publish(self) -> None:
        """Leave it to the other process."""


class Nowhere(Partial):
    """The place of encoders that write no file."""

    def __init__(self, path: Path) -> None:
        self.target = self.path = path

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

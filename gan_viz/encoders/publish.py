"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from gan_viz.errors import UsageError

__all__ = ["Nowhere", "Partial", "check_output"]


def check_output(path: Path) -> None:
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
        check_output(path)
        self._target = _real(path)
        self.path = self._target.with_name(f".{self._target.name}.{secrets.token_hex(4)}.part")
        # Not tempfile: its files are private to the user, an animation is not.
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        with contextlib.suppress(FileNotFoundError, PermissionError):
            self.path.chmod(stat.S_IMODE(self._target.stat().st_mode))

    def publish(self) -> None:
        """Give the file its final name, in one step; replaces what had it before."""
        self.path.replace(self._target)

    def discard(self) -> None:
        """Remove the file; what has the final name stays as it is."""
        self.path.unlink(missing_ok=True)


class Nowhere(Partial):
    """The place of encoders that write no file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def publish(self) -> None:
        """Do nothing."""

    def discard(self) -> None:
        """Do nothing."""


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))

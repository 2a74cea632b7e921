"""Downloading files of known size and hash into the user's cache, from one mirror or another."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from gan_viz.datasets.base import Progress
from gan_viz.datasets.transfer import FailedTransferError, Stored, transfer
from gan_viz.errors import DataError

__all__ = ["TIMEOUT", "UnreachableError", "cache_folder", "download"]

TIMEOUT = 10.0
"""Seconds without a byte after which a mirror is given up."""
_ABANDONED = 600.0  # seconds since a temporary file was written to


class UnreachableError(Exception):
    """No mirror gives a file; the message says why for each of them."""


def cache_folder(name: str) -> Path:
    """Return the folder of the user's cache for one purpose; it need not exist.

    Parameters
    ----------
    name : str
        A subfolder.

    Returns
    -------
    Path
        Under the folder that the environment variable ``GAN_VIZ_CACHE`` names, or under the
        operating system's place for caches.
    """
    import pooch

    return Path(os.environ.get("GAN_VIZ_CACHE") or pooch.os_cache("gan_viz")).expanduser() / name


def download(
    files: Mapping[str, Stored],
    mirrors: tuple[str, ...],
    folder: Path,
    progress: Progress | None = None,
    timeout: float = TIMEOUT,
) -> None:
    """Download those of the files that the folder does not hold unharmed.

    A file appears in the folder when all of it is there and checked; whatever else happens,
    nothing of it is left.

    Parameters
    ----------
    files : mapping of str to Stored
        By name.
    mirrors : tuple of str
        Addresses, ending in a slash, that the names are appended to; tried in this order, but one
        that has failed comes last from then on.
    folder : Path
        Created where there is none.
    progress : Progress, optional
        Called with the bytes of all the files to be downloaded.
    timeout : float
        Seconds to wait for a mirror's next byte.

    Raises
    ------
    UnreachableError
        If no mirror gives one of the files.
    DataError
        If the folder cannot be written.
    """
    missing = {n: stored for n, stored in files.items() if not _is_whole(folder / n, stored)}
    if not missing:
        return
    bar, order = _Bar(sum(stored.size for stored in missing.values()), progress), deque(mirrors)
    try:
        with _swept(folder), _quiet():
            for name, stored in missing.items():
                _from_any(order, folder / name, stored, bar, timeout)
                bar.finish(stored.size)
    except OSError as error:
        raise DataError(
            f"cannot write into the cache {folder}: {error.strerror or error}; "
            "name another folder with GAN_VIZ_CACHE"
        ) from None


def _is_whole(path: Path, stored: Stored) -> bool:
    import pooch

    if not path.is_file() or path.stat().st_size != stored.size:
        return False
    return bool(pooch.file_hash(str(path), "sha256") == stored.sha256)


def _from_any(mirrors: deque[str], path: Path, stored: Stored, bar: _Bar, timeout: float) -> None:
    reasons = []
    for _ in range(len(mirrors)):
        bar.show(0)
        try:
            return transfer(mirrors[0] + path.name, path, stored, bar.show, timeout)
        except FailedTransferError as error:
            reasons.append(f"{urlsplit(mirrors[0]).netloc}: {error}")
            mirrors.rotate(-1)
    raise UnreachableError("; ".join(reasons))


class _Bar:
    """Adds up files to the progress of a whole."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._before = 0

    def show(self, received: int) -> None:
        if self._progress is not None:
            self._progress("downloading", self._before + received, self._total, {})

    def finish(self, size: int) -> None:
        self._before += size
        self.show(0)


@contextmanager
def _swept(folder: Path) -> Iterator[None]:
    """Clear away what a process that was killed has left, and the folder if it stays empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("tmp*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()
    try:
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pooch from writing to standard error."""
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)

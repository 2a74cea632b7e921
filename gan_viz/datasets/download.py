"""Downloading files of known size and hash into the user's cache, from one mirror or another."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gan_viz.errors import DataError, UsageError
from gan_viz.progress import Progress

if TYPE_CHECKING:
    import requests

TIMEOUT = 10.0
"""Seconds in which a mirror has to answer, and over which its speed is judged."""
_SLOWEST = 1000  # bytes a second; MNIST would take three hours
_CHUNK = 1024  # small, for what has arrived in part is not counted
_REPORT_EVERY = 1 << 16
_ABANDONED = 600.0  # seconds since a temporary file was written to


@dataclass(frozen=True)
class Stored:
    """A file as it is published: its bytes, and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class UnreachableError(Exception):
    """No mirror gives a file; the message says why for each of them."""


class _FailedError(Exception):
    """One mirror does not give a file; the message is the reason in a few words."""


def cache_folder(name: str) -> Path:
    """Return the folder of the user's cache for one purpose; it need not exist.

    It is under the folder that the environment variable ``GAN_VIZ_CACHE`` names, or under the
    operating system's place for caches.
    """
    import pooch

    return (
        home_of("GAN_VIZ_CACHE", os.environ.get("GAN_VIZ_CACHE") or pooch.os_cache("gan_viz"))
        / name
    )


def home_of(variable: str, folder: str | os.PathLike[str]) -> Path:
    """Return a folder that an environment variable may have named, ``~`` resolved.

    Raises UsageError if it is that of a user who is not known.
    """
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        raise UsageError(f"{variable}={folder}: there is no such user; name a folder") from None


def download(
    files: Mapping[str, Stored],
    mirrors: tuple[str, ...],
    folder: Path,
    progress: Progress | None = None,
    timeout: float = TIMEOUT,
) -> None:
    """Download those of the files that the folder does not hold unharmed.

    A file appears in the folder, which is created where there is none, when all of it is there and
    checked. Several processes may download the same files at once: each writes to a temporary name
    of its own. Raises UnreachableError if no mirror gives one of the files; DataError if the folder
    cannot be written.

    The mirrors are addresses, ending in a slash, that the names are appended to; they are tried in
    this order, but one that has failed comes last from then on. A mirror has to begin its answer
    within `timeout` seconds; from then on at least 1000 bytes a second have to arrive in every
    stretch of so many seconds. `progress` is called with the bytes of all the files to be
    downloaded.
    """
    missing = {n: stored for n, stored in files.items() if not _is_whole(folder / n, stored)}
    total, before, order = sum(stored.size for stored in missing.values()), 0, list(mirrors)

    def report(received: int) -> None:
        if progress is not None:
            progress("downloading", before + received, total, {})

    try:
        for name, stored in missing.items():
            _clear_abandoned(folder)
            _from_any(order, folder / name, stored, report, timeout)
            before += stored.size
            report(0)
    except OSError as error:
        raise DataError(
            f"cannot write into the cache {folder}: {error.strerror or error}; "
            "name another folder with GAN_VIZ_CACHE"
        ) from None


def _is_whole(path: Path, stored: Stored) -> bool:
    import pooch

    if path.exists() and not path.is_file():  # reading a pipe would wait for ever
        raise DataError(f"{path} in the cache is no ordinary file: remove it")
    if not path.is_file() or path.stat().st_size != stored.size:
        return False
    return bool(pooch.file_hash(str(path), "sha256") == stored.sha256)


def _clear_abandoned(folder: Path) -> None:
    """Remove the temporary files of processes that were killed."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("tmp*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def _from_any(
    mirrors: list[str], path: Path, stored: Stored, report: Callable[[int], None], timeout: float
) -> None:
    import pooch

    reasons = []
    for mirror in tuple(mirrors):
        report(0)
        receive = _Receiver(stored.size, report, timeout)
        try:
            with _quiet_pooch():
                known_hash = f"sha256:{stored.sha256}"
                pooch.retrieve(
                    mirror + path.name, known_hash, path.name, path.parent, None, receive
                )
        except _FailedError as error:
            reasons.append(f"{urlsplit(mirror).netloc}: {error}")
        except ValueError:  # pooch has compared the hash
            reasons.append(f"{urlsplit(mirror).netloc}: another file")
        else:
            return
        mirrors.append(mirrors.pop(0))
    raise UnreachableError("; ".join(reasons))


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Keep pooch from writing to standard error."""
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@dataclass
class _Receiver:
    """What pooch calls to get a file of `size` bytes."""

    size: int
    report: Callable[[int], None]
    timeout: float
    received: int = 0
    answered: bool = False
    too_slow: bool = False
    _sockets: list[socket.socket] = field(default_factory=list)

    def __call__(self, url: str, output_file: str, _: object) -> None:
        import requests

        try:
            with _watched(self), _session(self._sockets) as session:
                self._get(session, url, Path(output_file))
        except requests.RequestException as error:
            raise _FailedError(self._reason(error)) from None
        finally:
            for each in self._sockets:
                each.close()

    def _get(self, session: requests.Session, url: str, path: Path) -> None:
        # Without this a server may compress the file once more, and its size would say nothing.
        headers = {"Accept-Encoding": "identity"}
        with session.get(url, headers=headers, stream=True, timeout=self.timeout) as response:
            self.answered = True
            response.raise_for_status()
            length = response.headers.get("Content-Length", str(self.size))
            if length != str(self.size):
                raise _FailedError(f"a file of {length} bytes, not {self.size}")
            with path.open("wb") as file:
                for chunk in response.iter_content(_CHUNK):
                    self.received += len(chunk)
                    if self.received > self.size:
                        raise _FailedError(f"more than {self.size} bytes")
                    file.write(chunk)
                    if self.received % _REPORT_EVERY < len(chunk):
                        self.report(self.received)
        if self.received < self.size:
            raise _FailedError(self._reason(None))

    def give_up(self) -> None:
        """End the request from another thread: whatever waits for the server wakes and fails."""
        self.too_slow = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _reason(self, error: requests.RequestException | None) -> str:
        import requests

        if isinstance(error, requests.HTTPError) and error.response is not None:
            return f"status {error.response.status_code}"
        if self.too_slow and self.answered:
            return "too slow"
        if self.too_slow or isinstance(error, requests.Timeout) or "timed out" in str(error):
            return "no answer in time"
        if isinstance(error, requests.exceptions.SSLError):
            return "no secure connection"
        if isinstance(error, requests.TooManyRedirects):
            return "redirects without end"
        return f"broke off after {self.received} bytes" if self.received else "no connection"


@contextmanager
def _watched(receiver: _Receiver) -> Iterator[None]:
    """Give a request up where too few bytes arrive within any `timeout` seconds.

    The timeout of a socket is no deadline: it starts anew with each byte, so that a server which
    sends one now and then holds a request for ever. This thread looks at the clock instead.
    """
    done = Event()

    def watch() -> None:
        before = 0
        while not done.wait(receiver.timeout):
            here = min(receiver.received, receiver.size)
            if here - before < min(_SLOWEST * receiver.timeout, receiver.size - before):
                receiver.give_up()
            before = here

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _session(sockets: list[socket.socket]) -> requests.Session:
    """Return a session that notes the sockets it opens, which requests keeps to itself."""
    import requests
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
            pool: Any = super().get_connection_with_tls_context(*args, **options)

            class Connection(pool.ConnectionCls):  # type: ignore[misc]
                def _new_conn(self) -> socket.socket:
                    # A copy, which stays the connection's when TLS takes this one over.
                    made: socket.socket = super()._new_conn()
                    sockets.append(made.dup())
                    return made

            pool.ConnectionCls = Connection
            return pool

    session = requests.Session()
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    return session

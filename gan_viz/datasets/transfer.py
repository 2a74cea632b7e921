"""One file from one mirror: no larger, no slower and no other than it has to be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import requests

__all__ = ["FailedTransferError", "Stored", "transfer"]

_SLOWEST = 1000  # bytes a second; MNIST would take three hours
_CHUNK = 1024  # small, so that a slow mirror is noticed soon
_REPORT_EVERY = 1 << 16


@dataclass(frozen=True)
class Stored:
    """A file as it is published.

    Parameters
    ----------
    size : int
        Bytes.
    sha256 : str
        Hexadecimal.
    """

    size: int
    sha256: str


class FailedTransferError(Exception):
    """A mirror does not give the file; the message is the reason in a few words."""


def transfer(
    url: str, path: Path, stored: Stored, report: Callable[[int], None], timeout: float
) -> None:
    """Download a file with pooch: to a temporary name, checked, then moved into place.

    Parameters
    ----------
    url : str
        Where it is.
    path : Path
        Where it is to be; its folder exists.
    stored : Stored
        What it has to be.
    report : callable
        Told now and then how many bytes are there.
    timeout : float
        Seconds to wait for the next byte.

    Raises
    ------
    FailedTransferError
        If the mirror does not give this file.
    OSError
        If the file cannot be written.
    """
    import pooch
    import requests

    receive = _Receiver(stored.size, report, timeout)
    try:
        pooch.retrieve(url, f"sha256:{stored.sha256}", path.name, path.parent, downloader=receive)
    except requests.RequestException as error:
        raise FailedTransferError(_reason(error, receive.received)) from None
    except ValueError:
        raise FailedTransferError("another file") from None


def _reason(error: requests.RequestException, received: int) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"status {error.response.status_code}"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    return f"broke off after {received} bytes" if received else "no connection"


class _Receiver:
    """What pooch calls to get a file.

    Parameters
    ----------
    size : int
        Bytes that the file has to have.
    report : callable
        Told how many there are.
    timeout : float
        Seconds to wait for the next byte, and before the speed is judged.
    """

    def __init__(self, size: int, report: Callable[[int], None], timeout: float) -> None:
        self.received = 0
        self._size = size
        self._report = report
        self._timeout = timeout

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        import requests

        # Without this a server may compress the file once more, and its size would say nothing.
        headers = {"Accept-Encoding": "identity"}
        with requests.get(url, headers=headers, stream=True, timeout=self._timeout) as response:
            response.raise_for_status()
            length = response.headers.get("Content-Length", str(self._size))
            if length != str(self._size):
                raise FailedTransferError(f"a file of {length} bytes, not {self._size}")
            with Path(output_file).open("wb") as file:
                self._receive(response, file)

    def _receive(self, response: requests.Response, file: BinaryIO) -> None:
        start, reported = time.monotonic(), 0
        for chunk in response.iter_content(_CHUNK):
            self.received += len(chunk)
            if self.received > self._size:
                raise FailedTransferError(f"more than {self._size} bytes")
            file.write(chunk)
            seconds = time.monotonic() - start
            if seconds > self._timeout and self.received < _SLOWEST * seconds:
                raise FailedTransferError("too slow")
            if self.received - reported >= _REPORT_EVERY:
                reported = self.received
                self._report(reported)
        if self.received < self._size:
            raise FailedTransferError(f"broke off after {self.received} bytes")

"""Commits in the background, so that whoever records never waits for a disk.

Measured on a busy virtual disk, against commits in the training's own thread: the longest stall of
a training was 10 to 35 ms instead of 90 to 150 ms (beside another writer that keeps syncing: 25 to
50 ms instead of 350 to 650 ms), and recording took 10 us of a toy's step instead of 25 us.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

__all__ = ["Committer", "Statement"]

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
"""An SQL statement and its parameters."""

_EARLY_BYTES = 4 * 2**20
"""With more than this waiting, a commit is made before its time."""

_FULL_BYTES = 64 * 2**20
"""With more than this waiting, the caller waits as well: memory stays bounded."""

_STATEMENT_BYTES = 200
_NUMBER_BYTES = 27
"""About what a statement without its arrays, and a number of a scalar's row, take in memory."""

_ROWS = 256
"""Scalars inserted by one statement: SQLite allowed 999 parameters before its version 3.32."""

# A child process must not inherit an open transaction: closing its copy of the connection would
# undo the transaction in memory that it shares with its parent. So a fork waits for commits.
_storing = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_storing.acquire,
        after_in_parent=_storing.release,
        after_in_child=_storing.release,
    )


class Committer:
    """Takes what is to be stored, and has a thread that commits it every `interval` seconds.

    That thread alone uses the connection, so that no Ctrl-C can hit a transaction. The two sides
    share a deque and a SimpleQueue, whose methods Ctrl-C cannot interrupt; a Condition could be
    left locked by it. What is put does not wake the thread, and SQL statements are few and large,
    because each wake-up and each statement takes the interpreter lock from the training.

    Parameters
    ----------
    connection : sqlite3.Connection
        The recording.
    interval : float
        Seconds between commits.
    series : dict of str to int
        Numbers of the series of scalars in the recording.

    Attributes
    ----------
    series : dict of str to int
        Likewise; what the caller adds gets into the file with the next commit.
    failure : Exception or None
        What made a commit fail. Nothing is stored any more after that.
    """

    def __init__(
        self, connection: sqlite3.Connection, interval: float, series: dict[str, int]
    ) -> None:
        self.failure: Exception | None = None
        self.series = series
        self._stored_series = len(series)
        self._connection, self._interval = connection, interval
        self._process = os.getpid()
        self._waiting: deque[tuple[Sequence[Statement], Sequence[float], int]] = deque()
        self._given = self._stored = 0  # bytes; each is written by one thread only
        self._calls: queue.SimpleQueue[threading.Lock | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="gan_viz-recording", daemon=True)
        self._thread.start()

    @property
    def forked(self) -> bool:
        """Whether this is a copy in a forked process: SQLite's locks do not survive a fork."""
        return os.getpid() != self._process

    def put(
        self, statements: Sequence[Statement] = (), rows: Sequence[float] = (), nbytes: int = 0
    ) -> None:
        """Have statements and rows stored soon, all in one transaction.

        Parameters
        ----------
        statements : sequence of Statement, optional
            What to execute, in order.
        rows : sequence of float, optional
            Scalars, flat: series, step, value, series, step, value, ...
        nbytes : int, optional
            How many bytes of arrays the statements have.
        """
        if self.failure is not None or self.forked:
            return
        nbytes += _STATEMENT_BYTES * len(statements) + _NUMBER_BYTES * len(rows)
        self._waiting.append((statements, rows, nbytes))
        self._given += nbytes
        if self._given - self._stored > _EARLY_BYTES and self._calls.empty():
            self._calls.put(None)
        if self._given - self._stored > _FULL_BYTES:
            self.flush()

    def flush(self) -> None:
        """Wait until all is committed; `failure` tells whether that went well."""
        if self.forked or self._stopped:
            return
        done = threading.Lock()
        done.acquire()
        self._calls.put(done)
        done.acquire()  # which the thread releases

    def stop(self) -> None:
        """Commit what waits and end the thread."""
        if self.forked:
            return
        self._stopped = True
        self._calls.put(None)
        self._thread.join()

    def _run(self) -> None:
        stopped, due = False, time.monotonic() + self._interval
        while not stopped:
            call = None
            with suppress(queue.Empty):
                call = self._calls.get(timeout=max(0.0, due - time.monotonic()))
            # counted from before the commit: what is given while a slow disk is written to waits
            # for no more than that
            due = time.monotonic() + self._interval
            stopped = self._stopped  # read before what waits is taken: nothing is put after it
            self._commit()
            if call is not None:
                call.release()

    def _commit(self) -> None:
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if taken and self.failure is None:
            with _storing:
                self._store(taken)
        self._stored += sum(nbytes for *_, nbytes in taken)

    def _store(self, taken: Sequence[tuple[Sequence[Statement], Sequence[float], int]]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for statements, _, _ in taken:
                for statement, parameters in statements:
                    self._connection.execute(statement, parameters)
            self._store_scalars([number for _, rows, _ in taken for number in rows])
            self._connection.execute("COMMIT")
        except (sqlite3.Error, MemoryError) as error:
            self.failure = error
            if self._connection.in_transaction:
                self._connection.rollback()

    def _store_scalars(self, rows: list[float]) -> None:
        if len(self.series) > self._stored_series:
            numbers = [(number, name) for name, number in self.series.copy().items()]
            insert = "INSERT OR IGNORE INTO series VALUES (?, ?)"
            self._connection.executemany(insert, numbers)
            self._stored_series = len(numbers)
        for start in range(0, len(rows), 3 * _ROWS):
            chunk = rows[start : start + 3 * _ROWS]
            places = ",".join(["(?,?,?)"] * (len(chunk) // 3))
            self._connection.execute(f"INSERT OR REPLACE INTO scalar VALUES {places}", chunk)

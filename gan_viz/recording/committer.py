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
from pathlib import Path

from gan_viz.recording import files
from gan_viz.recording.backlog import (
    NUMBER_BYTES,
    STATEMENT_BYTES,
    Backlog,
    Entry,
    Loss,
    Statement,
)
from gan_viz.recording.files import is_busy

_EARLY_BYTES = 4 * 2**20
"""With more than this waiting, a commit is made before its time."""

_FULL_BYTES = 64 * 2**20
"""With more than this waiting, the caller waits as well: memory stays bounded."""

_AGAIN = 1.0
"""Seconds after which a commit that failed is tried again at the earliest."""

_PATIENCE = 15.0
"""Seconds for which the last commit is tried where another program holds the file."""

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

    The numbers of the `series` of scalars in the recording are given; what the caller adds to them
    gets into the file with the next commit. `failure` is what made the last commit fail: what it
    was to store is kept, and tried again with the next; where it becomes too much, it is thinned.
    The `path` is another than at first if another file has taken its place, and `rewritten` tells
    that the file was removed or replaced, and written again.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, interval: float, series: dict[str, int]
    ) -> None:
        self.failure: Exception | None = None
        self.series = series
        self._stored_series = len(series)
        self.path, self.connection, self._interval = path, connection, interval
        self._identity = files.identity(path)
        self._backlog = Backlog()
        self.rewritten = False
        self._process = os.getpid()
        self._waiting: deque[Entry] = deque()
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

        Rows are scalars, flat: series, step, value, series, step, value, ... The statements are
        executed in order; `nbytes` is how many bytes of arrays they have.
        """
        if self.forked:
            return
        nbytes += STATEMENT_BYTES * len(statements) + NUMBER_BYTES * len(rows)
        self._waiting.append(Entry(statements, rows, nbytes))
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
        """Commit what waits, if need be with some patience, and end the thread."""
        if self.forked:
            return
        self._stopped = True
        self._calls.put(None)
        self._thread.join()

    @property
    def lost(self) -> Loss:
        """What is not in the recording and will not get there, once this is stopped."""
        return self._backlog.loss

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
            if self.failure is not None:
                due = max(due, time.monotonic() + _AGAIN)
            if call is not None:
                call.release()
        self._commit_at_last()

    def _commit(self) -> None:
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._backlog.add(taken)
        before = self._backlog.nbytes
        if self._backlog:
            with _storing:
                self._try()
        if self.failure is not None:
            self._backlog.thin(_FULL_BYTES // 2)
        self._stored += before - self._backlog.nbytes

    def _commit_at_last(self) -> None:
        """Try for a while what fails: another program may hold the file."""
        with _storing:
            self._try()  # even if nothing waits: the file may be gone
        end = time.monotonic() + _PATIENCE
        while self.failure is not None and is_busy(self.failure) and time.monotonic() < end:
            time.sleep(_AGAIN / 10)
            self._commit()
        self._backlog.give_up()

    def _try(self) -> None:
        try:
            self._find_again()
            self._store(self._backlog.entries)
        except (sqlite3.Error, MemoryError, OSError) as error:
            self.failure = error
            if self.connection.in_transaction:
                self.connection.rollback()
        else:
            self.failure = None
            self._backlog.entries.clear()

    def _find_again(self) -> None:
        """Write the file anew where somebody has removed or replaced it."""
        if files.identity(self.path) != self._identity:
            self.path, self.connection = files.write_again(self.connection, self.path)
            self._identity = files.identity(self.path)
            self.rewritten = True

    def _store(self, entries: Sequence[Entry]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for entry in entries:
            for statement, parameters in entry.statements:
                self.connection.execute(statement, parameters)
        series = [(number, name) for name, number in self.series.copy().items()]
        if len(series) > self._stored_series:
            self.connection.executemany("INSERT OR IGNORE INTO series VALUES (?, ?)", series)
        self._store_scalars([number for entry in entries for number in entry.rows])
        self.connection.execute("COMMIT")
        self._stored_series = len(series)

    def _store_scalars(self, rows: list[float]) -> None:
        for start in range(0, len(rows), 3 * _ROWS):
            chunk = rows[start : start + 3 * _ROWS]
            places = ",".join(["(?,?,?)"] * (len(chunk) // 3))
            self.connection.execute(f"INSERT OR REPLACE INTO scalar VALUES {places}", chunk)

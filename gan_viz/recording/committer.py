"""Commits in the background, so that whoever records never waits for a disk."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

__all__ = ["Committer", "Statement"]

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
"""An SQL statement and its parameters."""

_EARLY_BYTES = 4 * 2**20
"""So much waiting is committed at once, before its time."""

_FULL_BYTES = 64 * 2**20
"""With so much waiting, the caller has to wait as well: memory stays bounded."""

_STATEMENT_BYTES = 200
_NUMBER_BYTES = 27
"""About what a statement without its arrays, and a number of a scalar's row, take in memory."""

_ROWS = 256
"""Scalars inserted by one statement: SQLite allowed 999 parameters before its version 3.32."""

_INSERT = "INSERT OR REPLACE INTO scalar VALUES "


@dataclass
class _Batch:
    """What waits to be committed; `rows` is flat: series, step, value, series, step, ..."""

    statements: list[Statement] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    nbytes: int = 0
    born: float = 0.0


class Committer:
    """Takes what is to be stored, and has a thread that commits it soon after.

    That thread alone uses the connection, so that no Ctrl-C can hit a transaction; nor can it leave
    a lock taken, as it could inside a Condition's own methods. Statements are few and large because
    each of them hands the interpreter lock to the training and back.

    Parameters
    ----------
    connection : sqlite3.Connection
        The recording.
    interval : float
        Seconds after which what was given is committed at the latest.

    Attributes
    ----------
    failure : Exception or None
        What made a commit fail. Nothing is stored any more after that.
    forked : bool
        Whether this is a copy in a forked process, which must leave the file alone.
    """

    def __init__(self, connection: sqlite3.Connection, interval: float) -> None:
        self.failure: Exception | None = None
        self.forked = False
        self._connection = connection
        self._interval = interval
        self._stopping = False
        self._batch = _Batch()
        self._flushed: list[threading.Lock] = []
        self._storing = threading.Lock()  # held during a transaction; taken before `_lock`
        self._lock = threading.Lock()  # guards all the rest
        self._changed = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._run, name="gan_viz-recording", daemon=True)
        _LIVE.add(self)
        self._thread.start()

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
        with self._lock:
            batch = self._batch
            batch.born = batch.born or time.monotonic()
            batch.statements.extend(statements)
            batch.rows.extend(rows)
            batch.nbytes += nbytes + _STATEMENT_BYTES * len(statements) + _NUMBER_BYTES * len(rows)
            if batch.nbytes > _EARLY_BYTES:
                self._changed.notify_all()
        if batch.nbytes > _FULL_BYTES:
            self.flush()

    def flush(self) -> None:
        """Wait until all is committed; `failure` tells whether that went well."""
        if self.forked or self._stopping:
            return
        done = threading.Lock()
        done.acquire()
        with self._lock:
            self._flushed.append(done)
            self._changed.notify_all()
        done.acquire()  # which the thread releases

    def stop(self) -> None:
        """Commit what waits and end the thread."""
        if self.forked:
            return
        with self._lock:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        _LIVE.discard(self)

    def hold(self) -> None:
        """Wait until no transaction is open, and let none begin: the process is about to fork."""
        self._storing.acquire()
        self._lock.acquire()

    def release(self, *, forked: bool = False) -> None:
        """Go on after :meth:`hold`.

        Parameters
        ----------
        forked : bool, optional
            Whether this is the child, which leaves the file to its parent: SQLite's locks do not
            survive a fork.
        """
        self.forked |= forked  # a child may fork again
        self._lock.release()
        self._storing.release()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            stopping, batch, flushed = self._take()
            with self._storing:
                self._store(batch)
            for done in flushed:
                done.release()

    def _take(self) -> tuple[bool, _Batch, list[threading.Lock]]:
        """Sleep until a commit is due; return whether it is the last, what to commit, for whom."""
        with self._lock:
            while not (self._stopping or self._flushed) and (pause := self._pause()) > 0:
                self._changed.wait(pause)
            batch, self._batch = self._batch, _Batch()
            flushed, self._flushed = self._flushed, []
            return self._stopping, batch, flushed

    def _pause(self) -> float:
        """Seconds until what waits is due, or until it is time to look whether anything does."""
        if self._batch.nbytes > _EARLY_BYTES:
            return 0
        age = time.monotonic() - self._batch.born if self._batch.born else 0
        return self._interval - age

    def _store(self, batch: _Batch) -> None:
        if not batch.born or self.failure is not None:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, parameters in batch.statements:
                self._connection.execute(statement, parameters)
            self._store_rows(batch.rows)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, MemoryError) as error:
            self.failure = error
            if self._connection.in_transaction:
                self._connection.rollback()

    def _store_rows(self, rows: list[float]) -> None:
        for start in range(0, len(rows), 3 * _ROWS):
            chunk = rows[start : start + 3 * _ROWS]
            places = ",".join(["(?,?,?)"] * (len(chunk) // 3))
            self._connection.execute(_INSERT + places, chunk)


_LIVE: weakref.WeakSet[Committer] = weakref.WeakSet()
_HELD: list[Committer] = []


def _before_fork() -> None:
    _HELD.extend(_LIVE)
    for committer in _HELD:
        committer.hold()


def _after_fork(*, forked: bool) -> None:
    for committer in _HELD:
        committer.release(forked=forked)
    _HELD.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=partial(_after_fork, forked=False),
        after_in_child=partial(_after_fork, forked=True),
    )

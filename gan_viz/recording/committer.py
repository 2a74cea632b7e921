"""Commits in the background, so that whoever records never waits for a disk."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Sequence
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
    """Takes what is to be stored, and a thread that commits it soon after.

    Statements are few and large because each of them hands the interpreter lock back and forth
    with the training.

    Parameters
    ----------
    connection : sqlite3.Connection
        The recording. From now on used by the committer only.
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
        self._storing = threading.Lock()  # who uses the connection; taken before `_waiting`
        self._waiting = threading.Condition(threading.Lock())  # who uses the batch
        self._thread = threading.Thread(target=self._run, name="gan_viz-recording", daemon=True)
        _LIVE.add(self)
        self._thread.start()

    def hold(self) -> None:
        """Wait until no transaction is open, and let none begin: the process is about to fork."""
        self._storing.acquire()
        self._waiting.acquire()

    def release(self, *, forked: bool = False) -> None:
        """Go on after :meth:`hold`.

        Parameters
        ----------
        forked : bool, optional
            Whether this is the child, which leaves the file to its parent: SQLite's locks do not
            survive a fork.
        """
        self.forked |= forked  # a child may fork again
        self._waiting.release()
        self._storing.release()

    def put(
        self, statements: Iterable[Statement] = (), rows: Sequence[float] = (), nbytes: int = 0
    ) -> None:
        """Have statements and rows stored soon, all in one transaction.

        Parameters
        ----------
        statements : iterable of Statement, optional
            What to execute, in order.
        rows : sequence of float, optional
            Scalars, flat: series, step, value, series, step, value, ...
        nbytes : int, optional
            About how much memory they take.
        """
        with self._waiting:
            if self.failure is not None or self.forked:
                return
            batch = self._batch
            batch.statements.extend(statements)
            batch.rows.extend(rows)
            batch.nbytes += nbytes
            if not batch.born:
                batch.born = time.monotonic()
                self._waiting.notify()
            elif batch.nbytes > _EARLY_BYTES:
                self._waiting.notify()
        if batch.nbytes > _FULL_BYTES:
            self.commit()

    def commit(self) -> None:
        """Store what waits, now; `failure` tells whether that went well."""
        with self._storing:
            with self._waiting:
                batch, self._batch = self._batch, _Batch()
            if batch.born and self.failure is None and not self.forked:
                self._store(batch)

    def stop(self) -> None:
        """Store what waits and end the thread."""
        if self.forked:
            return
        with self._waiting:
            self._stopping = True
            self._waiting.notify()
        self._thread.join()
        self.commit()
        _LIVE.discard(self)

    def _run(self) -> None:
        while self._wait() and self.failure is None:
            self.commit()

    def _wait(self) -> bool:
        """Sleep until a commit is due; return False when there is none to come."""
        with self._waiting:
            while not self._stopping and (pause := self._pause()) != 0:
                self._waiting.wait(pause)
            return not self._stopping

    def _pause(self) -> float | None:
        """Seconds until what waits is due; None if nothing waits."""
        if not self._batch.born:
            return None
        if self._batch.nbytes > _EARLY_BYTES:
            return 0
        return max(0.0, self._batch.born + self._interval - time.monotonic())

    def _store(self, batch: _Batch) -> None:
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

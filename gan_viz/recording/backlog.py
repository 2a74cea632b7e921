"""What could not be stored yet: kept in bounded memory, and thinned where it becomes too much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
"""An SQL statement and its parameters."""

STATEMENT_BYTES = 200
NUMBER_BYTES = 27
"""About what a statement without its arrays, and a number of a scalar's row, take in memory."""
OF_FRAMES = ("INSERT INTO frame", "INSERT INTO array")
"""With which the statements begin that may be left out."""


class Entry(NamedTuple):
    """What is to be stored together."""

    statements: Sequence[Statement]
    """In order."""
    rows: Sequence[float]
    """Scalars, flat: series, step, value, series, step, value, ..."""
    nbytes: int
    """About what it takes in memory."""

    @property
    def frames(self) -> list[int]:
        """The steps of the frames in it."""
        return [values[0] for text, values in self.statements if text.startswith(OF_FRAMES[0])]

    def without_frames(self) -> Entry:
        """The same without frames and their arrays."""
        stays = [one for one in self.statements if not one[0].startswith(OF_FRAMES)]
        arrays = sum(len(one[1][-1]) for one in self.statements if one[0].startswith(OF_FRAMES[1]))
        saved = arrays + STATEMENT_BYTES * (len(self.statements) - len(stays))
        return Entry(stays, self.rows, self.nbytes - saved)

    def at(self, steps: set[float]) -> Entry:
        """The same with the scalars of some steps only."""
        triples = zip(self.rows[::3], self.rows[1::3], self.rows[2::3], strict=True)
        rows = [number for triple in triples if triple[1] in steps for number in triple]
        saved = NUMBER_BYTES * (len(self.rows) - len(rows))
        return Entry(self.statements, rows, self.nbytes - saved)


class Loss(NamedTuple):
    """Numbers of frames and of scalars that are not in the recording."""

    frames: int = 0
    numbers: int = 0


class Backlog:
    """Entries in the order in which they are to be stored, and the `loss`: what was left out."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.loss = Loss()

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def nbytes(self) -> int:
        """About what all takes in memory."""
        return sum(entry.nbytes for entry in self.entries)

    def add(self, entries: Iterable[Entry]) -> None:
        """Append entries."""
        self.entries += entries

    def thin(self, most: int) -> None:
        """Leave out about every second frame, and step of the scalars, until it fits."""
        while self.nbytes > most and (len(self._frames()) > 1 or len(self._steps()) > 1):
            self._halve()

    def give_up(self) -> None:
        """Count what is left as lost."""
        self._lose(len(self._frames()), self._numbers())
        self.entries.clear()

    def _halve(self) -> None:
        frames, numbers = self._frames(), self._numbers()
        kept, steps = _half(frames), _half(self._steps())
        entries = (
            entry if kept.issuperset(entry.frames) else entry.without_frames()
            for entry in self.entries
        )
        thinned = (entry.at(steps) for entry in entries)
        self.entries = [entry for entry in thinned if entry.statements or entry.rows]
        self._lose(len(frames) - len(self._frames()), numbers - self._numbers())

    def _lose(self, frames: int, numbers: int) -> None:
        self.loss = Loss(self.loss.frames + frames, self.loss.numbers + numbers)

    def _frames(self) -> list[int]:
        return [step for entry in self.entries for step in entry.frames]

    def _numbers(self) -> int:
        return sum(len(entry.rows) // 3 for entry in self.entries)

    def _steps(self) -> set[float]:
        return {step for entry in self.entries for step in entry.rows[1::3]}


def _half(steps: Collection[float]) -> set[float]:
    """At most about half of some steps: the last, and others spread as evenly as there are any."""
    ordered = np.sort(np.array([*steps], np.float64))
    if len(ordered) < 3:
        return set(ordered[-1:].tolist())
    at = np.linspace(ordered[0], ordered[-1], len(ordered) // 2 + 1)
    return set(ordered[np.searchsorted(ordered, at)].tolist())

"""The list of what is in a recording, read whole when it is opened or refreshed.

Everything is checked against the format and its limits. Damage raises ValueError, which
:func:`~gan_viz.recording.opening.reading` turns into one clear line.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.recording.coding import decode_json
from gan_viz.recording.format import (
    JSON,
    MAX_HEADER_BYTES,
    MAX_NAMES,
    MAX_ROWS,
    PACKED,
    Channel,
    Scalars,
    check_name,
)

_NUMBERS = "CASE WHEN typeof(step) = 'integer' AND typeof(value) IN ('real', 'null') THEN step END"

STEPS_A_ROW, STEPS_A_TURN = 8, 2**20
"""A row that is counted takes at most so many steps of SQLite's program; it is looked at every so
many of these."""

# A step in so many, whatever the distances of steps are (Park & Miller 1988), and the last one.
_SCATTERED = (
    f"(step % {2**31 - 1} * 48271 % {2**31 - 1} % :every = 0"
    " OR step = (SELECT MAX(step) FROM scalar WHERE series = :series))"
)

# A step in each stretch of so many, found by the index: where steps follow one another, nothing
# else is read.
_PICKED = (
    "WITH RECURSIVE stretch(start) AS (SELECT :first UNION ALL"
    " SELECT start + :every FROM stretch WHERE start + 2 * :every <= :last)"
    f" SELECT {_NUMBERS}, value FROM stretch JOIN scalar ON series = :series"
    f" AND step = start + (start - :first) / :every * 48271 % {2**31 - 1} % :every"
    " UNION ALL"
    f" SELECT {_NUMBERS}, value FROM scalar WHERE series = :series AND step = :last"
)


@dataclass(frozen=True)
class Catalog:
    """What is in a recording at one moment."""

    header: dict[str, JSON]
    """The header."""
    channels: dict[str, Channel]
    """Descriptions of the channels."""
    numbers: dict[str, int]
    """Their numbers in the file."""
    constants: dict[str, Channel]
    """Descriptions of the constants."""
    series: dict[str, int]
    """Numbers of the series of scalars."""
    steps: NDArray[np.int64]
    """Shape (frames,): the step of each frame, ascending, read-only."""


def read_catalog(connection: sqlite3.Connection) -> Catalog:
    """Read the catalog as it is at one moment; ValueError if it breaks the format."""
    connection.execute("BEGIN")
    try:
        numbered = list(_channels(connection))
        return Catalog(
            header=dict(_header(connection)),
            channels={channel.name: channel for _, channel in numbered},
            numbers={channel.name: number for number, channel in numbered},
            constants=dict(_constants(connection)),
            series=dict(_series(connection)),
            steps=_steps(connection),
        )
    finally:
        connection.execute("ROLLBACK")


def _rows(connection: sqlite3.Connection, columns: str, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a small table, but not more than a recording may have."""
    size = 0
    cursor = connection.execute(f"SELECT {columns} FROM {table} LIMIT {MAX_NAMES + 1}")
    for number, row in enumerate(cursor, start=1):
        size += sum(len(item) for item in row if isinstance(item, str | bytes))
        if number > MAX_NAMES or size > 2 * MAX_HEADER_BYTES:
            raise ValueError(f"table {table!r} is larger than it may be")
        yield row


def _header(connection: sqlite3.Connection) -> Iterator[tuple[str, JSON]]:
    for key, value in _rows(connection, "key, value", "header"):
        name = check_name("header key", key)
        yield name, decode_json(f"the header value {name!r}", value)


def _channels(connection: sqlite3.Connection) -> Iterator[tuple[int, Channel]]:
    for number, *fields in _rows(connection, "id, name, dtype, shape, attributes", "channel"):
        yield number, _channel(*fields)


def _constants(connection: sqlite3.Connection) -> Iterator[tuple[str, Channel]]:
    for fields in _rows(connection, "name, dtype, shape, attributes", "constant"):
        channel = _channel(*fields)
        yield channel.name, channel


def _channel(name: object, dtype: Any, shape: object, attributes: object) -> Channel:
    name = check_name("channel", name)
    sizes = decode_json(f"the shape of {name!r}", shape)
    free = decode_json(f"the attributes of {name!r}", attributes)
    if not isinstance(sizes, list) or not isinstance(free, dict):
        raise ValueError(f"shape or attributes of {name!r} are not what they should be")
    packed = isinstance(dtype, str) and dtype.endswith(PACKED)
    return Channel(
        name, dtype.removesuffix(PACKED) if packed else dtype, tuple(sizes), free, packed
    )


def _series(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    for number, name in _rows(connection, "id, name", "series"):
        yield check_name("series", name), number


def _most_rows(connection: sqlite3.Connection) -> int:
    """Return more rows than the file can hold: pages that refer to each other feign any number."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(min(pages * size, MAX_ROWS + 1))


def _not_too_many(what: str, rows: NDArray[Any]) -> NDArray[Any]:
    if len(rows) > MAX_ROWS:
        raise ValueError(f"more than {MAX_ROWS:,} {what} are not read")
    return rows


def _steps(connection: sqlite3.Connection) -> NDArray[np.int64]:
    query = "SELECT step FROM frame ORDER BY step LIMIT ?"
    cursor = connection.execute(query, (_most_rows(connection),))
    steps = np.fromiter((step for (step,) in cursor), np.int64)
    return _ascending("frames", _not_too_many("frames", steps))


def _ascending(what: str, steps: NDArray[np.int64]) -> NDArray[np.int64]:
    if steps.size and (steps[0] < 0 or (steps[1:] <= steps[:-1]).any()):
        raise ValueError(f"the steps of the {what} are not ascending")
    steps.flags.writeable = False
    return steps


def count_scalars(connection: sqlite3.Connection, number: int) -> int:
    """Count the values of the series with this number; SQLite's error if there is no end of them.

    A limit on what is counted would take twice as long as one on the steps of SQLite's program.
    """
    turns = iter(range(STEPS_A_ROW * _most_rows(connection) // STEPS_A_TURN + 1))
    connection.set_progress_handler(lambda: next(turns, None) is None, STEPS_A_TURN)
    try:
        query = "SELECT COUNT(*) FROM scalar WHERE series = ?"
        return int(connection.execute(query, (number,)).fetchone()[0])
    finally:
        connection.set_progress_handler(None, 0)


def read_scalars(
    connection: sqlite3.Connection, name: str, number: int, most: int | None = None
) -> Scalars:
    """Read the series with this number; ValueError if it has anything but numbers.

    Of more values than `most` about so many are read: those of scattered steps, and the last.
    """
    try:
        table = None if most is None else _picked(connection, number, most)
        if table is None:
            every = 1 if most is None else -(-count_scalars(connection, number) // most)
            which = f"series = :series AND {_SCATTERED}" if every > 1 else "series = :series"
            query = f"SELECT {_NUMBERS}, value FROM scalar WHERE {which} ORDER BY step LIMIT :most"
            numbers = {"series": number, "every": every, "most": _most_rows(connection)}
            table = _table(connection.execute(query, numbers))
    except TypeError:
        raise ValueError(f"scalars {name!r} are not all numbers") from None
    _not_too_many(f"values of {name!r}", table)
    values = table["value"].copy()
    values.flags.writeable = False
    return Scalars(_ascending(f"scalars {name!r}", table["step"].copy()), values)


def _picked(connection: sqlite3.Connection, number: int, most: int) -> NDArray[Any] | None:
    """Some values of a long series; None if it is short, or too many steps lie between its own."""
    ends = (  # one at a time: asked for both, SQLite reads all
        connection.execute(f"SELECT {end}(step) FROM scalar WHERE series = ?", (number,))
        for end in ("MIN", "MAX")
    )
    first, last = (end.fetchone()[0] for end in ends)
    if not (isinstance(first, int) and isinstance(last, int)) or last - first < most:
        return None
    every = -(-(last - first) // most)
    places = {"series": number, "first": first, "last": last, "every": every}
    table = _table(connection.execute(_PICKED, places))
    return table if len(table) > most // 4 else None


def _table(cursor: sqlite3.Cursor) -> NDArray[Any]:
    # numpy takes the NULL of a value for NaN and refuses that of a step.
    return np.fromiter(cursor, [("step", np.int64), ("value", np.float64)])

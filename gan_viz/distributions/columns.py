"""One column of a table: choosing it, and making sure that it holds finite numbers only."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import Array, shorten
from gan_viz.errors import DataError, UnknownNameError, UsageError

ColumnChoice: TypeAlias = str | int | None
"""A column's name or its index from 0 (as text too); None for the only one."""

_BAD_SHOWN = 3
_COLUMNS_SHOWN = 30
MOST_VALUES = 10_000_000
LONGEST_CELL = 4096
"""Bytes that a number written as text may take in an array."""
AROUND = 2**16
"""Bytes around a value that come into memory with it."""
AT_ONCE = 10_000
"""Cells of an array that are made Python's at a time."""


class Values(NamedTuple):
    """The numbers of one column."""

    numbers: Array
    """Shape (n,): all finite, in the order of the table."""
    label: str
    """Short text for a picture, like ``"measurements.csv: height"``."""
    notes: tuple[str, ...] = ()
    """What a reader of the result should know about how the numbers were read."""
    lines: Sequence[int] | None = None
    """The line of each number in its file; None for an array, whose rows count from 0."""


def choose(
    table: str, names: Sequence[str] | None, width: int, column: ColumnChoice
) -> tuple[int, str]:
    """Return the index and the name ("" without names) of the column that was asked for.

    Raises UsageError if there is no such column, or several to choose from.

    Examples
    --------
    >>> choose("people.csv", ["age", "height"], 2, "height")
    (1, 'height')
    """
    index = _index(table, names, width, column)
    if not 0 <= index < width:
        raise UsageError(f"{table} has no column {index}: {_columns(names, width)}")
    return index, shorten(names[index]) if names else ""


def _index(table: str, names: Sequence[str] | None, width: int, column: ColumnChoice) -> int:
    if column is None:
        if width == 1:
            return 0
        raise UsageError(f"{table} has several columns, choose one: {_columns(names, width)}")
    if isinstance(column, str) and column in (names or ()):
        return _position(table, names or (), column)
    try:
        return int(column)
    except ValueError:
        raise _no_such_column(table, names, width, str(column)) from None


def _position(table: str, names: Sequence[str], column: str) -> int:
    if names.count(column) > 1:
        places = [str(i) for i, name in enumerate(names) if name == column]
        raise UsageError(
            f"{table} has several columns {shorten(column)!r}: choose by number, "
            f"{' or '.join(places[:_COLUMNS_SHOWN])}"
        )
    return names.index(column)


def _no_such_column(table: str, names: Sequence[str] | None, width: int, column: str) -> UsageError:
    if names is None:
        return UsageError(
            f"{table} has no line of names to find {shorten(column)!r} in: choose by number, "
            f"{_columns(names, width)}"
        )
    known = names if width <= _COLUMNS_SHOWN else get_close_matches(column, names, 5)
    return UnknownNameError(f"column of {table}", shorten(column), map(shorten, known))


def _columns(names: Sequence[str] | None, width: int) -> str:
    if names is None:
        return f"0 to {width - 1}" if width > 1 else "only 0"
    shown = ", ".join(repr(shorten(name)) for name in names[:_COLUMNS_SHOWN])
    return f"{shown}, ..." if width > _COLUMNS_SHOWN else shown


def as_array(data: object) -> npt.NDArray[np.generic]:
    """Return array-like `data` as an array; what a mask hides becomes NaN.

    Raises UsageError if it is not array-like.
    """
    try:
        if np.ma.isMaskedArray(data):
            return np.asarray(np.ma.filled(np.ma.asarray(data, np.float64), np.nan))
        return np.asarray(data)
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            f"cannot make an array of numbers of the {type(data).__name__}: "
            f"{shorten(str(error), 120)}"
        ) from None


def column_of_array(
    table: npt.NDArray[np.generic], name: str, column: ColumnChoice, most: float = math.inf
) -> Values:
    """Return one column of an array of one or two dimensions, or of named fields.

    Its name in messages is `name`. Raises DataError if something in it is not a finite number, or
    reading the column brings more than `most` bytes of a mapped file into memory; UsageError if
    there is no such column, or several to choose from.
    """
    names = table.dtype.names
    if table.ndim != 1 and (table.ndim != 2 or names):
        raise DataError(f"{name} has {table.ndim} dimensions: one column of numbers is needed")
    width = len(names) if names else table.shape[1] if table.ndim == 2 else 1
    index, chosen = choose(name, names, width, column)
    values: Any = table
    if names:
        values = values[names[index]]
    elif table.ndim == 2:
        values = values[:, index]
    if values.ndim != 1 or values.dtype.kind not in "fiubOUS":
        raise DataError(f"{name} holds no numbers but {shorten(str(values.dtype))}")
    label = f"{name}: {chosen}" if chosen else name
    takes = min(abs(values.strides[0]), max(AROUND, values.itemsize)) * values.size
    if takes > most:
        raise DataError(
            f"reading {label} takes {takes / 1e9:.1f} GB, more than {most / 1e9:.1f} GB: save the "
            "column alone, as numbers, or a part of it"
        )
    return Values(_finite_array(values, label), label)


def _finite_array(values: npt.NDArray[np.generic], label: str) -> Array:
    if values.dtype.kind in "OUS":
        if values.dtype.itemsize > LONGEST_CELL:
            raise DataError(
                f"{label} holds no numbers but texts of {values.dtype.itemsize:,} bytes"
            )
        parts = (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
        cells = (cell for part in parts for cell in part.tolist())
        return finite_values(enumerate(cells), label, "row", float)[0]
    numbers = np.array(values, np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        shown = [f"row {i}: {numbers[i]}" for i in bad[:_BAD_SHOWN]]
        raise DataError(_complaint(label, bad.size, numbers.size, shown))
    return numbers


def finite_values(
    cells: Iterable[tuple[int, object]], where: str, place: str, number: Callable[[Any], float]
) -> tuple[Array, Sequence[int]]:
    """Return the numbers in `cells` and where each one stands, if all of them are finite.

    The cells come with their rows or lines, as `place` says, and are None where missing; for what
    `number` reads, a ValueError, TypeError or OverflowError means that it is no number. `where` is
    the column in errors. Raises DataError if one is no finite number: how many are not, and the
    first of them; or if there are more than ten million.
    """
    values, lines, bad_count, shown = array("d"), array("q"), 0, list[str]()
    for line, cell in cells:
        try:
            value = number(cell)
        except (ValueError, TypeError, OverflowError):
            value = math.nan
        if math.isfinite(value):
            values.append(value)
            lines.append(line)
        else:
            bad_count += 1
            if len(shown) < _BAD_SHOWN:
                shown.append(f"{place} {line}: {_shown(cell)}")
        check_count(len(values), where)
    if bad_count:
        raise DataError(_complaint(where, bad_count, bad_count + len(values), shown))
    return np.array(values, np.float64), lines


def check_count(count: int, where: str) -> None:
    """Refuse more values than are worth the memory."""
    if count > MOST_VALUES:
        raise DataError(f"{where} has more than {MOST_VALUES:,} values: a sample will do")


def _shown(cell: object) -> str:
    return "missing" if cell is None else repr(shorten(cell, 24) if isinstance(cell, str) else cell)


def _complaint(where: str, bad: int, total: int, shown: Sequence[str]) -> str:
    more = ", ..." if bad > len(shown) else ""
    of_rows = "row is not a finite number" if total == 1 else "rows are not finite numbers"
    return f"{where}: {bad} of {total} {of_rows} ({', '.join(shown)}{more}); remove or repair them"

"""Tables of text, read row by row: what divides the cells, and whether the top row is names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TextIO, TypeAlias

from gan_viz.distributions.base import Array
from gan_viz.distributions.columns import Column, choose, finite
from gan_viz.errors import DataError

__all__ = ["read_text"]

_Line: TypeAlias = tuple[int, str]  # its number in the file, counted from 1, and its text
_Row: TypeAlias = tuple[int, list[str]]

_LONGEST_LINE = 1_000_000
_SNIFFED = 64
_DELIMITERS = "\t;, "  # the rarer inside a cell, the earlier
_NO_DELIMITER = "\x1f"  # nobody writes this: the whole line is one cell
_MISSING = {"", "-", "?", "na", "n/a", "#n/a", "null", "none", "missing", "."}


def read_text(file: TextIO, name: str, column: Column) -> tuple[Array, str]:
    """Read one column of numbers from an open table of text; see `files.read_column`."""
    lines = _telling_lines(file, name)
    first = list(islice(lines, _SNIFFED))
    if not first:
        raise DataError(f"{name} holds no values: one number per line is needed")
    rows = _rows(chain(first, lines), _delimiter([text for _, text in first]))
    top = next(rows)
    texts = [cell.strip() for cell in top[1]]
    names = texts if _are_names(texts, column) else None
    index, chosen = choose(name, names, len(texts), column)
    cells = _cells(rows if names else chain([top], rows), index)
    label = f"{name}: {chosen}" if chosen else name
    return finite(cells, f"{name}, column {chosen!r}" if chosen else name), label


def _telling_lines(file: TextIO, name: str) -> Iterator[_Line]:
    """Yield the lines that are neither blank nor a comment."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise DataError(f"line {number} of {name} is too long: it is no table of text")
        text = line.strip(" \r\n")
        if text.strip() and not text.startswith("#"):
            yield number, text


def _rows(lines: Iterable[_Line], delimiter: str) -> Iterator[_Row]:
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for number, text in lines:  # noqa: B007 - the rows below are numbered by it
            yield _single_spaced(text) if delimiter == " " else text

    for cells in csv.reader(texts(), delimiter=delimiter, skipinitialspace=True):
        yield number, cells


def _single_spaced(text: str) -> str:
    return text.replace("\t", " ").strip()


def _delimiter(texts: list[str]) -> str:
    """Return what divides every row into the same number of cells, or most rows into several."""
    widths = {
        mark: [len(cells) for _, cells in _rows(enumerate(texts), mark)] for mark in _DELIMITERS
    }
    for mark, counts in widths.items():
        if len(set(counts)) == 1 and counts[0] > 1:
            return mark
    for mark, counts in widths.items():
        if sum(count > 1 for count in counts) > 0.5 * len(counts):
            return mark
    return _NO_DELIMITER


def _are_names(texts: list[str], column: Column) -> bool:
    """Tell names from values: no number among them, and more than marks of missing values.

    Where years or the like are names too, the name that is asked for tells.
    """
    if isinstance(column, str) and column in texts and not _is_number(column):
        return True
    all_missing = all(text.lower() in _MISSING for text in texts)
    return not all_missing and not any(map(_is_number, texts))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cells(rows: Iterable[_Row], index: int) -> Iterator[tuple[str, str | None]]:
    for number, cells in rows:
        yield f"line {number}", cells[index] if index < len(cells) else None

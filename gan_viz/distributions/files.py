"""Files that people have numbers in: what kind a file is, and reading one column of it."""

from __future__ import annotations

import csv
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

import numpy as np

from gan_viz.distributions.base import Array, shorten
from gan_viz.distributions.columns import Column, finite_column
from gan_viz.distributions.text_table import read_text
from gan_viz.errors import DataError

__all__ = ["EXTENSIONS", "read_column"]

_BINARY = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a")

EXTENSIONS = (".csv", ".tsv", ".txt", ".dat", ".npy")


def read_column(path: Path, column: Column) -> tuple[Array, str]:
    """Read one column of numbers.

    Parameters
    ----------
    path : Path
        A text file of rows (comma, semicolon, tab or white space between cells, with or without
        a line of names, ``#`` before comments) or a NumPy file of one or two dimensions or of
        named fields. What is in it decides, not its extension.
    column : str, int or None
        Name or index, counted from 0; None for the only one.

    Returns
    -------
    values : ndarray, shape (n,)
        All finite.
    label : str
        ``"measurements.csv: height"``, or the file's name alone.

    Raises
    ------
    DataError
        If the file cannot be read, or rows of the column are not finite numbers: how many, and
        the first of them with their line.
    UsageError
        If there is no such column, or several to choose from.
    """
    name, head = shorten(path.name), _head(path)
    if head.startswith(b"\x93NUMPY"):
        return _read_npy(path, name, column)
    encoding = _encoding(name, head)
    try:
        with path.open(encoding=encoding, errors="replace") as file:
            return read_text(file, name, column)
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(f"cannot read {name} as a table of text: {error}") from None


def _head(path: Path) -> bytes:
    shown = _shown(path)
    try:
        if not path.is_file():
            raise DataError(_no_file(path, shown))
        with path.open("rb") as file:
            head = file.read(65_536)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot read {shown}: {reason}") from None
    if not head:
        raise DataError(f"{shown} is empty: one number per line is needed")
    return head


def _shown(path: Path) -> str:
    return shorten(str(path), 200)


def _no_file(path: Path, shown: str) -> str:
    if path.is_dir():
        return f"{shown} is a folder: name a file in it"
    if path.exists():
        return f"{shown} is no regular file"
    return f"no such file: {shown}{_similar_file(path)}"


def _similar_file(path: Path) -> str:
    try:
        names = [entry.name for entry in islice(path.parent.iterdir(), 1000)]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1)
    return f"; did you mean {_shown(path.with_name(near[0]))}?" if near else ""


def _encoding(name: str, head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _BINARY.intersection(head):
        known = ", ".join(EXTENSIONS)
        raise DataError(f"{name} is neither text nor a NumPy file: give one of {known}")
    try:
        # The head may end within a character, but not within a line that it holds whole.
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _read_npy(path: Path, name: str, column: Column) -> tuple[Array, str]:
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, TypeError, EOFError, OverflowError, SyntaxError) as error:
        raise DataError(f"cannot read {name}: {shorten(str(error), 120)}") from None
    return finite_column(table, name, column)

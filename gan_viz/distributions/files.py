"""Files that people have numbers in: what kind a file is, and reading one column of it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from tokenize import TokenError

import numpy as np

from gan_viz.distributions.base import shorten
from gan_viz.distributions.columns import ColumnChoice, Values, check_count, column_of_array
from gan_viz.distributions.text_table import read_text
from gan_viz.errors import DataError

EXTENSIONS = (".csv", ".tsv", ".txt", ".dat", ".npy")

MOST_BYTES = 5e8
"""Of a file that may come into memory."""

_BINARY = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a")
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]")
_SEVERAL_JAPANESE = re.compile(f"{_JAPANESE.pattern}{{2,}}")


def read_column(path: Path, column: ColumnChoice) -> Values:
    """Read one column of a text table or of a NumPy file.

    What is in the file decides which of them it is, not its extension. Raises DataError if the file
    cannot be read, or rows of the column are not finite numbers: how many, and the first of them
    with their line; UsageError if there is no such column, or several to choose from.
    """
    name, head = shorten(path.name), _head(path)
    if head.startswith(b"\x93NUMPY"):
        return _read_npy(path, name, column)
    try:
        with path.open(encoding=_encoding(name, head), errors="replace") as file:
            return read_text(file, name, column)
    except (OSError, UnicodeError) as error:
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
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # without a byte order mark
        if len(head) > 3 and not any(head[first::2]) and all(head[1 - first :: 2]):
            return encoding
    if _BINARY.intersection(head):
        known = ", ".join(EXTENSIONS)
        raise DataError(f"{name} is neither text nor a NumPy file: give one of {known}")
    # The head may end within a character, but not within a line that it holds whole.
    lines = head[: head.rfind(b"\n") + 1]
    if _decodes(lines, "utf-8"):
        return "utf-8-sig"
    return "cp932" if _is_japanese(lines) else "cp1252"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_japanese(lines: bytes) -> bool:
    """Tell code page 932 from 1252, where an accented letter and the next one look like a kanji.

    Japanese characters mostly stand side by side; those imagined in "Année" stand alone.
    """
    if not _decodes(lines, "cp932"):
        return False
    text = lines.decode("cp932")
    foreign = [character for character in text if not character.isascii()]
    if not all(map(_JAPANESE.match, foreign)):
        return False
    together = sum(map(len, _SEVERAL_JAPANESE.findall(text)))
    return not _decodes(lines, "cp1252") or together > len(foreign) / 2


def _read_npy(path: Path, name: str, column: ColumnChoice) -> Values:
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    # NumPy parses the header as a Python literal, so a hostile one raises what a parser can.
    except (
        OSError, ValueError, TypeError, EOFError, OverflowError, SyntaxError, TokenError,
        RecursionError, MemoryError, SystemError,
    ) as error:  # fmt: skip
        raise DataError(f"cannot read {name}: {shorten(str(error), 120)}") from None
    check_count(len(table) if table.ndim else 0, name)
    return column_of_array(table, name, column, MOST_BYTES)

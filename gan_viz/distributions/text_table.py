"""Tables of text as spreadsheets, statistics programs and instruments write them.

A table is read row by row. Its first thousand lines tell what divides the cells, which line holds
the names and how numbers are written; a line that contradicts this later is refused, so that no
number is ever taken from the wrong column in silence.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import TextIO, TypeAlias

from gan_viz.distributions.columns import ColumnChoice, Values, choose, finite_values
from gan_viz.errors import DataError

_Line: TypeAlias = tuple[int, str]  # its number in the file, counted from 1, and its text
_Row: TypeAlias = tuple[int, list[str]]

_LONGEST_LINE = 1_000_000
_SAMPLED = 1000
_DELIMITERS = "\t;|, "  # the rarer inside a cell, the earlier
_NO_DELIMITER = "\x1f"  # nobody writes this: the whole line is one cell
_END = "\x1e"  # a line that nobody writes: it becomes part of a cell that is not closed
_WORDS = {"\t": "tab", " ": "space", _NO_DELIMITER: "line"}
_MISSING = {"", "-", "?", "na", "n/a", "#n/a", "null", "none", "missing", "."}
_RULE = re.compile(r"(?=.*[|+])[\s|+:=-]+")  # between names and rows in Markdown and SQL tables
_REMARKED = re.compile(r"(\S+)\s+#.*")  # a number and what somebody says of it
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d")

_SPACES = "[ \u00a0\u2009\u202f'\u2019]"  # between groups of three digits
_GROUPED = re.compile(rf"[+-]?[1-9]\d{{0,2}}({_SPACES}\d{{3}})+([.,]\d*)?")
_POWER = r"([eE][+-]?\d+)?"
_DECIMAL_COMMA = re.compile(rf"[+-]?(\d+|\d{{1,3}}(\.\d{{3}})+|(?=,\d))(,\d*)?{_POWER}")
_THOUSANDS_COMMA = re.compile(rf"[+-]?(\d+|\d{{1,3}}(,\d{{3}})+)(\.\d*)?{_POWER}")


def read_text(file: TextIO, name: str, column: ColumnChoice) -> Values:
    """Read one column of numbers from an open table of text; see `files.read_column`."""
    usual = csv.field_size_limit(_LONGEST_LINE)
    try:
        return _read(file, name, column)
    except csv.Error:  # lines are no longer than that
        raise DataError(
            f"{name} has a cell of more than {_LONGEST_LINE:,} characters: is a quote not closed?"
        ) from None
    finally:
        csv.field_size_limit(usual)


def _read(file: TextIO, name: str, column: ColumnChoice) -> Values:
    lines = _telling_lines(file, name)
    sample = list(islice(lines, _SAMPLED))
    delimiter, sample = _declared_delimiter(sample)
    if not sample:
        raise DataError(f"{name} holds no values: one number per line is needed")
    table = _Table(name, sample, delimiter or _find_delimiter(name, sample), column)
    index, chosen = choose(name, table.names, table.width, table.only_named(column))
    cells = ((line, row[index] if index < len(row) else None) for line, row in table.rows(lines))
    first = list(islice(cells, _SAMPLED))
    number, note = _number_format([cell for _, cell in first if cell], table.delimiter)
    label = f"{name}: {chosen}" if chosen else name
    where = f"{name}, column {chosen!r}" if chosen else name
    numbers, places = finite_values(chain(first, cells), where, "line", number)
    return Values(numbers, label, (*table.notes, *note), places)


def _telling_lines(file: TextIO, name: str) -> Iterator[_Line]:
    """Yield the lines that are not blank, a comment, or a rule below the names."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise DataError(f"line {number} of {name} is too long: it is no table of text")
        text = line.strip(" \r\n").removeprefix("\ufeff")
        if text.strip() and not text.startswith("#") and not _RULE.fullmatch(text):
            found = _REMARKED.fullmatch(text)
            yield number, found[1] if found and _is_number(found[1]) else text


def _declared_delimiter(sample: list[_Line]) -> tuple[str | None, list[_Line]]:
    """Take off a first line like ``sep=;``, as spreadsheets write it."""
    declared = re.fullmatch(r'"?sep=(.)"?', sample[0][1], re.IGNORECASE) if sample else None
    return (declared[1], sample[1:]) if declared else (None, sample)


def _split(lines: Iterable[_Line], delimiter: str, whole: str = "") -> Iterator[_Row]:
    """Split lines into cells; `whole` names the table if they are all of it."""
    number = before = 0
    framed: bool | None = None

    def texts() -> Iterator[str]:
        nonlocal number, framed
        for number, text in lines:  # noqa: B007 - the rows below are numbered by it
            if framed is None:  # Markdown has bars at both ends
                framed = delimiter == "|" and text.startswith("|") and text.endswith("|")
            if delimiter == _NO_DELIMITER:
                text = text.rstrip(",; ")  # an empty second cell
            yield text.replace("\t", " ").strip() if delimiter == " " else text
        yield _END

    for cells in csv.reader(texts(), delimiter=delimiter, skipinitialspace=True):
        if cells == [_END] and number == before:  # else it stands in a cell that is not closed
            return
        if cells and cells[-1].endswith(_END):
            if whole:
                where = f"after line {before}" if before else "in the first row"
                raise DataError(
                    f"{whole}: a quote opens {where} and is not closed: close it, or remove it"
                )
            cells[-1] = cells[-1].removesuffix(_END)
        before = number
        if framed and len(cells) > 2 and not cells[0].strip() + cells[-1].strip():
            cells = cells[1:-1]
        yield number, [cell.strip() for cell in cells]


def _find_delimiter(name: str, sample: list[_Line]) -> str:
    """Return what divides every row into as many cells, or else most rows into several."""
    rows = {mark: [row for _, row in _split(sample, mark)] for mark in _DELIMITERS}
    widths = {mark: [*map(len, found)] for mark, found in rows.items()}
    for mark, (first, *others) in widths.items():
        named = len(_without_empty_end(rows[mark][0]))  # names may end earlier
        if named > 1 and (set(others) <= {first} or set(others) == {named}):
            return mark
    if _is_one_column(name, sample):
        return _NO_DELIMITER
    for mark, counts in widths.items():
        if sum(count > 1 for count in counts) > 0.5 * len(counts):
            return mark
    return _NO_DELIMITER


def _is_one_column(name: str, sample: list[_Line]) -> bool:
    """Tell whether whole lines are numbers, like ``171,3`` or ``1 713``, below a line of names.

    ``1 713``, ``2 687``, ``3 120`` may be three large numbers or three numbered small ones: this
    is refused.
    """
    texts = [re.sub('^"([^"]*)"$', r"\1", text.rstrip(",; ")) for _, text in sample]
    named = len(texts) > 1 and not _is_number(texts[0])
    numbers = [text for text in texts[named:] if text.lower() not in _MISSING]
    if not numbers or not all(map(_is_number, numbers)):
        return False
    for mark in ", ":
        if named and mark in texts[0] and any(mark in text for text in numbers):
            return False
        parts = [text.split(mark) for text in numbers]
        if named and all(len(part) == 2 for part in parts) and _counts([p[0] for p in parts]):
            raise DataError(
                f"{name}: {texts[0]!r} stands above {numbers[0]!r}, {numbers[1]!r}, ...: give the "
                "numbers of the rows a name of their own, or remove them"
            )
    return True


def _counts(texts: Sequence[str]) -> bool:
    """Tell whether whole numbers go up by one from 0 or 1, as the numbers of rows do."""
    start = 0 if texts[0] == "0" else 1
    return len(texts) > 1 and all(text == str(number) for number, text in enumerate(texts, start))


@dataclass
class _Table:
    """What the first lines of a table tell about all of it."""

    name: str
    sample: list[_Line]
    delimiter: str
    column: ColumnChoice

    def __post_init__(self) -> None:
        self._known = list(_split(self.sample, self.delimiter))
        self._known = self._known or [(self.sample[0][0], [])]
        self._first, self.notes = 0, list[str]()
        if above := self._lines_above():
            lines = "line" if above == 1 else "lines"
            self.notes.append(f"{self.name}: {above} {lines} above the names skipped")
            self._first = above
        top = self._known[self._first][1]
        below = [row for _, row in self._known[self._first + 1 :]]
        self.names = _without_empty_end(top) if _are_names(top, below, self.column) else None
        self.width = len(self.names or _without_empty_end(top)) or 1
        self._named_rows = bool(self.names and below) and self._rows_are_named(below)
        if self._named_rows:
            self.notes.append(f"{self.name}: the first cell of each row taken for its name")

    def _lines_above(self) -> int:
        """Count the lines of a title or of remarks that stand above the line of names."""
        widths = [len(row) for _, row in self._known]
        usual = Counter(widths).most_common(1)[0][0]
        if usual == 1:
            return self._remarks_above()
        first = widths.index(usual)
        row, below = self._known[first][1], [row for _, row in self._known[first + 1 :]]
        return first if below and _are_names(row, below, self.column) else 0

    def _remarks_above(self) -> int:
        texts = [row[0] if row else "" for _, row in self._known]
        words = next((i for i, text in enumerate(texts) if _is_value(text)), len(texts))
        above, values = texts[: max(words - 1, 0)], texts[words:]
        remarks = all(re.search(r"[\s:,;=]", text) for text in above)
        return len(above) if remarks and values and all(map(_is_value, values)) else 0

    def _rows_are_named(self, below: list[list[str]]) -> bool:
        """Tell whether all rows have one cell more than the names: R and data frames print so."""
        if any(len(row) != self.width + 1 for row in below) or not below[0][-1]:
            return False
        counted = _counts([row[0] for row in below])
        quoted = all(text.startswith('"') for _, text in self.sample[self._first + 1 :])
        if self.delimiter == ",":  # perhaps a decimal one: "1,1,713" below "id,pay"
            return quoted and (counted or not any(map(_may_join, below)))
        return quoted or counted

    def only_named(self, column: ColumnChoice) -> ColumnChoice:
        """Return the only column with a name, if none is asked for."""
        named = [i for i, text in enumerate(self.names or ()) if text]
        return named[0] if column is None and len(named) == 1 < self.width else column

    def rows(self, lines: Iterable[_Line]) -> Iterator[_Row]:
        """Yield the rows of values, those of the sample and those of all further `lines`.

        Raises DataError at a row that is wider than the names, or whose missing cells cannot be
        seen.
        """
        skipped = self._first + (self.names is not None)
        found = _split(chain(self.sample, lines), self.delimiter, self.name)
        for line, row in islice(found, skipped, None):
            cells = row[self._named_rows :]
            while len(cells) > self.width and not cells[-1]:
                cells.pop()
            if len(cells) > self.width or (self.delimiter == " " and len(cells) < self.width):
                self._refuse(line, len(row))
            yield line, cells

    def _refuse(self, line: int, width: int) -> None:
        top = self._known[self._first][0]
        expected = f"line {top}{' of names' if self.names else ''} has {self.width}"
        mark = _WORDS.get(self.delimiter, repr(self.delimiter))
        raise DataError(
            f"{self.name}: line {line} has {width} cells, but {expected}: quote cells that hold a "
            f"{mark}, and name every column"
        )


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _may_join(cells: list[str]) -> bool:
    """Tell whether two neighbors can be one number with a comma."""
    pairs = pairwise(cells[1:])
    return any(re.fullmatch(r"[+-]?\d+", a) and re.match(r"\d", b) for a, b in pairs)


def _are_names(top: list[str], below: list[list[str]], column: ColumnChoice) -> bool:
    """Tell names from values: texts where numbers follow, or years where none do.

    The name that is asked for tells, too, unless it can be the number of a column.
    """
    if isinstance(column, str) and column in top and not _is_index(column, len(top)):
        return True
    if all(text.lower() in _MISSING for text in top):
        return False
    numbers = [i for i, text in enumerate(top) if _is_number(text)]
    if not numbers:
        return True
    if len(top) < 2 or not all(_YEAR.fullmatch(top[i]) for i in numbers):
        return False
    years = [top[i] for i in numbers]
    follow = [row[i] for row in below for i in numbers if i < len(row)]
    return years == sorted(set(years)) and bool(follow) and not any(map(_YEAR.fullmatch, follow))


def _is_index(text: str, width: int) -> bool:
    return text.isdecimal() and int(text) < width


def _is_number(text: str) -> bool:
    formats = (_GROUPED, _DECIMAL_COMMA, _THOUSANDS_COMMA)
    return _is_plain(text) or any(pattern.fullmatch(text) for pattern in formats)


def _is_value(text: str) -> bool:
    return _is_number(text) or text.lower() in _MISSING


def _number_format(
    cells: list[str], delimiter: str
) -> tuple[Callable[[str], float], tuple[str, ...]]:
    """Return what reads a cell of this column, and a note where it takes other than points.

    Three digits after every comma may be thousands or decimals: where a semicolon or a tab divides
    the cells they are decimals, elsewhere thousands.
    """
    patterns = {",": _THOUSANDS_COMMA, ".": _DECIMAL_COMMA}
    numbers, told = [], ""
    for cell in cells:
        text = re.sub(_SPACES, "", cell) if _GROUPED.fullmatch(cell) else cell
        if any(pattern.fullmatch(text) for pattern in patterns.values()):
            numbers.append(text)
            told = told or (cell if not _is_plain(cell) else "")
    for thousands in ".," if delimiter in ";\t" else ",.":
        if told and all(map(patterns[thousands].fullmatch, numbers)):
            read = _reader(patterns[thousands], thousands)
            return read, (f"numbers like {told!r} are read as {read(told):.12g}",)
    return float, ()


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reader(pattern: re.Pattern[str], thousands: str) -> Callable[[str], float]:
    def number(cell: str) -> float:
        if _GROUPED.fullmatch(cell):
            cell = re.sub(_SPACES, "", cell)
        if not pattern.fullmatch(cell):
            raise ValueError(cell)
        return float(cell.replace(thousands, "").replace(",", "."))

    return number

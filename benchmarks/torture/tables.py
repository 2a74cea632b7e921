"""Files of numbers: tables in many dialects with the numbers in them, and files that are none."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Table", "array_file", "idx_file", "odd_file", "odd_idx_file", "table_file"]

Chance = random.Random


class Table(NamedTuple):
    """A file, the column to be read, and what is in it."""

    path: Path
    column: str | int | None
    values: Sequence[float]


WORDS = ("ann", "bob", "x y", "n/a", "Kew, UK", "a;b", "3 cm", "#1", "l'eau", "")
NAMES = ("height", "pay 2024", "h", "Größe", "身長", "x.1", "d_loss", "prix (€)", "body, cm")


def table_file(folder: Path, chance: Chance) -> Table:
    """Write a table as a spreadsheet, a statistics program or a script would."""
    mark = chance.choice([",", ",", ";", "\t", "|", " "])
    comma = mark in ";\t" and chance.random() < 0.5
    style = chance.choice(["fixed", "fixed", "whole", "power"])
    digits = chance.choice([1, 2, 4])  # three might be thousands
    numbers = [chance.gauss(170, 9) for _ in range(chance.choice([2, 9, 60, 1500]))]
    texts = [_number(value, style, digits).replace(".", "," if comma else ".") for value in numbers]
    others, named = chance.choice([0, 0, 1, 3]), chance.random() < 0.8
    place = chance.randrange(others + 1)
    names = chance.sample(NAMES, others + 1)
    rows = [_cells(chance, text, place, others, mark) for text in texts]
    quoted = chance.choice(["where needed", "all"])
    lines = [mark.join(_quoted(cell, mark, quoted) for cell in row) for row in rows]
    if named:
        lines.insert(0, mark.join(_quoted(name, mark, quoted) for name in names))
    lines = _decorated(lines, mark, named, others, chance)
    text = chance.choice(["\n", "\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])
    path = folder / chance.choice(["d.csv", "d.txt", "d.tsv", "d.dat", "身.csv"])
    path.write_bytes(_encoded(text, chance))
    column: str | int | None = None
    if others:
        column = names[place] if named and chance.random() < 0.5 else place
    return Table(path, column, [float(cell.replace(",", ".")) for cell in texts])


def _number(value: float, style: str, digits: int) -> str:
    forms = {
        "fixed": f"{value:.{digits}f}",
        "whole": f"{value:.0f}",
        "power": f"{value:.{digits}e}",
    }
    return forms[style]


def _cells(chance: Chance, text: str, place: int, others: int, mark: str) -> list[str]:
    words = [word for word in WORDS if mark != " " or word]
    cells = [
        chance.choice([str(chance.randrange(99)), chance.choice(words)]) for _ in range(others)
    ]
    return [*cells[:place], text, *cells[place:]]


def _quoted(cell: str, mark: str, how: str) -> str:
    return f'"{cell}"' if how == "all" or mark in cell or cell.startswith("#") else cell


def _decorated(lines: list[str], mark: str, named: bool, others: int, chance: Chance) -> list[str]:
    """Add what programs add: blank lines, comments, titles, what divides cells, empty ends."""
    kind = chance.randrange(8)
    if kind == 0:
        return ["# made by hand", "", *lines, "", "# the end"]
    if kind == 1 and mark in ";,\t":
        return [f"sep={mark}", *lines]
    if kind == 2 and named and others:
        return ["Exported: yesterday", *lines]
    if kind == 3 and mark in ";," and named:
        return [line + mark for line in lines]
    return lines


def _encoded(text: str, chance: Chance) -> bytes:
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp932"])
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()


def array_file(folder: Path, chance: Chance) -> Table:
    """Write a NumPy file, as it should be."""
    rng = np.random.default_rng(chance.randrange(2**32))
    kind = chance.choice(["<f8", ">f8", "<f4", "<f2", "<i2", ">i4", "u1", "S8", "U8", "fields"])
    column: str | int | None = None
    array: Any
    if kind == "fields":
        array, column = np.zeros(chance.choice([2, 50]), [("a", "<f4"), ("b", "<i2")]), "b"
        array["b"] = rng.integers(0, 99, len(array))
        values = array["b"]
    else:
        shape = chance.choice([(2,), (500,), (50, 3)])
        array = np.asarray(rng.normal(100, 20, shape).round(1), kind)
        array = np.asfortranarray(array) if chance.random() < 0.3 else array
        values = array
        if len(shape) == 2:
            column = chance.randrange(3)
            values = array[:, column]
    path = folder / chance.choice(["d.npy", "d.csv"])
    with path.open("wb") as file:
        np.save(file, array)
    return Table(path, column, values.astype(np.float64).tolist())


def idx_file(folder: Path, chance: Chance) -> tuple[Path, tuple[int, ...], bytes]:
    """Write an IDX file as it should be; also give the shape of an item, and all items."""
    item = chance.choice([(28, 28), ()])
    sizes = (chance.choice([1, 7, 300]), *item)
    content = chance.randbytes(int(np.prod(sizes)))
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(
        bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content
    )
    return path, item, content


def odd_file(folder: Path, chance: Chance) -> Path:
    """Write a file that somebody might take for numbers."""
    path = folder / chance.choice(["d.csv", "d.txt", "d.npy", "d.dat", "d.gif", "\x1bd.csv"])
    kind = chance.randrange(5)
    if kind == 0:
        path.write_bytes(chance.randbytes(chance.choice([0, 1, 100, 5000])))
    elif kind == 1:
        path.write_bytes(_odd_npy(chance))
    elif kind == 2:
        rows = [f"{chance.gauss(5, 2):.3f}" for _ in range(chance.choice([2, 50, 2000]))]
        if chance.random() < 0.3:
            rows[chance.randrange(len(rows))] = chance.choice(
                ["", "x", "1e300", "nan", "9999", "1e15"]
            )
        path.write_text("\n".join(rows))
    else:
        text = "\n".join(_row(chance) for _ in range(chance.choice([0, 1, 2, 50])))
        encoding = chance.choice(["utf-8", "utf-16", "cp1252", "cp932", "utf-8-sig"])
        path.write_bytes(text.encode(encoding, "replace"))
    return path


def _row(chance: Chance) -> str:
    cells = [chance.choice(["1", "-2.5", "1e400", "nan", "", "1,5", '"', "abc", "9" * 400, "身", "#",
                            "1 713", "0x1", "inf", "\0", "٣", "1_0", "x" * 200])
             for _ in range(chance.choice([1, 1, 1, 2, 5]))]  # fmt: skip
    return chance.choice([",", ";", "\t", " ", "|"]).join(cells)


def _odd_npy(chance: Chance) -> bytes:
    """A NumPy file, its header well or badly formed."""
    descr = chance.choice(
        ["'<f8'", "'|O'", "'<U9999999'", "'<f8" * 50, "[('a','<f8')]", "'>i2'", "1"]
    )
    shape = chance.choice(
        ["(9,)", "(3, 3)", "()", "(10**9,)", "(1000000000,)", "(-1,)", "[9]", "(" * 900]
    )
    text = f"{{'descr': {descr}, 'fortran_order': {chance.choice(['False', '1'])}, 'shape': {shape}, }}"
    header = text.encode() + b"\n"
    body = np.arange(9, dtype="<f8").tobytes()
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header) % 65536) + header + body


def odd_idx_file(folder: Path, chance: Chance) -> Path:
    """Write an IDX file whose header may lie."""
    sizes = [
        chance.choice([0, 1, 28, 2**16, 2**30, 2**32 - 1]) for _ in range(chance.choice([1, 3]))
    ]
    head = bytes([0, 0, chance.choice([8, 13]), len(sizes)])
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(head + struct.pack(f">{len(sizes)}I", *sizes) + chance.randbytes(2000))
    return path

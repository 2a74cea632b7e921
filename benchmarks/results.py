"""Tables, and the file that keeps the last ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""For the environment of processes that are timed: their modules are compiled once and for all, as
those of an installed package are, whatever this process is told."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a table in Markdown, readable as plain text too."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *rest = [
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join([first, *rest])} |"

    rules = ["-" * width if k == 0 else "-" * (width - 1) + ":" for k, width in enumerate(widths)]
    return "\n".join([line(head), line(rules), *map(line, rows)])


def write(sections: Mapping[str, str]) -> None:
    """Put sections into RESULTS.md, in place of older ones of the same title."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Last results\n"
    for title, body in sections.items():
        stem = re.escape(title)
        text = re.sub(rf"\n## {stem}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL)
        text = f"{text.rstrip()}\n\n## {title}\n\n{body}\n"
    RESULTS.write_text(text, encoding="utf-8")

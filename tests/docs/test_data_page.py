"""The tables of docs/data.md are what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gan_viz.distributions import from_file
from gan_viz.errors import GanVizError

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?:`(.+?)`|<code>(.+?)</code>) \| (.*?) ?\| (.+?) \|", re.MULTILINE)
READ, REFUSED = PAGE.split("## What is refused")


def rows(text: str) -> list[tuple[str, str | None, str]]:
    return [
        (code or html.replace("\\|", "|"), column or None, expected)
        for code, html, column, expected in ROW.findall(text)
    ]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(text.replace("⏎", "\n").replace("⇥", "\t"), encoding="utf-8")
    return path


def test_all_rows_are_found() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    heads = [line for line in lines if line.startswith(("| ---", "| the file"))]
    assert len(rows(READ)) + len(rows(REFUSED)) == len(lines) - len(heads) > 20


@pytest.mark.parametrize(("text", "column", "numbers"), rows(READ))
def test_what_is_read(text: str, column: str | None, numbers: str, tmp_path: Path) -> None:
    found = from_file(written(tmp_path, text), column)
    expected = sorted(map(float, numbers.split(", ")))
    assert list(found.ppf([0, 1])) == [expected[0], expected[-1]]


@pytest.mark.parametrize(("text", "column", "message"), rows(REFUSED))
def test_what_is_refused(text: str, column: str | None, message: str, tmp_path: Path) -> None:
    with pytest.raises(GanVizError, match=re.escape(message)):
        from_file(written(tmp_path, text), column)

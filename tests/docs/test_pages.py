"""The code on the pages runs as it stands, each page from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_viz.registry import ENCODERS, OBJECTIVES, PANELS

DOCS = Path(__file__).parents[2] / "docs"
RUN = ("extending.md", "quickstart.md", "recipes.md")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page registers is gone after it."""
    for name in (ENCODERS, OBJECTIVES, PANELS):
        monkeypatch.setattr(name, "_entries", dict(name._entries))


@pytest.mark.parametrize("page", RUN)
def test_the_code_of_a_page_runs(
    page: str, tmp_path: Path, run_program: Callable[..., None]
) -> None:
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    program = tmp_path / "page.py"
    program.write_text("\n".join(blocks), encoding="utf-8")
    run_program(program)
    assert list(tmp_path.glob("*.gif"))


def test_each_page_of_the_index_exists() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = index.split("```{toctree}")[1].split("```")[0].split("\n\n")[1].split()
    generated = "_generated/gallery"
    assert generated in pages
    for page in {*pages} - {generated}:
        assert (DOCS / f"{page}.md").exists() or (DOCS / f"{page}.rst").exists(), page

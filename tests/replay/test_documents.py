"""Documents: whatever the registry has is written through the same checks as animations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_viz import api
from gan_viz.api.documents import Document
from gan_viz.api.pages import Page
from gan_viz.errors import UsageError
from gan_viz.registry import DOCUMENTS

Write = Callable[..., Path]
PAGES = [suffix for suffix in DOCUMENTS if DOCUMENTS[suffix] is Page]


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_each_document_keeps_the_contract(suffix: str, tmp_path: Path) -> None:
    document = DOCUMENTS[suffix]
    assert issubclass(document, Document)
    with pytest.raises(UsageError, match="does not exist"):
        api.check_output(tmp_path / "no" / f"a{suffix}")
    assert api.check_output(tmp_path / f"a{suffix}").suffix == suffix


@pytest.mark.parametrize("suffix", PAGES)
def test_a_document_appears_complete_and_is_told_of(
    suffix: str, write_recording: Write, tmp_path: Path
) -> None:
    run, out = write_recording(tmp_path / "run.ganviz"), tmp_path / f"out{suffix}"
    out.write_text("older")
    made = api.render(run, out)
    assert made.path == out
    assert made.bytes == out.stat().st_size > 1000
    assert made.replaced
    assert {path.name for path in tmp_path.iterdir()} == {"run.ganviz", out.name}


@pytest.mark.parametrize("suffix", PAGES)
@pytest.mark.parametrize(
    ("look", "named"),
    [({"lossy": 8}, "'lossy'"), ({"opaque": True}, "'opaque'"), ({"max_colors": 32}, "'colors'")],
)
def test_what_only_frames_have_is_refused_before_anything_is_read(
    suffix: str, look: dict[str, Any], named: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=named):
        api.render(tmp_path / "none.ganviz", tmp_path / f"out{suffix}", **look)


def test_frames_give_way_to_a_budget_and_it_is_said(
    write_recording: Write, tmp_path: Path, unpack_page: Callable[..., Any]
) -> None:
    run = write_recording(tmp_path / "run.ganviz", frames=60)
    whole = api.render(run, tmp_path / "whole.html")
    made = api.render(run, tmp_path / "small.html", max_bytes=whole.bytes - 20_000)
    assert made.bytes <= whole.bytes - 20_000
    assert made.frames < 60
    assert f"of 60 frames {made.frames} are in the page" in made.notice
    steps = unpack_page(made.path.read_text("utf-8"))["steps"].tolist()
    assert {steps[0], steps[-1]} == {0, 3000}


def test_a_budget_that_no_page_fits_into(write_recording: Write, tmp_path: Path) -> None:
    run = write_recording(tmp_path / "run.ganviz")
    with pytest.raises(UsageError, match="a budget of 1,000 bytes: a page of 5 frames takes"):
        api.render(run, tmp_path / "out.html", max_bytes=1000)
    assert not (tmp_path / "out.html").exists()


def test_several_recordings_are_runs_of_one_page(
    write_recording: Write, tmp_path: Path, unpack_page: Callable[..., Any]
) -> None:
    runs = [
        write_recording(tmp_path / f"{last}.ganviz", frames=5, last=last) for last in (1000, 3000)
    ]
    made = api.compare(runs, tmp_path / "out.html", titles=["short", "long"])
    held = unpack_page(made.path.read_text("utf-8"))
    assert [run["title"] for run in held["runs"]] == ["short", "long"]
    assert held["steps"].tolist() == sorted({*range(0, 1001, 250), *range(0, 3001, 750)})
    assert made.frames == len(held["steps"]) == len(held["clock"])
    one, other = (run["density"] for run in held["runs"])
    assert (one["x"], one["top"]) == (other["x"], other["top"])

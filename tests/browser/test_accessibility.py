"""No violation that axe-core finds; it is installed by npm in web/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_viz.api.pages import page_of

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP, LARGE = (
    {"width": width, "height": height} for width, height in ((390, 844), (1920, 1080), (3840, 2160))
)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci in web/")
@pytest.mark.parametrize(
    ("made", "size", "scheme"),
    [
        ("toy", PHONE, "light"),
        ("all_panels", DESKTOP, "light"),
        ("several", DESKTOP, "dark"),
        ("several", PHONE, "dark"),
    ],
)
def test_axe_finds_nothing(
    open_page: Callable[..., Any],
    request: pytest.FixtureRequest,
    made: str,
    size: dict[str, int],
    scheme: str,
) -> None:
    path = request.getfixturevalue(made)
    page = open_page(path, "#step=1500", viewport=size, color_scheme=scheme)
    page.evaluate(AXE.read_text("utf-8"))
    page.click("#more")
    look = f"async () => (await axe.run(document, {{runOnly: {RULES}}})).violations"
    found = page.evaluate(look)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP, LARGE])
def test_all_is_in_sight_and_nothing_moves_while_it_plays(
    open_page: Callable[..., Any], toy: Path, size: dict[str, int]
) -> None:
    page = open_page(toy, "#step=0", viewport=size)
    boxes = """() => ['#title', '#stage', '#legend', '#strip', '#play', '#more', '#help'].map(
        (one) => {
            const {left, top, right, bottom} = document.querySelector(one).getBoundingClientRect();
            return [left, top, right, bottom];
        })"""
    before = page.evaluate(boxes)
    for left, top, right, bottom in before:
        assert 0 <= left < right <= size["width"]
        assert 0 <= top < bottom <= size["height"]
    for number in (5, 20, 39):
        page.evaluate(f"replay.goto({number})")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
        assert page.evaluate(boxes) == before


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_long_words_leave_room_for_the_picture(
    open_page: Callable[..., Any], run: Path, tmp_path: Path, size: dict[str, int]
) -> None:
    long = "a title that goes on and on " * 60
    look = {"subtitle": long, "caption": long, "label": {"data": "w" * 300, "generated": long}}
    made = tmp_path / "out.html"
    made.write_text(page_of(run, panels="density", title="W" * 500, **look), "utf-8")
    page = open_page(made, "#step=1500", viewport=size)
    for part in ("#title", "#stage", "#legend", "#strip", "#play", "#more", "#help"):
        box = page.locator(part).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= size["width"]
        assert 0 <= box["y"] < box["y"] + box["height"] <= size["height"]
    assert page.locator("#stage").bounding_box()["height"] > size["height"] / 4
    assert page.get_attribute("#subtitle", "title") == long


def test_what_happens_is_said(open_page: Callable[..., Any], toy: Path) -> None:
    page = open_page(toy, "#step=0")
    assert page.text_content("#live").startswith("step 0")
    page.keyboard.press("End")
    assert page.text_content("#live").startswith("step 3,000")
    assert page.get_attribute("#strip", "role") == "slider"
    assert "3,000" in page.get_attribute("#strip", "aria-valuetext")

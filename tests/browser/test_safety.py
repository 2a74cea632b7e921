"""Recordings of strangers run nothing, and a frame around the page may forbid all it likes."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_viz.api.pages import page_of

HOSTILE = [
    "<img src=x onerror=\"document.title='run'\">",
    "</script><script>document.title='run'</script>",
    "<!--<script>document.title='run'",
    "*<b onmouseover=document.title='run'>*_<i>_^<u>^",
    "\u2028document.title='run'",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_recording_runs_nothing(
    open_page: Callable[..., Any],
    write_recording: Callable[..., Path],
    tmp_path: Path,
    text: str,
) -> None:
    runs = [
        write_recording(tmp_path / f"{name}.ganviz", label=text, classes=[text] * 4)
        for name in "ab"
    ]
    made = tmp_path / "out.html"
    look = {"panels": "density, grid, walk, losses", "subtitle": text, "caption": text}
    made.write_text(page_of(runs, titles=[text, text], label={"data": text}, **look), "utf-8")
    page = open_page(made, "#step=0")
    page.click("#more")
    page.mouse.move(400, 300)
    page.keyboard.press("End")
    assert page.title() != "run"
    assert page.text_content("#title") == page.evaluate("replay.data.title")
    assert page.locator("#replay img, #replay script, #replay b[onmouseover]").count() == 0


def test_a_sandboxed_frame_is_enough(
    open_page: Callable[..., Any], toy: Path, tmp_path: Path, browser: Any
) -> None:
    """As notebooks show it: no storage, no address of its own, nothing but scripts."""
    outer = tmp_path / "outer.html"
    inside = html.escape(toy.read_text("utf-8"))
    outer.write_text(
        "<!doctype html><title>deck</title><body>"
        f'<iframe sandbox="allow-scripts" width=900 height=600 srcdoc="{inside}"></iframe>',
        "utf-8",
    )
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"file://{outer}")
    frame = page.frames[1]
    frame.wait_for_selector("#legend button")
    frame.click("#play")
    assert not frame.evaluate("replay.clock.playing")
    page.keyboard.press("End")
    assert frame.evaluate("replay.frame") == 39
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert wrong == []
    context.close()


def test_a_page_that_cannot_be_read_says_so(browser: Any, toy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    text = toy.read_text("utf-8")
    before, _, after = text.partition('id="recording">\n')
    broken.write_text(f'{before}id="recording">\nAAAA{after[4:]}', "utf-8")
    page = browser.new_page()
    page.goto(f"file://{broken}")
    page.wait_for_selector("#trouble:visible")
    assert page.text_content("#trouble").startswith("The recording in this page cannot be shown")
    page.close()

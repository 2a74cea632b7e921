"""Chromium, headless, with pages made of small recordings; `make test-browser` runs these tests."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gan_viz.api.pages import page_of

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRAWN = """() => new Promise((done) => {
    const look = () => (globalThis.replay?.drawn >= 0 ? done() : requestAnimationFrame(look));
    look();
})"""
"""Waits for the first picture; the policy of a page forbids what `wait_for_function` does."""
DESKTOP = {"width": 1920, "height": 1080}

_rendering = runpy.run_path(str(Path(__file__).parents[1] / "rendering" / "conftest.py"))
write_recording = _rendering["write_recording"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        # what runs as root has no sandbox of its own
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Trouble(list[str]):
    """What a page should not do: requests, messages on the console, errors."""

    def watch(self, page: Any) -> None:
        page.on("console", lambda message: self.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "blob:", "data:"))
                else self.append(f"request: {request.url}")
            ),
        )


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file in a window of its own; at the end nothing may have gone wrong in it."""
    contexts, trouble = [], Trouble()

    def opened(path: Path, link: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        trouble.watch(page)
        page.goto(f"file://{path}{link}")
        page.evaluate(DRAWN)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def run(folder: Path, write_recording: Callable[..., Path]) -> Path:
    """A recording of 1-D data whose D is a probability."""
    return write_recording(folder / "run.ganviz", frames=40, last=3000)


@pytest.fixture(scope="session")
def toy(folder: Path, run: Path) -> Path:
    """The page of its densities and losses."""
    made = folder / "toy.html"
    made.write_text(page_of(run, panels="density, losses(strip=yes)"), "utf-8")
    return made


@pytest.fixture(scope="session")
def all_panels(folder: Path, run: Path) -> Path:
    """A page of all that a page can show."""
    made = folder / "all.html"
    panels = "density, grid, walk, points, signals, losses"
    made.write_text(page_of(run, panels=panels), "utf-8")
    return made


@pytest.fixture(scope="session")
def several(folder: Path, write_recording: Callable[..., Path]) -> Path:
    """A page of three runs of different lengths."""
    runs = [
        write_recording(folder / f"run{last}.ganviz", frames=20, last=last)
        for last in (1000, 2000, 3000)
    ]
    made = folder / "several.html"
    titles = ["first", "second", "a name of some length that runs have in common · third"]
    made.write_text(page_of(runs, panels="density", titles=titles), "utf-8")
    return made

"""Replays in notebooks: as nbconvert exports them, and as JupyterLab shows them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gan_viz.recording import Recording

from .conftest import DRAWN

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
TOKEN = "t" * 24
SLOW = 90_000
"""Milliseconds for a program of others to start."""


def _replay_in(page: Any) -> Any:
    """The frame of the replay, once it has drawn."""
    page.wait_for_selector("iframe[srcdoc]", timeout=SLOW)
    frame = page.query_selector("iframe[srcdoc]").content_frame()
    frame.wait_for_selector("#play")
    frame.evaluate(DRAWN)
    return frame


def _is_played(frame: Any) -> None:
    """It stops, steps and starts within its sandbox."""
    frame.evaluate("replay.goto(3)")
    frame.click("#forward")
    assert frame.evaluate("[replay.frame, replay.clock.playing]") == [4, False]
    frame.click("#play")
    assert frame.evaluate("replay.clock.playing")
    assert frame.evaluate("origin") == "null"
    assert frame.locator("#trouble:visible").count() == 0


def test_an_exported_notebook_plays(browser: Any, run: Path, tmp_path: Path) -> None:
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    with Recording(run) as recording:
        bundle = recording._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("gan_viz.Recording('run.ganviz')", outputs=[output])
    book = nbformat.v4.new_notebook(cells=[cell])
    text, _ = nbconvert.HTMLExporter().from_notebook_node(book)
    made = tmp_path / "book.html"
    made.write_text(text, "utf-8")
    page = browser.new_page()
    page.route(re.compile("^https?:"), lambda route: route.abort())  # its own fonts and formulas
    page.goto(f"file://{made}")
    _is_played(_replay_in(page))
    page.close()


@contextmanager
def _jupyter_lab(folder: Path) -> Iterator[str]:
    """A server of its own; the address of the lab."""
    options = ["--no-browser", "--port=0", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as server:
        try:
            assert server.stderr is not None
            for line in server.stderr:
                found = re.search(r"(http://127\.0\.0\.1:\d+)/lab", line)
                if found:
                    break
            else:
                raise AssertionError("JupyterLab has ended")
            yield f"{found[1]}/lab/tree/book.ipynb?token={TOKEN}"
        finally:
            server.terminate()


def test_a_notebook_in_jupyterlab_plays(browser: Any, run: Path, tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    cell = nbformat.v4.new_code_cell(f"import gan_viz\ngan_viz.Recording({str(run)!r})")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(book, tmp_path / "book.ipynb")
    with _jupyter_lab(tmp_path) as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_text("| Idle").wait_for(timeout=SLOW)  # before, nothing is run
        page.click(".jp-CodeCell .cm-content")
        page.keyboard.press("Shift+Enter")
        _is_played(_replay_in(page))
        page.close()

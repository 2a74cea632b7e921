"""Notebooks that are run by a real kernel, and what single outputs consist of."""

from __future__ import annotations

import inspect
import io
import warnings
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz.api.notebooks import MOST_BYTES, bundle_of_recording, bundle_of_rendered
from gan_viz.notebook import NotebookBars, in_notebook
from gan_viz.recording import Recording, Writer

CELLS = (
    """
    import sys
    import gan_viz, gan_viz.notebook
    gan_viz.notebook.SOON = 0.0
    place = gan_viz.train("norm(0, 1)", "run.ganviz", steps=12)
    """,
    "gan_viz.Recording(place)",
    """
    gan_viz.render(place, "run.gif", size=(320, 180), duration=0.2, hold=0)
    """,
    "!{sys.executable} -m gan_viz info run.ganviz",
    "!{sys.executable} -m gan_viz render --help",
)


def _data(cell: Any, key: str) -> list[str]:
    return [one["data"][key] for one in cell["outputs"] if key in one.get("data", {})]


def _text(cell: Any) -> str:
    return "".join(one.get("text", "") for one in cell["outputs"])


def test_a_notebook(tmp_path: Path) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [nbformat.v4.new_code_cell(inspect.cleandoc(cell)) for cell in CELLS]
    book = nbformat.v4.new_notebook(cells=cells)
    with warnings.catch_warnings(action="ignore"):  # those of others' event loops
        nbclient.NotebookClient(
            book, timeout=240, resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
    trained, replay, drawn, *commands = book.cells
    (bar,) = _data(trained, "text/html")
    assert '<progress value="12" max="12">' in bar
    (page,) = _data(replay, "text/html")
    assert page.startswith('<iframe sandbox="allow-scripts" srcdoc="')
    (poster,) = _data(replay, "image/png")
    assert _picture(poster).size == (960, 540)
    assert "<Recording run.ganviz: 13 frames" in _data(replay, "text/plain")[0]
    shown = _data(drawn, "text/html")
    assert '<progress value="4" max="4">' in shown[0]
    assert shown[-1].startswith('<img src="data:image/gif;base64,R0lGOD')
    assert all("\x1b" not in _text(cell) for cell in commands)
    assert "steps" in _text(commands[0])
    assert "--theme" in _text(commands[1])


def _picture(data: str) -> Any:
    return Image.open(io.BytesIO(b64decode(data)))


class _Frame(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.frames: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.frames.append(dict(attrs))


def test_the_page_arrives_whole_and_alone(run: Path) -> None:
    with Recording(run) as recording:
        bundle = bundle_of_recording(recording)
        page = gan_viz.api.pages.page_of(recording)
    (frame,) = _Frame(bundle["text/html"]).frames
    assert frame["sandbox"] == "allow-scripts"  # neither forms, nor our origin, nor new windows
    assert frame["srcdoc"] == page
    assert "\n" not in bundle["text/html"]  # Markdown would take an empty line for an end
    assert {"text/html", "image/png", "text/plain"} == bundle.keys()


def test_a_large_recording_is_thinned_and_says_so(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    with Writer(tmp_path / "large.ganviz", {}) as writer:
        writer.add_channel("samples", (16, 28, 28), "uint8")
        for step in range(60):
            array = random.integers(0, 256, (16, 28, 28), np.uint8)
            writer.write_frame(step, {"samples": array})
    with Recording(writer.path) as recording:
        bundle = bundle_of_recording(recording, 600_000)
    assert sum(map(len, bundle.values())) <= 600_000
    assert (frame := _Frame(bundle["text/html"]).frames[0]["srcdoc"]) is not None
    assert len(frame) > 200_000


def test_a_recording_with_nothing_to_show_is_text(tmp_path: Path) -> None:
    with Writer(tmp_path / "empty.ganviz", {}) as writer:
        writer.add_channel("generator", (4,), "float32")
    with Recording(writer.path) as recording:
        assert [*bundle_of_recording(recording)] == ["text/plain"]


@pytest.mark.parametrize(
    ("name", "kinds", "begins"),
    [
        ("a.gif", ["image/png", "text/html", "text/plain"], '<img src="data:image/gif;base64,'),
        ("a.mp4", ["image/png", "text/html", "text/plain"], '<video src="data:video/mp4;base64,'),
        ("a.webp", ["image/png", "text/html", "text/plain"], '<img src="data:image/webp;base64,'),
        ("a.png", ["image/png", "text/plain"], None),
        ("a.svg", ["text/html", "text/plain"], '<img src="data:image/svg+xml;base64,'),
        (
            "a.html",
            ["image/png", "text/html", "text/plain"],
            '<iframe sandbox="allow-scripts" srcdoc="',
        ),
        ("a.csv", ["text/plain"], None),
        ("a/", ["text/plain"], None),
    ],
)
def test_what_was_drawn_shows_itself(
    run: Path, tmp_path: Path, name: str, kinds: list[str], begins: str | None
) -> None:
    made = gan_viz.render(
        run, f"{tmp_path}/{name}", size=(320, 180), duration=0.2, hold=0, at=(0, 2), jobs=1
    )
    bundle = made._repr_mimebundle_()
    assert sorted(bundle) == kinds
    assert bundle["text/plain"] == repr(made)
    assert begins is None or bundle["text/html"].startswith(begins)
    if "image/png" in kinds:
        assert _picture(bundle["image/png"]).size[0] >= 320


def test_of_what_is_too_large_the_last_picture_is_shown(run: Path, tmp_path: Path) -> None:
    made = gan_viz.render(run, tmp_path / "a.gif", size=(320, 180), duration=0.2, hold=0, jobs=1)
    bundle = bundle_of_rendered(made, most_bytes=1000)
    assert "larger than the 0.001 MB" in bundle["text/html"]
    assert bundle["text/html"].startswith('<img src="data:image/png;base64,')
    assert "R0lGOD" not in bundle["text/html"]
    assert made.bytes < MOST_BYTES  # and is shown whole where nothing else is said


def test_elsewhere_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not in_notebook()
    shown: list[Any] = []
    monkeypatch.setattr("gan_viz.notebook.display", lambda *given: shown.append(given) or "handle")
    bars = NotebookBars()
    bars("training", 1, 1000, {})
    assert not shown  # it may be over at once
    monkeypatch.setattr("gan_viz.notebook.SOON", 0.0)
    bars = NotebookBars()
    bars("<b>", 1, 1000, {"d_loss": 1.0})
    bars("<b>", 2, 1000, {})  # too soon after the first
    bars("<b>", 1000, 1000, {})
    assert [given[0]["text/plain"] for given in shown] == [
        "<b> 1/1,000  d_loss 1.000",
        "<b> 1,000/1,000",
    ]
    assert all("&lt;b&gt;" in given[0]["text/html"] for given in shown)
    assert shown[-1][1] == "handle"

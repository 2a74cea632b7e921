"""Texts in any script, as far as fonts are installed; whatever the environment says of windows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import findSystemFonts, fontManager, get_font

import gan_viz
from gan_viz.errors import UsageError
from gan_viz.panels.lettering import Font, text_width
from gan_viz.recording import Recording, Writer
from gan_viz.rendering import Canvas
from gan_viz.rendering.fonts import FALLBACKS, FONT, families, not_written
from gan_viz.rendering.text import write


def font_file(path: Path, family: str, characters: str) -> Path:
    """A font that has filled squares, as wide as high, for some characters."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 800), (1000, 800), (1000, 0)):
        pen.lineTo(point)
    pen.closePath()
    square, names = pen.glyph(), [f"u{ord(c):04X}" for c in characters]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(map(ord, characters), names, strict=True)))
    builder.setupGlyf(dict.fromkeys([".notdef", *names], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture(autouse=True)
def fonts() -> Iterator[None]:
    """Only the fonts that come with matplotlib, and those that a test adds."""
    before = list(fontManager.ttflist)
    own = mpl.get_data_path()
    fontManager.ttflist[:] = [entry for entry in before if entry.fname.startswith(own)]
    families.cache_clear()
    yield
    fontManager.ttflist[:] = before
    families.cache_clear()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A recording with a Japanese title."""
    with Writer(tmp_path / "run.ganviz", {"title": "身長の分布"}) as writer:
        writer.add_channel("generator", (50,), "float64")
        for step in range(3):
            writer.write_frame(step, {"generator": np.linspace(-1, 1, 50)})
    return tmp_path / "run.ganviz"


def drawn(path: Path, **look: Any) -> np.ndarray[Any, Any]:
    with Recording(path) as recording:
        return gan_viz.api.drawing.make_renderer(recording, gan_viz.Look(**look)).frame(0)


def test_without_a_font_there_is_one_note(run: Path, tmp_path: Path) -> None:
    for name in ("a.gif", "a.png", "a.svg"):
        rendered = gan_viz.render(run, tmp_path / name, size=(320, 180), poster=name != "a.gif")
        assert rendered.notice.startswith("no font was found for の分布身長: install one")


def test_a_well_known_font_is_found(run: Path, tmp_path: Path) -> None:
    boxes = drawn(run)
    fontManager.addfont(font_file(tmp_path / "a.ttf", "IPAexGothic", "身長の分布"))
    families.cache_clear()
    assert families() == (FONT, "IPAexGothic")
    assert (drawn(run) != boxes).any()
    assert gan_viz.render(run, tmp_path / "a.png", poster=True).notice == ""


def real_font(character: str) -> str:
    """A font of this system that is among the fallbacks and has a character."""
    for file in findSystemFonts():
        with suppress(RuntimeError, OSError):
            font = get_font(file)
            if font.family_name in FALLBACKS and ord(character) in font.get_charmap():
                return file
    pytest.skip(f"no font of this system that gan_viz falls back on has {character}")


def test_a_real_font_writes_japanese(run: Path, tmp_path: Path) -> None:
    boxes, latin = drawn(run), drawn(run, title="abc")
    fontManager.addfont(real_font("身"))
    families.cache_clear()
    written = drawn(run)
    assert gan_viz.render(run, tmp_path / "a.png", poster=True).notice == ""
    assert (written != boxes).any()
    assert (drawn(run, title="abc") == latin).all()  # other texts are as ever
    other = drawn(run, title="分布の身長")
    assert (other != written).any()  # strokes, not boxes that are all alike
    head = slice(0, written.shape[0] // 8)
    ink = [(picture[head] != latin[0, 0]).any(axis=(1, 2)) for picture in (written, latin)]
    assert abs(np.flatnonzero(ink[0])[0] - np.flatnonzero(ink[1])[0]) < 8  # nothing is cut off


def test_a_font_is_given_by_file_or_name(run: Path, tmp_path: Path) -> None:
    file = font_file(tmp_path / "own.ttf", "Own Font", "身長の分布step 0123")
    by_file = drawn(run, font=str(file))
    assert (by_file == drawn(run, font="Own Font")).all()
    assert (by_file != drawn(run, font="DejaVu Serif")).any()
    assert families(str(file))[:2] == ("Own Font", FONT)


def test_a_font_installed_after_matplotlib_made_its_list_is_found(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [font_file(tmp_path / "new.ttf", "New Font", "step 0123"), tmp_path / "broken.ttf"]
    files[1].write_bytes(b"no font")
    monkeypatch.setattr("gan_viz.rendering.fonts.findSystemFonts", lambda: list(map(str, files)))
    assert (drawn(run, font="New Font") != drawn(run)).any()


def test_widths_are_those_of_the_font(tmp_path: Path) -> None:
    file = str(font_file(tmp_path / "own.ttf", "Square Font", "ab"))
    widths = []
    for canvas in (Canvas(), Canvas(font=file)):
        with canvas.figure(canvas.style).context():
            widths.append(text_width("abab", Font(20.0)))
    assert widths[0] < 60 < 79 < widths[1] < 81


@pytest.mark.parametrize("name", ["Dejavu Sanz", "nowhere.ttf", "No Such Font At All"])
def test_a_font_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"font '{name}' is not installed: .*DejaVu Sans"):
        gan_viz.Look(font=name)


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"no font")
    with pytest.raises(UsageError, match="is not installed"):
        gan_viz.Look(font=str(tmp_path / "a.ttf"))


def test_characters_that_no_font_has_are_told_once_each() -> None:
    canvas = Canvas()
    figure = canvas.figure(canvas.style)
    with figure.context():
        write(figure, "p_g · αβγ €", 10, 10, Font(10))
        assert not_written(figure) == ""
        write(figure, "身身\n身", 10, 10, Font(10))
    assert not_written(figure).startswith("no font was found for 身:")


BACKENDS = ["module://matplotlib_inline.backend_inline", "inline", "a typo", "svg"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_backend_of_the_environment_does_not_matter(backend: str) -> None:
    program = (
        "import os; from gan_viz.rendering import Canvas; from gan_viz.rendering.figure import *;"
        "import matplotlib;"
        "c = Canvas(320, 180); assert rasterize(c.figure(c.style)).shape == (180, 320, 3);"
        "print(os.environ['MPLBACKEND'], matplotlib.get_backend(auto_select=False), sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    kept, used = done.stdout.strip().split("|")
    assert kept == backend
    assert used in ({"svg"} if backend == "svg" else {"None", backend})  # if it is installed

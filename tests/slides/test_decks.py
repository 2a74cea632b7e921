"""Decks, taken apart by the libraries that read them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

import gan_viz
from gan_viz.api import Look
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.registry import DOCUMENTS
from gan_viz.rendering import THEMES
from gan_viz.slides.base import DeckWriter
from gan_viz.slides.command import command_of

from .conftest import HOSTILE

pptx = pytest.importorskip("pptx")
SMALL = {"size": (320, 180), "fps": 5, "jobs": 1}
DECKS = [suffix for suffix in DOCUMENTS if issubclass(DOCUMENTS[suffix], DeckWriter)]


def _movies(slide: Any) -> list[Any]:
    return [
        shape for shape in slide.shapes if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.MEDIA
    ]


@pytest.fixture(scope="session")
def talk(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("talk") / "talk.pptx"
    made = gan_viz.render(run, out, theme="dark", autoplay=True, **SMALL)
    assert made.path == out
    assert made.bytes == out.stat().st_size
    return out


def test_powerpoint_has_a_slide_for_each_chapter(talk: Path, run: Path) -> None:
    deck = pptx.Presentation(str(talk))
    assert deck.slide_width * 9 == deck.slide_height * 16
    first, *rest = deck.slides
    assert first.shapes.title.text_frame.text == HOSTILE
    assert f"gan-viz render {run} --out {talk}" in first.notes_slide.notes_text_frame.text
    titles = [slide.shapes.title.text_frame.text for slide in rest]
    assert titles[0] == "Start"
    assert titles[-1].startswith("End")
    for slide in rest:
        (movie,) = _movies(slide)
        title = slide.shapes.title
        assert movie.top >= title.top + title.height  # below it, and on the slide
        assert movie.left >= 0
        assert movie.left + movie.width <= deck.slide_width
        assert movie.top + movie.height <= deck.slide_height
        assert movie.width / movie.height == pytest.approx(320 / 180, rel=1e-3)
        assert "Step" in slide.notes_slide.notes_text_frame.text
        assert movie._element.nvPicPr.cNvPr.get("descr").startswith(title.text_frame.text)


def test_its_media_are_what_players_ask_for(talk: Path) -> None:
    with zipfile.ZipFile(talk) as package:
        types = package.read("[Content_Types].xml").decode()
        assert 'Extension="mp4" ContentType="video/mp4"' in types
        videos = [name for name in package.namelist() if name.endswith(".mp4")]
        slides = [name for name in package.namelist() if re.fullmatch(r"ppt/slides/\w+\.xml", name)]
        assert len(videos) == len(slides) - 1
        for name in videos:
            with av.open(io.BytesIO(package.read(name))) as movie:
                stream = movie.streams.video[0]
                assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        for name in slides:
            relations = package.read(name.replace("slides/", "slides/_rels/") + ".rels").decode()
            kinds = sorted(re.findall(r'Type="[^"]*/(\w+)"', relations))
            assert kinds in (
                ["notesSlide", "slideLayout"],
                ["image", "media", "notesSlide", "slideLayout", "video"],
            )
            assert 'TargetMode="External"' not in relations
            page = package.read(name).decode()
            for shape in re.findall(r'<p:spTgt spid="(\d+)"', page):
                assert f'<p:cNvPr id="{shape}"' in page  # what is started is on the slide
            assert page.count("playFrom(0.0)") == (1 if "video" in kinds else 0)


def test_its_colors_are_those_of_the_theme(talk: Path) -> None:
    with zipfile.ZipFile(talk) as package:
        theme = package.read("ppt/theme/theme1.xml").decode()
    roles = THEMES["dark"].roles
    for name, role in (("lt1", "background"), ("dk1", "ink"), ("accent2", "generated")):
        found = re.search(rf'<a:{name}><a:srgbClr val="(\w+)"/>', theme)
        assert found is not None
        assert f"#{found[1].lower()}" == roles[role]


def test_libreoffice_opens_it(talk: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice and pdftotext are not installed: the slides are not opened")
    home = f"-env:UserInstallation={tmp_path.as_uri()}/home"
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, talk]
    subprocess.run(command, check=True, capture_output=True)
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "talk.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) == len(pptx.Presentation(str(talk)).slides)
    assert HOSTILE in pages[0]
    assert "Start" in pages[1]


def test_a_template_keeps_its_design_and_loses_its_slides(run: Path, tmp_path: Path) -> None:
    mine = pptx.Presentation()
    mine.slide_width = 2 * mine.slide_height
    mine.slides.add_slide(mine.slide_layouts[0]).shapes.title.text = "confidential"
    mine.save(str(tmp_path / "mine.pptx"))
    out = tmp_path / "talk.pptx"
    gan_viz.render(run, out, template=str(tmp_path / "mine.pptx"), clip="gif", **SMALL)
    deck = pptx.Presentation(str(out))
    assert deck.slide_width == 2 * deck.slide_height
    with zipfile.ZipFile(out) as package:
        assert not any(b"confidential" in package.read(name) for name in package.namelist())
        (gif, *_) = (name for name in package.namelist() if name.endswith(".gif"))
        with Image.open(io.BytesIO(package.read(gif))) as picture:
            assert picture.format == "GIF"


@pytest.mark.parametrize("template", ["missing.pptx", "text.pptx"])
def test_a_template_that_is_none(run: Path, tmp_path: Path, template: str) -> None:
    (tmp_path / "text.pptx").write_text("no ZIP")
    with pytest.raises(UsageError, match=r"expected a PowerPoint file \(\.pptx\)"):
        gan_viz.render(run, tmp_path / "a.pptx", template=str(tmp_path / template), **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["text.pptx"]


def test_several_runs_get_a_slide_each(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "talk.pptx"
    gan_viz.compare([run, run], out, titles=["one", "two"], duration=0.4, **SMALL)
    deck = pptx.Presentation(str(out))
    assert [slide.shapes.title.text_frame.text for slide in deck.slides][1:] == ["one", "two"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_reveal_is_one_file_in_which_a_title_is_no_markup(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "talk.reveal.html"
    gan_viz.render(run, out, **SMALL)
    page = _Page()
    page.feed(out.read_text(encoding="utf-8"))
    scripts = [about for tag, about in page.tags if tag == "script"]
    assert [bool(about.get("integrity")) for about in scripts] == [True, True, False]
    videos = [about for tag, about in page.tags if tag == "video"]
    assert len(videos) == len([tag for tag, _ in page.tags if tag == "section"]) - 2
    (frame,) = [about for tag, about in page.tags if tag == "iframe"]
    assert frame["sandbox"] == "allow-scripts"
    assert str(frame["srcdoc"]).startswith("<!doctype html>")  # the replay, whole
    assert str(frame["srcdoc"]).endswith("</html>\n")
    for about in videos:
        kind, _, data = str(about["src"]).partition(",")
        assert kind == "data:video/mp4;base64"
        with av.open(io.BytesIO(b64decode(data))) as movie:
            assert (movie.streams.video[0].width, movie.streams.video[0].height) == (320, 180)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.reveal.html"]


def test_marp_is_text_with_clips_beside_it(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "talk.md"
    for _ in range(2):  # the second takes the place of the first
        gan_viz.render(run, out, **SMALL)
    text = out.read_text(encoding="utf-8")
    assert text.startswith("---\nmarp: true\n")
    assert "<script>" not in text
    assert text.count("<!--") == text.count("-->")
    clips = re.findall(r'<video src="([^"]*)" poster="([^"]*)"', text)
    assert text.count("\n---\n") == 1 + len(clips)
    assert {name for pair in clips for name in pair} == {
        f"talk_files/{path.name}" for path in (tmp_path / "talk_files").iterdir()
    }
    (tmp_path / "talk_files" / "theirs.txt").touch()
    with pytest.raises(UsageError, match=r"theirs\.txt"):
        gan_viz.render(run, out, **SMALL)
    assert out.read_text(encoding="utf-8") == text


def test_a_text_that_is_no_deck_is_not_replaced(run: Path, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Mine")
    with pytest.raises(UsageError, match="a text of another kind"):
        gan_viz.render(run, tmp_path / "README.md", **SMALL)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [
        ("README.md", "# Mine")
    ]


@pytest.mark.parametrize("suffix", DECKS)
def test_what_cannot_be_is_refused_before_anything_is_drawn(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        gan_viz.render("none.ganviz", tmp_path / "no" / f"a{suffix}")
    with pytest.raises(UnknownNameError, match="did you mean 'mp4'"):
        gan_viz.render("none.ganviz", tmp_path / f"a{suffix}", clip="mp5")
    with pytest.raises(UsageError, match=r"\.mp4 has no option"):
        gan_viz.render("none.ganviz", tmp_path / f"a{suffix}", max_bytes=1000)


def test_the_command_in_the_notes_is_read_back_as_the_same_look() -> None:
    import shlex

    from gan_viz.command_options import LOOK

    look = Look(
        size=(640, 360), theme="dark", label={"data": "a, b"}, pause=[(3, 1.5)], at=(0, 10),
        slow=[(0, 5, 2.0)], show=("dstar",), boomerang=True, max_bytes=5000, title="it's",
    )  # fmt: skip
    words = shlex.split(command_of([Path("a.ganviz")], Path("b.pptx"), look))[5:]
    options = {row.names[0] if row.names else "--" + name: name for name, row in LOOK.items()}
    options |= {"--" + name.replace("_", "-"): name for name in LOOK}
    given: dict[str, Any] = {}
    while words:
        name = options[words.pop(0)]
        given[name] = True if LOOK[name].kind is bool else words.pop(0)
    again = Look(**given)
    assert again.canvas == look.canvas
    for name in ("pause", "slow", "at", "show", "boomerang", "max_bytes"):
        both = getattr(again, name), getattr(look, name)
        assert both[0] == both[1] or [*both[0]] == [*both[1]], name

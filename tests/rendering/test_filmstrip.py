"""Strips of frames, as pixels and as vectors."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.text import Text

from gan_viz.errors import UsageError
from gan_viz.panels.base import DYNAMIC
from gan_viz.recording import Recording
from gan_viz.registry import PANELS
from gan_viz.rendering import Canvas, filmstrip
from gan_viz.rendering.figure import PixelFigure, rasterize, save_vector
from gan_viz.rendering.text import shorten
from gan_viz.rendering.theme import theme

Make = Callable[..., Recording]
VALUES = np.random.default_rng(0).gamma(3, 4, 300)
LONG = "very_long_file_name_of_measurements.csv: column name"


def strip(
    recording: Recording,
    frames: list[int],
    size: tuple[int, int] = (900, 500),
    panel: str = "density",
    look: str = "light",
    **options: Any,
) -> PixelFigure:
    canvas = Canvas(*size, theme=theme(look))
    return filmstrip(PANELS[panel]().bind(recording), frames, canvas, **options)


def texts(picture: PixelFigure) -> list[str]:
    return [text.get_text() for text in picture.texts]


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_shows_the_steps_in_order_at_the_right_size(make_recording: Make, panel: str) -> None:
    recording = make_recording(last=4000)
    frames = list(range(5))
    picture = strip(recording, frames, (641, 403), panel)
    pixels = rasterize(picture)
    assert pixels.shape == (403, 641, 3)
    assert pixels.dtype == np.uint8
    assert [t for t in texts(picture) if t.startswith("step ")] == [
        f"step {1000 * frame:,}" for frame in frames
    ]
    boxes = [axes.bbox for axes in picture.axes]
    assert len(boxes) == len(frames)
    for one, other in itertools.combinations(boxes, 2):
        assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


def test_each_picture_shows_its_own_frame(make_recording: Make) -> None:
    recording = make_recording()
    pixels = rasterize(strip(recording, [0, 2, 0])).astype(int)
    boxes = [axes.bbox for axes in strip(recording, [0, 2, 0]).axes]
    first, second, third = (
        pixels[500 - round(box.y1) : 500 - round(box.y0), round(box.x0) + 2 : round(box.x1) - 2]
        for box in boxes
    )
    assert np.abs(first - third).max() <= 2  # the axes are not exactly a whole number apart
    assert np.abs(first - second).max() > 100


@pytest.mark.parametrize(("columns", "rows"), [(None, 2), (1, 5), (2, 3), (5, 1), (9, 1)])
def test_columns_can_be_chosen(make_recording: Make, columns: int | None, rows: int) -> None:
    picture = strip(make_recording(), list(range(5)), (1200, 900), columns=columns)
    assert len({axes.bbox.y0 for axes in picture.axes}) == rows


def test_only_the_outside_is_labelled(make_recording: Make) -> None:
    picture = strip(make_recording(), list(range(5)))
    assert [axes.get_ylabel() for axes in picture.axes] == ["density", "", "", "density", ""]
    assert [axes.get_xlabel() for axes in picture.axes] == ["", "", "x", "x", "x"]
    seen = [any(text.get_visible() for text in axes.texts) for axes in picture.axes]
    assert seen == [False, False, True, False, True]


@pytest.mark.parametrize("size", [(1500, 900)])
@pytest.mark.parametrize("panel", sorted(PANELS))
@pytest.mark.parametrize("number", [1, 6])
def test_no_text_is_covered_or_cut_off(
    make_recording: Make,
    size: tuple[int, int],
    panel: str,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recording = make_recording(data=VALUES, label=LONG, frames=6, last=1_000_000)
    picture = strip(recording, list(range(number)), size, panel)
    boxes: dict[str, Any] = {}

    def spy(text: Text, agg: Any) -> None:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(agg)
            boxes[f"{text.get_text()} at {box.x0:.0f}, {box.y0:.0f}"] = box

    monkeypatch.setattr(Text, "draw", spy)
    rasterize(picture)
    assert len(boxes) > 3
    inside = itertools.chain.from_iterable(axes.get_children() for axes in picture.axes)
    moving = [artist.get_clip_box() for artist in inside if artist.get_zorder() >= DYNAMIC]
    if panel == "landscape":  # what moves stays on the landscape, beside which the names stand
        moving = []

    def overlap(one: Any, other: Any) -> bool:
        wide = min(one.x1, other.x1) - max(one.x0, other.x0)
        return wide > 0.5 and min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5

    for (one, box), (other, near) in itertools.combinations(boxes.items(), 2):
        assert not overlap(box, near), f"{one} is over {other}"
    for name, box in boxes.items():
        assert min(box.x0, box.y0) >= 0, f"{name} is cut off"
        assert box.x1 <= size[0], f"{name} is cut off"
        assert box.y1 <= size[1], f"{name} is cut off"
        assert not any(overlap(box, where) for where in moving), f"{name} may be under a curve"


def test_is_the_same_whatever_the_users_settings(make_recording: Make) -> None:
    recording = make_recording()
    usual = rasterize(strip(recording, [0, 3]))
    odd = {"font.size": 30, "axes.grid": True, "text.hinting": "none", "path.simplify": False}
    with mpl.rc_context(odd):
        before = dict(mpl.rcParams)
        picture = strip(recording, [0, 3])
        assert np.array_equal(rasterize(picture), usual)
        assert dict(mpl.rcParams) == before
    assert np.array_equal(rasterize(picture), usual)


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_vectors_are_written_the_same_every_time(
    make_recording: Make, tmp_path: Path, kind: str
) -> None:
    recording = make_recording()
    path, file = tmp_path / f"strip.{kind}", io.BytesIO()
    save_vector(strip(recording, [0, 3]), path)
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "none", "pdf.fonttype": 3}):
        save_vector(strip(recording, [0, 3]), file, kind)
    assert path.read_bytes() == file.getvalue()
    if kind == "svg":
        size = ElementTree.fromstring(file.getvalue()).attrib
        assert size["viewBox"] == "0 0 648 360"  # 900 x 500 pixels in points
    else:
        assert file.getvalue().startswith(b"%PDF")


def test_no_frames_are_refused(make_recording: Make) -> None:
    with pytest.raises(UsageError, match="no frames"):
        strip(make_recording(), [])


def test_titles_are_cut_at_the_end() -> None:
    def fits(text: str) -> bool:
        return len(text) <= 6

    assert shorten("short", fits) == "short"
    assert shorten("a · longer", fits) == "a · l…"
    assert shorten("abc · longer", fits) == "abc…"
    assert shorten("abc", lambda text: False) == "…"

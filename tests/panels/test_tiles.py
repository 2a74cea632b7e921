"""Small pictures are enlarged by whole factors, and in no other way."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from gan_viz.panels.base import Style
from gan_viz.panels.tiles import Caption, Sheet, Tiles

ORDER = np.array([[0, 1, 2], [3, 4, -1]])
GREY = np.random.default_rng(0).integers(0, 256, (5, 4, 6), np.uint8)
COLOURED = np.random.default_rng(1).integers(0, 256, (5, 4, 6, 3), np.uint8)


def mosaic(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What `ORDER` asks for, on white, shape (8, 18, 3)."""
    coloured = pictures if pictures.ndim == 4 else np.repeat(pictures[..., None], 3, axis=-1)
    white = np.full_like(coloured[0], 255)
    rows = [[white if number < 0 else coloured[number] for number in row] for row in ORDER]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def axes_of(width: int, height: int) -> Axes:
    """Axes of some pixels, 7 from the left and 5 from below, in a figure of 400 x 300."""
    figure = Figure(figsize=(4, 3), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((7 / 400, 5 / 300, width / 400, height / 300))
    axes.set_axis_off()
    return axes


def drawn(axes: Axes, dpi: int = 100) -> Any:
    figure = axes.get_figure(root=True)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return np.asarray(Image.open(file).convert("RGB"))


def tiles_on(axes: Axes, pictures: NDArray[np.uint8], **options: Any) -> Tiles:
    tiles = Tiles(Sheet(axes, (18, 8), (4, 6), whole=True, **options), 0, 0, ORDER)
    tiles.set_pictures(pictures)
    return tiles


@pytest.mark.parametrize("pictures", [GREY, COLOURED], ids=["grey", "coloured"])
@pytest.mark.parametrize(
    ("size", "factor"),
    [((18, 8), 1), ((35, 17), 1), ((36, 16), 2), ((200, 35), 4), ((107, 290), 5), ((378, 270), 21)],
)
def test_every_pixel_becomes_a_square(
    pictures: NDArray[np.uint8], size: tuple[int, int], factor: int
) -> None:
    axes = axes_of(*size)
    tiles_on(axes, pictures, centred=False)
    expected = np.full((300, 400, 3), 255, np.uint8)
    top, height, width = 300 - 5 - size[1], 8 * factor, 18 * factor
    large = mosaic(pictures).repeat(factor, axis=0).repeat(factor, axis=1)
    expected[top : top + height, 7 : 7 + width] = large
    assert np.array_equal(drawn(axes), expected)


def test_is_in_the_middle_unless_told_otherwise() -> None:
    axes = axes_of(41, 16)
    tiles_on(axes, GREY)
    columns = np.flatnonzero((drawn(axes) != 255).any(axis=(0, 2)))
    assert columns[[0, -1]].tolist() == [7 + 2, 7 + 2 + 35]  # (41 - 36) / 2 is rounded to even


def test_what_does_not_fit_is_left_out_by_the_picture() -> None:
    axes = axes_of(17, 7)
    tiles = tiles_on(axes, GREY)
    assert np.array_equal(tiles.pixels[..., 0], np.hstack([GREY[0], GREY[1]]))
    picture = drawn(axes)
    assert np.array_equal(picture[288:292, 7:19], mosaic(GREY)[:4, :12])
    assert (picture[288:292, 19:24] == 255).all()


def test_shrinks_where_not_one_picture_fits() -> None:
    axes = axes_of(9, 3)
    tiles = tiles_on(axes, GREY, centred=False)
    assert tiles.pixels.shape == (4, 18, 4)
    assert np.array_equal(drawn(axes)[292:294, 7:16], mosaic(GREY)[:4:2, ::2])


def test_at_twice_the_resolution_the_squares_are_twice_as_large() -> None:
    axes = axes_of(50, 40)
    tiles_on(axes, GREY)
    once, twice = drawn(axes), drawn(axes, 200)
    assert np.array_equal(twice, once.repeat(2, axis=0).repeat(2, axis=1))
    assert drawn(axes, 137).shape == (411, 548, 3)  # no whole factor: but some picture


def test_a_vector_picture_holds_the_very_pixels() -> None:
    axes = axes_of(50, 40)
    tiles_on(axes, COLOURED)
    file = io.StringIO()
    axes.get_figure(root=True).savefig(file, format="svg")
    text = file.getvalue()
    encoded = re.findall(r"base64,\s*([^\"]+)\"", text)
    assert len(encoded) == 1
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded[0]))))
    shown = np.where(image[..., 3:] > 0, image[..., :3], 255)
    assert np.array_equal(shown[::-1], mosaic(COLOURED))  # which the transform turns over
    assert "pixelated" in text
    width, _, _, height, *_ = (
        float(n) for n in re.findall(r"matrix\(([^)]*)\)", text)[0].replace(",", " ").split()
    )
    assert (width, height) == pytest.approx((2 * 0.72, -2 * 0.72))


def test_a_pdf_is_written() -> None:
    axes = axes_of(50, 40)
    tiles_on(axes, GREY)
    file = io.BytesIO()
    axes.get_figure(root=True).savefig(file, format="pdf")
    assert b"/Image" in file.getvalue()


def test_shows_other_pictures_or_none() -> None:
    axes = axes_of(50, 40)
    tiles = tiles_on(axes, GREY)
    first = drawn(axes)
    tiles.set_pictures(GREY[::-1])
    assert not np.array_equal(drawn(axes), first)
    tiles.set_pictures(None)
    assert (drawn(axes) == 255).all()
    tiles.set_pictures(GREY)
    assert np.array_equal(drawn(axes), first)
    tiles.set_visible(False)
    assert (drawn(axes) == 255).all()


def test_follows_the_axes_when_they_are_moved() -> None:
    axes = axes_of(378, 270)
    tiles_on(axes, GREY)
    drawn(axes)
    axes.set_position(axes_of(40, 20).get_position())
    moved = axes_of(40, 20)
    tiles_on(moved, GREY)
    assert np.array_equal(drawn(axes), drawn(moved))


def test_captions_stand_where_the_sheet_is(style: Style) -> None:
    axes = axes_of(100, 100)
    caption = Caption(Sheet(axes, (18, 8), (4, 6), whole=True), 6, 4, "real", style, va="top")
    box = caption.get_window_extent()
    assert box.x0 == pytest.approx(7 + 5 + 6 * 5, abs=1.5)  # the factor is 5, the margin 5
    assert box.y1 == pytest.approx(105 - 4 * 5, abs=1.5)


@pytest.mark.parametrize("room", [1, 3, 6, 9, 12])
def test_captions_keep_to_their_room(style: Style, room: float) -> None:
    axes = axes_of(180, 80)
    name = "Ankle boot"
    caption = Caption(Sheet(axes, (18, 8), (4, 6), whole=True), 0, 0, name, style, room)
    width = caption.get_window_extent().width
    text = caption.get_text()
    assert width <= room * 10 or len(text) == 1
    assert text == name or name.startswith(text.rstrip("…"))
    assert (text == name) == (room >= 6)  # smaller, if need be


def test_captions_of_what_is_cut_off_are_not_shown(style: Style) -> None:
    axes = axes_of(13, 8)
    sheet = Sheet(axes, (18, 8), (4, 6), whole=True)
    captions = [Caption(sheet, x, 0, "9", style, 6) for x in (3, 9, 15)]
    for caption in captions:
        caption.get_window_extent()
    assert [caption.get_text() for caption in captions] == ["9", "9", ""]

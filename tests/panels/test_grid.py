"""The panels of pictures: generated and real ones, and walks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style
from gan_viz.panels.grid import GridPanel
from gan_viz.panels.tiles import Tiles
from gan_viz.panels.walk import WalkPanel
from gan_viz.recording import Recording

Make = Callable[..., Recording]


def numbered(*shape: int) -> NDArray[np.uint8]:
    """Pictures of 4 x 4 pixels, each all of its own number."""
    numbers = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    return numbers[..., None, None].repeat(4, -1).repeat(4, -2)


def numbers_in(tiles: Tiles) -> list[list[int]]:
    """Which of `numbered` is where; -1 for nothing."""
    pixels = tiles.pixels[2::4, 2::4].astype(int)
    return np.where(pixels[..., 3] > 0, pixels[..., 0], -1).tolist()


def blocks(panel: GridPanel, axes: Axes, style: Style, frame: int = 0) -> list[list[list[int]]]:
    """Numbers in the blocks of pictures, from the lowest z-order."""
    panel.setup(axes, style)
    panel.update(frame)
    found = [artist for artist in axes.get_children() if isinstance(artist, Tiles)]
    return [numbers_in(tiles) for tiles in sorted(found, key=Tiles.get_zorder)]


def texts(axes: Axes) -> list[str]:
    for text in axes.texts:
        text.get_window_extent()
    return [text.get_text() for text in axes.texts]


def make(make_recording: Make, samples: Any, attributes: Any = None, **others: Any) -> Recording:
    return make_recording(pictures={"samples": (samples, attributes or {})}, **others)


def test_samples_are_in_reading_order_beside_real_ones(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    samples = numbered(5, 6)
    constants = {"real_samples": 100 + numbered(9)}
    recording = make(make_recording, samples, {"columns": 4}, constants=constants)
    real, generated = blocks(GridPanel().bind(recording), axes, style, 2)
    assert generated == [[12, 13, 14, 15], [16, 17, -1, -1]]
    assert real == [[100, 101], [102, 103]]
    assert texts(axes) == ["real", "G(z)"]


def test_without_a_number_of_columns_it_is_about_a_square(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = GridPanel().bind(make(make_recording, numbered(5, 7)))
    assert panel.order.tolist() == [[0, 1, 2], [3, 4, 5], [6, -1, -1]]


def test_classes_have_columns_below_a_real_picture(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    constants = {
        "real_samples": 100 + numbered(4),
        "real_labels": np.array([2, 0, 2, 5]),
        "sample_labels": np.array([2, 0, 1, 0, 2, 0]),
    }
    recording = make(make_recording, numbered(5, 6), constants=constants, classes=["zero", "one"])
    panel = GridPanel().bind(recording)
    real, generated = blocks(panel, axes, style)
    assert generated == [[1, 2, 0], [3, -1, 4], [5, -1, -1]]
    assert real == [[101, -1, 100]]
    assert set(texts(axes)[3:]) == {"real", "G(z)"}
    assert [text._whole for text in axes.texts[:3]] == ["zero", "one", "2"]


def test_real_pictures_of_another_size_are_left_out(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    constants = {"real_samples": np.zeros((9, 5, 5), np.uint8)}
    panel = GridPanel().bind(make(make_recording, numbered(5, 6), constants=constants))
    assert len(blocks(panel, axes, style)) == 1
    assert texts(axes) == ["G(z)"]


def test_many_samples_keep_to_a_few_rows(make_recording: Make) -> None:
    panel = GridPanel().bind(
        make(make_recording, np.zeros((5, 900, 4, 4), np.uint8), {"columns": 30})
    )
    assert panel.order.shape == (8, 16)
    assert panel.order[1, 0] == 30


def test_aspect_is_that_of_the_pictures(make_recording: Make, axes: Axes, style: Style) -> None:
    panel = GridPanel().bind(make(make_recording, numbered(5, 6), {"columns": 3}, constants={}))
    panel.setup(axes, style)
    corners = [tiles.get_clip_box().extents for tiles in axes.artists if isinstance(tiles, Tiles)]
    left, bottom, right, top = np.transpose(corners)
    assert (max(right) - min(left)) / (max(top) - min(bottom)) == pytest.approx(panel.aspect)


def test_frames_without_samples_show_the_last(
    make_recording: Make, axes: Axes, style: Style
) -> None:
    panel = GridPanel().bind(make(make_recording, numbered(5, 4), missing=[0, 2, 3]))
    panel.setup(axes, style)
    seen = []
    for frame in range(5):
        panel.update(frame)
        seen.append(numbers_in(panel._tiles))
    assert seen == [[], *([[[4, 5], [6, 7]]] * 3), [[16, 17], [18, 19]]]


@pytest.mark.parametrize(
    "samples",
    [np.zeros((5, 3, 4, 4)), np.zeros((5, 16), np.uint8), np.zeros((5, 3, 4, 4, 2), np.uint8)],
    ids=["float", "no pictures", "two colours"],
)
def test_what_is_no_picture_is_refused(make_recording: Make, samples: Any) -> None:
    recording = make(make_recording, samples)
    with pytest.raises(RecordingError, match=r"'samples' has .* expected pictures: uint8"):
        GridPanel().bind(recording)


def test_walks_are_rows_with_their_names(make_recording: Make, axes: Axes, style: Style) -> None:
    walk = (numbered(5, 2, 3), {"kind": ["slerp", "lerp"]})
    panel = WalkPanel().bind(make_recording(pictures={"walk": walk}))
    moving = panel.setup(axes, style)
    panel.update(3)
    assert [numbers_in(tiles) for tiles in moving] == [[[18, 19, 20]], [[21, 22, 23]]]
    assert texts(axes) == ["slerp", "lerp"]
    first, second = axes.texts
    assert first.get_window_extent().y0 > second.get_window_extent().y1


def test_walks_without_names_and_frames(make_recording: Make, axes: Axes, style: Style) -> None:
    recording = make_recording(pictures={"walk": (numbered(5, 2, 3), {})}, missing=[0])
    panel = WalkPanel().bind(recording)
    moving = panel.setup(axes, style)
    panel.update(0)
    assert [numbers_in(tiles) for tiles in moving] == [[], []]
    assert not axes.texts

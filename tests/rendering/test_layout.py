"""Boxes fit, whatever the size."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.rendering.layout import LEGEND, TITLE, Box, Layout, Margins
from gan_viz.rendering.theme import theme

sizes = st.tuples(st.integers(320, 4000), st.integers(180, 3000))
in_font_heights = st.tuples(st.floats(1, 6), st.floats(0, 5), st.floats(1, 4))


aspects = st.lists(st.sampled_from([None, 0.7, 1.0, 1.3]), min_size=1, max_size=5)


def made(size: tuple[int, int], aspects: list[float | None], strips: list[bool]) -> Layout:
    width, height = size
    font = theme("light").style(width, height).font
    return Layout(width, height, font, [1.0] * len(aspects), aspects, strips)


@given(sizes, aspects, st.data())
def test_boxes_are_inside_and_apart(
    size: tuple[int, int], aspects: list[float | None], data: st.DataObject
) -> None:
    strips = data.draw(st.lists(st.booleans(), min_size=len(aspects), max_size=len(aspects)))
    strips = [strip and aspect is None for strip, aspect in zip(strips, aspects, strict=True)]
    layout = made(size, aspects, strips)
    margins = [Margins(*(layout.font * m for m in data.draw(in_font_heights))) for _ in aspects]
    boxes = layout.boxes(margins)
    panels = [panel for columns in layout.rows for column in columns for panel in column]
    assert sorted(panels) == list(range(len(aspects)))
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= size[0]
        assert box.top < layout.title_y < size[1]
        assert min(box.width, box.height) >= 1
    if min(size[0] / 12, size[1] / 9) / layout.font > len(aspects):
        for one, other in itertools.combinations(boxes, 2):
            apart = one.right < other.x or other.right < one.x
            assert apart or one.y >= other.top or other.y >= one.top
    ends = layout.ends(boxes)
    assert all(box.right - 1 <= end <= size[0] for box, end in zip(boxes, ends, strict=True))


@given(st.integers(500, 4000), st.floats(0.4, 3), st.integers(1, 3), st.booleans())
def test_panels_of_any_shape_of_picture_fill_it(
    height: int, shape: float, number: int, strip: bool
) -> None:
    """Nothing but edges and gaps is between the boxes with their labels."""
    width = max(320, round(shape * height))
    layout = made((width, height), [None] * (number + strip), [False] * number + [True] * strip)
    margins = [Margins.guess(layout.font)] * (number + strip)
    used = 0.0
    for box, room in zip(layout.boxes(margins), margins, strict=True):
        legend = LEGEND * layout.font
        used += (box.width + room.left + room.right) * (box.height + room.below + legend)
    below_title = height - TITLE * layout.font
    if min(width, height) > 20 * layout.font:
        assert used > 0.85 * width * below_title


@pytest.mark.parametrize(
    ("size", "aspects", "strips", "rows"),
    [
        ((960, 540), [None], [False], [[[0]]]),
        ((960, 540), [None, None], [False, False], [[[0], [1]]]),
        ((540, 960), [None, None], [False, False], [[[0]], [[1]]]),
        ((960, 540), [None, None], [False, True], [[[0]], [[1]]]),
        ((540, 960), [None, None], [False, True], [[[0]], [[1]]]),
        ((960, 540), [1.1, None], [False, True], [[[0], [1]]]),
        ((540, 960), [1.1, None], [False, True], [[[0]], [[1]]]),
        ((960, 540), [1.1, None, None], [False, False, False], [[[0], [1, 2]]]),
    ],
)
def test_the_arrangement_follows_the_picture(
    size: tuple[int, int], aspects: list[float | None], strips: list[bool], rows: object
) -> None:
    assert made(size, aspects, strips).rows == rows


def test_a_strip_is_low_and_in_line_with_what_is_above() -> None:
    layout = made((960, 540), [None, None], [False, True])
    large, strip = layout.boxes([Margins(60, 40, 30), Margins(20, 90, 30)])
    assert (large.x, large.right) == (strip.x, strip.right)
    assert 0.15 * 540 < strip.height < 0.25 * 540
    assert large.height > 2 * strip.height


def test_without_a_legend_there_is_more_room() -> None:
    plain = Layout(960, 540, 19.0, [1.0], above=[0.5])
    legend = Layout(960, 540, 19.0, [1.0], above=[LEGEND])
    margins = [Margins.guess(19.0)]
    assert plain.boxes(margins)[0].height > legend.boxes(margins)[0].height + 19


def test_a_panel_gets_the_aspect_it_wants() -> None:
    narrow = Margins(left=10, right=0, below=10)
    box, *_ = made((960, 540), [0.9, None, None], [False] * 3).boxes([narrow] * 3)
    assert box.width == pytest.approx(0.9 * box.height, abs=2)


def test_margins_join_to_what_is_enough_for_both() -> None:
    assert Margins(1, 5, 3) | Margins(4, 2, 3) == Margins(4, 5, 3)


def test_a_box_knows_its_ends() -> None:
    box = Box(10, 20, 30, 40)
    assert (box.right, box.top) == (40, 60)

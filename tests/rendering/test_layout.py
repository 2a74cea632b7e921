"""Boxes fit, whatever the size."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.rendering.layout import LEGEND, Box, Layout, Margins
from gan_viz.rendering.theme import theme

sizes = st.tuples(st.integers(320, 4000), st.integers(180, 3000))
shares = st.lists(st.floats(0.3, 3), min_size=1, max_size=3)
in_font_heights = st.tuples(st.floats(1, 6), st.floats(0, 5), st.floats(1, 4))


@given(sizes, shares, st.data())
def test_boxes_are_inside_and_apart(
    size: tuple[int, int], shares: list[float], data: st.DataObject
) -> None:
    width, height = size
    font = theme("light").style(width, height).font
    margins = [Margins(*(font * m for m in data.draw(in_font_heights))) for _ in shares]
    layout = Layout(width, height, font, shares)
    boxes = layout.boxes(margins)
    assert len(boxes) == len(shares)
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= width
        assert box.top < layout.legend_y(box) < layout.title_y < height
        assert box.width >= 1
        assert box.height >= 2 * font - 1
    for before, after in itertools.pairwise(boxes):
        assert before.right < after.x
        assert (before.y, before.height) == (after.y, after.height)
    ends = layout.ends(boxes)
    assert all(box.right - 1 <= end <= width for box, end in zip(boxes, ends, strict=True))


@given(sizes, shares)
def test_ordinary_labels_find_their_room(size: tuple[int, int], shares: list[float]) -> None:
    width, height = size
    font = theme("light").style(width, height).font
    margin = Margins.guess(font)
    layout = Layout(width, height, font, shares)
    boxes = layout.boxes([margin] * len(shares))
    needed = len(shares) * (margin.left + margin.right + 3 * font) + 5 * font
    if width < needed:
        return
    assert boxes[0].x >= margin.left - 1
    assert boxes[0].y >= margin.below - 1
    for before, after in itertools.pairwise(boxes):
        assert after.x - before.right >= margin.left + margin.right - 2
    assert width - boxes[-1].right >= margin.right - 1
    widths = [box.width / share for box, share in zip(boxes, shares, strict=True)]
    assert max(widths) - min(widths) <= 2 / min(shares)


aspects = st.lists(st.sampled_from([None, 0.7, 1.0, 1.3]), min_size=1, max_size=5)


@given(sizes, aspects, st.data())
def test_columns_are_inside_and_apart(
    size: tuple[int, int], aspects: list[float | None], data: st.DataObject
) -> None:
    width, height = size
    font = theme("light").style(width, height).font
    margins = [Margins(*(font * m for m in data.draw(in_font_heights))) for _ in aspects]
    layout = Layout(width, height, font, [1.0] * len(aspects), aspects)
    boxes = layout.boxes(margins)
    assert sorted(itertools.chain(*layout.columns)) == list(range(len(aspects)))
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= width
        assert box.top < height
    for one, other in itertools.combinations(boxes, 2):
        apart = one.right < other.x or other.right < one.x
        assert apart or one.y >= other.top or other.y >= one.top
    fits = height > 16 * font
    for column in layout.columns:
        for above, below in itertools.pairwise(column):
            assert boxes[above].x == boxes[below].x
            assert boxes[above].right == boxes[below].right
            if fits:  # room for the labels of the one and the legend of the other
                room = margins[above].below + LEGEND * font
                assert boxes[above].y - boxes[below].top >= room - 2
                assert abs(boxes[above].height - boxes[below].height) <= 1


@pytest.mark.parametrize(
    ("aspects", "columns"),
    [
        ([1.0], [[0]]),
        ([None, None], [[0], [1]]),
        ([1.2, None, None], [[0], [1, 2]]),
        ([None, 1.2, None], [[0], [1], [2]]),
        ([1.0, None, None, None, None], [[0], [1, 2, 3], [4]]),
        ([1.0, 1.0, None], [[0], [1], [2]]),
    ],
)
def test_panels_are_stacked_after_one_with_an_aspect(
    aspects: list[float | None], columns: list[list[int]]
) -> None:
    assert Layout(960, 540, 15.0, [1.0] * len(aspects), aspects).columns == columns


def test_a_panel_gets_the_aspect_it_wants() -> None:
    narrow = Margins(left=10, right=0, below=10)
    box, *_ = Layout(960, 540, 15.0, [1.0] * 3, [0.9, None, None]).boxes([narrow] * 3)
    assert box.width == pytest.approx(0.9 * box.height, abs=2)


def test_margins_join_to_what_is_enough_for_both() -> None:
    assert Margins(1, 5, 3) | Margins(4, 2, 3) == Margins(4, 5, 3)


def test_a_box_knows_its_ends() -> None:
    box = Box(10, 20, 30, 40)
    assert (box.right, box.top) == (40, 60)

"""Palettes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from gan_viz.encoders.base import Frame
from gan_viz.encoders.palette import LIMIT, Palette, build, distinct, pack, unpack

COLORS = hnp.arrays(np.uint8, st.tuples(st.integers(0, 40), st.just(3)))


def decoded(palette: Palette, frame: Frame) -> Frame:
    indices = palette.indices(pack(frame))
    assert indices.min() >= 1
    return palette.colors[indices - 1].reshape(frame.shape)


@given(COLORS)
def test_pack_and_unpack(colors: NDArray[np.uint8]) -> None:
    wide = colors.astype(np.uint32)
    expected = wide[:, 0] + 256 * wide[:, 1] + 65536 * wide[:, 2]
    np.testing.assert_array_equal(pack(colors), expected)
    np.testing.assert_array_equal(unpack(pack(colors)), colors)


def test_pack_takes_read_only_and_odd_memory() -> None:
    memory = np.frombuffer(bytes(range(31)), dtype=np.uint8)[1:].reshape(2, 5, 3)
    np.testing.assert_array_equal(unpack(pack(memory)), memory.reshape(-1, 3))


@given(COLORS)
def test_distinct_keeps_the_order(colors: NDArray[np.uint8]) -> None:
    expected = list(dict.fromkeys(map(tuple, colors.tolist())))
    assert list(map(tuple, distinct(colors).tolist())) == expected


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 200), st.just(3))), st.data())
def test_maps_to_the_nearest(colors: NDArray[np.uint8], data: st.DataObject) -> None:
    palette = Palette(distinct(colors))
    wanted = data.draw(hnp.arrays(np.uint8, (20, 3)))
    for _ in range(2):  # learning a color and looking it up
        got = decoded(palette, wanted).astype(int)
        distances = ((wanted[:, None].astype(int) - palette.colors.astype(int)) ** 2).sum(axis=-1)
        np.testing.assert_array_equal(((got - wanted) ** 2).sum(axis=-1), distances.min(axis=1))


def test_few_colors_are_exact() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (5, 51, 3), dtype=np.uint8)
    palette = build(np.empty((0, 3), dtype=np.uint8), [frame])
    assert len(palette.colors) == LIMIT == 255
    np.testing.assert_array_equal(decoded(palette, frame), frame)


def test_theme_comes_first_and_is_exact_among_many() -> None:
    rng = np.random.default_rng(2)
    theme = rng.integers(0, 256, (20, 3), dtype=np.uint8)
    theme[1] = theme[0] ^ 1  # as near as can be
    palette = build(theme, [rng.integers(0, 256, (100, 100, 3), dtype=np.uint8)])
    np.testing.assert_array_equal(palette.colors[:20], theme)
    np.testing.assert_array_equal(decoded(palette, theme), theme)
    assert len(palette.colors) <= LIMIT


def test_large_areas_are_exact(plot: tuple[list[Frame], NDArray[np.uint8]]) -> None:
    frames, colors = plot
    palette = build(colors[:1], frames[::8])
    codes, counts = np.unique(pack(frames[4]), return_counts=True)
    area = unpack(codes[counts >= 500])
    assert len(area) >= 4  # background, ink, curve, filled area
    np.testing.assert_array_equal(decoded(palette, area), area)


def test_a_line_plot_needs_few_colors(plot: tuple[list[Frame], NDArray[np.uint8]]) -> None:
    frames, colors = plot
    palette = build(colors, frames[::8])
    assert len(palette.colors) in {31, 63, 127}
    for frame in frames[1::5]:
        error = decoded(palette, frame).astype(float) - frame
        assert np.sqrt((error**2).mean()) <= 1.4


def test_smooth_pictures_get_all_colors() -> None:
    red, green = np.meshgrid(np.arange(256), np.arange(256))
    frame = np.stack([red, green, np.full_like(red, 128)], axis=-1).astype(np.uint8)
    palette = build(np.empty((0, 3), dtype=np.uint8), [frame])
    assert len(palette.colors) == LIMIT
    error = np.abs(decoded(palette, frame).astype(int) - frame)
    # 255 cells of equal size would be 16 wide, so at most 8 away and 4 on average.
    assert error[..., :2].mean() <= 5
    assert error.max() <= 17


def test_same_input_same_palette(plot: tuple[list[Frame], NDArray[np.uint8]]) -> None:
    frames, colors = plot
    first, second = (build(colors, frames[::8]).colors for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("size", [1, 255])
def test_as_many_exact_colors_as_fit(size: int) -> None:
    rng = np.random.default_rng(3)
    colors = distinct(rng.integers(0, 256, (300, 3), dtype=np.uint8))[:size]
    noise = rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(build(colors, [noise]), colors), colors)


@pytest.mark.parametrize("limit", [15, 40, 254])
def test_limit(plot: tuple, limit: int) -> None:
    frames, theme = plot
    palette = build(theme, frames[::8], limit)
    assert len(palette.colors) <= limit
    np.testing.assert_array_equal(palette.colors[: len(theme)], theme)


def test_of_too_many_exact_colors_the_most_used_stay() -> None:
    theme = distinct(np.random.default_rng(5).integers(0, 256, (60, 3), dtype=np.uint8))[:30]
    picture = theme.repeat(np.r_[0, np.arange(1, 30)], axis=0)[None]  # the first does not occur
    palette = build(theme, [picture], 15)
    np.testing.assert_array_equal(palette.colors, theme[[0, *range(16, 30)]])


@pytest.mark.parametrize("limit", [15, 31, 255])
def test_greys_stay_grey(plot: tuple, limit: int) -> None:
    frames, theme = plot
    rng = np.random.default_rng(2)
    pictures = [frame.copy() for frame in frames[::8]]
    for picture in pictures:
        high, wide = picture.shape[0] // 2, picture.shape[1] // 2
        picture[:high, :wide] = rng.integers(0, 256, (high, wide, 1), dtype=np.uint8)
    palette = build(theme, pictures, limit)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    shown = decoded(palette, greys).astype(int)
    assert (np.ptp(shown, axis=1) == 0).all()
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert np.abs(shown - greys).max() <= 300 / limit + 12

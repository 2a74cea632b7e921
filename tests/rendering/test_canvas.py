"""A canvas is checked when it is made."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from gan_viz.errors import UsageError
from gan_viz.rendering import THEMES, Canvas
from gan_viz.rendering.canvas import LARGEST, SMALLEST
from gan_viz.rendering.figure import PixelFigure, rasterize


@pytest.mark.parametrize("size", [SMALLEST, LARGEST, (960, 540)])
def test_possible_sizes(size: tuple[int, int]) -> None:
    canvas = Canvas(*size)
    figure = canvas.figure(canvas.style)
    assert (round(figure.bbox.width), round(figure.bbox.height)) == size


@pytest.mark.parametrize(
    "size", [(319, 180), (320, 179), (7681, 200), (400, 4321), (-960, -540), (0, 0)]
)
def test_impossible_sizes(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=rf"{size[0]}x{size[1]}: .*320x180.*7680x4320.*960x540"):
        Canvas(*size)
    with pytest.raises(UsageError, match=f"size {size[0]}x{size[1]}: expected"):
        replace(Canvas(), width=size[0], height=size[1])


@pytest.mark.parametrize("scale", [0.49, 3.01, -1.0, math.inf, math.nan])
def test_impossible_scales(scale: float) -> None:
    with pytest.raises(UsageError, match=rf"scale {scale:g}: expected from 0\.5 to 3"):
        Canvas(scale=scale)


def test_type_has_the_size_of_the_theme_times_the_scale() -> None:
    usual, larger = Canvas(960, 540).style, Canvas(960, 540, scale=1.5).style
    assert larger.font == 1.5 * usual.font
    assert Canvas(theme=THEMES["dark"]).style.background == THEMES["dark"].background


def test_a_canvas_is_a_value() -> None:
    canvas: Any = Canvas(640, 360, THEMES["dark"])
    assert canvas == Canvas(640, 360, THEMES["dark"]) != Canvas(640, 360)
    assert hash(canvas) == hash(Canvas(640, 360, THEMES["dark"]))
    with pytest.raises(FrozenInstanceError):
        canvas.width = 100


def test_every_size_is_drawn_exactly() -> None:
    """Inches times dots per inch fall short of 141 of the whole numbers up to 3000."""
    for size in (113, 114, 116, 201, 228, 489, 977, 1027, 2053):
        assert rasterize(PixelFigure(size, 100, {})).shape == (100, size, 3)
        assert rasterize(PixelFigure(100, size, {})).shape == (size, 100, 3)

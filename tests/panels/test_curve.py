"""The curve that moves is drawn as matplotlib draws a line."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from gan_viz.panels.artists import Curve, to_pixels
from gan_viz.panels.base import DASHES, LineStyle

X = np.linspace(0, 1, 300)
SHAPES = {
    "wave": (X, 0.5 + 0.4 * np.sin(9 * X)),
    "level": (X, np.full_like(X, 0.3)),
    "gaps": (X, np.where(np.sin(40 * X) > 0.3, np.nan, X**2)),
    "infinite": (X, np.where(X > 0.6, np.inf, X)),
    "far out": (X, 50 * X - 20),
    "point": (X[:1], X[:1]),
    "nothing": (X[:0], X[:0]),
}


def picture(axes: Axes) -> Any:
    canvas = axes.get_figure(root=True).canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("linestyle", DASHES)
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_line2d_pixel_by_pixel(axes: Axes, shape: str, linestyle: LineStyle) -> None:
    blank = picture(axes)
    curve = Curve(axes, "#882255", 3.0, linestyle)
    curve.set_points(*SHAPES[shape])
    ours = picture(axes)
    curve.remove()
    dashes = DASHES[linestyle]
    with mpl.rc_context({"path.simplify": False}):
        line = Line2D(
            *SHAPES[shape],
            color="#882255",
            linewidth=3.0,
            linestyle="-" if dashes is None else (0, dashes),
            zorder=curve.get_zorder(),
            solid_capstyle="round",
            solid_joinstyle="round",
            dash_capstyle="round",
            dash_joinstyle="round",
            snap=False,
        )
        axes.add_line(line)
        theirs = picture(axes)
    assert np.array_equal(ours, theirs)
    assert np.array_equal(ours, blank) == (shape in ("nothing", "point"))


def test_is_the_same_whatever_the_settings_are_when_it_is_drawn(axes: Axes) -> None:
    curve = Curve(axes, "#882255", 3.0)
    odd = {
        "path.simplify": False,
        "path.simplify_threshold": 1.0,
        "path.snap": True,
        "path.sketch": (9, 9, 9),
        "agg.path.chunksize": 101,
        "lines.linewidth": 9,
        "lines.antialiased": False,
        "lines.solid_capstyle": "butt",
    }
    renderer = axes.get_figure(root=True).canvas.get_renderer()

    def drawn() -> bytes:
        renderer.clear()
        curve.set_points(*SHAPES["wave"])
        curve.draw(renderer)
        return bytes(renderer.buffer_rgba())

    usual = drawn()
    with mpl.rc_context(odd):
        assert drawn() == usual


def test_can_be_hidden_and_snapped(axes: Axes) -> None:
    blank = picture(axes)
    curve = Curve(axes, "#000000", 1.0, snap=True)
    curve.set_points([0.503, 0.503], [0, 1])
    column = picture(axes)[200, :, 0]
    assert sorted(set(column.tolist()))[:1] == [0]  # one whole pixel, not two half ones
    curve.set_visible(False)
    assert np.array_equal(picture(axes), blank)


def test_knows_its_points_and_its_tip(axes: Axes) -> None:
    curve = Curve(axes, "#000000", 3.6)
    assert np.isnan(curve.tip).all()
    curve.set_points([1, 2], [3, 4])
    assert curve.points.tolist() == [[1, 3], [2, 4]]
    assert curve.tip == (2, 4)


def test_bold_is_wider(axes: Axes) -> None:
    curve = Curve(axes, "#000000", 3.6)
    curve.set_points(*SHAPES["level"])
    usual = (picture(axes)[..., 0] < 128).sum()
    curve.bold = True
    assert (picture(axes)[..., 0] < 128).sum() > 1.3 * usual


def test_places_in_pixels_follow_the_axes(axes: Axes) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    points = np.array([[0.0, 0.0], [1.5, -2.0], [1e6, 1e-6]])
    for change in (
        lambda: None,
        lambda: axes.set_xlim(-3, 7),
        lambda: axes.set_ylim(2, -1),
        lambda: axes.set_position((0.2, 0.3, 0.4, 0.5)),
        lambda: figure.set_dpi(250),
        lambda: figure.set_size_inches(3, 2),
    ):
        change()
        expected = axes.transData.transform(points)
        for _ in range(2):
            assert np.array_equal(to_pixels(axes).transform(points), expected)

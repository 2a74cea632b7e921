"""Nothing covers a text, nothing is cut off at the edge, and colors can be told apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from gan_viz.rendering import THEMES, Renderer

Make = Callable[..., Renderer]
LONG = "very_long_file_name_of_measurements.csv: column name"
VALUES = np.random.default_rng(0).gamma(3, 4, 300)

CASES: dict[str, dict[str, Any]] = {
    "gaussian": {"data": "gaussian"},
    "two modes, expression": {"data": "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)"},
    "heavy tails": {"data": "t(1)"},
    "real data": {"data": VALUES, "label": LONG},
    "large values": {"data": VALUES * 1e7, "outputs": np.full((5, 99), 2e8)},
    "small values": {"data": VALUES * 1e-7, "outputs": np.full((5, 99), 2e-6)},
    "wide labels": {
        "data": VALUES * 300,
        "outputs": np.full((5, 99), 3000.0),
        "losses": {"d_loss": [-90_000.0, -20_000.0], "g_loss": [-50_000.0, -40_000.0]},
        "equilibrium": {"d_loss": -87_654.3, "g_loss": -40_000.0},
    },
    "far from zero": {"data": 1e6 + VALUES, "outputs": np.full((5, 99), 1e6)},
    "negative": {"data": -1e4 * VALUES, "outputs": np.full((5, 99), -1e5)},
    "many steps": {"last": 1_000_000},
    "all digits": {"last": 98_765_432},
    "few steps": {"last": 3, "frames": 3},
    "large losses": {"losses": {"d_loss": [-3e4, 2e5, 1e4], "g_loss": [5e6, 1.0, 2.0]}},
    "small losses": {
        "losses": {"d_loss": [1e-7, 2e-7], "g_loss": [3e-7, 1e-7]},
        "equilibrium": {"d_loss": 1.5e-7, "g_loss": 1.3e-7},
    },
    "equilibria close together": {"losses": {"d_loss": [90.0, 0.0], "g_loss": [-80.0, 0.0]}},
    "no names": {"data": None, "equilibrium": {}},
    "a verdict": {"means": {"d_real": [0.999] * 400, "d_fake": [0.001] * 400}},
    "critic": {"output": "critic", "equilibrium": {"d_loss": 0.0, "g_loss": 0.0}},
}


class Drawn:
    """What was drawn: texts with their boxes, in groups that belong together."""

    def __init__(self, renderer: Renderer, frame: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: dict[str, Bbox] = {}

        def spy(text: Text, agg: Any) -> None:
            if text.get_visible() and text.get_text().strip():
                self.add(text, text.get_window_extent(agg))

        self.counter = set(renderer._texts[0].artists)
        with monkeypatch.context() as patch:
            patch.setattr(Text, "draw", spy)
            renderer.full(frame)

    def add(self, text: Text, box: Bbox) -> None:
        if text in self.counter:  # its characters may touch one another
            box = Bbox.union([box, self.texts.get("the step", box)])
            self.texts["the step"] = box
        else:
            self.texts[f"{text.get_text()!r} at {box.x0:.0f}, {box.y0:.0f}"] = box


def overlap(one: Bbox, other: Bbox, tolerance: float = 0.5) -> bool:
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > tolerance
        and min(one.y1, other.y1) - max(one.y0, other.y0) > tolerance
    )


def handles(renderer: Renderer) -> Iterator[Bbox]:
    figure = renderer._figure
    return (a.get_window_extent() for a in figure.get_children() if isinstance(a, Line2D))


def check_legible(renderer: Renderer, frame: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Drawn(renderer, frame, monkeypatch).texts
    assert len(texts) > 8
    for (one, box), (other, near) in itertools.combinations(texts.items(), 2):
        assert not overlap(box, near), f"{one} is over {other}"
    for name, box in texts.items():
        assert min(box.x0, box.y0) >= 0, f"{name} is cut off"
        assert box.x1 <= renderer.canvas.width, f"{name} is cut off"
        assert box.y1 <= renderer.canvas.height, f"{name} is cut off"
        for axes in renderer._figure.axes:
            assert not overlap(box, axes.bbox), f"{name} may be under a curve"
        for line in handles(renderer):
            assert not overlap(box, line), f"{name} is over a sample of line"


@pytest.mark.parametrize("size", [(960, 540), (480, 270)])
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_covered_or_cut_off(
    make_renderer: Make, monkeypatch: pytest.MonkeyPatch, case: str, size: tuple[int, int]
) -> None:
    renderer = make_renderer(size=size, **CASES[case])
    check_legible(renderer, len(renderer.recording) - 1, monkeypatch)


@pytest.mark.parametrize("size", [(960, 540), (480, 270)])
@pytest.mark.parametrize("look", sorted(THEMES))
def test_in_every_theme(
    make_renderer: Make, monkeypatch: pytest.MonkeyPatch, look: str, size: tuple[int, int]
) -> None:
    renderer = make_renderer(size=size, look=look, data=VALUES, label=LONG)
    for frame in (0, 2, 4):
        check_legible(renderer, frame, monkeypatch)


@pytest.mark.parametrize(
    ("panels", "size"),
    [
        (("density",), (480, 270)),
        (("losses",), (320, 180)),
        (("density", "losses"), (320, 180)),
        (("density", "losses"), (720, 720)),
        (("losses", "density"), (1920, 1080)),
        (("density", "losses", "losses"), (960, 540)),
    ],
)
def test_with_other_panels_and_sizes(
    make_renderer: Make,
    monkeypatch: pytest.MonkeyPatch,
    panels: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    check_legible(make_renderer(panels, size=size, data=VALUES), 3, monkeypatch)


def test_text_is_large_enough(make_renderer: Make) -> None:
    for size, least in (((960, 540), 14), ((480, 270), 8.5)):
        texts = make_renderer(size=size)._figure.findobj(Text)
        told = [text for text in texts if text.get_text() not in ("", "data", "g")]  # subscripts
        sizes = [text.get_fontsize() * 100 / 72 for text in told]
        assert min(sizes) >= least

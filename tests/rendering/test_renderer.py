"""The fast way of drawing equals a full redraw by matplotlib, pixel by pixel."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest

from gan_viz.encoders.changes import Changes
from gan_viz.recording import Recording
from gan_viz.registry import PANELS
from gan_viz.rendering import THEMES, Canvas, Renderer
from gan_viz.rendering.figure import rasterize

Make = Callable[..., Renderer]
ALL = tuple(sorted(PANELS))
GROUPS = [ALL[first : first + 3] for first in range(0, len(ALL), 3)]
SOME = ("density", "grid", "outputs")
LOOKS = [
    ((960, 540), "light"),
    ((480, 270), "dark"),
    ((641, 363), "classic"),
    ((977, 489), "light"),  # inches times dots per inch fall short of both
]


def check_equal(renderer: Renderer, order: tuple[int, ...]) -> None:
    for frame in order:
        assert np.array_equal(renderer.frame(frame), renderer.full(frame))


@pytest.mark.parametrize(("size", "look"), LOOKS, ids=str)
@pytest.mark.parametrize("panels", GROUPS, ids=str)
def test_the_fast_way_equals_the_full_one(
    make_renderer: Make, panels: tuple[str, ...], look: str, size: tuple[int, int]
) -> None:
    check_equal(make_renderer(panels, look, size, last=123_456), (3, 0, 4))


def test_every_theme_is_compared() -> None:
    assert {look for _, look in LOOKS} == set(THEMES)


@pytest.mark.parametrize("panel", ALL)
def test_each_panel_alone_too(make_renderer: Make, panel: str) -> None:
    check_equal(make_renderer((panel,), size=(639, 479)), (4, 0))


@pytest.mark.parametrize(
    "properties",
    [
        {"outputs": np.full((5, 9), np.nan)},
        {"outputs": np.full((5, 9), 4.0)},
        {"outputs": np.full((5, 9), 1e30)},
        {"data": np.random.default_rng(0).normal(size=99)},
        {"missing": [1, 3]},
        {"last": 9_999_999},
        {"last": 7},
        {"frames": 1},
    ],
    ids=str,
)
def test_strange_recordings_too(make_renderer: Make, properties: dict[str, Any]) -> None:
    renderer = make_renderer(**properties)
    check_equal(renderer, tuple(range(len(renderer.recording)))[::-2])


@pytest.mark.parametrize("panels", [("density", "losses"), SOME], ids=str)
def test_a_frame_is_the_same_whatever_was_asked_for_before(
    make_renderer: Make, panels: tuple[str, ...]
) -> None:
    renderer = make_renderer(panels, last=1_234_567)
    alone = [make_renderer(panels, recording=renderer.recording).frame(frame) for frame in range(5)]
    out = renderer.frame(0)
    for frame in (4, 0, 0, 3, 1, 2, 4, 3, 2, 1, 0):
        assert np.array_equal(renderer.frame(frame), alone[frame])
        assert np.array_equal(renderer.frame(frame, out), alone[frame])
    assert len({picture.tobytes() for picture in alone}) == 5


def test_frames_are_arrays_of_their_own_unless_out_is_given(make_renderer: Make) -> None:
    renderer = make_renderer()
    first = renderer.frame(0)
    kept = first.copy()
    second = renderer.frame(4)
    assert np.array_equal(first, kept)
    assert first.shape == (270, 480, 3)
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous
    assert renderer.frame(4, first) is first
    assert np.array_equal(first, second)


def test_iterating_reuses_one_array_and_draws_when_asked(make_renderer: Make) -> None:
    renderer = make_renderer()
    iterator = renderer.frames(itertools.cycle([3, 1]))
    first = next(iterator)
    assert np.array_equal(first, renderer.frame(3))
    assert next(iterator) is first
    assert np.array_equal(first, renderer.frame(1))


@pytest.mark.parametrize("transparent", [False, True])
def test_what_changes_is_what_a_comparison_of_frames_finds(
    make_recording: Callable[..., Recording], transparent: bool
) -> None:
    recording = make_recording(last=1_234_567)
    panels = [PANELS[name]().bind(recording) for name in ("density", "losses")]
    renderer = Renderer(recording, panels, Canvas(480, 270, transparent=transparent))
    compared, order = Changes(), [2, 2, 4, 0, 3, 3, 1]
    for frame, told in zip(order, renderer.changes(order), strict=True):
        places, codes = compared.of(renderer.full(frame))
        assert np.array_equal(told[0], places)
        assert np.array_equal(told[1], codes)


def test_nothing_jumps_outside_of_what_moves(make_renderer: Make) -> None:
    renderer = make_renderer(SOME, last=1000)
    pictures = np.stack([renderer.full(frame) for frame in range(5)])
    moving = np.zeros(pictures.shape[1:3], bool)
    for region in (*renderer._regions, *(text.region for text in renderer._texts)):
        moving[region] = True
    assert 0.05 < moving.mean() < 0.8
    assert (pictures[:, ~moving] == pictures[0, ~moving]).all()


def test_everything_keeps_its_place_at_another_resolution(make_renderer: Make) -> None:
    """As in a PDF, whose pixels are points."""
    renderer = make_renderer(("density", "losses"), size=(960, 540))
    picture = renderer.figure(3)
    usual = np.abs(rasterize(picture).astype(int) - 255).sum(axis=2) > 60
    picture.set_dpi(200)
    double = np.abs(rasterize(picture).astype(int) - 255).sum(axis=2) > 60
    assert double.shape == (1080, 1920)
    inked = double.reshape(540, 2, 960, 2).any(axis=(1, 3))
    for rows in (slice(0, 40), slice(40, 80)):  # title and step; legends
        assert usual[rows].any()
        columns = np.flatnonzero(usual[rows].any(axis=0)), np.flatnonzero(inked[rows].any(axis=0))
        assert np.abs(columns[0][[0, -1]] - columns[1][[0, -1]]).max() <= 5
        assert usual[rows].sum() == pytest.approx(inked[rows].sum(), rel=0.35)


ODD: dict[str, dict[str, Any]] = {
    "dark_background": {},
    "ggplot": {},
    "classic": {},
    "settings": {
        "agg.path.chunksize": 101,
        "axes.formatter.use_locale": True,
        "axes.grid": True,
        "axes.unicode_minus": False,
        "axes.xmargin": 0.4,
        "figure.autolayout": True,
        "figure.dpi": 300,
        "font.family": "serif",
        "font.size": 30,
        "image.cmap": "gray",
        "lines.antialiased": False,
        "path.simplify": False,
        "path.sketch": (9, 9, 9),
        "path.snap": False,
        "savefig.dpi": 30,
        "text.antialiased": False,
        "text.hinting": "none",
        "text.usetex": True,
        "xtick.direction": "in",
        "ytick.minor.visible": True,
    },
    "constrained": {"figure.constrained_layout.use": True, "text.parse_math": False},
}


@pytest.mark.parametrize("name", ODD)
def test_the_users_settings_change_nothing(make_renderer: Make, name: str) -> None:
    usual = make_renderer(SOME)
    styles = [] if ODD[name] else [name]
    with mpl.rc_context(), mpl.style.context(styles):
        mpl.rcParams.update(ODD[name])
        odd = make_renderer(SOME, recording=usual.recording)
        pictures = [odd.frame(2), odd.full(2), usual.frame(2), usual.full(2)]
    assert all(np.array_equal(picture, usual.frame(2)) for picture in pictures)


def test_nothing_global_is_changed(make_renderer: Make) -> None:
    with mpl.rc_context({"lines.linewidth": 7, "font.size": 31}):
        before = dict(mpl.rcParams)
        renderer = make_renderer(SOME)
        renderer.frame(0)
        renderer.full(0)
        assert dict(mpl.rcParams) == before

"""Several recordings in one picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.errors import UsageError
from gan_viz.recording import Recording
from gan_viz.registry import PANELS
from gan_viz.rendering.comparison import Clock, Comparison
from gan_viz.rendering.theme import theme

Make = Callable[..., Recording]


def compare(
    recordings: list[Recording],
    panel: str = "density",
    size: tuple[int, int] = (800, 450),
    look: str = "light",
    **options: Any,
) -> Comparison:
    return Comparison(recordings, PANELS[panel], theme(look), *size, **options)


@pytest.fixture
def unlike(make_recording: Make) -> list[Recording]:
    """Of different lengths, cadences, places and heights."""
    narrow = np.random.default_rng(0).normal(4, 0.2, (7, 64))
    return [
        make_recording(last=100),
        make_recording(frames=7, last=3000, outputs=narrow),
        make_recording(last=1000, output="critic"),
        make_recording(frames=1, last=50),
    ]


class Steps:
    """As much of a recording as a clock reads."""

    def __init__(self, steps: list[int], **header: Any) -> None:
        self.steps, self.header = np.array(steps), header


@given(st.lists(st.sets(st.integers(0, 40), min_size=1), min_size=1, max_size=4))
def test_each_shows_its_last_frame_at_or_before_the_step(steps: list[set[int]]) -> None:
    recordings: list[Any] = [Steps(sorted(one)) for one in steps]
    clock = Clock(recordings)
    assert clock.steps.tolist() == sorted(set().union(*steps))
    assert len(clock) == len(clock.steps)
    for tick, now in enumerate(clock.steps):
        for one, frame in zip(steps, clock.frames(tick), strict=True):
            past = [step for step in one if step <= now] or [min(one)]
            assert sorted(one)[frame] == max(past)


def test_the_clock_names_the_data_only_if_all_have_the_same() -> None:
    one, other = Steps([0], target={"label": "a"}), Steps([0], target={"label": "b"})
    alike: list[Any] = [one, one]
    unalike: list[Any] = [one, other]
    assert Clock(alike).header == {"target": {"label": "a"}}
    assert Clock(unalike).header == {}


@pytest.mark.parametrize(
    ("panel", "look"), [("density", "dark"), ("losses", "light"), ("grid", "classic")]
)
def test_the_fast_way_equals_the_full_one(unlike: list[Recording], look: str, panel: str) -> None:
    comparison = compare(unlike[:3], panel, (641, 363), look)
    for tick in (3, 0):
        assert np.array_equal(comparison.frame(tick), comparison.full(tick))


def test_frames_depend_on_the_tick_alone(unlike: list[Recording]) -> None:
    comparison = compare(unlike[:2], size=(480, 270))
    alone = [comparison.frame(tick) for tick in range(6)]
    for tick, picture in zip((5, 0, 2), comparison.frames([5, 0, 2]), strict=True):
        assert np.array_equal(picture, alone[tick])
    assert len({picture.tobytes() for picture in alone}) == 6


@pytest.mark.parametrize("panel", ["density", "losses"])
def test_scales_are_shared_and_hold_what_each_shows(unlike: list[Recording], panel: str) -> None:
    axes = compare(unlike[1:3], panel)._picture.axes
    assert len({(one.get_xlim(), one.get_ylim()) for one in axes}) == 1
    (own,) = compare([unlike[1]], panel)._picture.axes
    for shared, alone in (
        (axes[0].get_xlim(), own.get_xlim()),
        (axes[0].get_ylim(), own.get_ylim()),
    ):
        assert shared[0] <= alone[0]
        assert shared[1] >= alone[1]


def test_what_is_scaled_by_the_panel_follows_the_shared_scale(unlike: list[Recording]) -> None:
    """D = 1 stands at the same height in all pictures."""
    comparison = compare(unlike[:2])
    assert len({panel.top for panel in comparison.panels}) == 1  # type: ignore[attr-defined]
    assert comparison.panels[0].top == comparison._picture.axes[0].get_ylim()[1]  # type: ignore[attr-defined]


def test_each_picture_has_its_title_and_they_do_not_overlap(unlike: list[Recording]) -> None:
    names = ["one", "two", "three", "a very long title that is cut off " * 5]
    comparison = compare(unlike, titles=names, columns=2)
    written = [text.get_text() for text in comparison._picture.texts]
    assert {"one", "two", "three"} < set(written)
    assert any(text.startswith("a very long") and text.endswith("…") for text in written)
    boxes = [one.bbox for one in comparison._picture.axes]
    assert len({box.x0 for box in boxes}) == len({box.y0 for box in boxes}) == 2
    for one, other in itertools.combinations(boxes, 2):
        assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


def test_by_default_titles_tell_recordings_apart(make_recording: Make) -> None:
    first, second = make_recording(), make_recording()
    written = [text.get_text() for text in compare([first, second])._picture.texts]
    assert {first.path.stem, second.path.stem} < set(written)  # neither objective nor seed do
    assert "non-saturating GAN" in [t.get_text() for t in compare([first])._picture.texts]


def test_the_step_is_that_of_the_clock(unlike: list[Recording]) -> None:
    comparison = compare(unlike[:2])
    comparison.picture(len(comparison.clock) - 1)
    shown = "".join(artist.get_text() for artist in comparison._counter.artists)
    assert shown == "3,000"


def test_what_cannot_be_compared_is_refused(make_recording: Make) -> None:
    recording = make_recording()
    with pytest.raises(UsageError, match="no recordings"):
        compare([])
    with pytest.raises(UsageError, match="2 titles for 1 recordings"):
        compare([recording], titles=["a", "b"])
    with pytest.raises(UsageError, match="100x100"):
        compare([recording], size=(100, 100))

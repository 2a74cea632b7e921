"""Which frames are shown, and for how long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.errors import RecordingError, UsageError
from gan_viz.rendering.timeline import Timeline, check_timing, evenly

scales = st.lists(st.floats(0, 1e9), min_size=1, max_size=60, unique=True).map(sorted)


@given(scales, st.integers(1, 80))
def test_chosen_frames_are_distinct_ascending_and_hold_the_ends(
    positions: list[float], number: int
) -> None:
    chosen = evenly(positions, number).tolist()
    assert len(chosen) == min(number, len(positions))
    assert chosen == sorted(set(chosen))
    assert chosen[-1] == len(positions) - 1
    assert chosen[0] == 0 or number == 1
    assert set(chosen) <= set(range(len(positions)))


@given(st.integers(2, 40), st.integers(1, 12))
def test_evenly_spaced_frames_are_chosen_exactly_evenly(number: int, stride: int) -> None:
    positions = np.arange((number - 1) * stride + 1)
    assert evenly(positions, number).tolist() == positions[::stride].tolist()


@given(scales, st.integers(2, 30))
def test_each_choice_is_near_the_position_wanted_where_there_is_room(
    positions: list[float], number: int
) -> None:
    at = np.array(positions)
    wanted = np.linspace(at[0], at[-1], min(number, len(at)))
    nearest = np.abs(at[:, None] - wanted).argmin(axis=0)
    if len(set(nearest.tolist())) == len(wanted):
        distance = np.abs(at[evenly(at, number)] - wanted)
        assert np.allclose(distance, np.abs(at[nearest] - wanted))


def test_pacing_follows_the_scale() -> None:
    steps = np.arange(0, 10_001, 10)
    early = evenly(np.sqrt(steps), 11)
    assert steps[early].tolist() == pytest.approx([100 * k * k for k in range(11)], abs=10)


@given(scales, st.floats(1, 60), st.floats(0.05, 20), st.floats(0, 5))
def test_the_duration_is_what_was_asked_for(
    positions: list[float], fps: float, duration: float, hold: float
) -> None:
    line = Timeline.plan(positions, fps, duration, hold)
    frames = line.frames.tolist()
    assert frames == sorted(set(frames))
    assert frames[-1] == len(positions) - 1
    assert line.duration == pytest.approx(len(frames) / line.fps + hold)
    if line.notice:
        assert line.fps < fps
        assert len(frames) == len(positions)
        assert line.duration == pytest.approx(duration + hold)
    elif duration * fps > 2:
        assert line.fps == fps
        assert abs(line.duration - duration - hold) <= 0.5001 / fps


def test_by_default_every_frame_is_shown_once() -> None:
    line = Timeline.plan(np.arange(7))
    assert line.frames.tolist() == list(range(7))
    assert line.duration == pytest.approx(7 / 20 + 2)
    assert line.notice == ""


@given(scales)
def test_by_default_frames_that_crowd_are_left_out(positions: list[float]) -> None:
    frames = Timeline.plan(positions).frames
    assert frames[0] == 0
    assert frames[-1] == len(positions) - 1
    assert (np.diff(frames) > 0).all()


def test_a_duration_that_cannot_be_filled_is_said() -> None:
    line = Timeline.plan(np.arange(10), fps=20, duration=2)
    assert line.fps == 5
    assert line.notice == "2 s at 20 fps need 40 frames, the recording has 10: shown at 5 fps"


def test_one_frame_is_enough() -> None:
    assert Timeline.plan([5]).frames.tolist() == [0]


def test_no_frame_is_too_few() -> None:
    with pytest.raises(RecordingError, match="no frames"):
        Timeline.plan([])


@pytest.mark.parametrize(
    ("fps", "duration", "hold", "message"),
    [
        (0, None, 2, r"fps 0: expected .* above 0"),
        (-1, None, 2, "fps -1"),
        (241, None, 2, "fps 241: .*up to 240"),
        (float("nan"), None, 2, "fps nan"),
        (20, 0, 2, r"duration 0: expected seconds above 0"),
        (20, 3601, 2, "duration 3601"),
        (20, float("inf"), 2, "duration inf"),
        (20, None, -1, "hold -1: expected seconds from 0"),
        (20, None, 601, "hold 601"),
        (20, None, float("nan"), "hold nan"),
    ],
)
def test_impossible_times_are_refused(
    fps: float, duration: float | None, hold: float, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        check_timing(fps, duration, hold)
    with pytest.raises(UsageError, match=message):
        Timeline.plan([0, 1, 2], fps, duration, hold)

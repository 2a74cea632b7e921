"""Which frames are shown, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording, Writer
from gan_viz.rendering.timeline import (
    LONGEST,
    SHORTEST,
    SharedSteps,
    Timeline,
    check_timing,
    evenly,
)

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
    assert frames == sorted(frames)
    assert frames[-1] == len(positions) - 1
    assert frames[0] == 0 or len(frames) == 1
    assert line.fps == fps
    assert line.duration == pytest.approx(len(frames) / fps + hold)
    assert line.way == pytest.approx(len(frames) / fps)
    if duration * fps >= 2:
        assert abs(line.way - duration) <= 0.5001 / fps


@given(scales, st.integers(2, 300))
def test_at_any_time_the_nearest_frame_is_shown(positions: list[float], number: int) -> None:
    line = Timeline.plan(positions, usual=number)
    at = np.array(positions)
    wanted = np.linspace(at[0], at[-1], number)
    distance = np.abs(at[line.frames] - wanted)
    np.testing.assert_allclose(distance, np.abs(at[:, None] - wanted).min(axis=0), rtol=1e-9)


def test_by_default_every_frame_is_shown_once() -> None:
    line = Timeline.plan(np.arange(7))
    assert line.frames.tolist() == list(range(7))
    assert line.duration == pytest.approx(7 / 20 + 2)
    assert line.notice == ""


def test_a_duration_that_cannot_be_filled_is_said() -> None:
    line = Timeline.plan(np.arange(10), fps=20, duration=2)
    assert set(np.bincount(line.frames)[1:-1].tolist()) == {4, 5}
    assert line.notice == (
        "2 s at 20 fps are 40 pictures, the recording has 10: each is shown for longer"
    )


def test_one_frame_is_enough() -> None:
    assert Timeline.plan([5]).frames.tolist() == [0]
    assert Timeline.plan([5], duration=1).frames.tolist() == [0] * 20


@pytest.mark.parametrize(("frame", "there"), [(0, 0), (3, 4), (4, 4), (99, 9)])
def test_a_pause_shows_a_frame_for_longer(frame: int, there: int) -> None:
    line = Timeline(np.array([0, 1, 4, 7, 9, 9]), 10.0, 1.0, 0.6).paused(frame, 0.5)
    assert line.frames.tolist() == sorted([0, 1, 4, 7, 9, 9, *[there] * 5])
    assert (line.hold, line.way) == (1.0, 0.6)
    assert line.duration == pytest.approx(2.1)


def test_there_and_back() -> None:
    line = Timeline(np.array([0, 1, 4]), 10.0, 0.2, 0.3).there_and_back()
    assert line.frames.tolist() == [0, 1, 4, 4, 4, 1]  # and then 0 again
    assert line.hold == 0
    assert Timeline(np.array([0]), 10.0, 0.2, 0.1).there_and_back().frames.tolist() == [0] * 3


class TestSharedSteps:
    """Steps of a recording whose G moves in its first tenth alone."""

    @pytest.fixture
    def shared(self, tmp_path: Path) -> SharedSteps:
        return SharedSteps([self.recording(tmp_path / "a.ganviz")])

    @staticmethod
    def recording(path: Path, **header: str) -> Recording:
        with Writer(path, header) as writer:
            writer.add_channel("generator", (1,), "float64")
            for k in range(201):
                writer.write_frame(10 * k, {"generator": np.array([min(k, 20.0)])})
        return Recording(path)

    def test_time_goes_where_something_happens(self, shared: SharedSteps) -> None:
        line = shared.timeline(None, 20, None, 2)
        assert len(line.frames) == 20 * SHORTEST
        assert np.mean(line.frames <= 20) > 0.8
        assert len(shared.timeline(None, 50, None, 2).frames) == 50 * SHORTEST
        assert line.notice == ""

    def test_what_moves_all_the_time_takes_longer(self, tmp_path: Path) -> None:
        with Writer(tmp_path / "b.ganviz") as writer:
            writer.add_channel("generator", (1,), "float64")
            for k in range(201):
                writer.write_frame(10 * k, {"generator": np.array([float(k)])})
        with Recording(tmp_path / "b.ganviz") as recording:
            line = SharedSteps([recording]).timeline(None, 20, None, 2)
        assert len(line.frames) == 20 * LONGEST

    @pytest.mark.parametrize(("moving", "seconds"), [(20, 6.0), (200, 10.0)])
    def test_pictures_are_looked_at_for_longer(
        self, tmp_path: Path, moving: int, seconds: float
    ) -> None:
        with Writer(tmp_path / "b.ganviz") as writer:
            writer.add_channel("samples", (2, 3, 3), "uint8")
            for k in range(201):
                writer.write_frame(k, {"samples": np.full((2, 3, 3), min(k, moving), np.uint8)})
        with Recording(tmp_path / "b.ganviz") as recording:
            line = SharedSteps([recording]).timeline(None, 20, None, 2)
        assert len(line.frames) == 20 * seconds

    def test_few_frames_are_all_shown(self, tmp_path: Path) -> None:
        with Writer(tmp_path / "b.ganviz") as writer:
            writer.add_channel("generator", (1,), "float64")
            for k in range(40):
                writer.write_frame(k, {"generator": np.array([min(k, 5.0)])})
        with Recording(tmp_path / "b.ganviz") as recording:
            shared = SharedSteps([recording])
            assert shared.timeline(None, 20, None, 2).frames.tolist() == list(range(40))
            longer = shared.timeline(None, 20, 10, 2).frames
        assert np.mean(longer <= 5) > 0.5

    def test_a_longer_animation_slows_the_motion_alike(self, shared: SharedSteps) -> None:
        line = shared.timeline("change", 20, 30, 2)
        assert len(line.frames) == 600
        assert np.mean(line.frames <= 20) > 0.8

    def test_what_has_a_clock_of_its_own_is_shown_as_recorded(self, tmp_path: Path) -> None:
        shared = SharedSteps([self.recording(tmp_path / "b.ganviz", clock="update")])
        assert shared.timeline(None, 20, None, 2).frames.tolist() == list(range(201))

    def test_slow_motion_takes_longer_and_leaves_the_rest_alone(self, shared: SharedSteps) -> None:
        plain = shared.timeline("recorded", 20, None, 0).frames
        slow = shared.timeline("recorded", 20, None, 0, slow=[(500, 1000, 3.0)]).frames
        assert len(slow) == pytest.approx(len(plain) + 100, abs=1)
        counts = np.bincount(slow, minlength=201)
        assert set(counts[52:100].tolist()) == {3}
        assert abs(counts[:50] - 1).sum() + abs(counts[102:] - 1).sum() <= 2

    def test_slow_motion_stays_within_a_duration(self, shared: SharedSteps) -> None:
        line = shared.timeline("recorded", 20, 5, 0, slow=[(0, 1000, 3.0)])
        assert len(line.frames) == 100
        assert np.mean(line.frames <= 100) == pytest.approx(0.75, abs=0.02)

    def test_pauses_are_at_the_first_frame_from_a_step(self, shared: SharedSteps) -> None:
        line = shared.timeline("recorded", 20, None, 0, pause=[(995, 1.0), (10**6, 0.5)])
        counts = np.bincount(line.frames)
        assert (counts[100], counts[200], len(line.frames)) == (21, 11, 231)


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


@pytest.mark.parametrize(
    ("accents", "message"),
    [
        ({"pause": [(-1, 2.0)]}, r"pause \(-1, 2.0\): expected a step"),
        ({"pause": [(1, 0.0)]}, "pause"),
        ({"pause": [(1, 601.0)]}, "pause"),
        ({"pause": [100]}, "pause 100: expected a step"),
        ({"pause": ["12"]}, "pause 12"),
        ({"slow": [(200, 100, 2.0)]}, "slow .* ascending steps"),
        ({"slow": [(0, 100, 0.0)]}, "factor from 0.01 to 100"),
        ({"slow": [(0, 100, float("nan"))]}, "factor from 0.01 to 100"),
        ({"slow": [(0, 100)]}, "slow"),
    ],
)
def test_impossible_accents_are_refused(accents: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_timing(20.0, None, 2.0, **accents)

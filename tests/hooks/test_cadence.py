"""When frames are taken: densely while much happens, and never too many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_viz.hooks import cadence as law
from gan_viz.hooks.cadence import FRAMES, FREE, SHARE, USUAL, Cadence, early_steps


def frames_of(cadence: Cadence, steps: int) -> list[int]:
    found = []
    for step in range(1, steps + 1):
        if cadence.due(step):
            cadence.took(step, 0.0, 0.0)
            found.append(step)
    return found


@settings(max_examples=30)
@given(st.integers(1, 60_000))
def test_a_run_of_any_length_has_frames_that_grow_with_its_logarithm(steps: int) -> None:
    frames = frames_of(Cadence(), steps)
    assert len(frames) == pytest.approx(USUAL * math.log1p(steps / USUAL), abs=0.51)
    assert frames[: min(steps, 7)] == list(range(1, min(steps, 7) + 1))


@settings(max_examples=30)
@given(st.integers(1, 20_000))
def test_gaps_between_frames_grow_in_proportion_to_the_step(steps: int) -> None:
    frames = np.array([0, *frames_of(Cadence(), steps)])
    gaps, wanted = np.diff(frames), 1 + frames[1:] / USUAL
    assert np.all(np.abs(gaps - wanted) <= 1 + 0.02 * wanted)


@settings(max_examples=30)
@given(st.integers(1, 20_000))
def test_a_known_length_gives_as_many_frames_as_wanted(steps: int) -> None:
    assert len(frames_of(Cadence(steps=steps), steps)) == min(steps, FRAMES)


def test_a_training_longer_than_said_goes_on_being_recorded() -> None:
    late = [step for step in frames_of(Cadence(steps=1000), 2000) if step > 1000]
    assert 20 <= len(late) <= 100


@given(st.integers(1, 100_000), st.integers(1, 400))
def test_early_steps(steps: int, frames: int) -> None:
    chosen = early_steps(steps, frames)
    assert len(chosen) == min(steps, frames)
    assert chosen[-1] == steps
    assert chosen[0] >= 1
    gaps = np.diff(chosen)
    assert np.all(gaps >= 1)
    assert np.all(np.diff(gaps) >= -1)  # but for rounding, they never come closer


def test_a_third_of_the_frames_are_of_the_first_twentieth() -> None:
    """Where a toy moves: 90 % of the way to the data takes 90 to 250 of its 3,000 steps."""
    chosen = np.array(early_steps(3000))
    assert 60 <= np.sum(chosen <= 150) <= 80


@settings(max_examples=30)
@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_resumed_recording_goes_on_as_if_never_interrupted(before: int, after: int) -> None:
    straight, resumed = Cadence(), Cadence()
    first = frames_of(straight, before)
    resumed.resume(len(first) + 1, first[-1])
    steps = range(before + 1, before + after + 1)
    assert [step for step in steps if straight.due(step)] == [
        step for step in steps if resumed.due(step)
    ]


@pytest.mark.parametrize(("step", "look"), [(0.0005, 0.002), (0.05, 0.02), (1.0, 0.001)])
@pytest.mark.parametrize("steps", [500, 3000, 20_000])
def test_looking_takes_two_percent_after_the_first_dozen_frames(
    step: float, look: float, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(law, "SHARE", SHARE)  # of which the other tests here know no bound
    cadence, now, taken = Cadence(), 0.0, [0]
    cadence.took(0, now, now := now + look)
    for number in range(1, steps + 1):
        now += step
        if cadence.due(number, now):
            cadence.took(number, now, now := now + look)
            taken.append(number)
    assert taken[:10] == list(range(10))
    free, paid = taken[: FREE + 1], taken[FREE + 1 :]
    assert free == [0, *frames_of(Cadence(), free[-1])]
    share = look * len(paid) / (step * (steps - free[-1]))
    assert share < 0.0201
    if look < 0.02 * step:  # as many as without a budget
        assert taken[1:] == frames_of(Cadence(), steps)


@pytest.mark.parametrize(("noting", "looking"), [(0.0, 0.02), (0.008, 0.012), (0.03, 0.01)])
def test_noting_numbers_is_counted_up_to_half_of_the_budget(
    noting: float, looking: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of steps that take 1 ms, and looks that take 3 ms."""
    monkeypatch.setattr(law, "SHARE", SHARE)
    cadence, now, paid, step, look = Cadence(), 0.0, 0, 0.001, 0.003
    for number in range(1, 8001):
        now += step
        if cadence.due(number, now, noting * step):
            cadence.took(number, now, now := now + look)
            paid += number > 40
    assert paid * look / (8000 * step) == pytest.approx(looking, rel=0.05)

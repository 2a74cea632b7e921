"""When frames are taken: densely while much happens, and never too many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_viz.hooks.cadence import FRAMES, USUAL, Cadence, early_steps


def frames_of(cadence: Cadence, steps: int) -> list[int]:
    return [step for step in range(1, steps + 1) if cadence.due(step)]


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

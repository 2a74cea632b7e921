"""Frames of a run whose length nobody knew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gan_viz.hooks import cadence as cadence_module
from gan_viz.hooks.cadence import FRAMES, Cadence


def frames_of(steps: int) -> list[int]:
    """What is left of the frames that the recorder takes, the last one included."""
    cadence, frames = Cadence(), [0]
    cadence.took(0, 0, 0)
    for step in range(1, steps + 1):
        if cadence.due(step):
            cadence.took(step, step, step)
            frames.append(step)
            if cadence.widen():
                frames = [frame for frame in frames if frame % cadence.thinned == 0]
    return frames if frames[-1] == steps else [*frames, steps]


@settings(max_examples=30)
@given(st.integers(1, 60_000))
@example(2 * FRAMES - 1)
@example(2 * FRAMES)
@example(2**7 * 2 * FRAMES - 1)
def test_a_run_of_any_length_has_a_few_hundred_even_frames(steps: int) -> None:
    frames = frames_of(steps)
    assert min(steps, FRAMES) < len(frames) <= 2 * FRAMES + 1
    assert (frames[0], frames[-1]) == (0, steps)
    gaps = np.diff(frames)
    assert len(set(gaps[:-1])) <= 1
    assert 0 < gaps[-1] <= gaps[0]


@settings(max_examples=30)
@given(st.integers(1, 60_000))
def test_the_stride_follows_from_the_steps_made(steps: int) -> None:
    """So that a resumed recording goes on as if it had never been interrupted."""
    frames, straight = frames_of(steps), Cadence()
    straight.took(0, 0, 0)
    for step in range(1, steps + 1):
        if straight.due(step):
            straight.took(step, step, step)
            straight.widen()
    resumed = Cadence()
    resumed.resume(frames, steps)
    assert resumed.stride == straight.stride


@pytest.mark.parametrize(("step", "look"), [(0.0005, 0.002), (0.05, 0.02), (1.0, 0.001)])
@pytest.mark.parametrize("steps", [500, 3000, 20_000])
def test_looking_takes_two_percent_after_the_first_dozen_frames(
    step: float, look: float, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cadence_module, "SHARE", 0.02)
    cadence, now, taken = Cadence(), 0.0, [0]
    cadence.took(0, now, now := now + look)
    for number in range(1, steps + 1):
        now += step
        if cadence.due(number):
            cadence.took(number, now, now := now + look)
            taken.append(number)
            cadence.widen()
    assert taken[:12] == list(range(12))
    share = look * len(taken[13:]) / (step * (steps - 12))
    assert share < 0.03
    if look > 0.02 * step and 0.02 * step * steps > 10 * look:  # as many as it may take
        assert share > 0.012

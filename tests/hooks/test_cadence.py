"""Frames of a run whose length nobody knew."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gan_viz.hooks.cadence import FRAMES, Cadence


def frames_of(steps: int) -> list[int]:
    """What is left of the frames that the recorder takes, the last one included."""
    cadence, frames = Cadence(), [0]
    for step in range(1, steps + 1):
        if cadence.due(step):
            frames.append(step)
            if cadence.widen(step):
                frames = [frame for frame in frames if frame % cadence.stride == 0]
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
    straight = Cadence()
    for step in range(1, steps + 1):
        if straight.due(step):
            straight.widen(step)
    resumed = Cadence()
    while resumed.widen(steps):
        pass
    assert resumed.stride == straight.stride

"""How much happens between one frame of a recording and the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.scores import probability
from gan_viz.recording import Recording

__all__ = ["change"]

FLOOR = 0.1
"""Least change of a frame, relative to the average: with none, time would stop."""


def change(recording: Recording) -> NDArray[np.float64]:
    """Change of each frame against the one before.

    For every channel, the mean absolute difference of its values (of D's probabilities where it
    gives logits), relative to the channel's average difference; then the mean over the channels.
    The first frame has 0, the others at least 0.1 and about 1 on average.
    """
    total = np.zeros(len(recording))
    for name, channel in recording.channels.items():
        output = channel.attributes.get("output")
        total += _relative(_differences(recording, name, output))
    floored = np.maximum(total / max(len(recording.channels), 1), FLOOR)
    floored[:1] = 0.0
    return floored


def _differences(recording: Recording, name: str, output: object) -> NDArray[np.float64]:
    differences = np.zeros(len(recording))
    before = None
    for frame in range(len(recording)):
        if not recording.has(name, frame):
            continue
        now = probability(recording.array(name, frame), output)
        if before is not None and now.size:
            difference = np.abs(now - before)
            finite = difference[np.isfinite(difference)]
            differences[frame] = finite.mean() if finite.size else 0.0
        before = now
    return differences


def _relative(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    average = differences[1:].mean() if len(differences) > 1 else 0.0
    return differences / average if average > 0 else differences

"""How much happens between one frame of a recording and the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.scores import probability
from gan_viz.recording import Recording

__all__ = ["change"]

FLOOR = 0.1
"""Least change of a frame, relative to the average: a frame of change 0 would get no time."""
CHECK = "generator_between"
"""G's outputs, once more: they would count twice."""

MOST_COMPARED = 2**16
"""Elements of an array beyond which some, evenly chosen, stand for all."""


def change(recording: Recording) -> NDArray[np.float64]:
    """Change of each frame against the one before, shape (frames,).

    A channel changes by the mean absolute difference of its values (of probabilities where they
    are logits), relative to its average over the frames; a frame by the mean over its channels.
    The first frame has 0, the others at least 0.1 and about 1 on average.
    """
    total = np.zeros(len(recording))
    names = [name for name in recording.channels if name != CHECK]
    for name in names:
        differences = _differences(recording, name)
        average = differences[1:].mean() if len(differences) > 1 else 0.0
        total += differences / (average or 1.0)
    floored = np.maximum(total / max(len(names), 1), FLOOR)
    floored[:1] = 0.0
    return floored


def _differences(recording: Recording, name: str) -> NDArray[np.float64]:
    output = recording.channels[name].attributes.get("output")
    differences = np.zeros(len(recording))
    before = None
    for frame in range(len(recording)):
        if not recording.has(name, frame):
            continue
        array = recording.array(name, frame).ravel()
        now = probability(array[:: len(array) // MOST_COMPARED + 1], output)
        if before is not None and now.size:
            difference = np.abs(now - before)
            finite = difference[np.isfinite(difference)]
            differences[frame] = finite.mean() if finite.size else 0.0
        before = now
    return differences

"""How much happens between one frame of a recording and the next."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.scores import probability
from gan_viz.recording import Recording

FLOOR = 0.05
"""Least change of a frame, relative to the average: a frame of change 0 would get no time."""
WEIGHTS = {"generator": 0.8, "discriminator": 0.2, "samples": 1.0}
"""What the eye follows; where a recording has none of these channels, all of it counts alike."""
LAG = 9
"""Frames over which motion is told from jitter; fewer where there are not four times as many."""
MOST_FRAMES, MOST_VALUES = 400, 512
"""Frames and values of a frame that are looked at: more would change nothing that is seen."""
SPREADS = 4.0
"""Values farther from the median than so many interquartile ranges are out of the picture."""


_CHANGES: WeakKeyDictionary[Recording, tuple[NDArray[np.int64], NDArray[np.float64]]] = (
    WeakKeyDictionary()
)
"""Changes of recordings in use, each with the steps that the recording had."""


def change(recording: Recording) -> NDArray[np.float64]:
    """Change of each frame against the one before, jitter smoothed away, shape (frames,).

    A channel changes by what `motion` leaves of the mean absolute difference of its values (of
    probabilities where they are logits), relative to its average over the frames. A frame changes
    as G's outputs and D do, by 80 % and 20 %; as its pictures do; or else as all channels do. The
    first frame has 0, the others at least 0.05 and about 1 on average; the array is read-only, and
    kept for whoever asks next.
    """
    # Refreshing a recording gives it a new array of steps: what was found before is then outdated.
    steps, known = _CHANGES.get(recording, (None, None))
    if known is None or steps is not recording.steps:
        known = _changed(recording)
        known.flags.writeable = False
        _CHANGES[recording] = recording.steps, known
    return known


def _changed(recording: Recording) -> NDArray[np.float64]:
    looked = _looked_at(len(recording))
    seen = {name: WEIGHTS[name] for name in WEIGHTS if name in recording.channels}
    weights = seen or dict.fromkeys(recording.channels, 1.0)
    path = np.zeros(len(recording))
    for name, weight in weights.items():
        path += weight / sum(weights.values()) * _path(recording, name, looked)
    floored = np.maximum(np.diff(path, prepend=0.0), FLOOR)
    floored[:1] = 0.0
    return floored


def motion(states: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far values move from frame to frame, beyond their jitter; 0 or more, shape (frames - 1,).

    It is how far they get within `LAG` steps from frame to frame, less how far they go in one of
    these on average, divided by the others: all of a steady motion, and about nothing of values
    that are scattered around one place. Of the `states`, shape (frames, values), differences that
    are not finite count as none.
    """
    ends = np.arange(1, len(states))
    side = max(1, min(LAG, len(states) // 4) // 2)
    low = np.maximum(ends - 1 - side, 0)
    high = np.minimum(ends + side, len(states) - 1)
    steps = np.concatenate([[0.0], np.cumsum(_apart(states[1:], states[:-1]))])
    span = high - low
    single = (steps[high] - steps[low]) / span
    return np.asarray(
        np.maximum(_apart(states[high], states[low]) - single, 0.0) / np.maximum(span - 1, 1)
    )


def _apart(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean absolute difference of rows."""
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(left - right)
    difference[~np.isfinite(difference)] = 0.0
    return np.asarray(difference.mean(axis=1, dtype=np.float64))


def _looked_at(frames: int) -> NDArray[np.intp]:
    """All frames, or of very many some, closer together early on."""
    if frames <= MOST_FRAMES:
        return np.arange(frames)
    return np.unique(np.rint(np.geomspace(1, frames, MOST_FRAMES) - 1).astype(np.intp))


def _path(recording: Recording, name: str, looked: NDArray[np.intp]) -> NDArray[np.float64]:
    """How far a channel has moved up to each frame, 1 a frame on average, shape (frames,)."""
    if 0 in recording.channels[name].shape:
        return np.zeros(len(recording))
    there, states = _states(recording, name, looked.tolist())
    if len(there) < 2:
        return np.zeros(len(recording))
    moved = np.concatenate([[0.0], np.cumsum(motion(states))])
    path = np.interp(np.arange(len(recording)), there, moved)
    return np.asarray(path * ((len(recording) - 1) / (moved[-1] or 1.0)))


def _states(
    recording: Recording, name: str, frames: list[int]
) -> tuple[list[int], NDArray[np.float32]]:
    """Those of some frames that have a channel, and what is looked at of it, (frames, values)."""
    channel = recording.channels[name]
    output, size = channel.attributes.get("output"), math.prod(channel.shape)
    places = np.linspace(0, size - 1, min(size, MOST_VALUES)).astype(np.intp)
    there: list[int] = []
    states = np.empty((len(frames), len(places)), np.float32)
    with np.errstate(over="ignore"):
        for frame in frames:
            array = recording.find(name, frame)
            if array is not None:
                states[len(there)] = probability(array.reshape(-1)[places], output)
                there.append(frame)
    states = states[: len(there)]
    bounded = output in ("logit", "probability") or channel.dtype == "uint8"
    return there, states if bounded else _in_the_picture(states)


def _in_the_picture(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values no farther out than a picture shows: what moves beyond is not seen."""
    finite = states[np.isfinite(states)]
    if not len(finite):
        return states
    low, median, high = np.percentile(finite, [25, 50, 75])
    reach = SPREADS * (high - low)
    return np.clip(states, median - reach, median + reach) if reach else states

"""Which frames of recordings an animation shows, and how fast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis import change
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording

__all__ = [
    "FPS",
    "HOLD",
    "SharedSteps",
    "Timeline",
    "check_timing",
    "evenly",
]

FPS = 20.0
HOLD = 2.0


@dataclass(frozen=True)
class Timeline:
    """The frames of an animation in order, none twice.

    Attributes
    ----------
    frames : ndarray of int, shape (n,)
        Indices into the recording's frames, ascending; the first and the last are among them.
    fps : float
        Frames per second.
    hold : float
        Seconds that the last frame stays on, beyond its own time.
    notice : str
        What had to differ from what was asked for; empty if nothing.
    """

    frames: NDArray[np.intp]
    fps: float
    hold: float
    notice: str = ""

    @property
    def duration(self) -> float:
        """Total time in seconds, the hold included."""
        return len(self.frames) / self.fps + self.hold

    @classmethod
    def plan(
        cls,
        positions: ArrayLike,
        fps: float = FPS,
        duration: float | None = None,
        hold: float = HOLD,
    ) -> Timeline:
        """Choose frames, evenly along some scale.

        Parameters
        ----------
        positions : array_like, shape (frames,)
            Where each frame of the recording is on the scale that time is to follow, ascending:
            its number, its step, the square root of its step.
        fps : float
            Frames per second.
        duration : float, optional
            Seconds, the hold not included; by default as long as the frames take, where frames that
            crowd on the scale are left out.
        hold : float
            Seconds on the last frame, in addition.

        Returns
        -------
        Timeline
            Where the recording has too few frames for the duration, they are shown more slowly,
            and `notice` says so.

        Raises
        ------
        UsageError
            A value is out of its range.
        RecordingError
            There are no frames.

        Examples
        --------
        >>> Timeline.plan([0, 10, 20, 30, 40], fps=3, duration=1).frames.tolist()
        [0, 2, 4]
        >>> Timeline.plan([0, 1, 2, 20, 30, 40]).frames.tolist()
        [0, 2, 3, 4, 5]
        """
        check_timing(fps, duration, hold)
        at = np.asarray(positions, np.float64)
        if not len(at):
            raise RecordingError("the recording has no frames yet: nothing to draw")
        if duration is None:
            return cls(np.unique(_nearest(at, len(at))), fps, hold)
        wanted = max(round(duration * fps), min(2, len(at)))
        if wanted <= len(at):
            return cls(evenly(at, wanted), fps, hold)
        slower = len(at) / duration
        notice = (
            f"{duration:g} s at {fps:g} fps need {wanted} frames, the recording has {len(at)}: "
            f"shown at {slower:.3g} fps"
        )
        return cls(np.arange(len(at)), slower, hold, notice)


def evenly(positions: ArrayLike, number: int) -> NDArray[np.intp]:
    """Choose distinct frames at about even positions, the first and the last among them.

    The positions ascend, shape (frames,). Of one frame it is the last; all frames are chosen if
    there are no more than `number`.

    Examples
    --------
    >>> evenly([0, 1, 2, 3, 10], 3).tolist(), evenly([0, 1, 2, 3, 10], 1).tolist()
    ([0, 3, 4], [4])
    """
    at = np.asarray(positions, np.float64)
    number = min(number, len(at))
    if number == 1:
        return np.array([len(at) - 1])
    return _distinct(_nearest(at, number), len(at))


def _nearest(at: NDArray[np.float64], number: int) -> NDArray[np.intp]:
    """The frame nearest to each of some evenly spaced positions."""
    wanted = np.linspace(at[0], at[-1], number)
    right = np.minimum(np.searchsorted(at, wanted), len(at) - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.where(wanted - at[left] <= at[right] - wanted, left, right)
    return nearer.astype(np.intp)


def _distinct(chosen: NDArray[np.intp], available: int) -> NDArray[np.intp]:
    """Move indices that coincide apart, within what is available."""
    at = np.arange(len(chosen))
    up = np.maximum.accumulate(chosen - at) + at
    return np.minimum(up, available - len(chosen) + at)


def check_timing(fps: float, duration: float | None, hold: float) -> None:
    """Refuse frames per second, and seconds, that no animation can have.

    Raises
    ------
    UsageError
        A value is out of its range.
    """
    if not (math.isfinite(fps) and 0 < fps <= 240):
        raise UsageError(f"fps {fps:g}: expected frames per second above 0 and up to 240, like 20")
    if duration is not None and not (math.isfinite(duration) and 0 < duration <= 3600):
        raise UsageError(f"duration {duration:g}: expected seconds above 0 and up to 3600, like 8")
    if not (math.isfinite(hold) and 0 <= hold <= 600):
        raise UsageError(f"hold {hold:g}: expected seconds from 0 to 600, like 2")


class SharedSteps:
    """The steps at which any of some recordings has a frame: those of one, if there is one.

    Parameters
    ----------
    recordings : sequence of Recording
        At least one; one may be there several times.

    Attributes
    ----------
    steps : ndarray of int, shape (n,)
        Ascending.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._recordings = [*dict.fromkeys(recordings)]
        each = [recording.steps for recording in self._recordings]
        self.steps: NDArray[np.int64] = np.unique(np.concatenate(each))
        # before its first frame a recording shows that
        found = {
            recording: np.maximum(np.searchsorted(steps, self.steps, side="right") - 1, 0)
            for recording, steps in zip(self._recordings, each, strict=True)
        }
        self._frames = [found[recording] for recording in recordings]

    def frames(self, index: int) -> list[int]:
        """The last frame of each recording at or before the step ``steps[index]``."""
        return [int(frames[index]) for frames in self._frames]

    def positions(self, pace: str) -> NDArray[np.float64]:
        """Place each step on the scale along which an animation moves evenly.

        Parameters
        ----------
        pace : {"recorded", "linear", "sqrt", "log", "change"}
            See `gan_viz.api.look.PACES`. Where it depends on the frames, the scale is the mean of
            those of the recordings, each interpolated at the steps.

        Returns
        -------
        ndarray, shape (n,)
            Not descending, from 0.
        """
        if pace in ("recorded", "change"):
            each = [
                np.interp(self.steps, one.steps, _own_positions(one, pace))
                for one in self._recordings
            ]
            return np.asarray(np.mean(each, axis=0))
        at = self.steps.astype(np.float64)
        scale = {"linear": at, "sqrt": np.sqrt(at), "log": np.log1p(at)}[pace]
        return np.asarray(scale - scale[0])

    def timeline(self, pace: str, fps: float, duration: float | None, hold: float) -> Timeline:
        """Choose steps for an animation, by their indices; see `Timeline.plan`.

        Recordings of different cadences together have many more steps than each: without a
        duration, the animation has no more frames than the recording that has the most.
        """
        usual = np.arange(len(self.steps))
        if duration is None:
            usual = evenly(self.positions("recorded"), max(map(len, self._recordings)))
        line = Timeline.plan(self.positions(pace)[usual], fps, duration, hold)
        return replace(line, frames=usual[line.frames])


def _own_positions(recording: Recording, pace: str) -> NDArray[np.float64]:
    if pace == "change":
        return np.cumsum(change(recording))
    return np.arange(len(recording), dtype=np.float64)

"""Which frames are shown, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.errors import RecordingError, UsageError

__all__ = ["FPS", "HOLD", "Timeline", "check_timing", "evenly"]

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
        steps: ArrayLike,
        fps: float = FPS,
        duration: float | None = None,
        hold: float = HOLD,
    ) -> Timeline:
        """Choose frames, evenly among the recorded ones.

        Parameters
        ----------
        steps : array_like of int, shape (frames,)
            The step of each frame of the recording, ascending.
        fps : float
            Frames per second.
        duration : float, optional
            Seconds, the hold not included; by default what all frames take.
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
        """
        check_timing(fps, duration, hold)
        at = np.asarray(steps, np.int64)
        if not len(at):
            raise RecordingError("the recording has no frames yet: nothing to draw")
        if duration is None:
            return cls(np.arange(len(at)), fps, hold)
        wanted = max(2, round(duration * fps))
        if wanted <= len(at):
            return cls(evenly(np.arange(len(at)), wanted), fps, hold)
        slower = len(at) / duration
        notice = (
            f"{duration:g} s at {fps:g} fps need {wanted} frames, the recording has {len(at)}: "
            f"shown at {slower:.3g} fps"
        )
        return cls(np.arange(len(at)), slower, hold, notice)


def evenly(steps: ArrayLike, number: int) -> NDArray[np.intp]:
    """Choose distinct frames at about even steps, the first and the last among them.

    Parameters
    ----------
    steps : array_like, shape (frames,)
        Ascending; or a scale of them, such as their square roots.
    number : int
        At most as many as there are frames.

    Returns
    -------
    ndarray of int, shape (number,)
    """
    at = np.asarray(steps, np.float64)
    number = min(number, len(at))
    wanted = np.linspace(at[0], at[-1], number)
    right = np.minimum(np.searchsorted(at, wanted), len(at) - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.where(wanted - at[left] <= at[right] - wanted, left, right)
    return _distinct(nearer.astype(np.intp), len(at))


def _distinct(chosen: NDArray[np.intp], available: int) -> NDArray[np.intp]:
    """Push indices apart that coincide, within what is available."""
    at = np.arange(len(chosen))
    up = np.maximum.accumulate(chosen - at) + at
    return np.minimum(up, available - len(chosen) + at)


def check_timing(fps: float, duration: float | None, hold: float) -> None:
    """Refuse times that no animation can have.

    Parameters
    ----------
    fps : float
    duration : float or None
    hold : float

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

"""Which frames of recordings an animation shows, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis import change
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording

FPS = 20.0
HOLD = 2.0
SHORTEST, LONGEST = 4.0, 6.0
"""Seconds of an animation at the pace of change, without the hold, where no duration is given and
enough is recorded."""
PICTURES = 6.0, 10.0
"""The same of a training that makes pictures, of which there is more to see."""
FEW = 80
"""Frames that are all shown, once each, where neither a pace nor a duration is given."""
TWICE = 2
"""How often frames are shown in the half of the time in which most moves, if it may be so short: at
20 pictures a second, 10 new ones still look like motion."""

Pause: TypeAlias = tuple[int, float]
"""A step, and the seconds to stay there."""
Slow: TypeAlias = tuple[int, int, float]
"""The steps from and to which time goes slower, and how many times."""


@dataclass(frozen=True)
class Timeline:
    """What an animation shows, picture by picture.

    Attributes
    ----------
    frames : ndarray of int, shape (n,)
        Indices into the recording's frames; one that is shown for longer is there several times.
    fps : float
        Pictures per second.
    hold : float
        Seconds that the last picture stays on, beyond its own time.
    way : float
        Seconds from the first frame to the last, without the hold, pauses and the way back.
    notice : str
        What had to differ from what was asked for; empty if nothing.
    """

    frames: NDArray[np.intp]
    fps: float
    hold: float
    way: float
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
        usual: int | None = None,
    ) -> Timeline:
        """Go evenly along some scale, from the first frame to the last.

        Parameters
        ----------
        positions : array_like, shape (frames,)
            Where each frame of the recording is on the scale that time is to follow, ascending:
            its number, its step, the square root of its step.
        fps : float
            Pictures per second.
        duration : float, optional
            Seconds, the hold not included; by default what `usual` pictures take.
        hold : float
            Seconds on the last frame, in addition.
        usual : int, optional
            By default the number of frames.

        Returns
        -------
        Timeline
            At any time it shows the frame that is nearest on the scale. Where the recording has too
            few frames for the duration, `notice` says so.

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
        [0, 2, 3, 3, 4, 5]
        """
        check_timing(fps, duration, hold)
        at = np.asarray(positions, np.float64)
        if not len(at):
            raise RecordingError("the recording has no frames yet: nothing to draw")
        number = len(at) if usual is None else usual
        if duration is not None:
            number = round(duration * fps)
        number = max(number, min(2, len(at)))
        notice = ""
        if duration is not None and number > len(at):
            notice = (
                f"{duration:g} s at {fps:g} fps are {number} pictures, the recording has "
                f"{len(at)}: each is shown for longer"
            )
        return cls(_nearest(at, number), fps, hold, number / fps, notice)

    def paused(self, frame: int, seconds: float) -> Timeline:
        """Stay on a frame, or the first one shown after it, for some seconds in addition."""
        there = int(np.argmax(self.frames >= min(frame, self.frames[-1])))
        more = np.full(round(seconds * self.fps), self.frames[there])
        return replace(self, frames=np.insert(self.frames, there, more))

    def there_and_back(self) -> Timeline:
        """Go on backwards after the hold, to where the animation begins again."""
        held = np.full(round(self.hold * self.fps), self.frames[-1])
        return replace(
            self, frames=np.concatenate([self.frames, held, self.frames[-2:0:-1]]), hold=0.0
        )


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


def check_timing(
    fps: float,
    duration: float | None,
    hold: float,
    pause: Sequence[Pause] = (),
    slow: Sequence[Slow] = (),
) -> None:
    """Refuse frames per second, seconds and steps that no animation can have.

    Raises
    ------
    UsageError
        A value is out of its range.
    """
    if not 0 < fps <= 240:
        raise UsageError(f"fps {fps:g}: expected frames per second above 0 and up to 240, like 20")
    if duration is not None and not 0 < duration <= 3600:
        raise UsageError(f"duration {duration:g}: expected seconds above 0 and up to 3600, like 8")
    if not 0 <= hold <= 600:
        raise UsageError(f"hold {hold:g}: expected seconds from 0 to 600, like 2")
    for one in pause:
        if not (_numbers(one, 2) and one[0] >= 0 and 0 < one[1] <= 600):
            raise UsageError(
                f"pause {one}: expected a step from 0 and seconds up to 600, like (100, 2.0)"
            )
    for each in slow:
        if not (_numbers(each, 3) and 0 <= each[0] < each[1] and 0.01 <= each[2] <= 100):
            raise UsageError(
                f"slow {each}: expected ascending steps from 0, and a factor from 0.01 to 100, "
                "like (0, 200, 3.0)"
            )


def _numbers(values: object, count: int) -> bool:
    """Whether these are so many numbers."""
    return (
        isinstance(values, Sequence)
        and len(values) == count
        and all(isinstance(value, int | float) for value in values)
    )


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

    def positions(self, pace: str | None) -> NDArray[np.float64]:
        """Place each step on the scale along which an animation moves evenly.

        Parameters
        ----------
        pace : {"recorded", "linear", "sqrt", "log", "change"} or None
            See `gan_viz.api.look.PACES`. Where it depends on the frames, the scale is the mean of
            those of the recordings, each interpolated at the steps. None is "change", but
            "recorded" where frames are counted by another clock than the steps of a training.

        Returns
        -------
        ndarray, shape (n,)
            Not descending, from 0.
        """
        pace = pace or self.usual_pace
        if pace in ("recorded", "change"):
            each = [
                np.interp(self.steps, one.steps, _own_positions(one, pace))
                for one in self._recordings
            ]
            return np.asarray(np.mean(each, axis=0))
        at = self.steps.astype(np.float64)
        scale = {"linear": at, "sqrt": np.sqrt(at), "log": np.log1p(at)}[pace]
        return np.asarray(scale - scale[0])

    @property
    def _has_pictures(self) -> bool:
        return any("samples" in recording.channels for recording in self._recordings)

    @property
    def usual_pace(self) -> str:
        """The pace where none is asked for."""
        other = any("clock" in recording.header for recording in self._recordings)
        return "recorded" if other else "change"

    def timeline(
        self,
        pace: str | None,
        fps: float,
        duration: float | None,
        hold: float,
        *,
        slow: Sequence[Slow] = (),
        pause: Sequence[Pause] = (),
        boomerang: bool = False,
    ) -> Timeline:
        """Choose what an animation shows, by indices into the steps.

        Parameters
        ----------
        pace, fps, duration, hold
            As for `positions` and `Timeline.plan`. Without a duration there are as many pictures as
            the recording of the most frames has, at the pace "change" no more than 4 to 6 seconds
            take, of pictures 6 to 10, the longer the more frames there are while much moves. Where
            neither a pace nor a duration is given, up to 80 frames are shown as recorded.
        slow : sequence of (int, int, float)
            Steps from and to which time goes slower by a factor. Without a duration, all else takes
            as long as it would otherwise.
        pause : sequence of (int, float)
            Steps that are shown for some seconds in addition, each at the first frame from there.
        boomerang : bool
            Whether to go back to the beginning after the hold.
        """
        check_timing(fps, duration, hold)
        usual = max(map(len, self._recordings))
        few = duration is None and usual <= FEW
        pace = pace or ("recorded" if few else self.usual_pace)
        positions = self.positions(pace)
        slowed = self._slowed(positions, slow)
        if pace == "change":
            ends = PICTURES if self._has_pictures else (SHORTEST, LONGEST)
            usual = min(usual, round(_usual_seconds(positions, fps, *ends) * fps))
        longer = slowed[-1] / positions[-1] if positions[-1] else 1.0
        line = Timeline.plan(slowed, fps, duration, hold, round((usual - 1) * longer) + 1)
        for step, seconds in pause:
            line = line.paused(int(np.searchsorted(self.steps, step)), seconds)
        return line.there_and_back() if boomerang else line

    def _slowed(self, positions: NDArray[np.float64], slow: Sequence[Slow]) -> NDArray[np.float64]:
        """Stretch a scale between some steps."""
        pieces = np.diff(positions, prepend=0.0)
        for begin, end, factor in slow:
            pieces[(self.steps > begin) & (self.steps <= end)] *= factor
        return np.asarray(np.cumsum(pieces))


def _usual_seconds(
    positions: NDArray[np.float64], fps: float, shortest: float, longest: float
) -> float:
    """How long a scale takes where the frames that move most are shown `TWICE`."""
    pieces = np.sort(np.diff(positions))[::-1]
    if not len(pieces):
        return shortest
    path = np.cumsum(pieces)
    fast = pieces[np.searchsorted(path, path[-1] / 2)]
    return float(np.clip(TWICE * path[-1] / fast / fps, shortest, longest))


def _own_positions(recording: Recording, pace: str) -> NDArray[np.float64]:
    if pace == "change":
        return np.cumsum(change(recording))
    return np.arange(len(recording), dtype=np.float64)

"""What a page is told of a recording: read anew when somebody asks, for all who ask at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gan_viz.api.drawing import opened
from gan_viz.api.look import Look
from gan_viz.api.pages import page_data
from gan_viz.errors import RecordingError
from gan_viz.recording import Recording
from gan_viz.recording.files import identity
from gan_viz.recording.side_files import is_open_elsewhere
from gan_viz.replay import Payload

__all__ = ["MOST_FRAMES", "Follower", "State"]

MOST_FRAMES = 240
"""Frames in a page that follows; of more, some evenly, the newest always. They bound the time that
it takes to make, and the memory."""
PERIOD = 0.2
"""Seconds for which an answer stands: many pages cost no more than one."""
REST = 2.0
"""After a page was made, none is for so many times as long as that took."""
SILENCE = 10.0
"""Seconds without a frame after which that is said, where nobody knows whether the writer lives."""


class State(NamedTuple):
    """Where a recording is.

    Attributes
    ----------
    status : str
        ``waiting`` (there is none, or no frame in it), ``running``, ``silent`` (nothing new, and it
        cannot be told whether its writer lives), ``stopped`` (its writer is gone) or ``complete``.
    version : str
        Changes when there is something new to show; empty while there is nothing.
    frames, step : int
        How many frames there are, and the step of the last; -1 without any.
    seconds : float
        Since something new was seen.
    """

    status: str
    version: str = ""
    frames: int = 0
    step: int = -1
    seconds: float = 0.0


class Follower:
    """Follows a recording, which need not be there yet and may be replaced by a newer one.

    It may be asked by many threads; one of them reads, and the others get the same.

    Parameters
    ----------
    path : path-like
    look : Look, optional
    clock : callable, optional
        Seconds, for tests.
    """

    def __init__(
        self, path: Path, look: Look | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path, self._look, self._clock = Path(path), look or Look(), clock
        self._lock = threading.Lock()
        self._state, self._asked = State("waiting"), float("-inf")
        self._changed = clock()
        self._made: tuple[str, Payload] | None = None
        self._rested = float("-inf")

    def state(self) -> State:
        """Where the recording is, by a look at it that is not older than a moment."""
        with self._lock:
            now = self._clock()
            if now - self._asked >= PERIOD:
                found = self._look_at()
                if (found.version, found.status) != (self._state.version, self._state.status):
                    self._changed = now
                self._state, self._asked = found, now
            state = self._state._replace(seconds=now - self._changed)
            if state.status == "silent" and state.seconds < SILENCE:
                state = state._replace(status="running")
            # what is new is told once a page of it may be made
            resting = self._made is not None and now < self._rested
            version = self._made[0] if resting and self._made is not None else state.version
            return state._replace(version=version)

    def newest(self) -> tuple[str, Payload]:
        """The version and content of the newest page; RecordingError if nothing can be shown."""
        state = self.state()
        with self._lock:
            if self._made is None or (
                self._made[0] != state.version and self._clock() >= self._rested
            ):
                began = self._clock()
                with opened(self._newer_or_own()) as source:
                    self._made = (
                        _version(source),
                        page_data([source], self._look, None, MOST_FRAMES),
                    )
                self._rested = self._clock() + REST * (self._clock() - began)
            return self._made

    def _newer_or_own(self) -> Path:
        """The recording that is being made to replace the one of this name, if there is one."""
        with Recording(self.path) as recording:
            return recording.newer or self.path

    def _look_at(self) -> State:
        try:
            place = self._newer_or_own()
            with Recording(place) as recording:
                frames = len(recording)
                if not frames:
                    return State("waiting")
                known = _version(recording), frames, int(recording.steps[-1])
                complete = recording.complete
        except RecordingError:
            return State("waiting")
        return State("complete" if complete else self._liveliness(place), *known)

    @staticmethod
    def _liveliness(place: Path) -> str:
        alive = is_open_elsewhere(place)  # nobody has it open here: `self._lock` sees to that
        return {True: "running", False: "stopped", None: "silent"}[alive]


def _version(recording: Recording) -> str:
    device, inode = identity(recording.path) or (0, 0)
    ended = "e" if recording.complete else ""
    scalars = max((len(one.steps) for one in recording.scalars.values()), default=0)
    return f"{device:x}-{inode:x}-{len(recording)}-{scalars}{ended}"

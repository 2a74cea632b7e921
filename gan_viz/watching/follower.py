"""What a page is told of a recording: read anew when somebody asks, for all who ask at once.

A page of all that there is takes long to make, and is made in a thread of its own, with pauses.
Meanwhile pages that are open are told of the newest frames alone, which takes little. They say
which page they began with, its *generation*, and which step they have come to; whoever has another
generation than there is now, or no frame that still counts, gets a whole page.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.drawing import described_panels, opened
from gan_viz.api.look import Look
from gan_viz.api.pages import page_data
from gan_viz.errors import GanVizError, RecordingError
from gan_viz.recording import Recording
from gan_viz.recording.files import identity
from gan_viz.recording.side_files import is_open_elsewhere
from gan_viz.replay import Payload
from gan_viz.replay.growing import newest

MOST_FRAMES = 240
"""Frames in a page that follows; of more, some evenly, the newest always. They bound the time that
it takes to make, and the memory."""
PERIOD = 0.4
"""Seconds for which an answer stands: many pages cost no more than one. It is more than pages let
pass between two questions, so that each of them hears of every answer and all ask for the same."""
REST, REST_OF_NEWEST = 12.0, 3.0
"""After a page, or the newest frames, were made, no other is for so many times as long as that took
of a processor: both take a third of one at most, and leave the rest to the training."""
MOST_TOLD = 16
"""Answers that are kept, for pages that ask the same."""
SILENCE = 10.0
"""Seconds without a frame after which that is said, where nobody knows whether the writer lives."""


class State(NamedTuple):
    """Where a recording is."""

    status: str
    """``waiting`` (there is none, or no frame in it), ``running``, ``silent`` (nothing new, and it
    cannot be told whether its writer lives), ``stopped`` (its writer is gone) or ``complete``."""
    version: str = ""
    """Changes when there is something new to show; empty while there is nothing."""
    frames: int = 0
    step: int = -1
    """How many frames there are, and the step of the last; -1 without any."""
    seconds: float = 0.0
    """Since something new was seen."""


@dataclass(frozen=True)
class Whole:
    """A page of all that there was."""

    generation: str
    """The version, a dot, and what no other page has."""
    version: str
    """Of the recording then, as in `State`."""
    steps: NDArray[np.int64]
    """Of all frames that it had."""
    page: Payload

    def has_grown_into(self, recording: Recording) -> bool:
        """Whether a recording has all that was in the page, and perhaps more."""
        known = self.steps
        same_file = _file(self.version) == _file(_version(recording))
        return same_file and np.array_equal(recording.steps[: len(known)], known)


class Follower:
    """Follows a recording, which need not be there yet and may be replaced by a newer one.

    It may be asked by many threads; one of them reads, and the others get the same. `clock` and
    `busy` give seconds, and those that this thread was on a processor; for tests.
    `missing` is what there was instead of a frame, when it was last looked for in vain.
    """

    def __init__(
        self,
        path: Path,
        look: Look | None = None,
        clock: Callable[[], float] = time.monotonic,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self.path, self._look, self._clock, self._busy = Path(path), look or Look(), clock, busy
        self._lock = threading.Lock()
        self.missing = ""
        self._state, self._asked = State("waiting"), float("-inf")
        self._changed = clock()
        self._made: Whole | None = None
        self._maker: threading.Thread | None = None
        self._failure: GanVizError = RecordingError(f"{path}: nothing to show")
        self._rested = self._rested_of_newest = float("-inf")
        self._told: dict[tuple[str, str, int], bytes | None] = {}

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
            return state

    def whole(self) -> Whole:
        """The newest page; RecordingError if nothing can be shown."""
        self.state()
        maker = self._make_if_due()
        if self._made is None and maker is not None:
            maker.join()
        if self._made is None:
            raise self._failure
        return self._made

    def since(self, generation: str, step: int) -> bytes | Whole | None:
        """Tell a page of a generation, whose last frame is of a step, what is new.

        That is the newest frames, another page in place of that one, or nothing for now.
        """
        made = self.whole()
        if made.generation != generation:
            return made
        with self._lock:
            if made.version == self._state.version:
                return None
            asked = self._state.version, generation, step
            if asked not in self._told:
                if self._clock() < self._rested_of_newest:
                    return None
                began = self._busy()
                told = self._newest(made, step)
                self._told = dict([*self._told.items(), (asked, told)][-MOST_TOLD:])
                took = self._busy() - began
                self._rested_of_newest = self._clock() + REST_OF_NEWEST * took
            return self._told[asked]

    def _newest(self, made: Whole, step: int) -> bytes | None:
        """The frames after a step; None if there are none, or it takes a whole page."""
        with self._followed() as source, opened(source):
            if not made.has_grown_into(source):
                self._rested = float("-inf")  # a whole page at once
                return None
            source.keep(np.flatnonzero(source.steps > step))
            if not len(source):
                return None
            source.limit()
            return newest(source, described_panels(source, self._look), made.page)

    def _make_if_due(self) -> threading.Thread | None:
        """The thread that makes a page, which begins if one is needed and it is time."""
        with self._lock:
            due = self._made is None or self._made.version != self._state.version
            if due and not self._is_making and self._clock() >= self._rested:
                self._maker = threading.Thread(target=self._make, daemon=True)
                self._maker.start()
            return self._maker

    @property
    def _is_making(self) -> bool:
        return self._maker is not None and self._maker.is_alive()

    def _make(self) -> None:
        began = self._busy()
        try:
            with self._followed() as source, opened(source):
                steps, version = source.steps, _version(source)
                source.limit()
                page = page_data([source], self._look, None, MOST_FRAMES)
            self._made = Whole(f"{version}.{secrets.token_hex(8)}", version, steps, page)
            self._rested_of_newest = float("-inf")  # whoever gets it lacks what came meanwhile
        except GanVizError as error:
            self._failure = error
        self._rested = self._clock() + REST * (self._busy() - began)

    def _followed(self) -> Recording:
        """The recording of this name, or the one that is being made to replace it."""
        own = Recording(self.path)
        if own.newer is None:
            return own
        with own:
            return Recording(own.newer)

    def _look_at(self) -> State:
        try:
            with self._followed() as recording:
                frames = len(recording)
                if not frames:
                    ended = "has ended without one" if recording.complete else "holds none yet"
                    self.missing = f"{self.path} {ended}"
                    return State("waiting")
                known = _version(recording), frames, int(recording.steps[-1])
                complete = recording.complete
        except RecordingError as error:
            self.missing = str(error)
            return State("waiting")
        return State("complete" if complete else self._liveliness(recording.path), *known)

    def _liveliness(self, place: Path) -> str:
        if self._is_making:  # it has the recording open: to ask would drop its locks
            status = self._state.status
            return status if status in ("stopped", "silent") else "running"
        return {True: "running", False: "stopped", None: "silent"}[is_open_elsewhere(place)]


def _version(recording: Recording) -> str:
    device, inode = identity(recording.path) or (0, 0)
    ended = "e" if recording.complete else ""
    scalars = max(recording.scalar_counts.values(), default=0)
    return f"{device:x}-{inode:x}-{len(recording)}-{scalars}{ended}"


def _file(version: str) -> str:
    """The part of a version that is that of the file."""
    return version.rsplit("-", 2)[0]

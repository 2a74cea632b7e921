"""The other process, as this one sees it: started early, fed with frames, stopped for good.

It is a plain process of Python's, not one of `multiprocessing`, which would run the user's script
a second time unless that has a guard.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from gan_viz.encoders.animation import AnimatedEncoder
from gan_viz.encoders.base import Encoder, Frame, Movie
from gan_viz.encoders.changes import Changes
from gan_viz.encoders.publish import Partial
from gan_viz.encoders.shared import Slots, anonymous
from gan_viz.encoders.worker import END, READY
from gan_viz.errors import GanVizError, OutputError

__all__ = ["SLOTS", "Worker", "interpreter", "start_worker"]

SLOTS = 4
"""Frames that may be on their way; more were measured to gain nothing."""

_PATIENCE = 30.0
"""Seconds that the process may take to start."""

# A Ctrl-C that reaches it is none of its business.  Its path is ours, and it is started with -P,
# so that no file in the current folder can take the place of a module.
_BOOT = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
_, memory, kind, *sys.path = sys.argv
from gan_viz.encoders.worker import main
main(memory, kind)
"""


def start_worker(kind: type[Encoder]) -> Worker | None:
    """Start a process that encodes, early, so that it gets ready meanwhile.

    Parameters
    ----------
    kind : type of Encoder
        What it will be asked for.

    Returns
    -------
    Worker or None
        None where that is not possible: encode in this process then.
    """
    python = interpreter()
    if python is None or kind.__module__ == "__main__" or "<locals>" in kind.__qualname__:
        return None
    try:
        return Worker(python, kind)
    except OSError:
        return None


def interpreter() -> str | None:
    """Find a Python to start.

    Returns
    -------
    str or None
        None in a program that contains one: it would only start itself again.
    """
    name = Path(sys.executable or "").name.lower()
    usable = os.name == "posix" and name.startswith("python") and not hasattr(sys, "frozen")
    return sys.executable if usable else None


class Worker:
    """A process that encodes one file; a context manager, which stops it.

    Parameters
    ----------
    python : str
        The interpreter.
    kind : type of Encoder
        The encoder, a class that can be imported.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(self, python: str, kind: type[Encoder]) -> None:
        self.kind = kind
        self._name = f"{kind.__module__}:{kind.__qualname__}"
        self._memory = anonymous()
        self._slots: Slots | None = None
        self._free: list[int] = []
        # Of pictures only what changed is sent: finding it takes no longer than copying all.
        self._changes = Changes() if issubclass(kind, AnimatedEncoder) else None
        try:
            self._process = self._start(python)
        except BaseException:
            self._memory.close()
            raise

    def _start(self, python: str) -> subprocess.Popen[bytes]:
        memory = self._memory.fileno()
        return subprocess.Popen(
            [python, "-P", "-c", _BOOT, str(memory), self._name, *map(str, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[memory],
            start_new_session=True,  # out of reach of the terminal's Ctrl-C
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def _orders(self) -> IO[bytes]:
        return cast("IO[bytes]", self._process.stdin)

    @property
    def _replies(self) -> IO[bytes]:
        return cast("IO[bytes]", self._process.stdout)

    def begin(self, place: Partial, movie: Movie, options: dict[str, Any]) -> None:
        """Tell what is to be encoded; does not wait for an answer.

        Parameters
        ----------
        place : Partial
            Where; it stays the caller's, to be published or discarded.
        movie : Movie
            What an encoder has to know.
        options : dict
            What the encoder takes besides: numbers, strings, truth values.

        Raises
        ------
        OSError
            If there is no memory, or the process has ended already.
        """
        whole, changes = (SLOTS, 0) if self._changes is None else (0, SLOTS)
        size = {"width": int(movie.width), "height": int(movie.height)}
        layout = {**size, "whole": whole + len(movie.samples), "changes": changes}
        self._slots = slots = Slots(self._memory, **layout)
        for frame, sample in zip(slots.frames[whole:], movie.samples, strict=True):
            frame[...] = sample
        self._free = list(range(SLOTS))
        self._order(
            {
                "kind": self._name,
                "target": str(place.target),
                "partial": str(place.path),
                "movie": size | _told(movie),
                "options": options,
                "slots": layout,
            }
        )

    def answers(self) -> bool:
        """Wait until the process runs; false if it does not, or was stopped."""
        if self._replies.closed:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            if not selector.select(_PATIENCE):
                return False
        return self._replies.readline() == json.dumps(READY).encode() + b"\n"

    def send(self, frame: Frame) -> None:
        """Hand a frame over; waits while as many as there is room for are on their way.

        Raises
        ------
        GanVizError
            What the encoder raised, maybe at an earlier frame.
        OutputError
            If the process has died.
        """
        slots = cast("Slots", self._slots)
        if self._changes is None:
            slot = self._slot()
            slots.frames[slot][...] = frame
            self._tell([slot, 0])
        else:
            changed = self._changes.of(frame)
            slot = self._slot()
            self._tell([slot, slots.put(slot, changed)])

    def _slot(self) -> int:
        """Wait for a free one."""
        while not self._free:
            self._free.append(self._reply())
        return self._free.pop()

    def finish(self) -> float:
        """Let the encoder complete its file; return the duration in seconds.

        Raises
        ------
        GanVizError
            What the encoder raised.
        OutputError
            If the process has died.
        """
        self._tell(END)
        while not isinstance(reply := self._reply(), dict):
            pass
        return float(reply["duration"])

    def _tell(self, order: object) -> None:
        try:
            self._order(order)
        except BrokenPipeError:
            while True:  # until it says why, or does not
                self._reply()

    def _order(self, order: object) -> None:
        self._orders.write(json.dumps(order).encode() + b"\n")
        self._orders.flush()

    def _reply(self) -> Any:
        line = self._replies.readline()
        if not line.endswith(b"\n"):
            raise self._death()
        reply = json.loads(line)
        if isinstance(reply, dict) and "error" in reply:
            raise _revived(**reply["error"])
        return reply

    def _death(self) -> OutputError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)
        code = self._process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code and code < 0 else "ended"
        return OutputError(
            f"the process that encodes {how} before it was done: maybe memory is short; "
            "try again, or with one job"
        )

    def stop(self) -> None:
        """End the process, whatever it does; stopping again does nothing."""
        self._process.kill()
        self._process.wait()
        self._slots = None
        for pipe in (self._orders, self._replies, self._memory):
            with contextlib.suppress(OSError):  # orders that nobody will read
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _told(movie: Movie) -> dict[str, Any]:
    """Tell of a movie, but for its size and its samples, in things of JSON."""
    return {
        "fps": float(movie.fps),
        "hold": float(movie.hold),
        "loop": int(movie.loop),
        "frames": int(movie.frames),
        "colors": movie.colors.tolist(),
        "samples": len(movie.samples),
    }


def _revived(kind: str, text: str, trace: str) -> Exception:
    """Make an error of the other process one of this process."""
    module, _, name = kind.partition(":")
    found = getattr(import_module(module), name, None)
    if isinstance(found, type) and issubclass(found, GanVizError):
        # Not by the constructor: some take other things than the text.
        return found.__new__(found, text)
    error = RuntimeError(f"the encoder failed: {kind.rpartition(':')[2]}: {text}")
    error.add_note(trace)
    return error

"""Encoding in the background, so that drawing and encoding overlap on two cores.

For video a thread does: FFmpeg encodes without Python's lock.  For pictures it does not: of the
4 ms that a GIF's frame takes, half is Python and NumPy under the lock, which drawing needs too.
They get a process.

The process is a plain one and not one of `multiprocessing`'s, which would run the user's script
a second time unless that has a ``__main__`` guard.  It reads its job and then the frames from a
pipe, and answers on another.  Nothing is left behind: the temporary file belongs to this process,
which removes it if the other one dies; if this one dies, the other finds the pipe closed and
removes it.

Examples
--------
>>> import tempfile
>>> import numpy as np
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "a.gif")
...     with open_encoder(path, Clip(width=2, height=1, fps=10.0), jobs=2) as encoder:
...         encoder.write(np.zeros((1, 2, 3), dtype=np.uint8))
...     path.read_bytes()[:6]
b'GIF89a'
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self, cast

from gan_viz.encoders.animation import AnimatedEncoder
from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.changes import Changed, Changes
from gan_viz.encoders.publish import Borrowed, Partial
from gan_viz.errors import GanVizError, OutputError
from gan_viz.registry import ENCODERS

_WAITING = 4
"""Frames that may wait for the thread; more were measured to gain nothing."""

_PATIENCE = 30.0
"""Seconds that the process may take to start."""

_ROOM = 1 << 20
"""Bytes of the pipe, where the system lets one choose: some ten frames of a line plot.

The usual 64 KB hold less than one, and drawing would wait for the encoder at every frame.
"""

_READY = b"ready"
"""The first answer: it shows that the process is one of ours, and runs."""

_COUNT = 4
"""Bytes of the number of arrays in an item."""

# Ctrl-C is for the parent alone.  The path is the parent's, and -P keeps files of the current
# folder from taking the place of modules.
_BOOT = """\
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
_, frames, answers, kind, *sys.path = sys.argv
from gan_viz.encoders.background import main
main(int(frames), int(answers), kind)
"""


def open_encoder(
    path: Path,
    clip: Clip,
    jobs: int = 1,
    options: Mapping[str, Any] | None = None,
    *,
    kind: type[Encoder] | None = None,
    worker: Worker | None = None,
) -> Encoder:
    """Open the encoder for a file, to encode at once or in the background.

    Parameters
    ----------
    path : Path
        The file to write.
    clip : Clip
        As for `Encoder`.
    jobs : int, default 1
        With more than 1, another process or a thread encodes, if one can be started.
    options : mapping of str to value, optional
        Options of the format; those that are absent have their defaults.
    kind : type of Encoder, optional
        By default the one registered for the file's suffix.
    worker : Worker, optional
        From `start_worker` for this kind; it is then in charge whatever `jobs` says.

    Returns
    -------
    Encoder
        Its file is the same, byte for byte, wherever it is encoded.

    Raises
    ------
    UsageError
        If the path, the clip or an option cannot be used.
    OutputError
        If the file cannot be written.
    """
    kind = kind or cast("type[Encoder]", ENCODERS[path.suffix.lower()])
    if worker is None and jobs > 1:
        worker = start_worker(kind)
    if worker is None or worker.kind is not kind:
        return kind(path, clip, **options or {})
    return BackgroundEncoder(path, clip, worker, **options or {})


def start_worker(kind: type[Encoder]) -> Worker | None:
    """Start a thread or a process that encodes, early, so that it gets ready meanwhile.

    None where no process can be started: encode in this one then.
    """
    if kind.own_threads:
        return ThreadWorker(kind)
    python = interpreter()
    importable = kind.__module__ != "__main__" and "<locals>" not in kind.__qualname__
    if python is None or not importable:
        return None
    try:
        return ProcessWorker(python, kind)
    except OSError:
        return None


def interpreter() -> str | None:
    """Find a Python to start; None in a program that contains one and would start itself again."""
    name = Path(sys.executable or "").name.lower()
    usable = os.name == "posix" and name.startswith("python") and not hasattr(sys, "frozen")
    return sys.executable if usable else None


class Worker(ABC):
    """What encodes one file in the background; a context manager, which stops it."""

    kind: type[Encoder]
    """The encoder it was started for."""

    @abstractmethod
    def begin(self, place: Partial, clip: Clip, options: Mapping[str, Any]) -> None:
        """Tell what is to be encoded, and where; the place stays the caller's.

        Raises
        ------
        OSError
            If the worker does not run: encode without it then.
        """

    @abstractmethod
    def send(self, frame: Frame) -> None:
        """Hand a frame over; waits while too many are on their way.

        Raises
        ------
        GanVizError
            What the encoder raised, maybe at an earlier frame.
        OutputError
            If the worker has died.
        """

    @abstractmethod
    def finish(self) -> float:
        """Complete the file, or raise like `send`; return the duration in seconds."""

    @abstractmethod
    def stop(self) -> None:
        """End it, whatever it does; stopping again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class ThreadWorker(Worker):
    """A thread that encodes one file."""

    def __init__(self, kind: type[Encoder]) -> None:
        self.kind = kind
        self._frames: Queue[Frame | None] = Queue(_WAITING)
        self._thread = Thread(target=self._run, name="gan_viz encoder", daemon=True)
        self._encoder: Encoder | None = None
        self._error: BaseException | None = None
        self._stopped = False

    def begin(self, place: Partial, clip: Clip, options: Mapping[str, Any]) -> None:
        """Open the encoder and start the thread."""
        self._encoder = self.kind(Borrowed(place.target, place.path), clip, **options)
        self._thread.start()

    def send(self, frame: Frame) -> None:
        """Hand a copy over, for the caller draws the next frame into the same array."""
        if self._error is not None:
            raise self._error
        self._frames.put(frame.copy())

    def finish(self) -> float:
        """Wait until all frames are encoded, and complete the file."""
        self._join()
        if self._error is not None:
            raise self._error
        encoder = cast("Encoder", self._encoder)
        encoder.close()
        return encoder.duration

    def stop(self) -> None:
        """Let the thread end without encoding what waits."""
        self._stopped = True
        self._join()
        if self._encoder is not None:
            self._encoder.abort()

    def _join(self) -> None:
        if self._thread.is_alive():
            self._frames.put(None)
            self._thread.join()

    def _run(self) -> None:
        # It takes frames to the end even when they are of no use, or `put` would wait for ever.
        while (frame := self._frames.get()) is not None:
            if self._stopped or self._error is not None:
                continue
            try:
                cast("Encoder", self._encoder).write(frame)
            except BaseException as error:  # noqa: BLE001
                self._error = error


class ProcessWorker(Worker):
    """A process that encodes one file, by an encoder that can be imported.

    Raises OSError if it cannot be started.
    """

    def __init__(self, python: str, kind: type[Encoder]) -> None:
        self.kind = kind
        # Of pictures only what changed is sent: finding it takes no longer than copying all.
        self._changes = Changes() if issubclass(kind, AnimatedEncoder) else None
        with contextlib.ExitStack() as opened:
            theirs, self._frames = map(opened.enter_context, _pipe())
            self._answers, answers = map(opened.enter_context, _pipe())
            ends = theirs.fileno(), answers.fileno()
            self._process = subprocess.Popen(
                [python, "-P", "-c", _BOOT, *map(str, ends), _name(kind), *map(str, sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=ends,
                start_new_session=True,  # out of reach of the terminal's Ctrl-C
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
            opened.pop_all()
        for end in (theirs, answers):
            end.close()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def begin(self, place: Partial, clip: Clip, options: Mapping[str, Any]) -> None:
        """Wait until the process runs, half a minute at most, and tell what is to be encoded."""
        with contextlib.suppress(EOFError, ValueError):
            # Bytes and not `recv`: what is not ours might send anything.
            if self._answers.poll(_PATIENCE) and self._answers.recv_bytes(99) == _READY:
                return _send(self._frames, (place.target, place.path, clip, dict(options)))
        raise OSError("no answer")

    def send(self, frame: Frame | Changed) -> None:
        """Hand a frame, or what changed in it, over; waits while the pipe is full."""
        item = frame
        if self._changes is not None and not isinstance(frame, Changed):
            item = self._changes.of(frame)
        if self._answers.poll():
            self._answer()
        try:
            _send(self._frames, item)
        except BrokenPipeError:
            self._answer()

    def finish(self) -> float:
        """Let the encoder complete its file."""
        with contextlib.suppress(BrokenPipeError):
            _send(self._frames, None)
        return self._answer()

    def _answer(self) -> float:
        try:
            answer = self._answers.recv()
        except EOFError:
            raise self._death() from None
        if isinstance(answer, float):
            return answer
        raise _revived(*answer)

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
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        self._frames.close()
        self._answers.close()


class BackgroundEncoder(Encoder):
    """Encodes in the background; otherwise like any encoder.

    What goes wrong there is raised here, at one of the next frames or on closing.

    Parameters
    ----------
    path, clip
        As for `Encoder`.
    worker : Worker
        It is stopped when the encoder is closed or given up.  If it turns out not to run, this
        thread encodes.
    **options
        As for the encoder that the worker was started for.
    """

    def __init__(self, path: Path | Partial, clip: Clip, worker: Worker, **options: Any) -> None:
        self._worker = worker
        self._local: Encoder | None = None
        try:
            super().__init__(path, clip, **options)
        except BaseException:
            worker.stop()
            raise

    def _checked(self, clip: Clip, options: dict[str, Any]) -> dict[str, Any]:
        self._worker.kind.check(clip, **options)
        return options

    def _reserve(self, path: Path) -> Partial:
        return self._worker.kind.place(path)

    def _start(self) -> None:
        self._resources.callback(self._worker.stop)

    def _write(self, frame: Frame) -> None:
        if not self.written:
            self._begin()
        if self._local is None:
            self._worker.send(frame)
        else:
            self._local.write(frame)

    def write_changed(self, changed: Changed) -> None:
        """As `AnimatedEncoder.write_changed`, for a worker of such an encoder."""
        with self._adding():
            if not self.written:
                self._begin()
            if self._local is None:
                cast("ProcessWorker", self._worker).send(changed)
            else:
                cast("AnimatedEncoder", self._local).write_changed(changed)

    def _begin(self) -> None:
        """Wait for the process only now: it may have been started a moment ago."""
        try:
            self._worker.begin(self._partial, self.clip, self.options)
        except OSError:
            self._worker.stop()
            place = Borrowed(self.path, self._partial.path)
            self._local = self._worker.kind(place, self.clip, **self.options)
            self._resources.callback(self._local.abort)

    def _finish(self) -> float:
        if self._local is None:
            return self._worker.finish()
        self._local.close()
        return self._local.duration


def main(frames: int, answers: int, kind: str) -> None:
    """Encode what comes: what the other process runs.

    Parameters
    ----------
    frames, answers : int
        File descriptors: what to read from and what to answer on.
    kind : str
        The encoder's ``module:class``.
    """
    # The parent may end or give up at any time: then the pipes break, and nobody is left to tell.
    with (
        Connection(frames, writable=False) as source,
        Connection(answers, readable=False) as reply,
        contextlib.suppress(BrokenPipeError),
    ):
        try:
            reply.send_bytes(_READY)
            encoder = _find(kind)
            if encoder.backend:
                import_module(encoder.backend)  # now, while there is nothing else to do
            with contextlib.suppress(EOFError):
                reply.send(_encode(encoder, source))
        except BaseException as error:  # noqa: BLE001
            trace = "".join(traceback.format_exception(error))
            reply.send((_name(type(error)), str(error), trace))


def _encode(kind: type[Encoder], source: Connection) -> float:
    target, path, clip, options = _received(source)
    place = Borrowed(target, path)
    try:
        with kind(place, clip, **options) as encoder:
            if isinstance(encoder, AnimatedEncoder):
                encoder.work_ahead()
            while (item := _received(source)) is not None:
                if isinstance(encoder, AnimatedEncoder):
                    encoder.write_changed(item)
                else:
                    encoder.write(item)
        return float(encoder.duration)
    except BaseException:
        place.discard()  # also when it is complete: nobody will publish it
        raise


def _pipe() -> tuple[Connection, Connection]:
    """Open a pipe: the end to read from, the end to write to."""
    ends = os.pipe()
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _ROOM)
    return Connection(ends[0], writable=False), Connection(ends[1], readable=False)


def _send(pipe: Connection, item: object) -> None:
    """Send an item: the bytes of its arrays as they lie in memory, which `pipe.send` copies."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(item, protocol=5, buffer_callback=arrays.append)
    pipe.send_bytes(len(arrays).to_bytes(_COUNT) + rest)
    for array in arrays:
        pipe.send_bytes(array.raw())


def _received(pipe: Connection) -> Any:
    """Receive what `_send` has sent, from a process of ours."""
    head = pipe.recv_bytes()
    arrays = [pipe.recv_bytes() for _ in range(int.from_bytes(head[:_COUNT]))]
    return pickle.loads(memoryview(head)[_COUNT:], buffers=arrays)


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _find(name: str) -> type[Encoder]:
    module, _, attribute = name.partition(":")
    found: type[Encoder] = getattr(import_module(module), attribute)
    return found


def _revived(kind: str, text: str, trace: str) -> Exception:
    """Make an error of the other process one of this process."""
    module, _, name = kind.partition(":")
    found = getattr(import_module(module), name, None)
    if isinstance(found, type) and issubclass(found, GanVizError):
        # Not by the constructor: some take other things than the text.
        return found.__new__(found, text)
    error = RuntimeError(f"the encoder failed: {name}: {text}")
    error.add_note(trace)
    return error

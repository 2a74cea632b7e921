"""Encoding in another process, so that drawing and encoding overlap on two cores.

Threads would not do: the compression of GIF holds Python's lock.  Frames go through shared memory,
which was measured to be 10% faster than a pipe; when several of them wait, so does drawing.

Whatever happens, nothing is left behind: the temporary file belongs to this process, which removes
it if the other one dies; if this one dies, the other sees its orders end and removes it.

Examples
--------
>>> import tempfile
>>> import numpy as np
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "a.gif")
...     with open_encoder(path, Movie(width=2, height=1, fps=10.0), jobs=2) as encoder:
...         encoder.write(np.zeros((1, 2, 3), dtype=np.uint8))
...     path.read_bytes()[:6]
b'GIF89a'
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from gan_viz.encoders.base import Encoder, Frame, Movie
from gan_viz.encoders.process import Worker, start_worker
from gan_viz.encoders.publish import Borrowed, Partial
from gan_viz.registry import ENCODERS

__all__ = ["RemoteEncoder", "Worker", "open_encoder", "start_worker"]


def open_encoder(
    path: Path,
    movie: Movie,
    *,
    kind: type[Encoder] | None = None,
    jobs: int = 1,
    worker: Worker | None = None,
    **options: Any,
) -> Encoder:
    """Open the encoder for a file, in this process or in another.

    Parameters
    ----------
    path : Path
        The file to write.
    movie : Movie
        As for `Encoder`.
    kind : type of Encoder, optional
        By default the one registered for the file's suffix.
    jobs : int, default 1
        With more than 1, another process encodes; where none can be started, this one does.
    worker : Worker, optional
        A process that was started before, for this kind of encoder.
    **options
        As for the encoder.

    Returns
    -------
    Encoder
        Its file is the same, byte for byte, wherever it is encoded.

    Raises
    ------
    UsageError
        If the path, the movie or an option cannot be used.
    OutputError
        If the file cannot be written.
    """
    kind = kind or cast("type[Encoder]", ENCODERS[path.suffix.lower()])
    kind.check(movie, **options)
    if worker is None and jobs > 1:
        worker = start_worker(kind)
    if worker is None or worker.kind is not kind:
        return kind(path, movie, **options)
    return RemoteEncoder(path, movie, worker, **options)


class RemoteEncoder(Encoder):
    """Has another process encode; otherwise like any encoder.

    What goes wrong there is raised here, at one of the next frames or on closing.

    Parameters
    ----------
    path, movie
        As for `Encoder`.
    worker : Worker
        The process; it is stopped when the encoder is closed or given up.  If it turns out not to
        run, this process encodes.
    **options
        As for the encoder that the worker was started for.
    """

    def __init__(self, path: Path | Partial, movie: Movie, worker: Worker, **options: Any) -> None:
        self._worker, self._options = worker, options
        self._local: Encoder | None = None
        try:
            worker.kind.check(movie, **options)
            super().__init__(path, movie)
        except BaseException:
            worker.stop()
            raise

    def _reserve(self, path: Path) -> Partial:
        return self._worker.kind.place(path)

    def _start(self) -> None:
        self._resources.callback(self._worker.stop)
        try:
            self._worker.begin(self._partial, self.movie, self._options)
        except OSError:
            self._worker.stop()  # then it does not answer, and this process encodes

    def _write(self, frame: Frame) -> None:
        if not self.written and not self._worker.answers():
            self._encode_here()
        if self._local is None:
            self._worker.send(frame)
        else:
            self._local.write(frame)

    def _encode_here(self) -> None:
        self._worker.stop()
        place = Borrowed(self.path, self._partial.path)
        self._local = self._worker.kind(place, self.movie, **self._options)
        self._resources.callback(self._local.abort)

    def _finish(self) -> float:
        if self._local is None:
            return self._worker.finish()
        self._local.close()
        return self._local.duration

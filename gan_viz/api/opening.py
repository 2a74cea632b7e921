"""Opening recordings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

__all__ = ["drawable", "open_recording"]


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Open a recording, complete or still being written; a context manager.

    Raises
    ------
    RecordingError
        There is none, or it cannot be read.
    """
    return Recording(path)


@contextmanager
def drawable(recording: str | os.PathLike[str] | Recording) -> Iterator[Recording]:
    """Open a recording with at least one frame; leave open what was open before.

    Raises
    ------
    RecordingError
        There is none, it cannot be read, or it holds no frames.
    """
    if not isinstance(recording, Recording):
        with Recording(recording) as opened, drawable(opened) as checked:
            yield checked
        return
    if not len(recording):
        raise RecordingError(f"{recording.path}: it holds no frames, so there is nothing to draw")
    yield recording

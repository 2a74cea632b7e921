"""Looking into recordings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

__all__ = ["drawable", "open_recording"]


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Open a recording, complete or still being written.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Recording
        A context manager.

    Raises
    ------
    RecordingError
        There is none, or it cannot be read.
    """
    return Recording(path)


@contextmanager
def drawable(recording: str | os.PathLike[str] | Recording) -> Iterator[Recording]:
    """Open a recording unless it is open already; close it only then.

    Parameters
    ----------
    recording : path-like or Recording

    Yields
    ------
    Recording
        With at least one frame.

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

"""Looking into recordings."""

from __future__ import annotations

import os

from gan_viz.recording import Recording

__all__ = ["open_recording"]


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

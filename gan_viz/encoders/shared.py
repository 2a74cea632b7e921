"""Memory that two processes share, for frames on their way from one to the other.

It has no name, so nothing of it can be left behind: the system takes it back when both are gone.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.base import Frame

__all__ = ["allocate", "anonymous", "frames_in"]


def anonymous() -> BinaryIO:
    """Open an empty file without a name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("gan-viz-frames"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def allocate(file: BinaryIO, size: int) -> None:
    """Make a file so many bytes long.

    Raises
    ------
    OSError
        If there is no room.  It is told here: whoever finds out in shared memory is killed.
    """
    blank = bytes(min(size, 1 << 20))
    file.writelines(blank[: size - start] for start in range(0, size, len(blank)))


def frames_in(file: BinaryIO, count: int, height: int, width: int) -> list[Frame]:
    """Map so many frames, shape (height, width, 3), that lie one after another in a file."""
    memory = mmap.mmap(file.fileno(), count * height * width * 3)
    frames: NDArray[np.uint8] = np.frombuffer(memory, np.uint8).reshape(count, height, width, 3)
    return list(frames)

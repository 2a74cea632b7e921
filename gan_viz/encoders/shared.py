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
from gan_viz.encoders.changes import Changed

__all__ = ["Slots", "anonymous", "enlarge"]

_CHANGE = 8
"""Bytes of a pixel that changed: four for its place, four for its color."""


def anonymous() -> BinaryIO:
    """Open an empty file without a name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("gan-viz-frames"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def enlarge(file: BinaryIO, size: int) -> None:
    """Make a file of `anonymous` so many bytes long.

    Raises
    ------
    OSError
        If there is no room.
    """
    if hasattr(os, "memfd_create"):
        file.truncate(size)
        return
    # On a disk room is taken now: who finds out in shared memory that there is none is killed.
    blank = bytes(min(size, 1 << 20))
    file.writelines(blank[: size - start] for start in range(0, size, len(blank)))


class Slots:
    """Places in shared memory for one frame each, or for what changed from one to the next.

    Parameters
    ----------
    file : file
        From `anonymous`.
    width, height : int
        Of a frame.
    whole, changes : int
        How many places for frames there are, and how many for changes.
    """

    def __init__(self, file: BinaryIO, width: int, height: int, whole: int, changes: int) -> None:
        pixels = width * height
        size = pixels * (3 * whole + _CHANGE * changes)
        if os.fstat(file.fileno()).st_size < size:
            enlarge(file, size)
        memory = np.frombuffer(mmap.mmap(file.fileno(), size), np.uint8)
        first = pixels * _CHANGE * changes
        self.frames: list[Frame] = list(memory[first:].reshape(whole, height, width, 3))
        self._changes = memory[:first].view(np.uint32).reshape(changes, 2, pixels)

    def put(self, slot: int, changed: Changed) -> int:
        """Put changes into a place; return how many pixels they are."""
        count = len(changed.places)
        self._changes[slot, 0, :count] = changed.places
        self._changes[slot, 1, :count] = changed.codes
        return count

    def changed(self, slot: int, count: int) -> Changed:
        """Changes of so many pixels that were put into a place."""
        places: NDArray[np.intp] = self._changes[slot, 0, :count].astype(np.intp)
        return Changed(places, self._changes[slot, 1, :count])

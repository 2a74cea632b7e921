"""What changed from one frame to the next.

On a line plot few pixels do: 2% from frame to frame.  Looking at all of them is what takes time,
so frames are compared eight bytes at a time and only what differs is looked at closely.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.base import Frame
from gan_viz.encoders.palette import pack

_GROUP = 24
"""Bytes of a group: three words of eight bytes, eight pixels."""

_MANY = 0.25
"""Share of changed words from which it is quicker to look at all pixels."""


class Changed(NamedTuple):
    """The pixels that changed.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Their positions in the flattened picture, ascending.
    codes : ndarray of uint32, shape (n,)
        Their new colors, packed.
    """

    places: NDArray[np.intp]
    codes: NDArray[np.uint32]


class Changes:
    """Tells which pixels of a frame differ from the frame before; of the first, all do.

    Examples
    --------
    >>> changes, frame = Changes(), np.zeros((2, 2, 3), dtype=np.uint8)
    >>> changes.of(frame).places
    array([0, 1, 2, 3])
    >>> frame[1, 0] = 255
    >>> changes.of(frame)
    Changed(places=array([2]), codes=array([16777215], dtype=uint32))
    """

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None

    def of(self, frame: Frame) -> Changed:
        """Compare a frame, shape (height, width, 3 or 4), with the one before, and remember it."""
        now = np.ascontiguousarray(frame).reshape(-1)
        if frame.shape[-1] == 4:
            return self._with_opacity(now.view("<u4"))
        before = self._before
        if before is None:
            self._before = now.copy()
            return Changed(np.arange(len(now) // 3), pack(now))
        end = len(now) - len(now) % _GROUP
        words = np.flatnonzero(now[:end].view(np.uint64) != before[:end].view(np.uint64))
        if len(words) > _MANY * end / 8:
            return _all(now, before)
        near = _near(now[:end], before[:end], _groups(words))
        rest = _all(now[end:], before[end:])
        return Changed(
            np.concatenate([near.places, rest.places + end // 3]),
            np.concatenate([near.codes, rest.codes]),
        )

    def _with_opacity(self, now: NDArray[np.uint32]) -> Changed:
        """The same for packed colors whose highest byte is the opacity."""
        before, self._before = self._before, now.copy().view(np.uint8)
        if before is None:
            return Changed(np.arange(len(now)), now.copy())
        places = np.flatnonzero(now != before.view("<u4"))
        return Changed(places, now[places])


def _groups(words: NDArray[np.intp]) -> NDArray[np.intp]:
    """Find the groups that words, ascending, belong to."""
    groups = words // 3
    first = np.ones(len(groups), dtype=np.bool_)
    np.not_equal(groups[1:], groups[:-1], out=first[1:])
    return groups[first]


def _near(new: NDArray[np.uint8], old: NDArray[np.uint8], groups: NDArray[np.intp]) -> Changed:
    """Compare the pixels of some groups, and take them over."""
    # A group as one item: it is copied as a whole.
    new, old = (flat.view(f"V{_GROUP}") for flat in (new, old))
    taken = new.take(groups)
    codes = pack(taken.view(np.uint8))
    differ = np.flatnonzero(codes != pack(old.take(groups).view(np.uint8)))
    old[groups] = taken
    places = 8 * groups.take(differ >> 3) + (differ & 7)
    return Changed(places, codes[differ])


def _all(new: NDArray[np.uint8], old: NDArray[np.uint8]) -> Changed:
    """Compare all pixels, and take them over."""
    codes = pack(new)
    places = np.flatnonzero(codes != pack(old))
    old[:] = new
    return Changed(places, codes[places])


class Box(NamedTuple):
    """A rectangle of pixels: from (left, top), width by height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index that cuts it out of a picture."""
        rows = slice(self.top, self.top + self.height)
        return rows, slice(self.left, self.left + self.width)


def bounds(places: NDArray[np.intp], width: int) -> Box:
    """Find the smallest rectangle around some pixels of a picture of that width.

    `places`, shape (n,), are positions in the flattened picture, ascending, at least one.

    Examples
    --------
    >>> bounds(np.array([12, 23]), 10)
    Box(left=2, top=1, width=2, height=2)
    """
    columns = places - places // width * width  # several times as fast as the remainder
    left, right = int(columns.min()), int(columns.max()) + 1
    top, bottom = int(places[0]) // width, int(places[-1]) // width + 1
    return Box(left, top, right - left, bottom - top)

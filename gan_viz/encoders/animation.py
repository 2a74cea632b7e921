"""Base of the animated pictures: GIF, APNG, WebP.

Their containers are alike: a header, then images, each laid over the one before at some place and
shown for some time.  An image stores the rectangle that changed, and in it the pixels that did
not change are transparent; equal neighbors become one image that is shown longer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.changes import Box, Changed, Changes, bounds
from gan_viz.encoders.timing import Ticks
from gan_viz.errors import UsageError

_OPAQUE = np.uint32(0xFF000000)


class Patch(NamedTuple):
    """An image of the file, complete but for its delay.

    Attributes
    ----------
    box : Box
        Where it lies.
    data : callable () -> bytes
        Its pixels, compressed, when they are.
    over : bool
        Whether some pixels are transparent and leave what was there.
    """

    box: Box
    data: Callable[[], bytes]
    over: bool


class AnimatedEncoder(Encoder):
    """Writes images one after another, each when its delay is known."""

    clock: ClassVar[Ticks]
    """How the format counts time."""

    fastest: ClassVar[float]
    """Frames per second that players still show as fast as that."""

    reason: ClassVar[str]
    """Why they are no more."""

    plays: ClassVar[int]
    """The most that can be stored."""

    @classmethod
    def check(cls, clip: Clip, **options: object) -> None:
        """Refuse sizes, frame rates and numbers of plays that the format cannot have.

        Raises
        ------
        UsageError
            With the reason.
        """
        super().check(clip, **options)
        name = " ".join(cls.suffixes)
        if clip.fps > cls.fastest:
            raise UsageError(
                f"fps {clip.fps:g} is too fast for {name}: {cls.reason}; "
                f"use at most {cls.fastest:g} fps, or write .mp4"
            )
        if clip.loop > cls.plays:
            raise UsageError(f"loop {clip.loop} is too often for {name}: give 0 (for ever)")

    def _start(self) -> None:
        self._file: BinaryIO = self._resources.enter_context(self._partial.open())
        self._changes = Changes()
        self._pending: Patch | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._clock = 0

    def work_ahead(self) -> None:
        """Compress in a thread, without Python's lock, while the next frame is looked at."""
        self._pool = self._resources.enter_context(ThreadPoolExecutor(1))

    def _compressing(
        self, compress: Callable[[NDArray[np.uint8]], bytes], pixels: NDArray[np.uint8]
    ) -> Callable[[], bytes]:
        """Begin to compress pixels that stay as they are; return what waits for the result."""
        if self._pool is not None:
            return self._pool.submit(compress, pixels).result
        data = compress(pixels)
        return lambda: data

    def _write(self, frame: Frame) -> None:
        self._advance(self._changes.of(frame))

    def write_changed(self, changed: Changed) -> None:
        """Append a frame of which is known what changed: of the first, everything.

        Who calls this calls `write` for no frame.

        Raises
        ------
        OutputError
            If it cannot be written; nothing is left behind then.
        """
        with self._adding():
            self._advance(changed)

    def _advance(self, changed: Changed) -> None:
        picture = self._picture(changed) if len(changed.places) else None
        if picture is not None:
            self._flush(self.clock.moment(self.written, self.clip.fps))
            self._pending = picture

    def _finish(self) -> float:
        self._flush(self.clock.moment(self.written, self.clip.fps, self.clip.hold))
        self._end()
        return self._clock / self.clock.rate

    def _flush(self, now: int) -> None:
        """Write the picture that was shown until now: only now its delay is known."""
        if self._pending is None:
            return
        delay, *rest = self.clock.split(now - self._clock)
        self._put(self._pending, delay)
        for delay in rest:
            self._put(self._nothing(), delay)
        self._clock = now

    @abstractmethod
    def _picture(self, changed: Changed) -> Patch | None:
        """Compress what changed; None if it does not show."""

    @abstractmethod
    def _nothing(self) -> Patch:
        """Change nothing: carries time that is too long for one delay."""

    @abstractmethod
    def _put(self, picture: Patch, delay: int) -> None:
        """Write a picture, to be shown for so many ticks."""

    @abstractmethod
    def _end(self) -> None:
        """Write what comes after the last picture."""


class TruecolorEncoder(AnimatedEncoder):
    """Writes images of all colors, losslessly, with an alpha channel."""

    alpha: ClassVar[bool] = True
    even: ClassVar[bool] = False
    """Whether images may lie at even places only."""

    def _start(self) -> None:
        super()._start()
        size = (self.clip.height, self.clip.width)
        self._overlay = np.zeros(size, dtype="<u4")
        self._begin()

    def _picture(self, changed: Changed) -> Patch:
        places, codes = changed
        box = bounds(places, self.clip.width)
        box = _even(box) if self.even else box
        overlay = self._overlay.reshape(-1)
        overlay[places] = codes if self.clip.alpha else codes | _OPAQUE
        data = self._compressing(self._compressed, _channels(self._overlay[box.slices]))
        if self.clip.alpha:  # what is stored replaces what was there: all of it is kept
            return Patch(box, data, over=False)
        overlay[places] = 0
        return Patch(box, data, over=len(places) < box.width * box.height)

    def _nothing(self) -> Patch:
        pixels = np.zeros((1, 1, 4), dtype=np.uint8)
        return Patch(Box(0, 0, 1, 1), self._compressing(self._compressed, pixels), over=True)

    @abstractmethod
    def _begin(self) -> None:
        """Write the header."""

    @abstractmethod
    def _compressed(self, pixels: NDArray[np.uint8]) -> bytes:
        """Compress pixels, shape (height, width, 4): red, green, blue, alpha."""


def _channels(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return codes.copy().view(np.uint8).reshape(*codes.shape, 4)


def _even(box: Box) -> Box:
    right, bottom = box.left + box.width, box.top + box.height
    left, top = box.left - box.left % 2, box.top - box.top % 2
    return Box(left, top, right - left, bottom - top)

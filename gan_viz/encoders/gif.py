"""Animated GIF: one palette, only what changed, exact timing.

The container is written here, after the GIF89a specification (CompuServe 1990,
https://www.w3.org/Graphics/GIF/spec-gif89a.txt); the LZW compression is Pillow's.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.base import Encoder, Frame, Movie
from gan_viz.encoders.palette import LIMIT, Palette, build, distinct, pack
from gan_viz.encoders.timing import centiseconds, check_fps, split
from gan_viz.errors import UsageError

__all__ = ["GifEncoder"]

_TRANSPARENT = 0
"""Palette index that leaves a pixel as it was; `Palette` uses it for no color."""

_LEAVE_IN_PLACE = 1 << 2
"""Disposal method 1."""

_BRIDGE = 64
"""The longest gap, in pixels, that is filled; longer ones gain nothing."""

_MOST_PLAYS = 65536
"""The first one and 16 bits of repetitions."""


class GifEncoder(Encoder):
    """Writes an animated GIF.

    All frames share one palette.  A frame stores the rectangle that changed, and in it only the
    pixels that changed; equal neighbors become one image that is shown longer.

    Parameters
    ----------
    path, movie
        As for `Encoder`.  Without samples the palette is built from the first frame.
    opaque : bool, default False
        Store every frame in full, for viewers that mishandle frames laid over the one before.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".gif",)

    def __init__(self, path: Path, movie: Movie, *, opaque: bool = False) -> None:
        self.opaque = opaque
        self._screen: _Screen | None = None
        self._pending: _Picture | None = None
        self._clock = 0
        super().__init__(path, movie)

    @classmethod
    def check(cls, movie: Movie) -> None:
        """Refuse more than 50 fps, 65535 pixels a side, 255 exact colors or 65536 plays.

        Raises
        ------
        UsageError
            With the reason.
        """
        super().check(movie)
        check_fps(movie.fps)
        count = len(distinct(movie.colors))
        if count > LIMIT:
            raise UsageError(f"{count} exact colors are too many for a GIF: give at most {LIMIT}")
        if movie.loop > _MOST_PLAYS:
            raise UsageError(f"loop {movie.loop} is too often for a GIF: give 0 (for ever) instead")

    def _start(self) -> None:
        self._file: BinaryIO = self._resources.enter_context(self._partial.path.open("wb"))

    def _write(self, frame: Frame) -> None:
        screen = self._screen or self._begin(frame)
        changed = screen.show(frame)
        if not len(changed):
            return
        self._flush(centiseconds(self.written, self.movie.fps))
        self._pending = screen.whole() if self.opaque else screen.patch(changed)

    def _begin(self, frame: Frame) -> _Screen:
        samples = self.movie.samples if len(self.movie.samples) else [frame]
        palette = build(self.movie.colors, samples)
        self._file.write(_header(self.movie, palette))
        self._screen = _Screen(palette, self.movie.width, self.movie.height)
        return self._screen

    def _finish(self) -> float:
        self._flush(centiseconds(self.written, self.movie.fps, self.movie.hold))
        self._file.write(b";")
        return self._clock / 100

    def _flush(self, now: int) -> None:
        """Write the picture that was shown until now: only now its delay is known."""
        if self._pending is None:
            return
        delay, *rest = split(now - self._clock)
        self._file.write(self._pending.encoded(delay))
        for delay in rest:
            self._file.write(_nothing().encoded(delay))
        self._clock = now


class _Screen:
    """What a player shows after the frames so far, in palette indices."""

    def __init__(self, palette: Palette, width: int, height: int) -> None:
        self._palette = palette
        self._indices = np.zeros((height, width), dtype=np.uint8)
        self._overlay = np.full((height, width), _TRANSPARENT, dtype=np.uint8)
        # No color has this code, so every pixel of the first frame is new.
        self._codes = np.full(height * width, 0xFFFFFFFF, dtype=np.uint32)
        self._spare = np.empty_like(self._codes)

    def show(self, frame: Frame) -> NDArray[np.intp]:
        """Take over a frame; return the positions, ascending, where the picture changed."""
        codes = pack(frame, out=self._spare)
        places: NDArray[np.intp] = np.flatnonzero(codes != self._codes)
        self._codes, self._spare = codes, self._codes
        new = self._palette.indices(codes[places])
        shown = self._indices.reshape(-1)
        differ = new != shown[places]
        places = places[differ]
        shown[places] = new[differ]
        return places

    def whole(self) -> _Picture:
        """Encode all pixels."""
        return _Picture.of(0, 0, self._indices, transparent=False)

    def patch(self, places: NDArray[np.intp]) -> _Picture:
        """Encode the pixels at these places and the transparent rectangle around them."""
        shown, overlay = self._indices.reshape(-1), self._overlay.reshape(-1)
        overlay[places] = shown[places]
        width = self._indices.shape[1]
        top, bottom = int(places[0]) // width, int(places[-1]) // width + 1
        columns = np.flatnonzero(self._overlay[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        filled = _bridges(shown, places)
        overlay[filled] = shown[filled]
        pixels = self._overlay[top:bottom, left:right]
        picture = _Picture.of(left, top, pixels, transparent=not pixels.all())
        overlay[places] = overlay[filled] = _TRANSPARENT
        return picture


def _bridges(shown: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Find unchanged pixels that compress better when they are stored nevertheless.

    These are the short gaps between changed pixels that only go on with the color of the pixel
    before or after them: stored, they make one run of three.  It saves 2 to 4% on line plots and
    costs nothing on pictures.

    Parameters
    ----------
    shown : ndarray of uint8, shape (n,)
        The picture, in palette indices.
    places : ndarray of int, shape (m,)
        Where it changed, ascending.

    Returns
    -------
    ndarray of int
        Places in the gaps, ascending.
    """
    length = np.diff(places) - 1
    short = np.flatnonzero((length > 0) & (length <= _BRIDGE))
    before, after, length = places[short], places[short + 1], length[short]
    starts = np.flatnonzero(shown[1:] != shown[:-1]) + 1

    def run(at: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.searchsorted(starts, at, side="right")

    same = (run(before) == run(after - 1)) | (run(before + 1) == run(after))
    before, length = before[same], length[same]
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    filled: NDArray[np.intp] = np.repeat(before + 1, length) + offset
    return filled


class _Picture(NamedTuple):
    """An image of the file, complete but for its delay."""

    transparent: bool
    data: bytes

    @classmethod
    def of(cls, left: int, top: int, pixels: NDArray[np.uint8], *, transparent: bool) -> _Picture:
        """Compress palette indices, shape (height, width)."""
        height, width = pixels.shape
        place = b"," + struct.pack("<4HB", left, top, width, height, 0)
        return cls(transparent, place + _compress(pixels))

    def encoded(self, delay: int) -> bytes:
        """Graphic control extension (section 23) and image; the delay is in 1/100 s."""
        flags = _LEAVE_IN_PLACE | self.transparent
        return struct.pack("<3sBHBB", b"!\xf9\x04", flags, delay, _TRANSPARENT, 0) + self.data


def _compress(pixels: NDArray[np.uint8]) -> bytes:
    """LZW (appendix F): the minimum code size, data sub-blocks and the terminator."""
    from PIL import Image

    bits = max(2, int(pixels.max()).bit_length())
    return bytes([bits]) + Image.fromarray(pixels).tobytes("gif", "L", bits, 0) + b"\0"


def _nothing() -> _Picture:
    """Change nothing: carries the time that is too long for one delay."""
    return _Picture.of(0, 0, np.full((1, 1), _TRANSPARENT, dtype=np.uint8), transparent=True)


def _header(movie: Movie, palette: Palette) -> bytes:
    """Signature, screen (section 18), global color table (19) and the number of plays."""
    bits = max(1, len(palette.colors).bit_length())
    screen = struct.pack("<HHBBB", movie.width, movie.height, 0xF0 | (bits - 1), _TRANSPARENT, 0)
    # The transparent entry repeats the background for viewers that paint it.
    table = np.concatenate([palette.colors[:1], palette.colors]).tobytes()
    return b"GIF89a" + screen + table.ljust(3 << bits, b"\0") + _plays(movie.loop)


def _plays(loop: int) -> bytes:
    """Netscape's application extension, which counts the repetitions after the first play.

    So 0 (for ever) is 0, playing once is no extension at all, and n plays are n - 1; see
    http://www.vurdalakov.net/misc/gif/netscape-looping-application-extension.
    """
    if loop == 1:
        return b""
    return struct.pack("<3s11sBBHB", b"!\xff\x0b", b"NETSCAPE2.0", 3, 1, max(0, loop - 1), 0)

"""Animated WebP: lossless, in every browser.

The container is written here, after RFC 9649 (2024), section 2.7; the compression is libwebp's, by
Pillow.  Its own animations, Pillow's and FFmpeg's, keep all of the file in memory until the end
(FFmpeg's: 550 MB after 2,000 frames of 320x180, 79 MB after 100), and FFmpeg's lose the hold.
"""

from __future__ import annotations

import io
import struct
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.animation import Patch, TruecolorEncoder
from gan_viz.encoders.base import Clip
from gan_viz.encoders.timing import Ticks
from gan_viz.errors import OutputError

_ALPHA, _ANIMATED = 0x10, 0x02
"""What the file contains."""

_REPLACE = 0x02
"""Do not blend with what was there."""

_SPEED = {"method": 1, "quality": 50}
"""Of libwebp's lossless compression: method 0 makes three times as large files on line plots, and
more than these take half as long again and save nothing."""


class WebpEncoder(TruecolorEncoder):
    """Writes an animated WebP, losslessly.

    Parameters
    ----------
    path, clip
        As for `Encoder`.

    Raises
    ------
    OutputError
        If this Pillow was built without WebP.
    """

    backend: ClassVar[str] = "PIL.Image"
    suffixes: ClassVar[tuple[str, ...]] = (".webp",)
    largest: ClassVar[int] = 16383
    clock: ClassVar[Ticks] = Ticks(rate=1000, longest=2**24 - 1)
    fastest: ClassVar[float] = 90.0
    reason: ClassVar[str] = "browsers show what is to last 10 ms or less for 100 ms"
    plays: ClassVar[int] = 65535
    even: ClassVar[bool] = True

    def _begin(self) -> None:
        _need_webp()
        self._file.write(_riff(0) + _canvas(self.clip))

    def _put(self, picture: Patch, delay: int) -> None:
        box = picture.box
        sides = (box.left // 2, box.top // 2, box.width - 1, box.height - 1, delay)
        flags = 0 if picture.over else _REPLACE
        head = b"".join(map(_three, sides)) + bytes([flags])
        self._file.write(_chunk(b"ANMF", head + picture.data()))

    def _end(self) -> None:
        size = self._file.tell()
        self._file.seek(0)
        self._file.write(_riff(size - 8))

    def _compressed(self, pixels: NDArray[np.uint8]) -> bytes:
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", lossless=True, **_SPEED)
        return file.getvalue()[12:]  # without its own RIFF header: one VP8L chunk


def _need_webp() -> None:
    from PIL import features

    if not features.check("webp"):
        raise OutputError(
            ".webp cannot be written: this Pillow has no WebP; reinstall it from PyPI "
            "(pip install --force-reinstall pillow)"
        )


def _riff(size: int) -> bytes:
    return struct.pack("<4sI4s", b"RIFF", size, b"WEBP")


def _canvas(clip: Clip) -> bytes:
    size = _three(clip.width - 1) + _three(clip.height - 1)
    background = clip.colors[0, ::-1].tobytes() + b"\xff" if len(clip.colors) else bytes(4)
    return _chunk(b"VP8X", struct.pack("<I", _ALPHA | _ANIMATED) + size) + _chunk(
        b"ANIM", background + struct.pack("<H", clip.loop)
    )


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)

"""Animated GIF: one palette, only what changed, exact timing.

The container is written here, after the GIF89a specification (CompuServe 1990,
https://www.w3.org/Graphics/GIF/spec-gif89a.txt); the LZW compression is Pillow's.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any, BinaryIO, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.animation import AnimatedEncoder, Patch
from gan_viz.encoders.base import Clip, Frame, Option
from gan_viz.encoders.changes import Box, Changed, bounds
from gan_viz.encoders.palette import LIMIT, Palette, build, distinct, pack, unpack
from gan_viz.encoders.timing import Ticks
from gan_viz.errors import OutputError, UsageError

_TRANSPARENT = 0
"""Palette index that leaves a pixel as it was; `Palette` uses it for no color."""

_LEAVE_IN_PLACE, _CLEAR = 1 << 2, 2 << 2
"""Disposal methods 1 and 2."""

_COLOR = np.uint32(0xFFFFFF)
"""Bits of a packed color; above them is its opacity."""

_BRIDGE = 64
"""The longest gap, in pixels, that is filled; longer ones gain nothing."""

_TRAILER = b";"

_FEWEST, _MOST = 16, 256
"""Colors of a palette, the transparent one included."""

_FOR_PICTURES = 32
"""Colors where there are pictures: with all their shades a file would be twice as large."""

_SHADES = 32
"""Flat colors from which a frame is taken to hold pictures.

Line plots of every panel, theme and size had 6 to 15 of them, enlarged gray pictures 257.
"""


class OverBudgetError(OutputError):
    """The file would be larger than it may be."""


class GifEncoder(AnimatedEncoder):
    """Writes an animated GIF.

    All frames share one palette.  A frame stores the rectangle that changed, and in it only the
    pixels that changed; equal neighbors become one image that is shown longer.

    Frames with opacity are stored in full.  A pixel of a GIF is there or not: what is partly
    transparent, like the edge of a curve, is blended with the first of the clip's colors.

    Parameters
    ----------
    path, clip
        As for `Encoder`.  Without samples the palette is built from the first frame.
    opaque : bool, default False
        Store every frame in full, for viewers that mishandle frames laid over the one before.
    colors : int, optional
        The most colors of the palette, 16 to 256, one of them the transparent one.  The exact
        colors of the clip come first; if they are too many, those that the samples show most of.
        By default 256, or 32 where the samples hold enlarged pictures, of many shades.
    max_bytes : int, default 0
        The most bytes of the file, 0 = any number.
    lossy : int, default 0
        Pixels that would change by at most so many levels of 255 in each channel stay as they are,
        until they are farther off: the signal-to-noise ratio of what is kept is at least
        ``20 log10(255 / lossy)`` dB (30 dB of 8, 24 dB of 16). 0 to 64.

    Raises
    ------
    OverBudgetError
        From `write` or `close`, as soon as the file is larger than that.
    """

    backend: ClassVar[str] = "PIL.Image"
    suffixes: ClassVar[tuple[str, ...]] = (".gif",)
    alpha: ClassVar[bool] = True
    looks_ahead: ClassVar[bool] = True
    clock: ClassVar[Ticks] = Ticks(rate=100, longest=65535)
    fastest: ClassVar[float] = 50.0
    reason: ClassVar[str] = (
        "its delays are multiples of 10 ms and players slow delays below 20 ms down to 100 ms"
    )
    plays: ClassVar[int] = 65536
    """The first one and 16 bits of repetitions."""

    known_options: ClassVar[Mapping[str, Option]] = {
        "opaque": Option(False, lambda opaque: opaque in (False, True), "True or False"),
        "colors": Option(
            None, lambda count: _FEWEST <= count <= _MOST, f"{_FEWEST} to {_MOST} colors"
        ),
        "max_bytes": Option(0, lambda size: size >= 0, "bytes, or 0 for any number"),
        "lossy": Option(0, lambda levels: 0 <= levels <= 64, "0 to 64 levels"),
    }

    @classmethod
    def check(cls, clip: Clip, **options: Any) -> None:
        """Refuse more than 50 fps, 65535 pixels a side, 255 exact colors or 65536 plays.

        Raises
        ------
        UsageError
            With the reason; also for unusable options.
        """
        super().check(clip, **options)
        count = len(distinct(clip.colors))
        if count > LIMIT:
            raise UsageError(f"{count} exact colors are too many for a GIF: give at most {LIMIT}")

    def _start(self) -> None:
        super()._start()
        self._screen: _Screen | None = None
        self._scratch: BinaryIO | None = None

    def work_ahead(self) -> None:
        """Compress in a thread: Pillow lets go of Python's lock where it writes to a file."""
        super().work_ahead()
        with contextlib.suppress(OSError):  # without one it works too
            scratch = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the encoder
            self._scratch = self._resources.enter_context(scratch)

    def _picture(self, changed: Changed) -> Patch | None:
        if self._screen is None:
            self._screen = self._begin(changed)
        stored = self._screen.picture(self._flat(changed), opaque=self.options["opaque"])
        if stored is None:
            return None
        box, pixels = stored
        over = self.clip.alpha or not pixels.all()  # so that players clear to nothing, not to white
        return Patch(box, self._compressing(self._compressed, pixels), over)

    def _flat(self, changed: Changed) -> Changed:
        if not self.clip.alpha:
            return changed
        return Changed(changed.places, _blended(changed.codes, self._paper))

    @property
    def _paper(self) -> NDArray[np.uint8]:
        """What shines through where something is partly transparent."""
        colors = self.clip.colors
        return colors[0] if len(colors) else np.full(3, 255, dtype=np.uint8)

    def _samples(self, first: Changed) -> Sequence[Frame]:
        """Opaque pictures that the palette is built from."""
        size = self.clip.height, self.clip.width
        if not self.clip.samples:
            return [unpack(self._flat(first).codes).reshape(*size, 3)]
        if not self.clip.alpha:
            return self.clip.samples
        codes = (np.ascontiguousarray(sample).view("<u4") for sample in self.clip.samples)
        return [unpack(_blended(c.ravel(), self._paper)).reshape(*size, 3) for c in codes]

    def _begin(self, first: Changed) -> _Screen:
        samples = self._samples(first)
        most = self.options["colors"] or (_FOR_PICTURES if _has_pictures(samples) else _MOST)
        palette = build(self.clip.colors, samples, limit=most - 1)
        self._file.write(_header(self.clip, palette))
        size = self.clip.width, self.clip.height
        return _Screen(palette, *size, self.options["lossy"], self.clip.alpha)

    def _nothing(self) -> Patch:
        if self.clip.alpha and self._pending is not None:  # the picture before was cleared
            return self._pending
        pixel = np.full((1, 1), _TRANSPARENT, dtype=np.uint8)
        return Patch(Box(0, 0, 1, 1), self._compressing(self._compressed, pixel), over=True)

    def _compressed(self, pixels: NDArray[np.uint8]) -> bytes:
        """LZW (appendix F): the minimum code size, data sub-blocks and the terminator."""
        bits = max(2, int(pixels.max()).bit_length())
        return bytes([bits]) + _lzw(pixels, bits, self._scratch) + b"\0"

    def _put(self, picture: Patch, delay: int) -> None:
        disposal = _CLEAR if self.clip.alpha else _LEAVE_IN_PLACE
        self._file.write(_image(picture, delay, disposal))
        self._keep_to_budget()

    def _end(self) -> None:
        self._file.write(_TRAILER)
        self._keep_to_budget()

    def _keep_to_budget(self) -> None:
        budget = self.options["max_bytes"]
        if budget and self._file.tell() > budget:
            raise OverBudgetError(
                f"{self.path} was not written: it would have more than {budget:,} bytes; "
                "give fewer frames or colors, a smaller size or a larger budget"
            )


def _has_pictures(samples: Sequence[Frame]) -> bool:
    """Whether many colors fill squares of two by two pixels.

    So does each pixel of an enlarged picture, while the blends on the edges of curves and letters
    are one pixel wide.
    """
    shades: set[int] = set()
    for sample in samples:
        codes = pack(np.ascontiguousarray(sample)).reshape(sample.shape[:2])
        corner = codes[:-1, :-1]
        flat = (corner == codes[1:, :-1]) & (corner == codes[:-1, 1:]) & (corner == codes[1:, 1:])
        # Of each area the left border is enough, and is sorted much more quickly.
        border = flat[:, 1:] & (corner[:, 1:] != corner[:, :-1])
        shades.update(np.unique(corner[:, 1:][border]).tolist())
        if len(shades) > _SHADES:
            return True
    return False


_Stored: TypeAlias = tuple[Box, NDArray[np.uint8]]
"""A rectangle, and the indices in it."""


class _Screen:
    """What a player shows after the frames so far, in palette indices."""

    def __init__(
        self, palette: Palette, width: int, height: int, lossy: int = 0, alpha: bool = False
    ) -> None:
        self._palette, self._alpha = palette, alpha
        self._apart = _apart(palette.colors, lossy) if lossy else None
        self._box = Box(0, 0, width, height)
        self._indices = np.zeros((height, width), dtype=np.uint8)
        self._overlay = np.full((height, width), _TRANSPARENT, dtype=np.uint8)
        self._begins = np.zeros(height * width, dtype=np.bool_)

    def picture(self, changed: Changed, *, opaque: bool) -> _Stored | None:
        """Take over what changed; return what is to be stored, None if it does not show."""
        places = self._show(changed)
        if not len(places):
            return None
        whole = opaque or self._alpha
        return (self._box, self._indices.copy()) if whole else self._patch(places)

    def _show(self, changed: Changed) -> NDArray[np.intp]:
        """Take over what changed; return the positions, ascending, where it shows."""
        places, codes = changed
        new = self._palette.indices(codes & _COLOR if self._alpha else codes)
        if self._alpha:
            new[codes & ~_COLOR == 0] = _TRANSPARENT
        shown = self._indices.reshape(-1)
        old = shown[places]
        differ = new != old if self._apart is None else self._apart[old, new]
        visible: NDArray[np.intp] = places[differ]
        shown[visible] = new[differ]
        return visible

    def _patch(self, places: NDArray[np.intp]) -> _Stored:
        """The pixels at these places in the transparent rectangle around them."""
        shown, overlay = self._indices.reshape(-1), self._overlay.reshape(-1)
        box = bounds(places, self._box.width)
        overlay[places] = shown[places]
        np.not_equal(shown[1:], shown[:-1], out=self._begins[1:])
        filled = _bridges(self._begins, places)
        overlay[filled] = shown[filled]
        pixels = self._overlay[box.slices].copy()
        overlay[places] = overlay[filled] = _TRANSPARENT
        return box, pixels


def _apart(colors: NDArray[np.uint8], levels: int) -> NDArray[np.bool_]:
    """Whether two indices differ by more levels than allowed, and those of nothing from all."""
    apart = np.ones((len(colors) + 1, len(colors) + 1), dtype=np.bool_)
    wide = colors.astype(np.int16)
    apart[1:, 1:] = np.abs(wide[:, None] - wide).max(axis=2) > levels
    return apart


def _bridges(begins: NDArray[np.bool_], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Find unchanged pixels that compress better when they are stored nevertheless.

    These are the short gaps between changed pixels that only go on with the color of the pixel
    before or after them: stored, they make one run of three.  It saves 2 to 4% on line plots and
    costs nothing on pictures.

    `begins`, shape (n,), tells whether a pixel differs from the one before; `places`, shape (m,),
    where the picture changed, ascending.  The places in the gaps are ascending too.
    """
    length = np.diff(places) - 1
    short = np.flatnonzero((length > 0) & (length <= _BRIDGE))
    length, first = length[short], places[short] + 1
    edges = np.stack([first, first + length], axis=-1).reshape(-1)
    flags = begins.view(np.uint8)
    # Runs that begin within each gap; a gap is too short for the sum to overflow.
    inside = np.add.reduceat(flags, edges, dtype=np.uint8)[::2]
    same = (inside == 0) | (inside + flags[first + length] == flags[first])
    first, length = first[same], length[same]
    ends = np.cumsum(length)
    filled: NDArray[np.intp] = np.arange(length.sum()) + np.repeat(first - ends + length, length)
    return filled


def _blended(codes: NDArray[np.uint32], paper: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Lay packed colors with opacity on a paper; all but what was invisible becomes opaque."""
    opacity = (codes >> 24).astype(np.float32)[:, None] / 255
    blended = np.rint(opacity * unpack(codes) + (1 - opacity) * paper).astype(np.uint8)
    return pack(blended) | np.where(opacity[:, 0] > 0, ~_COLOR, np.uint32(0))


def _image(picture: Patch, delay: int, disposal: int) -> bytes:
    """Graphic control extension (section 23) and image; the delay is in 1/100 s."""
    flags = disposal | picture.over
    control = struct.pack("<3sBHBB", b"!\xf9\x04", flags, delay, _TRANSPARENT, 0)
    return control + b"," + struct.pack("<4HB", *picture.box, 0) + picture.data()


def _lzw(pixels: NDArray[np.uint8], bits: int, scratch: BinaryIO | None) -> bytes:
    """Compress pixels to data sub-blocks, by way of a file if there is one."""
    from PIL import Image, ImageFile

    image, arguments = Image.fromarray(pixels), ("L", bits, 0)
    if scratch is None:
        return image.tobytes("gif", *arguments)
    scratch.seek(0)
    scratch.truncate()
    # What Pillow's own formats, and those that others add to it, are written by.
    tile = ImageFile._Tile("gif", (0, 0, *image.size), 0, arguments)  # noqa: SLF001
    ImageFile._save(image, scratch, [tile])  # noqa: SLF001
    scratch.seek(0)
    return scratch.read()


def _header(clip: Clip, palette: Palette) -> bytes:
    """Signature, screen (section 18), global color table (19) and the number of plays."""
    bits = max(1, len(palette.colors).bit_length())
    screen = struct.pack("<HHBBB", clip.width, clip.height, 0xF0 | (bits - 1), _TRANSPARENT, 0)
    # The transparent entry repeats the background for viewers that paint it.
    table = np.concatenate([palette.colors[:1], palette.colors]).tobytes()
    return b"GIF89a" + screen + table.ljust(3 << bits, b"\0") + _plays(clip.loop)


def _plays(loop: int) -> bytes:
    """Netscape's application extension, which counts the repetitions after the first play.

    So 0 (for ever) is 0, playing once is no extension at all, and n plays are n - 1; see
    http://www.vurdalakov.net/misc/gif/netscape-looping-application-extension.
    """
    if loop == 1:
        return b""
    return struct.pack("<3s11sBBHB", b"!\xff\x0b", b"NETSCAPE2.0", 3, 1, max(0, loop - 1), 0)

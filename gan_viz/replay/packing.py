"""Numbers for the page: quantised, as differences of neighbours, in one compressed block.

The block is gzip of ``length of the JSON (4 bytes, little-endian), JSON, bytes of all arrays``; the
JSON says of each array where it is and how it is coded. `web/unpack.js` reads it.
"""

from __future__ import annotations

import gzip
import json
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVELS = 16384
"""Levels of a scale: half a level is 0.033 pixels of a picture 1080 pixels high."""
NEAR = 6
"""Levels of 255 that a pixel may be off before it changes, where low bits are lost."""
PACKED = 6
"""Level of compression: the highest takes seven times as long, and 6 % off."""
MISSING = 65535
"""What stands for NaN among quantised values."""


class Packed(dict[str, Any]):
    """What the JSON says of an array: how it is coded, and which of the block's it is."""


class Block:
    """Collects arrays, each described by a `Packed` for the JSON, and compresses all together.

    With `exactly`, curves are not put on levels of a scale, which few of them gain nothing from.
    """

    def __init__(self, *, exactly: bool = False) -> None:
        self._exactly = exactly
        self._parts: list[bytes] = []

    def exact(self, values: ArrayLike) -> Packed:
        """Numbers as float32, NaN and infinity included."""
        with np.errstate(over="ignore"):  # to infinity
            array = np.asarray(values, np.float32)
        return self._add("f4", array.shape, array.astype("<f4").tobytes())

    def whole(self, values: ArrayLike) -> Packed:
        """Whole numbers below 2^53, as float64: `Float64Array` is what JavaScript counts with."""
        array = np.asarray(values, np.float64)
        return self._add("f8", array.shape, array.astype("<f8").tobytes())

    def curves(self, values: ArrayLike, low: float, high: float) -> Packed:
        """Numbers on a scale of `LEVELS` levels from `low` to `high`; NaN stays NaN.

        Values up to 3.9 scales above the lower end are kept, farther ones are cut there; those
        below it are cut at it.  Along the last axis they become second differences, which are small
        where curves are smooth; the low and the high bytes of all stand together.
        """
        if self._exactly:
            return self.exact(values)
        array = np.asarray(values, np.float64)
        step = (high - low) / LEVELS or 1.0
        with np.errstate(invalid="ignore"):
            levels = np.round((array - low) / step).clip(0, MISSING - 1)
        levels = np.where(np.isnan(array), MISSING, levels)
        rest = levels.astype(np.uint16)
        for _ in range(2):
            rest = np.diff(rest, axis=-1, prepend=np.uint16(0))
        signed = rest.view(np.int16)
        zigzag = ((signed << 1) ^ (signed >> 15)).astype("<u2")
        data = np.ascontiguousarray(zigzag.reshape(-1)).view(np.uint8).reshape(-1, 2).T.tobytes()
        return self._add("q2", array.shape, data, low=low, step=step)

    def pictures(self, values: NDArray[np.uint8], drop: int = 0) -> Packed:
        """Bytes, as differences along the first axis; their `drop` low bits, 0 to 3, are lost.

        Then a pixel also stays as it is until it is more than `NEAR` levels of 255 off, as in a
        video: so noise is not packed.
        """
        coarse = _steady(values, drop) if drop else values
        data = np.diff(coarse, axis=0, prepend=np.uint8(0)).astype(np.uint8).tobytes()
        return self._add("u1", values.shape, data, drop=drop)

    def compressed(self, about: dict[str, Any]) -> bytes:
        """The block: what the JSON says, and the arrays that it names."""
        arrays, places = bytearray(), dict[bytes, int]()
        text = json.dumps(
            self._told(about, arrays, places), separators=(",", ":"), ensure_ascii=False
        )
        data = text.encode("utf-8", "replace")  # half a surrogate pair is no text
        whole = b"".join([len(data).to_bytes(4, "little"), data, arrays])
        return gzip.compress(whole, PACKED, mtime=0)

    def _add(self, kind: str, shape: tuple[int, ...], data: bytes, **more: float) -> Packed:
        self._parts.append(data)
        return Packed(kind=kind, shape=list(shape), at=len(self._parts) - 1, **more)

    def _told(self, value: Any, arrays: bytearray, places: dict[bytes, int]) -> Any:
        """The same for JSON: numbers that it does not have become null.

        The bytes of an array are appended to `arrays`, unless the same are there already, as those
        of the data are that several runs learn; it says where they begin, as does `places`.
        """
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Packed):
            data = self._parts[value["at"]]
            if data not in places:
                places[data] = len(arrays)
                arrays += data
            return {**value, "at": places[data]}
        if isinstance(value, dict):
            return {str(key): self._told(one, arrays, places) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._told(one, arrays, places) for one in value]
        return value


def _steady(values: NDArray[np.uint8], drop: int) -> NDArray[np.uint8]:
    """High bits of each frame, or those of the frame before where these are near enough."""
    coarse = (values >> drop).astype(np.uint8)
    for number in range(1, len(coarse)):
        before = coarse[number - 1]
        shown = (before << drop) | (before >> (8 - 2 * drop))
        near = np.abs(values[number].astype(np.int16) - shown) <= NEAR
        coarse[number] = np.where(near, before, coarse[number])
    return coarse

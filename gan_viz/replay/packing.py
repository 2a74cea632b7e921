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

__all__ = ["LEVELS", "MISSING", "Block"]

LEVELS = 16384
"""Levels of a scale: half a level is 0.033 pixels of a picture 1080 pixels high."""
NEAR = 6
"""Levels of 255 that a pixel may be off before it changes, where low bits are lost."""
MISSING = 65535
"""What stands for NaN among quantised values."""


class Block:
    """Collects arrays, each described by a dict for the JSON, and compresses all together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def exact(self, values: ArrayLike) -> dict[str, Any]:
        """Numbers as float32, NaN and infinity included."""
        array = np.asarray(values, np.float32)
        return self._add("f4", array.shape, array.astype("<f4").tobytes())

    def whole(self, values: ArrayLike) -> dict[str, Any]:
        """Whole numbers below 2^53, as float64: `Float64Array` is what JavaScript counts with."""
        array = np.asarray(values, np.float64)
        return self._add("f8", array.shape, array.astype("<f8").tobytes())

    def curves(self, values: ArrayLike, low: float, high: float) -> dict[str, Any]:
        """Numbers on a scale of `LEVELS` levels from `low` to `high`; NaN stays NaN.

        Values up to 3.9 scales above the lower end are kept, farther ones are cut there; those
        below it are cut at it.  Along the last axis they become second differences, which are small
        where curves are smooth; the low and the high bytes of all stand together.
        """
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
        return self._add("q2", array.shape, data) | {"low": low, "step": step}

    def pictures(self, values: NDArray[np.uint8], drop: int = 0) -> dict[str, Any]:
        """Bytes, as differences along the first axis; their `drop` low bits, 0 to 3, are lost.

        Then a pixel also stays as it is until it is more than `NEAR` levels of 255 off, as in a
        video: so noise is not packed.
        """
        coarse = _steady(values, drop) if drop else values
        data = np.diff(coarse, axis=0, prepend=np.uint8(0)).astype(np.uint8).tobytes()
        return self._add("u1", values.shape, data) | {"drop": drop}

    def compressed(self, about: dict[str, Any]) -> bytes:
        """The block, with what the JSON says besides."""
        text = json.dumps(_finite(about), separators=(",", ":"), ensure_ascii=False)
        data = text.encode("utf-8", "replace")  # half a surrogate pair is no text
        whole = b"".join([len(data).to_bytes(4, "little"), data, *self._parts])
        return gzip.compress(whole, 9, mtime=0)

    def _add(self, kind: str, shape: tuple[int, ...], data: bytes) -> dict[str, Any]:
        found = {"kind": kind, "shape": list(shape), "at": self._length}
        self._parts.append(data)
        self._length += len(data)
        return found


def _steady(values: NDArray[np.uint8], drop: int) -> NDArray[np.uint8]:
    """High bits of each frame, or those of the frame before where these are near enough."""
    coarse = (values >> drop).astype(np.uint8)
    for number in range(1, len(coarse)):
        before = coarse[number - 1]
        shown = (before << drop) | (before >> (8 - 2 * drop))
        near = np.abs(values[number].astype(np.int16) - shown) <= NEAR
        coarse[number] = np.where(near, before, coarse[number])
    return coarse


def _finite(value: Any) -> Any:
    """The same without numbers that JSON does not have: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value

"""Values to what stands for them in the file, and back.

Encoding checks what a user gives and raises UsageError. Decoding checks what a file holds and
raises ValueError, which :func:`~gan_viz.recording.opening.reading` makes one clear line of.
"""

from __future__ import annotations

import json
import math
import operator
import zlib
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gan_viz.errors import UsageError
from gan_viz.recording.format import DTYPES, JSON, MAX_JSON_BYTES, MAX_STEP, MOST_PACKED, Channel

LEVEL = 1
"""Of zlib: the fastest; others save little more."""
PAYS = 0.75
AGAIN = 8


def dtype_name(name: str, dtype: DTypeLike) -> str:
    """Return the plain name of an element type, such as ``"float32"`` for ``"<f4"``.

    Raises UsageError if NumPy does not know it; :class:`Channel` checks that it can be recorded.
    """
    try:
        return np.dtype(dtype).name
    except TypeError:
        raise UsageError(
            f"{name!r}: {dtype!r} is not a type of elements; use one of {', '.join(DTYPES)}"
        ) from None


def encode_json(what: str, value: JSON) -> str:
    """Write a value as ASCII JSON; NumPy's numbers and arrays become numbers and lists.

    Raises UsageError if it cannot be written or is longer than :data:`MAX_JSON_BYTES`.
    """
    try:
        text = json.dumps(value, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{what} cannot be written as JSON: {error}") from None
    if len(text) > MAX_JSON_BYTES:
        raise UsageError(
            f"{what} takes {len(text)} bytes as JSON, more than the {MAX_JSON_BYTES} that a value"
            " may have; record it with add_constant()"
        )
    return text


def _plain(value: object) -> JSON:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is neither a number, a string, a list nor a dict")


def decode_json(what: str, text: object) -> JSON:
    """Read a JSON value of a file; ValueError if it is not JSON or is too long."""
    if not isinstance(text, str) or len(text) > MAX_JSON_BYTES:
        raise ValueError(f"{what} is not a JSON text of at most {MAX_JSON_BYTES} bytes")
    try:
        value = json.loads(text)
        written = json.dumps(value, ensure_ascii=False)
        # half of a pair that makes one character: no encoding can print it
        return value if _is_text(written) else json.loads(written.encode(errors="replace"))
    except (ValueError, RecursionError):
        raise ValueError(f"{what} is not JSON") from None


def printable(text: str) -> str:
    r"""Put spaces for what cannot be printed, halves of characters among it.

    Examples
    --------
    >>> printable("a\x1bb\ud800")
    'a b '
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_array(channel: Channel, array: ArrayLike) -> bytes:
    """Return a copy of an array's elements as bytes, in C order and little-endian.

    The array must have the channel's shape and a type that casts to the channel's within the same
    kind, such as float64 to float32; else, and for integers out of range, UsageError.
    """
    given = as_array(f"channel {channel.name!r}", array)
    wanted = np.dtype(channel.dtype).newbyteorder("<")
    if given.shape != channel.shape or not np.can_cast(given.dtype, wanted, "same_kind"):
        raise UsageError(
            f"channel {channel.name!r}: expected an array of {channel.dtype} {channel.shape},"
            f" got {given.dtype} {given.shape}"
        )
    if given.dtype == wanted:
        return given.tobytes()
    _check_range(channel, given)
    with np.errstate(over="ignore"):  # a float beyond the range becomes infinite
        return given.astype(wanted).tobytes()


def _check_range(channel: Channel, array: NDArray[Any]) -> None:
    """Refuse integers that would wrap around."""
    if np.dtype(channel.dtype).kind not in "iu" or array.size == 0 or array.dtype.kind == "b":
        return
    limits = np.iinfo(channel.dtype)
    if array.min() < limits.min or array.max() > limits.max:
        raise UsageError(
            f"channel {channel.name!r}: expected integers from {limits.min} to {limits.max}"
            f" ({channel.dtype}), got {array.min()} to {array.max()}"
        )


class Packer:
    """Packs the bytes of arrays where that saves a quarter.

    Where it did not, arrays of that size are left as they are for a while: noise becomes pictures.
    """

    def __init__(self) -> None:
        self._left: dict[int, int] = {}

    def __call__(self, data: bytes) -> bytes:
        """Pack an array, or leave it as it is."""
        size = len(data)
        if self._left.get(size, 0):
            self._left[size] -= 1
            return data
        packed = zlib.compress(data, LEVEL)
        if len(packed) > PAYS * size:
            self._left[size] = AGAIN
            return data
        return packed.ljust(math.ceil(size * MOST_PACKED), b"\0")


def _unpacked(channel: Channel, data: bytes) -> bytes:
    """Unpack an array; ValueError if it is not what the channel's arrays are."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, channel.nbytes + 1)
    except zlib.error as error:
        raise ValueError(f"array of {channel.name!r}: {error}") from None
    if len(found) != channel.nbytes or not stream.eof:
        raise ValueError(f"array of {channel.name!r}: it is not {channel.nbytes} bytes long")
    return found


def decode_array(channel: Channel, data: bytes) -> NDArray[Any]:
    """Return the array that bytes stand for, read-only: ``channel.nbytes``, or fewer if packed.

    Raises ValueError if they do not, or a boolean is neither 0 nor 1.
    """
    if len(data) < channel.nbytes:
        data = _unpacked(channel, data)
    stored = np.dtype(channel.dtype).newbyteorder("<")
    if channel.dtype == "bool" and data and max(data) > 1:
        raise ValueError(f"array of {channel.name!r}: a boolean is neither 0 nor 1")
    array: NDArray[Any] = np.ndarray(channel.shape, stored, buffer=data)
    array = array.astype(channel.dtype, copy=False)
    array.flags.writeable = False
    return array


def as_steps(steps: Sequence[int] | ArrayLike) -> NDArray[np.int64]:
    """Return training steps as an int64 array; UsageError if they are not integers from 0."""
    array = np.asarray(steps)
    if array.ndim == 1 and not array.size:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise UsageError(f"steps must be a sequence of integers, not {str(steps)[:80]}")
    if array.min() < 0 or array.max() > MAX_STEP:
        wrong = array.min() if array.min() < 0 else array.max()
        raise UsageError(f"step {wrong} is not a step: they are counted from 0 to {MAX_STEP}")
    return array.astype(np.int64)


def next_step(step: SupportsIndex, last: int) -> int:
    """Return the step of a new frame, which must be greater than `last`; else UsageError."""
    try:
        number = operator.index(step)
    except TypeError:
        raise UsageError(f"the step of a frame must be an integer, not {step!r}") from None
    if not 0 <= number <= MAX_STEP:
        raise UsageError(f"step {number} is not a step: they are counted from 0 to {MAX_STEP}")
    if number <= last:
        raise UsageError(
            f"step {number} cannot be the step of the next frame: give one greater than that of"
            f" the last, {last}"
        )
    return number


def as_array(what: str, values: ArrayLike, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """Return values as an array, not copied if need not be; UsageError if they make none."""
    try:
        return np.asarray(values, dtype)
    except (TypeError, ValueError, RuntimeError) as error:  # torch raises RuntimeError
        raise UsageError(f"{what}: no array can be made of it: {error}") from None


def as_floats(name: str, values: Sequence[float] | ArrayLike, length: int) -> list[float]:
    """Return the values of a series of scalars, one for each of `length` steps, as a list."""
    column = as_array(f"scalar {name!r}", values, np.float64)
    if column.shape != (length,):
        raise UsageError(
            f"scalar {name!r}: expected one value for each of the {length} steps,"
            f" got shape {column.shape}"
        )
    floats: list[float] = column.tolist()
    return floats

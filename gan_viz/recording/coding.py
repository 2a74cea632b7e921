"""Values to what stands for them in the file, and back.

Encoding checks what a user gives and raises UsageError. Decoding checks what a file holds and
raises ValueError, which :func:`~gan_viz.recording.opening.reading` makes one clear line of.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gan_viz.errors import UsageError
from gan_viz.recording.format import DTYPES, JSON, MAX_JSON_BYTES, MAX_STEP, Channel

__all__ = [
    "as_array",
    "as_floats",
    "as_steps",
    "decode_array",
    "decode_json",
    "dtype_name",
    "encode_array",
    "encode_json",
    "next_step",
]


def dtype_name(name: str, dtype: DTypeLike) -> str:
    """Return the plain name of an element type, such as ``"float32"`` for ``"<f4"``.

    Parameters
    ----------
    name : str
        Whose type it is; used in the error.
    dtype : dtype-like
        Anything that numpy takes for a dtype.

    Returns
    -------
    str
        Its name; whether it can be recorded is for :class:`Channel` to say.

    Raises
    ------
    UsageError
        If numpy does not know it.
    """
    try:
        return np.dtype(dtype).name
    except TypeError:
        raise UsageError(
            f"{name!r}: {dtype!r} is not a type of elements; use one of {', '.join(DTYPES)}"
        ) from None


def encode_json(what: str, value: JSON) -> str:
    """Write a value as JSON; numpy's numbers and arrays become numbers and lists.

    Parameters
    ----------
    what : str
        What the value is; used in the error.
    value : JSON
        The value.

    Returns
    -------
    str
        ASCII text, at most :data:`MAX_JSON_BYTES` long.

    Raises
    ------
    UsageError
        If it cannot be written as JSON or is too long.
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
    """Read a JSON value of a file.

    Parameters
    ----------
    what : str
        What the value is; used in the error.
    text : object
        What the file has in its place.

    Returns
    -------
    JSON
        The value.

    Raises
    ------
    ValueError
        If it is not JSON or is too long.
    """
    if not isinstance(text, str) or len(text) > MAX_JSON_BYTES:
        raise ValueError(f"{what} is not a JSON text of at most {MAX_JSON_BYTES} bytes")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{what} is not JSON") from None


def encode_array(channel: Channel, array: ArrayLike) -> bytes:
    """Return the bytes that stand for an array of a channel.

    Parameters
    ----------
    channel : Channel
        What the array must be.
    array : array-like
        The array, of the channel's shape and of a type that can be cast to the channel's within
        the same kind, such as float64 to float32.

    Returns
    -------
    bytes
        A copy of its elements, in C order and little-endian.

    Raises
    ------
    UsageError
        If the array is of another shape or kind, or has integers that the channel's type cannot
        hold.
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


def decode_array(channel: Channel, data: bytes) -> NDArray[Any]:
    """Return the array that bytes stand for.

    Parameters
    ----------
    channel : Channel
        What the array is.
    data : bytes
        As many as ``channel.nbytes``.

    Returns
    -------
    ndarray
        Of the channel's shape and type, read-only.

    Raises
    ------
    ValueError
        If a boolean is neither 0 nor 1.
    """
    stored = np.dtype(channel.dtype).newbyteorder("<")
    if channel.dtype == "bool" and data and max(data) > 1:
        raise ValueError(f"array of {channel.name!r}: a boolean is neither 0 nor 1")
    array: NDArray[Any] = np.ndarray(channel.shape, stored, buffer=data)
    array = array.astype(channel.dtype, copy=False)
    array.flags.writeable = False
    return array


def as_steps(steps: Sequence[int] | ArrayLike) -> NDArray[np.int64]:
    """Return the numbers of training steps as an array.

    Parameters
    ----------
    steps : sequence of int
        The steps.

    Returns
    -------
    ndarray of int64, shape (n,)
        The same.

    Raises
    ------
    UsageError
        If they are not a sequence of integers, or one is negative or too large.
    """
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
    """Return the step of a new frame.

    Parameters
    ----------
    step : int
        The step.
    last : int
        The step of the frame before; -1 if there is none.

    Returns
    -------
    int
        The step.

    Raises
    ------
    UsageError
        If it is not an integer greater than `last`, or too large.
    """
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
    """Return values as a numpy array.

    Parameters
    ----------
    what : str
        What the values are; used in the error.
    values : array-like
        The values.
    dtype : dtype-like, optional
        The type that the array shall have.

    Returns
    -------
    ndarray
        The array; not a copy if it need not be.

    Raises
    ------
    UsageError
        If numpy can make no array of them.
    """
    try:
        return np.asarray(values, dtype)
    except (TypeError, ValueError, RuntimeError) as error:  # torch raises RuntimeError
        raise UsageError(f"{what}: no array can be made of it: {error}") from None


def as_floats(name: str, values: Sequence[float] | ArrayLike, length: int) -> list[float]:
    """Return the values of a series of scalars as a list.

    Parameters
    ----------
    name : str
        Name of the series; used in the error.
    values : sequence of float
        The values.
    length : int
        How many there must be.

    Returns
    -------
    list of float
        A copy of them.

    Raises
    ------
    UsageError
        If they are not numbers, or more or fewer than `length`.
    """
    column = as_array(f"scalar {name!r}", values, np.float64)
    if column.shape != (length,):
        raise UsageError(
            f"scalar {name!r}: expected one value for each of the {length} steps,"
            f" got shape {column.shape}"
        )
    floats: list[float] = column.tolist()
    return floats

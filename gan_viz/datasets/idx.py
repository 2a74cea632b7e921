"""The IDX format of the MNIST files: a header of big-endian numbers, then bytes.

Two zero bytes, the type (8: bytes), the number of dimensions, each dimension as 32 bits, and the
elements, the last dimension changing fastest; by itself or compressed by gzip.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from gan_viz.errors import DataError

_GZIP = b"\x1f\x8b"
_MOST_DEFLATED = 1032  # bytes that one byte of deflate can stand for, at most
_LARGEST = 1 << 28  # five times MNIST
_CHUNK = 1 << 20


def read_idx(path: Path, item: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Read an array of bytes, of the shape ``(n, *item)``.

    An item is (28, 28) for pictures, () for labels. The header is compared with what is expected
    and with the size of the file before any memory is taken for the elements, and no more is
    unpacked than the header announces. What is in the file decides whether it is unpacked, not its
    extension. Raises DataError if the file cannot be read or is no IDX file of such items, if it is
    damaged, or if it holds less or more than its header announces.

    References
    ----------
    LeCun, Cortes and Burges, The MNIST database of handwritten digits.
    """
    try:
        # Anything but a file, a pipe say, might never end.
        if not path.is_file():
            raise DataError(f"{path} is not a file")
        with path.open("rb") as file:
            return _read(file, path, item)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot read {path}: {reason}") from None


def _read(file: BinaryIO, path: Path, item: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    packed = file.read(2) == _GZIP
    file.seek(0)
    stored = os.fstat(file.fileno()).st_size
    if not packed:
        return _read_unpacked(file, path, item, stored)
    with gzip.GzipFile(fileobj=file) as unpacked:
        return _read_unpacked(unpacked, path, item, stored * _MOST_DEFLATED)


def _read_unpacked(
    file: BinaryIO | gzip.GzipFile, path: Path, item: tuple[int, ...], most: int
) -> npt.NDArray[np.uint8]:
    shape = _read_shape(file, path, 1 + len(item))
    size = math.prod(shape)
    announced = f"{path}: its header announces {_product(shape)} bytes"
    if shape[1:] != item:
        raise DataError(f"{path}: pictures of {_product(shape[1:])}: {_product(item)} are needed")
    if size > most:
        raise DataError(f"{announced}, more than a file of its size holds: it is damaged")
    if size > _LARGEST:
        raise DataError(f"{announced}: at most {_LARGEST} are read")
    content = _read_bytes(file, size + 1)
    if len(content) != size:
        what = "more follow" if len(content) > size else f"{len(content)} follow"
        raise DataError(f"{announced}, but {what}: it is damaged")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_shape(file: BinaryIO | gzip.GzipFile, path: Path, dims: int) -> tuple[int, ...]:
    magic, header = bytes([0, 0, 8, dims]), file.read(4 + 4 * dims)
    if header[:4] != magic:
        raise DataError(
            f"{path} is no IDX file of bytes in {dims} dimensions: "
            f"it starts with {header[:4].hex() or 'nothing'}, not {magic.hex()}"
        )
    if len(header) < 4 + 4 * dims:
        raise DataError(f"{path} ends within its header: it is damaged")
    return struct.unpack(f">{dims}I", header[4:])


def _read_bytes(file: BinaryIO | gzip.GzipFile, most: int) -> bytearray:
    """Read at most so many bytes; memory grows with what is there, not with what is asked for."""
    content = bytearray()
    while len(content) < most and (chunk := file.read(min(_CHUNK, most - len(content)))):
        content += chunk
    return content


def _product(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))

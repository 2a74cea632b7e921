"""The format of a recording, versions 1 and 2: what is in a ``.ganviz`` file.

The file is an SQLite database whose ``application_id`` is :data:`APPLICATION_ID` and whose
``user_version`` is 1, or 2 if a channel's arrays may be packed. It holds the tables of
:data:`SCHEMA` and nothing else; a file with any other table, view, index or trigger is refused.

``header (key, value)``
    What is needed to understand and repeat the run. ``value`` is JSON as Python's :mod:`json`
    writes it (NaN and Infinity allowed). The writer itself sets

    - ``created``: when the recording began, ISO 8601, UTC;
    - ``complete``: false until the recording was closed in good order;
    - ``resumed_at``: a list of the steps at which it was resumed, if it ever was.

    All other keys are the recorder's.
``channel (id, name, dtype, shape, attributes)``
    One row for each kind of array. ``dtype`` is one of :data:`DTYPES`, followed by :data:`PACKED`
    if arrays may be packed; ``shape`` is a JSON list of sizes; ``attributes`` is a JSON object.
``constant (name, dtype, shape, attributes, data)``
    Arrays recorded once: the latents, the grid of x.
``frame (step)``
    One row for each snapshot: the number of the training step it was taken at.
``array (channel, step, data)``
    What a channel showed at a frame: the array's elements in C order, little-endian, a boolean as
    one byte that is 0 or 1. A frame need not have an array of every channel. Where arrays may be
    packed, one of fewer bytes than its elements take is a zlib stream (RFC 1950) of them, followed
    by zeros so that it takes at least the part :data:`MOST_PACKED` of them.
``series (id, name)`` and ``scalar (series, step, value)``
    Numbers over steps, such as losses. ``value`` is a REAL; NULL stands for NaN, which SQLite
    cannot hold.

Nothing in the file is ever executed or unpickled, and everything that is read is first held against
the limits of this module, so that a file from a stranger can be opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import RecordingError, UsageError

JSON: TypeAlias = Any
"""A value that :mod:`json` can write: None, bool, int, float, str, lists and dicts of them."""

APPLICATION_ID = 0x47414E56
"""``application_id`` of the database: "GANV" in ASCII."""

FORMAT_VERSION = 2
"""The last ``user_version`` of the database; a reader refuses files of a newer version."""

FIRST_VERSION = 1
"""That of files in which nothing is packed."""

PACKED = " zlib"
"""What follows the type of arrays that may be packed."""

MOST_PACKED = 1 / 64
"""The least that a packed array takes, relative to its elements, so that a small file cannot ask
for hours of work."""

SCHEMA = {
    "header": "CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "channel": (
        "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
        " dtype TEXT NOT NULL, shape TEXT NOT NULL, attributes TEXT NOT NULL)"
    ),
    "constant": (
        "CREATE TABLE constant (name TEXT PRIMARY KEY, dtype TEXT NOT NULL, shape TEXT NOT NULL,"
        " attributes TEXT NOT NULL, data BLOB NOT NULL)"
    ),
    "frame": "CREATE TABLE frame (step INTEGER PRIMARY KEY)",
    "array": (
        "CREATE TABLE array (channel INTEGER NOT NULL, step INTEGER NOT NULL, data BLOB NOT NULL,"
        " PRIMARY KEY (channel, step))"
    ),
    "series": "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # No type for `value`: with REAL affinity SQLite would store -0.0 as the integer 0.
    "scalar": (
        "CREATE TABLE scalar (series INTEGER NOT NULL, step INTEGER NOT NULL, value,"
        " PRIMARY KEY (series, step)) WITHOUT ROWID"
    ),
}
"""The statement that creates each table, exactly as SQLite keeps it in ``sqlite_schema``."""

DTYPES = (
    "bool",
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
)
"""Names of the element types that can be recorded."""

MAX_ARRAY_BYTES = 2**28
"""The most bytes that one array may have: 256 MiB."""

MAX_DIMENSIONS = 16
"""The most dimensions that an array may have."""

MAX_JSON_BYTES = 2**20
"""The most bytes of UTF-8 that one JSON value may have: 1 MiB."""

MAX_HEADER_BYTES = 2**23
"""The most bytes that the values of the header may have together: 8 MiB."""

MAX_NAMES = 10_000
"""The most channels, constants, series or header keys that a recording may have."""

MAX_NAME_LENGTH = 200
"""The most characters that the name of a channel, constant, series or header key may have."""

MAX_ROWS = 2**24
"""The most frames, and the most values of a series, that are read."""

MAX_STEP = 2**63 - 1
"""The greatest step: the greatest integer of SQLite."""


def check_name(kind: str, name: object) -> str:
    """Return `name` if it can name a `kind` of thing in a recording.

    Raises UsageError if it is no string, empty, too long, or has unprintable characters: names are
    shown in terminals and pictures.
    """
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= MAX_NAME_LENGTH:
        return name
    raise UsageError(
        f"{str(name)[:80]!r} cannot be the name of a {kind}: give 1 to {MAX_NAME_LENGTH} printable"
        " characters"
    )


class NotRecordedError(RecordingError, KeyError, IndexError):
    """Something asked of a recording by a name or number that is not in it."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


class Scalars(NamedTuple):
    """A number followed over the training.

    Attributes
    ----------
    steps : ndarray of int64, shape (n,)
        The steps at which it was recorded, ascending.
    values : ndarray of float64, shape (n,)
        What it was; may be NaN or infinite.
    """

    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    def __repr__(self) -> str:
        if not len(self.steps):
            return "<Scalars: no values>"
        first, last, value = self.steps[0], self.steps[-1], self.values[-1]
        return f"<Scalars: {len(self.steps)} values, steps {first}-{last}, last value {value:.4g}>"


@dataclass(frozen=True)
class Channel:
    """One kind of array that is recorded at every frame, always of the same type and shape.

    Parameters
    ----------
    name : str
        Name by which the array is written and read, e.g. ``"generator"``.
    dtype : str
        Type of its elements, one of :data:`DTYPES`.
    shape : tuple of int
        Shape of one frame's array; ``()`` for a single number.
    attributes : mapping, optional
        Whatever else a reader should know, as JSON, e.g. ``{"output": "logit"}``.
    packed : bool
        Whether arrays are kept in fewer bytes where that pays, as pictures often do.

    Raises
    ------
    UsageError
        If a field cannot be used.

    Examples
    --------
    >>> Channel("images", "uint8", (16, 28, 28)).nbytes
    12544
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    attributes: Mapping[str, JSON] = field(default_factory=dict, hash=False)
    packed: bool = False

    def __post_init__(self) -> None:
        check_name("channel", self.name)
        if self.dtype not in DTYPES:
            raise UsageError(
                f"{self.name!r}: elements of type {self.dtype!r} cannot be recorded;"
                f" use one of {', '.join(DTYPES)}"
            )
        self._check_shape()

    def _check_shape(self) -> None:
        sizes_fit = all(type(size) is int and 0 <= size <= MAX_ARRAY_BYTES for size in self.shape)
        if not sizes_fit or len(self.shape) > MAX_DIMENSIONS:
            raise UsageError(
                f"{self.name!r}: {self.shape} is not a shape; give at most"
                f" {MAX_DIMENSIONS} sizes, none of them negative"
            )
        # A size of zero must not hide others that no array could have.
        if math.prod(max(size, 1) for size in self.shape) * self._itemsize > MAX_ARRAY_BYTES:
            raise UsageError(
                f"{self.name!r}: an array of {self.dtype} {self.shape} is larger than the"
                f" {MAX_ARRAY_BYTES // 2**20} MiB that one array may have; record fewer elements"
            )

    @property
    def _itemsize(self) -> int:
        return np.dtype(self.dtype).itemsize

    @cached_property
    def nbytes(self) -> int:
        """Number of bytes of one frame's array."""
        return math.prod(self.shape) * self._itemsize

"""The reader of recordings."""

from __future__ import annotations

import math
import operator
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording.catalog import Catalog, count_scalars, read_catalog, read_scalars
from gan_viz.recording.coding import decode_array, printable
from gan_viz.recording.files import cause, connect, unfinished_beside
from gan_viz.recording.format import JSON, MOST_PACKED, Channel, NotRecordedError, Scalars
from gan_viz.recording.opening import is_read_only, open_database, reading
from gan_viz.recording.shown import MOST_CHARACTERS, MOST_FRAMES, MOST_VALUES
from gan_viz.recording.side_files import has_content, lacks_log

if TYPE_CHECKING:
    import xarray

T = TypeVar("T")

MOST_KEPT = 2**23
"""Numbers of scalars that are kept once they are read."""
ARRAYS_AT_ONCE, BYTES_AT_ONCE = 64, 2**18
"""As many arrays, and bytes of them, as are read at a time."""
MOST_BYTES = 2**24
"""Of arrays that are kept once they are read: a drawing asks for those of a frame several times."""

# The length is held against what it should be before the data are read.
_DATA = "CASE WHEN typeof(data) = 'blob' AND length(data) BETWEEN ? AND ? THEN data END"


class Recording:
    """A recording, read lazily: what is in it is listed at once, the arrays only when asked for.

    It can be read while it is being written: :meth:`refresh` looks for what is new. It may be used
    by another thread than the one that opened it.

    Parameters
    ----------
    path : path-like
        The file, ``"run.ganviz"``.

    Attributes
    ----------
    path : Path
        The file.

    Raises
    ------
    RecordingError
        If it is not a recording that can be read. All methods raise it if they come upon damage,
        and a `NotRecordedError` (also a LookupError) for what is not in the recording.

    Examples
    --------
    See :class:`~gan_viz.recording.Writer`.
    """

    @checked
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._open()
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._connection = open_database(self.path)
        self._close = weakref.finalize(self, self._connection.close)

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the file; if a log that was followed has gone with its writer, open it anew first."""
        try:
            with reading(self.path):
                return question(self._connection)
        except RecordingError as error:
            if not is_read_only(error.__cause__):
                raise
        self._close()
        self._open()
        with reading(self.path):
            return question(self._connection)

    def refresh(self) -> None:
        """See what has been written since the recording was opened or last refreshed."""
        self._catalog: Catalog = self._ask(read_catalog)
        self._recorded_frames = len(self._catalog.steps)
        self._read: dict[str, Scalars] = {}
        self._arrays: dict[tuple[str, int], NDArray[Any]] = {}
        self._room = MOST_BYTES
        self._most_values: int | None = None

    def limit(
        self,
        frames: int = MOST_FRAMES,
        characters: int = MOST_CHARACTERS,
        values: int = MOST_VALUES,
    ) -> None:
        """Read only so much of a large recording, until the next `refresh`.

        Parameters
        ----------
        frames : int
            The first, the last, and evenly chosen ones between them; 2 or more.
        characters : int
            Of each text in the header, where spaces stand for what cannot be printed, and texts in
            a list of them.
        values : int
            Of each series of scalars, about, scattered over the steps.
        """
        self._read, self._most_values = {}, values
        if len(self) > frames:
            self.keep(np.linspace(0, len(self) - 1, frames).round().astype(np.intp))
        header = {key: _cut(value, characters) for key, value in self._catalog.header.items()}
        self._catalog = replace(self._catalog, header=header)

    def keep(self, frames: NDArray[np.intp]) -> None:
        """Leave out all frames but some, given by ascending indices, until the next `refresh`."""
        steps = self._catalog.steps[frames]
        steps.flags.writeable = False
        self._catalog = replace(self._catalog, steps=steps)

    @property
    def header(self) -> Mapping[str, JSON]:
        """What is known of the run; see :mod:`gan_viz.recording.format`."""
        return MappingProxyType(self._catalog.header)

    @property
    def complete(self) -> bool:
        """Whether the recording was closed in good order."""
        return self._catalog.header.get("complete") is True

    @property
    def newer(self) -> Path | None:
        """An unfinished recording that was begun later to replace this one, if there is one."""
        return unfinished_beside(self.path)

    @property
    def split(self) -> str:
        """What a recording that is not complete needs beside its file; empty for nothing."""
        if self.complete:
            return ""
        log = f"{self.path.name}-wal"
        if lacks_log(self.path):
            return f"it was cut off while it was written, and {log} is missing: copy it, too"
        if has_content(self.path.resolve(), "-wal"):
            return f"its last part is in {log}: keep both, or make one file of them"
        return ""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The kinds of arrays that the frames have."""
        known = self._catalog.channels
        return _Lazy(self.path, "channel", known, known.__getitem__)

    @property
    def steps(self) -> NDArray[np.int64]:
        """The step of each frame, ascending; shape (frames,), read-only."""
        return self._catalog.steps

    @property
    def recorded_frames(self) -> int:
        """How many frames there are, also those that `limit` leaves out."""
        return self._recorded_frames

    @property
    def constants(self) -> Mapping[str, NDArray[Any]]:
        """Arrays recorded once, read-only; each is read from the file when asked for."""
        return _Lazy(self.path, "constant", self._catalog.constants, self._constant)

    @property
    def constant_channels(self) -> Mapping[str, Channel]:
        """Type, shape and attributes of each constant."""
        known = self._catalog.constants
        return _Lazy(self.path, "constant", known, known.__getitem__)

    @property
    def scalars(self) -> Mapping[str, Scalars]:
        """Numbers over the steps, read-only; each series is read when first asked for."""
        return _Lazy(self.path, "scalar", self._catalog.series, self._scalars)

    @property
    def scalar_counts(self) -> Mapping[str, int]:
        """How many values each series of scalars has; none of them is read."""

        def count(name: str) -> int:
            number = self._catalog.series[name]
            return self._ask(lambda file: count_scalars(file, number))

        return _Lazy(self.path, "scalar", self._catalog.series, count)

    def __len__(self) -> int:
        return len(self._catalog.steps)

    def __repr__(self) -> str:
        steps = f"steps {self.steps[0]}-{self.steps[-1]}" if len(self) else "no steps"
        channels = ", ".join(f"{c.name} {c.shape}" for c in self.channels.values()) or "none"
        return (
            f"<Recording {self.path.name}: {len(self)} frames, {steps}, "
            f"{'complete' if self.complete else 'incomplete'}; channels {channels}; "
            f"scalars {', '.join(self.scalars) or 'none'}>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the replay in a notebook."""
        from gan_viz.registry import DISPLAYS

        bundle: dict[str, Any] = DISPLAYS["recording"](self)
        return bundle

    def array(self, channel: str, frame: SupportsIndex) -> NDArray[Any]:
        """Read what a channel showed at a frame.

        Parameters
        ----------
        channel : str
            Name of the channel.
        frame : int
            Number of the frame from 0; negative numbers count from the end.

        Returns
        -------
        ndarray
            Of the channel's type and shape, read-only.

        Raises
        ------
        NotRecordedError
            If there is no such channel or frame, or the frame has no array of the channel.
        """
        array = self.find(channel, frame)
        if array is None:
            step = self._step(frame)
            there = ", ".join(name for name in self.channels if self.has(name, frame)) or "none"
            raise NotRecordedError(
                f"frame {operator.index(frame)} (step {step}) of {self.path} has no array of"
                f" channel {channel!r}; it has: {there}"
            )
        return array

    def find(self, channel: str, frame: SupportsIndex) -> NDArray[Any] | None:
        """Read an array as :meth:`array` does, but return None where the frame has none.

        Raises NotRecordedError if there is no such channel or frame.
        """
        key = channel, self._step(frame)
        if key in self._arrays:
            return self._arrays[key]
        self._number(channel)
        (array,) = self._found(*key, keep=True)
        return array

    def arrays(
        self, channel: str, frames: Iterable[SupportsIndex] | None = None
    ) -> Iterator[NDArray[Any] | None]:
        """Yield what a channel showed at some frames, by default at all; None where it has none.

        Some are read at a time, several times as quickly as by `find`. Raises NotRecordedError if
        there is no such channel or frame.
        """
        return self._each(channel, range(len(self)) if frames is None else frames, keep=True)

    def frames(self, channel: str) -> Iterator[NDArray[Any]]:
        """Yield what a channel showed at each frame that has an array of it; none is kept.

        Raises NotRecordedError if there is no such channel.
        """
        arrays = self._each(channel, range(len(self)), keep=False)
        return (array for array in arrays if array is not None)

    def has(self, channel: str, frame: SupportsIndex) -> bool:
        """Whether a frame has an array of a channel; channel and frame as in :meth:`array`.

        Raises NotRecordedError if there is no such channel or frame.
        """
        number = self._number(channel)
        keys = number, self._step(frame)
        query = "SELECT 1 FROM array WHERE channel = ? AND step = ?"
        return self._ask(lambda file: file.execute(query, keys).fetchone()) is not None

    def to_xarray(self) -> xarray.Dataset:
        """Read everything into an xarray Dataset: see :func:`gan_viz.recording.dataset.to_dataset`.

        Raises MissingExtraError if xarray is not installed.
        """
        from gan_viz.recording.dataset import to_dataset

        return to_dataset(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all that can be read to a new recording, which needs no file beside it.

        Parameters
        ----------
        path : path-like
            A name that is free.

        Returns
        -------
        Path

        Raises
        ------
        UsageError
            There is something under that name.
        RecordingError
            It cannot be written.
        """
        place = Path(path)
        if os.path.lexists(place):
            raise UsageError(f"{place} exists: give the name of a new file")
        draft = place.with_name(f".{place.name}.part")
        try:
            with closing(connect(draft, "rwc")) as copy:
                self._ask(lambda file: file.backup(copy))
            draft.replace(place)
        except (OSError, sqlite3.Error) as error:
            raise RecordingError(f"{place} cannot be written: {cause(error)}") from error
        finally:
            draft.unlink(missing_ok=True)
        return place

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _number(self, channel: str) -> int:
        known = self._catalog.numbers
        if channel not in known:
            raise _unknown(self.path, "channel", channel, known)
        return known[channel]

    def _step(self, frame: SupportsIndex) -> int:
        number = operator.index(frame)
        if not -len(self) <= number < len(self):
            raise NotRecordedError(f"there is no frame {number}: {self.path} has {len(self)}")
        return int(self._catalog.steps[number])

    def _each(
        self, channel: str, frames: Iterable[SupportsIndex], *, keep: bool
    ) -> Iterator[NDArray[Any] | None]:
        self._number(channel)
        steps = [self._step(frame) for frame in frames]
        size = self._catalog.channels[channel].nbytes
        many = min(max(BYTES_AT_ONCE // max(size, 1), 1), ARRAYS_AT_ONCE)
        parts = (steps[start : start + many] for start in range(0, len(steps), many))
        return (array for part in parts for array in self._found(channel, *part, keep=keep))

    def _found(self, channel: str, *steps: int, keep: bool) -> list[NDArray[Any] | None]:
        """The arrays of a channel at some steps, kept, if asked to, as far as there is room."""
        known = {step: self._arrays.get((channel, step)) for step in steps}
        lacking = [step for step, array in known.items() if array is None]
        for step, array in self._read_arrays(channel, lacking):
            known[step] = array
            if keep and array.nbytes <= self._room:
                self._arrays[channel, step] = array
                self._room -= array.nbytes
        return [known[step] for step in steps]

    def _read_arrays(self, name: str, steps: Sequence[int]) -> Sequence[tuple[int, NDArray[Any]]]:
        if not steps:
            return ()
        channel = self._catalog.channels[name]
        which = f"channel = ? AND step IN ({','.join('?' * len(steps))})"
        query = f"SELECT step, {_DATA} FROM array WHERE {which} LIMIT {len(steps)}"
        keys = *_sizes(channel), self._catalog.numbers[name], *steps

        def read(file: sqlite3.Connection) -> Sequence[tuple[int, NDArray[Any]]]:
            return [(step, _decoded(channel, data)) for step, data in file.execute(query, keys)]

        return self._ask(read)

    def _constant(self, name: str) -> NDArray[Any]:
        channel = self._catalog.constants[name]
        query, keys = f"SELECT {_DATA} FROM constant WHERE name = ?", (*_sizes(channel), name)

        def read(file: sqlite3.Connection) -> NDArray[Any]:
            row = file.execute(query, keys).fetchone()
            if row is None:
                raise NotRecordedError(f"constant {name!r} is no longer in {self.path}")
            return _decoded(channel, row[0])

        return self._ask(read)

    def _scalars(self, name: str) -> Scalars:
        if name not in self._read:
            number = self._catalog.series[name]
            most = self._most_values
            found = self._ask(lambda file: read_scalars(file, name, number, most))
            if sum(len(one.steps) for one in self._read.values()) > MOST_KEPT:
                self._read.clear()
            self._read[name] = found
        return self._read[name]


def _sizes(channel: Channel) -> tuple[int, int]:
    """How many bytes an array of a channel takes in the file, at least and at most."""
    return math.ceil(channel.nbytes * (MOST_PACKED if channel.packed else 1)), channel.nbytes


def _decoded(channel: Channel, data: bytes | None) -> NDArray[Any]:
    if data is None:
        raise ValueError(f"an array of {channel.name!r} is not {channel.nbytes} bytes long")
    return decode_array(channel, data)


def _cut(value: JSON, most: int) -> JSON:
    if isinstance(value, str):
        return printable(value[:most])
    if isinstance(value, dict):
        return {key: _cut(one, most) for key, one in value.items()}
    if isinstance(value, list) and any(isinstance(one, str) for one in value):
        return [_cut(one, most) for one in value[:most]]
    return value


class _Lazy(Mapping[str, T]):
    """A mapping whose values are read from the file when asked for."""

    def __init__(
        self, path: Path, kind: str, names: Mapping[str, object], load: Callable[[str], T]
    ) -> None:
        self._path, self._kind, self._names, self._load = path, kind, names, load

    def __getitem__(self, name: str) -> T:
        if name not in self._names:
            raise _unknown(self._path, self._kind, name, self._names)
        return self._load(name)

    def __repr__(self) -> str:
        return f"<{self._kind}s of {self._path.name}: {', '.join(self._names) or 'none'}>"

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _unknown(path: Path, kind: str, name: object, known: Mapping[str, object]) -> NotRecordedError:
    there = ", ".join(known) or "none"
    return NotRecordedError(f"{path} has no {kind} {name!r}; it has: {there}")

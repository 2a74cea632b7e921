"""The writer of recordings."""

from __future__ import annotations

import atexit
import operator
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any, Self, SupportsIndex, TypeAlias

from numpy.typing import ArrayLike, DTypeLike, NDArray

from gan_viz.errors import (
    LossWarning,
    RecordingError,
    RecordingWarning,
    UnknownNameError,
    UsageError,
)
from gan_viz.recording import files
from gan_viz.recording.backlog import Statement
from gan_viz.recording.coding import (
    as_array,
    as_floats,
    as_steps,
    dtype_name,
    encode_array,
    encode_json,
    next_step,
)
from gan_viz.recording.committer import Committer
from gan_viz.recording.format import FORMAT_VERSION, JSON, PACKED, Channel
from gan_viz.recording.ledger import Ledger
from gan_viz.recording.resuming import ResumeState, reopen

Listener: TypeAlias = Callable[[list[int], Mapping[str, list[float]]], None]


class Writer:
    """Records a training to a file, from which :class:`~gan_viz.recording.Recording` reads.

    What is given is copied, and a thread of the writer's commits it every `commit_every` seconds; a
    process killed at any instant leaves a file that holds every commit. Use a writer from one
    thread at a time. In a forked process it is dead: the file is the parent's.

    If `path` is free, or an empty file, the recording is written there at once, and readers can
    follow it. If `path` holds a recording, the new one is written beside it, to :attr:`path`
    (``run.new.ganviz`` for ``run.ganviz``), and replaces it when it is complete. If it is never
    completed, it stays there until the next writer resumes it (`resume_at`) or removes it.

    Parameters
    ----------
    path : path-like
        Where to record, ``"run.ganviz"``.
    header : mapping, optional
        What is known of the run, JSON by key; see :meth:`update_header`.
    commit_every : float, optional
        Seconds between commits.
    resume_at : int, optional
        Continue the recording after that step. Declare channels and constants as if it were new;
        they must be as they were. Frames and scalars of later steps are dropped, all at once, when
        something new is written or the recording is closed as complete; until then nothing in the
        file changes. The header keeps its keys and gets those of `header`. At step 0 there need not
        be a recording yet.

    Raises
    ------
    UsageError
        If nothing can be recorded to `path`, or an argument cannot be used.
    RecordingError
        If `path` is a file that is not a recording: it is not overwritten; or if there is none to
        go on with.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from gan_viz.recording import Recording
    >>> folder = TemporaryDirectory()
    >>> with Writer(f"{folder.name}/run.ganviz", {"seed": 1}) as writer:
    ...     _ = writer.add_channel("generator", shape=(3,), dtype="float32")
    ...     writer.write_frame(0, {"generator": [0.0, 0.5, 1.0]})
    ...     writer.write_scalars([0, 1], {"loss_D": [1.4, 1.3]})
    >>> with Recording(writer.path) as recording:
    ...     recording.header["seed"], recording.array("generator", 0).tolist()
    (1, [0.0, 0.5, 1.0])
    >>> folder.cleanup()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Mapping[str, JSON] | None = None,
        *,
        commit_every: float = 0.25,
        resume_at: SupportsIndex | None = None,
    ) -> None:
        if not 0 < commit_every < float("inf"):
            raise UsageError(f"commit_every must be a positive number of seconds: {commit_every}")
        self._closed = False
        self._told: set[str] = set()
        self._last_step = -1
        self._ledger = Ledger()
        self._channels: dict[str, tuple[int, Channel]] = {}
        self._listeners: list[Listener] = []
        self._held: list[Statement] = []
        self._channel_number = 0
        resumed = None if resume_at is None else self._resume(path, resume_at, header or {})
        if resumed is None:
            self._begin(path, header or {})
        self._resumed_from = resumed
        series = {} if resumed is None else dict(resumed.catalog.series)
        self._committer = Committer(self._path, self._connection, commit_every, series)
        atexit.register(self._close_at_exit)

    def _begin(self, path: str | os.PathLike[str], header: Mapping[str, JSON]) -> None:
        first = {"created": datetime.now(UTC).isoformat(timespec="seconds"), **header}
        encoded = {**self._encode_header(first), "complete": "false"}
        self._final, self._path = files.choose(path)
        self._connection = files.create(self._final, self._path, encoded)

    def _resume(
        self, path: str | os.PathLike[str], step: SupportsIndex, header: Mapping[str, JSON]
    ) -> ResumeState | None:
        """Open the recording and hold back what is to change in it; None if there is none yet."""
        number = next_step(step, -1)
        final, current = files.find(path)
        if current is None:
            if number:
                raise RecordingError(
                    f"there is no recording {final} to resume at step {number}: give its name, or"
                    " begin a new one"
                )
            return None
        state, connection = reopen(final, current, number)
        try:
            state.enter(self._ledger)
            self._held = [*state.cut(), *self._header_rows(header)]
        except BaseException:
            files.finish(connection)
            raise
        self._final, self._path, self._connection = final, current, connection
        self._last_step = state.last_frame
        self._channel_number = max(state.catalog.numbers.values(), default=0)
        return state

    @property
    def last_frame(self) -> int:
        """Step of the last frame; -1 before the first."""
        return self._last_step

    @property
    def resumed_from(self) -> ResumeState | None:
        """What the recording had when it was resumed; None if it was not."""
        return self._resumed_from

    @property
    def path(self) -> Path:
        """Where the data is: the path asked for, or the sibling until it replaces an old one.

        Another name beside it if somebody has put another file there.
        """
        return self._path if self._closed else self._committer.path

    def update_header(self, **values: JSON) -> None:
        """Add keys to the header, or change their values.

        Parameters
        ----------
        **values : JSON
            Any key but ``complete``, which :meth:`close` sets.

        Raises
        ------
        UsageError
            If a value cannot be written as JSON or the header becomes too large.
        """
        self._check()
        self._put(self._header_rows(values), declares=True)

    def add_channel(
        self,
        name: str,
        shape: Sequence[int],
        dtype: DTypeLike,
        *,
        packed: bool = False,
        **attributes: JSON,
    ) -> Channel:
        """Declare a kind of array that frames will have.

        Parameters
        ----------
        name : str
            A name no other channel has.
        shape : sequence of int
            Shape of one frame's array.
        dtype : dtype-like
            Type of its elements.
        packed : bool
            Whether arrays are kept in fewer bytes where that pays, as pictures often do.
        **attributes : JSON
            What a reader should know about it.

        Returns
        -------
        Channel
            The channel.

        Raises
        ------
        UsageError
            If the name is taken or a value cannot be used.
        RecordingError
            If a resumed recording has something else under that name.
        """
        self._check()
        channel = replace(_describe(name, shape, dtype, attributes), packed=packed)
        recorded = None if self._resumed_from is None else self._resumed_from.channel(channel)
        if recorded is None:
            name, kind, *texts = self._declare("channel", channel)
            number = self._channel_number = self._channel_number + 1
            insert = "INSERT INTO channel VALUES (?, ?, ?, ?, ?)"
            row = number, name, kind + PACKED * packed, *texts
            version = [(f"PRAGMA user_version = {FORMAT_VERSION}", ())] * packed
            self._put([*version, (insert, row)], declares=True)
            recorded = number, channel
        self._channels[name] = recorded
        return recorded[1]

    def amend_channel(self, name: str, **attributes: JSON) -> None:
        """Correct what a reader should know about a channel; UnknownNameError if there is none."""
        self._check()
        if name not in self._channels:
            raise UnknownNameError("channel", name, self._channels)
        number, channel = self._channels[name]
        amended = replace(channel, attributes={**channel.attributes, **attributes})
        text = encode_json(f"the attributes of {name!r}", amended.attributes)
        update = "UPDATE channel SET attributes = ? WHERE id = ?"
        self._put([(update, (text, number))], declares=True)
        self._channels[name] = number, amended

    def add_constant(self, name: str, array: ArrayLike, **attributes: JSON) -> NDArray[Any]:
        """Record an array that is the same for all frames, such as the grid of x.

        Parameters
        ----------
        name : str
            A name no other constant has.
        array : array-like
            The array; its type and shape are kept.
        **attributes : JSON
            What a reader should know about it.

        Returns
        -------
        ndarray
            What the recording has under that name: the array, or, where a recording is resumed,
            what it had before.

        Raises
        ------
        UsageError
            If the name is taken or a value cannot be used.
        RecordingError
            If a resumed recording has something else under that name.
        """
        self._check()
        given = as_array(f"constant {name!r}", array)
        channel = _describe(name, given.shape, given.dtype, attributes)
        recorded = None if self._resumed_from is None else self._resumed_from.constant(channel)
        if recorded is not None:
            return recorded
        texts = self._declare("constant", channel)
        data = encode_array(channel, given)
        insert = "INSERT INTO constant VALUES (?, ?, ?, ?, ?)", (*texts, data)
        self._put([insert], nbytes=len(data), declares=True)
        return given

    def write_frame(self, step: SupportsIndex, arrays: Mapping[str, ArrayLike]) -> None:
        """Record a snapshot of the training.

        Parameters
        ----------
        step : int
            The step of the training, greater than that of the frame before.
        arrays : mapping of str to array-like
            Arrays by the name of their channel; not every channel need be there.

        Raises
        ------
        UsageError
            If the step is not greater than the last, a channel is unknown (UnknownNameError), or
            an array is not what its channel was declared to be.
        """
        self._check()
        number = next_step(step, self._last_step)
        inserts = [self._array_row(number, name, array) for name, array in arrays.items()]
        self._last_step = number
        statements = [("INSERT INTO frame VALUES (?)", (number,)), *inserts]
        self._put(statements, nbytes=sum(len(row[2]) for _, row in inserts))

    def _array_row(
        self, step: int, name: str, array: ArrayLike
    ) -> tuple[str, tuple[int, int, bytes]]:
        if name not in self._channels:
            raise UnknownNameError("channel", name, self._channels)
        number, channel = self._channels[name]
        insert = f"INSERT INTO array VALUES (?, ?, {'pack(?)' if channel.packed else '?'})"
        return insert, (number, step, encode_array(channel, array))

    def write_scalars(
        self, steps: Sequence[int] | ArrayLike, values: Mapping[str, Sequence[float] | ArrayLike]
    ) -> None:
        """Record numbers over steps. What is given again for a step replaces what was there.

        Parameters
        ----------
        steps : sequence of int, length n
            The steps, in any order.
        values : mapping of str to sequence of float, length n
            The values of each series at these steps; may be NaN or infinite.

        Raises
        ------
        UsageError
            If the lengths differ, a step is not an integer of at least 0, or a value is no number.
        """
        self._check()
        numbers = as_steps(steps).tolist()
        columns = {name: as_floats(name, values[name], len(numbers)) for name in values}
        series = self._committer.series
        new = [name for name in columns if name not in series]
        if new:
            self._ledger.admit("series", dict.fromkeys(new, 0), again=True)
            series.update(zip(new, count(1 + max(series.values(), default=0))))
        triples = [zip(repeat(series[name]), numbers, columns[name]) for name in columns]
        self._put([], list(chain.from_iterable(chain.from_iterable(triples))))
        for listener in self._listeners:
            listener(numbers, columns)

    def listen(self, listener: Listener) -> None:
        """Tell someone of all scalars from now on.

        The listener is called after each `write_scalars` with its steps, a list of int, and its
        values, lists of float by the name of the series; it must not change them.
        """
        self._listeners.append(listener)

    def _put(
        self,
        statements: Sequence[Statement],
        rows: Sequence[float] = (),
        nbytes: int = 0,
        *,
        declares: bool = False,
    ) -> None:
        """Have it stored, together with what is held back; hold back declarations until then."""
        if self._held and declares:
            self._held += statements
            return
        # After a Ctrl-C between these two lines only what the first stored is dropped again.
        self._committer.put([*self._held, *statements], rows, nbytes)
        self._held = []

    def flush(self) -> None:
        """Commit everything now.

        Raises
        ------
        RecordingError
            If that fails; it is tried again later.
        """
        self._check()
        self._committer.flush()
        failure = self._committer.failure
        if failure is not None:
            self._told.add(files.cause(failure))
            raise RecordingError(
                f"{self.path} cannot be written now: {files.cause(failure)}; what was written"
                " before is kept, and the rest is tried again"
            ) from failure

    def close(self, *, complete: bool = True) -> None:
        """Commit everything and close the file; a second call does nothing.

        What cannot be stored is told by a `gan_viz.errors.RecordingWarning`: whatever follows the
        training goes on.

        Parameters
        ----------
        complete : bool, optional
            Whether the recording is what it was meant to be. Only then is it marked as complete,
            and only then does it replace an older recording.

        Raises
        ------
        RecordingError
            If the older recording cannot be replaced; then :attr:`path` tells where the new one is.
        """
        if self._closed:
            return
        atexit.unregister(self._close_at_exit)
        if self._committer.forked:
            self._closed = True
            return
        if complete:
            self._put([("INSERT OR REPLACE INTO header VALUES ('complete', 'true')", ())])
        self._committer.stop()
        moved, self._path = self._committer.path != self._path, self._committer.path
        self._closed = True
        whole = files.finish(self._committer.connection)
        self._tell_of_losses(moved)
        if complete and self._committer.failure is None and self._path != self._final and not moved:
            files.publish(self._path, self._final, whole=whole)
            self._path = self._final

    def _tell_of_losses(self, moved: bool) -> None:
        frames, numbers = self._committer.lost
        failure = self._committer.failure
        if failure is not None or frames or numbers:
            why = "" if failure is None else f": {files.cause(failure)}"
            _warn(
                f"{self._path} lacks {frames:,} frames and {numbers:,} numbers that could not be"
                f" written{why}",
                LossWarning,
            )
        elif moved:
            message = f"another file has taken the place of the recording: it is {self._path}"
            _warn(message, LossWarning)
        elif self._committer.rewritten:
            _warn(f"{self._path} was removed while it was written: it has been written again")

    def discard(self) -> None:
        """Close the file, and remove it if it was begun by this writer: nothing is kept."""
        resumed, path = self._resumed_from is not None, self._path
        self.close(complete=False)
        if not resumed and not self._committer.forked:
            files.discard(path)

    def _close_at_exit(self) -> None:
        self.close(complete=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        try:
            self.close(complete=kind is None)
        except RecordingError as failure:
            if error is None:
                raise
            error.add_note(str(failure))

    def _check(self) -> None:
        if self._committer.forked:
            raise RecordingError(
                f"{self._path} is recorded by the process this one was forked from"
            )
        if self._closed:
            raise RecordingError(
                f"the recording {self._path} is closed: nothing can be added to it"
            )
        failure = self._committer.failure
        if failure is not None and (why := files.cause(failure)) not in self._told:
            self._told.add(why)
            _warn(
                f"{self.path} cannot be written now: {why}; the training goes on, what it shows is"
                " kept in memory, thinned if need be, and written as soon as that is possible"
            )

    def _header_rows(self, values: Mapping[str, JSON]) -> list[Statement]:
        insert = "INSERT OR REPLACE INTO header VALUES (?, ?)"
        return [(insert, row) for row in self._encode_header(values).items()]

    def _encode_header(self, values: Mapping[str, JSON]) -> dict[str, str]:
        if "complete" in values:
            raise UsageError("the header key 'complete' is set by close()")
        texts = {key: encode_json(f"the header value {key!r}", values[key]) for key in values}
        sizes = {key: len(text) for key, text in texts.items()}
        self._ledger.admit("header key", sizes, again=True)
        return texts

    def _declare(self, kind: str, channel: Channel) -> tuple[str, str, str, str]:
        """Enter a channel or constant; return what the file says of it."""
        shape = encode_json("the shape", channel.shape)
        attributes = encode_json(f"the attributes of {channel.name!r}", channel.attributes)
        self._ledger.admit(kind, {channel.name: len(attributes)})
        return channel.name, channel.dtype, shape, attributes


def _warn(message: str, kind: type[Warning] = RecordingWarning) -> None:
    warnings.warn(message, kind, stacklevel=4)


def _describe(
    name: str, shape: Sequence[int], dtype: DTypeLike, attributes: Mapping[str, JSON]
) -> Channel:
    try:
        sizes = tuple(operator.index(size) for size in shape)
    except TypeError:
        raise UsageError(f"{name!r}: {shape!r} is not a shape: give a sequence of sizes") from None
    return Channel(name, dtype_name(name, dtype), sizes, attributes)

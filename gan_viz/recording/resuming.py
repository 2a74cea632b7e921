"""Resuming a recording: what it has, and what of it must go.

Opening a recording to resume it changes nothing in the file. What was recorded after the step to
resume from is dropped (:meth:`ResumeState.cut`) in the same transaction that stores the first new
frame or scalars, after everything was found to fit. A process killed at any instant leaves either
the recording as it was, or the recording up to that step and what came after.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.recording import files
from gan_viz.recording.backlog import Statement
from gan_viz.recording.catalog import Catalog, read_catalog
from gan_viz.recording.coding import encode_json
from gan_viz.recording.format import JSON, Channel
from gan_viz.recording.ledger import Ledger
from gan_viz.recording.opening import open_database, reading
from gan_viz.recording.reader import Recording


@dataclass(frozen=True)
class ResumeState:
    """State to resume from: what a recording had when it was opened to be continued."""

    path: Path
    """The file."""
    step: int
    """The step to continue after."""
    catalog: Catalog
    """What is in it."""
    last_scalar: int = -1
    """The last step that scalars were recorded for; -1 if there are none."""

    @property
    def header(self) -> Mapping[str, JSON]:
        """The header."""
        return self.catalog.header

    @property
    def last_frame(self) -> int:
        """Step of the last frame that stays; -1 if none does."""
        kept = self.catalog.steps[self.catalog.steps <= self.step]
        return int(kept[-1]) if len(kept) else -1

    @property
    def last_step(self) -> int:
        """The last step of which anything was recorded."""
        return int(max(0, *self.catalog.steps[-1:].tolist(), self.last_scalar))

    def enter(self, ledger: Ledger) -> None:
        """Enter all names into an empty ledger."""
        catalog = self.catalog
        header = {key: len(encode_json(key, value)) for key, value in catalog.header.items()}
        ledger.admit("header key", header)
        ledger.admit("series", dict.fromkeys(catalog.series, 0))
        for kind, there in (("channel", catalog.channels), ("constant", catalog.constants)):
            sizes = {one.name: len(encode_json(kind, one.attributes)) for one in there.values()}
            ledger.admit(kind, sizes)

    def channel(self, channel: Channel) -> tuple[int, Channel] | None:
        """Return what the file has of a channel, None if new; RecordingError if it differs."""
        if channel.name not in self.catalog.channels:
            return None
        recorded = self.catalog.channels[channel.name]
        self._compare("channel", recorded, channel)
        return self.catalog.numbers[channel.name], recorded

    def constant(self, channel: Channel) -> NDArray[Any] | None:
        """Read a constant, None if it is new; RecordingError if its description differs."""
        if channel.name not in self.catalog.constants:
            return None
        self._compare("constant", self.catalog.constants[channel.name], channel)
        with Recording(self.path) as recording:
            return np.array(recording.constants[channel.name])

    def _compare(self, kind: str, recorded: Channel, given: Channel) -> None:
        for what in ("dtype", "shape", "attributes"):
            old, new = (encode_json(what, getattr(one, what)) for one in (recorded, given))
            if old != new:
                raise RecordingError(
                    f"{self.path} cannot be resumed: the {what} of its {kind} {given.name!r} is"
                    f" {old}, not {new}; give what it was begun with, or record to another file"
                )

    def cut(self) -> list[Statement]:
        """Return what drops everything after the step and marks the recording as unfinished."""
        before = self.catalog.header.get("resumed_at")
        history = [*(before if isinstance(before, list) else []), self.step]
        marks = {"complete": "false", "resumed_at": encode_json("the header", history)}
        drop, mark = "DELETE FROM {} WHERE step > ?", "INSERT OR REPLACE INTO header VALUES (?, ?)"
        return [
            *((drop.format(table), (self.step,)) for table in ("array", "frame", "scalar")),
            ("DELETE FROM array WHERE step NOT IN (SELECT step FROM frame)", ()),
            *((mark, row) for row in marks.items()),
        ]


def reopen(final: Path, current: Path, step: int) -> tuple[ResumeState, sqlite3.Connection]:
    """Open a recording, as found by :func:`~gan_viz.recording.files.find`, to continue it."""
    with closing(open_database(current)) as connection, reading(current):
        catalog = read_catalog(connection)
        (last,) = connection.execute("SELECT max(step) FROM scalar").fetchone()
    scalars = last if isinstance(last, int) else -1
    return ResumeState(current, step, catalog, scalars), files.reopen(final, current)

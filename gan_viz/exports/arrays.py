"""Everything that was recorded, and what is measured from it, as NumPy arrays."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gan_viz.exports.base import Contents, Exporter


class NpzExporter(Exporter):
    """Arrays for ``numpy.load``, which needs no pickle for them.

    ``frames`` has the step of each frame. ``channels/NAME`` has the arrays of a channel, one after
    the other, and ``channels/NAME/frames`` the numbers of the frames that have one.
    ``constants/NAME``, ``scalars/NAME/steps`` and ``scalars/NAME/values`` are what they say, with
    the metrics among the scalars. ``header`` is the header as JSON.
    """

    suffix: ClassVar[str] = ".npz"

    def write(self, contents: Contents, place: Path) -> None:
        """Write one array after the other: no more than one channel is in memory."""
        # not `numpy.savez`, which takes arrays from a dict: all of them at once
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            for name, array in _arrays(contents):
                data = io.BytesIO()
                np.lib.format.write_array(data, np.asanyarray(array), allow_pickle=False)
                archive.writestr(f"{name}.npy", data.getvalue())


def _arrays(contents: Contents) -> Iterator[tuple[str, NDArray[Any]]]:
    recording = contents.recording
    yield "header", np.array(json.dumps(contents.header))
    yield "frames", recording.steps
    for name, channel in recording.channels.items():
        there = [frame for frame in range(len(recording)) if recording.has(name, frame)]
        stack = np.empty((len(there), *channel.shape), channel.dtype)
        for place, frame in enumerate(there):
            stack[place] = recording.array(name, frame)
        yield f"channels/{name}", stack
        yield f"channels/{name}/frames", np.array(there, np.int64)
    for name, constant in recording.constants.items():
        yield f"constants/{name}", constant
    for name, series in contents.series.items():
        yield f"scalars/{name}/steps", series.steps
        yield f"scalars/{name}/values", series.values

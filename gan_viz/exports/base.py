"""What every export has to tell, and the contract of what writes it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gan_viz.recording import Channel, Recording, Scalars

Array = NDArray[Any]

OUTPUTS = ("generator", "scores_real", "scores_fake")
"""Channels of which a histogram tells something: numbers of one kind, in no order."""
PICTURES = {"samples": 1, "walk": 2}
"""Channels of pictures, and how many dimensions count these."""
MOST_PICTURES = 100
"""Frames of which pictures are exported to tools that show them one by one."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of outputs in tables, which have no histograms."""


class Contents:
    """A recording as other tools see it: series over steps, histograms and pictures.

    Parameters
    ----------
    recording : Recording
        Open, with frames.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    @cached_property
    def metrics(self) -> dict[str, Scalars]:
        """What `gan_viz.metrics` measures, if it can: ``metrics/w1`` and so on."""
        from gan_viz.api.tables import metrics  # loads scipy

        channel = self.recording.channels.get("generator")
        one_number = channel is not None and len(channel.shape) == 1 and channel.shape[0]
        if not one_number or "target" not in self.recording.header:
            return {}
        rows = metrics(self.recording)
        steps = np.array([row["step"] for row in rows], np.int64)
        taken = {*self.recording.scalars}
        return {
            free_name(f"metrics/{name}", taken): Scalars(
                steps, np.array([row[name] for row in rows], np.float64)
            )
            for name in rows[0]
            if name != "step"
        }

    @cached_property
    def series(self) -> dict[str, Scalars]:
        """All numbers over the steps: the recorded ones, then the metrics."""
        return {**self.recording.scalars, **self.metrics}

    def outputs(self) -> Iterator[tuple[int, str, Array]]:
        """Yield the step, the channel and the finite numbers of which a histogram can be made."""
        for frame, step in enumerate(self.recording.steps.tolist()):
            for name in OUTPUTS:
                if name in self.recording.channels and self.recording.has(name, frame):
                    values = self.recording.array(name, frame).ravel().astype(np.float64)
                    yield step, f"outputs/{name}", values[np.isfinite(values)]

    @cached_property
    def quantiles(self) -> dict[str, Scalars]:
        """Quantiles of the outputs over the steps, for tools without histograms."""
        found: dict[str, list[tuple[int, float]]] = {}
        for step, name, values in self.outputs():
            if len(values):
                for level, value in zip(LEVELS, np.quantile(values, LEVELS), strict=True):
                    key = f"{name}/quantile_{level:.0%}".rstrip("%")
                    found.setdefault(key, []).append((step, float(value)))
        taken = {*self.series}
        return {free_name(name, taken): _scalars(pairs) for name, pairs in found.items()}

    def pictures(self) -> Iterator[tuple[int, str, NDArray[np.uint8]]]:
        """Yield the step, the channel and a sheet of its pictures, of many frames some evenly."""
        for name, channel in self.recording.channels.items():
            if _is_pictures(channel):
                frames = [f for f in range(len(self.recording)) if self.recording.has(name, f)]
                for frame in _some(frames):
                    array = self.recording.array(name, frame)
                    sheet = _sheet(array, PICTURES[name])
                    yield int(self.recording.steps[frame]), f"pictures/{name}", sheet

    @property
    def header(self) -> dict[str, Any]:
        """The header, whose every value JSON can express."""
        text = json.dumps(dict(self.recording.header), allow_nan=True)
        return dict(json.loads(text, parse_constant=str))


class Exporter(ABC):
    """Writes a recording for one tool.

    Attributes
    ----------
    suffix : str
        What its file ends in; empty for a folder.
    """

    suffix: ClassVar[str] = ""

    @abstractmethod
    def write(self, contents: Contents, place: Path) -> None:
        """Write a file or into an empty folder, under a temporary name that is there already."""


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name that is not taken: with as many underscores behind it as that needs."""
    known = {*taken}
    while name in known:
        name += "_"
    return name


def _scalars(pairs: list[tuple[int, float]]) -> Scalars:
    steps, values = zip(*pairs, strict=True)
    return Scalars(np.array(steps, np.int64), np.array(values, np.float64))


def _is_pictures(channel: Channel) -> bool:
    leading = PICTURES.get(channel.name)
    if leading is None or channel.dtype != "uint8" or 0 in channel.shape:
        return False
    return len(channel.shape) == leading + 2 or channel.shape[leading + 2 :] == (3,)


def _some(frames: list[int]) -> list[int]:
    if len(frames) <= MOST_PICTURES:
        return frames
    return [frames[i] for i in np.linspace(0, len(frames) - 1, MOST_PICTURES).round().astype(int)]


def _sheet(array: Array, leading: int) -> NDArray[np.uint8]:
    """Pictures beside and below one another, a pixel of white between them."""
    if array.ndim == leading + 2:
        array = np.repeat(array[..., None], 3, axis=-1)
    rows = array if leading == 2 else _in_rows(array)
    framed = np.pad(rows, [(0, 0), (0, 0), (0, 1), (0, 1), (0, 0)], constant_values=255)
    down, across, height, width, _ = framed.shape
    sheet = framed.swapaxes(1, 2).reshape(down * height, across * width, 3)
    return np.ascontiguousarray(sheet[:-1, :-1])


def _in_rows(array: Array) -> Array:
    """Arrange pictures in a square, or one that is a little wider; white where there are none."""
    across = int(np.ceil(np.sqrt(len(array))))
    down = -(-len(array) // across)
    missing = np.full((down * across - len(array), *array.shape[1:]), 255, np.uint8)
    return np.concatenate([array, missing]).reshape(down, across, *array.shape[1:])

"""A recording as an xarray Dataset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.recording.format import JSON, Channel, Scalars
from gan_viz.registry import import_extra

if TYPE_CHECKING:
    import xarray

    from gan_viz.recording.reader import Recording

_Variable: TypeAlias = tuple[tuple[str, ...], NDArray[Any], dict[str, JSON]]


def to_dataset(recording: Recording) -> xarray.Dataset:
    """Read a whole recording into an xarray Dataset.

    Each channel is a variable over ``frame`` (whose coordinate ``frame`` is the step of each frame)
    and ``NAME_0``, ``NAME_1``, ...; where a frame has no array of it there is NaN, for which
    integers become floats. Each constant is a variable over ``NAME_0``, ... . Each series of
    scalars is a variable over ``step``, NaN where it has no value. If a name is taken twice, the
    second is ``NAME_constant`` or ``NAME_scalar``. The attribute ``header`` is the header as JSON.
    Raises MissingExtraError if xarray is not installed.
    """
    library = import_extra("xarray", "to_xarray()", "xarray")
    names = _Names()
    variables = dict(_channels(recording, names))
    variables.update(_constants(recording, names))
    steps, columns = rows_of(recording.scalars)
    for name, column in columns.items():
        variables[names.free(name, "_scalar")] = (("step",), column, {})
    header = json.dumps(dict(recording.header))
    places = {"frame": recording.steps, "step": steps}
    dataset: xarray.Dataset = library.Dataset(variables, places, {"header": header})
    return dataset


class _Names:
    """Names of variables and dimensions, none of them given twice."""

    def __init__(self) -> None:
        self._taken = {"frame", "step"}

    def free(self, name: str, suffix: str) -> str:
        while name in self._taken:
            name += suffix
        self._taken.add(name)
        return name

    def dims(self, name: str, channel: Channel) -> tuple[str, ...]:
        return tuple(self.free(f"{name}_{axis}", "_") for axis in range(len(channel.shape)))


def _channels(recording: Recording, names: _Names) -> Iterator[tuple[str, _Variable]]:
    for name, channel in recording.channels.items():
        key = names.free(name, "_channel")
        dims = ("frame", *names.dims(key, channel))
        yield key, (dims, _stack(recording, channel), dict(channel.attributes))


def _constants(recording: Recording, names: _Names) -> Iterator[tuple[str, _Variable]]:
    for name, channel in recording.constant_channels.items():
        key = names.free(name, "_constant")
        dims = names.dims(key, channel)
        yield key, (dims, recording.constants[name], dict(channel.attributes))


def _stack(recording: Recording, channel: Channel) -> NDArray[Any]:
    frames = range(len(recording))
    there = [frame for frame in frames if recording.has(channel.name, frame)]
    if len(there) == len(frames):
        stack = np.empty((len(frames), *channel.shape), channel.dtype)
    else:
        dtype = np.promote_types(channel.dtype, np.float16)
        stack = np.full((len(frames), *channel.shape), np.nan, dtype)
    for frame in there:
        stack[frame] = recording.array(channel.name, frame)
    return stack


def rows_of(series: Mapping[str, Scalars]) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """All series on the steps that any of them has, NaN where one has none."""
    steps = np.unique(np.concatenate([np.empty(0, np.int64), *(s.steps for s in series.values())]))
    columns = {}
    for name, one in series.items():
        columns[name] = np.full(len(steps), np.nan)
        columns[name][np.searchsorted(steps, one.steps)] = one.values
    return steps, columns

"""A recording as an xarray Dataset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import MissingExtraError
from gan_viz.recording.format import JSON, Channel

if TYPE_CHECKING:
    import xarray

    from gan_viz.recording.reader import Recording

__all__ = ["to_dataset"]

_Variable: TypeAlias = tuple[tuple[str, ...], NDArray[Any], dict[str, JSON]]


def to_dataset(recording: Recording) -> xarray.Dataset:
    """Read a whole recording into an xarray Dataset.

    Parameters
    ----------
    recording : Recording
        The recording.

    Returns
    -------
    xarray.Dataset
        Each channel is a variable over ``frame`` (whose coordinate ``frame`` is the step of each
        frame) and ``NAME_0``, ``NAME_1``, ...; where a frame has no array of it there is NaN, for
        which integers become floats. Each constant is a variable over ``NAME_0``, ... . Each
        series of scalars is a variable over ``step``, NaN where it has no value. If a name is taken
        twice, the second is ``NAME_constant`` or ``NAME_scalar``. The attribute ``header`` is the
        header as JSON.

    Raises
    ------
    MissingExtraError
        If xarray is not installed.
    """
    try:
        import xarray
    except ModuleNotFoundError as error:
        if error.name != "xarray":
            raise
        raise MissingExtraError("to_xarray()", "xarray", "xarray") from None
    names = _Names()
    variables = dict(_channels(recording, names))
    variables.update(_constants(recording, names))
    steps = _all_steps(recording)
    variables.update(_scalars(recording, names, steps))
    header = json.dumps(dict(recording.header))
    return xarray.Dataset(variables, {"frame": recording.steps, "step": steps}, {"header": header})


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


def _scalars(
    recording: Recording, names: _Names, steps: NDArray[np.int64]
) -> Iterator[tuple[str, _Variable]]:
    for name, scalars in recording.scalars.items():
        values = np.full(len(steps), np.nan)
        values[np.searchsorted(steps, scalars.steps)] = scalars.values
        yield names.free(name, "_scalar"), (("step",), values, {})


def _all_steps(recording: Recording) -> NDArray[np.int64]:
    every = [scalars.steps for scalars in recording.scalars.values()]
    return np.unique(np.concatenate([np.empty(0, np.int64), *every]))


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

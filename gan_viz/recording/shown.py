"""What a recording must be so that it can be drawn and measured, checked once for all panels.

A file of a stranger may say anything: pictures without a height, a billion numbers a frame. What
passes here has the rank that panels count on, and fits into memory several times over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gan_viz.errors import RecordingError
from gan_viz.recording.format import Channel

if TYPE_CHECKING:
    from gan_viz.recording.reader import Recording

MOST_ELEMENTS = 2**24
"""Elements of an array that is drawn or measured: as float64 they take 128 MiB."""
MOST_FRAMES = 10_000
"""Frames that are drawn or measured; they last eight minutes at 20 a second."""
MOST_VALUES = 2**15
"""Of a series of scalars: more than a hundred for each point of a curve."""
MOST_CHARACTERS = 4096
"""Of a text in the header: an expression for the data may have 4000."""
_NUMBERS_OF = ("generator", "discriminator", "x", "latents", "sample_gradient", "gradient_latents")
MOST_OF = {"class_counts": 10_000, **dict.fromkeys(_NUMBERS_OF, 2**20)}
"""Elements of arrays that are sorted, or have a picture of their own for each."""


class _Form(NamedTuple):
    """What a constant is: kinds of elements, numbers of dimensions, and that in words."""

    kinds: str
    dimensions: tuple[int, ...]
    words: str


_NUMBERS = _Form("fiu", (1,), "a row of numbers")
_CLASSES = _Form("iu", (1,), "a row of whole numbers")
_FORMS = {
    "real_samples": _Form("u", (3, 4), "pictures: bytes of height and width, maybe of 3 colours"),
    "real_labels": _CLASSES,
    "sample_labels": _CLASSES,
    "x": _NUMBERS,
    "latents": _Form("f", tuple(range(1, 17)), "latents"),
    "gradient_latents": _NUMBERS,
}
"""Constants that panels read without a look at their shape."""
_SHAPES = {
    "class_counts": (1, None, "a number for each class"),
    "on_landscape": (1, 2, "place and value, (2,)"),
    "points": (2, 2, "(n, 2)"),
    "signals": (3, None, "(n, channels, t)"),
}
"""Of a frame's arrays: dimensions, the size of the last one if it matters, and that in words."""


def check_shown(recording: Recording) -> None:
    """Refuse a recording that nothing can be drawn or measured from.

    Raises
    ------
    RecordingError
        Its arrays are too large, or one of its constants is not what its name says.
    """
    channels, constants = recording.channels.values(), recording.constant_channels.values()
    for kind, known in (("channel", channels), ("constant", constants)):
        for channel in known:
            _check_size(recording, kind, channel)
    for name in _FORMS.keys() & recording.constant_channels.keys():
        _check_form(recording, recording.constant_channels[name], _FORMS[name])
    if "x" in recording.constants:
        x = recording.constants["x"].astype(np.float64)
        if not (np.isfinite(x).all() and (np.diff(x) > 0).all()):
            raise RecordingError(f"{recording.path}: its constant 'x' is not finite and ascending")


def check_shape(recording: Recording, name: str) -> None:
    """Refuse a channel that is not of the shape that its name stands for.

    Raises RecordingError, with both shapes.
    """
    channel = recording.channels.get(name)
    if channel is not None and name in _SHAPES and not has_its_shape(channel):
        raise RecordingError(
            f"{recording.path}: {name} has the shape {channel.shape}, expected {_SHAPES[name][2]};"
            " choose other panels"
        )


def has_its_shape(channel: Channel) -> bool:
    """Whether it has elements, in the dimensions that its name stands for, if for any."""
    shape = channel.shape
    dimensions, last, _ = _SHAPES.get(channel.name, (len(shape), None, ""))
    return len(shape) == dimensions and 0 not in shape and last in (None, *shape[-1:])


def _check_size(recording: Recording, kind: str, channel: Channel) -> None:
    elements = channel.nbytes // np.dtype(channel.dtype).itemsize
    most = MOST_OF.get(channel.name, MOST_ELEMENTS)
    if elements > most:
        raise RecordingError(
            f"{recording.path}: {kind} {channel.name!r} has {elements:,} elements"
            f" ({channel.nbytes / 2**20:,.0f} MiB), more than the {most:,} that are drawn or"
            " measured: record fewer"
        )


def _check_form(recording: Recording, channel: Channel, form: _Form) -> None:
    fits = np.dtype(channel.dtype).kind in form.kinds and len(channel.shape) in form.dimensions
    if not fits or 0 in channel.shape:
        raise RecordingError(
            f"{recording.path}: its constant {channel.name!r} is {channel.dtype} of the shape"
            f" {channel.shape}, expected {form.words}"
        )

"""The other process: takes frames out of shared memory and encodes them.

`gan_viz.encoders.process` starts it.  Orders and replies are lines of JSON, on standard input and
output: first the job, then for each frame the number of its place in the shared memory, told back
when it has been taken, then the end, answered by the duration; or an error.  When the orders end
before that, the process that gave them has died or given up: the temporary file is removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from gan_viz.encoders.animation import AnimatedEncoder
from gan_viz.encoders.base import Encoder, Movie
from gan_viz.encoders.publish import Borrowed
from gan_viz.encoders.shared import Slots

__all__ = ["END", "READY", "main"]

READY = "ready"
"""Says that this process is one of ours, and runs."""

END = "end"
"""Says that there are no more frames."""

_Reply: TypeAlias = Callable[[object], None]


def main(memory: str, kind: str) -> None:
    """Encode what comes.

    Parameters
    ----------
    memory : str
        Number of the shared memory's file descriptor.
    kind : str
        The encoder's ``module:class``; it gets ready while there is nothing else to do.
    """
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever an encoder prints is no reply

    def reply(message: object) -> None:
        replies.write(json.dumps(message).encode() + b"\n")

    nobody_listens = contextlib.suppress(BrokenPipeError)
    with nobody_listens, os.fdopen(int(memory), "r+b", buffering=0) as file:
        _serve(sys.stdin.buffer, reply, file, kind)


def _serve(orders: BinaryIO, reply: _Reply, file: BinaryIO, kind: str) -> None:
    reply(READY)
    try:
        _prepare(_find(kind))
        job = orders.readline()
        if job:
            _encode(json.loads(job), orders, reply, file)
    except BrokenPipeError:
        raise
    except BaseException as error:  # noqa: BLE001
        reply({"error": _told(error)})


def _encode(job: dict[str, Any], orders: BinaryIO, reply: _Reply, file: BinaryIO) -> None:
    slots = Slots(file, **job["slots"])
    movie = _movie(job["movie"], slots)
    place = Borrowed(Path(job["target"]), Path(job["partial"]))
    try:
        with _find(job["kind"])(place, movie, **job["options"]) as encoder:
            for line in orders:
                order = json.loads(line)
                if order == END:
                    encoder.close()
                    reply({"duration": encoder.duration})
                    return
                _write(encoder, slots, *order)
                reply(order[0])
            encoder.abort()
    except BaseException:
        place.discard()  # also if it had just been completed, for nobody will publish it
        raise


def _movie(told: dict[str, Any], slots: Slots) -> Movie:
    """Make a movie of what was told, and of the samples, which lie after all else."""
    colors = np.array(told.pop("colors"), dtype=np.uint8).reshape(-1, 3)
    count = told.pop("samples")
    samples = slots.frames[len(slots.frames) - count :]
    return Movie(**told, colors=colors, samples=samples)


def _write(encoder: Encoder, slots: Slots, slot: int, count: int) -> None:
    if isinstance(encoder, AnimatedEncoder):
        encoder.write_changed(slots.changed(slot, count))
    else:
        encoder.write(slots.frames[slot])


def _find(name: str) -> type[Encoder]:
    module, _, attribute = name.partition(":")
    found: type[Encoder] = getattr(import_module(module), attribute)
    return found


def _prepare(kind: type[Encoder]) -> None:
    if kind.backend:
        import_module(kind.backend)


def _told(error: BaseException) -> dict[str, str]:
    kind = type(error)
    return {
        "kind": f"{kind.__module__}:{kind.__qualname__}",
        "text": str(error),
        "trace": "".join(traceback.format_exception(error)),
    }

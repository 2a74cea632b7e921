"""Numbers of many steps, held until they are written together."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from gan_viz.errors import RecordingError
from gan_viz.recording import Writer

BATCH = 512
"""Steps that are held at most."""
PATIENCE = 0.5
"""Seconds that a number is held back at most while steps go on."""


class ScalarBuffer:
    """Holds numbers by step, and writes a batch of them now and then.

    Numbers may be Python floats, NumPy scalars or tensors of one element. A tensor on an
    accelerator stays there, detached and copied, until a batch of them is fetched at once: fetching
    one waits for the device.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._names: tuple[str, ...] = ()
        self._steps: list[int] = []
        self._values: list[tuple[Any, ...]] = []
        self._due = 0.0

    def hold(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Hold the numbers of a step, by the name of their series, and write a batch if it is time.

        Raises RecordingError if one is no number; then nothing of this step is held.
        """
        names, values = tuple(scalars), tuple(map(_held, scalars.values()))
        if names != self._names:
            self.flush()
            self._names = names
        if not self._steps:
            self._due = time.monotonic() + PATIENCE
        self._steps.append(step)
        self._values.append(values)
        if len(self._steps) >= BATCH or time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._steps and self._names:
            columns = {
                name: _fetch(name, column)
                for name, column in zip(self._names, zip(*self._values, strict=True), strict=True)
            }
            self._writer.write_scalars(self._steps, columns)
        self._steps, self._values = [], []


def _held(value: Any) -> Any:
    """Keep a number as it is now: a float at once, a tensor on an accelerator without waiting."""
    if isinstance(value, float):
        return value
    if not getattr(value, "is_cpu", True) and hasattr(value, "detach"):
        return value.detach().clone()
    try:  # to ask a loss for its value is several times as fast as to detach it first
        return float(value.item() if hasattr(value, "item") else value)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError, RuntimeError) as error:
        raise RecordingError(
            f"a scalar is {type(value).__name__} {value!r:.60}: expected one number a step, "
            "like loss.mean()"
        ) from error


def _fetch(name: str, column: Sequence[Any]) -> list[float]:
    """The numbers of a column; those on a device are copied from there in one go."""
    there = [value for value in column if not isinstance(value, float)]
    if not there:
        return list(column)
    fetched = iter(_copied(name, there))
    return [value if isinstance(value, float) else next(fetched) for value in column]


def _copied(name: str, tensors: Sequence[Any]) -> list[float]:
    import torch

    if any(tensor.numel() != 1 for tensor in tensors):
        raise RecordingError(f"scalar {name!r}: expected tensors of one element, like loss.mean()")
    numbers: list[float] = torch.stack([tensor.reshape(()) for tensor in tensors]).double().tolist()
    return numbers

"""Losses and any other numbers of a step."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from gan_viz.errors import RecordingError
from gan_viz.hooks.base import Hook, Run
from gan_viz.recording import Writer

__all__ = ["ScalarsHook"]

BATCH = 512
PATIENCE = 0.5
"""Seconds that a number is held back at most while steps go on."""


class ScalarsHook(Hook):
    """Record the numbers given to ``recorder.step(...)``, each step.

    Numbers may be Python floats, NumPy scalars or tensors of one element. A tensor on an
    accelerator stays there, detached and copied, until a batch of them is fetched at once.
    """

    def __init__(self) -> None:
        self._writer: Writer | None = None
        self._names: tuple[str, ...] = ()
        self._steps: list[int] = []
        self._values: list[tuple[Any, ...]] = []
        self._due = 0.0

    def start(self, run: Run) -> None:
        """Remember where to write."""
        self._writer = run.writer

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Hold the numbers of a step, and write a batch now and then."""
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
        if self._steps and self._names and self._writer is not None:
            columns = {
                name: _fetch(name, column)
                for name, column in zip(self._names, zip(*self._values, strict=True), strict=True)
            }
            self._writer.write_scalars(self._steps, columns)
        self._steps, self._values = [], []


def _held(value: Any) -> Any:
    """Keep a number as it is now: a float at once, a tensor on an accelerator without waiting."""
    if isinstance(value, float | int):
        return value
    if not hasattr(value, "detach"):
        return _as_float(value)
    detached = value.detach()
    return _as_float(detached) if detached.device.type == "cpu" else detached.clone()


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise RecordingError(
            f"a scalar is {type(value).__name__} {value!r:.60}: expected one number a step, "
            "like loss.detach()"
        ) from error


def _fetch(name: str, column: Sequence[Any]) -> list[float]:
    """Copy a column from the device in one go where it is there."""
    if not hasattr(column[0], "detach"):
        return [_as_float(value) for value in column]
    import torch

    if any(value.numel() != 1 for value in column):
        raise RecordingError(f"scalar {name!r}: expected tensors of one element, like loss.mean()")
    stacked: list[float] = torch.stack([value.reshape(()) for value in column]).double().tolist()
    return stacked

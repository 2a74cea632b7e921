"""Losses and any other numbers of a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.buffering import ScalarBuffer


class ScalarsHook(Hook):
    """Record the numbers given to ``recorder.step(...)``, each step.

    Numbers may be Python floats, NumPy scalars or tensors of one element, on any device; see
    `gan_viz.hooks.buffering.ScalarBuffer`.
    """

    def start(self, context: HookContext) -> None:
        """Remember where to write."""
        self._buffer = ScalarBuffer(context.writer)

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Hold the numbers of a step."""
        self._buffer.hold(step, scalars)

    def flush(self) -> None:
        """Write what is held."""
        self._buffer.flush()

"""Watching over a training's health while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.health import Gauge
from gan_viz.analysis.verdicts import Judge, Verdict
from gan_viz.hooks.base import Hook, Run

if TYPE_CHECKING:
    import torch

__all__ = ["HealthHook"]

REAL = 64
"""Real samples that generated ones are compared with: about as many as there are of those."""


class HealthHook(Hook):
    """Say when a training goes wrong: mode collapse, D overpowering G, oscillation and others.

    Scalars: ``g_diversity`` of samples with real ones beside them, ``g_spread`` and ``g_centre``
    of numbers, at every frame; see `gan_viz.analysis.health.Gauge`. It judges by the scalars that
    the recording gets, of other hooks too, so `gan_viz.analysis.verdicts` says the same afterwards.

    Parameters
    ----------
    say : callable (Verdict), optional
        Told of every verdict once, within a second or so.

    Attributes
    ----------
    verdicts : list of Verdict
        All so far.
    """

    def __init__(self, say: Callable[[Verdict], None] | None = None) -> None:
        self._say = say
        self._judge = Judge()
        self.verdicts: list[Verdict] = []

    def start(self, run: Run) -> None:
        """Measure the data, and listen from now on."""
        self._writer, self._fixed = run.writer, run.fixed
        self._channel = "samples" if run.target is None else "generator"
        self._gauge = Gauge(run.target, None if run.real is None else _copied(run.real[:REAL]))
        run.writer.listen(self._listen)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Measure the run's fixed samples."""
        figures = self._gauge.read({self._channel: _copied(self._fixed.generated(step))})
        if figures:
            self._writer.write_scalars([step], {name: [figures[name]] for name in figures})
        return {}

    def _listen(self, steps: list[int], values: Mapping[str, list[float]]) -> None:
        for verdict in self._judge.on_scalars(steps, values):
            self.verdicts.append(verdict)
            if self._say is not None:
                self._say(verdict)


def _copied(samples: torch.Tensor) -> NDArray[Any]:
    return np.asarray(samples.float().cpu().numpy())

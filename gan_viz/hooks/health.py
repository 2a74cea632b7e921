"""Judging a training while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.diagnostics import HealthFigures, Verdict, judge, series_names
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.recording import Scalars

if TYPE_CHECKING:
    import torch

__all__ = ["HealthHook"]

REAL_SAMPLES = 64
"""Real samples that generated ones are compared with: about as many as there are of those."""
OUTPUTS = 256
"""Outputs of G that are compared with the distribution of one-dimensional data."""
PATIENCE = 0.5
"""Seconds between two judgements at least."""
EFFORT = 0.01
"""Share of the time that judging may take: as it judges all numbers so far, 0.3 microseconds each,
it waits longer in trainings of several 10,000 steps."""


class HealthHook(Hook):
    """Say when a training goes wrong: mode collapse, D overpowering G, oscillation and others.

    Scalars, at every frame: ``g_diversity`` of samples, if there are real ones; of numbers
    ``g_spread``, ``g_centre``, ``g_w1`` and the share in each mode of the data, ``g_mode_1`` and so
    on; see `gan_viz.diagnostics.HealthFigures`. All scalars that are recorded, by other hooks too,
    are judged, so `gan_viz.verdicts` says the same of the recording, unless D's outputs are known
    there only from what D was along x.

    Parameters
    ----------
    say : callable (Verdict), optional
        Called with every verdict once: within a second or so, later in trainings of more than
        50,000 steps.

    Attributes
    ----------
    verdicts : list of Verdict
        All so far.
    """

    def __init__(self, say: Callable[[Verdict], None] | None = None) -> None:
        self._say = say
        self.verdicts: list[Verdict] = []
        self._numbers: dict[str, tuple[list[int], list[float]]] = {}
        self._figures = HealthFigures()
        self._due, self._news = 0.0, False

    def start(self, run: HookContext) -> None:
        """Measure the data, and listen to what is recorded from now on."""
        self._writer, self._samples = run.writer, run.fixed
        if run.target is not None and run.fixed.labels is None:  # these leave less to chance
            self._samples = run.fixed.others(run.latent.stratified(OUTPUTS))
        self._channel = "samples" if run.target is None else "generator"
        real = None if run.real is None else _copied(run.real[:REAL_SAMPLES])
        self._figures = HealthFigures(run.target, real)
        self._names = series_names(self._figures.modes)
        run.writer.listen(self._listen)

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Judge what has been recorded, if it is time."""
        # Not in `_listen`: within a frame, other hooks have yet to write earlier steps.
        if self._news and time.monotonic() >= self._due:
            begun = time.monotonic()
            self._judge()
            now = time.monotonic()
            self._due = now + max(PATIENCE, (now - begun) / EFFORT)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Measure the run's fixed samples, or those of evenly spread latents."""
        figures = self._figures.of({self._channel: _copied(self._samples.generated(step))})
        if figures:
            self._writer.write_scalars([step], {name: [figures[name]] for name in figures})
        return {}

    def close(self) -> None:
        """Judge what is left."""
        if self._news:
            self._judge()

    def _listen(self, steps: list[int], values: Mapping[str, list[float]]) -> None:
        for name in self._names.intersection(values):
            known_steps, known_values = self._numbers.setdefault(name, ([], []))
            known_steps += steps
            known_values += values[name]
            self._news = True

    def _judge(self) -> None:
        self._news = False
        series = {
            name: Scalars(np.array(steps), np.array(values))
            for name, (steps, values) in self._numbers.items()
        }
        for span in judge(series, self._figures.modes):
            if span.verdict not in self.verdicts:
                self.verdicts.append(span.verdict)
                if self._say is not None:
                    self._say(span.verdict)


def _copied(samples: torch.Tensor) -> NDArray[Any]:
    return np.asarray(samples.float().cpu().numpy())

"""Watching over a training's health while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.health import Gauge
from gan_viz.analysis.verdicts import Judge, Verdict
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch

__all__ = ["HealthHook"]

REAL = 64
"""Real samples that generated ones are compared with: about as many as there are of those."""
NUMBERS = 256
"""Outputs of G that are compared with the distribution of one-dimensional data."""


class HealthHook(Hook):
    """Say when a training goes wrong: mode collapse, D overpowering G, oscillation and others.

    Scalars: ``g_diversity`` of samples with real ones beside them; of numbers ``g_spread``,
    ``g_centre``, ``g_w1`` and the shares in each mode of the data, ``g_mode_1`` and so on; at every
    frame. See `gan_viz.analysis.health.Gauge`. It judges by the scalars that the recording gets, of
    other hooks too, so `gan_viz.analysis.verdicts` says the same afterwards, unless D's outputs are
    known there only from what D was along x.

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
        self.verdicts: list[Verdict] = []

    def start(self, run: HookContext) -> None:
        """Measure the data, and listen from now on."""
        self._writer, self._generator, self._fixed = run.writer, run.generator, run.fixed
        self._latents = None if run.target is None or run.fixed.labels is not None else _even(run)
        self._channel = "samples" if run.target is None else "generator"
        self._gauge = Gauge(run.target, None if run.real is None else _copied(run.real[:REAL]))
        self._judge = Judge(self._gauge.modes)
        run.writer.listen(self._listen)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Measure the run's fixed samples, or those of evenly spread latents."""
        if self._latents is None:
            samples = self._fixed.generated(step)
        else:
            samples = evaluate(self._generator, self._latents)
        figures = self._gauge.read({self._channel: _copied(samples)})
        if figures:
            self._writer.write_scalars([step], {name: [figures[name]] for name in figures})
        return {}

    def _listen(self, steps: list[int], values: Mapping[str, list[float]]) -> None:
        for verdict in self._judge.on_scalars(steps, values):
            self.verdicts.append(verdict)
            if self._say is not None:
                self._say(verdict)


def _even(run: HookContext) -> torch.Tensor:
    """Latents that leave less to chance than random ones."""
    import torch

    latents = torch.from_numpy(run.latent.stratified(NUMBERS)).to(device_of(run.generator))
    return latents.reshape(-1, *run.fixed.latents.shape[1:])


def _copied(samples: torch.Tensor) -> NDArray[Any]:
    return np.asarray(samples.float().cpu().numpy())

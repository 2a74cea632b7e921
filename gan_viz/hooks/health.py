"""Judging a training while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.scores import UNBOUNDED, probability
from gan_viz.arguments import checked
from gan_viz.diagnostics import HealthFigures, Verdict, judge, series_names
from gan_viz.diagnostics.thresholds import DEFAULTS, thresholds_of
from gan_viz.distributions import Distribution
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.outputs import OutputKind
from gan_viz.objectives.base import OUTPUTS as KINDS_OF_OUTPUT
from gan_viz.recording import Scalars

if TYPE_CHECKING:
    import torch

    from gan_viz.hooks.asking import Score

REAL_SAMPLES = 64
"""Real samples that generated ones are compared with: about as many as there are of those."""
OUTPUTS = 256
"""Outputs of G that are compared with the distribution of one-dimensional data."""
POINTS = 128
"""Places at which D is asked about such data: as many quantiles, and as many even points."""
MEANS = ("d_real", "d_fake")
Pair: TypeAlias = "tuple[Score, torch.Tensor, torch.Tensor | None]"
"""What judges samples, real ones, and their classes if D is told any."""
PATIENCE = 0.5
"""Seconds between two judgements at least."""
EFFORT = 0.01
"""Share of the time that judging may take: as it judges all numbers so far, 0.3 microseconds each,
it waits longer in trainings of several 10,000 steps."""


class HealthHook(Hook):
    """Say when a training goes wrong: mode collapse, D overpowering G, oscillation and others.

    Scalars, at every frame: ``g_diversity`` of samples, if there are real ones, and D's means on
    both, ``d_real`` and ``d_fake``, if they are probabilities and the training does not tell them
    itself; of numbers ``g_spread``, ``g_centre``, ``g_w1``, ``g_tv``, the mass in each mode of the
    data, ``g_mode_1`` and so on, ``g_between`` these and, where there is a D, ``d_off`` and the
    same two means; see `gan_viz.diagnostics.HealthFigures`. All scalars
    that are recorded, by other hooks too, are judged, so `gan_viz.verdicts` says the same of the
    recording.

    What D returns is told by the recording's header, ``{"objective": {"output": "critic"}}``, as
    is what its losses mean, ``{"objective": {"d_loss_at": {"0.98": 0.04, "0.9": 0.21}}}``. Without,
    it is a probability if D's last module is a `torch.nn.Sigmoid`, else a logit, and only a loss
    that is low for every objective counts as low.

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

    @checked
    def __init__(self, say: Callable[[Verdict], None] | None = None) -> None:
        self._say = say
        self.verdicts: list[Verdict] = []
        self._numbers: dict[str, tuple[list[int], list[float]]] = {}
        self._figures = HealthFigures()
        self._thresholds = DEFAULTS
        self._due, self._news, self._told_d = 0.0, False, False
        self._score: Score | None = None
        self._pair: Pair | None = None

    def start(self, run: HookContext) -> None:
        """Measure the data, and listen to what is recorded from now on."""
        self._writer, numbers = run.writer, run.target is not None and run.fixed.labels is None
        # evenly spread latents leave less to chance
        self._samples = run.fixed.others(run.latent.stratified(OUTPUTS)) if numbers else run.fixed
        self._channel = "samples" if run.target is None else "generator"
        x = None if run.target is None else _places(run.target)
        output = "logit"
        if numbers and run.target is not None and x is not None:
            output = self._ask_d(run, run.target, x)
        real = None if run.real is None else _copied(run.real[:REAL_SAMPLES])
        if run.target is None:
            self._pair = self._pair_for(run)
        weights = np.full(OUTPUTS, 1 / OUTPUTS) if numbers and run.latent.dim == 1 else None
        self._figures = HealthFigures(run.target, real, x, output, weights)
        self._names = series_names(self._figures.modes)
        self._thresholds = thresholds_of(run.header)
        run.writer.listen(self._listen)

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Judge what has been recorded, if it is time."""
        self._told_d = self._told_d or "d_real" in scalars or "d_fake" in scalars
        # Not in `_listen`: within a frame, other hooks have yet to write earlier steps.
        if self._news and time.monotonic() >= self._due:
            begun = time.monotonic()
            self._judge()
            now = time.monotonic()
            self._due = now + max(PATIENCE, (now - begun) / EFFORT)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Measure the run's fixed samples, or those of evenly spread latents."""
        arrays = {self._channel: _copied(self._samples.generated(step))}
        if self._score is not None:
            arrays["discriminator"] = self._judged(step, arrays[self._channel].ravel())
        figures = self._figures.of(arrays)
        if self._pair is not None and not self._told_d:
            figures |= self._means(step, *self._pair)
        # whether the training tells of D's means is known after its first step
        if self._told_d or not step:
            figures = {name: figures[name] for name in figures if name not in MEANS}
        if figures:
            self._writer.write_scalars([step], {name: [figures[name]] for name in figures})
        return {}

    def _ask_d(self, run: HookContext, target: Distribution, x: NDArray[np.float64]) -> str:
        """Prepare to ask D at some places; what its outputs are."""
        import torch

        self._score, self._x = run.score, x
        self._inputs = torch.from_numpy(x)[:, None]
        self._levels = np.searchsorted(x, target.ppf(midpoints(POINTS)))
        objective = run.header.get("objective")
        told = objective.get("output") if isinstance(objective, Mapping) else None
        self._kind = OutputKind(told if told in KINDS_OF_OUTPUT else run.output, run.writer)
        if run.score is None:
            return "logit"
        return self._kind.settle(run.score, (self._inputs.float(), None))

    def _pair_for(self, run: HookContext) -> Pair | None:
        """What D is asked about, if it is known; also finds out what its outputs are."""
        if run.score is None or run.real is None:
            return None
        told = run.score.takes_labels and run.fixed.labels is not None
        if told and run.labels is None:
            return None
        real = run.real[: len(run.fixed)]
        labels = run.labels[: len(real)] if told and run.labels is not None else None
        self._kind = OutputKind(run.output, run.writer)
        fake = run.fixed.generated(0), run.fixed.labels
        self._kind.settle(run.score, (real, labels), fake)
        return run.score, real, labels

    def _means(
        self, step: int, score: Score, real: torch.Tensor, labels: torch.Tensor | None
    ) -> dict[str, float]:
        """D's mean probabilities on batches of real and of generated samples, if it gives any."""
        fake = self._samples.generated(step), self._samples.labels
        if self._kind.kind in UNBOUNDED:
            return {}
        on_real, on_fake = (
            _copied(score.asked(*one, as_it_is=True)) for one in ((real, labels), fake)
        )
        self._kind.judge(step, on_real.astype(np.float64), on_fake.astype(np.float64))
        if not self._kind.is_known or self._kind.kind in UNBOUNDED:
            return {}
        means = (probability(each, self._kind.kind).mean() for each in (on_real, on_fake))
        return dict(zip(MEANS, map(float, means), strict=True))

    def _judged(self, step: int, outputs: NDArray[Any]) -> NDArray[Any]:
        """What D says at all places; its loss may tell what that means."""
        assert self._score is not None
        scores = _copied(self._score.asked(self._inputs)).ravel()
        self._kind.judge(step, scores[self._levels], np.interp(outputs, self._x, scores))
        self._figures.output = self._kind.kind
        return scores

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
        for span in judge(series, self._figures.modes, self._thresholds):
            if span.verdict not in self.verdicts:
                self.verdicts.append(span.verdict)
                if self._say is not None:
                    self._say(span.verdict)


def _places(target: Distribution) -> NDArray[np.float64]:
    """Where D is asked: at the data's quantiles, and evenly over three times its window."""
    low, high = target.window
    even = np.linspace(2 * low - high, 2 * high - low, POINTS)
    return np.unique([*target.ppf(midpoints(POINTS)), *even])


def _copied(samples: torch.Tensor) -> NDArray[Any]:
    return np.asarray(samples.float().cpu().numpy())

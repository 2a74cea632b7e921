"""The runs of a sweep: trained in batches, each summed up in a few numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.distances import COVERED, relative_distances
from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.metrics import TargetMetrics
from gan_viz.api.tables import steps_to_converge
from gan_viz.api.toy import Toy, build_toy
from gan_viz.diagnostics import HealthFigures, judge
from gan_viz.diagnostics.figures import UNKNOWN
from gan_viz.diagnostics.thresholds import thresholds_of
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.errors import GanVizError
from gan_viz.recording import Scalars
from gan_viz.sweeps.grid import Cell

if TYPE_CHECKING:
    from gan_viz.training import Training

Array = NDArray[np.float64]

POINTS = 50
"""Points of a run's curve, the start not counted."""
LATENTS = 512
"""Outputs of G that a run is summed up from."""
GRID = 256
"""Points at which D is evaluated, over twice the window of the data."""


@dataclass
class Summary:
    """What one run of a sweep came to."""

    status: str = "done"
    """``done``, ``diverged`` or ``failed``: whether all steps were made, a loss was no longer
    finite, or the run could not be made."""
    figures: dict[str, float] = field(default_factory=dict)
    """``w1``, ``w1_best`` (Wasserstein-1 distance at the end, and the least on the way, relative to
    the standard deviation of the data), ``best_step``, ``js`` and ``tv`` at the end, ``modes`` of
    the data, ``modes_covered``, ``steps_to_converge`` (infinite if it did not) and ``steps_made``.
    Of a run that diverged, those of its last point before."""
    verdicts: list[str] = field(default_factory=list)
    """Kinds of the verdicts on the training, in order."""
    at_end: list[str] = field(default_factory=list)
    """Kinds of those that held at its last step."""
    curve: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """Shape (points,): W1 at `curve_steps`, as far as the run went."""
    note: str = ""
    """Why it failed or diverged."""


def curve_steps(steps: int) -> list[int]:
    """The steps of a run's curve: from 0 to the end, closer together early on."""
    return sorted({round(steps * (k / POINTS) ** 2) for k in range(POINTS + 1)})


def batches(cells: Sequence[tuple[int, Cell]], size: int) -> Iterator[list[tuple[int, Cell]]]:
    """Split runs into batches of at most this size that can be trained side by side.

    These have equal settings, but for the data, the objective, the learning rates and the seed.
    """
    for _, alike in groupby(sorted(cells, key=_kind), _kind):
        runs = iter(alike)
        while batch := list(islice(runs, size)):
            yield batch


def _kind(numbered: tuple[int, Cell]) -> str:
    own = ("data", "objective", "seed", "g_lr", "d_lr")
    return json.dumps({k: v for k, v in numbered[1].items() if k not in own}, sort_keys=True)


def train_cells(cells: Sequence[Cell], common: Mapping[str, Any]) -> list[Summary]:
    """Train runs side by side, one of the `batches`, and sum each up.

    `common` are settings of all, which those of a run override. A run that cannot be made, or that
    diverges, does not touch the others.
    """
    from gan_viz.training import Training
    from gan_viz.training.threads import threads_for

    found = [Summary() for _ in cells]
    watched: dict[int, _Watched] = {}
    sources: list[tuple[str, int]] = []  # runs of equal ones draw the same samples
    for number, cell in enumerate(cells):
        options = {**common, **cell}
        data = str(options.pop("data", "gaussian"))
        try:
            latent = Latent(options.get("latent", "normal"), options.get("latent_dim", 1))
            yardstick = _yardstick(data, latent)
            toy = build_toy(yardstick.target, **options)
        except GanVizError as error:
            found[number] = Summary("failed", note=str(error))
        else:
            watched[number] = _Watched(toy, yardstick)
            sources.append((data, options.get("seed", 0)))
    if watched:
        runs = [*watched.values()]
        gans = [run.gan for run in runs]
        with threads_for(gans, one=True):
            _train(Training(gans, sources), runs)
        for number, run in watched.items():
            found[number] = run.summary()
    return found


def _train(training: Training, runs: Sequence[_Watched]) -> None:
    steps = training.settings.steps
    for run in runs:
        run.look(0)
    made = 0
    for stop in curve_steps(steps)[1:]:
        losses = np.asarray(training.advance(stop - made), np.float64)
        made = stop
        for number, run in enumerate(runs):
            run.follow(losses[:, number])
            run.look(stop)


class _Yardstick:
    """What runs on the same data and latents are measured with, which takes long to compute."""

    def __init__(self, learnt: Distribution, latent: Latent) -> None:
        self.target, self.z = learnt, latent.stratified(LATENTS)
        low, high = learnt.window
        reach = (high - low) / 2
        self.x = np.linspace(low - reach, high + reach, GRID)
        known = latent.dim == 1
        line = LatentLine(self.z[:, 0].astype(np.float64), latent.kind) if known else None
        self.metrics = TargetMetrics(learnt, line)
        self._weights = None if line is None else line.weights
        self._health: dict[str, HealthFigures] = {}

    def health(self, output: str) -> HealthFigures:
        """Figures of health where D returns this."""
        if output not in self._health:
            self._health[output] = HealthFigures(self.target, None, self.x, output, self._weights)
        return self._health[output]


@lru_cache(maxsize=16)
def _yardstick(data: str, latent: Latent) -> _Yardstick:
    return _Yardstick(target(data), latent)


class _Watched:
    """A run while it is trained."""

    def __init__(self, toy: Toy, yardstick: _Yardstick) -> None:
        from gan_viz.training.evaluating import NumpyNetworks

        gan = self.gan = toy.gan
        self.diverged: int | None = None
        self._networks = NumpyNetworks(gan.g_ema, gan.discriminator, gan.objective, toy.scaling)
        self._yardstick, self._health = yardstick, yardstick.health(gan.objective.output)
        self._thresholds = thresholds_of(toy.header)
        self._losses: list[Array] = []
        self._looks: dict[int, dict[str, Array]] = {}

    def follow(self, losses: Array) -> None:
        """Take the losses of D and of G in some steps, shape (2, steps)."""
        if self.diverged is not None:
            return
        good = int(np.argmin([*np.isfinite(losses.sum(axis=0)), False]))
        self._losses.append(losses[:, :good])
        if good < losses.shape[1]:
            self.diverged = sum(part.shape[1] for part in self._losses) + 1

    def look(self, step: int) -> None:
        """Take a point of the curve."""
        if self.diverged is None:
            self._looks[step] = {
                "generator": self._networks.generate(self._yardstick.z),
                "discriminator": self._networks.judge(self._yardstick.x),
            }

    def summary(self) -> Summary:
        """Sum the run up."""
        steps, measure = np.array([*self._looks]), self._yardstick
        looks = self._looks.values()
        arrays = {name: np.stack([look[name] for look in looks]) for name in self._looks[0]}
        outputs = arrays["generator"]
        w1 = relative_distances(outputs, measure.target)
        last = measure.metrics.of(outputs[-1])
        best = int(np.argmin(np.nan_to_num(w1, nan=math.inf)))
        shares = np.array(last.masses) / [mode.core for mode in measure.target.modes]
        converged, _ = steps_to_converge(steps, w1)
        kinds, at_end = self._verdicts(steps, self._health.of_frames(arrays))
        finite = self.diverged is None
        return Summary(
            "done" if finite else "diverged",
            {
                "w1": float(w1[-1]),
                "w1_best": float(w1[best]),
                "best_step": int(steps[best]),
                "js": last.js,
                "tv": last.tv,
                "modes": len(shares),
                "modes_covered": int((shares >= COVERED).sum()),
                "steps_to_converge": converged if finite else math.inf,
                "steps_made": sum(part.shape[1] for part in self._losses),
            },
            kinds,
            at_end,
            w1.astype(np.float32),
            "" if finite else f"a loss is not finite at step {self.diverged}",
        )

    def _verdicts(
        self, steps: NDArray[np.int64], figures: Mapping[str, Array]
    ) -> tuple[list[str], list[str]]:
        """Kinds of all verdicts, and of those that hold at the last step."""
        losses = np.concatenate(self._losses, axis=1)
        numbers = np.arange(1, losses.shape[1] + 1)
        series = {
            name: Scalars(numbers, each)
            for name, each in zip(("d_loss", "g_loss"), losses, strict=True)
        }
        for name, values in figures.items():
            known = np.isfinite(values) if name in UNKNOWN else np.ones(len(steps), np.bool_)
            if known.any():
                series[name] = Scalars(steps[known], values[known])
        spans = judge(series, self._health.modes, self._thresholds)
        return (
            [*dict.fromkeys(span.verdict.kind for span in spans)],
            [*dict.fromkeys(span.verdict.kind for span in spans if span.end > steps[-1])],
        )

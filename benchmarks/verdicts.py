"""How often the verdicts are right: a confusion matrix against samples of trained generators.

``python benchmarks/verdicts.py`` trains each setting of `TUNED`, on which the rules and thresholds
were chosen, and of `HELD_OUT`, on which nothing was, with four seeds, and compares the verdicts
that hold at frames of the last third with the truth there. The truth is worked out from 40,000
samples and from the components that a target was written down with, and shares nothing with the
package but the recording: the verdicts' own densities, quantiles and modes are not used.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from results import table, write
from scipy.special import expit
from scipy.stats import norm

from gan_viz.api import race
from gan_viz.diagnostics import diagnose
from gan_viz.recording import Recording

Array = NDArray[np.float64]
Parts = Sequence[tuple[float, float, float]]
"""Weight, mean and standard deviation of each component."""

SAMPLES = 40_000
"""Of G and of the data, each at evenly spread quantiles of its randomness: chance adds nothing."""
CELLS = 200
"""Of equal mass of the data, in which the total variation is summed."""
FRAMES = 6
"""Frames judged of a run, the last one among them."""
LEARNING = 1100
"""Frames before this step are not judged: G may still find what it lacks."""
LASTING = 90
"""Steps for which something must have been so, for a verdict to be due."""
KINDS = ("equilibrium", "lost-mode", "collapse", "overpowered")


def comb(count: int, gap: float, sigma: float) -> Parts:
    """Equal modes, `gap` apart."""
    return [(1 / count, gap * (k - (count - 1) / 2), sigma) for k in range(count)]


class Settings(NamedTuple):
    """Settings that differ in the objective only: a target, and options of `gan_viz.race`."""

    parts: Parts
    objectives: tuple[str, ...]
    options: Mapping[str, Any]


NONE: Mapping[str, Any] = {"stabilizers": []}
SOME = {"stabilizers": ["standardize", "ema"]}
FIVE = {**NONE, "d_steps": 5}
PAIR, TRIO = [(0.3, -1.5, 0.5), (0.7, 1.5, 0.5)], comb(3, 3.0, 0.5)
FOUR = [(0.4, -4.0, 0.3), (0.3, 0.0, 0.3), (0.2, 4.0, 0.3), (0.1, 8.0, 0.3)]
GAME, SQUARES, HINGE, CLIPPED, PENALTY = "non-saturating", "lsgan", "hinge", "wgan", "wgan-gp"
TUNED = [
    Settings([(1.0, 4.0, 0.5)], (GAME, "minimax", SQUARES, HINGE, CLIPPED), {}),
    Settings(PAIR, (GAME, SQUARES, HINGE), {}),
    Settings(PAIR, (GAME, CLIPPED), NONE),
    Settings(PAIR, (GAME,), {**NONE, "g_lr": 0.005, "d_lr": 0.001}),
    Settings(TRIO, (GAME, SQUARES, CLIPPED), {}),
    Settings(TRIO, (GAME, HINGE), SOME),
    Settings(FOUR, (GAME, SQUARES), {}),
    Settings(FOUR, (GAME,), NONE),
    Settings(comb(2, 20.0, 0.5), (GAME, "minimax"), NONE),
    Settings(comb(2, 20.0, 0.5), ("minimax",), {**NONE, "d_steps": 10, "g_lr": 1e-4}),
    Settings(comb(2, 20.0, 0.5), (PENALTY,), {**NONE, "steps": 1500}),
    Settings(comb(5, 4.0, 0.5), (GAME, HINGE), {}),
    Settings(comb(5, 4.0, 0.5), (GAME,), NONE),
    Settings(comb(10, 3.0, 0.3), (GAME, SQUARES), {}),
    Settings([(0.991, 0.0, 1.0), (0.009, 5.0, 0.2)], (GAME,), {}),
    Settings([(0.9, 0.0, 1.0), (0.1, 20.0, 1.0)], (GAME,), {}),
    Settings([(1.0, 0.0, 1.0)], (GAME,), {**NONE, "g_lr": 0.05, "d_lr": 1e-4}),
    Settings([(1.0, 10.0, 0.1)], (GAME, "minimax"), {**NONE, "d_lr": 0.01}),
    Settings([(1.0, -2.0, 3.0)], (GAME, SQUARES, "minimax"), {}),
    Settings([(0.5, -1.0, 0.4), (0.5, 2.0, 0.8)], (GAME, HINGE, CLIPPED), {}),
    Settings([(0.5, -1.0, 0.4), (0.5, 2.0, 0.8)], (GAME,), {**NONE, "g_lr": 0.005}),
    Settings([(0.25, 0.0, 0.2), (0.5, 3.0, 0.5), (0.25, 9.0, 0.2)], (GAME, SQUARES), {}),
    Settings([(0.25, 0.0, 0.2), (0.5, 3.0, 0.5), (0.25, 9.0, 0.2)], (GAME,), SOME),
    Settings(comb(7, 5.0, 0.6), (GAME, HINGE), {"stabilizers": ["standardize", "two-rates"]}),
    Settings(comb(9, 2.5, 0.3), (GAME,), NONE),
    Settings([(0.97, 0.0, 1.0), (0.03, 6.0, 0.3)], (GAME, SQUARES), {}),
    Settings([(0.5, 0.0, 1.0), (0.5, 50.0, 0.5)], ("minimax",), {**NONE, "d_steps": 5}),
    Settings(comb(2, 30.0, 1.0), ("minimax",), {**NONE, "d_steps": 8, "g_lr": 2e-4}),
    Settings([(1.0, 3.0, 2.0)], (GAME, SQUARES, HINGE), {}),
    Settings([(0.6, -3.0, 0.7), (0.4, 4.0, 0.3)], (GAME, "minimax", CLIPPED), {}),
    Settings(comb(3, 6.0, 0.4), (GAME, SQUARES), {}),
    Settings(comb(3, 6.0, 0.4), (GAME,), NONE),
    Settings(comb(4, 2.5, 0.35), (GAME, HINGE), {}),
    Settings(comb(6, 3.5, 0.5), (GAME,), {}),
    Settings(comb(6, 3.5, 0.5), (GAME,), SOME),
    Settings(comb(8, 4.0, 0.4), (GAME, SQUARES), NONE),
    Settings([(0.85, 0.0, 0.8), (0.15, -9.0, 0.4)], (GAME, SQUARES), {}),
    Settings([(0.95, 0.0, 1.0), (0.05, 5.0, 0.5)], (GAME,), {}),
    Settings([(0.34, -6.0, 1.0), (0.33, 0.0, 0.2), (0.33, 5.0, 0.6)], (GAME, "minimax"), FIVE),
    Settings(comb(2, 40.0, 2.0), ("minimax",), {**NONE, "d_steps": 10, "g_lr": 1e-4}),
    Settings([(1.0, 0.0, 1.0)], (GAME,), {**NONE, "g_lr": 0.02, "d_lr": 2e-4}),
    Settings(comb(2, 12.0, 1.0), (PENALTY,), {**NONE, "steps": 1500}),
]
HELD_OUT = [
    Settings([(1.0, -7.0, 0.9)], (GAME, SQUARES, CLIPPED), {}),
    Settings([(0.35, -2.0, 0.3), (0.65, 1.0, 0.6)], (GAME, "minimax", HINGE), {}),
    Settings([(0.35, -2.0, 0.3), (0.65, 1.0, 0.6)], (GAME,), {**NONE, "g_lr": 0.004}),
    Settings([(0.2, -5.0, 0.4), (0.5, 0.0, 0.6), (0.3, 4.0, 0.2)], (GAME, SQUARES), {}),
    Settings([(0.2, -5.0, 0.4), (0.5, 0.0, 0.6), (0.3, 4.0, 0.2)], (GAME, HINGE), SOME),
    Settings(comb(4, 7.0, 0.8), (GAME, "minimax"), NONE),
    Settings(comb(6, 3.0, 0.4), (GAME, SQUARES), {}),
    Settings(comb(8, 2.2, 0.25), (GAME,), {"stabilizers": ["standardize", "two-rates"]}),
    Settings([(0.93, 0.0, 1.0), (0.07, 8.0, 0.5)], (GAME, HINGE), {}),
    Settings(comb(2, 16.0, 0.7), ("minimax",), FIVE),
    Settings(comb(2, 16.0, 0.7), (PENALTY,), {**NONE, "steps": 1500}),
    Settings([(1.0, 2.0, 0.5)], (GAME,), {**NONE, "g_lr": 0.03, "d_lr": 2e-4}),
]
TUNED_SEEDS, HELD_OUT_SEEDS = range(101, 105), range(921, 925)


class Truth(NamedTuple):
    """What samples say of a frame."""

    tv: float
    """Total variation distance of p_g from p_data."""
    off: float
    """Mean distance of D from 1/2 over the data; from -1..1 as a margin, 0 as a critic."""
    right: float
    """D's mean probability of being right; NaN of critics and margins."""
    cores: Array
    """Core share of each component."""
    spread: float
    """Distance between the outer tenths of p_g, relative to the data's."""
    weights: Array
    """Of the components."""

    def of(self, kind: str) -> bool | None:
        """Whether a verdict of this kind is true; None where a figure is at a threshold."""
        least = float(self.cores.min())
        if kind == "equilibrium":
            near = _between(max(self.tv, self.off), 0.045, 0.07)
            return _between(-least, -0.4, -0.3) if near else near
        if kind == "overpowered":
            return _between(-self.right, -0.985, -0.95)
        if kind == "lost-mode":
            return len(self.cores) > 1 and _between(least, 0.19, 0.3)
        made = [float(self.weights[self.cores >= share].sum()) for share in (0.19, 0.3)]
        few = [0 < mass < 0.56 for mass in made]
        narrow = _between(self.spread, 0.29, 0.36) if made[0] < 0.84 else False
        if len(self.cores) < 2:
            few, narrow = [False, False], _between(self.spread, 0.29, 0.36)
        if narrow or all(few):
            return True
        return None if narrow is None or any(few) else False


def _between(figure: float, low: float, high: float) -> bool | None:
    return True if figure < low else None if figure < high else False


class Data(NamedTuple):
    """Samples of the data, and what is worked out from its components."""

    weights: Array
    means: Array
    sds: Array
    samples: Array
    edges: Array
    """Between `CELLS` cells of equal mass."""


EVEN = (np.arange(SAMPLES) + 0.5) / SAMPLES


@cache
def data_of(parts: tuple[tuple[float, float, float], ...]) -> Data:
    weights, means, sds = np.array(parts).T
    places = np.unique(means + sds * np.linspace(-8, 8, 20_001)[:, None])
    below = norm.cdf(places[:, None], means, sds) @ weights
    samples, edges = (
        np.interp(levels, below, places) for levels in (EVEN, np.arange(1, CELLS) / CELLS)
    )
    return Data(weights, means, sds, samples, edges)


def truths(recording: Recording, parts: Parts, frames: Sequence[int]) -> Iterator[Truth]:
    """Sample G and D as they were at some frames."""
    data = data_of(tuple(map(tuple, parts)))
    latents = recording.constants["latents"].ravel().astype(np.float64)
    z = norm.ppf(EVEN).clip(latents[0], latents[-1])
    data_spread = np.ptp(np.quantile(data.samples, [0.1, 0.9]))
    output = recording.channels["discriminator"].attributes["output"]
    for frame in frames:
        x = np.interp(z, latents, recording.array("generator", frame))
        counts = np.bincount(np.searchsorted(data.edges, x), minlength=CELLS)
        tv = np.abs(counts / SAMPLES - 1 / CELLS).sum() / 2
        made, due = (
            [np.mean(np.abs(values - mean) < 3 * sd) for _, mean, sd in parts]
            for values in (x, data.samples)
        )
        spread = np.ptp(np.quantile(x, [0.1, 0.9])) / data_spread
        scores = recording.array("discriminator", frame).astype(np.float64)
        off, right = _of_d(recording, scores, output, data.samples, x)
        yield Truth(tv, off, right, np.array(made) / due, spread, data.weights)


def _of_d(
    recording: Recording, scores: Array, output: str, data: Array, x: Array
) -> tuple[float, float]:
    """How far D is from its equilibrium on the data, and how surely it is right."""
    places = recording.constants["x"]
    if output in ("critic", "margin"):
        excess = np.abs(np.interp(data, places, scores)) - 1 if output == "margin" else np.zeros(1)
        return float(excess.clip(0).mean()), np.nan
    probability = expit(scores) if output == "logit" else scores
    real, fake = (np.interp(values, places, probability) for values in (data, x))
    return float(np.abs(real - 0.5).mean()), float(min(real.mean(), 1 - fake.mean()))


def expression(parts: Parts) -> str:
    return " + ".join(f"{weight:.12g}*norm({mean:g}, {sd:g})" for weight, mean, sd in parts)


def runs(
    group: Sequence[Settings], seeds: Sequence[int], folder: Path
) -> Iterator[tuple[Path, Parts]]:
    """Train all that is not in the folder yet."""
    for number, one in enumerate(group):
        place = folder / str(number)
        paths = [place / f"{name}-{seed}.ganviz" for name, seed in product(one.objectives, seeds)]
        if not all(path.exists() for path in paths):
            race(expression(one.parts), one.objectives, seeds, place, **one.options)
        for path in paths:
            yield path, one.parts


def judged(path: Path, parts: Parts) -> Iterator[tuple[int, list[Truth], set[str]]]:
    """Step, truths up to it and kinds of verdicts at some frames of a run."""
    with Recording(path) as recording:
        last = len(recording) - 1
        start = np.searchsorted(recording.steps, max(2 * recording.steps[last] / 3, LEARNING))
        held = diagnose(recording).held
        for frame in np.linspace(start, last, FRAMES).round().astype(int).tolist():
            step = int(recording.steps[frame])
            first = int(np.searchsorted(recording.steps, step - LASTING))
            true = [*truths(recording, parts, range(first, frame + 1))]
            yield step, true, {verdict.kind for verdict in held[frame]}


def lasting(truths: Sequence[Truth], kind: str) -> bool | None:
    """Whether a verdict is true of some frames in a row; None if it has not been for long."""
    *before, now = truths
    # the same mode has to be lost all the time
    whole = now._replace(cores=np.max([one.cores for one in truths], axis=0))
    true = now.of(kind)
    if true and all(one.of(kind) for one in before) and (kind != "lost-mode" or whole.of(kind)):
        return True
    return None if true else true


def matrix(group: Sequence[Settings], seeds: Sequence[int], folder: Path, verbose: bool) -> str:
    """Frames by what is true of them and what is said."""
    counts = {kind: Counter[tuple[bool | None, bool]]() for kind in KINDS}
    number = 0
    for path, parts in runs(group, seeds, folder):
        number += 1
        for step, truths_so_far, said in judged(path, parts):
            for kind in KINDS:
                true = lasting(truths_so_far, kind)
                counts[kind][true, kind in said] += 1
                if verbose and true is not None and true != (kind in said):
                    word = "missed" if true else "false"
                    print(
                        word,
                        kind,
                        path.parent.name,
                        path.stem,
                        step,
                        said,
                        *_short(truths_so_far[-1]),
                    )
    rows = [
        [
            kind,
            *map(str, (of[True, True], of[True, False], of[False, True], of[False, False])),
            str(of[None, True] + of[None, False]),
        ]
        for kind, of in counts.items()
    ]
    head = [f"{number} runs, {FRAMES} frames each", "said, true", "missed", "said, false",
            "rightly not said", "at a threshold"]  # fmt: skip
    return table(head, rows)


def _short(truth: Truth) -> list[str]:
    return [str(np.round(figure, 2)) for figure in truth]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument(
        "--folder", type=Path, help="keep the recordings there, or judge them again"
    )
    parser.add_argument("--verbose", action="store_true", help="name the frames judged wrongly")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        sections = {
            "Verdicts, on the settings that they were tuned on": matrix(
                TUNED, TUNED_SEEDS, folder / "tuned", arguments.verbose
            ),
            "Verdicts, on settings and seeds that they were not tuned on": matrix(
                HELD_OUT, HELD_OUT_SEEDS, folder / "held", arguments.verbose
            ),
        }
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

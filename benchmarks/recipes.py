"""Which of the stabilizers matters, what the defaults learn, and how reliable the presets are.

``python benchmarks/recipes.py`` prints three tables; ``--write`` also puts them into RESULTS.md.
The seeds are not those that the recipe was tuned on. A mode is covered where p_g has at least half
of its mass within 3 sigma of it.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import torch
from results import table, write
from torch import nn

from gan_viz.api.presets import build_preset
from gan_viz.api.stabilizers import STABILIZERS
from gan_viz.api.toy import STEPS, Toy, build_toy
from gan_viz.distributions import SHORT_NAMES, Distribution
from gan_viz.training import Training

LATENTS = 16_384
NEAR = 0.1
"""W1, in scales of the data, below which a run ends near the data."""
ON_THE_DATA = 1.0
"""The same for presets, whose G are narrow: a spike in the middle of normal data is 0.8 away."""
Mode = tuple[float, float, float]
"""Mass, mean and sigma of a mode."""

OWN: dict[str, list[Mode]] = {
    "five": [(0.2, mean, 0.5) for mean in (-8, -4, 0, 4, 8)],
    "unequal": [(0.9, 0, 1), (0.1, 20, 1)],
    "narrow": [(0.5, 0, 1), (0.5, 10, 0.1)],
    "cauchy": [],
}
"""Targets of the user's own: what their short names stand for here."""


def expression(name: str) -> str:
    modes = OWN.get(name)
    if modes is None:
        return name
    return " + ".join(f"{m:g}*norm({a:g}, {s:g})" for m, a, s in modes) or "cauchy(0, 1)"


def outputs(generator: nn.Module, latents: np.ndarray) -> np.ndarray:
    """G at latents that are quantiles, ascending."""
    with torch.no_grad():
        return np.sort(generator(torch.from_numpy(latents)).numpy().ravel().astype(float))


def distance(x: np.ndarray, target: Distribution) -> float:
    """W1 over the scale of the data; of its middle 98 % where it has no standard deviation."""
    q = (np.arange(len(x)) + 0.5) / len(x)
    away = np.abs(x - target.ppf(q))
    middle = np.isfinite(target.std) | ((q > 0.01) & (q < 0.99))
    return float(np.sum(away * middle) / len(x) / target.scale)


def variation(x: np.ndarray, target: Distribution, cells: int = 200) -> float:
    """Total variation, as coarse as the eye: over the cells of a picture."""
    edges = np.linspace(*target.window, cells + 1)
    real = np.diff([0.0, *target.cdf(edges), 1.0])
    made = np.histogram(x, [-np.inf, *edges, np.inf])[0] / len(x)
    return float(np.abs(real - made).sum() / 2)


def core_share(x: np.ndarray, modes: Iterable[Mode]) -> float:
    """The least core share of a mode; 1 without modes."""
    shares = [float(np.mean(abs(x - a) < 3 * s)) / (0.9973 * m) for m, a, s in modes]
    return min(shares, default=1.0)


def assess(toy: Toy, modes: Sequence[Mode]) -> tuple[float, float, float, float]:
    """W1, TV, the mean of abs(D - 1/2) where the data is, and the least core share."""
    x = outputs(toy.generator, toy.latent.stratified(LATENTS))
    there = toy.target.ppf(np.linspace(0.01, 0.99, 999))
    with torch.no_grad():
        d = torch.sigmoid(toy.discriminator(torch.from_numpy(there[:, None])))
    uneven = float((d - 0.5).abs().mean())
    return distance(x, toy.target), variation(x, toy.target), uneven, core_share(x, modes)


def trained(name: str, seeds: Collection[int], stabilizers: Collection[str]) -> np.ndarray:
    """Train side by side; what `assess` finds, of shape (4, seeds)."""
    toys = [build_toy(expression(name), seed=seed, stabilizers=stabilizers) for seed in seeds]
    Training([toy.gan for toy in toys]).advance(toys[0].gan.settings.steps)
    return np.transpose([assess(toy, OWN.get(name, [])) for toy in toys])


def recipe_table(names: Collection[str], seeds: Collection[int]) -> str:
    rows = []
    for name in names:
        w1, tv, uneven, core = trained(name, seeds, STABILIZERS)
        near, covered = np.sum(w1 < NEAR), np.sum(core >= 0.5)
        figures = [f"{np.median(w1):.3f}", f"{w1.max():.3f}", f"{np.median(tv):.3f}"]
        figures += [f"{tv.max():.3f}", f"{np.mean(uneven):.3f}"]
        share = f"{covered} of {len(seeds)}" if OWN.get(name) else "-"
        rows.append([name, *figures, f"{near} of {len(seeds)}", share])
        print(rows[-1], flush=True)
    head = ["data", "W1/scale median", "worst", "TV median", "worst", "mean abs(D - 1/2)",
            f"W1/scale < {NEAR}", "all modes covered"]  # fmt: skip
    return table(head, rows)


def ablation_table(names: Collection[str], seeds: Collection[int]) -> str:
    without = {f"without {name}": {*STABILIZERS} - {name} for name in STABILIZERS}
    ways = {"all": {*STABILIZERS}, **without, "none": set()}
    rows = []
    for way, on in ways.items():
        row = [way]
        for name in names:
            w1, _, _, core = trained(name, seeds, [each for each in STABILIZERS if each in on])
            row.append(f"{np.sum((w1 < NEAR) & (core >= 0.5))} of {len(seeds)}")
        rows.append(row)
        print(row, flush=True)
    return table([f"W1/scale < {NEAR}, all modes covered", *names], rows)


def preset_table(names: Collection[str], seeds: Collection[int]) -> str:
    rows = []
    for name in names:
        w1 = []
        for seed in seeds:
            built = build_preset(name, seed=seed)
            for _ in built.training:
                pass
            w1.append(distance(outputs(built.game.g_ema, built.latents.fixed()), built.target))
        near = f"{sum(each < ON_THE_DATA for each in w1)} of {len(seeds)}"
        rows.append([name, f"{np.median(w1):.2f}", f"{max(w1):.2f}", near])
        print(rows[-1], flush=True)
    return table(["preset", "W1/std median", "worst", f"W1/std < {ON_THE_DATA:g}"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--only", choices=["recipe", "ablation", "presets"])
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--data", help="some of the targets, with commas")
    arguments = parser.parse_args()
    seeds = range(9000, 9000 + arguments.seeds)
    data = arguments.data.split(",") if arguments.data else None
    only, n, sections = arguments.only, len(seeds), {}
    if only in (None, "recipe"):
        title = f"What the defaults learn in {STEPS} steps, {n} seeds not tuned on"
        sections[title] = recipe_table(data or [*SHORT_NAMES, *OWN], seeds)
    if only in (None, "ablation"):
        title = f"The stabilizers, one left out at a time, {n} seeds not tuned on"
        sections[title] = ablation_table(data or ["gaussian", "trimodal", "unequal"], seeds)
    if only in (None, "presets"):  # radford takes ten minutes a seed
        title = f"How many of {n} seeds of a preset end on the data"
        sections[title] = preset_table(data or ["aylien", "jang", "kremerj"], seeds)
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

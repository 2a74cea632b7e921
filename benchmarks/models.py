"""Who drops modes: GAN objectives, a diffusion model and a flow on modes that move apart.

``python benchmarks/models.py`` prints the table; ``--write`` also puts it into RESULTS.md, and
``--picture FILE`` draws it. All models have about 1,150 parameters (a GAN's are of G and D
together), see the same number of samples, and start as `gan_viz.train` starts them. The modes are
normal and of equal mass; their distance is given in their deviations. A mode is dropped if it has
less than a quarter of its mass. ``--cases 2x8,10x8`` measures some of the cases (two modes 8 apart,
ten modes 8 apart), and ``--keep FILE`` keeps what was measured in a JSON file, to go on from there.

``--orderings`` measures every objective, bare and with the stabilizers, on two of the cases from
twelve seeds, and puts those first that keep most modes.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from results import table, write

from gan_viz.analysis.exact import LatentLine
from gan_viz.analysis.metrics import Metrics, TargetMetrics
from gan_viz.api.toy import build_toy
from gan_viz.api.transports import build_transport
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.training import Training

BARE = ", bare"
"""What the name of a GAN without stabilizers ends in."""
GANS = ("non-saturating" + BARE, "non-saturating", "lsgan", "wgan-gp")
TRANSPORTS = ("diffusion", "flow")
MODELS = (*GANS, *TRANSPORTS)
CASES = ("2x4", "2x8", "2x16", "2x32", "4x8", "7x8", "10x8")
OBJECTIVES = (
    *("non-saturating", "lsgan", "wgan-gp", "instance-noise"),
    *("relativistic", "unrolled", "pacgan"),
)
RIVALS = (*(name + BARE for name in OBJECTIVES), *OBJECTIVES, *TRANSPORTS)
"""Whose order is measured on `APART`."""
APART = ("2x16", "7x8")
EVALUATIONS = {**dict.fromkeys(RIVALS, 1), **dict.fromkeys(TRANSPORTS, 36)}
"""Passes of a network that a sample takes: Heun's 18 steps ask twice each."""
BUDGET: Mapping[str, Any] = {"steps": 2000, "batch": 128}
DROPPED = 0.25
"""A mode with less than this part of its mass is dropped."""
Figures = dict[str, list[float]]


def modes(case: str) -> Distribution:
    """Normal modes of equal mass, side by side around 0: ``"4x8"`` is four of them 8 apart."""
    number, apart = map(int, case.split("x"))
    places = apart * (np.arange(number) - (number - 1) / 2)
    return target(" + ".join(f"{1 / number!r}*norm({place:g}, 1)" for place in places.tolist()))


def outputs(model: str, data: Distribution, seeds: Sequence[int], z: np.ndarray) -> np.ndarray:
    """What trained models make of latents, shape (seeds, latents)."""
    latents = torch.from_numpy(z.astype(np.float32))[:, None]
    maps: list[torch.nn.Module] = []
    if model not in TRANSPORTS:
        how: dict[str, Any] = {"objective": model.removesuffix(BARE), "hidden": (22, 22), **BUDGET}
        if model.endswith(BARE):
            how["stabilizers"] = ()
        toys = [build_toy(data, seed=seed, **how) for seed in seeds]
        Training([toy.gan for toy in toys]).advance(BUDGET["steps"])
        maps += [toy.generator for toy in toys]
    else:
        for seed in seeds:
            toy = build_transport(data, model, hidden=(32, 32), seed=seed, **BUDGET)
            for _ in toy.steps():
                pass
            maps.append(toy.transport)
    with torch.no_grad():
        return np.array([each(latents).double().numpy().ravel() for each in maps])


def figures(case: str, seeds: Sequence[int], model: str) -> Figures:
    """Modes kept, mass between modes, and distance to the data, of each seed."""
    data, z = modes(case), Latent("normal").stratified(1024)[:, 0].astype(np.float64)
    measured = TargetMetrics(data, LatentLine(z, "normal"))
    each = [measured.of(made) for made in outputs(model, data, seeds, z)]
    return {
        "kept": [kept(one) for one in each],
        "between": [one.between for one in each],
        "w1": [one.w1_relative for one in each],
    }


def kept(one: Metrics) -> float:
    """Share of the modes that have at least a quarter of their mass."""
    return float(np.mean(np.array(one.masses) >= DROPPED / len(one.masses)))


def with_error(values: Sequence[float]) -> str:
    """Mean and standard error over the seeds."""
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1) / len(values) ** 0.5:.3f}"


def rows(found: Mapping[str, Mapping[str, Figures]]) -> list[list[str]]:
    return [
        [
            f"{case.replace('x', ' modes, ')} apart",
            model,
            with_error(each["kept"]),
            with_error(each["between"]),
            with_error(each["w1"]),
            str(EVALUATIONS[model]),
        ]
        for case, models in found.items()
        for model, each in models.items()
    ]


def draw(found: Mapping[str, Mapping[str, Figures]], path: str) -> None:
    """Modes kept over their distance and over their number, with bands of two standard errors."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.2), dpi=100, layout="constrained")
    two = [case for case in found if case.startswith("2x")]
    eight = [case for case in found if case.endswith("x8")]
    sides = ((two, 1, "distance of two modes, in their deviations"), (eight, 0, "modes, 8 apart"))
    for axes, (cases, part, name) in zip(figure.subplots(1, 2, sharey=True), sides, strict=True):
        x = [int(case.split("x")[part]) for case in cases]
        for number, model in enumerate(MODELS):
            beside = 1 + 0.015 * (number - len(MODELS) / 2)  # equal values stay apart
            values = np.array([found[case][model]["kept"] for case in cases])
            mean = values.mean(axis=1)
            error = 2 * values.std(axis=1, ddof=1) / values.shape[1] ** 0.5
            at = beside * np.array(x)
            (line,) = axes.plot(at, mean, "-o" if model in GANS else "--s", label=model)
            axes.fill_between(at, mean - error, mean + error, alpha=0.15, color=line.get_color())
        axes.set_xlabel(name)
        axes.set_xscale("log", base=2)
        axes.set_xticks(x, [str(one) for one in x])
        axes.minorticks_off()
        axes.set_ylim(0, 1.05)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("share of the modes kept")
    figure.axes[0].legend(frameon=False)
    figure.savefig(path)


def in_order(models: Mapping[str, Figures]) -> dict[str, Figures]:
    """Those first that keep most modes, and among equals those nearest to the data."""

    def place(model: str) -> tuple[float, float]:
        return -float(np.mean(models[model]["kept"])), float(np.mean(models[model]["w1"]))

    return {model: models[model] for model in sorted(models, key=place)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--orderings", action="store_true")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--cases")
    parser.add_argument("--model", action="append", help="only this one, and others named so")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--picture")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    models, cases, seeds = (RIVALS, APART, 12) if asked.orderings else (MODELS, CASES, 8)
    found = json.loads(asked.keep.read_text()) if asked.keep and asked.keep.exists() else {}
    for case in asked.cases.split(",") if asked.cases else cases:
        known = found.setdefault(case, {})
        for model in asked.model or models:
            if model not in known:
                known[model] = figures(case, range(asked.seeds or seeds), model)
                if asked.keep:
                    asked.keep.write_text(json.dumps(found))
    found = {
        case: {model: found[case][model] for model in models if model in found[case]}
        for case in sorted(found, key=CASES.index)
    }
    if asked.orderings:
        found = {case: in_order(each) for case, each in found.items()}
    head = ["data", "model", "modes kept", "mass between", "W1 / deviation", "passes a sample"]
    text = table(head, rows(found))
    print(text)
    if asked.picture:
        draw(found, asked.picture)
    if asked.write:
        title = "Who drops modes"
        write({f"{title}: all objectives, 12 seeds" if asked.orderings else title: text})


if __name__ == "__main__":
    main()

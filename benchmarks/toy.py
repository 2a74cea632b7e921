"""Whether the toy learns, and how fast it trains.

``python benchmarks/toy.py`` prints both tables; ``--write`` also puts them into RESULTS.md.
The yardstick of speed is the loop every tutorial shows: the same networks, batch and steps, Adam
as it comes, BCELoss on a sigmoid, ``.item()`` on both losses at every step; one thread each.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from results import table, write
from torch import nn

import gan_viz
from gan_viz.analysis import wasserstein1
from gan_viz.api.toy import STEPS, Toy, build_toy
from gan_viz.distributions import SHORT_NAMES
from gan_viz.training import Training

SEEDS = range(20)
BATCH = 256
SAME: dict[str, Any] = {"steps": 3000, "hidden": (16, 16), "stabilizers": ()}
"""The game of the plain loop; the defaults play a longer one, of wider networks."""


def learn(name: str, seed: int) -> tuple[float, float, float]:
    """Train once and assess the result."""
    toy = build_toy(name, seed=seed)
    Training([toy.gan]).advance(STEPS)
    return assess(toy)


def assess(toy: Toy) -> tuple[float, float, float]:
    """W1 of the drawn G over std, mean |D - 1/2| under p_data, the worst error of a mode's mass."""
    n = 4096
    x = toy.target.ppf((np.arange(n) + 0.5) / n)
    with torch.no_grad():
        samples = toy.generator(torch.from_numpy(toy.latent.stratified(n))).numpy().ravel()
        d = torch.sigmoid(toy.discriminator(torch.from_numpy(x[:, None]))).numpy().ravel()
    masses = [
        abs(np.mean((samples >= mode.low) & (samples < mode.high)) - mode.mass)
        for mode in toy.target.modes
    ]
    distance = wasserstein1(samples, toy.target) / toy.target.std
    return distance, float(np.abs(d - 0.5).mean()), float(max(masses))


def learning_table() -> str:
    rows = []
    for name in SHORT_NAMES:
        started = time.perf_counter()
        w1, d, masses = np.array([learn(name, seed) for seed in SEEDS]).T
        seconds = (time.perf_counter() - started) / len(SEEDS)
        rows.append(
            [
                name,
                f"{np.median(w1):.3f}",
                f"{np.sort(w1)[-2]:.3f}",
                f"{w1.max():.3f}",
                f"{d.mean():.3f}",
                f"{d.max():.3f}",
                f"{np.sort(masses)[-2]:.3f}",
                f"{seconds:.2f}",
            ]
        )
        print(rows[-1], flush=True)
    head = ["data", "W1/std median", "19th of 20", "worst", "mean abs(D - 1/2)", "worst",
            "mode mass error, 19th", "s a run"]  # fmt: skip
    return table(head, rows)


def plain_loop(steps: int) -> None:
    g = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    d = nn.Sequential(
        *(nn.Linear(1, 16), nn.LeakyReLU(0.2), nn.Linear(16, 16), nn.LeakyReLU(0.2)),
        *(nn.Linear(16, 1), nn.Sigmoid()),
    )
    g_optimizer, d_optimizer = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    bce, ones, zeros = nn.BCELoss(), torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    losses = []
    for _ in range(steps):
        real, z = 4 + 0.5 * torch.randn(BATCH, 1), torch.randn(BATCH, 1)
        d_optimizer.zero_grad()
        d_loss = bce(d(real), ones) + bce(d(g(z).detach()), zeros)
        d_loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        g_loss = bce(d(g(torch.randn(BATCH, 1))), ones)
        g_loss.backward()
        g_optimizer.step()
        losses.append((d_loss.item(), g_loss.item()))


def own_networks(record: Path) -> None:
    """The ordinary path: the same networks, but as a module of the user's own."""

    class Own(nn.Sequential):
        pass

    def build(activation: type[nn.Module]) -> nn.Module:
        return Own(
            *(nn.Linear(1, 16), activation(), nn.Linear(16, 16), activation(), nn.Linear(16, 1))
        )

    networks = {"generator": build(nn.Tanh), "discriminator": build(nn.LeakyReLU)}
    gan_viz.train(record=record, **{**SAME, **networks})


def speed_table(rounds: int = 3) -> str:
    """Steps per second, in turn, so that a drift of the machine hits all alike."""
    torch.set_num_threads(1)
    plain_loop(50)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "run.ganviz"
        gan_viz.train(record=record, **{**SAME, "steps": 50})
        ways: dict[str, Callable[[], object]] = {
            "plain PyTorch loop": lambda: plain_loop(SAME["steps"]),
            "gan_viz, own modules, hooks attached": lambda: own_networks(record),
            "gan_viz, hooks attached": lambda: gan_viz.train(record=record, **SAME),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                times[name].append(time.perf_counter() - started)
    median = {name: float(np.median(values)) for name, values in times.items()}
    yardstick = median["plain PyTorch loop"]
    rows = [[k, f"{SAME['steps'] / v:,.0f}", f"{yardstick / v:.1f}"] for k, v in median.items()]
    return table(["one thread", "steps/s", "times the plain loop"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    parser.add_argument("--only", choices=["speed", "learning"])
    arguments = parser.parse_args()
    sections = {}
    if arguments.only != "learning":
        sections["Speed of the toy's training"] = speed_table()
    if arguments.only != "speed":
        sections[f"What the toy learns in {STEPS} steps, {len(SEEDS)} seeds"] = learning_table()
    for title, text in sections.items():
        print(f"\n{title}\n\n{text}")
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

"""A training step of each model, against the loop that articles print.

``python benchmarks/train.py`` plays both in turn on the same networks and batches, and prints
steps a second and their ratio. The plain loops get their batches ready in memory; ours deals and
scales its own. Pictures are noise: they take as long as others. ``--bf16`` compares our own loop in
32 bits with ours in bf16 instead.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from results import table, write
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_viz.api import build_images
from gan_viz.datasets import ImageSet
from gan_viz.models.base import ImageModel
from gan_viz.registry import MODELS

SECONDS = 12.0
"""For each model and way, at least."""
TURNS = 3


class Plain:
    """The usual loop: what is real and what is generated is judged and taken back separately.

    Parameters
    ----------
    model : ImageModel
    """

    def __init__(self, model: ImageModel) -> None:
        self.model, how = model, model.settings
        self.g, self.d = model.build(torch.Generator().manual_seed(0))
        betas = tuple(how["betas"])
        self.rmsprop = how["optimizer"] == "rmsprop"
        self.optimizers = [
            torch.optim.RMSprop(network.parameters(), lr=rate)
            if self.rmsprop
            else torch.optim.Adam(network.parameters(), lr=rate, betas=betas)
            for network, rate in ((self.g, how["g_lr"]), (self.d, how["d_lr"]))
        ]
        self.n, self.d_steps = how["batch"], how["d_steps"]
        self.pictures = torch.rand(64, self.n, 1, 28, 28) * 2 - 1
        self.labels = torch.randint(0, 10, (64, self.n))
        self.made = 0

    def inputs(self) -> tuple[torch.Tensor, ...]:
        z = torch.randn(self.n, *self.model.latent_shape)
        return (z, torch.randint(0, 10, (self.n,))) if self.model.conditional else (z,)

    def real(self) -> tuple[torch.Tensor, ...]:
        self.made += 1
        batch = self.pictures[self.made % 64]
        return (batch, self.labels[self.made % 64]) if self.model.conditional else (batch,)

    def step(self) -> None:
        for _ in range(self.d_steps):
            self.update_d()
        self.update_g()

    def update_d(self) -> None:
        self.optimizers[1].zero_grad()
        real = self.real()
        on_real = self.d(*real)
        inputs = self.inputs()
        fake = self.g(*inputs)
        if not self.model.conditional:  # the article's loop forgets to let go of G
            fake = fake.detach()
        on_fake = self.d(fake, *inputs[1:])
        if self.model.objective.startswith("wgan"):
            loss = on_fake.mean() - on_real.mean()
            if self.model.objective == "wgan-gp":
                loss = loss + 10 * self.penalty(real[0], fake)
        else:
            loss = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
        loss.backward()
        self.optimizers[1].step()
        if self.model.objective == "wgan":
            for parameter in self.d.parameters():
                parameter.data.clamp_(-0.01, 0.01)
        loss.item()

    def penalty(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        share = torch.rand(self.n, 1, 1, 1)
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        outputs = self.d(between)
        (slope,) = torch.autograd.grad(outputs.sum(), between, create_graph=True)
        penalty: torch.Tensor = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        return penalty

    def update_g(self) -> None:
        self.optimizers[0].zero_grad()
        inputs = self.inputs()
        outputs = self.d(self.g(*inputs), *inputs[1:])
        if self.model.objective.startswith("wgan"):
            loss = -outputs.mean()
        else:
            loss = bce(outputs, torch.ones_like(outputs))
        loss.backward()
        self.optimizers[0].step()
        loss.item()


def ours(name: str, precision: str = "float32") -> Callable[[], None]:
    source = np.random.default_rng(0)
    images = source.integers(0, 256, (10_000, 28, 28), dtype=np.uint8)
    data = ImageSet("noise", images, np.arange(10_000) % 10, tuple("0123456789"))
    steps: Iterator[object] = iter(
        build_images(name, data, steps=1_000_000, precision=precision).training
    )
    return lambda: void(next(steps))


def void(_: object) -> None:
    """Nothing."""


def rate(step: Callable[[], None], seconds: float) -> float:
    """Steps a second."""
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        step()
        steps += 1
    return steps / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--bf16", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.models.split(","):
        if arguments.bf16:
            ways = {"float32": ours(name), "bf16": ours(name, "bf16")}
        else:
            ways = {"plain": Plain(MODELS[name]).step, "ours": ours(name)}
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for step in ways.values():
            step()
        for _ in range(TURNS):
            for way, step in ways.items():
                rates[way].append(rate(step, arguments.seconds / TURNS))
        first, second = (statistics.median(rates[way]) for way in ways)
        rows.append([name, f"{first:.1f}", f"{second:.1f}", f"{second / first:.2f}"])
        print(*rows[-1], flush=True)
    names = ["float32", "bf16"] if arguments.bf16 else ["plain loop", "gan_viz"]
    text = table(["model", *(f"{name}, steps/s" for name in names), "ratio"], rows)
    print(text)
    if arguments.write:
        title = "A training step of each model"
        write({f"{title} in bf16" if arguments.bf16 else title: text})


if __name__ == "__main__":
    main()

"""What watching costs: a training step with gan_viz's hooks, and the way tutorials show.

``python benchmarks/hooks.py`` trains each model, watched in both ways in turn, a stretch of steps
with one frame at a time, and prints what watching adds to a step: the time spent on it against the
time spent training in the same stretch. (Whole stretches, watched and not, differ more by the
machine's moods than by this.) Frames come as often as in a run of ten epochs of MNIST: about 200.
The tutorials' way: ``.item()`` and ``SummaryWriter.add_scalar`` every step, ``add_images`` and
``add_histogram`` as often as ours takes frames (needs ``pip install tensorboard``). Pictures are
noise: they take as long as others.

Runs of unknown length are short, a few hundred or thousand steps, with a recorder as it comes: the
1-D toy, points of the plane, series, and pictures with `HealthHook`. Their table has the time spent
in `Recorder.step` and `close` against that of the loop without them, in the same run: of all steps,
and of those after the first dozen frames, which are taken whatever they cost.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from results import table, write
from torch import nn
from torch.nn.functional import softplus

from gan_viz.api.images import ImageRun, build_images
from gan_viz.datasets import ImageSet
from gan_viz.hooks import Recorder
from gan_viz.hooks.asking import plain_shape
from gan_viz.recording import Recording
from gan_viz.registry import MODELS
from gan_viz.training.tensor_game import Figures

EPOCHS, PICTURES, FRAMES = 10, 60_000, 200
SECONDS = 40.0
"""For each model, about."""
DOZEN = 12
"""Frames after which looking is held to a share of the time."""


def noise() -> ImageSet:
    source = np.random.default_rng(0)
    images = source.integers(0, 256, (10_000, 28, 28), dtype=np.uint8)
    return ImageSet("noise", images, np.arange(10_000) % 10, tuple("0123456789"))


Watch = Callable[[int, Figures], None]


def ours(run: ImageRun, stride: int, folder: Path) -> Watch:
    """A recorder as it comes."""
    game, model = run.training.game, run.model
    recorder = Recorder(
        folder / f"{model.name}.ganviz",
        game.generator,
        game.discriminator,
        real=torch.rand(64, 1, 28, 28) * 2 - 1,
        labels=torch.arange(64) % 10,
        conditional=model.conditional,
        latent_dim=model.latent_shape,
        every=stride,
    )
    return lambda number, figures: recorder.step(**figures)


def tutorial(run: ImageRun, stride: int, folder: Path) -> Watch:
    """TensorBoard, as tutorials show."""
    from torch.utils.tensorboard.writer import SummaryWriter

    writer, model = SummaryWriter(str(folder / run.model.name)), run.model
    z = torch.randn(64, *model.latent_shape)
    labels = (torch.arange(64) % 10,) if model.conditional else ()
    real = torch.rand(64, 1, 28, 28) * 2 - 1

    def watch(number: int, figures: Figures) -> None:
        for name, value in figures.items():
            writer.add_scalar(name, value.item(), number)
        if number % stride == 0:
            game = run.training.game
            with torch.no_grad():
                samples = game.generator(z, *labels)
                on_fake = game.discriminator(samples, *labels)
                on_real = game.discriminator(real, *labels)
            writer.add_images("samples", samples / 2 + 0.5, number)
            writer.add_histogram("D on real", on_real, number)
            writer.add_histogram("D on fake", on_fake, number)

    return watch


def measure(name: str, seconds: float, folder: Path) -> list[str]:
    """A row of the table."""
    settings = MODELS[name].settings
    length = EPOCHS * PICTURES // settings["batch"] // settings["d_steps"]
    stride = max(1, length // FRAMES)
    run = build_images(name, noise(), steps=1_000_000)
    ways = [ours(run, stride, folder), tutorial(run, stride, folder)]
    steps = iter(run.training)
    times: list[list[tuple[float, float]]] = [[] for _ in ways]
    started, order = time.perf_counter(), np.random.default_rng(0)
    while time.perf_counter() - started < seconds or len(times[-1]) < 3:
        for way in order.permutation(len(ways)):  # what a way leaves to do slows down the next
            watch, spent = ways[way], times[way]
            spent.append(stretch(steps, watch, stride))
    trained = statistics.median(training for spent in times for training, _ in spent)
    own, usual = (statistics.median(watching for _, watching in spent[1:]) for spent in times)
    shares = [
        statistics.median(watching / training for training, watching in spent[1:])
        for spent in times
    ]
    figures = [f"{value:.3f}" for value in (trained, own, usual)]
    return [name, str(stride), *figures, *(f"{100 * share:.2f} %" for share in shares)]


def stretch(steps: Iterator[tuple[int, Figures]], watch: Watch, length: int) -> tuple[float, float]:
    """Milliseconds a step of training, and of watching it."""
    trained = watched = 0.0
    for _ in range(length):
        begun = time.perf_counter()
        made = next(steps)
        done = time.perf_counter()
        watch(*made)
        trained += done - begun
        watched += time.perf_counter() - done
    return 1000 * trained / length, 1000 * watched / length


@dataclass
class Short:
    """A short loop of one's own."""

    name: str
    steps: int
    generator: nn.Module
    discriminator: nn.Module
    real: torch.Tensor
    options: dict[str, Any]

    def run(self, path: Path) -> tuple[Any, Any, Any]:
        """Seconds of training and of watching of each step, and the steps of the frames."""
        generator, discriminator, real = self.generator, self.discriminator, self.real
        optimizers = [torch.optim.Adam(m.parameters(), 1e-3) for m in (generator, discriminator)]
        recorder = Recorder(path, generator, discriminator, **self.options)
        z = shape_of_z(generator)
        trained, watched = np.zeros((2, self.steps))
        for step in range(self.steps):
            begun = time.perf_counter()
            batch = real[torch.randint(len(real), (64,))]
            fake = generator(torch.randn(64, *z))
            d_loss = softplus(-discriminator(batch)).mean()
            d_loss = d_loss + softplus(discriminator(fake.detach())).mean()
            optimizers[1].zero_grad()
            d_loss.backward()
            optimizers[1].step()
            g_loss = softplus(-discriminator(fake)).mean()
            optimizers[0].zero_grad()
            g_loss.backward()
            optimizers[0].step()
            done = time.perf_counter()
            recorder.step(d_loss=d_loss, g_loss=g_loss)
            trained[step] = done - begun
            watched[step] = time.perf_counter() - done
        begun = time.perf_counter()
        recorder.close()
        watched[-1] += time.perf_counter() - begun
        with Recording(path) as recording:
            return trained, watched, recording.steps


def shape_of_z(generator: nn.Module) -> tuple[int, ...]:
    shape = plain_shape(generator)
    assert shape is not None
    return shape


def shorts() -> Iterator[Short]:
    def mlp(*sizes: int) -> nn.Sequential:
        layers = [(nn.Linear(*pair), nn.LeakyReLU(0.2)) for pair in pairwise(sizes)]
        return nn.Sequential(*[one for pair in layers for one in pair][:-1])

    numbers, plane = 3 + torch.randn(1000, 1), torch.randn(1000, 2)
    yield Short("toy", 3000, mlp(8, 32, 1), mlp(1, 32, 1), numbers, {"data": "norm(3, 1)"})
    yield Short("points", 3000, mlp(4, 64, 64, 2), mlp(2, 64, 64, 1), plane, {"real": plane})
    times = torch.randn(500, 24, 3)
    g = nn.Sequential(mlp(16, 128, 72), nn.Unflatten(1, (24, 3)))
    d = nn.Sequential(nn.Flatten(), mlp(72, 128, 1))
    yield Short("series", 1000, g, d, times, {"real": times})
    images = torch.rand(500, 1, 28, 28) * 2 - 1
    g = nn.Sequential(mlp(64, 256, 512, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    d = nn.Sequential(nn.Flatten(), mlp(784, 512, 256, 1))
    hooks = ["scalars", "samples", "scores", "health"]
    yield Short("pictures, health", 400, g, d, images, {"real": images[:64], "hooks": hooks})


def short_rows(folder: Path) -> Iterator[list[str]]:
    for number, loop in enumerate(shorts()):
        trained, watched, frames = loop.run(folder / f"short{number}.ganviz")
        dozen = int(frames[DOZEN])
        shares = [
            f"{100 * watched[start:].sum() / trained[start:].sum():.1f} %" for start in (0, dozen)
        ]
        step = f"{1000 * np.median(trained):.2f}"
        yield [loop.name, str(loop.steps), step, str(len(frames)), *shares]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--models", default=",".join(MODELS), help="empty: short runs alone")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        brief = table(
            ["loop", "steps", "step, ms", "frames", "gan_viz adds", "after a dozen frames"],
            list(short_rows(Path(folder))),
        )
        print(brief, flush=True)
        for name in filter(None, arguments.models.split(",")):
            rows.append(measure(name, arguments.seconds, Path(folder)))
            print(*rows[-1], flush=True)
    head = ["model", "steps a frame", "step, ms", "gan_viz, ms", "TensorBoard, ms"]
    sections = {"What watching adds to short runs of unknown length": brief}
    if rows:
        text = table([*head, "gan_viz adds", "TensorBoard adds"], rows)
        print(text)
        sections["What watching adds to a training step"] = text
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

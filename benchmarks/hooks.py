"""What watching costs: a training step bare, with gan_viz's hooks, and the way tutorials show.

``python benchmarks/hooks.py`` trains each model three ways in turn, a stretch of steps with one
frame at a time, and prints what each way adds to the bare step. Frames come as often as in a run of
ten epochs of MNIST: about 200. The tutorials' way: ``.item()`` and ``SummaryWriter.add_scalar``
every step, ``add_images`` and ``add_histogram`` as often as ours takes frames (needs
``pip install tensorboard``). Pictures are noise: they take as long as others.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from results import table, write
from torch.utils.tensorboard.writer import SummaryWriter

from gan_viz.api.images import ImageRun, build_images
from gan_viz.datasets import ImageSet
from gan_viz.hooks import Recorder
from gan_viz.registry import MODELS
from gan_viz.training.tensor_game import Figures

EPOCHS, PICTURES, FRAMES = 10, 60_000, 200
SECONDS = 40.0
"""For each model, about."""


def noise() -> ImageSet:
    source = np.random.default_rng(0)
    images = source.integers(0, 256, (10_000, 28, 28), dtype=np.uint8)
    return ImageSet("noise", images, np.arange(10_000) % 10, tuple("0123456789"))


class Bare:
    """A training that nobody watches.

    Parameters
    ----------
    run : ImageRun
    stride : int
        Steps between frames.
    """

    def __init__(self, run: ImageRun, stride: int) -> None:
        self.run, self.stride = run, stride
        self.steps: Iterator[tuple[int, Figures]] = iter(run.training)

    def watch(self, number: int, figures: Figures) -> None:
        """Nothing."""

    def stretch(self) -> float:
        """Milliseconds a step, over a stretch with one frame."""
        started = time.perf_counter()
        for _ in range(self.stride):
            self.watch(*next(self.steps))
        return 1000 * (time.perf_counter() - started) / self.stride


class Ours(Bare):
    """With a recorder as it comes."""

    def __init__(self, run: ImageRun, stride: int, folder: Path) -> None:
        super().__init__(run, stride)
        game, model = run.training.game, run.model
        self.recorder = Recorder(
            folder / f"{model.name}.ganviz",
            game.generator,
            game.discriminator,
            real=torch.rand(64, 1, 28, 28) * 2 - 1,
            labels=torch.arange(64) % 10,
            conditional=model.conditional,
            latent_dim=model.latent_shape,
            every=stride,
        )

    def watch(self, number: int, figures: Figures) -> None:
        self.recorder.step(**figures)


class Tutorial(Bare):
    """With TensorBoard, as tutorials show."""

    def __init__(self, run: ImageRun, stride: int, folder: Path) -> None:
        super().__init__(run, stride)
        self.writer = SummaryWriter(str(folder / run.model.name))
        model = run.model
        self.z = torch.randn(64, *model.latent_shape)
        self.labels = (torch.arange(64) % 10,) if model.conditional else ()
        self.real = torch.rand(64, 1, 28, 28) * 2 - 1

    def watch(self, number: int, figures: Figures) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name, value.item(), number)
        if number % self.stride == 0:
            game = self.run.training.game
            with torch.no_grad():
                samples = game.generator(self.z, *self.labels)
                on_fake = game.discriminator(samples, *self.labels)
                on_real = game.discriminator(self.real, *self.labels)
            self.writer.add_images("samples", samples / 2 + 0.5, number)
            self.writer.add_histogram("D on real", on_real, number)
            self.writer.add_histogram("D on fake", on_fake, number)


def measure(name: str, seconds: float, folder: Path) -> list[str]:
    """A row of the table."""
    settings = MODELS[name].settings
    steps = EPOCHS * PICTURES // settings["batch"] // settings["d_steps"]
    stride, data = max(1, steps // FRAMES), noise()

    def run() -> ImageRun:
        return build_images(name, data, steps=1_000_000)

    ways = [Bare(run(), stride), Ours(run(), stride, folder), Tutorial(run(), stride, folder)]
    times: list[list[float]] = [[] for _ in ways]
    started = time.perf_counter()
    while time.perf_counter() - started < seconds or len(times[0]) < 3:
        for way, spent in zip(ways, times, strict=True):
            spent.append(way.stretch())
    bare, ours, tutorial = (statistics.median(spent[1:]) for spent in times)
    ratios = [
        statistics.median(a / b for a, b in zip(spent[1:], times[0][1:], strict=True))
        for spent in times[1:]
    ]
    return [
        name,
        str(stride),
        f"{bare:.2f}",
        f"{ours:.2f}",
        f"{tutorial:.2f}",
        *(f"{100 * (ratio - 1):+.1f} %" for ratio in ratios),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.models.split(","):
            rows.append(measure(name, arguments.seconds, Path(folder)))
            print(*rows[-1], flush=True)
    head = ["model", "steps a frame", "bare, ms", "gan_viz, ms", "TensorBoard, ms"]
    text = table([*head, "gan_viz adds", "TensorBoard adds"], rows)
    print(text)
    if arguments.write:
        write({"What watching adds to a training step": text})


if __name__ == "__main__":
    main()

"""What watching costs: a training step with gan_viz's hooks, and the way tutorials show.

``python benchmarks/hooks.py`` trains each model, watched in both ways in turn, a stretch of steps
with one frame at a time, and prints what watching adds to a step: the time spent on it against the
time spent training in the same stretch. (Whole stretches, watched and not, differ more by the
machine's moods than by this.) Frames come as often as in a run of ten epochs of MNIST: about 200.
The tutorials' way: ``.item()`` and ``SummaryWriter.add_scalar`` every step, ``add_images`` and
``add_histogram`` as often as ours takes frames (needs ``pip install tensorboard``). Pictures are
noise: they take as long as others.

Runs of unknown length are short, a few hundred or thousand steps, with a recorder as it comes: the
1-D toy, points of the plane, series, and pictures with `HealthHook`. Their table has what the whole
process computes for a step besides the step itself, against that, in the same run: of all steps,
and of those after the first dozen frames, which are taken whatever they cost. Another has the same
for every kind of loop in ``tests/hooks/test_loops.py``; their networks are tiny.

All times are CPU time, with PyTorch on one thread: what else the machine does counts little.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
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
KINDS = Path(__file__).parents[1] / "tests" / "hooks"
"""Where the loops of all kinds are."""
KIND_STEPS = 400


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
        training, watching = one_step(lambda: next(steps), lambda made: watch(*made))
        trained += training
        watched += watching
    return 1000 * trained / length, 1000 * watched / length


def one_step(train: Callable[[], Any], watch: Callable[[Any], None]) -> tuple[float, float]:
    """Seconds of training, and of all else that the process does: other threads write files."""
    whole, begun = time.process_time(), time.thread_time()
    made = train()
    trained = time.thread_time() - begun
    watch(made)
    return trained, time.process_time() - whole - trained


Losses = Mapping[str, torch.Tensor]


def watched_run(
    steps: Iterator[Losses], number: int, path: Path, **options: Any
) -> tuple[Any, Any, Any]:
    """Seconds of training and of watching of each step, and the steps of the frames."""
    recorder = Recorder(path, **options)
    times = [
        one_step(lambda: next(steps), lambda made: recorder.step(**made)) for _ in range(number)
    ]
    closing = one_step(lambda: None, lambda _: recorder.close())[1]
    trained, watched = np.transpose(times)
    watched[-1] += closing
    with Recording(path) as recording:
        return trained, watched, recording.steps


@dataclass
class Short:
    """A short loop of one's own."""

    name: str
    steps: int
    generator: nn.Module
    discriminator: nn.Module
    real: torch.Tensor
    options: dict[str, Any]

    def training(self) -> Iterator[Losses]:
        """Make a step, and give its losses; again and again."""
        generator, discriminator, real = self.generator, self.discriminator, self.real
        optimizers = [torch.optim.Adam(m.parameters(), 1e-3) for m in (generator, discriminator)]
        z = shape_of_z(generator)
        while True:
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
            yield {"d_loss": d_loss, "g_loss": g_loss}

    def run(self, path: Path) -> tuple[Any, Any, Any]:
        """See `watched_run`."""
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return watched_run(self.training(), self.steps, path, **networks, **self.options)


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
        yield [loop.name, *figures_of(*loop.run(folder / f"short{number}.ganviz"))]


def kind_rows(folder: Path) -> Iterator[list[str]]:
    """Loops of all kinds, a second or so each."""
    sys.path.insert(0, str(KINDS))
    zoo = import_module("test_loops")
    for make in sorted(zoo.LOOPS, key=lambda make: str(make.__name__)):
        if make is zoo.keras_on_pytorch and not find_spec("keras"):
            continue
        torch.manual_seed(0)
        loop, path = make(), folder / f"{make.__name__}.ganviz"
        found = watched_run(zoo.training(loop), KIND_STEPS, path, **loop.options)
        yield [make.__name__.replace("_", " "), *figures_of(*found)]


SHORT = {
    "runs": ("What watching adds to short runs of unknown length", short_rows),
    "kinds": ("What watching adds to each kind of loop", kind_rows),
}


def figures_of(trained: Any, watched: Any, frames: Any) -> list[str]:
    """Steps, milliseconds of a step, frames, and the share of watching: of all, and later on."""
    shares = [
        f"{100 * watched[start:].sum() / trained[start:].sum():.1f} %"
        for start in (0, int(frames[DOZEN]))
    ]
    return [str(len(trained)), f"{1000 * np.median(trained):.2f}", str(len(frames)), *shares]


def short_table(rows: Iterator[list[str]]) -> str:
    head = ["loop", "steps", "step, ms", "frames", "gan_viz adds", "after a dozen frames"]
    text = table(head, list(rows))
    print(text, flush=True)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--models", default=",".join(MODELS), help="empty: none of them")
    parser.add_argument("--short", default="runs,kinds", help="tables of short loops, or empty")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # so that the time of one thread is that of the training
    rows, sections = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for title, short in map(SHORT.__getitem__, filter(None, arguments.short.split(","))):
            sections[title] = short_table(short(Path(folder)))
        for name in filter(None, arguments.models.split(",")):
            rows.append(measure(name, arguments.seconds, Path(folder)))
            print(*rows[-1], flush=True)
    head = ["model", "steps a frame", "step, ms", "gan_viz, ms", "TensorBoard, ms"]
    if rows:
        text = table([*head, "gan_viz adds", "TensorBoard adds"], rows)
        print(text)
        sections["What watching adds to a training step"] = text
    if arguments.write:
        write(sections)


if __name__ == "__main__":
    main()

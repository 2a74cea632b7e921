"""Where the time of an animation goes: to the learning, or to the trembling after it.

``python benchmarks/motion.py`` trains the toy on the targets that have short names, and an image
GAN on MNIST if its files are there, and prints for each animation:

- motion before 90 %: the share of the time, hold not included, until 90 % of the way from the
  first W1 (for pictures: from the first pictures) to the mean of the last tenth of the frames;
- jitter: the share after the last frame that is more than 5 % of the way from there;
- pictures, and how many a second are new to the eye before 90 % of the way and after it: at least
  0.02 % of the pixels differ from those of the picture before by 24 levels of 255 or more.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from results import table, write

import gan_viz
from gan_viz.analysis import metrics
from gan_viz.api.drawing import make_renderer
from gan_viz.distributions import SHORT_NAMES
from gan_viz.errors import DataError
from gan_viz.rendering import Canvas, FrameRenderer, Timeline
from gan_viz.rendering.timeline import SharedSteps

LEVELS, PIXELS = 24, 2e-4
COLUMNS = "animation", "motion before 90 %", "jitter", "pictures", "new a second", "after 90 %"


def remaining(recording: gan_viz.Recording) -> NDArray[np.float64]:
    """What is left of the way at each frame: 1 at first, 0 on average at the end."""
    if "generator" in recording.channels:
        left = np.array([figures.w1 for _, figures in metrics(recording)])
    else:
        states = np.stack([*recording.frames("samples")]).astype(np.float32)
        left = np.abs(states - states[-(len(states) // 10) :].mean(axis=0)).mean(
            axis=tuple(range(1, states.ndim))
        )
    last = left[-(len(left) // 10) :].mean()
    return np.asarray((left - last) / (left[0] - last))


def moments(left: NDArray[np.float64]) -> tuple[int, int]:
    """The first frame at 90 % of the way, and the first from which it stays at 95 %."""
    away = np.flatnonzero(np.abs(left) > 0.05)
    return int(np.argmax(left <= 0.1)), int(away[-1]) + 1 if len(away) else 0


def shares(line: Timeline, arrived: int, settled: int) -> tuple[float, float]:
    """The shares of an animation before one frame, and from another one on."""
    return float(np.mean(line.frames < arrived)), float(np.mean(line.frames >= settled))


def renewed(renderer: FrameRenderer, line: Timeline) -> NDArray[np.bool_]:
    """Whether each picture but the first is new to the eye."""
    found, before = [], renderer.frame(int(line.frames[0]))
    for frame in line.frames[1:].tolist():
        now = renderer.frame(frame)
        apart = np.abs(now.astype(np.int16) - before).max(axis=2) >= LEVELS
        found.append(apart.mean() >= PIXELS)
        before = now
    return np.array(found)


def row(name: str, path: Path) -> list[str]:
    with gan_viz.Recording(path) as recording:
        look = gan_viz.Look(size=(480, 270))
        line = SharedSteps([recording]).timeline(**look.timing)
        arrived, settled = moments(remaining(recording))
        before, jitter = shares(line, arrived, settled)
        new = renewed(make_renderer(recording, look, Canvas(480, 270)), line)
    early = line.frames[1:] < arrived
    rates = [f"{line.fps * new[part].mean():.1f}" if part.any() else "" for part in (early, ~early)]
    return [name, f"{before:.0%}", f"{jitter:.0%}", str(len(line.frames)), *rates]


def rows(folder: Path, seed: int, steps: int) -> list[list[str]]:
    found = []
    for name in SHORT_NAMES:
        path = gan_viz.train(name, folder / f"{name}.ganviz", seed=seed, steps=steps)
        found.append(row(name, path))
    try:
        path = gan_viz.train_images("mlp", "mnist", folder / "mnist.ganviz", steps=600, seed=seed)
    except DataError as error:
        print(f"left out: MNIST ({error})")
    else:
        found.append(row("mlp on MNIST, 600 steps", path))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=8000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = table(COLUMNS, rows(Path(folder), arguments.seed, arguments.steps))
    print(text)
    if arguments.write:
        write({"Where the time of an animation goes": text})


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()

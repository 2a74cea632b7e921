"""Frames for the encoders' tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gan_viz.encoders.base import Clip, Encoder, Frame


class Plot(NamedTuple):
    """A line plot that moves, and the colors it is drawn with."""

    frames: list[Frame]
    colors: NDArray[np.uint8]


@pytest.fixture(scope="session")
def plot() -> Plot:
    """Twenty-four frames of 640x360: three smooth curves, a filled area, a title that counts."""
    figure = Figure(figsize=(6.4, 3.6), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    x = np.linspace(-2, 9, 300)
    axes.fill_between(x, np.exp(-((x - 4) ** 2)), color="#0072B2", alpha=0.12)
    axes.plot(x, np.exp(-((x - 4) ** 2)), ":", color="#0072B2", lw=2)
    (generated,) = axes.plot(x, x, color="#009E73", lw=2)
    (judged,) = axes.plot(x, x, "--", color="#D55E00", lw=2)
    axes.set(xlim=(-2, 9), ylim=(0, 1.1))
    frames = []
    for center in np.linspace(0, 4, 24):
        density = np.exp(-((x - center) ** 2))
        generated.set_ydata(density)
        judged.set_ydata(1 / (1 + density))
        axes.set_title(f"step {1000 * center:.0f}")
        canvas.draw()
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    palette = ["FFFFFF", "000000", "0072B2", "009E73", "D55E00"]
    return Plot(frames, np.array([list(bytes.fromhex(c)) for c in palette], dtype=np.uint8))


@pytest.fixture
def blink() -> list[Frame]:
    """Twelve frames of 20x10 with a square that jumps."""
    frames = []
    for i in range(12):
        frame = np.full((10, 20, 3), 255, dtype=np.uint8)
        frame[2:8, i : i + 6] = (0, 20 * i, 200)
        frames.append(frame)
    return frames


@pytest.fixture
def encode() -> Callable[..., Encoder]:
    """Write frames with an encoder and give it back closed."""

    def run(
        encoder: type[Encoder], path: Path, frames: list[Frame], fps: float = 25.0, **more: object
    ) -> Encoder:
        options = {k: more.pop(k) for k in ("opaque", "most", "max_bytes") if k in more}
        if "most" in options:
            options["colors"] = options.pop("most")
        height, width, _ = frames[0].shape
        clip = Clip(width, height, fps, frames=len(frames), **more)
        with encoder(path, clip, **options) as opened:
            for frame in frames:
                opened.write(frame)
        return opened

    return run


@pytest.fixture(scope="session")
def run_python() -> Callable[[str], str]:
    """Run code in a fresh interpreter and give back what it prints."""

    def run(code: str) -> str:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
        ).stdout

    return run

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_viz.recording import Writer


def write_sample(path: Path, *, frames: int = 20, complete: bool = True) -> Path:
    """A recording with something of everything; array values tell the step."""
    writer = Writer(path, {"seed": 7, "config": {"lr": 1e-3, "sizes": [16, 16]}})
    writer.add_channel("generator", (64,), "float32", output="x")
    writer.add_channel("images", (2, 3, 3), "uint8")
    writer.add_constant("grid", np.linspace(-1, 1, 5), unit="x")
    for step in range(0, 10 * frames, 10):
        arrays = {"generator": np.full(64, step)}
        if step % 20 == 0:
            arrays["images"] = np.full((2, 3, 3), step % 256, np.uint8)
        writer.write_frame(step, arrays)
    writer.write_scalars(range(100), {"loss_D": np.arange(100) / 2, "loss_G": np.arange(100) / 4})
    writer.close(complete=complete)
    return writer.path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ganviz"


@pytest.fixture
def sample(path: Path) -> Path:
    return write_sample(path)


@pytest.fixture
def make_sample() -> Callable[..., Path]:
    return write_sample


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    with Writer(path) as writer:
        yield writer


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in another process; its arguments are in ``sys.argv[1:]``."""

    def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run

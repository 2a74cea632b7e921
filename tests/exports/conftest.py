"""Recordings with something of everything, made without any training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_viz.distributions import target
from gan_viz.recording import Writer

STEPS = (0, 10, 25)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """1-D data with scalars at every step, one of them of a name that metrics have."""
    header = {"target": target("bimodal").describe(), "seed": 3, "odd": float("inf")}
    with Writer(tmp_path / "run.ganviz", header) as writer:
        writer.add_channel("generator", (64,), "float32")
        for step in range(26):
            writer.write_scalars([step], {"d_loss": [1.0 / (step + 1)], "metrics/w1": [7.0]})
        writer.write_scalars([30], {r"\input{x}": [float("nan")], "d_loss": [float("inf")]})
        for step in STEPS:
            writer.write_frame(step, {"generator": np.linspace(-3, -1, 64) + 0.1 * step})
    return writer.path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures: five of 4 x 3 pixels, a walk in colour, scores."""
    with Writer(tmp_path / "pictures.ganviz", {}) as writer:
        writer.add_channel("samples", (5, 4, 3), "uint8")
        writer.add_channel("walk", (2, 3, 4, 4, 3), "uint8")
        writer.add_channel("scores_fake", (8,), "float32")
        for step in STEPS:
            writer.write_frame(
                step,
                {
                    "samples": np.full((5, 4, 3), 10 * step, np.uint8),
                    "walk": np.full((2, 3, 4, 4, 3), step, np.uint8),
                    "scores_fake": np.arange(8, dtype=np.float32),
                },
            )
    return writer.path

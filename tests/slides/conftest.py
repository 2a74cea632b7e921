"""A recording with two frames a chapter, made without any training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan_viz.distributions import target
from gan_viz.recording import Writer

HOSTILE = "<script>alert(1)</script> & -->"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A G that moves onto its data, and a name that would be markup."""
    header = {"target": {**target("norm(0, 1)").describe(), "label": HOSTILE}, "seed": 7}
    spread = np.linspace(-1.5, 1.5, 64)
    with Writer(tmp_path_factory.mktemp("deck") / "run.ganviz", header) as writer:
        writer.add_channel("generator", (64,), "float32")
        for frame, centre in enumerate((-4, -4, -3.5, -2, -1, -0.3, 0)):
            writer.write_frame(50 * frame, {"generator": spread + centre})
        steps = np.arange(301)
        writer.write_scalars(steps, {"d_loss": np.where(steps < 150, 1.25, np.nan)})
    return writer.path

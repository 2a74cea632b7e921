"""The default animation of the toy spends its time on the learning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gan_viz
from gan_viz.analysis import metrics
from gan_viz.rendering.timeline import SharedSteps


@pytest.mark.parametrize("duration", [None, 30.0])
def test_most_of_the_time_is_before_ninety_percent_of_the_way(
    default_run: Path, duration: float | None
) -> None:
    with gan_viz.Recording(default_run) as recording:
        distances = np.array([figures.w1 for _, figures in metrics(recording)])
        look = gan_viz.Look(duration=duration)
        frames = SharedSteps([recording]).timeline(**look.timing).frames
    last = distances[-20:].mean()
    left = (distances - last) / (distances[0] - last)
    arrived, settled = np.argmax(left <= 0.1), np.flatnonzero(left > 0.05)[-1] + 1
    assert np.mean(frames < arrived) >= 0.7
    assert np.mean(frames >= settled) <= 0.2


@pytest.fixture(scope="module")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gan_viz.train(record=tmp_path_factory.mktemp("default") / "run.ganviz")

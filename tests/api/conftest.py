"""A small recording of a real training."""

from __future__ import annotations

from pathlib import Path

import pytest

import gan_viz


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 steps of the toy."""
    return gan_viz.train(
        "bimodal", tmp_path_factory.mktemp("run") / "run.ganviz", steps=60, every=2
    )

"""Stills of every size, of every kind, are the size they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gan_viz
from gan_viz.recording import Writer


def pictures(path: Path, rows: int, columns: int, height: int, width: int) -> Path:
    """A recording of grids of pictures."""
    source = np.random.default_rng(0)
    shape = (rows * columns, height, width)
    with Writer(path) as writer:
        writer.add_channel("samples", shape, "uint8", columns=columns)
        for step in (0, 3, 500):
            writer.write_frame(step, {"samples": source.integers(0, 256, shape, dtype=np.uint8)})
    return path


def check(rendered: gan_viz.Rendered) -> None:
    with Image.open(rendered.path) as image:
        assert image.size == rendered.size
        image.load()


@pytest.mark.parametrize("columns", [3, 8, 10])
def test_contact_sheets_of_any_pictures(tmp_path: Path, columns: int) -> None:
    for height, width in ((8, 8), (28, 28), (9, 16), (21, 13), (32, 32)):
        run = pictures(tmp_path / "run.ganviz", 2, columns, height, width)
        check(gan_viz.render(run, tmp_path / "a.png"))


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.3])
def test_contact_sheets_of_any_scale(tmp_path: Path, scale: float) -> None:
    run = pictures(tmp_path / "run.ganviz", 4, 8, 28, 28)
    for at in ([0], [0, 3], [0, 3, 500]):
        check(gan_viz.render(run, tmp_path / "a.png", scale=scale, at=at))


@pytest.mark.parametrize("size", [(321, 203), (489, 977), (635, 401), (1027, 228)])
def test_strips_and_posters_of_any_size(run: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    for look in ({"poster": True}, {"columns": 2, "at": [0, 60]}):
        rendered = gan_viz.render(run, tmp_path / "a.png", size=size, panels="losses", **look)
        check(rendered)
        assert rendered.size == size

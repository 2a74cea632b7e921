"""Pictures of any shape are filled, and what is said in them can be read."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan_viz.panels.choosing import make_panels
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas, Comparison, Renderer

Make = Callable[..., Recording]

_folder = Path(__file__).parents[2] / "benchmarks"
with pytest.MonkeyPatch.context() as _patch:
    _patch.syspath_prepend(_folder)
    _measures = runpy.run_path(str(_folder / "picture.py"))
used_area, smallest_type = _measures["used_area"], _measures["smallest_type"]

PICTURES = {"samples": (np.full((5, 64, 28, 28), 128, np.uint8), {"columns": 8})}
REAL = {"real_samples": np.full((32, 28, 28), 90, np.uint8)}


def drawn(recording: Recording, panels: str, size: tuple[int, int], scale: float = 1) -> Renderer:
    bound = [panel.bind(recording) for panel in make_panels(panels)]
    return Renderer(recording, bound, Canvas(*size, scale=scale))


@pytest.mark.parametrize(
    "size", [(960, 540), (480, 270), (540, 960), (720, 720), (1920, 1080)], ids=str
)
def test_the_usual_picture_is_filled(make_recording: Make, size: tuple[int, int]) -> None:
    renderer = drawn(make_recording(), "density, losses(strip=yes)", size)
    assert used_area(renderer) > 0.88
    assert smallest_type(renderer) > 8


@pytest.mark.parametrize("scale", [1.25, 2, 3])
def test_large_type_too(make_recording: Make, scale: float) -> None:
    renderer = drawn(make_recording(), "density, losses(strip=yes)", (960, 540), scale)
    assert used_area(renderer) > 0.85
    assert smallest_type(renderer) > 8.2  # that of the usual scale, at least
    for frame in (0, 3):
        assert np.array_equal(renderer.frame(frame), renderer.full(frame))


@pytest.mark.parametrize(
    ("size", "least"), [((960, 540), 0.85), ((540, 960), 0.78), ((640, 520), 0.8)], ids=str
)
def test_pictures_fill_their_room(
    make_recording: Make, size: tuple[int, int], least: float
) -> None:
    recording = make_recording(pictures=PICTURES, constants=REAL)
    assert used_area(drawn(recording, "grid, losses(strip=yes)", size)) > least


@pytest.mark.parametrize("size", [(960, 540), (540, 960)], ids=str)
@pytest.mark.parametrize("panel", ["density", "grid"])
def test_comparisons_fill_theirs(make_recording: Make, size: tuple[int, int], panel: str) -> None:
    recordings = [make_recording(pictures=PICTURES, constants=REAL) for _ in range(2)]
    panels = [make_panels(panel)[0] for _ in recordings]
    assert used_area(Comparison(recordings, panels, Canvas(*size))) > 0.75

"""Recordings as for the panels, and renderers of them."""

from __future__ import annotations

import functools
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_viz.panels.choosing import make_panels
from gan_viz.recording import Recording
from gan_viz.rendering import Canvas, Renderer
from gan_viz.rendering.theme import theme

_panels = runpy.run_path(str(Path(__file__).parents[1] / "panels" / "conftest.py"))
make_recording_of_pictures = _panels["make_recording"]


@pytest.fixture
def make_recording(
    make_recording_of_pictures: Callable[..., Recording],
) -> Callable[..., Recording]:
    """Write and open recordings that every panel finds something in."""
    return functools.partial(make_recording_of_pictures, beyond=True)


@pytest.fixture(scope="session")
def write_recording() -> Callable[..., Path]:
    """Write a recording of some properties, as `make_recording` does."""
    return functools.partial(_panels["write_recording"], beyond=True)


@pytest.fixture
def make_renderer(make_recording: Callable[..., Recording]) -> Callable[..., Renderer]:
    """Draw a recording of some properties in a look."""

    def make(
        panels: tuple[str, ...] = ("density", "losses"),
        look: str = "light",
        size: tuple[int, int] = (480, 270),
        recording: Recording | None = None,
        **properties: Any,
    ) -> Renderer:
        source = make_recording(**properties) if recording is None else recording
        panel = [panel.bind(source) for panel in make_panels(panels)]
        return Renderer(source, panel, Canvas(*size, theme=theme(look)))

    return make

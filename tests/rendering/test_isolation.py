"""Rendering needs no display, no pyplot and no torch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = """
import sys
from gan_viz.recording import Recording
from gan_viz.registry import PANELS
from gan_viz.rendering import Canvas, Renderer, Timeline, filmstrip
from gan_viz.rendering.theme import theme

with Recording(sys.argv[1]) as recording:
    panels = [PANELS[name]().bind(recording) for name in PANELS]
    renderer = Renderer(recording, panels, Canvas(480, 270))
    for frame in renderer.frames(Timeline.plan(recording.steps).frames.tolist()[::20]):
        pass
    filmstrip(PANELS["density"]().bind(recording), [0, 1], Canvas(640, 360, theme("dark")))
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "tkinter", "PyQt5"}))
print(*[name for name in sys.modules if name == "matplotlib.pyplot"])
"""


def test_no_display_no_pyplot_no_torch(
    tmp_path: Path, write_recording: Callable[..., Path]
) -> None:
    path = write_recording(tmp_path / "run.ganviz")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(path)],
        env=environment | {"MPLBACKEND": "TkAgg"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
    assert done.stderr == ""


MANUAL = """
import sys
from gan_viz import terminal
terminal.alone = sys.argv[1] == "alone"
import gan_viz.panels
from matplotlib.artist import kwdoc
from matplotlib.lines import Line2D
print("antialiased" in Line2D.set.__doc__, "antialiased" in kwdoc(Line2D))
"""


@pytest.mark.parametrize(("alone", "listed"), [("alone", "False True"), ("", "True True")])
def test_a_command_imports_matplotlib_without_its_manual(alone: str, listed: str) -> None:
    run = [sys.executable, "-c", MANUAL, alone]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == listed

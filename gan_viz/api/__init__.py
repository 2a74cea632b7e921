"""Train and render: the only room that joins the two wings.

Names are imported when they are first used: rendering never loads torch, training never matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_viz.api.comparing import compare
    from gan_viz.api.dirac import record_dirac
    from gan_viz.api.drawing import preset, render
    from gan_viz.api.images import build_images, record_images, train_images
    from gan_viz.api.look import Look
    from gan_viz.api.output import Rendered, check_output, keep_apart
    from gan_viz.api.phases import PHASES, PHASES_FPS
    from gan_viz.api.presets import train_classic
    from gan_viz.api.races import race
    from gan_viz.api.stabilizers import STABILIZERS
    from gan_viz.api.tables import (
        metrics,
        race_statistics,
        write_metrics,
        write_race_statistics,
    )
    from gan_viz.api.toy import train
    from gan_viz.api.walks import record_walk
    from gan_viz.diagnostics import verdicts
    from gan_viz.progress import Progress
    from gan_viz.recording.shown import check_shown

__all__ = [
    "PHASES",
    "PHASES_FPS",
    "STABILIZERS",
    "Look",
    "Progress",
    "Rendered",
    "build_images",
    "check_output",
    "check_shown",
    "compare",
    "keep_apart",
    "metrics",
    "preset",
    "race",
    "race_statistics",
    "record_dirac",
    "record_images",
    "record_landscape",
    "record_walk",
    "render",
    "train",
    "train_classic",
    "train_images",
    "verdicts",
    "write_metrics",
    "write_race_statistics",
]

_ROOMS = {
    "gan_viz.api.comparing": ("compare",),
    "gan_viz.api.dirac": ("record_dirac",),
    "gan_viz.api.drawing": ("preset", "render"),
    "gan_viz.api.images": ("build_images", "record_images", "train_images"),
    "gan_viz.api.landscape": ("record_landscape",),
    "gan_viz.api.look": ("Look",),
    "gan_viz.api.output": ("Rendered", "check_output", "keep_apart"),
    "gan_viz.api.phases": ("PHASES", "PHASES_FPS"),
    "gan_viz.api.presets": ("train_classic",),
    "gan_viz.api.races": ("race",),
    "gan_viz.api.stabilizers": ("STABILIZERS",),
    "gan_viz.api.tables": ("metrics", "race_statistics", "write_metrics", "write_race_statistics"),
    "gan_viz.api.toy": ("train",),
    "gan_viz.api.walks": ("record_walk",),
    "gan_viz.diagnostics": ("verdicts",),
    "gan_viz.progress": ("Progress",),
    "gan_viz.recording.shown": ("check_shown",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gan_viz.api' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

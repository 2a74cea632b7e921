"""gan_viz: see how a GAN learns.

Train a GAN (or watch your own training), record it to one file, render the file to an animation.
Names are imported when they are first used: ``import gan_viz`` loads neither torch nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gan_viz.imageio_registration import register as _register_with_imageio

if TYPE_CHECKING:
    from gan_viz import api
    from gan_viz.api import (
        Look,
        Rendered,
        compare,
        metrics,
        race,
        race_statistics,
        record_dirac,
        record_landscape,
        record_walk,
        render,
        train,
        train_classic,
        train_images,
    )
    from gan_viz.diagnostics import verdicts
    from gan_viz.distributions import Distribution, Latent, target
    from gan_viz.encoders.base import Encoder
    from gan_viz.errors import GanVizError
    from gan_viz.exports import export
    from gan_viz.hooks import Hook, Recorder
    from gan_viz.objectives import Objective
    from gan_viz.panels import Panel
    from gan_viz.recording import Recording
    from gan_viz.rendering.theme import Theme
    from gan_viz.sweeps import SweepResults, atlas, record_run, sweep, sweep_curves
    from gan_viz.watching import live

    __version__: str

__all__ = [
    "Distribution",
    "Encoder",
    "GanVizError",
    "Hook",
    "Latent",
    "Look",
    "Objective",
    "Panel",
    "Recorder",
    "Recording",
    "Rendered",
    "SweepResults",
    "Theme",
    "__version__",
    "api",
    "atlas",
    "compare",
    "export",
    "live",
    "metrics",
    "race",
    "race_statistics",
    "record_dirac",
    "record_landscape",
    "record_run",
    "record_walk",
    "render",
    "sweep",
    "sweep_curves",
    "target",
    "train",
    "train_classic",
    "train_images",
    "verdicts",
]

_ROOMS = {
    "gan_viz.diagnostics": ("verdicts",),
    "gan_viz.distributions": ("Distribution", "Latent", "target"),
    "gan_viz.encoders.base": ("Encoder",),
    "gan_viz.errors": ("GanVizError",),
    "gan_viz.exports": ("export",),
    "gan_viz.hooks": ("Hook", "Recorder"),
    "gan_viz.objectives": ("Objective",),
    "gan_viz.panels": ("Panel",),
    "gan_viz.recording": ("Recording",),
    "gan_viz.rendering.theme": ("Theme",),
    "gan_viz.sweeps": ("SweepResults", "atlas", "record_run", "sweep", "sweep_curves"),
    "gan_viz.watching": ("live",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}
"""Where names are that are not of `gan_viz.api`."""

_register_with_imageio()


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer to import than the rest together

        return version("gan-viz")
    if name == "api":
        return import_module("gan_viz.api")
    if name not in __all__:
        raise AttributeError(f"module 'gan_viz' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "gan_viz.api")), name)


def __dir__() -> list[str]:
    return __all__

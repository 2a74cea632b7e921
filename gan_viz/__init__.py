"""gan_viz: see how a GAN learns.

Train a GAN (or watch one's own training), record it to one file, render the file to an animation.
Names are imported when they are first used: ``import gan_viz`` loads neither torch nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gan_viz.imageio_registration import register as _register_with_imageio

if TYPE_CHECKING:
    from gan_viz.api import compare, render, train
    from gan_viz.distributions import Distribution, Latent, target
    from gan_viz.errors import GanVizError
    from gan_viz.hooks import Hook, Recorder
    from gan_viz.recording import Recording

__all__ = [
    "Distribution",
    "GanVizError",
    "Hook",
    "Latent",
    "Recorder",
    "Recording",
    "compare",
    "render",
    "target",
    "train",
]

_HOMES = {
    "Distribution": "gan_viz.distributions",
    "GanVizError": "gan_viz.errors",
    "Hook": "gan_viz.hooks",
    "Latent": "gan_viz.distributions",
    "Recorder": "gan_viz.hooks",
    "Recording": "gan_viz.recording",
    "compare": "gan_viz.api",
    "render": "gan_viz.api",
    "target": "gan_viz.distributions",
    "train": "gan_viz.api",
}

_register_with_imageio()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gan_viz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

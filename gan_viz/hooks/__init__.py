"""Hooks: they watch any training loop, change nothing, and write what they see."""

from gan_viz.hooks.base import Hook, Run
from gan_viz.hooks.recorder import Recorder

__all__ = ["Hook", "Recorder", "Run"]

"""The training loop: a game between G and D, played step by step."""

from gan_viz.training.loop import Gan, Training, Update, kind_of
from gan_viz.training.settings import Settings

__all__ = ["Gan", "Settings", "Training", "Update", "kind_of"]

"""Four well-known 1-D demonstrations, trained as their authors do; one file each."""

from gan_viz.api.classics.base import Appearance, Classic, Latents, Schedule
from gan_viz.api.classics.building import build_classic
from gan_viz.api.classics.training import train_classic

__all__ = ["Appearance", "Classic", "Latents", "Schedule", "build_classic", "train_classic"]

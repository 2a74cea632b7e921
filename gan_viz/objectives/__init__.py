"""Objectives: what D and G each minimise, as pure functions of D's outputs."""

from gan_viz.objectives.base import Objective
from gan_viz.objectives.r1 import R1

__all__ = ["R1", "Objective"]

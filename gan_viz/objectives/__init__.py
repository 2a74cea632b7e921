"""Objectives: what D and G each minimise, as pure functions of D's logits."""

from gan_viz.objectives.base import ClosedForm, Objective

__all__ = ["ClosedForm", "Objective"]

"""What the header of a recording says."""

from __future__ import annotations

from collections.abc import Mapping

from gan_viz.recording import Recording

__all__ = ["objective_name"]


def objective_name(recording: Recording) -> str:
    """Name of the objective in a recording's header; empty if there is none."""
    objective = recording.header.get("objective")
    name = objective.get("name") if isinstance(objective, Mapping) else None
    return name if isinstance(name, str) else ""

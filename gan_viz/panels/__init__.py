"""Panels: what one axes shows of a recording."""

from gan_viz.panels.base import Panel, Style

__all__ = ["Panel", "Style"]

"""Rendering: themes, layout, timeline, and the frames themselves."""

import gan_viz.panels  # noqa: F401 - it imports matplotlib whatever the environment says
from gan_viz.rendering.canvas import Canvas
from gan_viz.rendering.comparison import Comparison
from gan_viz.rendering.renderer import FrameRenderer, Renderer
from gan_viz.rendering.stills import contact_sheet, filmstrip
from gan_viz.rendering.theme import THEMES
from gan_viz.rendering.timeline import Timeline

__all__ = [
    "THEMES",
    "Canvas",
    "Comparison",
    "FrameRenderer",
    "Renderer",
    "Timeline",
    "contact_sheet",
    "filmstrip",
]

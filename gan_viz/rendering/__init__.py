"""Rendering: themes, layout, timeline, and the frames themselves."""

from gan_viz.rendering.contact_sheet import contact_sheet
from gan_viz.rendering.filmstrip import filmstrip
from gan_viz.rendering.renderer import Renderer
from gan_viz.rendering.theme import THEMES
from gan_viz.rendering.timeline import Timeline

__all__ = ["THEMES", "Renderer", "Timeline", "contact_sheet", "filmstrip"]

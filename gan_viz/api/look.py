"""How a recording is to be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gan_viz.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from gan_viz.panels.choosing import PanelChoice

__all__ = ["PACES", "PRESETS", "SIZE", "STRIP_SIZE", "Look"]

SIZE = (960, 540)
STRIP_SIZE = (1500, 900)

PACES: Mapping[str, str] = {
    "recorded": "as the frames were taken",
    "linear": "evenly over the steps",
    "sqrt": "evenly over the square roots of the steps: early training in slow motion",
    "log": "evenly over the logarithms of the steps: early training in slower motion",
    "change": "by how much the picture changes",
}
"""Ways of choosing frames."""

PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "slides": {
        ".gif": {"size": (960, 540), "scale": 1.25, "opaque": True, "max_bytes": 5_000_000},
        ".mp4": {"size": (1920, 1080), "scale": 1.25},
        ".png": {"size": (1920, 1080), "scale": 1.25, "poster": True},
    },
    "readme": {".gif": {"size": (720, 405), "scale": 1.1, "max_bytes": 1_000_000}},
    "paper": {".pdf": {"scale": 1.2}, ".png": {"size": (3000, 1800), "scale": 1.2}},
}
"""Files made side by side under one name, and how each looks."""


@dataclass(frozen=True)
class Look:
    """How a recording is to be drawn.

    Parameters
    ----------
    size : (int, int), optional
        Width and height in pixels; by default 960x540, for a strip 1500x900.
    fps : float
        Frames per second.
    duration : float, optional
        Seconds, `hold` not included; by default what all recorded frames take.
    hold : float
        Seconds that the last frame stays on, in addition.
    pace : str
        A name in `PACES`: which frames are chosen.
    theme : str
        ``light``, ``dark`` or ``classic``.
    panels : str, type of Panel, Panel or sequence of them, optional
        From left to right: names in `gan_viz.registry.PANELS`, with parameters if there are any,
        like ``"density(kde, dstar=no), losses"``; panels, or classes of one's own. By default all
        of density, grid, losses and outputs that the recording has something for.
    density : str, optional
        The parameter of that name of density panels, which say how p_g is drawn: ``exact`` (by
        change of variables, where z has one dimension), ``kde`` (Gaussian kernels) or
        ``histogram``; by default as the panel or the recording asks for, or else exact.
    arrows : str, optional
        The parameter of that name of density panels, ``map`` or ``gradient``: they become Figure 1
        of Goodfellow et al. (2014), with arrows from z to G(z), or also with those along which the
        loss of G moves its samples.
    loop : int
        Times an animation plays; 0 is for ever.
    opaque : bool
        Whether a GIF stores every frame in full, for viewers that mishandle partial ones.
    colors : int, optional
        Most colours of a GIF, 16 to 256; by default as many as are needed, but 32 where there are
        photographs or drawings in it, whose every shade costs bytes.
    max_bytes : int, optional
        Budget of a GIF: frame rate, size and number of colours are lowered until it fits.
    scale : float
        Size of type and lines, relative to the usual.
    at : sequence of int
        Steps to be shown in a still, each by the recorded frame nearest to it.
    columns : int, optional
        Pictures beside one another in a strip.
    poster : bool
        Whether a still shows one whole picture instead of a strip.
    jobs : int, optional
        Processes to work with, 1 or more; by default 2 where there are two processors.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    size: tuple[int, int] | None = None
    fps: float = 20.0
    duration: float | None = None
    hold: float = 2.0
    pace: str = "recorded"
    theme: str = "light"
    panels: PanelChoice | Sequence[PanelChoice] | None = None
    density: str | None = None
    arrows: str | None = None
    loop: int = 0
    opaque: bool = False
    colors: int | None = None
    max_bytes: int | None = None
    scale: float = 1.0
    at: Sequence[int] = ()
    columns: int | None = None
    poster: bool = False
    jobs: int | None = None

    def __post_init__(self) -> None:
        from gan_viz.rendering.layout import check_size
        from gan_viz.rendering.theme import theme as find_theme
        from gan_viz.rendering.timeline import check_timing

        if self.size is not None:
            check_size(*self.size)
        check_timing(self.fps, self.duration, self.hold)
        find_theme(self.theme)
        self._check_names()
        self._check_numbers()

    def _check_names(self) -> None:
        from gan_viz.panels.choosing import make_panels, with_options

        if self.pace not in PACES:
            raise UnknownNameError("pace", self.pace, PACES)
        with_options(make_panels("density"), self.density, self.arrows)
        if self.panels is not None:
            make_panels(self.panels)

    def _check_numbers(self) -> None:
        if not (math.isfinite(self.scale) and 0.5 <= self.scale <= 3):
            raise UsageError(f"scale {self.scale:g}: expected from 0.5 to 3, like 1.25")
        for name, value in (("columns", self.columns), ("jobs", self.jobs)):
            if value is not None and not 1 <= value <= 64:
                raise UsageError(f"{name} {value}: expected a whole number from 1 to 64")
        if self.colors is not None and not 16 <= self.colors <= 256:
            raise UsageError(f"colors {self.colors}: expected a whole number from 16 to 256")
        if self.max_bytes is not None and self.max_bytes < 1:
            raise UsageError(f"a budget of {self.max_bytes} bytes: expected a size like 5MB")
        if any(step < 0 for step in self.at):
            raise UsageError(f"step {min(self.at)}: expected steps of at least 0, like 0,100,1000")

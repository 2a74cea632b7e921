"""How a recording is to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from gan_viz.arguments import check_fields
from gan_viz.errors import UnknownNameError, UsageError, reject_unknown

if TYPE_CHECKING:
    from gan_viz.panels.choosing import PanelChoice
    from gan_viz.rendering import Canvas
    from gan_viz.rendering.theme import Theme

TIMING = ("pace", "fps", "duration", "hold", "slow", "pause", "boomerang")
SIZE = (960, 540)
STRIP_SIZE = (1500, 900)

CLIPS = ("mp4", "gif")
"""What can be on slides."""
PACES: Mapping[str, str] = {
    "recorded": "as the frames were taken",
    "linear": "evenly over the steps",
    "sqrt": "evenly over the square roots of the steps: early training in slow motion",
    "log": "evenly over the logarithms of the steps: early training in slower motion",
    "change": "by how much the picture changes, beyond its jitter",
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


def _field(default: Any, text: str, *, shown: str | None = "", option: str = "") -> Any:
    """A field of `Look`, and what the command line needs to make an option of it.

    `shown` is the default as ``--help`` shows it, where it is not the value's own; None shows none.
    """
    own = (
        None if default in (None, ()) else f"{default:g}" if isinstance(default, float) else default
    )
    metadata = {"help": text, "shown": own if shown == "" else shown, "option": option}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Look:
    """How a recording is drawn: its size, timing, panels, words and colors.

    What is no text may be given as one, as it is typed on the command line:
    ``Look(size="960x540", at="0,100", max_bytes="5MB", pause="500:2", label="data=heights")``.

    Parameters
    ----------
    size : (int, int), optional
        Width and height in pixels; by default 960x540, for a strip 1500x900.
    fps : float
        Frames per second.
    duration : float, optional
        Seconds, `hold` not included; by default what all recorded frames take, at the pace
        ``change`` from 4 to 6, of pictures from 6 to 10.
    hold : float
        Seconds that the last frame stays on, in addition.
    pace : str, optional
        A name in `PACES`: what time follows. By default ``change``; ``recorded`` for a walk, for
        `phases` and where there are few frames, up to 80.
    pause : sequence of (int, float)
        Steps to stay at, and for how many seconds in addition.
    slow : sequence of (int, int, float)
        Steps from which and up to which time goes slower, and how many times.
    boomerang : bool
        Whether an animation goes back to its beginning after the hold.
    theme : str or Theme
        ``light``, ``dark`` or ``classic``, or your own `gan_viz.Theme`.
    panels : str, type of Panel, Panel or sequence of them, optional
        From left to right: names in `gan_viz.registry.PANELS`, with parameters if there are any,
        like ``"density(kde, dstar=no), losses"``; panels, or your own classes. By default all
        of density, grid, points, signals, losses and outputs that the recording has something for.
    scalars : str, optional
        Scalars to draw in a panel more, with commas between their names.
    density : str, optional
        The parameter of that name of density panels, which say how p_g is drawn: ``exact`` (by
        change of variables, where z has one dimension), ``kde`` (Gaussian kernels) or
        ``histogram``; by default as the panel or the recording asks for, or else exact.
    arrows : str, optional
        The parameter of that name of density panels, ``map`` or ``gradient``: they become Figure 1
        of Goodfellow et al. (2014), with arrows from z to G(z), or also with those along which the
        loss of G moves its samples.
    show : sequence of str
        Parameters that are switched on in all panels that have them: ``dstar``, the optimal D and
        the gap to it; ``bound``, the least that a continuous G has between two modes.
    labels : str
        How curves are named: by ``words``, ``symbols``, or ``both``.
    language : str
        Of the words: ``en``, ``de``, ``es``, ``fr`` or ``ja``.
    label : mapping of str to str
        Names in `gan_viz.panels.words.WORDS`, and what pictures say instead; ``*italic*``,
        ``_low_`` and ``^high^`` are set as such.
    title, subtitle, caption : str, optional
        Above and below the picture; by default the title names the data and the objective.
    transparent : bool
        Whether there is no background, in formats that can have none; in a GIF, whose pixels are
        there or not, edges of curves and type are blended with the theme's.
    loop : int
        Times an animation plays; 0 is for ever.
    opaque : bool
        Whether a GIF stores every frame in full, for viewers that mishandle partial ones.
    colors : mapping of str to str, or int
        Colours of roles in the theme, like ``{"data": "#1a3cff"}``; a number is `max_colors`.
    max_colors : int, optional
        Most colours of a GIF, 16 to 256; by default as many as are needed, but 32 where there are
        photographs or drawings in it, whose every shade costs bytes.
    max_bytes : int, optional
        Budget of a GIF: frame rate, size and number of colours are lowered until it fits.
    lossy : int, optional
        Pixels of a GIF that would change by at most so many levels of 255, 1 to 64, stay as they
        are until they are farther off; what is kept is at least ``20 log10(255 / lossy)`` dB good.
    scale : float
        Size of type and lines, relative to the usual.
    font : str, optional
        A family that is installed, or a font file. What it lacks is written in DejaVu Sans, or in
        what is installed of well-known fonts of other scripts.
    at : sequence of int
        Steps to be shown in a still, each by the recorded frame nearest to it.
    columns : int, optional
        Pictures beside one another in a strip.
    poster : bool
        Whether a still shows one whole picture instead of a strip.
    template : str, optional
        A PowerPoint file whose design a ``.pptx`` gets; by default that of the theme.
    clip : str
        What slides play: ``mp4``, or ``gif`` where videos are not wanted.
    autoplay : bool
        Whether the clips of slides start by themselves, or by a click.
    jobs : int, optional
        Processes to work with, 1 or more; by default 2 where there are two processors.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    size: tuple[int, int] | None = _field(
        None, "Width and height in pixels, like 960x540.", shown="960x540"
    )
    fps: float = _field(20.0, "Frames per second.")
    duration: float | None = _field(
        None,
        "Seconds of the animation, without --hold.",
        shown="by the recorded frames: 4 to 6 s, or 6 to 10 s for pictures",
    )
    hold: float = _field(2.0, "Seconds for which the last frame stays.")
    pace: str | None = _field(
        None,
        f"What the time of the clip follows: {', '.join(PACES)}.",
        shown="change; recorded for walks, --phases and up to 80 frames",
    )
    pause: Sequence[tuple[int, float]] = _field(
        (),
        "Steps to pause at, for 1 second or as given: 100,500:2 is 2 s at step 500.",
    )
    slow: Sequence[tuple[int, int, float]] = _field(
        (), "Steps in slow motion: 0-200 twice as slow, 0-200:3 three times."
    )
    boomerang: bool = _field(False, "Go back to the beginning after the hold.", shown=None)
    theme: str | Theme = _field("light", "Colors: light, dark or classic.")
    panels: PanelChoice | Sequence[PanelChoice] | None = _field(
        None,
        'Panels from left to right, with optional parameters, like "density(kde), losses".',
        shown="what suits the run",
    )
    scalars: str | None = _field(
        None, "Scalars to draw in an additional panel, like info_loss,wasserstein."
    )
    density: str | None = _field(
        None,
        "How p_g is drawn: exact, kde or histogram.",
        shown="exact, if z is one number",
    )
    arrows: str | None = _field(
        None, "Figure 1 of the GAN paper: map (z to x = G(z)), or gradient (also that of G's loss)."
    )
    show: Sequence[str] = _field(
        (),
        "Additional curves: dstar, the optimal D and D's gap to it; bound, the least mass of a "
        "continuous G between two modes.",
    )
    labels: str = _field("words", "How curves are named: words, symbols or both.")
    language: str = _field("en", "Language of the words in the picture: en, de, es, fr or ja.")
    label: Mapping[str, str] = _field(
        (), 'Your own words, like "data=body height,generated=model".'
    )
    title: str | None = _field(None, "A line above the picture.", shown="data and objective")
    subtitle: str | None = _field(None, "A line below the title.")
    caption: str | None = _field(None, "A line below the picture.")
    transparent: bool = _field(False, "No background, in stills, GIF, WebP and APNG.", shown=None)
    loop: int = _field(0, "How often an animation plays; 0 is for ever.")
    opaque: bool = _field(
        False, "Whole frames in a GIF, for viewers that mishandle partial ones.", shown=None
    )
    colors: Mapping[str, Any] | int = _field(
        (),
        "Colors of roles, like data=#1a3cff,generated=orange; a number is --max-colors.",
    )
    max_colors: int | None = _field(
        None, "Most colors of a GIF, 16 to 256.", shown="as needed; 32 with pictures in it"
    )
    max_bytes: int | None = _field(
        None,
        "Limit of a GIF or page, like 5MB: frames, size and colors are reduced until it fits.",
        option="--max-size",
    )
    lossy: int | None = _field(
        None,
        "Smaller GIFs: pixels may be off by this many levels of 255, like 8 (30 dB) or 16 (24 dB).",
        shown="exact",
    )
    scale: float = _field(1.0, "Size of type and lines, relative to the default.")
    font: str | None = _field(None, "An installed font, or a font file.", shown="DejaVu Sans")
    at: Sequence[int] = _field((), "Steps shown in a still, like 0,100,1000.")
    columns: int | None = _field(None, "Pictures in a row of a strip.")
    poster: bool = _field(
        False, "A still is one picture, of the last frame or of --at, not a strip.", shown=None
    )
    template: str | None = _field(
        None, "A .pptx file whose design the slides take.", shown="colors of the theme"
    )
    clip: str = _field("mp4", "Format of clips on slides: mp4 or gif.")
    autoplay: bool = _field(
        False, "Start the clips of slides by themselves, without a click.", shown=None
    )
    jobs: int | None = _field(None, "Processes that work at a time.", shown="by processors")

    def __new__(cls, *_: Any, **given: Any) -> Self:
        """Refuse misspelt fields in one line, before Python does so in its own words."""
        reject_unknown("Look", given, [each.name for each in fields(cls)])
        return super().__new__(cls)

    def __post_init__(self) -> None:
        from gan_viz.rendering.timeline import check_timing

        check_fields(self)
        if isinstance(self.colors, int):
            object.__setattr__(self, "max_colors", self.colors)
            object.__setattr__(self, "colors", ())
        check_timing(self.fps, self.duration, self.hold, self.pause, self.slow)
        _ = self.canvas  # it checks itself when it is made
        self._check_names()
        self._check_numbers()

    @cached_property
    def canvas(self) -> Canvas:
        """Size, theme and scale; of the usual size where none is given."""
        from gan_viz.panels.words import Words
        from gan_viz.rendering import Canvas
        from gan_viz.rendering.theme import theme

        words = Words(self.language, self.labels, tuple(dict(self.label).items()))
        return Canvas(
            *(self.size or SIZE),
            theme=theme(self.theme).recolored(dict(self.colors)),  # type: ignore[arg-type]
            scale=self.scale,
            words=words,
            title=self.title,
            subtitle=self.subtitle or "",
            caption=self.caption or "",
            font=self.font or "",
            transparent=self.transparent,
        )

    @property
    def timing(self) -> dict[str, Any]:
        """What `gan_viz.rendering.timeline.SharedSteps.timeline` takes."""
        return {name: getattr(self, name) for name in TIMING}

    def canvas_of(self, size: tuple[int, int]) -> Canvas:
        """The canvas of the given size, unless the look has a size of its own."""
        width, height = size
        return self.canvas if self.size else replace(self.canvas, width=width, height=height)

    def _check_names(self) -> None:
        from gan_viz.panels.choosing import make_panels, with_options

        if self.pace is not None and self.pace not in PACES:
            raise UnknownNameError("pace", self.pace, PACES)
        if self.clip not in CLIPS:
            raise UnknownNameError("clip", self.clip, CLIPS)
        with_options(make_panels("density"), self.density, self.arrows, self.show)
        if self.panels is not None:
            make_panels(self.panels)

    def _check_numbers(self) -> None:
        for name, value in (("columns", self.columns), ("jobs", self.jobs)):
            if value is not None and not 1 <= value <= 64:
                raise UsageError(f"{name} {value}: expected a whole number from 1 to 64")
        most = self.max_colors
        if most is not None and not 16 <= most <= 256:
            raise UsageError(f"colors {most}: expected a whole number from 16 to 256")
        if self.max_bytes is not None and self.max_bytes < 1:
            raise UsageError(f"a budget of {self.max_bytes} bytes: expected a size like 5MB")
        if any(step < 0 for step in self.at):
            raise UsageError(f"step {min(self.at)}: expected steps of at least 0, like 0,100,1000")

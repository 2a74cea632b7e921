"""The contract of a panel: described by its parameters, bound to a recording, then drawn.

A panel names what it `needs`, reads the whole recording once to fix its scales (so that nothing
jumps), sets itself up on an axes, and from then on is told frame numbers. What it shows depends on
the frame alone, never on the frame before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, Literal, Self, TypeAlias, get_type_hints

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.markers import TICKRIGHT
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.panels.parameters import Interval, checked
from gan_viz.panels.words import Words
from gan_viz.recording import NotRecordedError, Recording
from gan_viz.recording.shown import check_shape

LineStyle: TypeAlias = Literal["-", "--", ":"]

DASHES: dict[LineStyle, tuple[float, float] | None] = {"-": None, "--": (2.5, 2.3), ":": (0.01, 2)}
"""Lengths of dash and gap in widths of the line, whose round ends make the dash longer by one."""

TICKS = 0.86
"""Size of tick labels, relative to ordinary text."""
DYNAMIC = 10.0
"""The z-order from which on what moves is drawn: above everything that stands still."""


@dataclass(frozen=True)
class Style:
    """Colours and sizes, as a theme gives them at one size of picture.

    Attributes
    ----------
    background, ink, muted, faint : str
        Colours of the paper, the text, secondary text and reference lines.
    data, generated, discriminator, d_loss, g_loss : str
        Colours of the roles.
    good, bad : str
        Colours of verdicts.
    font : float
        Size of ordinary text, in pixels.
    line, thin : float
        Width of the main curves and of reference lines, in points (1/72 inch).
    words : Words
        What the picture says.
    """

    background: str
    ink: str
    muted: str
    faint: str
    data: str
    generated: str
    discriminator: str
    d_loss: str
    g_loss: str
    good: str
    bad: str
    font: float
    line: float
    thin: float
    words: Words = field(default_factory=Words)

    @property
    def slight(self) -> float:
        """Width of curves that the main ones are compared with, in points."""
        return 1.5 * self.thin

    @property
    def wide(self) -> float:
        """Width of curves on which others may come to lie, without hiding them, in points."""
        return 1.6 * self.line

    def entry(
        self, name: str, color: str, linestyle: LineStyle = "-", **marks: bool
    ) -> LegendEntry:
        """The legend entry of what has a name in `words`; `marks` as `LegendEntry` takes them."""
        words = self.words
        return LegendEntry(words.name(name), color, linestyle, short=words.short(name), **marks)


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend.

    The `text` is as `gan_viz.panels.lettering` takes it; `short` is written where there is no room
    for it. The area below a `filled` line is tinted. A `slight` line is narrower than others, as
    what the main ones are compared with is; a `wide` one is wider, as what others lie on is.
    """

    text: str
    color: str
    linestyle: LineStyle = "-"
    filled: bool = False
    slight: bool = False
    wide: bool = False
    short: str = ""


@dataclass(eq=False)
class Panel(ABC):
    """What one axes shows of a recording: described first, then bound to a recording and drawn.

    A panel describes a picture: its parameters are the fields of a dataclass, declared as
    ``@dataclass(eq=False)``. `bind` returns a copy that has read a recording. That copy is set up
    on axes once, and then updated to any frame, in any order.

    Your own panel declares `needs` and defines `load`, `setup` and `update`.

    Attributes
    ----------
    needs : tuple of str
        Channels, scalars, constants and entries of the header without which there is nothing to
        show.
    width_ratio : float
        Width relative to the other panels.
    from_header : mapping of str to str
        Entries of the header's ``look``, and the parameters that they stand for.
    recording : Recording
        Only once bound.
    clock : ndarray, shape (frames,), or None
        Seconds at which an animation shows each frame, ascending; set before `setup` where known.

    Raises
    ------
    UsageError
        A parameter has a value that its annotation does not allow.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    width_ratio: ClassVar[float] = 1.0
    from_header: ClassVar[Mapping[str, str]] = {}

    recording: Recording = field(init=False, repr=False)
    clock: NDArray[np.float64] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        names = self.parameters()
        kinds = _kinds(type(self)) if names else {}
        for name in names:
            value = checked(panel_name(type(self)), name, kinds[name], getattr(self, name))
            setattr(self, name, value)

    @classmethod
    def parameters(cls) -> list[str]:
        """Names of the parameters, in their order."""
        return [one.name for one in fields(cls) if one.init]

    def switches(self) -> list[str]:
        """Names of the parameters that are either on or off."""
        return [name for name in self.parameters() if isinstance(getattr(self, name), bool)]

    def lacking(self, recording: Recording) -> list[str]:
        """Which of `needs` a recording does not have, if that leaves nothing to show."""
        return missing(recording, self.needs)

    def bind(self, recording: Recording) -> Self:
        """Read a recording.

        Parameters
        ----------
        recording : Recording
            Stays open as long as the panel is drawn.

        Returns
        -------
        Panel
            A new one, with the same parameters; this one can be bound to other recordings. A
            shallow copy of what is returned can be set up on axes of its own.

        Raises
        ------
        RecordingError
            The recording lacks some of `needs`, or holds what cannot be drawn.
        """
        lacking = self.lacking(recording)
        if lacking:
            has = ", ".join([*recording.channels, *recording.scalars]) or "nothing"
            raise RecordingError(
                f"{recording.path}: the panel {panel_name(type(self))} needs "
                f"{', '.join(lacking)}, but the recording has only {has}; choose other panels"
            )
        for name in self.needs:
            check_shape(recording, name)
        bound = replace(self)
        bound.recording = recording
        bound.load()
        return bound

    def with_limits(self, **limits: Interval) -> Self:
        """The same description with other ends of its scales.

        Parameters
        ----------
        **limits : (float, float)
            ``xlim`` and ``ylim``; those that are no parameters of this panel are left out.
        """
        own: dict[str, Any] = {k: v for k, v in limits.items() if k in self.parameters()}
        return replace(self, **own)

    def shared_limits(self) -> dict[str, Interval]:
        """Scales besides those of the axes, by the parameters that give them.

        In a comparison they become the same, where all panels have them; only once bound.
        """
        return {}

    @property
    def aspect(self) -> float | None:
        """Width relative to its height, if it matters.

        Such a panel takes the height of the picture, and those after it are stacked beside it.
        """
        return None

    @property
    def is_strip(self) -> bool:
        """Whether it is a low strip, which goes below the other panels."""
        return False

    @property
    def above(self) -> float:
        """Room that it needs above its axes, in text heights."""
        return 0.5

    def load(self) -> None:  # noqa: B027  a panel may have nothing to read
        """Read `recording` as a whole, and choose scales that no frame changes."""

    @abstractmethod
    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw what stands still, and create what moves.

        What `load` has read must not be changed: copies of the panel share it.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Empty, of linear scales. It may still be moved and resized until the first `update`.
        style : Style

        Returns
        -------
        sequence of Artist
            All that `update` changes, and nothing else. Each must be clipped to the axes or to a
            part of them, and have a z-order of `DYNAMIC` or more: these alone are drawn anew in
            each frame, on top of what stands still. Artists of z-order below `DYNAMIC`, or not
            returned, would keep their first picture.
        """

    @abstractmethod
    def update(self, frame: int) -> None:
        """Show a frame; the picture depends on it alone, not on what was shown before.

        Parameters
        ----------
        frame : int
            Index into the recording's frames.
        """

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """Entries of the legend; drawn above the axes, so that they never cover a curve."""
        return ()

    def label(self, style: Style) -> Sequence[LegendEntry]:
        """Write names beside the curves, where the panel has room; return the rest of the legend.

        Called once the axes have their place; again if they are then moved.
        """
        return self.legend(style)


def add_right_scale(
    axes: Axes, marks: Mapping[float, str], style: Style, color: str, name: str = ""
) -> None:
    """Label some heights at the right of axes, with the scale's name upright beside them.

    A second axis of matplotlib takes long to be drawn.
    """
    axes.spines["right"].set_visible(True)
    at_the_end = axes.get_yaxis_transform()
    points = style.font * 72 / axes.figure.dpi
    axes.plot(
        [1] * len(marks),
        list(marks),
        color=style.muted if color == style.ink else color,
        linestyle="",
        marker=TICKRIGHT,
        markersize=0.3 * points,
        markeredgewidth=style.thin,
        transform=at_the_end,
        clip_on=False,
        scalex=False,
        scaley=False,
    )

    def write(right: float, height: float, text: str, size: float, **look: Any) -> Text:
        beside = ScaledTranslation(right * points / 72, 0, axes.figure.dpi_scale_trans)
        where = at_the_end + beside
        return axes.text(
            1, height, text, color=color, fontsize=size * points, transform=where, **look
        )

    for height, label in marks.items():
        write(0.6, height, label, TICKS, va="center")
    if name:
        middle = float(np.mean(axes.get_ylim()))
        more = max(map(len, marks.values()), default=0) - 3
        write(2.55 + 0.7 * max(more, 0), middle, name, 1.0, va="center", rotation=90)


def name_before_ticks(axes: Axes, name: str, style: Style) -> None:
    """Write a short name of the x axis at the left of its numbers, which saves a line."""
    axes.set_xlabel(name)
    points = style.font * 72 / axes.figure.dpi
    away = ScaledTranslation(-0.9 * points / 72, -0.62 * points / 72, axes.figure.dpi_scale_trans)
    axes.xaxis.set_label_coords(0, 0, axes.transAxes + away)
    axes.xaxis.label.set(ha="right", va="top", fontsize=TICKS * points)


def panel_name(kind: type[Panel]) -> str:
    """What messages call a panel: ``density`` for DensityPanel."""
    return kind.__name__.removesuffix("Panel").lower()


@cache
def _kinds(panel: type[Panel]) -> Mapping[str, Any]:
    """What the annotations of a class say, which take long to read."""
    return get_type_hints(panel)


def missing(recording: Recording, needs: Iterable[str]) -> list[str]:
    """Names that a recording has no channel, scalar, constant or entry of its header for."""
    known = (
        recording.channels,
        recording.scalars,
        recording.constant_channels,
        recording.header,
    )
    return [name for name in needs if not any(name in names for names in known)]


def read(recording: Recording, channel: str, frame: int) -> NDArray[Any] | None:
    """What a channel showed at a frame; None if it was not recorded there."""
    try:
        return recording.array(channel, frame)
    except NotRecordedError:
        return None


def read_frames(recording: Recording, channel: str) -> Iterator[NDArray[np.float64]]:
    """What a channel showed at each frame, as floats; NaN where it was not recorded."""
    gap = np.full(recording.channels[channel].shape, np.nan)
    for values in recording.arrays(channel):
        yield gap if values is None else np.asarray(values, np.float64)


def constant_pairs(recording: Recording, name: str) -> NDArray[np.float64]:
    """The rows of two numbers that a constant holds; none if there is no such constant."""
    known = recording.constant_channels.get(name)
    if known is None or len(known.shape) != 2 or known.shape[1] != 2:
        return np.empty((0, 2))
    return np.asarray(recording.constants[name], np.float64)


def latest(recording: Recording, channel: str) -> NDArray[np.intp]:
    """For each frame, the last one up to it at which a channel was recorded; -1 for none yet."""
    frames = range(len(recording))
    there = [frame if recording.has(channel, frame) else -1 for frame in frames]
    return np.maximum.accumulate(np.array(there, np.intp))

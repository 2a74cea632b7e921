"""The contract of a panel: described first, then compiled.

A panel names the channels it `needs`, reads the whole recording once to fix its scales (so that
nothing jumps), sets itself up on an axes, and from then on is told frame numbers. What it shows
depends on the frame alone, never on the frame before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.markers import TICKRIGHT
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from gan_viz.errors import RecordingError
from gan_viz.recording import NotRecordedError, Recording

__all__ = [
    "DASHES",
    "DYNAMIC",
    "Key",
    "LineStyle",
    "Panel",
    "Style",
    "add_right_scale",
    "latest",
    "missing",
    "read",
]

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
    font : float
        Size of ordinary text, in pixels.
    line, thin : float
        Width of the main curves and of reference lines, in points (1/72 inch).
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
    font: float
    line: float
    thin: float

    @property
    def slight(self) -> float:
        """Width of curves that the main ones are compared with, in points."""
        return 1.5 * self.thin


@dataclass(frozen=True)
class Key:
    """One entry of a legend.

    Attributes
    ----------
    text : str
        ``*p*_data_`` is in italics where there are stars, and low where there are underscores;
        formulas of matplotlib take long to be set.
    color : str
    linestyle : {"-", "--", ":"}
    filled : bool
        Whether the area below the line is tinted.
    slight : bool
        Whether the line is one that the main ones are compared with.
    """

    text: str
    color: str
    linestyle: LineStyle = "-"
    filled: bool = False
    slight: bool = False


class Panel(ABC):
    """What one axes shows of a recording.

    Parameters
    ----------
    recording : Recording
        Read as a whole here, for the scales.

    Attributes
    ----------
    needs : tuple of str
        Channels and scalars without which there is nothing to show.
    share : float
        Width relative to the other panels.
    aspect : float or None
        Width relative to its height, if it matters: such a panel takes the height of the picture,
        and the panels after it are stacked beside it.

    Raises
    ------
    RecordingError
        The recording lacks one of `needs`.

    Notes
    -----
    A shallow copy can be set up on axes of its own: what is read in ``__init__`` is not changed.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    share: ClassVar[float] = 1.0
    aspect: float | None = None

    def __init__(self, recording: Recording) -> None:
        lacking = self.lacking(recording)
        if lacking:
            has = ", ".join([*recording.channels, *recording.scalars]) or "nothing"
            raise RecordingError(
                f"{recording.path}: this panel needs {', '.join(lacking)}, "
                f"but the recording has only {has}; choose other panels"
            )
        self.recording = recording

    @classmethod
    def lacking(cls, recording: Recording) -> list[str]:
        """Which of `needs` a recording does not have, if that leaves nothing to show.

        Parameters
        ----------
        recording : Recording

        Returns
        -------
        list of str
        """
        return missing(recording, cls.needs)

    @abstractmethod
    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw what stands still, and create what moves.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Empty, of linear scales. It may still be moved and resized until the first `update`.
        style : Style

        Returns
        -------
        sequence of Artist
            What `update` will change, clipped to the axes or to a part of them, and of z-order
            `DYNAMIC` or more.
        """

    @abstractmethod
    def update(self, frame: int) -> None:
        """Show a frame.

        Parameters
        ----------
        frame : int
            Index into the recording's frames.
        """

    def keys(self, style: Style) -> Sequence[Key]:
        """Legend entries; drawn above the axes, so that they never cover a curve."""
        return ()


def add_right_scale(
    axes: Axes, marks: Mapping[float, str], style: Style, color: str, name: str = ""
) -> None:
    """Mark some heights at the right of axes; a second axis of matplotlib takes long to be drawn.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    marks : mapping of float to str
        A label for each height, in the units of the axes.
    style : Style
    color : str
        Of labels and ticks.
    name : str
        Of the scale; upright beside the labels.
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


def missing(recording: Recording, needs: Iterable[str]) -> list[str]:
    """Which of some channels and scalars a recording does not have.

    Parameters
    ----------
    recording : Recording
    needs : iterable of str

    Returns
    -------
    list of str
    """
    return [n for n in needs if n not in recording.channels and n not in recording.scalars]


def read(recording: Recording, channel: str, frame: int) -> NDArray[Any] | None:
    """Read what a channel showed at a frame, if it was recorded there.

    Parameters
    ----------
    recording : Recording
    channel : str
    frame : int

    Returns
    -------
    ndarray or None
    """
    try:
        return recording.array(channel, frame)
    except NotRecordedError:
        return None


def latest(recording: Recording, channel: str) -> NDArray[np.intp]:
    """Find, for each frame, the last one up to it at which a channel was recorded.

    Parameters
    ----------
    recording : Recording
    channel : str

    Returns
    -------
    ndarray of int, shape (frames,)
        -1 where there is none yet.
    """
    frames = range(len(recording))
    there = [frame if recording.has(channel, frame) else -1 for frame in frames]
    return np.maximum.accumulate(np.array(there, np.intp))

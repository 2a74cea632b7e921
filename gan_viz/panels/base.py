"""The contract of a panel: described first, then compiled.

A panel names the channels it `needs`, reads the whole recording once to fix its scales (so that
nothing jumps), sets itself up on an axes, and from then on is told frame numbers. What it shows
depends on the frame alone, never on the frame before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from gan_viz.errors import RecordingError
from gan_viz.recording import Recording

__all__ = ["DYNAMIC", "Key", "Panel", "Style", "missing"]

LineStyle: TypeAlias = Literal["-", "--", ":"]

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
    line : float
        Width of the main curves, in pixels.
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


@dataclass(frozen=True)
class Key:
    """One entry of a legend.

    Attributes
    ----------
    text : str
    color : str
    linestyle : {"-", "--", ":"}
    filled : bool
        Whether the area below the line is tinted.
    """

    text: str
    color: str
    linestyle: LineStyle = "-"
    filled: bool = False


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

    Raises
    ------
    RecordingError
        The recording lacks one of `needs`.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    share: ClassVar[float] = 1.0

    def __init__(self, recording: Recording) -> None:
        lacking = missing(recording, self.needs)
        if lacking:
            has = ", ".join([*recording.channels, *recording.scalars]) or "nothing"
            raise RecordingError(
                f"{recording.path}: this panel needs {', '.join(lacking)}, "
                f"but the recording has only {has}; choose other panels"
            )
        self.recording = recording

    @abstractmethod
    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw what stands still, and create what moves.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Empty; its place is fixed.
        style : Style

        Returns
        -------
        sequence of Artist
            What `update` will change, all of z-order `DYNAMIC` or more.
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

"""What drawing a recording gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Rendered"]


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes
    ----------
    path : pathlib.Path
    frames : int
        Pictures in it.
    size : (int, int)
        Width and height in pixels.
    fps : float
        Frames per second; 0 for a still.
    duration : float
        Seconds; 0 for a still.
    bytes : int
        Size of the file, or of all files in a folder.
    notice : str
        What had to differ from what was asked for; empty if nothing.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    fps: float
    duration: float
    bytes: int
    notice: str = ""

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

    Examples
    --------
    >>> Rendered(Path("a.gif"), 61, (960, 540), 20.0, 5.0, 750_000)
    <Rendered a.gif: 61 frames, 960x540, 20 fps, 5.00 s, 0.75 MB>
    """

    path: Path
    frames: int
    size: tuple[int, int]
    fps: float
    duration: float
    bytes: int
    notice: str = ""

    def __str__(self) -> str:
        width, height = self.size
        facts = [f"{self.frames} frame{'s' * (self.frames != 1)}", f"{width}x{height}"]
        if self.fps:
            facts += [f"{self.fps:.4g} fps", f"{self.duration:.2f} s"]
        facts.append(f"{self.bytes / 1e6:.2f} MB")
        return f"{self.path}: {', '.join(facts)}"

    def __repr__(self) -> str:
        return f"<Rendered {self}>"

"""Where things go: everything measured in text heights, so that it fits at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gan_viz.errors import UsageError

__all__ = ["SMALLEST", "Box", "Layout", "check_size"]

SMALLEST = (320, 180)
LARGEST = (7680, 4320)

# In units of the text's size.
TITLE = 2.4
LEGEND = 2.0
BELOW = 3.4
LEFT = 5.0
RIGHT = 4.6
GAP = LEFT + RIGHT


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, from the lower left corner of the picture.

    Attributes
    ----------
    x, y, width, height : float
    """

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Boxes for panels side by side below a line of title.

    Attributes
    ----------
    width, height : int
        Of the picture, in pixels.
    font : float
        Size of the text, in pixels.
    shares : sequence of float
        Relative widths of the panels.

    Examples
    --------
    >>> [round(box.width) for box in Layout(960, 540, 15.0, [3, 2]).boxes()]
    [407, 271]
    """

    width: int
    height: int
    font: float
    shares: Sequence[float]

    def boxes(self) -> list[Box]:
        """One for each panel's axes, without its labels."""
        free = self.width - self.font * (LEFT + RIGHT + GAP * (len(self.shares) - 1))
        bottom = BELOW * self.font
        height = self.height - bottom - (TITLE + LEGEND) * self.font
        boxes, x = [], LEFT * self.font
        for share in self.shares:
            width = free * share / sum(self.shares)
            boxes.append(Box(x, bottom, width, height))
            x += width + GAP * self.font
        return boxes

    @property
    def title_y(self) -> float:
        """Height of the title's middle."""
        return self.height - 0.55 * TITLE * self.font

    def legend_y(self, box: Box) -> float:
        """Height of the middle of a panel's legend."""
        return box.y + box.height + 0.5 * LEGEND * self.font


def check_size(width: int, height: int) -> None:
    """Refuse sizes that nothing can be drawn in.

    Parameters
    ----------
    width, height : int
        In pixels.

    Raises
    ------
    UsageError
        Smaller than 320x180 or larger than 7680x4320.
    """
    fits = SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]
    if not fits:
        raise UsageError(
            f"size {width}x{height}: expected pixels from {SMALLEST[0]}x{SMALLEST[1]} "
            f"to {LARGEST[0]}x{LARGEST[1]}, like 960x540"
        )

"""Where things go: measured in text heights and by what the labels need, so that it always fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gan_viz.errors import UsageError

__all__ = ["SMALLEST", "Box", "Layout", "Margins", "check_size"]

SMALLEST = (320, 180)
LARGEST = (7680, 4320)

# In units of the text's size.
TITLE = 2.2
LEGEND = 1.9
EDGE = 0.7
GAP = 1.2
LEAST = 2.0
"""A box is at least this wide and high, even if its labels then find no room."""


@dataclass(frozen=True)
class Margins:
    """Room for what stands around a box, in pixels.

    Attributes
    ----------
    left, right, below : float
    """

    left: float
    right: float
    below: float

    @classmethod
    def guess(cls, font: float) -> Margins:
        """What ordinary labels need, before they are measured."""
        return cls(4.0 * font, 3.6 * font, 2.8 * font)

    def __or__(self, other: Margins) -> Margins:
        """The room that is enough for either."""
        return Margins(
            max(self.left, other.left), max(self.right, other.right), max(self.below, other.below)
        )


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels, from the lower left corner of the picture.

    Attributes
    ----------
    x, y, width, height : int
    """

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def top(self) -> int:
        """Where it ends."""
        return self.y + self.height


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
    >>> room = Margins(left=60, right=40, below=50)
    >>> [(b.x, b.width) for b in Layout(960, 540, 15.0, [3, 2]).boxes([room, room])]
    [(70, 433), (621, 289)]
    """

    width: int
    height: int
    font: float
    shares: Sequence[float]

    def boxes(self, margins: Sequence[Margins]) -> list[Box]:
        """One for each panel's axes, without its labels.

        Parameters
        ----------
        margins : sequence of Margins
            Room for the labels of each.

        Returns
        -------
        list of Box
        """
        least = LEAST * self.font
        gap = GAP * self.font
        labels = sum(margin.left + margin.right for margin in margins)
        fixed = 2 * EDGE * self.font + gap * (len(margins) - 1)
        free = max(self.width - fixed - labels, least * len(margins))
        # Where there are too many panels for the picture, the labels give way, not the boxes.
        squeeze = min(1.0, max(0.0, self.width - fixed - free) / max(labels, 1.0))
        bottom = EDGE * self.font + max(margin.below for margin in margins)
        top = self.height - (TITLE + LEGEND) * self.font
        bottom = min(bottom, top - least)
        boxes, x = [], EDGE * self.font
        for share, margin in zip(self.shares, margins, strict=True):
            start = x + squeeze * margin.left
            end = start + free * share / sum(self.shares)
            boxes.append(_whole(start, bottom, end, top))
            x = end + squeeze * margin.right + gap
        return boxes

    def ends(self, boxes: Sequence[Box]) -> list[float]:
        """Where the rows above boxes have to end: before the next box, or the picture's edge."""
        starts = [box.x for box in boxes[1:]]
        return [start - GAP * self.font for start in starts] + [self.width - EDGE * self.font]

    @property
    def title_y(self) -> int:
        """Height of the title's base line."""
        return round(self.height - 0.5 * TITLE * self.font - 0.36 * self.font)

    def legend_y(self, box: Box) -> int:
        """Height of the base line of a panel's legend."""
        return round(box.top + 0.5 * LEGEND * self.font - 0.36 * self.font)


def _whole(left: float, bottom: float, right: float, top: float) -> Box:
    x, y = round(left), round(bottom)
    return Box(x, y, max(1, round(right) - x), max(1, round(top) - y))


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

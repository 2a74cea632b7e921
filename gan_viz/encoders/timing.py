"""When a frame begins, in the units of time that a format counts in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Ticks:
    """How a format tells the time.

    The time at which a frame begins is rounded, not its delay, so rounding errors never add up:
    rates that do not divide come out as alternating delays that are right on average.

    Parameters
    ----------
    rate : int
        Ticks per second.
    longest : int
        The longest delay of one image that the format can store, in ticks.

    Examples
    --------
    >>> clock = Ticks(rate=100, longest=65535)
    >>> [clock.moment(frame + 1, 30.0) - clock.moment(frame, 30.0) for frame in range(6)]
    [3, 4, 3, 3, 4, 3]
    >>> clock.split(500), clock.split(65537)
    ([500], [32768, 32769])
    """

    rate: int
    longest: int

    def moment(self, frame: int, fps: float, hold: float = 0.0) -> int:
        """Time in ticks at which a frame begins; `hold` are seconds to add.

        Frames count from 0, so the number of frames gives the end.
        """
        return round(self.rate * (frame / Fraction(fps) + Fraction(hold)))

    def split(self, delay: int) -> list[int]:
        """Cut a delay into the fewest nearly equal pieces that the format can store."""
        count = -(-delay // self.longest)
        return [delay * (i + 1) // count - delay * i // count for i in range(count)]

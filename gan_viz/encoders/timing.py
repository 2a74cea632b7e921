"""When a frame begins, in the hundredths of a second that a GIF counts in."""

from __future__ import annotations

from fractions import Fraction

from gan_viz.errors import UsageError

__all__ = ["FASTEST", "LONGEST", "centiseconds", "check_fps", "split"]

FASTEST = 50
"""Frames per second; players show a delay below 20 ms as 100 ms."""

LONGEST = 65535
"""The longest delay of one image in hundredths of a second: 16 bits (GIF89a, section 23)."""


def check_fps(fps: float) -> None:
    """Refuse a frame rate that a GIF cannot keep.

    Raises
    ------
    UsageError
        If it is above 50.
    """
    if fps > FASTEST:
        raise UsageError(
            f"fps {fps:g} is too fast for a GIF: its delays are multiples of 10 ms and players "
            f"slow delays below 20 ms down to 100 ms; use at most {FASTEST} fps, or write .mp4"
        )


def centiseconds(frame: int, fps: float, hold: float = 0.0) -> int:
    """Time at which a frame begins, to the nearest hundredth of a second.

    The time is rounded, not the delays, so rounding errors never add up: rates that do not divide
    100 come out as alternating delays that are right on average.

    Parameters
    ----------
    frame : int
        Number of the frame, from 0; the number of frames gives the end.
    fps : float
        Frames per second.
    hold : float, default 0.0
        Seconds to add.

    Returns
    -------
    int
        The time in hundredths of a second.

    Examples
    --------
    >>> [centiseconds(frame + 1, 30.0) - centiseconds(frame, 30.0) for frame in range(6)]
    [3, 4, 3, 3, 4, 3]
    """
    return round(100 * (frame / Fraction(fps) + Fraction(hold)))


def split(delay: int) -> list[int]:
    """Cut a delay into the fewest nearly equal pieces that fit into the format's 16 bits.

    Examples
    --------
    >>> split(500), split(65537)
    ([500], [32768, 32769])
    """
    count = -(-delay // LONGEST)
    return [delay * (i + 1) // count - delay * i // count for i in range(count)]

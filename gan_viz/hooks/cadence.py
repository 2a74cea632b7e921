"""When to take a frame."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Collection

from gan_viz.errors import UsageError

__all__ = ["FRAMES", "Cadence", "early_steps"]

FRAMES = 200
"""Frames in a recording, about, unless another number is asked for."""
SHARE = 0.02
"""Share of a training's time that looking at it may take where its length is not known."""
FREE = 12
"""The first frames, which are taken whatever they take."""


class Cadence:
    """Decides after every step whether a frame is due.

    Parameters
    ----------
    every : int or collection of int, optional
        Steps between frames, or the very steps at which to take one. By default the stride that
        gives about `FRAMES` frames: fixed if the number of steps is known. Else it starts at 1, is
        doubled, and every other frame deleted, whenever there are more than ``2 * FRAMES``; and
        once the first dozen frames are there it is as long as it takes for looking to use `SHARE`
        of the time.
    steps : int, optional
        Steps the training will make, if known.

    Attributes
    ----------
    stride : int
        Steps between frames now.
    thinned : int
        Frames at other steps than multiples of this were deleted.

    Raises
    ------
    UsageError
        `every` or `steps` is not a positive whole number.

    Examples
    --------
    >>> Cadence(steps=3000).stride
    15
    >>> cadence = Cadence()
    >>> cadence.took(0, 0, 0)
    >>> for step in range(1, 1000):  # a step a second, and nothing to look at
    ...     if cadence.due(step):
    ...         cadence.took(step, step, step)
    ...         if cadence.widen():
    ...             print(step, cadence.stride)
    400 2
    800 4
    """

    def __init__(
        self, every: int | Collection[int] | None = None, steps: int | None = None
    ) -> None:
        self._chosen = None if every is None or isinstance(every, int) else frozenset(every)
        stride = every if isinstance(every, int) else None
        for name, value in (("every", stride), ("steps", steps)):
            if value is not None and value < 1:
                raise UsageError(f"{name} {value}: expected a positive whole number of steps")
        self.stride = stride or (max(1, -(-steps // FRAMES)) if steps else 1)
        self._adapts = every is None and steps is None
        self.thinned = 1
        self._frames: list[int] = []
        self._costs: deque[float] = deque(maxlen=5)
        self._trained, self._made, self._ended = 0.0, 0, math.inf

    def due(self, step: int) -> bool:
        """Whether a frame is due after `step` steps."""
        if self._chosen is not None:
            return step in self._chosen
        return step % self.stride == 0

    def took(self, step: int, begun: float, ended: float) -> None:
        """Note that a frame was taken after `step` steps, and when, in seconds."""
        if not self._adapts:
            return
        if self._frames and begun >= self._ended:
            self._trained += begun - self._ended
            self._made += step - self._frames[-1]
        self._frames.append(step)
        self._costs.append(ended - begun)
        self._ended = ended
        if len(self._frames) > FREE and self._made:
            self.stride = max(self.thinned, self._affordable(self._trained / self._made))

    def _affordable(self, step: float) -> int:
        """The power of two that is nearest to the stride at which looking takes `SHARE`."""
        most = statistics.median(self._costs) / max(SHARE * step, 1e-12)
        return int(2 ** min(40, max(0, round(math.log2(max(most, 1.0))))))

    def widen(self) -> bool:
        """Double the stride if there are now too many frames.

        Returns whether it changed: the frames that no longer fit `thinned` are to be deleted.
        """
        if len(self._frames) <= 2 * FRAMES:
            return False
        self.thinned *= 2
        self.stride = max(self.stride, self.thinned)
        self._frames = [step for step in self._frames if step % self.thinned == 0]
        return True

    def resume(self, frames: list[int], step: int) -> None:
        """Go on after `step` where a recording has these frames, ascending."""
        if not self._adapts or not frames:
            return
        while frames[-1] // self.thinned >= 2 * FRAMES and len(frames) > FRAMES // 2:
            self.thinned *= 2
        self.stride, self._frames = self.thinned, [one for one in frames if one <= step]


def early_steps(steps: int, frames: int = FRAMES) -> list[int]:
    """About `frames` steps from 1 to `steps`, close together early on, when most happens.

    The k-th of n is at ``steps * (k / n) ** 2``: played at an even pace, early training is in slow
    motion.

    Examples
    --------
    >>> early_steps(3000)[:4], early_steps(3000)[-2:]
    ([1, 2, 3, 4], [2970, 3000])
    """
    return sorted({round(steps * (k / frames) ** 2) for k in range(1, frames + 1)} - {0})

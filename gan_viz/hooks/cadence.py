"""When to take a frame."""

from __future__ import annotations

from collections.abc import Collection

from gan_viz.errors import UsageError

__all__ = ["FRAMES", "Cadence", "early_steps"]

FRAMES = 200
"""Frames in a recording, about, unless another number is asked for."""


class Cadence:
    """Decides after every step whether a frame is due.

    Parameters
    ----------
    every : int or collection of int, optional
        Steps between frames, or the very steps at which to take one. By default the stride that
        gives about `FRAMES` frames: fixed if the number of steps is known; else doubled, and every
        other frame deleted, whenever there are twice as many, so that a run of any length ends
        with `FRAMES` to ``2 * FRAMES`` of them.
    steps : int, optional
        Steps the training will make, if known.

    Attributes
    ----------
    stride : int
        Steps between frames now.

    Raises
    ------
    UsageError
        `every` or `steps` is not a positive whole number.

    Examples
    --------
    >>> Cadence(steps=3000).stride
    15
    >>> cadence = Cadence()
    >>> [step for step in range(1, 1000) if cadence.due(step) and cadence.widen(step)]
    [400, 800]
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

    def due(self, step: int) -> bool:
        """Whether a frame is due after `step` steps."""
        if self._chosen is not None:
            return step in self._chosen
        return step % self.stride == 0

    def widen(self, step: int) -> bool:
        """Double the stride after `step` steps if there are now too many frames.

        Returns whether it changed: the frames that no longer fit it are to be deleted.
        """
        if not self._adapts or step // self.stride < 2 * FRAMES:
            return False
        self.stride *= 2
        return True


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

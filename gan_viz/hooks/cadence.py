"""When to take a frame."""

from __future__ import annotations

import math
import operator
import statistics
from collections import deque
from collections.abc import Collection
from typing import Any

import numpy as np

from gan_viz.errors import UsageError

FRAMES = 200
"""Frames in a recording of known length, unless another number is asked for."""
SHARE = 0.02
"""Share of a training's time that looking at it may take where its length is not known, together
with noting each step's numbers; but half of it is for looking, however long that takes."""
FREE = 12
"""Frames after that of the start that are taken whatever they take."""
USUAL = 80.0
"""Where no length is known: the step around which frames are two steps apart."""


class Cadence:
    """Decides after every step whether a frame is due.

    `every` gives the steps between frames, or the very steps at which to take one. By default they
    are one step apart at first and ``1 + step / c`` steps later on, because most happens early: a
    run of n steps has ``c log(1 + n / c)`` frames. Where the number of `steps` is known, c is such
    that these are `FRAMES`; else it is 80: 300 frames of 3,000 steps, 570 of 100,000, or fewer
    where looking and noting numbers would take more than `SHARE` of the time once the first dozen
    are there. Raises UsageError if `every` or `steps` is not a positive whole number.
    """

    def __init__(
        self, every: int | Collection[int] | None = None, steps: int | None = None
    ) -> None:
        self._stride: int | None = None
        self._chosen: frozenset[int] | None = None
        given: Any = every  # which a user may give as text
        if isinstance(given, Collection) and not isinstance(given, str):
            self._chosen = frozenset(given)
        else:
            self._stride = _positive("every", given)
        steps = _positive("steps", steps)
        self._slow = _slowness(steps, FRAMES) if steps else USUAL
        self._sparing = every is None and steps is None
        self._frames = 0
        self._cost, self._ended, self._noted = 0.0, -math.inf, 0.0
        self._costs: deque[float] = deque(maxlen=5)
        self._wanted = self._wanted_after(0)

    def due(self, step: int, now: float = math.inf, noting: float = 0.0) -> bool:
        """Whether a frame is due after `step` steps, 1 or more.

        `now` is the time, and `noting` what it took to note the step's numbers, both in seconds.
        """
        self._noted += noting
        if self._chosen is not None:
            return step in self._chosen
        if self._stride is not None:
            return step % self._stride == 0
        if step < self._wanted:
            return False
        return not self._sparing or self._frames <= FREE or self._may_look(now)

    def _may_look(self, now: float) -> bool:
        budget = SHARE * (now - self._ended)
        return self._cost <= budget - min(self._noted, budget / 2)

    def took(self, step: int, begun: float, ended: float) -> None:
        """Note that a frame was taken after `step` steps, and when, in seconds."""
        self._frames += 1
        self._costs.append(ended - begun)
        self._cost, self._ended, self._noted = statistics.fmean(self._costs), ended, 0.0
        self._wanted = self._wanted_after(step)

    def resume(self, frames: int, step: int) -> None:
        """Go on after `step`, with so many frames taken."""
        self._frames, self._wanted = frames, self._wanted_after(step)

    def _wanted_after(self, last: int) -> int:
        """The first step after the last frame's at which there should be one more."""
        more = self._frames_after(last) + 1
        step = max(last + 1, math.floor(self._slow * math.expm1((more - 0.5) / self._slow)) - 1)
        while self._frames_after(step) < more:
            step += 1
        return step

    def _frames_after(self, step: int) -> int:
        return math.floor(self._slow * math.log1p(step / self._slow) + 0.5)


def early_steps(steps: int, frames: int = FRAMES) -> list[int]:
    """Choose `frames` steps from 1 to `steps`, or all, close together early on.

    The k-th is near ``c (exp(k / c) - 1)``, with c such that the last is `steps`: at first they are
    one step apart.
    """
    if frames >= steps:
        return list(range(1, steps + 1))
    slow = _slowness(steps, frames)
    counts = np.arange(1, frames + 1)
    return [round(step) for step in (slow * np.expm1(counts / slow)).tolist()]


def _slowness(steps: int, frames: int) -> float:
    """The c for which ``c log(1 + steps / c)``, which grows with c up to `steps`, is `frames`."""
    low, high = 1e-3, 1e3 * steps
    for _ in range(60):
        middle = math.sqrt(low * high)
        few = middle * math.log1p(steps / middle) < frames
        low, high = (middle, high) if few else (low, middle)
    return high


def _positive(name: str, value: Any) -> int | None:
    try:
        number = None if value is None else operator.index(value)
    except TypeError:
        number = 0
    if number is not None and number < 1:
        raise UsageError(f"{name} {value}: expected a positive whole number of steps")
    return number

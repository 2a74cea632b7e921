"""The best GIF that fits into a number of bytes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar

from gan_viz.api.look import Look
from gan_viz.errors import OutputError

Result = TypeVar("Result")

SIZES = (1.0, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35)
RATES = (1.0, 0.75, 0.5, 0.35, 0.25)
MOST_COLORS = 256
COLORS = (MOST_COLORS, 64, 32, 16)
LEAST_FPS = 4.0
LEGIBLE, ILLEGIBLE = 480, 100.0
"""A picture less wide than so many pixels, whose type is small, is the last resort."""


class Compromise(NamedTuple):
    """One way of making a GIF smaller: a size and a frame rate, and the most colours."""

    look: Look
    colors: int


def compromises(look: Look, duration: float, smallest: tuple[int, int]) -> list[Compromise]:
    """List all ways worth trying, the least painful first.

    Half the area hurts more than half the frame rate, and fewer colours hurt little in pictures of
    lines; what cannot be read from afar is the last resort. Whatever the frame rate, the
    animation takes `duration` seconds without the hold; no picture is narrower or lower than
    `smallest`, in pixels.
    """
    width, height = look.canvas.width, look.canvas.height
    found: list[tuple[float, Compromise]] = []
    for size, rate, colors in itertools.product(SIZES, RATES, COLORS):
        small = (round(width * size), round(height * size))
        too_small = small[0] < smallest[0] or small[1] < smallest[1]
        if (size < 1 and too_small) or (rate < 1 and look.fps * rate < LEAST_FPS):
            continue
        pain = 3.0 * -math.log2(size) + -math.log2(rate) + 0.15 * math.log2(MOST_COLORS / colors)
        pain += ILLEGIBLE * (small[0] < min(LEGIBLE, width))
        fitted = replace(look, size=small, fps=look.fps * rate, duration=duration)
        found.append((pain, Compromise(look if rate == size == 1 else fitted, colors)))
    return [compromise for _, compromise in sorted(found, key=lambda item: item[0])]


def best_fit(
    choices: list[Compromise], attempt: Callable[[Compromise], Result | None], budget: int
) -> tuple[Compromise, Result]:
    """Find the first choice that fits, by bisection, and leave its file in place.

    The least painful choice comes first; sizes are taken to fall along the list, more or less.
    `attempt` writes the file, or gives up and returns None as soon as it grows over the `budget`,
    in bytes. Raises OutputError if not even the last choice fits.
    """
    result = attempt(choices[0])
    if result is not None:
        return choices[0], result
    low, high, fit = 0, len(choices), None  # choices[low] is too large, choices[high] is not
    while high - low > 1:
        middle = (low + high) // 2
        result = attempt(choices[middle])
        if result is None:
            low = middle
        else:
            high, fit = middle, result
    if fit is None:
        raise OutputError(
            f"no GIF of this recording fits into {budget:,} bytes, down to "
            f"{choices[-1].look.canvas.width} pixels and {LEAST_FPS:g} fps: allow more, or ask for "
            "a shorter --duration"
        )
    return choices[high], fit

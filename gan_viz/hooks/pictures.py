"""What a network takes for a picture, as bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import RecordingError, UsageError

if TYPE_CHECKING:
    import torch

RANGES = (0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)
"""Lowest and highest values of pictures that are usual, the narrowest first."""
SLACK = 0.01
"""How far resizing and rounding may leave a range."""


def as_pictures(values: torch.Tensor, shape: tuple[int, int] | None = None) -> torch.Tensor:
    """Arrange a network's pictures as they are drawn: ``(n, h, w)`` or ``(n, h, w, 3)``.

    It takes ``(n, h, w)``, ``(n, 1, h, w)``, ``(n, 3, h, w)``, and flat pictures, ``(n, h * w)`` or
    ``(n, 3 * h * w)``, which are square unless `shape` gives their height and width. Anything else
    raises RecordingError.
    """
    folded = _folded(values, shape) if values.ndim == 2 else values
    if folded.ndim == 4 and folded.shape[1] == 1:
        return folded[:, 0]
    if folded.ndim == 4 and folded.shape[1] == 3:
        return folded.permute(0, 2, 3, 1)
    if folded.ndim == 3:
        return folded
    raise RecordingError(
        f"samples of shape {tuple(values.shape)} are no pictures: expected (n, h, w), "
        "(n, 1, h, w), (n, 3, h, w) or (n, h * w); choose other hooks"
    )


def _folded(values: torch.Tensor, shape: tuple[int, int] | None) -> torch.Tensor:
    """Flat pictures with their sides: (n, channels, h, w)."""
    n, length = values.shape
    side = math.isqrt(length)
    height, width = (side, side) if shape is None else shape
    if length > 1 and length in (height * width, 3 * height * width):
        return values.reshape(n, -1, height, width)
    cure = "give the hook shape=(h, w)" if shape is None else f"shape={shape} does not fit them"
    raise RecordingError(
        f"samples of shape {(n, length)} are no square pictures: {cure}, or choose other hooks"
    )


def _checked_range(value_range: tuple[float, float] | str) -> tuple[float, float] | None:
    if value_range == "auto":
        return None
    try:
        low, high = map(float, value_range)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not -math.inf < low < high < math.inf:
        raise UsageError(f"value range {value_range!r}: expected 'auto' or (lowest, highest)")
    return low, high


def range_of(real: torch.Tensor) -> tuple[float, float]:
    """The range of real pictures: the first of `RANGES` that holds them, else their own.

    Values that are not finite do not count; integers range from 0 to 255.
    """
    if not real.is_floating_point():
        return RANGES[-1]
    values = real[real.isfinite()]
    if not values.numel():
        return RANGES[0]
    lowest, highest = (float(end) for end in values.aminmax())
    for low, high in RANGES:
        if low - SLACK <= lowest and highest <= high + SLACK:
            return low, high
    return lowest, highest if highest > lowest else lowest + 1


def range_of_generated(first: torch.Tensor) -> tuple[float, float]:
    """The range a generator seems to be made for, judged by its first outputs alone.

    Before training, how far they reach means nothing, but their sign does: (-1, 1) if any is
    negative, else (0, 1); (0, 255) for integers.
    """
    if not first.is_floating_point():
        return RANGES[-1]
    return RANGES[1] if bool((first < 0).any()) else RANGES[0]


def as_bytes(pictures: torch.Tensor, value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """Round pictures to 256 levels where they are, and copy them to the CPU once.

    The ends of `value_range` become 0 and 255. What lies outside is clipped; NaN becomes 0.
    """
    import torch

    low, high = value_range
    levels = ((pictures.float() - low) * (255 / (high - low))).clamp(0, 255).nan_to_num(0)
    found: NDArray[np.uint8] = levels.round().to(torch.uint8).contiguous().cpu().numpy()
    return found


class PictureFormat:
    """How the pictures of a run become bytes: one range and one arrangement throughout.

    What lies outside of `value_range` is clipped, NaN is drawn black. ``"auto"`` is the first of
    `RANGES` that holds the real pictures, else their own range; without real ones, what the sign of
    G's first outputs says. Flat pictures have the `shape` (height, width), or are square and grey.
    Raises UsageError if the range is neither ``"auto"`` nor two finite numbers, ascending.
    """

    def __init__(
        self,
        value_range: tuple[float, float] | str = "auto",
        shape: tuple[int, int] | None = None,
    ) -> None:
        self._asked, self._shape = _checked_range(value_range), shape
        self.value_range = self._asked or RANGES[0]

    def settle(self, real: torch.Tensor | None, first: torch.Tensor) -> None:
        """Fix the range, by real pictures or, without, by G's first outputs."""
        if self._asked is None:
            self.value_range = range_of_generated(first) if real is None else range_of(real)

    def bytes(self, values: torch.Tensor) -> NDArray[np.uint8]:
        """A network's pictures as bytes, shape (n, h, w) or (n, h, w, 3)."""
        return as_bytes(as_pictures(values, self._shape), self.value_range)

"""Reading the fields of a description that may come from anyone: typed, finite and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import shorten
from gan_viz.errors import UsageError

MOST_NUMBERS = 200_000


def as_text(description: Mapping[str, Any], key: str) -> str:
    """Return a string field."""
    value = description.get(key)
    if not isinstance(value, str):
        raise UsageError(f"{key!r} is not a text but {_shown(value)}")
    return value


def as_label(description: Mapping[str, Any]) -> str:
    """Return the label, printable and short."""
    return shorten(as_text(description, "label"))


def as_number(description: Mapping[str, Any], key: str, missing: float | None = None) -> float:
    """Return a finite number, or `missing` where the field is null."""
    value: object = description.get(key)
    if value is None and missing is not None:
        return missing
    if not _is_number(value):
        raise UsageError(f"{key!r} is not a finite number but {_shown(value)}")
    return float(value)


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float) and -1e308 < value < 1e308  # type: ignore[operator]


def as_whole(description: Mapping[str, Any], key: str, least: int, most: int) -> int:
    """Return a whole number between `least` and `most`."""
    value = description.get(key)
    if type(value) is not int or not least <= value <= most:
        raise UsageError(
            f"{key!r} is not a whole number from {least} to {most} but {_shown(value)}"
        )
    return value


def as_numbers(description: Mapping[str, Any], key: str) -> npt.NDArray[np.float64]:
    """Return a list of at least two finite numbers as an array."""
    value = description.get(key)
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_NUMBERS:
        raise UsageError(f"{key!r} is not a list of 2 to {MOST_NUMBERS} numbers")
    if not all(map(_is_number, value)):
        raise UsageError(f"{key!r} holds something that is not a finite number")
    return np.array(value, np.float64)


def _shown(value: object) -> str:
    return shorten(repr(value)) if isinstance(value, str | int | float | None) else "another type"

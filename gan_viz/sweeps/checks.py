"""What the settings of a sweep and a stranger's results say, checked as they are read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gan_viz.distributions.base import shorten
from gan_viz.errors import UsageError, reject_unknown
from gan_viz.sweeps.grid import SETTINGS, Cell, Range

MOST_STEPS = 2**53
LARGEST = 1e30
"""Of settings, and of figures that are drawn: beyond it, arithmetic on them overflows."""


def plain_values(
    settings: Mapping[str, Sequence[Any] | Range],
) -> dict[str, list[Any] | Range]:
    """Values of settings as they are kept: numbers and paths of other libraries made plain.

    Raises UsageError if a setting is unknown, has one value instead of a sequence, or a value
    cannot be kept.
    """
    reject_unknown("sweep", settings, SETTINGS)
    return {
        name: values
        if isinstance(values, Range)
        else [plain_value(name, value) for value in _several(name, values)]
        for name, values in settings.items()
    }


def plain_value(name: str, value: Any) -> Any:
    """One value as it is kept; UsageError if it cannot be."""
    try:
        found = read_settings(json.dumps({name: value}, default=_plain))[name]
        kind = SETTINGS[name].read
        if kind in (int, str) and not isinstance(found, kind):
            raise TypeError
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{name} {shorten(repr(value))}: a sweep cannot keep this value; expected one like "
            f"{SETTINGS[name].example} in --grid"
        ) from None
    return found


def _several(name: str, values: Any) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(
            f"{name} {shorten(repr(values))}: expected a sequence of values, like "
            f"[{shorten(repr(values))}]"
        )
    return list(values)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else os.fspath(value)


def read_settings(text: str) -> Cell:
    """Read the settings of a run; ValueError or TypeError if they are none."""
    found = json.loads(text)
    if not isinstance(found, dict) or not found.keys() <= SETTINGS.keys():
        raise ValueError("settings are not those of a run")
    for value in found.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                one.encode()  # raises for half a character
            elif not isinstance(one, int | float) or not abs(one) < LARGEST:
                raise ValueError(f"a setting is {str(one)[:40]!r}")
    steps = found.get("steps", 1)
    if not isinstance(steps, int) or not 0 < steps <= MOST_STEPS:
        raise ValueError(f"a run has {str(steps)[:40]!r} steps")
    return found


def check_figures(row: Mapping[str, Any], figures: Iterable[str]) -> None:
    """Refuse a row whose figures are no numbers; ValueError or TypeError."""
    for name in figures:
        if not isinstance(row[name], int | float | None):
            raise TypeError(f"{name} is no number")
    if row["status"] in ("done", "diverged") and not row["modes_covered"] <= row["modes"] > 0:
        raise ValueError(f"{row['modes_covered']} of {row['modes']} modes are covered")

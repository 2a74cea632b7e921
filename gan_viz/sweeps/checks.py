"""What the settings of a sweep and a stranger's results say, checked as they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gan_viz.distributions.base import shorten
from gan_viz.errors import UsageError
from gan_viz.sweeps.grid import SETTINGS, Cell

MOST_STEPS = 2**53
LARGEST = 1e30
"""Of settings, and of figures that are drawn: beyond it, arithmetic on them overflows."""


def check_kept(name: str, value: Any) -> None:
    """Refuse a value that the file of a sweep cannot keep. Raises UsageError."""
    try:
        found = read_settings(json.dumps({name: value}))[name]
        kind = SETTINGS[name].read
        if kind in (int, str) and not isinstance(found, kind):
            raise TypeError
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{name} {shorten(repr(value))}: a sweep cannot keep this value; expected one like "
            f"{SETTINGS[name].example} in --grid"
        ) from None


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

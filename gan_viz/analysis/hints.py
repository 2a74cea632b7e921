"""What the header of a recording asks a picture to look like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard, cast

from gan_viz.recording import Recording
from gan_viz.recording.format import JSON

__all__ = ["hint", "hinted_limits", "objective_name", "with_hints"]

LARGEST = 1e100
LEAST_WIDTH = 1e-9
"""The least width of a scale, relative to its numbers."""


def hint(recording: Recording, name: str) -> JSON:
    """An entry of the header's ``look``.

    Parameters
    ----------
    recording : Recording
    name : str

    Returns
    -------
    JSON value
        Whatever is there: it may come from a stranger. None if there is nothing.
    """
    look = recording.header.get("look")
    return look.get(name) if isinstance(look, Mapping) else None


def hinted_limits(recording: Recording, name: str) -> tuple[float, float] | None:
    """Ends of a scale that the header asks for.

    Parameters
    ----------
    recording : Recording
    name : str
        ``"xlim"`` or ``"ylim"``.

    Returns
    -------
    (float, float) or None
        Finite and ascending; None if there are none that can be drawn.
    """
    ends = hint(recording, name)
    if not isinstance(ends, list) or len(ends) != 2:
        return None
    low, high = (float(end) if _is_number(end) else math.nan for end in ends)
    return (low, high) if high - low > LEAST_WIDTH * max(abs(low), abs(high)) else None


def objective_name(recording: Recording) -> str:
    """Name of the objective that the header tells of.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    str
        Empty if there is none.
    """
    objective = recording.header.get("objective")
    name = objective.get("name") if isinstance(objective, Mapping) else None
    return name if isinstance(name, str) else ""


class _Hinted:
    """A recording whose header asks for more than it did."""

    def __init__(self, recording: Recording, asked: Mapping[str, JSON]) -> None:
        self._recording = recording
        look = recording.header.get("look")
        own = dict(look) if isinstance(look, Mapping) else {}
        self.header = {**recording.header, "look": own | dict(asked)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recording, name)

    def __len__(self) -> int:
        return len(self._recording)


def with_hints(recording: Recording, asked: Mapping[str, JSON]) -> Recording:
    """See a recording as if its header asked for something more, or for something else.

    Parameters
    ----------
    recording : Recording
        Stays as it is.
    asked : mapping of str to JSON value
        Entries of the header's ``look``.

    Returns
    -------
    Recording
        Or what can be used as one; the same if nothing is asked for.
    """
    return cast(Recording, _Hinted(recording, asked)) if asked else recording


def _is_number(value: JSON) -> TypeGuard[float]:
    return isinstance(value, int | float) and abs(value) < LARGEST

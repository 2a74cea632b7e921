"""What the adapters share: the numbers of a step, out of what a framework holds."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any


def pick_numbers(values: object, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The numbers and tensors of one element in a mapping; none of anything else.

    `names` says what to take and from which key: ``{"g_loss": "train/g"}``; by default every number
    under its own name.
    """
    if not isinstance(values, Mapping):
        return {}
    wanted = {str(key): key for key in values} if names is None else names
    return {
        name: values[key]
        for name, key in wanted.items()
        if key in values and _is_number(values[key])
    }


def _is_number(value: object) -> bool:
    """Whether it is one number; a tensor is asked for its size, never for its value."""
    if hasattr(value, "detach") and hasattr(value, "numel"):
        return bool(value.numel() == 1)
    return isinstance(value, Real) and not isinstance(value, bool)

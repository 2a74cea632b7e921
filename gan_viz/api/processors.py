"""How many processors there are to work with."""

from __future__ import annotations

import os

__all__ = ["processors"]


def processors(most: int) -> int:
    """Count the processors that this process may use, from 1 to `most`."""
    if hasattr(os, "sched_getaffinity"):
        return min(most, len(os.sched_getaffinity(0)))
    return min(most, os.cpu_count() or 1)

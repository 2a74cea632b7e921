"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["Progress"]


class Progress(Protocol):
    """Called now and then while training or rendering goes on."""

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
        """Take note of the state.

        Parameters
        ----------
        task : str
            ``"training"`` or ``"rendering"``.
        done, total : int
            Steps or frames.
        figures : mapping of str to float
            What else is known, e.g. the current losses.
        """
        ...

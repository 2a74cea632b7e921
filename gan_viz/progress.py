"""Progress reports of long work."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from gan_viz.notebook import NotebookBars, in_notebook

PERIOD = 0.1
"""Seconds between reports."""


class Progress(Protocol):
    """A function called now and then while a download, a training or a rendering goes on."""

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
        """Show or store the state.

        Parameters
        ----------
        task : str
            Like ``"downloading"``, ``"training"`` or ``"rendering"``.
        done, total : int
            Bytes, steps or frames. Where a mirror fails and the next one starts anew, `done` goes
            back.
        figures : mapping of str to float
            What else is known, e.g. the current losses.
        """
        ...


class Reporter:
    """Calls a `Progress` at most ten times a second: nobody can read faster."""

    def __init__(self, progress: Progress | None, task: str, total: int) -> None:
        self._progress, self._task, self._total = usual_progress(progress), task, total
        self._due = 0.0

    def due(self, done: int) -> bool:
        """Whether to report now; figures that wait for a GPU are read only then."""
        if self._progress is None:
            return False
        return done == self._total or time.monotonic() >= self._due

    def report(self, done: int, figures: Mapping[str, float]) -> None:
        """Pass the state on."""
        if self._progress is not None:
            self._progress(self._task, done, self._total, figures)
        self._due = time.monotonic() + PERIOD


def usual_progress(progress: Progress | None) -> Progress | None:
    """The given way of telling; where none is given, in a notebook, a bar below the cell."""
    return NotebookBars() if progress is None and in_notebook() else progress

"""Whether this is a notebook, and telling there how far long work is.

IPython is asked for only where it is at work already.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from html import escape
from typing import Any

SOON = 1.0
"""Seconds that work takes before a bar is worth showing."""


def in_notebook() -> bool:
    """Whether this process runs the cells of a notebook."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return getattr(running, "kernel", None) is not None


def below_notebook() -> bool:
    """Whether this process was started by ``!`` in a cell."""
    return "JPY_PARENT_PID" in os.environ and not in_notebook()


def display(bundle: Mapping[str, Any], handle: Any = None) -> Any:
    """Show something of several types of media; return what updates it, or update that."""
    from IPython import display as shown

    if handle is None:
        show: Any = shown.display
        return show(dict(bundle), raw=True, display_id=True)
    handle.update(dict(bundle), raw=True)
    return handle


class NotebookBars:
    """A `Progress` that shows a bar below the cell for each task that takes its time."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._shown: dict[str, tuple[Any, float]] = {}

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
        """Show the state, at most five times a second; the last one stays."""
        now = time.monotonic()
        began = self._began.setdefault(task, now)
        handle, due = self._shown.get(task, (None, began + SOON))
        if now < due and not (handle is not None and done >= total):
            return
        named = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        text = f"{task} {done:,}/{total:,}  {named}".rstrip()
        bar = f'<progress value="{done}" max="{max(total, 1)}"></progress> {escape(text)}'
        shown = display({"text/plain": text, "text/html": bar}, handle)
        self._shown[task] = shown, now + 0.2

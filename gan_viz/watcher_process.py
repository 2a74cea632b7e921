"""Starting a process that serves a page which follows a recording."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

from gan_viz.errors import RecordingWarning, reason

_STARTED: list[subprocess.Popen[str]] = []
"""Those that go on when nobody here asks for them: Python warns of processes that are forgotten."""


def watch_beside(path: Path) -> None:
    """Start a watcher that says on standard error where its page is; a training goes on without."""
    try:
        _STARTED.append(start_watcher(path))
    except OSError as error:
        warnings.warn(
            f"{path} is not watched, for no process can be started: {reason(error)}",
            RecordingWarning,
            stacklevel=3,
        )


def start_watcher(path: Path, *options: str, quiet: bool = False) -> subprocess.Popen[str]:
    """Start ``gan-viz watch`` beside this process; it ends when nobody looks any more.

    The recording need not be there yet. `quiet` says whether the command, with these options, tells
    where the page is on its standard output, to be read here, or on standard error, to a person.
    """
    command = [sys.executable, "-m", "gan_viz", "watch", str(path.absolute()), "--while-used"]
    return subprocess.Popen(
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        start_new_session=True,  # Ctrl-C is for the training
    )

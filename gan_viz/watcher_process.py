"""Starting a process that serves a page which follows a recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["start_watcher"]


def start_watcher(path: Path, *options: str, quiet: bool = False) -> subprocess.Popen[str]:
    """Start ``gan-viz watch`` beside this process; it ends when nobody looks any more.

    Parameters
    ----------
    path : pathlib.Path
        The recording, which need not be there yet.
    *options : str
        Of the command.
    quiet : bool
        Whether it says where the page is on its standard output, to be read here, or on standard
        error, to a person.
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

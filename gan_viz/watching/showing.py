"""A page that follows a training, in a notebook's cell."""

from __future__ import annotations

import os
import subprocess
from html import escape
from pathlib import Path

from gan_viz.arguments import checked
from gan_viz.errors import OutputError
from gan_viz.watcher_process import start_watcher


class Live:
    """A watcher at work; in a notebook it shows its page.

    Attributes
    ----------
    url : str
        Of the page, for a browser of this machine.
    """

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url, self._process = url, process

    def __repr__(self) -> str:
        return f"<Live {self.url}>"

    def _repr_html_(self) -> str:
        # its own origin, another port, keeps it apart from the notebook
        return (
            f'<iframe src="{escape(self.url)}" sandbox="allow-scripts allow-same-origin" '
            'style="width: 100%; height: 540px; border: 0"></iframe>'
        )

    def stop(self) -> None:
        """End the watcher; the page keeps what it has."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@checked
def live(path: str | os.PathLike[str]) -> Live:
    """Follow a recording in a page, while it is made or afterwards.

    Parameters
    ----------
    path : path-like
        The recording, which need not be there yet: begin to watch, then to train.

    Returns
    -------
    Live
        Shows itself in a notebook that runs on this machine; elsewhere open its `url`. Its process
        ends by itself a while after the training has ended and nobody looks any more.

    Raises
    ------
    OutputError
        The watcher could not be started.
    """
    process = start_watcher(Path(path), "--no-browser", quiet=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    if not url:
        Live("", process).stop()
        raise OutputError(f"{path} cannot be watched: see what gan-viz watch {path} says")
    return Live(url, process)

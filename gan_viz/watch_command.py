"""The command ``gan-viz watch``."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from gan_viz import console

if TYPE_CHECKING:
    from gan_viz.watching import Watcher

UNUSED = 120.0
"""Seconds after which a watcher of a training that has ended is of no more use."""


def watch(
    run: Annotated[
        str, Argument(metavar="RUN.ganviz", help="The recording, which need not exist yet.")
    ],
    *,
    port: Annotated[
        int | None, Option(help="Port of the page.", show_default="the last one, or a free one")
    ] = None,
    browser: Annotated[bool, Option(help="Open the page in a browser.")] = True,
    while_used: Annotated[
        bool, Option("--while-used", help="End when the training has ended and no page is open.")
    ] = False,
    quiet: console.Quiet = False,
) -> None:
    """Follow a training in the browser while it goes on; Ctrl-C ends it."""
    from gan_viz.watching import Follower, Watcher
    from gan_viz.watching.server import lower_priority

    lower_priority()
    with Watcher(Follower(Path(run)), port) as watcher:
        console.say(f"watching {run}: {watcher.url}", quiet)
        print(watcher.url, flush=True)
        if browser and _has_screen():
            threading.Thread(target=webbrowser.open, args=(watcher.url,), daemon=True).start()
        if while_used:
            threading.Thread(target=_end_unused, args=(watcher,), daemon=True).start()
        try:
            watcher.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            console.say("no longer watching", quiet)


def _has_screen() -> bool:
    """Whether a browser would have a window: one for terminals would take ours."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _end_unused(watcher: Watcher) -> None:
    """End a watcher once the training has, and no page asks any more."""
    rest = threading.Event()
    while watcher.idle < UNUSED or watcher.follower.state().status == "running":
        rest.wait(5)
    watcher.shutdown()

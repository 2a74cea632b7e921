"""How recorders end: interrupted, replaced by the next run, or let go of."""

from __future__ import annotations

import sys
import warnings
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from gan_viz.errors import GanVizError
from gan_viz.hooks.base import Hook
from gan_viz.recording import Writer

if TYPE_CHECKING:
    from gan_viz.hooks.recorder import Recorder

_LAST: dict[Path, tuple[weakref.ref[Recorder], weakref.ref[Any]]] = {}
"""The last recorder of this process at each path, and its G."""


def last_error() -> BaseException | None:
    """The exception that is being handled, else the last one that a notebook has shown."""
    return sys.exception() or vars(sys).get("last_value")  # getattr() of what is not there is slow


def is_used_in(trace: TracebackType | None, recorder: Recorder) -> bool:
    """Whether what an exception ended is a cell or function with a variable for the recorder."""
    while trace is not None:
        frame, code = trace.tb_frame, trace.tb_frame.f_code
        for name in (*code.co_names, *code.co_varnames, *code.co_freevars):
            if frame.f_locals.get(name, frame.f_globals.get(name)) is recorder:
                return True
        trace = trace.tb_next
    return False


def end_last(recorder: Recorder, generator: Any, *, resumes: bool) -> None:
    """Close the recorder that this process has at the same path, as when a cell is run again."""
    path = recorder.path.absolute()
    before, its_generator = _LAST.pop(path, (lambda: None, lambda: None))
    old = before()
    if old is not None and old.is_open:
        with suppress(GanVizError):
            old.close(complete=False)
    elif its_generator() is generator is not None and path.exists() and not resumes:
        warnings.warn(
            f"{path.name} was recorded by this process before, of the same G, and is replaced: "
            "make one Recorder before the first epoch, or go on with resume_at=...",
            stacklevel=4,
        )
    try:
        _LAST[path] = weakref.ref(recorder), weakref.ref(generator)
    except TypeError:  # a function of C
        _LAST[path] = weakref.ref(recorder), weakref.ref(recorder)


def let_go(hooks: Sequence[Hook], writer: Writer) -> None:
    """Keep what a recorder has that was dropped without `Recorder.close`."""
    for act in (*(hook.flush for hook in hooks), *(hook.close for hook in hooks)):
        with suppress(Exception):  # there is nobody left to tell
            act()
    with suppress(GanVizError):
        writer.close(complete=False)

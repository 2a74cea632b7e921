"""How many processors there are to work with, and how processes are started on them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


def processors(most: int) -> int:
    """Count the processors that this process may use, from 1 to `most`."""
    if hasattr(os, "sched_getaffinity"):
        return min(most, len(os.sched_getaffinity(0)))
    return min(most, os.cpu_count() or 1)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold a Ctrl-C back, which reaches every process of a terminal, while processes are started.

    They inherit that and never see one, not even while they import: the parent ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running  # POSIX alone has it

    ensure_running()  # when it is started later, it lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

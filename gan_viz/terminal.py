"""What is printed, and how a process ends: nothing that is printed can steer a terminal."""

from __future__ import annotations

import codecs
import contextlib
import logging
import os
import signal
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

from gan_viz.errors import GanVizWarning, LossWarning

signals_received: list[int] = []
"""Signals that asked this process to end, since its command began or went on after one.

C++ may swallow what a handler raises, and raise another exception instead: "Invalid affine
transformation matrix", where Matplotlib was interrupted while it converted an array.
"""

alone = False
"""Whether a command is all that this process does: nobody asks it for anything else."""

LONGEST = 2000
"""Characters of a message."""
IN_ASCII = str.maketrans({"–": "-", "—": "-", "≤": "<=", "·": "-", "×": "x", "…": "...", "’": "'"})
"""What stands for characters of ours where a terminal lacks them."""


def plain(text: str) -> str:
    r"""Escape what is no visible character: control codes, overrides of the direction, halves."""
    if text.isprintable():
        return text
    return "".join(c if _is_visible(c) else c.encode("unicode_escape").decode() for c in text)


def _is_visible(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def print_line(text: str, file: TextIO | None = None) -> None:
    """Print one line, on standard error by default; long ones are cut in their middle."""
    line = plain(" ".join(text.split()))
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} … {line[-LONGEST // 2 :]}"
    with contextlib.suppress(OSError, ValueError):  # nobody is left to be told
        print(line, file=file or sys.stderr, flush=True)


@contextlib.contextmanager
def tidy_process() -> Iterator[list[str]]:
    """Print any character somehow, show warnings in one line each, and end tidily on signals.

    What recordings lack for good is put into the list that is yielded.
    """
    codecs.register_error("gan_viz", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="gan_viz")
    logging.getLogger().addHandler(logging.NullHandler())
    signals_received.clear()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        usual = signal.SIG_DFL, signal.default_int_handler
        if number is not None and signal.getsignal(number) in usual:
            signal.signal(number, _end)
    losses: list[str] = []

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        # Those of libraries are for developers, and come with lines of source.
        if issubclass(category, GanVizWarning):
            print_line(f"warning: {message}")
        if issubclass(category, LossWarning):
            losses.append(str(message))

    before = warnings.showwarning
    if not os.environ.get("GAN_VIZ_DEBUG"):
        warnings.showwarning = show
    try:
        yield losses
    finally:
        warnings.showwarning = before


def _end(number: int, _: object) -> None:
    """Unwind: recordings are closed, temporary files removed."""
    signals_received.append(number)
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Encode a character that an encoding lacks as one or some that it has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(IN_ASCII)
    return "".join(c if c.isascii() else "?" for c in lacking), error.end


def silenced_output() -> None:
    """Let nothing more be written where writing has failed, not even when the process ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

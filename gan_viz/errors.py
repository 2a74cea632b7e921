"""Everything that gan_viz raises on purpose.

::

    GanVizError                 one clear line for a person; ``exit_code`` 1
    ├── UsageError              a value that cannot be used (also a ValueError); ``exit_code`` 2
    │   └── UnknownNameError    a name that is not in a registry: lists the known ones
    ├── DataError               the user's data cannot be learnt from
    ├── TrainingError           the training cannot go on (a loss is NaN)
    ├── RecordingError          a recording cannot be written or read
    ├── OutputError             a picture or animation cannot be written
    └── MissingExtraError       a library of an extra is not installed (also an ImportError)

    GanVizWarning               what a user should know; nothing has failed
    └── RecordingWarning        something hinders a recording, and the training goes on
        └── LossWarning         a recording lacks something for good

Every message names the value, what was expected and what to do.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

MOST_WEIGHTS = 2**24
"""Of a network of the toy: 64 MB, and several times as much while it learns."""


class GanVizError(Exception):
    """Base of every error that gan_viz raises on purpose."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross processes with the text alone: some subclasses are made from other things."""
        return _again, (type(self), str(self))


def _again(kind: type[GanVizError], text: str) -> GanVizError:
    """An error of a kind, with the text it had in another process."""
    error = kind.__new__(kind, text)
    error.args = (text,)
    return error


class UsageError(GanVizError, ValueError):
    """A value given by the user cannot be used."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not registered.

    `kind` is what the name should have been, e.g. ``"objective"``, and `known` are the names there
    are.

    Examples
    --------
    >>> print(UnknownNameError("theme", "drak", ["dark", "light"]))
    unknown theme 'drak': did you mean 'dark'? Known: dark, light
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        super().__init__(f"unknown {kind} {name!r}: {_hint(name, names)}Known: {', '.join(names)}")


class DataError(GanVizError):
    """The user's data cannot be learnt from."""


class TrainingError(GanVizError):
    """The training cannot go on."""


class RecordingError(GanVizError):
    """A recording cannot be written or read."""


class GanVizWarning(RuntimeWarning):
    """Base of every warning of gan_viz, which commands print in one line."""


class RecordingWarning(GanVizWarning):
    """Something hinders a recording; what is trained goes on."""


class LossWarning(RecordingWarning):
    """A recording lacks something for good; what is trained goes on."""


class OutputError(GanVizError):
    """A picture or animation cannot be written."""


class MissingExtraError(GanVizError, ImportError):
    """A library that belongs to an extra is not installed.

    `what` needs the library, e.g. ``"to_xarray()"``; the `extra` of gan-viz installs it.

    Examples
    --------
    >>> print(MissingExtraError("to_xarray()", "xarray", "xarray"))
    to_xarray() needs xarray, which is not installed: pip install 'gan-viz[xarray]'
    """

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(
            f"{what} needs {library}, which is not installed: pip install 'gan-viz[{extra}]'"
        )


def reason(error: BaseException) -> str:
    """Why the system refused something, in its words; a full disk in ours, the same everywhere.

    Examples
    --------
    >>> reason(OSError(28, "No space left on device"))
    'the disk is full'
    """
    if isinstance(error, OSError):
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        return "the disk is full" if full else error.strerror or str(error)
    return str(error)


def check_widths(widths: Sequence[int]) -> None:
    """Refuse layers that are empty, or whose weights take more than 64 MB; raises UsageError."""
    if min(widths) < 1:
        raise UsageError(f"layer widths {[*widths]}: expected positive whole numbers")
    if sum(outputs * (inputs + 1) for inputs, outputs in pairwise(widths)) > MOST_WEIGHTS:
        raise UsageError(f"layer widths {[*widths]}: expected at most {MOST_WEIGHTS:,} weights")


def reject_unknown(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse keyword arguments that a function, named without parentheses, does not have.

    The UsageError names the first that is unknown, the nearest known one, and all known ones.

    Examples
    --------
    >>> reject_unknown("train", ["seed", "step"], ["seed", "steps"])
    Traceback (most recent call last):
    gan_viz.errors.UsageError: train() has no option 'step': did you mean 'steps'? It takes: ...
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise UsageError(
                f"{function}() has no option {name!r}: {_hint(name, names)}"
                f"It takes: {', '.join(names)}"
            )


def _hint(name: str, names: list[str]) -> str:
    near = get_close_matches(str(name), names, n=1)  # whatever stands where a name should
    return f"did you mean {near[0]!r}? " if near else ""

"""The parameters of a panel: what a field of it may be, and how it is typed on a command line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_origin

from gan_viz.errors import UnknownNameError, UsageError

Interval: TypeAlias = tuple[float, float]
"""Two finite numbers, the lower first."""

LARGEST = 1e100
LEAST_WIDTH = 1e-9
"""The least width of an interval, relative to its numbers: a narrower scale cannot be drawn."""
EXPECTED: Mapping[Any, str] = {
    bool: "yes or no",
    int: "a whole number",
    float: "a number",
    str: "a word",
    Interval: "two numbers with the lower first, like -5:5",
}
WORDS = {"yes": True, "true": True, "no": False, "false": False, "none": None}


def checked(panel: str, name: str, kind: Any, value: Any) -> Any:
    """Check a value against the annotation of a field of a panel; both names are for the error.

    The annotation may be ``bool``, ``int``, ``float``, ``str``, `Interval`, a ``Literal``, or a
    union of these and None; values of any other type are not checked. An interval becomes a tuple
    of floats. Raises UsageError if the annotation does not allow the value.
    """
    kinds = (kind,) if get_origin(kind) in (Literal, tuple) else get_args(kind) or (kind,)
    choices = [choice for one in kinds if get_origin(one) is Literal for choice in get_args(one)]
    if value in choices or any(_is_a(value, one) for one in kinds):
        return tuple(map(float, value)) if Interval in kinds and value is not None else value
    if choices:
        raise UnknownNameError(f"{name} of the panel {panel}", str(value), choices)
    expected = " or ".join(EXPECTED[one] for one in kinds if one in EXPECTED)
    words = {word: known for word, known in WORDS.items() if known is value}
    shown = next(iter(words), repr(value))
    raise UsageError(f"panel {panel}: {name} is {shown}, expected {expected}")


def _is_a(value: object, kind: Any) -> bool:
    if kind in (int, float):
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        return whole or (kind is float and isinstance(value, Real) and math.isfinite(value))
    if kind in (bool, str, NoneType):
        return isinstance(value, kind)
    return _is_interval(value) if kind == Interval else get_origin(kind) is not Literal


def _is_interval(value: object) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return False
    if not all(_is_a(end, float) for end in value):
        return False
    # whole numbers of any size can be compared with a float, but not converted to one
    low, high = (end if isinstance(end, int) else float(end) for end in value)
    if max(abs(low), abs(high)) > LARGEST:
        return False
    return bool(high - low > LEAST_WIDTH * max(abs(low), abs(high)))


def typed(text: str) -> Any:
    """Read a value from a command line; what is nothing else is a word.

    Examples
    --------
    >>> [typed(text) for text in ("yes", "7", "0.5", "-5:5", "kde", "none")]
    [True, 7, 0.5, (-5, 5), 'kde', None]
    """
    text = text.strip()
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    for number in (int, float):
        try:
            ends = tuple(number(end) for end in text.split(":"))
            return ends if len(ends) > 1 else ends[0]
        except ValueError:
            continue
    return text

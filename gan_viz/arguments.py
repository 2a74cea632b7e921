"""What callers of the public functions give: read and checked by the functions' annotations."""

from __future__ import annotations

import builtins
import operator
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache, wraps
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, is_typeddict

from gan_viz.errors import UsageError
from gan_viz.texts import TYPED

P = ParamSpec("P")
R = TypeVar("R")

UNFIT = object()
"""In the place of a value that is not of the kind asked for."""
SEVERAL = (Collection, Iterable, Sequence, list)
ONE = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    os.PathLike: "a path",
    NoneType: "None",
}
"""How errors name a value of a kind."""


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function read and check its arguments, by its annotations, before it begins.

    A text stands for what `gan_viz.texts.TYPED` reads from it, and one name for a sequence of one.
    NumPy's numbers and arrays of no dimensions become those of Python. What is only imported for
    type checkers, and not `KNOWN`, is taken as it is. The UsageError names the argument, its value,
    and what was expected.
    """
    own = signature(function).parameters.values()
    defaults = {each.name: each.default for each in own}
    places = [each.name for each in own if each.kind is Parameter.POSITIONAL_OR_KEYWORD]

    def read(name: str, value: Any) -> Any:
        if value is defaults.get(name, UNFIT):
            return value
        return fitted(name, value, kinds_of(function).get(name, Any))

    @wraps(function)
    def call(*given: P.args, **named: P.kwargs) -> R:
        read_in_place: Any = [*map(read, places, given), *given[len(places) :]]
        read_by_name: Any = {name: read(name, value) for name, value in named.items()}
        return function(*read_in_place, **read_by_name)

    return call


def check_fields(made: Any) -> None:
    """Read and check the fields of a dataclass, likewise, as it is made."""
    kinds = kinds_of(made.__class__)
    for each in fields(made):
        value = getattr(made, each.name)
        if value is not each.default:
            object.__setattr__(made, each.name, fitted(each.name, value, kinds[each.name]))


def fitted(name: str, value: Any, kind: Any) -> Any:
    """The value of an argument as a kind of values has it; see `checked`. Raises UsageError.

    Examples
    --------
    >>> fitted("hidden", "16,16", Sequence[int])
    [16, 16]
    >>> fitted("steps", 2.5, int)
    Traceback (most recent call last):
    gan_viz.errors.UsageError: steps 2.5: expected a whole number
    """
    reads = isinstance(value, str) and name in TYPED
    found = _fit(TYPED[name].read(name, value) if reads else value, kind)
    if found is UNFIT:
        example = f", like {TYPED[name].example}" if name in TYPED else ""
        shown = " ".join(repr(value).split())
        raise UsageError(f"{name} {shown:.60}: expected {_described(kind)}{example}")
    return found


@cache
def kinds_of(owner: Any) -> dict[str, Any]:
    """What the arguments of a function, or the fields of a class, are annotated with, by name."""
    names = _Names(vars(sys.modules[owner.__module__]))
    found: dict[str, Any] = {}
    for base in reversed(getattr(owner, "__mro__", [owner])):
        for name, text in getattr(base, "__annotations__", {}).items():
            text = getattr(text, "__forward_arg__", text)
            found[name] = eval(text, {}, names) if isinstance(text, str) else text
    for kind in list(found.values()):
        for options in filter(is_typeddict, get_args(kind)):  # Unpack[...]
            found |= kinds_of(options)
    return found


class _Names(dict[str, Any]):
    """The names that an annotation may use; those that are not imported stand for anything."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, None) or getattr(_Anything, name)


class _ByName(type):
    """A class, known by its name alone."""

    def __instancecheck__(cls, value: Any) -> bool:
        return any(base.__name__ == cls.__name__ for base in type(value).__mro__)


KNOWN = {name: _ByName(name, (), {}) for name in ("Module", "Objective")}
"""Classes that are told from other things without importing what they are in."""


class _Attributes(type):
    """Have every attribute of a class be the class, as ``nn.Linear`` of a missing ``nn``."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return KNOWN.get(name, cls)


class _Anything(metaclass=_Attributes):
    """A type that is not imported here."""

    def __class_getitem__(cls, of: Any) -> Any:
        return cls


def _fit(value: Any, kind: Any) -> Any:
    """A value as a kind has it, or UNFIT."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        if isinstance(value, str) and str in inner:
            return value
        each = (_fit(value, one) for one in inner)
        return next((found for found in each if found is not UNFIT), UNFIT)
    if origin is tuple:
        return _fit_tuple(value, inner)
    if origin in SEVERAL:
        return _fit_several(value, inner[0])
    if origin in (Mapping, dict):
        return _fit_mapping(value, *inner)
    if origin is Callable:
        return value if callable(value) else UNFIT
    if _is_protocol(kind):
        asked = [name for name in vars(kind) if name == "__call__" or name[0] != "_"]
        return value if all(hasattr(value, name) for name in asked) else UNFIT
    return _fit_one(value, origin)


def _fit_one(value: Any, kind: Any) -> Any:
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item") and kind in ONE:
        value = value.item()
    if kind is bool:
        return bool(value) if isinstance(value, int) and value in (0, 1) else UNFIT
    if kind in (int, float):
        return _number(value, kind)
    if kind in (Any, _Anything) or not isinstance(kind, type):
        return value
    return value if isinstance(value, kind) else UNFIT


def _is_protocol(kind: Any) -> bool:
    return bool(getattr(kind, "_is_protocol", None))


def _number(value: Any, kind: type[int | float]) -> Any:
    """What counts as a number: no text, and no bool; a list of one number is none either."""
    if isinstance(value, bool | str | bytes | bytearray) or getattr(value, "ndim", 0) != 0:
        return UNFIT
    try:
        whole = operator.index(value)
        float(whole)  # raises where it is beyond all that is computed with
        return whole
    except OverflowError:
        return UNFIT
    except TypeError:
        if kind is int or not hasattr(value, "__float__"):
            return UNFIT
    return float(value)


def _fit_tuple(value: Any, kinds: Sequence[Any]) -> Any:
    if kinds[-1] is Ellipsis:
        found = _fit_several(value, kinds[0])
        return found if found is UNFIT else tuple(found)
    several = _fit_several(value, Any)
    if several is UNFIT or len(several) != len(kinds):
        return UNFIT
    fit = tuple(map(_fit, several, kinds))
    return UNFIT if _any_unfit(fit) else fit


def _fit_several(value: Any, kind: Any) -> Any:
    """Several values, as a list if they are not yet one or have to be changed."""
    several = [value] if isinstance(value, str) else value
    if isinstance(several, bytes | bytearray):
        return UNFIT
    try:
        found = [_fit(one, kind) for one in several]
    except TypeError:  # it cannot be iterated over
        return UNFIT
    if _any_unfit(found):
        return UNFIT
    same = isinstance(several, list | tuple) and all(map(operator.is_, found, several))
    return several if same else found


def _fit_mapping(value: Any, of_keys: Any, of_values: Any) -> Any:
    try:
        found = {_fit(key, of_keys): _fit(one, of_values) for key, one in dict(value).items()}
    except (TypeError, ValueError):  # it is no mapping, nor are these pairs
        return UNFIT
    return UNFIT if _any_unfit([*found, *found.values()]) else found


def _any_unfit(found: Iterable[Any]) -> bool:
    return any(one is UNFIT for one in found)


def _described(kind: Any) -> str:
    """What a value of a kind is, in words."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        return _one_of([one for one in inner if one is not NoneType])
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"({', '.join(map(_described, inner))})"
    if origin in SEVERAL or origin is tuple:
        return f"a sequence of {_several_of(inner[0])}"
    if origin in (Mapping, dict):
        return "a mapping" if inner[1] in (Any, str) else f"a mapping to {_described(inner[1])}"
    if origin is Callable or "__call__" in vars(kind):
        return "a function"
    if origin in (Any, *ONE) or not isinstance(origin, type):
        return ONE.get(origin, "a value")
    return f"{'an' if origin.__name__[0] in 'AEIOaeio' else 'a'} {origin.__name__}"


def _several_of(kind: Any) -> str:
    """The plural of what a kind is, where that is one thing that can be counted."""
    each = _described(kind)
    counted = each.startswith("a ") and " or " not in each
    return f"{each.removeprefix('a ')}s" if counted else each


def _one_of(kinds: Sequence[Any]) -> str:
    """What a value of one of some kinds is; a text for a path, or for several, goes without."""
    several = [get_origin(kind) in (os.PathLike, tuple, *SEVERAL) for kind in kinds]
    named = [kind for kind in kinds if kind is not str or not any(several)]
    *first, last = dict.fromkeys(map(_described, named))
    return f"{', '.join(first)} or {last}" if first else last

"""The names of scipy.stats: from a `Term` to a frozen distribution, or to a helpful error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from gan_viz.distributions.elementary import Frozen, elementary
from gan_viz.distributions.expression import Term
from gan_viz.errors import UsageError

__all__ = ["SHORT_NAMES", "explain_name", "freeze", "quiet"]

SHORT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "gaussian": "norm(4, 0.5)",
        "bimodal": "0.3*norm(-1.5, 0.5) + 0.7*norm(1.5, 0.5)",
        "trimodal": "1/3*norm(-3, 0.5) + 1/3*norm(0, 0.5) + 1/3*norm(3, 0.5)",
        "uniform": "uniform(-1, 2)",
        "skewed": "gamma(2)",
        "heavy-tailed": "t(3)",
    }
)
"""The well-known targets: name -> expression."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep scipy's numerical warnings (an infinite density, a hard integral) from the user."""
    with np.errstate(all="ignore"), catch_warnings():
        simplefilter("ignore")
        yield


@cache
def _kinds() -> dict[str, Any]:
    from scipy import stats

    either = (stats.rv_continuous, stats.rv_discrete)
    return {name: kind for name, kind in vars(stats).items() if isinstance(kind, either)}


@cache
def _continuous() -> dict[str, Any]:
    from scipy import stats

    return {n: kind for n, kind in _kinds().items() if isinstance(kind, stats.rv_continuous)}


def freeze(term: Term) -> Frozen:
    """Return the scipy.stats distribution that `term` names, with its parameters fixed.

    Raises
    ------
    UsageError
        If there is no such continuous distribution or the parameters do not fit it.

    Examples
    --------
    >>> from gan_viz.distributions.expression import parse
    >>> float(freeze(parse("expon(scale=2)")[0]).mean())
    2.0
    """
    found = elementary(term.name, term.args, term.kwargs)
    return found if found is not None else _freeze_with_scipy(term)


def _freeze_with_scipy(term: Term) -> Frozen:
    if term.name not in _continuous():
        raise UsageError(explain_name(term.name))
    kind = _continuous()[term.name]
    try:
        with quiet():
            frozen: Any = kind(*term.args, **term.kwargs)
            valid = not np.isnan(frozen.support()).any()
    except TypeError:
        raise UsageError(f"{term.text}: the parameters are {_signature(kind)}") from None
    if not valid:
        raise UsageError(f"{term.text} is no distribution: {_constraints(kind)}")
    return frozen  # type: ignore[no-any-return]


def explain_name(name: str) -> str:
    """Return the message for a `name` that stands where it is of no use."""
    if name in _continuous():
        return f"{name!r} needs parentheses: {_signature(_continuous()[name])}"
    if name in _kinds():
        return f"{name!r} is a discrete distribution: a continuous one is needed, e.g. norm(4, 0.5)"
    near = get_close_matches(name, [*SHORT_NAMES, *_continuous()], n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return (
        f"unknown distribution {name!r}: {hint}Known: {', '.join(SHORT_NAMES)}, and the "
        f"{len(_continuous())} continuous distributions of scipy.stats, e.g. norm(4, 0.5)"
    )


def _signature(kind: Any) -> str:
    shapes = f"{kind.shapes}, " if kind.shapes else ""
    return f"{kind.name}({shapes}loc=0, scale=1)"


def _constraints(kind: Any) -> str:
    """Say which parameters `kind` takes; scipy keeps the domains of shapes to itself."""
    shapes = [_domain(shape) for shape in kind._shape_info()]  # noqa: SLF001
    together = " (and together as scipy.stats says)" if len(shapes) > 1 else ""
    return f"{_signature(kind)} needs {', '.join([*shapes, 'scale > 0'])}{together}"


def _domain(shape: Any) -> str:
    """Write a domain; scipy turns "greater than 0" into "from the smallest float"."""
    low, high = (0.0 if abs(end) < 1e-300 else end for end in shape.domain)
    opening = "[" if shape.inclusive[0] and low == shape.domain[0] != -np.inf else "("
    closing = "]" if shape.inclusive[1] and high == shape.domain[1] != np.inf else ")"
    whole = "whole " if shape.integrality else ""
    return f"{whole}{shape.name} in {opening}{low:g}, {high:g}{closing}"

"""Targets that are scipy.stats distributions, named in an expression or given as objects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import numpy.typing as npt

from gan_viz.distributions.base import Array, Distribution, shorten
from gan_viz.distributions.expression import Term
from gan_viz.distributions.normal import Frozen, elementary, is_normal
from gan_viz.distributions.tabulated import Tabulated
from gan_viz.errors import UsageError

_UNNAMED = "Distribution"  # what scipy.stats calls a class of the user's without a name

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


SECONDS = 3.0
"""Time of the processor that all terms of an expression may take, in all that is asked of them."""
SLOW = 0.005
"""Seconds for one quantile above which scipy's integral for a moment is not waited for."""
NODES = np.linspace(-3, 3, 49)
"""Places of the tanh-sinh rule on (0, 1), which integrates quantiles whatever their tails, short of
power laws, to about ten digits; at both ends 1e-14 is left out."""
LARGEST = {"ksone": 1000, "irwinhall": 1000}
"""First parameters beyond which a single value takes for ever."""


class TooSlowError(UsageError):
    """scipy.stats takes too long to compute a distribution."""


class Clock:
    """What is left of the time that an expression may take."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.left = seconds

    @contextmanager
    def running(self, points: int, rate: float, label: str) -> Iterator[None]:
        """Count the time of the block; TooSlowError if so many points at a rate are too many."""
        if self.left - points * rate < 0:
            raise TooSlowError(
                f"{label} takes too long to compute: name another distribution, or give samples"
            )
        start = time.thread_time()
        yield
        self.left -= time.thread_time() - start


@contextmanager
def _quiet() -> Iterator[None]:
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

    Raises UsageError if there is no such continuous distribution or the parameters do not fit it.
    """
    found = elementary(term.name, term.args, term.kwargs)
    return found if found is not None else _freeze_with_scipy(term)


def _freeze_with_scipy(term: Term) -> Frozen:
    if term.name not in _continuous():
        raise UsageError(explain_name(term.name))
    kind = _continuous()[term.name]
    if term.args and term.args[0] > LARGEST.get(term.name, np.inf):
        raise UsageError(f"{term.text}: at most {LARGEST[term.name]} can be computed")
    try:
        with _quiet():
            frozen: Any = kind(*term.args, **term.kwargs)
            valid = not np.isnan(frozen.support()).any()
    except TypeError:
        raise UsageError(f"{term.text}: the parameters are {_signature(kind)}") from None
    except (ArithmeticError, ValueError):  # genhalflogistic(0) divides by it
        valid = False
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


class ScipyDistribution(Distribution):
    """A frozen scipy.stats distribution, or anything with the methods of one, as a target.

    The expression is the text that names it; without one it is described by a table.
    """

    def __init__(
        self,
        frozen: Frozen,
        label: str,
        expression: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.label = label
        self._frozen = frozen
        self._expression = expression
        self._clock = clock or Clock(np.inf)
        self._rates: dict[str, float] = {}  # seconds a point, and of how many that was measured
        self._timed: dict[str, int] = {}
        self._standard: Array | None = None  # quantiles at the nodes
        waits = clock is None or self._is_quick()
        if clock is not None and hasattr(frozen, "dist"):
            # scipy's own integral, for want of a formula, takes seconds that nothing bounds
            frozen.dist.generic_moment = self._integrated
        self.mean, self.std = map(_moment, (frozen.mean, frozen.std)) if waits else (np.nan, np.nan)

    def pdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.pdf`."""
        return self._ask("pdf", x)

    def cdf(self, x: npt.ArrayLike) -> Array:
        """See `Distribution.cdf`."""
        return self._ask("cdf", x)

    def ppf(self, q: npt.ArrayLike) -> Array:
        """See `Distribution.ppf`."""
        return self._ask("ppf", q)

    def normals(self) -> Array | None:
        """See `Distribution.normals`."""
        return np.array([[1.0, self.mean, self.std]]) if is_normal(self._frozen) else None

    def _integrated(self, order: Array, *shapes: Array) -> Array:
        """Moment of the distribution with location 0 and scale 1, as ``∫ ppf(q)^order dq``."""
        odds = np.exp(np.pi * np.sinh(NODES))
        weights = np.cosh(NODES) * odds / (1 + odds) ** 2
        if self._standard is None:
            with self._clock.running(len(odds), self._rates.get("ppf", 0.0), self.label):
                dist = self._frozen.dist  # type: ignore[attr-defined]
                self._standard = np.asarray(dist.ppf(odds / (1 + odds), *shapes))
        return np.atleast_1d(weights @ self._standard**order / weights.sum())

    def _is_quick(self) -> bool:
        """Whether a quantile takes so little time that integrals can be waited for."""
        self.ppf([0.5])
        return self._rates.get("ppf", 0.0) < SLOW

    def _ask(self, what: str, values: npt.ArrayLike) -> Array:
        """Compute values, the first ones a few at a time, to see how long all will take."""
        values = np.asarray(values, np.float64)
        if self._clock.left == np.inf:
            return self._computed(what, values)
        found, ask = np.empty(values.size), values.ravel()
        # Of few points most of the time is the call, so a rate says nothing of many more points.
        start, size = 0, 8 * self._timed.get(what, 0) or 1
        while start < values.size:
            part = ask[start : start + size]
            before = self._clock.left
            with self._clock.running(len(part), self._rates.get(what, 0.0), self.label):
                found[start : start + size] = self._computed(what, part)
            if len(part) >= self._timed.get(what, 0):
                self._rates[what] = (before - self._clock.left) / len(part)
                self._timed[what] = len(part)
            start, size = start + size, 8 * size
        return found.reshape(values.shape)

    def _computed(self, what: str, values: Array) -> Array:
        try:
            with _quiet():
                return np.asarray(getattr(self._frozen, what)(values), np.float64)
        except (ArithmeticError, ValueError, RuntimeError) as error:
            reason = shorten(str(error), 120)
            raise UsageError(
                f"scipy.stats cannot compute the {what} of {self.label} ({reason}): "
                "if it is a class of your own, give it _cdf and _ppf"
            ) from error

    def sample(self, n: int, generator: np.random.Generator) -> Array:
        """See `Distribution.sample`."""
        if self._draws_slowly:
            return self._table.sample(n, generator)
        with _quiet():
            return np.asarray(self._frozen.rvs(size=n, random_state=generator), np.float64)

    @cached_property
    def _draws_slowly(self) -> bool:
        return _inverts_numerically(self._frozen)

    @cached_property
    def _table(self) -> Tabulated:
        return Tabulated.of(self)

    def describe(self) -> dict[str, Any]:
        """See `Distribution.describe`."""
        if self._expression is None:
            return self._table.describe()
        return {"kind": "expression", "expression": self._expression, "label": self.label}


def _moment(compute: Callable[[], float]) -> float:
    """Return a moment; NaN where the integral scipy tries in vain has no value."""
    try:
        with _quiet():
            return float(compute())
    except (ArithmeticError, ValueError, RuntimeError):
        return float("nan")


def _inverts_numerically(frozen: Any) -> bool:
    """Tell whether each draw would cost a root search, as for a class that gives a pdf only."""
    if isinstance(frozen, _NewStyle):
        return not frozen.has_formula()
    kind = type(getattr(frozen, "dist", None))
    return all(
        getattr(getattr(kind, name, None), "__module__", "") == "scipy.stats._distn_infrastructure"
        for name in ("_rvs", "_ppf")
    )


class _NewStyle:
    """A distribution of scipy.stats' new infrastructure (scipy 1.15) in the old words."""

    def __init__(self, distribution: Any) -> None:
        self.pdf, self.cdf, self.ppf = distribution.pdf, distribution.cdf, distribution.icdf
        self.mean, self.std = distribution.mean, distribution.standard_deviation
        self._sample = distribution.sample

    def has_formula(self) -> bool:
        """Tell whether values are drawn otherwise than by inverting the cdf."""
        try:
            self._sample(1, method="formula", rng=np.random.default_rng(0))
        except NotImplementedError:
            return False
        return True

    def rvs(self, size: int, random_state: np.random.Generator) -> npt.ArrayLike:
        drawn: npt.ArrayLike = self._sample(size, rng=random_state)
        return drawn


def from_scipy(data: Any) -> ScipyDistribution:
    """Return the target for a continuous scipy.stats distribution.

    That is a frozen one (``stats.norm(4, 0.5)``, or of an own subclass of
    `scipy.stats.rv_continuous`), an `rv_continuous` without shape parameters, or an object of the
    new infrastructure (``stats.Normal(mu=4)``). Raises UsageError if it is discrete, multivariate,
    not frozen, or has arrays of parameters.
    """
    from scipy import stats

    if isinstance(data, stats.rv_continuous):
        data = _frozen(data)
    if isinstance(getattr(data, "dist", None), stats.rv_continuous):
        return _from_frozen(data)
    if hasattr(data, "icdf") and not hasattr(data, "dist") and _is_scalar(data.mean()):
        return _from_new_style(data)
    raise UsageError(
        f"{shorten(repr(data))} is no one-dimensional continuous distribution of scipy.stats: "
        "give one like scipy.stats.norm(4, 0.5)"
    )


def _frozen(kind: Any) -> Any:
    if kind.shapes:
        raise UsageError(f"{kind.name} needs its parameters: write {kind.name}({kind.shapes})")
    return kind()


def _is_scalar(value: Any) -> bool:
    return bool(np.ndim(value) == 0)


def _from_frozen(data: Any) -> ScipyDistribution:
    if not all(map(_is_scalar, (*data.args, *data.kwds.values()))):
        raise UsageError(f"{data.dist.name} has arrays of parameters: give one number for each")
    with _quiet():
        valid = not np.isnan(data.support()).any()
    label = _call(data, ".4g")
    if not valid:
        raise UsageError(f"{label} is no distribution: its parameters are outside their domain")
    expression = _call(data, "") if _is_standard(data.dist) else None
    return ScipyDistribution(data, label, expression)


def _call(data: Any, form: str) -> str:
    """Return the text that would name a frozen distribution."""
    numbers = [format(float(value), form) for value in data.args]
    named = [f"{name}={format(float(value), form)}" for name, value in data.kwds.items()]
    name = data.dist.name if data.dist.name != _UNNAMED else type(data.dist).__name__
    return f"{name}({', '.join(numbers + named)})"


def _is_standard(kind: Any) -> bool:
    """Tell whether the name of `kind` means the same to everyone who has scipy."""
    from scipy import stats

    known: Any = getattr(stats, kind.name or "", None)
    return type(known) is type(kind) and (known.a, known.b) == (kind.a, kind.b)


def _from_new_style(data: Any) -> ScipyDistribution:
    label = shorten(str(data))
    if any(kind.__name__ == "DiscreteDistribution" for kind in type(data).__mro__):
        raise UsageError(f"{label} is discrete: a continuous distribution is needed")
    return ScipyDistribution(_NewStyle(data), label)

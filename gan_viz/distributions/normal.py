"""The normal and the uniform distribution without scipy.

Most targets are made of these two, and importing `scipy.stats` takes longer than training on one
of them for a second; importing `scipy.special` takes as long as drawing a hundred frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Protocol

import numpy as np
import numpy.typing as npt

_Array = npt.NDArray[np.float64]

_INVERSE = NormalDist().inv_cdf
FEW = 4096
"""Up to so many values Python's own functions are done before scipy is imported."""


def cumulative(z: npt.ArrayLike) -> _Array:
    """``Φ(z)``, as `scipy.special.ndtr`."""
    z = np.asarray(z, np.float64)
    if z.size > FEW:
        from scipy.special import ndtr

        return np.asarray(ndtr(z))
    return np.asarray(0.5 * _each(math.erfc, np.asarray(z / -math.sqrt(2))))


def quantile(q: npt.ArrayLike) -> _Array:
    """``Φ⁻¹(q)``, as `scipy.special.ndtri`: infinite at 0 and 1, and nan outside of them."""
    q = np.asarray(q, np.float64)
    if q.size > FEW:
        from scipy.special import ndtri

        return np.asarray(ndtri(q))
    return _each(_quantile, q)


def _quantile(q: float) -> float:
    if 0 < q < 1:
        return _INVERSE(q)
    return {0.0: -math.inf, 1.0: math.inf}.get(q, math.nan)


def _each(function: Callable[[float], float], values: _Array) -> _Array:
    return np.fromiter(map(function, values.ravel().tolist()), np.float64).reshape(values.shape)


class Frozen(Protocol):
    """What is asked of a distribution with its parameters fixed, in scipy.stats' words."""

    def pdf(self, x: _Array, /) -> npt.ArrayLike:
        """Return the density at `x`."""

    def cdf(self, x: _Array, /) -> npt.ArrayLike:
        """Return the probability of values up to `x`."""

    def ppf(self, q: _Array, /) -> npt.ArrayLike:
        """Return the quantile at `q`."""

    def mean(self) -> float:
        """Return the expectation."""

    def std(self) -> float:
        """Return the standard deviation."""

    def rvs(self, size: int, random_state: np.random.Generator) -> npt.ArrayLike:
        """Draw `size` independent values."""


class _Normal:
    def __init__(self, loc: float, scale: float) -> None:
        self._loc, self._scale = loc, scale

    def pdf(self, x: _Array) -> _Array:
        z = (x - self._loc) / self._scale
        return np.asarray(np.exp(-0.5 * z * z) / (self._scale * math.sqrt(2 * math.pi)))

    def cdf(self, x: _Array) -> _Array:
        return cumulative((x - self._loc) / self._scale)

    def ppf(self, q: _Array) -> _Array:
        return self._loc + self._scale * quantile(q)

    def mean(self) -> float:
        return self._loc

    def std(self) -> float:
        return self._scale

    def rvs(self, size: int, random_state: np.random.Generator) -> _Array:
        return random_state.normal(self._loc, self._scale, size)


class _Uniform:
    """As in scipy.stats: on [loc, loc + scale]."""

    def __init__(self, loc: float, scale: float) -> None:
        self._loc, self._scale = loc, scale

    def pdf(self, x: _Array) -> _Array:
        z = (x - self._loc) / self._scale
        return np.where((z >= 0) & (z <= 1), 1 / self._scale, np.where(np.isnan(z), np.nan, 0.0))

    def cdf(self, x: _Array) -> _Array:
        return np.clip((x - self._loc) / self._scale, 0.0, 1.0)

    def ppf(self, q: _Array) -> _Array:
        return np.where((q >= 0) & (q <= 1), self._loc + self._scale * q, np.nan)

    def mean(self) -> float:
        return self._loc + self._scale / 2

    def std(self) -> float:
        return self._scale / math.sqrt(12)

    def rvs(self, size: int, random_state: np.random.Generator) -> _Array:
        return self._loc + self._scale * random_state.random(size)


_KINDS: dict[str, type[_Normal | _Uniform]] = {"norm": _Normal, "uniform": _Uniform}


def elementary(name: str, args: tuple[float, ...], kwargs: Mapping[str, float]) -> Frozen | None:
    """Return the distribution scipy.stats calls so, or None if it is not one of these.

    None is also the answer to parameters that do not fit: scipy's own checks explain them.

    Examples
    --------
    >>> elementary("uniform", (-1.0, 2.0), {}).mean()
    0.0
    >>> elementary("norm", (0.0,), {"scale": -1.0}) is None
    True
    """
    given = dict(zip(("loc", "scale"), args, strict=False))
    if name not in _KINDS or len(args) > 2 or not kwargs.keys() <= {"loc", "scale"} - given.keys():
        return None
    parameters = {"loc": 0.0, "scale": 1.0, **given, **kwargs}
    return _KINDS[name](**parameters) if parameters["scale"] > 0 else None


def is_normal(frozen: object) -> bool:
    """Whether a frozen distribution is normal: one of `elementary`'s, or scipy.stats' own."""
    name = getattr(getattr(frozen, "dist", None), "name", "")
    return isinstance(frozen, _Normal) or name == "norm"

"""The latent z that G turns into data: its kind, its width, and how to draw it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_viz.arguments import check_fields
from gan_viz.distributions.fields import as_number, as_text, as_whole
from gan_viz.distributions.normal import cumulative, quantile
from gan_viz.errors import UnknownNameError, UsageError

_KINDS = ("normal", "uniform")
_MOST_DIMENSIONS = 20_000  # Sobol's sequence is known up to 21201

_EDGE = 1 - 2.0**-24  # the quantile of a uniform latent at the very edge would be infinite

ARROWS = 23
"""Arrows of Figure 1, and samples whose gradient is recorded."""
_TAILS = 0.005, 0.995
"""Quantiles of z between which they lie: of a normal z, -2.58 to 2.58."""


@dataclass(frozen=True)
class Latent:
    """The distribution of z: independent components, each N(0, 1) or U(-1, 1), scaled.

    Parameters
    ----------
    kind : {"normal", "uniform"}
        The distribution of each component.
    dim : int
        How many there are.
    loc, scale : float
        What each is shifted and scaled by: ``Latent("uniform", 8, 0.5, 0.5)`` is U(0, 1).

    Raises
    ------
    UnknownNameError
        If `kind` is another one.
    UsageError
        If `dim` is not a whole number from 1 to 20000, `loc` not finite, or `scale` not positive.

    Examples
    --------
    >>> Latent("uniform", 1).stratified(4).ravel()
    array([-0.75, -0.25,  0.25,  0.75], dtype=float32)
    """

    kind: str = "normal"
    dim: int = 1
    loc: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.kind not in _KINDS:
            raise UnknownNameError("latent", self.kind, _KINDS)
        if not 1 <= self.dim <= _MOST_DIMENSIONS:
            raise UsageError(
                f"a latent of {self.dim!r} dimensions: a whole number from 1 to "
                f"{_MOST_DIMENSIONS} is needed"
            )
        if not math.isfinite(self.loc) or not 0 < self.scale < math.inf:
            raise UsageError(
                f"a latent with loc {self.loc:g} and scale {self.scale:g}: both must be finite, "
                "and the scale positive"
            )

    @classmethod
    def parse(cls, text: str, dim: int = 1) -> Latent:
        """Read ``"normal"``, N(0, 1), ``"uniform"``, U(-1, 1), or one of them with its parameters.

        Raises
        ------
        UnknownNameError, UsageError
            If it is neither.

        Examples
        --------
        >>> Latent.parse("uniform(0, 1)", 100)
        Latent(kind='uniform', dim=100, loc=0.5, scale=0.5)
        >>> Latent.parse("normal(0, 2)")
        Latent(kind='normal', dim=1, loc=0.0, scale=2.0)
        """
        kind, _, rest = text.replace(" ", "").partition("(")
        if not rest:
            return cls(kind, dim)
        try:
            first, second = map(float, rest.removesuffix(")").split(","))
        except ValueError:
            raise UsageError(
                f"latent {text!r}: expected normal, uniform, normal(mean, deviation) or "
                "uniform(lowest, highest)"
            ) from None
        if kind == "uniform":
            return cls(kind, dim, (first + second) / 2, (second - first) / 2)
        return cls(kind, dim, first, second)

    def sample(
        self,
        n: int,
        generator: np.random.Generator,
        out: npt.NDArray[np.float32] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Draw `n` independent latents, shape (n, dim), from `generator` and nothing else.

        With `out`, a C-contiguous array of that shape, they are written into it.
        """
        z = np.empty((n, self.dim), np.float32) if out is None else out
        if z.shape != (n, self.dim):
            raise UsageError(f"out has the shape {z.shape}, not {(n, self.dim)}")
        if self.kind == "normal":
            generator.standard_normal(dtype=np.float32, out=z)
        else:
            generator.random(dtype=np.float32, out=z)
            z *= 2
            z -= 1
        if (self.loc, self.scale) != (0.0, 1.0):
            z *= np.float32(self.scale)
            z += np.float32(self.loc)
        return z

    def stratified(self, n: int) -> npt.NDArray[np.float32]:
        """Return `n` fixed latents that cover the distribution evenly, the same every time.

        In one dimension the quantiles at (i + 1/2) / n, ascending; in more the first points of
        Sobol's sequence, scrambled once and for all.

        `n` is at least 1 and need not be a power of two; the shape is (n, dim).
        """
        even = (np.arange(n)[:, None] + 0.5) / n if self.dim == 1 else _sobol(n, self.dim)
        return self._ppf(even).astype(np.float32)

    def _ppf(self, q: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        base = 2 * q - 1 if self.kind == "uniform" else quantile(q)
        return self.loc + self.scale * base

    def as_normal(self, z: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Map latents to those of N(0, 1) at the same quantiles.

        Ways that suit normal latents, along great circles, then never leave the support of uniform
        ones, and pass what is likely.

        Examples
        --------
        >>> Latent("uniform").as_normal([-0.5, 0.0]).round(4)
        array([-0.6745,  0.    ])
        """
        base = (np.asarray(z, np.float64) - self.loc) / self.scale
        if self.kind == "normal":
            return base
        return quantile((np.clip(base, -_EDGE, _EDGE) + 1) / 2)

    def from_normal(self, x: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Undo `as_normal`."""
        values = np.asarray(x, np.float64)
        base = values if self.kind == "normal" else 2 * cumulative(values) - 1
        return self.loc + self.scale * base

    def pdf(self, z: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the density of a one-dimensional latent at `z`, in the shape of `z`.

        Raises
        ------
        UsageError
            If the latent has more dimensions than one.
        """
        if self.dim != 1:
            raise UsageError(f"the density is given for one-dimensional latents, not {self.dim}")
        base = (np.asarray(z, np.float64) - self.loc) / self.scale
        if self.kind == "uniform":
            return np.where(np.abs(base) <= 1, 0.5 / self.scale, 0.0)
        return np.asarray(np.exp(-0.5 * base * base) / (np.sqrt(2 * np.pi) * self.scale))

    def describe(self) -> dict[str, Any]:
        """Return what `from_description` needs, as JSON."""
        known: dict[str, Any] = {"kind": self.kind, "dim": self.dim}
        if (self.loc, self.scale) != (0.0, 1.0):
            known |= {"loc": self.loc, "scale": self.scale}
        return known

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Latent:
        """Build the latent that `describe` described.

        Raises
        ------
        UsageError
            If the description is not that of a latent.

        Examples
        --------
        >>> Latent.from_description({"kind": "normal", "dim": 2})
        Latent(kind='normal', dim=2, loc=0.0, scale=1.0)
        """
        if not isinstance(description, Mapping):
            raise UsageError("the description of the latent is no mapping")
        dim = as_whole(description, "dim", 1, _MOST_DIMENSIONS)
        loc, scale = as_number(description, "loc", 0.0), as_number(description, "scale", 1.0)
        return cls(as_text(description, "kind"), dim, loc, scale)


def arrow_latents(latents: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Spread `ARROWS` latents evenly over nearly all of some one-dimensional ones, ascending.

    There is only one where all are the same.
    """
    low, high = np.quantile(latents, _TAILS, method="hazen").tolist()
    return np.unique(np.linspace(low, high, ARROWS))


CHECKS = 32
"""Latents at which G is recorded to check that it is known between the others."""
GOLDEN = 0.6180339887498949
"""Multiples of this part are spread over an interval without a period."""


def latents_between(latents: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return `CHECKS` latents between some of ascending, one-dimensional ones, two or more.

    None is in the middle, nor two at the same part of the way, so that no periodic G is the same at
    all of them.
    """
    first = np.linspace(0, len(latents) - 2, CHECKS).astype(np.intp)
    part = 0.1 + 0.8 * (GOLDEN * np.arange(1, CHECKS + 1) % 1)
    here, there = latents[first].astype(np.float64), latents[first + 1].astype(np.float64)
    return np.asarray(here + part * (there - here))


def _sobol(n: int, dim: int) -> npt.NDArray[np.float64]:
    from scipy.stats import qmc

    points = qmc.Sobol(dim, scramble=True, rng=np.random.default_rng(0)).random_base2(
        max(0, n - 1).bit_length()
    )
    # A scrambled point may be exactly 0, whose normal quantile is infinite.
    return np.asarray(np.clip(points[:n], 2.0**-31, 1 - 2.0**-31))

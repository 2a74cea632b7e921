"""Latents as users give them: by name, as a distribution, a function, or the very values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.distributions import Latent
from gan_viz.errors import UsageError

DRAWN = 1024
"""Latents drawn of a function or a foreign distribution: as many as any hook asks for."""


class LatentSource(Protocol):
    """Where latents come from: `Latent`, or `GivenLatents`."""

    @property
    def dim(self) -> int:
        """Numbers of one z."""

    def sample(self, n: int, generator: np.random.Generator) -> NDArray[Any]:
        """Some latents, shape (n, ...)."""

    def stratified(self, n: int) -> NDArray[Any]:
        """Latents that cover the distribution, shape (n, ...), the same every time."""

    def describe(self) -> dict[str, Any]:
        """What the recording's header says of it."""


@dataclass(frozen=True)
class GivenLatents:
    """Latents of a distribution that is not known, shape (n, ...); what is asked for is of them.

    `chosen` are those that were given, not drawn.
    """

    values: NDArray[Any]
    chosen: bool = True

    @property
    def dim(self) -> int:
        """Numbers of one z."""
        return math.prod(self.values.shape[1:])

    def sample(self, n: int, generator: np.random.Generator) -> NDArray[Any]:
        """The first `n`, and these again where there are fewer."""
        return self.values[np.arange(n) % len(self.values)]

    def stratified(self, n: int) -> NDArray[Any]:
        """The first `n`, or all."""
        return self.values[:n]

    def describe(self) -> dict[str, Any]:
        """Their kind and their shape: no distribution is known of them."""
        return {"kind": "given", "dim": self.dim}


def latents_of(latent: Any, shape: tuple[int, ...]) -> tuple[LatentSource, tuple[int, ...]]:
    """The source of latents, and the shape of one: the given `shape` where `latent` does not tell.

    A text is as `Latent.parse` takes it; a callable makes `n` latents, ``(n, ...)``; an array,
    ``(n, ...)``, holds the very latents. Raises UsageError if it is none of these, nor a
    distribution of scipy.stats or torch.distributions.
    """
    if isinstance(latent, str):
        return Latent.parse(latent, math.prod(shape)), shape
    if isinstance(latent, Latent):
        return latent, shape if math.prod(shape) == latent.dim else (latent.dim,)
    values = np.asarray(_drawn(latent, shape))
    if values.ndim < 1 or not len(values) or values.dtype.kind not in "fiu":
        raise UsageError(
            f"latent {latent!r:.60}: expected latents of shape (n, ...), normal, uniform(low, "
            "high), a distribution, or a function that makes n latents"
        )
    if values.ndim == 1:
        values = values[:, None]
    if values.dtype.kind == "f":
        values = values.astype(np.float32)
    chosen = hasattr(latent, "shape") and not callable(latent)
    return GivenLatents(values, chosen), values.shape[1:]


def _drawn(latent: Any, shape: tuple[int, ...]) -> Any:
    """The values of latents that are given, or drawn without a trace of it."""
    from gan_viz.hooks.watching import looking

    if isinstance(latent, list | tuple | Mapping):
        raise UsageError(
            f"latent is a {type(latent).__name__}: if G takes several tensors, give "
            "generate=lambda: G(*noise), where noise is drawn once"
        )
    with looking(latent):
        if hasattr(latent, "rvs"):  # scipy.stats
            values = latent.rvs(size=(DRAWN, *shape), random_state=np.random.default_rng(0))
        elif hasattr(latent, "rsample"):  # torch.distributions
            one = tuple(latent.batch_shape) + tuple(latent.event_shape)
            values = latent.sample((DRAWN, *(() if one else shape)))
        else:
            values = _made(latent) if callable(latent) else latent
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def _made(latent: Callable[[int], Any]) -> Any:
    """What a function makes, or one line that says why it does not."""
    try:
        return latent(DRAWN)
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise UsageError(
            f"latent=... cannot make {DRAWN} latents ({reason}): expected a function of their "
            "number, like lambda n: torch.rand(n, 100)"
        ) from error


def as_numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """What a hook is given as latents or samples, as an array; UsageError if these are no numbers.

    Examples
    --------
    >>> as_numbers("z", [[1], [2]]).shape
    (2, 1)
    """
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise UsageError(f"{name} {values!r:.60}: expected numbers, an array (n, dim)") from None

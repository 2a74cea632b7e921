"""The description of a classic demonstration: its networks, samples, training and look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.distributions import Latent

if TYPE_CHECKING:
    from gan_viz.models.classics import Architecture
    from gan_viz.objectives import Objective

__all__ = ["Appearance", "Classic", "Latents", "Schedule"]

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Schedule:
    """Learning rates that fall in steps of one size.

    Attributes
    ----------
    factor : float
        What the rates of both players are multiplied by.
    period : int
        How often: after so many steps, or turns of either player.
    unit : {"step", "turn"}

    Examples
    --------
    >>> Schedule(0.5, 10)(19, 38), Schedule(0.5, 10, "turn")(19, 38)
    (0.5, 0.125)
    """

    factor: float = 1.0
    period: int = 1
    unit: str = "step"

    def __call__(self, step: int, turn: int) -> float:
        """Rates relative to the first, by the steps and by the turns made so far."""
        made = {"step": step, "turn": turn}[self.unit]
        return float(self.factor ** (made // self.period))


@dataclass(frozen=True)
class Latents:
    """The latents of a demonstration, those it learns on and those it is drawn at.

    Attributes
    ----------
    kind : {"normal", "uniform"}
    reach : float
        Latents that are uniform lie between minus and plus this.
    jitter : float or None
        Where given, a batch is evenly spaced over the reach and each latent moved up by U(0,
        jitter): a stratified sample that comes sorted. Else latents are independent.
    drawn : int
        Those G is drawn at: evenly spaced with both ends where latents are uniform; quantiles of
        the normal distribution.

    Examples
    --------
    >>> Latents("uniform", reach=8.0, drawn=3).fixed().ravel()
    array([-8.,  0.,  8.], dtype=float32)
    """

    kind: str = "uniform"
    reach: float = 1.0
    jitter: float | None = None
    drawn: int = 1024

    def __post_init__(self) -> None:
        Latent(self.kind)  # it knows which kinds there are

    def draw(self, n: int, source: np.random.Generator) -> Array:
        """Draw a batch, shape (n, 1), from a source and nothing else."""
        if self.jitter is None:
            return np.float32(self.reach) * Latent(self.kind).sample(n, source)
        z = self._even(n) + self.jitter * source.random(n)
        return z.astype(np.float32)[:, None]

    def fixed(self) -> Array:
        """The latents that G is drawn at, shape (drawn, 1), ascending."""
        if self.kind == "normal":
            return Latent(self.kind).stratified(self.drawn)
        return self._even(self.drawn).astype(np.float32)[:, None]

    def describe(self) -> dict[str, Any]:
        """What a recording tells about them."""
        told = Latent(self.kind).describe()
        return told if self.kind == "normal" else {**told, "reach": self.reach}

    def _even(self, n: int) -> NDArray[np.float64]:
        return np.linspace(-self.reach, self.reach, n)


@dataclass(frozen=True)
class Appearance:
    """How the authors draw a demonstration.

    Attributes
    ----------
    density : {"histogram", "kde"}
        How the density of G's samples is drawn.
    xlim, ylim : (float, float), or None
        What is seen of x and of the densities. None where the data is not the authors'.
    bins : int or None
        Of the histogram.
    span : (float, float) or None
        What the bins divide; None for from the least sample to the greatest.
    dashed, shaded : bool
        Whether p_data is a dashed line, and whether the areas below the densities are shaded.
    critic : (float, float) or None
        Where given, the critic is scaled to these as its least and greatest value in the picture.
    common : bool
        Whether D, from 0 to 1, is on the scale of the densities.
    """

    density: str
    xlim: tuple[float, float] | None = None
    ylim: tuple[float, float] | None = None
    bins: int | None = None
    span: tuple[float, float] | None = None
    dashed: bool = False
    shaded: bool = False
    critic: tuple[float, float] | None = None
    common: bool = False

    def elsewhere(self) -> Appearance:
        """The same for other data: without what is at a place or on a scale."""
        return replace(self, xlim=None, ylim=None, span=None, common=False)

    def describe(self) -> dict[str, Any]:
        """What is said, JSON-ready; without what is not."""
        told = {name: value for name, value in vars(self).items() if value not in (None, False)}
        told = {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}
        return told | {"panels": ["density"], "optimal": False}  # no losses, and not the best D


@dataclass(frozen=True)
class Classic:
    """A demonstration that can be trained as its authors do.

    Attributes
    ----------
    name : str
        The name in `gan_viz.registry.CLASSICS`.
    title : str
        For a picture.
    source : str
        Who published it, and where.
    networks : Architecture
    data : str
        As `gan_viz.target` takes it.
    latents : Latents
    objective : callable () -> Objective
    settings : mapping of str to JSON-able values
        Fields of `gan_viz.training.Settings`.
    look : Appearance
    ordered : bool
        Whether each batch of the data is sorted. No loss can tell.
    g_first : bool
        Whether a step begins with the turn of G, and not with those of D.
    schedule : Schedule
        Of the learning rates.
    pretraining : int
        Updates of D before the game, fitting its output before the last layer of its head to the
        density of the data by squared error.
    seed : int
        At which it goes as its authors show it; at others these small networks may fail.
    """

    name: str
    title: str
    source: str
    networks: Architecture
    data: str
    latents: Latents
    objective: Callable[[], Objective]
    settings: Mapping[str, Any]
    look: Appearance
    ordered: bool = False
    g_first: bool = False
    schedule: Schedule = Schedule()
    pretraining: int = 0
    seed: int = 0

"""Dirac-GAN, the smallest GAN that circles (Mescheder, Geiger & Nowozin 2018, section 2).

The data is the point 0, G makes the point θ, and ``D(x) = ψ x`` is the log-odds that x is
generated, as in the paper. G minimises and D maximises ``f(ψ θ) + f(0)`` with
``f(t) = -log(1 + exp(-t))``; the game is at rest where both are 0. Learning in small steps follows
the vector field of both gradients, whose Jacobian at rest tells whether it gets there: real parts
of its eigenvalues below 0 draw in, imaginary parts turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from gan_viz.errors import RecordingError, UnknownNameError, UsageError
from gan_viz.recording import NotRecordedError, Recording

Array = NDArray[np.float64]
Field = Callable[[Array], Array]

NODES = 64
"""Of the Gauss-Hermite quadrature over instance noise."""
TARGET_SLOPE = 1.0
"""The slope of D that WGAN-GP pulls to."""
NEAR = 1e-5
"""Distance of the central differences where a Jacobian has no closed form."""
LARGEST = 1e100
"""A play that goes farther than this ends there."""
UPDATES = ("simultaneous", "alternating")
RULES = ("plain", "optimistic", "extra-gradient")


@dataclass(frozen=True)
class DiracGame:
    """The gradients of G and D, ``(θ', ψ') = (-a(ψ θ) ψ, b(ψ θ) θ)``, and what is added to them.

    Parameters
    ----------
    linear : bool
        Whether ``a = b = 1``, the Wasserstein game; otherwise ``b(t) = f'(t) = 1 / (1 + exp(t))``.
    saturating : bool
        Whether a is b, as in minimax, and not ``f'(-t)``, the non-saturating loss of G.
    decay, slope : float
        D loses ``decay (|ψ| - slope) sign(ψ)``, the gradient of a penalty on its slope.
    noise : float
        Standard deviation of the normal noise on what D sees; both gradients are means over it.
    consensus : float
        Weight γ of ``γ/2 |v|²``, which both players minimise beside their own loss.
    bound : float
        ψ is clipped to this distance from 0.
    d_rate : float
        Learning rate of D relative to that of G.
    """

    linear: bool = False
    saturating: bool = True
    decay: float = 0.0
    slope: float = 0.0
    noise: float = 0.0
    consensus: float = 0.0
    bound: float = math.inf
    d_rate: float = 1.0

    def field(self, place: ArrayLike) -> Array:
        """Gradients (θ', ψ') at places (θ, ψ), both of shape (..., 2)."""
        at = np.asarray(place, np.float64)
        found = self._gradients(at)
        if self.consensus:  # the gradient of |v|²/2 is the transposed Jacobian times v
            found = found - self.consensus * np.einsum("...ij,...i->...j", self._slopes(at), found)
        return found

    def jacobian(self, place: ArrayLike) -> Array:
        """Derivatives of `field` by θ and ψ, shape (..., 2, 2): a row each for θ' and ψ'.

        Where ψ is 0 the slope of WGAN-GP's penalty jumps; it is that on either side.
        """
        at = np.asarray(place, np.float64)
        if not self.consensus:
            return self._slopes(at)
        columns = [
            (self.field(at + step) - self.field(at - step)) / (2 * NEAR)
            for step in NEAR * np.eye(2)
        ]
        return np.stack(columns, axis=-1)

    @property
    def jumps(self) -> bool:
        """Whether the field jumps at ψ = 0, so that there is no Jacobian where the game rests."""
        return self.slope > 0

    def eigenvalues(self, place: ArrayLike) -> NDArray[np.complex128]:
        """Of the Jacobian, shape (..., 2), by ascending real and then imaginary part."""
        return np.sort_complex(np.asarray(np.linalg.eigvals(self.jacobian(place)), np.complex128))

    def _gradients(self, place: Array) -> Array:
        theta, psi = place[..., 0], place[..., 1]
        weights, real, fake, t = self._samples(theta, psi)
        g = -(self._slope_of_g(t)[0] @ weights) * psi
        d = (self._slope_of_d(t)[0] * fake) @ weights
        d -= (self._slope_of_d(-psi[..., None] * real)[0] * real) @ weights
        d -= self.decay * (np.abs(psi) - self.slope) * np.sign(psi)
        return np.stack([g, self.d_rate * d], axis=-1)

    def _slopes(self, place: Array) -> Array:
        """The Jacobian without what consensus adds."""
        theta, psi = place[..., 0], place[..., 1]
        weights, real, fake, t = self._samples(theta, psi)
        (a, more_a), (b, more_b) = self._slope_of_g(t), self._slope_of_d(t)
        of_real = self._slope_of_d(-psi[..., None] * real)[1]
        g = -(more_a @ weights) * psi**2, -((a + more_a * t) @ weights)
        d = (
            (b + more_b * t) @ weights,
            (more_b * fake**2 + of_real * real**2) @ weights - self.decay,
        )
        rows = np.stack(g, axis=-1), self.d_rate * np.stack(d, axis=-1)
        return np.stack(rows, axis=-2)

    def _samples(self, theta: Array, psi: Array) -> tuple[Array, Array, Array, Array]:
        """Nodes of the noise: weights, real and generated samples, and D of the latter."""
        nodes, weights = _normal_nodes(NODES if self.noise else 1)
        fake = theta[..., None] + self.noise * nodes
        return weights, self.noise * nodes, fake, psi[..., None] * fake

    def _slope_of_g(self, t: Array) -> tuple[Array, Array]:
        """``a`` and its derivative."""
        if self.saturating or self.linear:
            return self._slope_of_d(t)
        slope, more = self._slope_of_d(-t)
        return slope, -more

    def _slope_of_d(self, t: Array) -> tuple[Array, Array]:
        """``b`` and its derivative."""
        if self.linear:
            return np.ones_like(t), np.zeros_like(t)
        return expit(-t), -expit(t) * expit(-t)


@cache
def _normal_nodes(number: int) -> tuple[Array, Array]:
    """Gauss-Hermite nodes, and weights that sum to 1, of N(0, 1)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(number)
    return nodes, weights / weights.sum()


class Method(NamedTuple):
    """A way of training the Dirac-GAN.

    `make` makes the game of a given strength. The usual `strength` is 0 where there is nothing to
    be weighed; `means` says what it is, and `about` has the gradients, and where they are from. The
    usual `rule` is one of `RULES`.
    """

    make: Callable[[float], DiracGame]
    about: str
    strength: float = 0.0
    means: str = ""
    rule: str = "plain"


METHODS: Mapping[str, Method] = {
    "minimax": Method(
        lambda _: DiracGame(),
        "θ' = -f'(ψθ) ψ, ψ' = f'(ψθ) θ (Goodfellow et al. 2014, eq. 1)",
    ),
    "non-saturating": Method(
        lambda _: DiracGame(saturating=False),
        "θ' = -f'(-ψθ) ψ, ψ' = f'(ψθ) θ (Goodfellow et al. 2014, section 3)",
    ),
    "wasserstein": Method(
        lambda _: DiracGame(linear=True),
        "θ' = -ψ, ψ' = θ: the bilinear game (Arjovsky et al. 2017, without a bound)",
    ),
    "clipping": Method(
        lambda c: DiracGame(linear=True, bound=c),
        "θ' = -ψ, ψ' = θ, |ψ| at most c (Arjovsky et al. 2017)",
        1.0,
        "bound c",
    ),
    "wgan-gp": Method(
        lambda weight: DiracGame(linear=True, decay=weight, slope=TARGET_SLOPE),
        "θ' = -ψ, ψ' = θ - λ (|ψ| - 1) sign ψ (Gulrajani et al. 2017)",
        0.7,
        "weight λ",
    ),
    "instance-noise": Method(
        lambda spread: DiracGame(noise=spread),
        "minimax, its gradients averaged over N(0, σ²) on what D sees (Sønderby et al. 2017)",
        0.7,
        "standard deviation σ",
    ),
    "r1": Method(
        lambda gamma: DiracGame(decay=gamma),
        "minimax, ψ' less γ ψ, of γ/2 |D'|² on real samples (Mescheder et al. 2018, eq. 9)",
        0.3,
        "weight γ",
    ),
    "r2": Method(
        lambda gamma: DiracGame(decay=gamma),
        "minimax, ψ' less γ ψ, of γ/2 |D'|² on generated samples (Mescheder et al. 2018, eq. 10)",
        0.3,
        "weight γ",
    ),
    "consensus": Method(
        lambda gamma: DiracGame(consensus=gamma),
        "minimax, v less γ Jᵀv, of γ/2 |v|² for both (Mescheder, Nowozin & Geiger 2017)",
        1.0,
        "weight γ",
    ),
    "relativistic": Method(
        lambda gamma: DiracGame(decay=2 * gamma),
        "pairs, f(D(G) - D(x)) for both, with R1 and R2: ψ' less 2γ ψ (Huang et al. 2024)",
        0.3,
        "weight γ",
    ),
    "two-time-scales": Method(
        lambda ratio: DiracGame(d_rate=ratio),
        "minimax, D learns so many times as fast (Heusel et al. 2017)",
        4.0,
        "D's rate over G's",
    ),
    "optimistic": Method(
        lambda _: DiracGame(),
        "minimax, steps along 2 v - the v before (Daskalakis et al. 2018)",
        rule="optimistic",
    ),
    "extra-gradient": Method(
        lambda _: DiracGame(),
        "minimax, steps along v at where a plain step would lead (Korpelevich 1976)",
        rule="extra-gradient",
    ),
}
"""Ways of training, by name."""


def method_of(name: str) -> Method:
    """The method of a name; UnknownNameError where there is none."""
    if name not in METHODS:
        raise UnknownNameError("method", name, METHODS)
    return METHODS[name]


@dataclass(frozen=True)
class Steps:
    """How both players move along the field, in steps of a `size`, the learning rate h.

    By the `update` both move at once (``simultaneous``), or first G and then D, each from where the
    other is by then (``alternating``): `g_steps` and `d_steps` times. By the `rule` they move along
    the field v (``plain``), along ``2 v`` less the v of the step before (``optimistic``), or along
    the v at the place to which a plain step would lead (``extra-gradient``). Raises UsageError if a
    value cannot be used.
    """

    size: float = 0.2
    update: str = "simultaneous"
    rule: str = "plain"
    g_steps: int = 1
    d_steps: int = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.size) and self.size > 0):
            raise UsageError(f"step size {self.size:g}: expected a number above 0, like 0.2")
        if self.update not in UPDATES:
            raise UnknownNameError("update", self.update, UPDATES)
        if self.rule not in RULES:
            raise UnknownNameError("rule", self.rule, RULES)
        for name, number in (("g_steps", self.g_steps), ("d_steps", self.d_steps)):
            if number < 1:
                raise UsageError(f"{name} {number}: expected a whole number of at least 1")
            if number > 1 and self.update == "simultaneous":
                raise UsageError(
                    f"{name} {number}: simultaneous updates move each player once a step; expected "
                    "alternating ones"
                )

    def play(self, game: DiracGame, start: ArrayLike, steps: int) -> Array:
        """Places (θ, ψ) from the start on, shape (steps + 1, 2); fewer where they run away."""
        return np.array([*self._places(game, np.asarray(start, np.float64), steps)])

    def radius(self, jacobian: ArrayLike) -> float:
        """The factor by which a step changes distances in the long run near a place at rest.

        The spectral radius of the step as a linear map, of (θ, ψ) and the field seen before, where
        the field has this Jacobian, shape (2, 2).
        """
        matrix = np.asarray(jacobian, np.float64)
        ends = [
            np.concatenate(self._advance(lambda place: matrix @ place, one[:2], one[2:]))
            for one in np.eye(4)
        ]
        return float(np.abs(np.linalg.eigvals(np.transpose(ends))).max())

    def _places(self, game: DiracGame, place: Array, steps: int) -> Iterator[Array]:
        seen = game.field(place)
        yield place
        for _ in range(steps):
            place, seen = self._advance(game.field, place, seen, game.bound)
            if not np.abs(place).max() < LARGEST:  # nor NaN
                return
            yield place

    def _advance(
        self, field: Field, place: Array, seen: Array, bound: float = math.inf
    ) -> tuple[Array, Array]:
        """Make a step; `seen` is the field as each player saw it last."""
        for turn in self._turns:
            move, now = self._move(field, place, seen)
            place = place + self.size * turn * move
            place[1] = min(max(place[1], -bound), bound)
            seen = np.where(turn > 0, now, seen)
        return place, seen

    def _move(self, field: Field, place: Array, seen: Array) -> tuple[Array, Array]:
        now = field(place)
        if self.rule == "optimistic":
            return 2 * now - seen, now
        if self.rule == "extra-gradient":
            return field(place + self.size * now), now
        return now, now

    @property
    def _turns(self) -> Array:
        """Who moves, (1, 0) for G and (0, 1) for D, turn by turn."""
        if self.update == "simultaneous":
            return np.ones((1, 2))
        return np.repeat(np.eye(2), [self.g_steps, self.d_steps], axis=0)


def way_of(recording: Recording) -> Array:
    """θ and ψ at each frame of a recording with ``weights``, shape (frames, 2).

    NaN where they were not recorded, or are farther from 0 than a play goes. Raises RecordingError
    if they are not two numbers a frame.
    """
    shape = recording.channels["weights"].shape
    if shape != (2,):
        raise RecordingError(
            f"{recording.path}: weights have the shape {shape}, expected (2,); choose other panels"
        )
    way = np.full((len(recording), 2), np.nan)
    for frame, place in enumerate(way):
        with suppress(NotRecordedError):
            place[:] = recording.array("weights", frame)
    way[~(np.abs(way) < LARGEST).all(axis=1)] = np.nan
    return way

"""What can be set about a training."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from gan_viz.arguments import check_fields
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.registry import OPTIMIZERS

FULL_NOISE, WITHOUT_NOISE = 0.05, 0.5
"""Shares of the training with all the noise at its start, and with none at its end."""
LEAST_NOISE = 0.04
"""What is left of the noise before it stops."""
G_DECAY, D_DECAY = 0.5, 0.15
"""Shares of the training, at its end, over which the learning rates fall."""
MOST = {"steps": 10**12, "batch": 2**20, "d_steps": 1000, "g_steps": 1000}
"""No training is longer, and no memory holds larger batches of all these steps."""


@dataclass(frozen=True)
class Settings:
    """How the game is played.

    Raises
    ------
    UsageError
        A value is out of its range.

    Examples
    --------
    >>> Settings(steps=8).lr_multipliers(7)
    (1.0, 1.0)
    """

    steps: int = 8000
    """Rounds of the game: in each, D has its turn, then G."""
    batch: int = 256
    """Samples of each kind in an update."""
    d_steps: int = 1
    g_steps: int = 1
    """Updates of D, and then of G, in a step."""
    g_lr: float = 1e-3
    d_lr: float = 1e-3
    """Learning rates."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Decay rates of Adam's moments."""
    ema: float = 0.0
    """Decay rate, in a step, of the exponential moving average of G's weights that is drawn (Yazıcı
    et al. 2019); 0 draws G as it is."""
    decay: bool = False
    """Whether the learning rates fall to 0 towards the end; see `lr_multipliers`."""
    noise: float = 0.0
    """Standard deviation, at first, of the noise on whatever D sees, real or generated (Sønderby et
    al. 2017, Arjovsky & Bottou 2017); see `noise_level`. 0 for none."""
    optimizer: str = "adam"
    """A name in `gan_viz.registry.OPTIMIZERS`."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.optimizer not in OPTIMIZERS:
            raise UnknownNameError("optimizer", self.optimizer, OPTIMIZERS)
        for name, most in MOST.items():
            if not 1 <= getattr(self, name) <= most:
                expected = f"expected a whole number from 1 to {most:,}"
                raise UsageError(f"{name} {getattr(self, name)}: {expected}")
        for name in ("g_lr", "d_lr"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise UsageError(f"{name} {value:g}: expected a learning rate above 0, like 0.001")
        if not (math.isfinite(self.noise) and self.noise >= 0):
            raise UsageError(f"noise {self.noise:g}: expected a standard deviation of at least 0")
        for value in (*self.betas, self.ema):
            if not 0 <= value < 1:
                raise UsageError(f"decay rate {value:g}: expected at least 0 and below 1")

    @property
    def latent_batches(self) -> int:
        """Batches of latents in a step: G's first update is on the last of those for D."""
        return self.d_steps + self.g_steps - 1

    def lr_multipliers(self, step: int) -> tuple[float, float]:
        """Learning rates of G and D at a step (counted from 0) relative to the first, in 0..1.

        With `decay` that of G falls over the last `G_DECAY` of the steps, by the square of what is
        left of them, and that of D over the last `D_DECAY`, linearly: D has to follow a G that
        moves less and less before it sees what is still wrong in detail.
        """
        if not self.decay:
            return 1.0, 1.0
        left = 1 - step / self.steps
        return min(1.0, left / G_DECAY) ** 2, min(1.0, left / D_DECAY)

    def without_rates(self) -> Settings:
        """The same but for the learning rates, in which runs of one array may differ."""
        return replace(self, g_lr=1.0, d_lr=1.0)

    def ema_weight(self, step: int) -> float:
        """Weight of the current G in its moving average at a step (counted from 0), in 0..1.

        Early on it is that of a plain mean over the last tenth or so of the steps made, so that the
        untrained G is soon forgotten.
        """
        return max(1 - self.ema, 10 / (step + 10))

    def noise_level(self, step: int) -> float:
        """Standard deviation of the noise on what D sees at a step (counted from 0).

        It stays for a twentieth of the training and then falls by a constant factor a step, as the
        noise of score models does (Song & Ermon 2019), to `LEAST_NOISE` of itself; the last
        `WITHOUT_NOISE` of the steps are without.

        Examples
        --------
        >>> [Settings(steps=100, noise=2.0).noise_level(k) for k in (0, 5, 50)]
        [2.0, 2.0, 0.0]
        """
        end = 1 - WITHOUT_NOISE
        done = step / self.steps
        if done >= end:
            return 0.0
        fallen = max(0.0, (done - FULL_NOISE) / (end - FULL_NOISE))
        return float(self.noise * LEAST_NOISE**fallen)

    def describe(self) -> dict[str, Any]:
        """All settings as JSON-ready values."""
        return {**asdict(self), "betas": list(self.betas)}

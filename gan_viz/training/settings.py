"""What can be set about a training."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from gan_viz.errors import UsageError

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """How the game is played.

    Attributes
    ----------
    steps : int
        Rounds of the game: in each, D has its turn, then G.
    batch : int
        Samples of each kind in an update.
    d_steps, g_steps : int
        Updates of D, and then of G, in a step.
    g_lr, d_lr : float
        Learning rates.
    betas : (float, float)
        Decay rates of Adam's moments.
    ema : float
        Decay rate, in a step, of the exponential moving average of G's weights that is drawn
        (Yazıcı et al. 2019); 0 draws G as it is.
    optimizer : str
        A name in `gan_viz.training.optimizers.OPTIMIZERS`.
    decay : bool
        Whether both learning rates fall linearly to 0 over the last quarter of the training.

    Raises
    ------
    UsageError
        A value is out of its range.

    Examples
    --------
    >>> Settings(steps=8).lr_multiplier(7), Settings(steps=8, decay=True).lr_multiplier(7)
    (1.0, 0.5)
    """

    steps: int = 3000
    batch: int = 256
    d_steps: int = 1
    g_steps: int = 1
    g_lr: float = 1e-3
    d_lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    ema: float = 0.0
    decay: bool = False
    optimizer: str = "adam"

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "d_steps", "g_steps"):
            if getattr(self, name) < 1:
                raise UsageError(
                    f"{name} {getattr(self, name)}: expected a whole number of at least 1"
                )
        for name in ("g_lr", "d_lr"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise UsageError(f"{name} {value:g}: expected a learning rate above 0, like 0.001")
        for value in (*self.betas, self.ema):
            if not 0 <= value < 1:
                raise UsageError(f"decay rate {value:g}: expected at least 0 and below 1")

    @property
    def latent_batches(self) -> int:
        """Batches of latents in a step: G's first update is on the last of those for D."""
        return self.d_steps + self.g_steps - 1

    def lr_multiplier(self, step: int) -> float:
        """Learning rates at a step (counted from 0) relative to the first, in 0..1."""
        return min(1.0, 4 * (1 - step / self.steps)) if self.decay else 1.0

    def without_rates(self) -> Settings:
        """The same but for the learning rates, in which runs of one array may differ."""
        return replace(self, g_lr=1.0, d_lr=1.0)

    def ema_weight(self, step: int) -> float:
        """Weight of the current G in its moving average at a step (counted from 0), in 0..1.

        Early on it is that of a plain mean over the last tenth or so of the steps made, so that the
        untrained G is soon forgotten.
        """
        return max(1 - self.ema, 10 / (step + 10))

    def describe(self) -> dict[str, Any]:
        """All settings as JSON-ready values."""
        return {**asdict(self), "betas": list(self.betas)}

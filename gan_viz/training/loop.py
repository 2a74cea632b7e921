"""The loop: one step of the game after another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import TrainingError
from gan_viz.training.games import Game
from gan_viz.training.settings import Settings

__all__ = ["Step", "Training"]

Array = NDArray[np.float32]
BLOCK = 64
"""Steps for which samples are drawn at once: one draw of many costs little more than one of few."""


class Step(NamedTuple):
    """What one step gave.

    Attributes
    ----------
    number : int
        Steps made so far, from 1.
    d_loss, g_loss : float
        In the objective's units (nats for the logistic ones).
    """

    number: int
    d_loss: float
    g_loss: float


class Training:
    """A game played for a number of steps, one at each turn of iteration.

    Parameters
    ----------
    game : Game
    draw_real : callable (n) -> ndarray, shape (n, 1)
        Fresh samples of the data.
    draw_latents : callable (n) -> ndarray, shape (n, latent_dim)
        Fresh latents.
    settings : Settings
        The same the game was started with.

    Examples
    --------
    ::

        for step in Training(game, draw_real, draw_latents, settings):
            recorder.step(d_loss=step.d_loss, g_loss=step.g_loss)
    """

    def __init__(
        self,
        game: Game,
        draw_real: Callable[[int], Array],
        draw_latents: Callable[[int], Array],
        settings: Settings,
    ) -> None:
        self.game, self.settings = game, settings
        self._real = self._batches(draw_real)
        self._latents = self._batches(draw_latents)

    def __iter__(self) -> Iterator[Step]:
        """Play all steps.

        Raises
        ------
        TrainingError
            A loss is no longer finite.
        """
        play = self.game.step
        for number, real, latents in zip(
            range(self.settings.steps), self._real, self._latents, strict=False
        ):
            d_loss, g_loss = play(number, real, latents)
            if not math.isfinite(d_loss + g_loss):
                raise TrainingError(
                    f"step {number + 1}: D's loss is {d_loss:g} and G's is {g_loss:g}, "
                    "so training cannot go on; try lower learning rates"
                )
            yield Step(number + 1, d_loss, g_loss)

    def _batches(self, draw: Callable[[int], Array]) -> Iterator[Array]:
        """Yield ``(d_steps, batch, features)`` for ever, drawn block by block."""
        shape = (BLOCK, self.settings.d_steps, self.settings.batch)
        while True:
            yield from draw(math.prod(shape)).reshape(*shape, -1)

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

__all__ = ["Step", "Training", "Update"]

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


class Update(NamedTuple):
    """What one update of one player gave.

    Attributes
    ----------
    number : int
        The step it belongs to, from 1.
    name : str
        ``"d_loss"`` or ``"g_loss"``.
    loss : float
        Of the player, before the update.
    """

    number: int
    name: str
    loss: float


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
        self._real = self._batches(draw_real, settings.d_steps)
        self._latents = self._batches(draw_latents, settings.latent_batches)

    def __iter__(self) -> Iterator[Step]:
        """Play all steps.

        Raises
        ------
        TrainingError
            A loss is no longer finite.
        """
        play = self.game.step
        for number, real, latents in self.dealt():
            d_loss, g_loss = play(number, real, latents)
            if not math.isfinite(d_loss + g_loss):
                raise _stopped(number, f"D's loss is {d_loss:g} and G's is {g_loss:g}")
            yield Step(number + 1, d_loss, g_loss)

    def updates(self) -> Iterator[Update]:
        """Play all steps, one update of a player at each turn of iteration.

        Raises
        ------
        TrainingError
            A loss is no longer finite.
        """
        play = self.game.updates
        for number, real, latents in self.dealt():
            for name, loss in play(number, real, latents):
                if not math.isfinite(loss):
                    raise _stopped(number, f"{name[0].upper()}'s loss is {loss:g}")
                yield Update(number + 1, name, loss)

    def dealt(self) -> Iterator[tuple[int, Array, Array]]:
        """Draw what the steps are played on, without playing.

        Yields
        ------
        (int, ndarray, ndarray)
            The step, from 0; real samples and latents as `Game.step` takes them.
        """
        return zip(range(self.settings.steps), self._real, self._latents, strict=False)

    def _batches(self, draw: Callable[[int], Array], number: int) -> Iterator[Array]:
        """Yield ``(number, batch, features)`` for ever, drawn block by block."""
        shape = (BLOCK, number, self.settings.batch)
        while True:
            yield from draw(math.prod(shape)).reshape(*shape, -1)


def _stopped(number: int, losses: str) -> TrainingError:
    return TrainingError(
        f"step {number + 1}: {losses}, so training cannot go on; try lower learning rates"
    )

"""The loop of the game on tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice

import torch

from gan_viz.training.loop import stopped
from gan_viz.training.settings import Settings
from gan_viz.training.tensor_game import Batch, Figures, TensorGame

CHECKED = 50
"""Steps between looks at the losses: each look waits for an accelerator."""


class TensorTraining:
    """A game on tensors played for a number of steps, one at each turn of iteration.

    Batches of the data come for ever; fresh latents are drawn with classes where the networks take
    them. The settings are the same the game was started with; `made` counts the steps so far.
    """

    def __init__(
        self,
        game: TensorGame,
        real: Iterator[Batch],
        draw_latents: Callable[[int], Batch],
        settings: Settings,
    ) -> None:
        self.game, self.settings = game, settings
        self._real, self._draw_latents = real, draw_latents
        self.made = 0

    def __iter__(self) -> Iterator[tuple[int, Figures]]:
        """Play all steps left; yield the steps made, from 1, and what `TensorGame.step` gave.

        Raises TrainingError if a loss is no longer finite.
        """
        for number in range(self.made, self.settings.steps):
            real = list(islice(self._real, self.settings.d_steps))
            sizes = [len(batch.values) for batch in real]
            sizes += sizes[-1:] * (self.settings.latent_batches - len(sizes))
            latents = [self._draw_latents(size) for size in sizes]
            figures = self.game.step(number, real, latents)
            self.made = number + 1
            yield number + 1, figures
            if (number + 1) % CHECKED == 0 or number + 1 == self.settings.steps:
                _check(number + 1, figures)


def _check(step: int, figures: Figures) -> None:
    d_loss, g_loss = torch.stack([figures["d_loss"], figures["g_loss"]]).tolist()
    if not math.isfinite(d_loss + g_loss):
        raise stopped(step, f"D's loss is {d_loss:g} and G's is {g_loss:g}")

"""The game as the classic demonstrations play it: turn by turn, each on samples of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import Optimizer

from gan_viz.objectives.base import Objective
from gan_viz.training.optimizers import descend, set_rates
from gan_viz.training.settings import Settings
from gan_viz.training.tensor_game import Batch, Figures, TensorGame, follow


class TurnGame(TensorGame):
    """Two networks that take turns in a given order, with a schedule of the learning rates.

    The `turns` are the players of a step in their order, like ``"DG"``: one G, and a D for each
    update of D in the settings. The `schedule` gives learning rates relative to the first, by the
    steps and by the turns made so far; `source` is that of the random numbers of a penalty.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        settings: Settings,
        turns: str,
        schedule: Callable[[int, int], float],
        source: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator, discriminator, objective, settings, source)
        self.turns, self.schedule = turns, schedule

    def updates(
        self, number: int, real: Sequence[Batch], latents: Sequence[Batch]
    ) -> Iterator[Figures]:
        """Play one step, one turn at each turn of iteration; yield as `TensorGame.updates`.

        ``d_fake_after`` is what D said in the turn of G.
        """
        common = self.settings.lr_multipliers(number)
        for turn, (player, x, z) in enumerate(zip(self.turns, real, latents, strict=True)):
            relative = self.schedule(number, number * len(self.turns) + turn)
            set_rates(self.optimizers, self.settings, [each * relative for each in common])
            figures = self._update_g(self._made(z), x) if player == "G" else self._learn(x, z)
            if turn == len(self.turns) - 1:
                follow(self.g_ema, self.generator, self.settings.ema_weight(number))
            yield figures

    def _learn(self, x: Batch, z: Batch) -> Figures:
        with torch.no_grad():
            fake = self._made(z)
        return self._update_d(x, fake)


def fit(
    network: nn.Module,
    pairs: Iterable[tuple[torch.Tensor, torch.Tensor]],
    optimizer: Optimizer,
) -> None:
    """Fit a network to a function by mean squared error, one update for each batch."""
    for inputs, wanted in pairs:
        descend(optimizer, mse_loss(network(inputs), wanted))

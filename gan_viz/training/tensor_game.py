"""The game on tensors: for any networks and samples, on any device.

As little is computed as the game allows: G's last pass of a step serves both players, no gradient
flows into G while D learns nor into D's weights while G does, and what is real and what is
generated goes through D in one pass where that changes nothing (batch normalization would mix the
two). Nothing waits for an accelerator: the figures of a step stay there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from gan_viz.objectives.base import Objective, Uniform
from gan_viz.training.compiling import is_stackable
from gan_viz.training.optimizers import descend, make_optimizers, set_rates
from gan_viz.training.own_draws import OwnDraws
from gan_viz.training.settings import Settings
from gan_viz.training.unrolling import Parameters, look_ahead

PRECISIONS = ("float32", "bf16")

Judge = Callable[..., torch.Tensor]
Figures = dict[str, torch.Tensor]
"""What a step gave, by name: tensors without dimensions, on the networks' device."""


class Batch(NamedTuple):
    """Samples of the data, or latents, and their classes."""

    values: torch.Tensor
    """Shape (batch, ...)."""
    labels: torch.Tensor | None = None
    """Shape (batch,): given to the networks as their second argument, if there are any."""
    noise: torch.Tensor | None = None
    """Of latents, in the shape of what G makes of them: added to that before D sees it."""

    def through(self, network: Callable[..., torch.Tensor]) -> torch.Tensor:
        """What a network makes of it."""
        return network(self.values) if self.labels is None else network(self.values, self.labels)


class TensorGame:
    """Two networks, their optimizers, and G's moving average, `g_ema`: G itself where none is kept.

    G maps latents to samples, and D samples to the outputs that the objective is about. The source
    is that of the random numbers of a penalty, on the networks' device; its seed is also that of
    what the networks draw themselves (dropout). With the precision bf16 (else float32), what
    networks make of samples is multiplied in 16 bits (`torch.autocast`), which some processors do
    faster; weights, losses and penalties stay in 32 bits.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        objective: Objective,
        settings: Settings,
        source: torch.Generator | None = None,
        g_ema: nn.Module | None = None,
        precision: str = "float32",
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.objective, self.settings = objective, settings
        self.g_ema = moving_average(generator, settings) if g_ema is None else g_ema
        self.optimizers = make_optimizers(generator, discriminator, settings)
        learning = {n: p for n, p in discriminator.named_parameters() if p.requires_grad}
        self._names, self._learning = [*learning], [*learning.values()]
        device = next(generator.parameters()).device
        self._source = source or torch.Generator(device).manual_seed(0)
        self._own_draws = OwnDraws(self._source.initial_seed(), device)
        plain = all(map(is_stackable, (generator, discriminator)))  # which draw nothing
        self._drawing: AbstractContextManager[None] = nullcontext() if plain else self._own_draws
        self._mixes = any(isinstance(part, _BatchNorm) for part in discriminator.modules())
        self._odds = objective.output == "logit"
        self._kind, self._halves = device.type, precision == "bf16"

    @property
    def own_states(self) -> list[torch.Tensor]:
        """States of the random numbers that the networks draw themselves, and of no one else."""
        return self._own_draws.states

    @own_states.setter
    def own_states(self, states: list[torch.Tensor]) -> None:
        self._own_draws.states = states

    def step(self, number: int, real: Sequence[Batch], latents: Sequence[Batch]) -> Figures:
        """Play one step, counted from 0: an update of D for each real batch, then those of G.

        Latents are for each update of D, and for each of G after its first, which is on the last
        for D. Returns ``d_loss`` and ``g_loss``, each before the update it led to (D's with its
        penalty), of the last updates; ``d_real``, ``d_fake`` and ``d_fake_after``: D's mean outputs
        on real and generated samples before D's last update, and on generated ones before G's, as
        probabilities where D's outputs are logits.
        """
        figures: Figures = {}
        for update in self.updates(number, real, latents):
            figures |= update
        return figures

    def updates(
        self, number: int, real: Sequence[Batch], latents: Sequence[Batch]
    ) -> Iterator[Figures]:
        """Play one step, one update of a player at each turn of iteration; yield its figures.

        They are ``d_loss``, ``d_real`` and ``d_fake`` of D; ``g_loss`` and ``d_fake_after`` of G.
        """
        set_rates(self.optimizers, self.settings, self.settings.lr_multipliers(number))
        of_d = len(real)
        for x, z in zip(real[:-1], latents[: of_d - 1], strict=True):
            with torch.no_grad():
                fake = self._made(z)
            yield self._update_d(x, fake)
        made = self._made(latents[of_d - 1])  # serves both players
        yield self._update_d(real[-1], made._replace(values=made.values.detach()))
        figures = self._update_g(made, real[-1])
        for z in latents[of_d:]:
            yield figures
            figures = self._update_g(self._made(z), real[-1])
        follow(self.g_ema, self.generator, self.settings.ema_weight(number))
        yield figures

    def _made(self, z: Batch) -> Batch:
        with self._drawing:
            values = self._passed(z, self.generator)
        return self._noisy(Batch(values if z.noise is None else values + z.noise, z.labels))

    def _passed(self, samples: Batch, network: Judge) -> torch.Tensor:
        """What a network makes of samples, in 32 bits whatever it multiplies in."""
        if not self._halves and not torch.is_autocast_enabled(self._kind):
            return samples.through(network)
        with torch.autocast(self._kind, torch.bfloat16, enabled=self._halves):
            outputs = samples.through(network)
        return outputs.float() if outputs.dtype == torch.bfloat16 else outputs

    def _noisy(self, samples: Batch) -> Batch:
        """What D sees of samples: with the objective's noise, if it has some."""
        values, spread = samples.values, self.objective.noise
        if not spread:
            return samples
        normal = torch.randn(
            values.shape, generator=self._source, device=values.device, dtype=values.dtype
        )
        return samples._replace(values=values + spread * normal)

    def _update_d(self, real: Batch, fake: Batch) -> Figures:
        real = self._noisy(real)
        with self._drawing:
            on_real, on_fake = self._judge(real, fake)
            penalty = self.objective.penalty(
                lambda values: Batch(values, real.labels).through(self.discriminator),
                real.values,
                fake.values,
                uniform_like(real.values, self._source),
            )
        loss = self.objective.d_loss(on_real, on_fake)
        if penalty is not None:
            loss = loss + penalty.mean()
        descend(self.optimizers[1], loss)
        if self.objective.clip is not None:
            self._clip(self.objective.clip)
        return {
            "d_loss": loss.detach(),
            "d_real": self._mean(on_real),
            "d_fake": self._mean(on_fake),
        }

    def _judge(self, real: Batch, fake: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        if self._mixes:
            return self._passed(real, self.discriminator), self._passed(fake, self.discriminator)
        values = torch.cat([real.values, fake.values])
        labels = None
        if real.labels is not None and fake.labels is not None:
            labels = torch.cat([real.labels, fake.labels])
        outputs = self._passed(Batch(values, labels), self.discriminator)
        reals = len(outputs) * len(real.values) // len(values)  # which are fewer where D packs
        return outputs[:reals], outputs[reals:]

    @torch.no_grad()
    def _clip(self, limit: float) -> None:
        for parameter in self._learning:
            parameter.clamp_(-limit, limit)

    def _update_g(self, made: Batch, real: Batch) -> Figures:
        for parameter in self._learning:
            parameter.requires_grad_(False)
        with self._drawing:
            ahead = self.objective.unrolled_steps
            judge = self._ahead(made, self._noisy(real)) if ahead else self.discriminator
            outputs = self._passed(made, judge)
            if self.objective.paired:
                with torch.set_grad_enabled(bool(ahead)):
                    beside = self._passed(self._noisy(real), judge)
                loss = self.objective.g_loss_beside(outputs, beside)
            else:
                loss = self.objective.g_loss(outputs)
        descend(self.optimizers[0], loss)
        for parameter in self._learning:
            parameter.requires_grad_(True)
        return {"g_loss": loss.detach(), "d_fake_after": self._mean(outputs)}

    def _ahead(self, made: Batch, real: Batch) -> Judge:
        """D after the updates that the objective looks ahead."""

        def judge_with(parameters: Parameters) -> Judge:
            given = dict(zip(self._names, parameters, strict=True))
            return lambda *inputs: functional_call(self.discriminator, given, inputs)

        def loss(parameters: Parameters) -> torch.Tensor:
            judge = judge_with(parameters)
            return self.objective.d_loss(self._passed(real, judge), self._passed(made, judge))

        return judge_with(look_ahead(self._learning, loss, self.objective))

    @torch.no_grad()
    def _mean(self, outputs: torch.Tensor) -> torch.Tensor:
        return (torch.sigmoid(outputs) if self._odds else outputs).mean()


def moving_average(generator: nn.Module, settings: Settings) -> nn.Module:
    """The start of G's moving average: a copy that does not learn, or G itself without `ema`."""
    return deepcopy(generator).requires_grad_(False) if settings.ema else generator


@torch.no_grad()
def follow(mean: nn.Module, network: nn.Module, weight: float) -> None:
    """Move a moving average, unless it is the network itself, by a part of the way to that."""
    if mean is network:
        return
    for average, now in zip(mean.parameters(), network.parameters(), strict=True):
        average.lerp_(now, weight)
    for old, new in zip(mean.buffers(), network.buffers(), strict=True):
        old.copy_(new)


def uniform_like(samples: torch.Tensor, source: torch.Generator) -> Uniform:
    """What draws from U(0, 1) for each of some samples; see `Objective.penalty`."""

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(
            (len(samples), *shape), generator=source, device=samples.device, dtype=samples.dtype
        )

    return draw

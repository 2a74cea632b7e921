"""Games by autograd: of stacked perceptrons for any objective, and of modules of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.objectives.base import Objective
from gan_viz.objectives.slopes import stacked_losses
from gan_viz.training.compiling import linear_layers
from gan_viz.training.games import Game, by_objective, without_noise
from gan_viz.training.optimizers import make_optimizers, set_rates
from gan_viz.training.settings import Settings
from gan_viz.training.tensor_game import Batch, TensorGame, uniform_like
from gan_viz.training.unrolling import Parameters, look_ahead

Array = NDArray[np.float32]


class _Perceptrons(nn.Module):
    """Perceptrons of one architecture, each layer one tensor for all runs.

    The modules are as `gan_viz.training.compiling.is_stackable` takes them. Their parameters become
    views of those here, so that both change together.
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        super().__init__()
        layers = list(zip(*map(linear_layers, modules), strict=True))
        self.weights = nn.ParameterList(
            torch.stack([layer.weight.detach() for layer in each]) for each in layers
        )
        self.biases = nn.ParameterList(
            torch.stack([layer.bias.detach() for layer in each]).unsqueeze(-1) for each in layers
        )
        for each, weights, biases in zip(layers, self.weights, self.biases, strict=True):
            for layer, weight, bias in zip(each, weights.detach(), biases.detach(), strict=True):
                layer.weight.data, layer.bias.data = weight, bias.squeeze(-1)
        between = [part for part in modules[0].children() if not isinstance(part, nn.Linear)]
        self._activation: Callable[[torch.Tensor], torch.Tensor] = (
            between[0] if between else nn.Identity()
        )
        self._learning = list(zip(self.weights, self.biases, strict=True))

    def forward(
        self, x: torch.Tensor, runs: slice = slice(None), given: Parameters = ()
    ) -> torch.Tensor:
        """Map ``(runs, features, samples)``, by all networks or those of some runs.

        Other parameters may be given instead, in the order of `parameters`.
        """
        last = len(self._learning) - 1
        layers = zip(given[: last + 1], given[last + 1 :], strict=True) if given else self._learning
        for k, (weights, biases) in enumerate(layers):
            x = torch.baddbmm(biases[runs], weights[runs], x)
            x = x if k == last else self._activation(x)
        return x


class StackedGame(Game):
    """The game of plain perceptrons by autograd, for any objective and optimizer.

    Runs draw the random numbers of their penalties as each would alone. A step of a run alone
    differs from the same step beside others by the rounding of PyTorch's sums, at most; over many
    steps that grows.

    Networks are one a run, of one architecture; they stay current. Their moving averages are the
    generators themselves where none are kept. Objectives are one a run; equal ones are best next to
    one another. The `optimizers` are those of all G and of all D.
    """

    def __init__(
        self,
        generators: Sequence[nn.Module],
        discriminators: Sequence[nn.Module],
        g_emas: Sequence[nn.Module],
        objectives: Sequence[Objective],
        settings: Settings,
    ) -> None:
        self.settings = settings
        self._g, self._d = _Perceptrons(generators), _Perceptrons(discriminators)
        self._g_ema = _Perceptrons(g_emas) if settings.ema else None
        self._groups = [
            # each objective draws from a source of its own, as it would alone
            (objective, runs, torch.Generator().manual_seed(0))
            for objective, runs in by_objective(objectives)
        ]
        self._learning = list(self._g.parameters()), list(self._d.parameters())
        self.optimizers = make_optimizers(self._g, self._d, settings)

    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, Array]]:
        """Play one step, update by update; see `Game.updates`."""
        set_rates(self.optimizers, self.settings, self.settings.lr_multipliers(number))
        x, of_d = torch.from_numpy(real), len(real)
        z, noise = map(torch.as_tensor, without_noise(latents, self.settings))
        noise = noise.expand(len(z), *noise.shape[1:])
        for k in range(of_d - 1):
            with torch.no_grad():
                fake = self._noisy(self._g(z[k]) + noise[k])
            yield "d_loss", self._update_d(self._noisy(x[k]), fake)
        made = self._noisy(self._g(z[of_d - 1]) + noise[of_d - 1])  # serves both players
        yield "d_loss", self._update_d(self._noisy(x[-1]), made.detach())
        losses = self._update_g(made, x[-1])
        for k in range(of_d, len(z)):
            yield "g_loss", losses
            losses = self._update_g(self._noisy(self._g(z[k]) + noise[k]), x[-1])
        self._update_ema(self.settings.ema_weight(number))
        yield "g_loss", losses

    def _noisy(self, samples: torch.Tensor) -> torch.Tensor:
        """What D sees of samples: with the noise of the objectives that have some."""
        if not any(objective.noise for objective, *_ in self._groups):
            return samples
        shape = samples.shape[1:]
        return torch.cat(
            [
                samples[runs] + objective.noise * torch.randn(shape, generator=source)
                if objective.noise
                else samples[runs]
                for objective, runs, source in self._groups
            ]
        )

    def _update_d(self, real: torch.Tensor, fake: torch.Tensor) -> Array:
        n = real.shape[-1]
        outputs = self._d(torch.cat([real, fake], dim=-1)).transpose(1, 2)
        losses = torch.cat(
            [
                self._with_penalty(
                    stacked_losses(objective.d_loss, outputs[runs, :n], outputs[runs, n:]),
                    objective,
                    runs,
                    (real[runs], fake[runs]),
                    source,
                )
                for objective, runs, source in self._groups
            ]
        )
        self._apply(1, losses)
        self._clip()
        return losses.detach().numpy()

    def _with_penalty(
        self,
        losses: torch.Tensor,
        objective: Objective,
        runs: slice,
        samples: tuple[torch.Tensor, torch.Tensor],
        source: torch.Generator,
    ) -> torch.Tensor:
        """Add the penalties: what D's runs are shown as samples of one batch, run after run."""
        count, features, n = samples[0].shape
        of_one_run = uniform_like(samples[0][0].T, source)

        def discriminator(x: torch.Tensor) -> torch.Tensor:
            stacked = x.reshape(count, n, features).transpose(1, 2)
            outputs: torch.Tensor = self._d(stacked, runs)
            return outputs.reshape(count * n, 1)

        def draw(*shape: int) -> torch.Tensor:
            return of_one_run(*shape).repeat(count, *[1] * len(shape))

        flat = [each.transpose(1, 2).reshape(count * n, features) for each in samples]
        penalty = objective.penalty(discriminator, flat[0], flat[1], draw)
        return losses if penalty is None else losses + penalty.reshape(count, n).mean(1)

    @torch.no_grad()
    def _clip(self) -> None:
        for objective, runs, _ in self._groups:
            if objective.clip is not None:
                for parameter in self._learning[1]:
                    parameter[runs].clamp_(-objective.clip, objective.clip)

    def _update_g(self, made: torch.Tensor, real: torch.Tensor) -> Array:
        outputs = self._d(made).transpose(1, 2)
        losses = torch.cat(
            [
                self._g_losses_ahead(o, runs, made[runs], self._noisy(real)[runs])
                if o.unrolled_steps
                else stacked_losses(o.g_loss_beside, outputs[runs], self._beside(real, runs))
                if o.paired
                else stacked_losses(o.g_loss, outputs[runs])
                for o, runs, _ in self._groups
            ]
        )
        self._apply(0, losses)
        return losses.detach().numpy()

    @torch.no_grad()
    def _beside(self, real: torch.Tensor, runs: slice) -> torch.Tensor:
        """D's outputs on real samples, for G's loss on pairs."""
        outputs: torch.Tensor = self._d(self._noisy(real)[runs], runs)
        return outputs.transpose(1, 2)

    def _g_losses_ahead(
        self, objective: Objective, runs: slice, made: torch.Tensor, real: torch.Tensor
    ) -> torch.Tensor:
        """G's losses of some runs on D after the updates that the objective looks ahead."""

        def outputs(parameters: Parameters) -> tuple[torch.Tensor, torch.Tensor]:
            n = real.shape[-1]
            both = self._d(torch.cat([real, made], dim=-1), given=parameters).transpose(1, 2)
            return both[:, :n], both[:, n:]

        def loss(parameters: Parameters) -> torch.Tensor:
            return stacked_losses(objective.d_loss, *outputs(parameters)).sum()

        now = [parameter[runs] for parameter in self._learning[1]]
        on_real, on_made = outputs(look_ahead(now, loss, objective))
        if objective.paired:
            return stacked_losses(objective.g_loss_beside, on_made, on_real)
        return stacked_losses(objective.g_loss, on_made)

    def _apply(self, player: int, losses: torch.Tensor) -> None:
        """Update one player; the other gets no gradients, nor are they computed."""
        parameters = self._learning[player]
        gradients = torch.autograd.grad(losses.sum(), parameters, materialize_grads=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        self.optimizers[player].step()

    @torch.no_grad()
    def _update_ema(self, weight: float) -> None:
        if self._g_ema is not None:
            for mean, now in zip(self._g_ema.parameters(), self._learning[0], strict=True):
                mean.lerp_(now, weight)


class ModuleGame(Game):
    """The game of one run, for modules of any kind; see `gan_viz.training.tensor_game`."""

    def __init__(self, game: TensorGame) -> None:
        self._game = game
        self._device = next(game.generator.parameters()).device

    def updates(self, number: int, real: Array, latents: Array) -> Iterator[tuple[str, Array]]:
        """Play one step, update by update; see `Game.updates`."""
        z, noise = without_noise(latents, self._game.settings)
        latent_batches = self._batches(z)
        if self._game.settings.noise:
            added = self._batches(np.asarray(noise))
            latent_batches = [
                each._replace(noise=more.values)
                for each, more in zip(latent_batches, added, strict=True)
            ]
        for figures in self._game.updates(number, self._batches(real), latent_batches):
            name = "d_loss" if "d_loss" in figures else "g_loss"
            yield name, figures[name].reshape(1).cpu().numpy()

    def _batches(self, values: Array) -> list[Batch]:
        """Batches of the one run, sample by feature."""
        rows = torch.from_numpy(values[:, 0].swapaxes(1, 2)).to(self._device)
        return [Batch(batch.contiguous()) for batch in rows]

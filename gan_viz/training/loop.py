"""The loop: any number of GANs, trained side by side, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.errors import TrainingError, UsageError
from gan_viz.objectives.base import Objective
from gan_viz.training.games import Game, NumpyGame
from gan_viz.training.perceptrons import Perceptron, stack_of
from gan_viz.training.settings import Settings
from gan_viz.training.stacks import Stack

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[np.float32]
Network: TypeAlias = "nn.Module | Perceptron"
BLOCK = 64
"""Steps for which samples are drawn at once: one draw of many costs little more than one of few."""
TOGETHER = {"numpy": 16, "autograd": 64}
"""Most runs in one array. In NumPy, with more, what a layer leaves is no longer in the processor's
cache when the next one reads it."""


def _no_noise(n: int) -> Array:
    return np.zeros((n, 1), np.float32)


@dataclass(eq=False)
class Gan:
    """A GAN that can be trained: its networks, its objective, and where its samples come from."""

    generator: Network
    """Maps ``(batch, latent_dim)`` to ``(batch, 1)``. Where the game cannot be played in NumPy, a
    `Perceptron` gives way to a module."""
    discriminator: Network
    """Maps ``(batch, 1)`` to the raw outputs ``(batch, 1)`` that the objective is about; a
    `gan_viz.training.packing.Packed` where that has D judge several samples at once."""
    objective: Objective
    settings: Settings
    draw_real: Callable[[int], Array]
    """Shape (n, 1): fresh samples of the data, in single precision."""
    draw_latents: Callable[[int], Array]
    """Shape (n, latent_dim): fresh latents, in single precision."""
    draw_noise: Callable[[int], Array] = _no_noise
    """Shape (n, 1): fresh numbers from N(0, 1), in single precision; asked where the settings have
    noise."""
    g_ema: Network = field(init=False)
    """The moving average of G, or G itself where none is kept."""

    def __post_init__(self) -> None:
        networks = self.generator, self.discriminator
        without_torch = all(isinstance(each, Perceptron) and each.activation for each in networks)
        if not (without_torch and _is_plain(self)):
            self.generator, self.discriminator = (
                each.released() if isinstance(each, Perceptron) else each for each in networks
            )
        if isinstance(self.generator, Perceptron):
            self.g_ema = self.generator.copy() if self.settings.ema else self.generator
        else:
            from gan_viz.training.tensor_game import moving_average

            self.g_ema = moving_average(self.generator, self.settings)

    @property
    def learns_by_torch(self) -> bool:
        """Whether PyTorch is needed to train it."""
        return not isinstance(self.generator, Perceptron)

    def players(self) -> tuple[nn.Module, nn.Module]:
        """G and D as they play, for PyTorch; they change with these."""
        return _as_module(self.generator), _as_module(self.discriminator)

    def modules(self) -> tuple[nn.Module, nn.Module]:
        """The G that is drawn and D, as it judges one sample; they change with these."""
        judge = _as_module(self.discriminator)
        if self.objective.pack > 1:
            from gan_viz.training.packing import Packed

            assert isinstance(judge, Packed)
            judge = judge.one_by_one()
        return _as_module(self.g_ema), judge


class Update(NamedTuple):
    """What one update of one player gave."""

    number: int
    """The step it belongs to, from 1."""
    name: str
    """``"d_loss"`` or ``"g_loss"``."""
    loss: float
    """Of the player, before the update, in the objective's units (nats for the logistic ones)."""


class Training:
    """GANs trained side by side.

    GANs of one kind (see `kind_of`) are played as one game over stacked weights. Where that game is
    in NumPy, a run is bit for bit the same alone and beside others, to its last step. By autograd
    (objectives with a penalty, optimizers other than Adam) sums are rounded in another order; the
    game magnifies that, so a run is the same to 1e-4 or so for dozens of steps at first. After some
    hundred it is another run of the same game, as one of another seed would be.

    The GANs are not yet trained. Those of equal `sources` draw the same samples and latents, which
    the first of them draws; by default each draws its own. `made` counts the steps so far; `games`
    are what is played, for a look inside. Raises UsageError if the settings differ in more than the
    learning rates.

    Examples
    --------
    ::

        training = Training([gan])
        d_losses, g_losses = training.advance(100)
    """

    def __init__(self, gans: Sequence[Gan], sources: Sequence[Hashable] | None = None) -> None:
        self.gans, self.settings, self.made = list(gans), gans[0].settings, 0
        if len({gan.settings.without_rates() for gan in gans}) > 1:
            raise UsageError(
                f"{len(gans)} GANs side by side: expected the same settings for all, but for the "
                "learning rates; train those with other settings by themselves"
            )
        self._sources = list(range(len(gans))) if sources is None else list(sources)
        shares = _share_out(self.gans)
        self._batches = [runs for _, runs in shares]
        self.games = [_start(kind, [self.gans[run] for run in runs]) for kind, runs in shares]
        self._dealt: list[tuple[Array, Array]] = []

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Make some steps of every GAN, no more than are left.

        Returns losses of D and of G, each of shape (gans, steps); from the first that is not finite
        on, a run's are of no use.
        """
        losses = np.empty((2, len(self.gans), steps), np.float32)
        done = 0
        while done < steps:
            part = self._deal(steps - done)
            now = slice(done, done + part.stop - part.start)
            for runs, game, dealt in zip(self._batches, self.games, self._dealt, strict=True):
                losses[:, runs, now] = game.play(self.made, *(each[part] for each in dealt))
            self.made += now.stop - now.start
            done = now.stop
        return losses[0], losses[1]

    def updates(self) -> Iterator[Update]:
        """Train the only GAN to the end, one update of a player at each turn of iteration.

        Raises TrainingError if a loss is no longer finite.
        """
        (game,) = self.games
        while self.made < self.settings.steps:
            at = self._deal(1).start
            real, latents = (each[at] for each in self._dealt[0])
            for name, (loss,) in game.updates(self.made, real, latents):
                if not math.isfinite(loss):
                    raise stopped(self.made + 1, f"{name[0].upper()}'s loss is {loss:g}")
                yield Update(self.made + 1, name, float(loss))
            self.made += 1

    def _deal(self, most: int) -> slice:
        """Draw a block of samples where one begins; say what of it comes next, at most so much."""
        at = self.made % BLOCK
        if at == 0:
            drawn: dict[Hashable, tuple[Array, Array]] = {}
            for source, gan in zip(self._sources, self.gans, strict=True):
                if source not in drawn:
                    drawn[source] = _draw(gan, self.made)
            self._dealt = []
            for runs in self._batches:
                real, latents = zip(*(drawn[self._sources[run]] for run in runs), strict=True)
                self._dealt.append((np.stack(real, axis=2), np.stack(latents, axis=2)))
        return slice(at, min(at + most, BLOCK))


def kind_of(gan: Gan) -> Hashable:
    """What is alike in GANs that can be played as one game.

    That is ``("numpy" or "autograd", G, D, settings)``; None for one that has to be played alone,
    as its networks are no plain perceptrons.
    """
    networks = gan.generator, gan.discriminator
    in_numpy = _is_plain(gan)
    if not isinstance(gan.generator, Perceptron):
        from gan_viz.training.compiling import has_numpy_form, is_stackable

        modules = [_as_module(network) for network in networks]
        learning = all(p.requires_grad for module in modules for p in module.parameters())
        if not learning or not all(map(is_stackable, modules)):
            return None
        in_numpy &= all(map(has_numpy_form, modules))
    settings = gan.settings.without_rates() if in_numpy else gan.settings
    return "numpy" if in_numpy else "autograd", *map(str, networks), settings


def _is_plain(gan: Gan) -> bool:
    """Whether the rules of a game have a form in NumPy."""
    objective = gan.objective
    return gan.settings.optimizer == "adam" and not (
        objective.penalized or objective.paired or objective.noise or objective.unrolled_steps
    )


def _share_out(gans: Sequence[Gan]) -> list[tuple[Hashable, list[int]]]:
    """Which GANs make up each game, and of what kind they are: as many as are best in one array."""
    kinds = [kind_of(gan) for gan in gans]
    alone = [(kind, [run]) for run, kind in enumerate(kinds) if kind is None]
    stacked = [run for run, kind in enumerate(kinds) if kind is not None]
    first = {id(gan.objective): run for run, gan in reversed(list(enumerate(gans)))}
    stacked.sort(key=lambda run: (str(kinds[run]), first[id(gans[run].objective)]))
    shares: list[tuple[Hashable, list[int]]] = []
    for kind, alike in groupby(stacked, lambda run: kinds[run]):
        runs = list(alike)
        assert isinstance(kind, tuple)
        number = math.ceil(len(runs) / TOGETHER[kind[0]])
        bounds = [len(runs) * k // number for k in range(number + 1)]
        shares += [(kind, runs[start:end]) for start, end in pairwise(bounds)]
    return shares + alone


def _start(kind: Hashable, gans: Sequence[Gan]) -> Game:
    """Choose the fastest game for GANs of a kind; their networks stay current."""
    if isinstance(kind, tuple) and kind[0] == "numpy":
        return _start_in_numpy(gans)
    from gan_viz.training.autograd_game import ModuleGame, StackedGame
    from gan_viz.training.tensor_game import TensorGame

    settings = gans[0].settings
    networks = [tuple(map(_as_module, _networks(gan))) for gan in gans]
    objectives = [gan.objective for gan in gans]
    if len(gans) == 1:  # a stack of one was measured to be a sixth slower than plain modules
        ((g, d, g_ema),) = networks
        return ModuleGame(TensorGame(g, d, objectives[0], settings, g_ema=g_ema))
    g_all, d_all, g_emas = zip(*networks, strict=True)
    return StackedGame(g_all, d_all, g_emas, objectives, settings)


def _start_in_numpy(gans: Sequence[Gan]) -> NumpyGame:
    settings = [gan.settings for gan in gans]
    g, d, g_ema = zip(*map(_networks, gans), strict=True)
    mean = _stacked(g_ema) if settings[0].ema else None
    return NumpyGame(_stacked(g), _stacked(d), mean, [gan.objective for gan in gans], settings)


def _stacked(networks: Sequence[Network]) -> Stack:
    """The networks as one stack, on whose parameters they are from now on."""
    stack = Stack.of([stack_of(network) for network in networks])
    for run, network in enumerate(networks):
        if isinstance(network, Perceptron):
            network.bind(stack.theta[run : run + 1])
        else:
            from gan_viz.training.compiling import bind

            bind(network, stack, run)
    return stack


def _networks(gan: Gan) -> tuple[Network, Network, Network]:
    return gan.generator, gan.discriminator, gan.g_ema


def _as_module(network: Network) -> nn.Module:
    return network.module() if isinstance(network, Perceptron) else network


def _draw(gan: Gan, first: int) -> tuple[Array, Array]:
    """What the block that begins with a step is played on, as `Game.play` takes that of a run.

    Each of shape (steps, batches in a step, features, batch).
    """
    how = gan.settings
    real = _batches(gan.draw_real, how.d_steps, how.batch)
    latents = _batches(gan.draw_latents, how.latent_batches, how.batch)
    if not how.noise:
        return real, latents
    levels = np.array([how.noise_level(step) for step in range(first, first + BLOCK)], np.float32)
    noise = np.zeros((1, 1, 1, 1), np.float32)
    if levels[0]:
        noise = _batches(gan.draw_noise, how.d_steps + how.latent_batches, how.batch)
        noise *= levels[:, None, None, None]
    on_fake = np.broadcast_to(noise[:, -how.latent_batches :], (*latents.shape[:2], 1, how.batch))
    return real + noise[:, : how.d_steps], np.concatenate([latents, on_fake], axis=2)


def _batches(draw: Callable[[int], Array], number: int, batch: int) -> Array:
    shape = (BLOCK, number, batch)
    return draw(math.prod(shape)).reshape(*shape, -1).swapaxes(-1, -2)


def stopped(step: int, losses: str) -> TrainingError:
    """The error of a loss that is no longer finite, at a step counted from 1."""
    return TrainingError(
        f"step {step}: {losses}, so training cannot go on; try lower learning rates"
    )

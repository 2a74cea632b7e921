"""Models without a game: noise becomes data along a field that one network learns by regression.

Both kinds see data u (standardized, of deviation 1) mixed with noise e from N(0, 1),
``x = alpha(t) u + sigma(t) e``, and learn what the mean of u is, given x. A sample then solves an
ordinary differential equation from noise alone to data, whose slope the network gives.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.training.loop import stopped
from gan_viz.training.optimizers import descend, make_optimizer
from gan_viz.training.settings import Settings
from gan_viz.training.tensor_game import follow

Values = TypeVar("Values", torch.Tensor, NDArray[np.float64])
Slope = Callable[[Values, float], Values]
"""``dx/dt`` at places x and a time t."""
Draw = Callable[[int], NDArray[np.float32]]
BLOCK = 64
"""Steps for which samples are drawn at once."""


class Process(ABC):
    """A way from data to noise, and what its network learns on it."""

    name: ClassVar[str]
    formula: ClassVar[str]
    """What is minimized, for a header."""
    known_at_data: ClassVar[bool]
    """Whether the slope is known where no noise is left."""

    @abstractmethod
    def times(self, steps: int) -> NDArray[np.float64]:
        """The times at which a sample is on its way from noise to data, shape (steps + 1,)."""

    @abstractmethod
    def mixed(self, time: float) -> tuple[float, float]:
        """``alpha`` and ``sigma`` at a time: of the data, and of the noise."""

    @abstractmethod
    def draw_times(self, n: int, source: np.random.Generator) -> NDArray[np.float32]:
        """Times to learn at, shape (n, 1)."""

    @abstractmethod
    def loss(
        self, network: nn.Module, data: torch.Tensor, noise: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        """The mean square error of the network, all of shape (n, 1)."""

    @abstractmethod
    def slope(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """``dx/dt`` of the probability flow by the network, shape (n, 1)."""

    @abstractmethod
    def score(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """``d/dx log p_t(x)`` by the network, shape (n, 1), where there is noise."""


class Diffusion(Process):
    """Denoising score matching, preconditioned (Karras et al. 2022, https://arxiv.org/abs/2206.00364).

    ``x = u + sigma e``, the time is sigma itself. The denoiser is ``D(x) = c_skip x + c_out F(c_in
    x, log(sigma) / 4)`` (their equation 7 and table 1) and the score ``(D(x) - x) / sigma^2``; with
    the weights of their equation 8 the loss is the mean square of ``F - (u - c_skip x) / c_out``.
    All is for data of deviation 1: the noise levels to learn at have the logarithm N(-1.2 + log 2,
    1.2^2), twice those that they use for data of deviation 1/2. Noise goes from 80 down to 0.002
    (their equation 5, rho 7), and then to 0.
    """

    name = "diffusion"
    formula = "mean square of F(x; sigma) - (u - c_skip x) / c_out"
    known_at_data = False

    HIGHEST, LOWEST, RHO = 80.0, 0.002, 7.0
    MIDDLE, SPREAD = -1.2 + math.log(2), 1.2

    def times(self, steps: int) -> NDArray[np.float64]:
        """See `Process.times`."""
        ends = self.HIGHEST ** (1 / self.RHO), self.LOWEST ** (1 / self.RHO)
        return np.append(np.linspace(*ends, steps) ** self.RHO, 0.0)

    def mixed(self, time: float) -> tuple[float, float]:
        """See `Process.mixed`."""
        return 1.0, time

    def draw_times(self, n: int, source: np.random.Generator) -> NDArray[np.float32]:
        """See `Process.draw_times`."""
        logs = self.MIDDLE + self.SPREAD * source.standard_normal((n, 1), np.float32)
        return np.asarray(np.exp(logs), np.float32)

    def loss(
        self, network: nn.Module, data: torch.Tensor, noise: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        """See `Process.loss`."""
        x, square = data + times * noise, 1 + times**2
        wanted = (data - x / square) * (square.sqrt() / times)
        return (self._raw(network, x, times) - wanted).square().mean()

    def slope(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """See `Process.slope`."""
        return (x - self._denoised(network, x, time)) / time

    def score(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """See `Process.score`."""
        return (self._denoised(network, x, time) - x) / time**2

    def _denoised(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        square = 1 + time**2
        raw = self._raw(network, x, torch.full_like(x, time))
        return x / square + raw * (time / math.sqrt(square))

    @staticmethod
    def _raw(network: nn.Module, x: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        inputs = x / (1 + times**2).sqrt(), times.log() / 4
        outputs: torch.Tensor = network(torch.cat(inputs, dim=1))
        return outputs


class Flow(Process):
    """Flow matching on straight ways (Lipman et al. 2023, https://arxiv.org/abs/2210.02747).

    ``x = t u + (1 - t) e`` for t from 0, noise, to 1, data; the network gives the mean velocity
    ``v(x, t) = E[u - e | x]`` (their equation 23 with sigma_min 0). The score is ``(t v - x) /
    (1 - t)``.
    """

    name = "flow"
    formula = "mean square of v(x, t) - (u - e)"
    known_at_data = True

    def times(self, steps: int) -> NDArray[np.float64]:
        """See `Process.times`."""
        return np.linspace(0.0, 1.0, steps + 1)

    def mixed(self, time: float) -> tuple[float, float]:
        """See `Process.mixed`."""
        return time, 1.0 - time

    def draw_times(self, n: int, source: np.random.Generator) -> NDArray[np.float32]:
        """See `Process.draw_times`."""
        return source.random((n, 1), np.float32)

    def loss(
        self, network: nn.Module, data: torch.Tensor, noise: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        """See `Process.loss`."""
        x = times * data + (1 - times) * noise
        velocity: torch.Tensor = network(torch.cat([x, times], dim=1))
        return (velocity - (data - noise)).square().mean()

    def slope(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """See `Process.slope`."""
        outputs: torch.Tensor = network(torch.cat([x, torch.full_like(x, time)], dim=1))
        return outputs

    def score(self, network: nn.Module, x: torch.Tensor, time: float) -> torch.Tensor:
        """See `Process.score`."""
        return (time * self.slope(network, x, time) - x) / (1 - time)


def heun(x: Values, times: Sequence[float], slope: Slope[Values], ends: bool) -> Iterator[Values]:
    """Solve ``dx/dt = slope(x, t)`` by Heun's steps of second order; yield x at each of the times.

    The first of the times, which are the ends of the steps, is the beginning. `ends` says whether
    the slope is known at the last; else the last step is Euler's (Karras et al. 2022, algorithm 1).
    """
    yield x
    last = len(times) - 2
    for number in range(last + 1):
        here, there = float(times[number]), float(times[number + 1])
        first = slope(x, here)
        ahead = x + (there - here) * first
        if number < last or ends:
            ahead = x + (there - here) * 0.5 * (first + slope(ahead, there))
        x = ahead
        yield x


class Transport(nn.Module):
    """The map from latents to data that a process and its network make, in the data's units.

    The network maps (n, 2), a place and a time, to (n, 1); data is ``location + scale * u``. A
    sample takes so many of Heun's steps, each of which asks the network twice. `as_normal` makes
    latents normal; by default they are.
    """

    def __init__(
        self,
        network: nn.Module,
        process: Process,
        location: float = 0.0,
        scale: float = 1.0,
        steps: int = 18,
        as_normal: Callable[[NDArray[np.float32]], NDArray[np.float64]] | None = None,
    ) -> None:
        super().__init__()
        self.network, self.process = network, process
        self.location, self.scale, self.steps = location, scale, steps
        self._as_normal = as_normal

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Map latents (n, 1) to samples (n, 1), in double precision."""
        *_, samples = self.ways(z)
        return samples

    def ways(self, z: torch.Tensor) -> Iterator[torch.Tensor]:
        """Where the samples of latents are at each of `times`, each of shape (n, 1)."""
        if self._as_normal is not None:
            z = torch.from_numpy(self._as_normal(z.numpy()).astype(np.float32))
        start = z * math.hypot(*self.process.mixed(float(self.times[0])))
        for u in heun(start, self.times.tolist(), self._slope, self.process.known_at_data):
            yield self.location + self.scale * u.double()

    @property
    def times(self) -> NDArray[np.float64]:
        """Of the process, shape (steps + 1,)."""
        return self.process.times(self.steps)

    @property
    def levels(self) -> NDArray[np.float64]:
        """Alpha, shift and sigma at each time, shape (steps + 1, 3), in the data's units.

        See `gan_viz.analysis.noising.Level`.
        """
        mixed = np.array([self.process.mixed(time) for time in self.times.tolist()])
        alpha, sigma = mixed.T
        return np.column_stack([alpha, self.location * (1 - alpha), self.scale * sigma])

    def score(self, x: torch.Tensor, number: int) -> torch.Tensor:
        """The learnt score at the time of that number, in 1 / unit of the data, shape (n, 1)."""
        u = ((x.double() - self.location) / self.scale).float()
        return self.process.score(self.network, u, float(self.times[number])) / self.scale

    def _slope(self, u: torch.Tensor, time: float) -> torch.Tensor:
        return self.process.slope(self.network, u, time)


@dataclass(frozen=True)
class Lesson:
    """What a transport learns from."""

    draw_data: Draw
    draw_noise: Draw
    """``(n) -> ndarray``, shape (n, 1), single: of standardized data, and of N(0, 1)."""
    source: np.random.Generator
    """Of the times."""


def train_transport(
    transport: Transport, network: nn.Module, lesson: Lesson, how: Settings
) -> Iterator[tuple[int, dict[str, float]]]:
    """Train the network of a transport, one step at each turn of iteration.

    Yields the steps made so far, from 1, and the ``loss`` before the step. The transport's own
    network is the one that learns, or the moving average of it. Of the settings, `steps`, `batch`,
    `g_lr`, `betas`, `optimizer`, `decay` and `ema` count; the learning rate falls from `g_lr` to 0
    by half a cosine where `decay` is set. Raises TrainingError if a loss is no longer finite.
    """
    optimizer = make_optimizer(how.optimizer, network, how.g_lr, how.betas)
    for number, (data, noise, times) in enumerate(_batches(transport.process, lesson, how)):
        if how.decay:
            for group in optimizer.param_groups:
                group["lr"] = how.g_lr * 0.5 * (1 + math.cos(math.pi * number / how.steps))
        loss = transport.process.loss(network, data, noise, times)
        value = loss.item()
        if not math.isfinite(value):
            raise stopped(number + 1, f"the loss is {value:g}")
        descend(optimizer, loss)
        follow(transport.network, network, how.ema_weight(number))
        yield number + 1, {"loss": value}


def _batches(process: Process, lesson: Lesson, how: Settings) -> Iterator[Sequence[torch.Tensor]]:
    """Data, noise and times of each step, each of shape (batch, 1)."""
    for first in range(0, how.steps, BLOCK):
        block = min(BLOCK, how.steps - first)
        n = block * how.batch
        drawn = lesson.draw_data(n), lesson.draw_noise(n), process.draw_times(n, lesson.source)
        yield from zip(*(torch.from_numpy(each).split(how.batch) for each in drawn), strict=True)

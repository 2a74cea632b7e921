"""The toy without a game: a diffusion model or a flow, put together, trained, recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.seeds import streams, torch_source
from gan_viz.arguments import checked
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.errors import TrainingError, UsageError
from gan_viz.progress import Progress, Reporter
from gan_viz.registry import PROCESSES

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.hooks import Recorder
    from gan_viz.training.settings import Settings
    from gan_viz.training.transport import Lesson, Transport

USUAL: Mapping[str, Any] = {"steps": 3000, "batch": 512, "g_lr": 2e-3, "decay": True}
"""Settings unless others are asked for."""
TRANSPORT_OPTIONS = (
    *("latent", "hidden", "activations", "seed", "sampling_steps"),
    *("steps", "batch", "g_lr", "betas", "optimizer", "ema", "decay"),
)
"""What can be set about a model that plays no game."""
SAMPLING_STEPS = 18
REVERSE_STEPS = 72
"""Steps of the way from noise to data that is shown frame by frame."""


@dataclass(frozen=True)
class ToyTransport:
    """A toy diffusion model or flow ready to be trained.

    The `transport` is from latents to data, in the data's own units, and has the moving average of
    the `network` that learns, or the very network. The `header` is what a recording should tell.
    """

    transport: Transport
    network: nn.Module
    lesson: Lesson
    settings: Settings
    target: Distribution
    latent: Latent
    header: dict[str, Any]

    def steps(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Train, one step at each turn of iteration; see `train_transport`."""
        from gan_viz.training.transport import train_transport

        return train_transport(self.transport, self.network, self.lesson, self.settings)


@checked
def build_transport(
    data: Any = "gaussian",
    model: str = "diffusion",
    *,
    latent: str = "normal",
    hidden: Sequence[int] = (64, 64),
    activations: tuple[str | None, str | None] = (None, None),
    seed: int = 0,
    sampling_steps: int = SAMPLING_STEPS,
    **settings: Any,
) -> ToyTransport:
    """Put a toy diffusion model or flow together.

    Parameters
    ----------
    data : optional
        As `gan_viz.train` takes it.
    model : {"diffusion", "flow"}
        Name in `gan_viz.registry.PROCESSES`.
    latent : {"normal", "uniform"}
        Distribution of z, one number; a uniform one is taken at the same quantile of N(0, 1).
    hidden : sequence of int
        Widths of the hidden layers of the only network; (64, 64) has 4,417 parameters.
    activations : (str or None, None)
        Of the network; by default silu.
    seed : int
        Of weights, data, noise and times. The global random states are not touched.
    sampling_steps : int
        Heun's steps from noise to a sample, at least 2; each asks the network twice.
    **settings
        Fields of `gan_viz.training.Settings` that are to differ from `USUAL`: steps, batch, g_lr,
        betas, optimizer, ema, decay.

    Returns
    -------
    ToyTransport

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be learnt from.
    """
    from gan_viz.models import mlp
    from gan_viz.training.settings import Settings
    from gan_viz.training.tensor_game import moving_average
    from gan_viz.training.transport import Lesson, Transport

    if sampling_steps < 2:
        raise UsageError(f"sampling_steps {sampling_steps}: expected a whole number of at least 2")
    if activations[1] is not None:
        raise UsageError(f"activation {activations[1]} of D: the model {model} has no D")
    process, learnt, z = PROCESSES[model](), target(data), Latent(latent)
    how = Settings(**{**USUAL, **settings})
    of_data, of_noise, of_weights, of_times = streams(seed, 4)
    network = mlp(2, hidden, 1, activations[0] or "silu", torch_source(of_weights))
    location, scale = learnt.location, learnt.scale
    transport = Transport(
        moving_average(network, how),
        process,
        location,
        scale,
        sampling_steps,
        None if latent == "normal" else z.as_normal,
    )
    lesson = Lesson(
        lambda n: ((learnt.sample(n, of_data) - location) / scale).astype(np.float32)[:, None],
        lambda n: of_noise.standard_normal((n, 1), np.float32),
        of_times,
    )
    header = {
        "kind": "toy1d",
        "model": {"name": model, "formula": process.formula},
        "settings": {name: how.describe()[name] for name in (*USUAL, "betas", "optimizer", "ema")},
        "sampling_steps": sampling_steps,
        "scaling": {"location": location, "scale": scale, "bends": False},
        "networks": {model: str(network)},
        "seed": seed,
    }
    return ToyTransport(transport, network, lesson, how, learnt, z, header)


def train_transport_toy(
    data: Any,
    record: str | os.PathLike[str],
    model: str,
    *,
    reverse: bool = False,
    every: int | None = None,
    progress: Progress | None = None,
    options: Mapping[str, Any],
) -> Path:
    """Train a toy diffusion model or flow, and record it; see `gan_viz.train`.

    With `reverse` the way from noise to data of the trained model is recorded instead, a frame for
    each of its steps. Raises UsageError if a value cannot be used, or an option is one of a game.
    """
    from gan_viz.api.record import record_training
    from gan_viz.api.toy import frame_steps

    _check_options(model, options)
    if reverse and every is not None:
        raise UsageError(f"every {every}: expected none with reverse, which shows every step")
    steps = {"sampling_steps": REVERSE_STEPS} if reverse else {}
    toy = build_transport(data, model, **{**steps, **options})
    if reverse:
        return _record_reverse(toy, record, progress)
    recorder = _recorder(toy, record, frame_steps(toy.settings.steps, every))
    return record_training(
        recorder,
        toy.steps(),
        toy.settings.steps,
        progress,
        networks=[toy.network],
        shown={"loss": "loss"},
    )


def raced(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a race without those of the game; the steps are those of the GANs.

    Raises UsageError if the latents have several dimensions.
    """
    from gan_viz.api.toy import STEPS

    dim = options.get("latent_dim", 1)
    if dim != 1:
        raise UsageError(
            f"latent_dim {dim} in a race with {' or '.join(PROCESSES)}: expected 1, which they have"
        )
    taken = {name: value for name, value in options.items() if name in TRANSPORT_OPTIONS}
    if "activations" in taken:
        taken["activations"] = taken["activations"][0], None
    return {"steps": STEPS, **taken}


def record_transport(
    toy: ToyTransport, record: str | os.PathLike[str], stops: Sequence[int]
) -> Iterator[int]:
    """Train and record a toy of a race; yield the steps made.

    If a loss is no longer finite, the recording ends before that step, as unfinished.
    """
    from gan_viz.training.threads import suitable_threads

    with (
        suitable_threads(toy.network),
        suppress(TrainingError),
        _recorder(toy, record, stops) as recorder,
    ):
        for number, figures in toy.steps():
            recorder.step(**figures)
            yield number
    yield toy.settings.steps


def _check_options(model: str, options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name not in TRANSPORT_OPTIONS and not (name, value) == ("latent_dim", 1):
            raise UsageError(
                f"{name} {value!r}: the model {model} has one network and plays no game; expected "
                f"some of {', '.join(TRANSPORT_OPTIONS)}"
            )


def _recorder(
    toy: ToyTransport,
    record: str | os.PathLike[str],
    every: int | Sequence[int],
    way: OnTheWay | None = None,
) -> Recorder:
    """Record a training, or, given a way, the steps from noise to data."""
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.process import ProcessHook
    from gan_viz.hooks.scalars import ScalarsHook

    reverse = way is not None
    return Recorder(
        record,
        toy.transport,
        data=toy.target,
        latent=toy.latent,
        networks=way,
        every=every,
        hooks=[
            *([] if reverse else [ScalarsHook()]),
            DistributionHook(),
            ProcessHook(toy.transport, only=reverse),
        ],
        header={**toy.header, **({"clock": "sampling step"} if reverse else {})},
    )


def _record_reverse(
    toy: ToyTransport, record: str | os.PathLike[str], progress: Progress | None
) -> Path:
    """Train, and then record the steps from noise to data."""
    from gan_viz.training.threads import suitable_threads

    reporter = Reporter(progress, "training", toy.settings.steps)
    with suitable_threads(toy.network):
        for number, figures in toy.steps():
            if reporter.due(number):
                reporter.report(number, figures)
        way = OnTheWay(toy.transport)
        with _recorder(toy, record, 1, way) as recorder:
            for number in range(toy.transport.steps):
                way.number = number + 1
                recorder.step()
    return recorder.path


class OnTheWay:
    """Where the samples of latents are after a `number` of steps from noise to data."""

    judged = False

    def __init__(self, transport: Transport) -> None:
        self.number = 0
        self._transport, self._ways = transport, dict[int, list[NDArray[np.float64]]]()

    def generate(self, latents: NDArray[np.float32]) -> NDArray[np.float64]:
        """Places of shape (n,), of latents of shape (n, 1), the same ones for the same n."""
        import torch

        if len(latents) not in self._ways:
            with torch.no_grad():
                ways = self._transport.ways(torch.from_numpy(latents))
                self._ways[len(latents)] = [x.numpy().ravel() for x in ways]
        return self._ways[len(latents)][self.number]

    def judge(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """There is no D."""
        raise NotImplementedError

    def sample_gradient(self, latents: NDArray[np.float32]) -> NDArray[np.float64]:
        """There is no D."""
        raise NotImplementedError

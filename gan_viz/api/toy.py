"""The toy 1-D GAN: put together, trained, recorded."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.objectives import describe_objective, find_objective
from gan_viz.api.options import ToyOptions
from gan_viz.api.phases import PHASES, phase_frames, phase_header
from gan_viz.api.seeds import streams, torch_source
from gan_viz.api.stabilizers import STABILIZERS, optimization, stabilizer_names
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.errors import UsageError, reject_unknown
from gan_viz.progress import Progress

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.hooks import Recorder
    from gan_viz.objectives import Objective
    from gan_viz.training import Gan, Training

__all__ = ["Toy", "build_toy", "frame_steps", "toy_recorder", "train", "train_together"]

STEPS = 3000
STRETCH = 64
"""Steps after which a training stops at the latest, to report progress."""


@dataclass(frozen=True)
class Toy:
    """A toy GAN ready to be trained.

    Attributes
    ----------
    gan : Gan
        What `gan_viz.training.Training` trains.
    generator, discriminator : torch.nn.Module
        What is drawn, in the data's own units.
    target : Distribution
    latent : Latent
    header : dict
        What a recording should tell about the run.
    shift, scale : float
        The data is ``shift + scale * x`` for the x that the networks of `gan` learn.
    """

    gan: Gan
    generator: nn.Module
    discriminator: nn.Module
    target: Distribution
    latent: Latent
    header: dict[str, Any]
    shift: float
    scale: float


def train(
    data: Any = "gaussian",
    record: str | os.PathLike[str] = "run.ganviz",
    *,
    phases: bool = False,
    every: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[ToyOptions],
) -> Path:
    """Train the toy 1-D GAN and record it.

    Parameters
    ----------
    data : optional
        What is to be learnt, as `gan_viz.target` takes it: a short name, a scipy.stats
        expression, a frozen scipy.stats distribution, a data file, or values.
    record : path-like
        The recording to write, ``NAME.ganviz``.
    phases : bool
        Whether to show the two turns of the game one after the other, in a few slow rounds:
        `gan_viz.api.phases.PHASES` then stands in for what is not given, and the recording counts
        updates of either player.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on. With
        `phases`, rounds between those that are shown; by default there are about 20.
    progress : Progress, optional
        Told how far the training is.
    **options
        See `build_toy`: objective, latent, networks, stabilizers, steps, rates, seed. None is as
        if not given.

    Returns
    -------
    pathlib.Path
        The recording.

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be learnt from.
    TrainingError
        A loss is no longer finite; the recording holds everything up to there.
    """
    from gan_viz.api.record import record_training  # loads torch

    reject_unknown("train", options, ToyOptions.__annotations__)
    given = {name: value for name, value in options.items() if value is not None}
    toy = build_toy(data, **({**PHASES, **given} if phases else given))
    how = toy.gan.settings
    if phases:
        toy.header.update(phase_header(how))
    stops = phase_frames(how, every) if phases else frame_steps(how.steps, every)
    recorder = toy_recorder(toy, record, stops)
    networks = (toy.generator, toy.discriminator)
    steps = _updates(toy) if phases else _steps(toy, stops)
    return record_training(
        recorder,
        steps,
        how.steps,
        progress,
        networks=networks,
        in_step=phases,
        updates=how.d_steps + how.g_steps if phases else 1,
    )


def _steps(toy: Toy, stops: Sequence[int]) -> Iterator[tuple[int, dict[str, float]]]:
    """Train, and yield the losses of each step; where a frame is due, the networks are there."""
    from gan_viz.training import Training
    from gan_viz.training.loop import stopped

    for made, losses in _stretches(Training([toy.gan]), stops):
        for number, (of_d, of_g) in enumerate(losses[:, 0].T.tolist(), made + 1):
            if not math.isfinite(of_d + of_g):
                raise stopped(number, f"D's loss is {of_d:g} and G's is {of_g:g}")
            yield number, {"d_loss": of_d, "g_loss": of_g}


def _updates(toy: Toy) -> Iterator[tuple[int, dict[str, float]]]:
    """Train, and yield the loss of each update of one player."""
    from gan_viz.training import Training

    for number, name, loss in Training([toy.gan]).updates():
        yield number, {name: loss}


def _stretches(
    training: Training, stops: Sequence[int]
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Train from stop to stop; yield the steps made before, and the losses, (2, runs, steps)."""
    made = 0
    for stop in sorted({*stops, *range(STRETCH, stops[-1], STRETCH)}):
        yield made, np.asarray(training.advance(stop - made), np.float64)
        made = stop


def train_together(
    toys: Sequence[Toy],
    recorders: Sequence[Recorder],
    stops: Sequence[int],
    seeds: Sequence[int] | None = None,
) -> Iterator[int]:
    """Train toys with the same settings side by side, and record them.

    A toy whose loss is no longer finite is recorded up to there; its recorder is then closed, as
    unfinished, and the others go on.

    Parameters
    ----------
    toys : sequence of Toy
    recorders : sequence of Recorder
        From `toy_recorder`, in the same order.
    stops : sequence of int
        The steps of the frames, ascending, ending with the last step.
    seeds : sequence of int, optional
        Of the toys: those of equal seeds are trained on the same samples.

    Yields
    ------
    int
        Now and then the steps made of each.
    """
    from gan_viz.training import Training

    going = set(range(len(toys)))
    for made, losses in _stretches(Training([toy.gan for toy in toys], seeds), stops):
        finite = np.isfinite(losses[0] + losses[1])
        for run in sorted(going):
            good = int(np.argmin([*finite[run], False]))
            for d_loss, g_loss in losses[:, run, :good].T.tolist():
                recorders[run].step(d_loss=d_loss, g_loss=g_loss)
            if good < losses.shape[2]:
                going.discard(run)
                recorders[run].close(complete=False)  # its networks are of no use any more
        yield made + losses.shape[2]


def frame_steps(steps: int, every: int | None) -> list[int]:
    """The steps that a run has frames at, but for the first: ascending, ending with `steps`.

    Parameters
    ----------
    steps : int
        Of the run.
    every : int or None
        Between frames; by default there are about 200, closer together early on.

    Raises
    ------
    UsageError
        `every` is not a positive whole number.
    """
    from gan_viz.hooks.cadence import early_steps

    if every is not None and every < 1:
        raise UsageError(f"every {every}: expected a positive whole number of steps")
    frames = early_steps(steps) if every is None else range(every, steps + 1, every)
    return sorted({*frames, steps})


def toy_recorder(toy: Toy, record: str | os.PathLike[str], stops: Collection[int]) -> Recorder:
    """Start recording a toy that is ready to be trained, with frames after some steps."""
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.scalars import ScalarsHook
    from gan_viz.training.evaluating import NumpyNetworks

    gan, networks = toy.gan, None
    if NumpyNetworks.can_read(gan.g_ema, gan.discriminator):
        networks = NumpyNetworks(gan.g_ema, gan.discriminator, gan.objective, toy.shift, toy.scale)
    return Recorder(
        record,
        toy.generator,
        toy.discriminator,
        data=toy.target,
        latent=toy.latent,
        every=stops,
        hooks=[
            ScalarsHook(),
            DistributionHook(double=True, objective=gan.objective, networks=networks),
        ],
        header=toy.header,
    )


def build_toy(
    data: Any = "gaussian",
    *,
    objective: str | Objective = "non-saturating",
    r1: float = 0.0,
    latent: str = "normal",
    latent_dim: int = 1,
    hidden: Sequence[int] = (16, 16),
    activations: tuple[str | None, str | None] = (None, None),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    stabilizers: Collection[str] = tuple(STABILIZERS),
    seed: int = 0,
    steps: int = STEPS,
    **settings: Any,
) -> Toy:
    """Put the toy 1-D GAN together.

    Parameters
    ----------
    data : optional
        As `train` takes it.
    objective : str or Objective
        A name in `gan_viz.registry.OBJECTIVES`, or one's own.
    r1 : float
        Weight γ of the penalty R1; 0 for none.
    latent : {"normal", "uniform"}
        Distribution of z: N(0, 1) or U(-1, 1).
    latent_dim : int
        Features of z.
    hidden : sequence of int
        Widths of the hidden layers of G and D.
    activations : (str or None, str or None)
        Of G and of D, names in `gan_viz.models.ACTIVATIONS`; by default tanh and leaky_relu.
    generator, discriminator : torch.nn.Module, optional
        Networks of one's own instead: ``(batch, latent_dim)`` to ``(batch, 1)``, and ``(batch, 1)``
        to logits ``(batch, 1)``. They see standardized data if that stabilizer is on.
    stabilizers : collection of str
        Names in `STABILIZERS`; empty for the bare game.
    seed : int
        Of weights, data and latents, 0 or more. The global random states are not touched.
    steps : int
        Rounds of the game, in each of which G has its turn: updates of G, unless `g_steps` is set.
    **settings
        Fields of `gan_viz.training.Settings` that are to differ from what the stabilizers set:
        batch, d_steps, g_steps, g_lr, d_lr, betas, ema, decay, optimizer. None is as if not given.

    Returns
    -------
    Toy

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be learnt from.
    """
    from gan_viz.training import Gan, Settings

    learnt, z = target(data), Latent(latent, latent_dim)
    game_objective = find_objective(objective, r1, toy=True)
    names = stabilizer_names(stabilizers)
    given = {name: value for name, value in settings.items() if value is not None}
    how = Settings(**{**optimization(names), **given, "steps": steps})
    sources = streams(seed, 4)  # of data, latents, weights of G and weights of D
    shift, scale = (learnt.location, learnt.scale) if "standardize" in names else (0.0, 1.0)
    gan = Gan(
        *_networks(generator, discriminator, latent_dim, hidden, activations, sources[2:]),
        game_objective,
        how,
        lambda n: ((learnt.sample(n, sources[0]) - shift) / scale).astype(np.float32)[:, None],
        lambda n: z.sample(n, sources[1]),
    )
    return Toy(
        gan, *_in_units(gan, shift, scale), learnt, z, _header(gan, names, seed), shift, scale
    )


def _networks(
    generator: nn.Module | None,
    discriminator: nn.Module | None,
    latent_dim: int,
    hidden: Sequence[int],
    activations: tuple[str | None, str | None],
    sources: Sequence[np.random.Generator],
) -> tuple[nn.Module, nn.Module]:
    from gan_viz.models import mlp

    def default(inputs: int, activation: str, source: np.random.Generator) -> nn.Module:
        return mlp(inputs, hidden, 1, activation, torch_source(source))

    return (
        generator or default(latent_dim, activations[0] or "tanh", sources[0]),
        discriminator or default(1, activations[1] or "leaky_relu", sources[1]),
    )


def _in_units(gan: Gan, shift: float, scale: float) -> tuple[nn.Module, nn.Module]:
    """Wrap the networks that are drawn so that they speak the data's units."""
    import torch
    from torch import nn

    from gan_viz.models import Affine

    generator = nn.Sequential(gan.g_ema, Affine(shift, scale))
    discriminator = nn.Sequential(
        Affine(-shift / scale, 1 / scale, torch.float32), gan.discriminator
    )
    return generator, discriminator


def _header(gan: Gan, stabilizers: Collection[str], seed: int) -> dict[str, Any]:
    return {
        "kind": "toy1d",
        "objective": describe_objective(gan.objective),
        "settings": gan.settings.describe(),
        "stabilizers": {name: STABILIZERS[name] for name in stabilizers},
        "networks": {"generator": str(gan.generator), "discriminator": str(gan.discriminator)},
        "seed": seed,
    }

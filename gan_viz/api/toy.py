"""The toy 1-D GAN: put together, trained, recorded."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from gan_viz.api.objectives import describe_objective, find_objective
from gan_viz.api.options import ToyOptions
from gan_viz.api.phases import PHASES, phase_frames, phase_header
from gan_viz.api.progress import Progress
from gan_viz.api.stabilizers import STABILIZERS, optimization
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.errors import UsageError, reject_unknown

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.hooks import Recorder
    from gan_viz.objectives import Objective
    from gan_viz.training import Game, Settings, Training

__all__ = ["Toy", "build_toy", "toy_recorder", "train"]

STEPS = 3000
IN_ONE_DIMENSION: Mapping[str, Mapping[str, float]] = {
    "wgan": {"clip": 0.3},
    "wgan-gp": {"weight": 0.1},
}
"""Where the papers' own values, made for pictures, do not do: with their weight 10 the penalty is a
wall that the slope of D cannot cross to change its sign (see `gan_viz.objectives.wgan_gp`), and
weights up to 0.01 make a critic too flat to follow."""


@dataclass(frozen=True)
class Toy:
    """A toy GAN ready to be trained.

    Attributes
    ----------
    training : Training
        Iterating over it trains.
    generator, discriminator : torch.nn.Module
        What is drawn, in the data's own units.
    target : Distribution
    latent : Latent
    header : dict
        What a recording should tell about the run.
    """

    training: Training
    generator: nn.Module
    discriminator: nn.Module
    target: Distribution
    latent: Latent
    header: dict[str, Any]


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
    from gan_viz.hooks.cadence import early_steps

    reject_unknown("train", options, ToyOptions.__annotations__)
    given = {name: value for name, value in options.items() if value is not None}
    toy = build_toy(data, **({**PHASES, **given} if phases else given))
    how = toy.training.settings
    stops: int | Collection[int]
    if phases:
        toy.header.update(phase_header(how))
        stops = phase_frames(how, every)
    else:
        stops = early_steps(how.steps) if every is None else every
    recorder = toy_recorder(toy, record, stops)
    steps = _updates(toy) if phases else _steps(toy)
    networks = (toy.generator, toy.discriminator)
    return record_training(recorder, steps, how.steps, progress, networks=networks)


def toy_recorder(
    toy: Toy, record: str | os.PathLike[str], every: int | Collection[int]
) -> Recorder:
    """Start recording a toy that is ready to be trained.

    Parameters
    ----------
    toy : Toy
    record : path-like
        The recording to write.
    every : int or collection of int
        Steps between frames, or the very steps to take one at.

    Returns
    -------
    Recorder
    """
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.scalars import ScalarsHook

    return Recorder(
        record,
        toy.generator,
        toy.discriminator,
        data=toy.target,
        latent=toy.latent,
        every=every,
        hooks=[
            ScalarsHook(),
            DistributionHook(double=True, output=toy.header["objective"]["output"]),
        ],
        header=toy.header,
    )


def _steps(toy: Toy) -> Iterator[tuple[int, dict[str, float]]]:
    for number, d_loss, g_loss in toy.training:
        yield number, {"d_loss": d_loss, "g_loss": g_loss}


def _updates(toy: Toy) -> Iterator[tuple[int, dict[str, float]]]:
    for number, name, loss in toy.training.updates():
        yield number, {name: loss}


def build_toy(
    data: Any = "gaussian",
    *,
    objective: str = "non-saturating",
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
    objective : str
        A name in `gan_viz.registry.OBJECTIVES`.
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
        batch, d_steps, g_steps, g_lr, d_lr, betas, average, decay. None is as if not given.

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
    from gan_viz.training import Settings, Training, start_game

    learnt, z = target(data), Latent(latent, latent_dim)
    game_objective = find_objective(objective, r1, **IN_ONE_DIMENSION.get(objective, {}))
    given = {name: value for name, value in settings.items() if value is not None}
    how = Settings(**{**optimization(stabilizers), **given, "steps": steps})
    streams = _streams(seed)
    shift, scale = (learnt.location, learnt.scale) if "standardize" in stabilizers else (0.0, 1.0)
    networks = _networks(generator, discriminator, latent_dim, hidden, activations, streams)
    game = start_game(*networks, game_objective, how)
    training = Training(
        game,
        lambda n: ((learnt.sample(n, streams[0]) - shift) / scale).astype(np.float32)[:, None],
        lambda n: z.sample(n, streams[1]),
        how,
    )
    header = _header(game, game_objective, how, stabilizers, seed)
    return Toy(training, *_in_units(game, shift, scale), learnt, z, header)


def _streams(seed: int) -> list[np.random.Generator]:
    """Independent sources: data, latents, weights of G, weights of D."""
    if seed < 0:
        raise UsageError(f"seed {seed}: expected a whole number of at least 0")
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4)]


def _networks(
    generator: nn.Module | None,
    discriminator: nn.Module | None,
    latent_dim: int,
    hidden: Sequence[int],
    activations: tuple[str | None, str | None],
    streams: Sequence[np.random.Generator],
) -> tuple[nn.Module, nn.Module]:
    import torch

    from gan_viz.models import mlp

    def default(inputs: int, activation: str, stream: np.random.Generator) -> nn.Module:
        source = torch.Generator().manual_seed(int(stream.integers(2**63)))
        return mlp(inputs, hidden, 1, activation, source)

    return (
        generator or default(latent_dim, activations[0] or "tanh", streams[2]),
        discriminator or default(1, activations[1] or "leaky_relu", streams[3]),
    )


def _in_units(game: Game, shift: float, scale: float) -> tuple[nn.Module, nn.Module]:
    """Wrap the networks that are drawn so that they speak the data's units."""
    import torch
    from torch import nn

    from gan_viz.models import Affine

    generator = nn.Sequential(game.drawn, Affine(shift, scale))
    discriminator = nn.Sequential(
        Affine(-shift / scale, 1 / scale, torch.float32), game.discriminator
    )
    return generator, discriminator


def _header(
    game: Game, objective: Objective, settings: Settings, stabilizers: Collection[str], seed: int
) -> dict[str, Any]:
    return {
        "kind": "toy1d",
        "objective": describe_objective(objective),
        "settings": settings.describe(),
        "stabilizers": {name: STABILIZERS[name] for name in stabilizers},
        "networks": {"generator": str(game.generator), "discriminator": str(game.discriminator)},
        "seed": seed,
    }

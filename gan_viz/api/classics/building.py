"""Classic demonstrations put together from their descriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_viz.api.classics.base import Appearance, Classic, Latents
from gan_viz.api.objectives import describe_objective, find_objective
from gan_viz.distributions import Distribution, target
from gan_viz.errors import UsageError
from gan_viz.registry import CLASSICS

if TYPE_CHECKING:
    import torch
    from torch import nn

    from gan_viz.objectives import Objective
    from gan_viz.training import Settings
    from gan_viz.training.classics import TurnGame
    from gan_viz.training.tensor_game import Batch
    from gan_viz.training.tensor_loop import TensorTraining

__all__ = ["Demonstration", "build_classic"]

OWN = ("data", "objective", "r1", "latent", "hidden", "activations")
SETTINGS = ("batch", "d_steps", "g_lr", "d_lr", "betas", "optimizer", "ema", "decay")
"""What can be overridden: parts of a demonstration, and fields of `gan_viz.training.Settings`."""


@dataclass(frozen=True)
class Demonstration:
    """A classic demonstration ready to be trained.

    Attributes
    ----------
    training : TensorTraining
        Iterating over it trains.
    game : TurnGame
    target : Distribution
    latents : Latents
    look : Appearance
        How its authors draw it; in the header, too.
    header : dict
        What a recording should tell about the run.
    """

    training: TensorTraining
    game: TurnGame
    target: Distribution
    latents: Latents
    look: Appearance
    header: dict[str, Any]


def build_classic(
    name: str, *, steps: int | None = None, seed: int | None = None, **overrides: Any
) -> Demonstration:
    """Put a classic 1-D demonstration together.

    Parameters
    ----------
    name : str
        A name in `gan_viz.registry.CLASSICS`.
    steps : int, optional
        Updates of G; by default as many as the authors make.
    seed : int, optional
        Of weights, data and latents, 0 or more; by default one at which it goes as its authors
        show it.
    **overrides
        What is to differ from the original; None is as if not given. ``data``, as `gan_viz.target`
        takes it. ``objective`` and ``r1``, as of `gan_viz.api.objectives.find_objective`: with
        another objective D ends with its last linear layer and is not trained before the game.
        ``latent``, ``"normal"`` or ``"uniform"``. ``hidden`` and ``activations``, as of
        `gan_viz.models.classics.Architecture.build`. Any field of `gan_viz.training.Settings`.

    Returns
    -------
    Demonstration

    Raises
    ------
    UnknownNameError
        There is no such demonstration, or another name is unknown.
    UsageError
        A value cannot be used, or something is given that cannot be overridden.
    DataError
        The data cannot be learnt from.
    """
    from gan_viz.training import Settings
    from gan_viz.training.classics import TurnGame
    from gan_viz.training.tensor_loop import TensorTraining

    classic: Classic = CLASSICS[name]
    given = _checked(name, overrides)
    chosen = {key: given[key] for key in SETTINGS if key in given}
    how = Settings(**{**classic.settings, **chosen, **({} if steps is None else {"steps": steps})})
    learnt = target(given.get("data", classic.data))
    latents = Latents(given["latent"]) if "latent" in given else classic.latents
    look = classic.look.elsewhere() if "data" in given else classic.look
    seed = classic.seed if seed is None else seed
    streams = _streams(seed)
    objective, own = _objective(classic, given)
    sources = _torch(streams[2]), _torch(streams[3])
    shape = given.get("hidden"), given.get("activations")
    networks = classic.networks.build(sources, *shape, head=own)
    if classic.pretraining and own:
        window = look.xlim or learnt.window
        points = _points(learnt, window, how.batch, streams[0])
        _pretrain(networks[1], islice(points, classic.pretraining), how)
    of_d = "D" * how.d_steps
    turns = "G" + of_d if classic.g_first else of_d + "G"
    game = TurnGame(*networks, objective, how, turns, classic.schedule, _torch(streams[4]))
    training = TensorTraining(
        game,
        _batches(learnt, how.batch, streams[0], classic.ordered),
        lambda n: _batch(latents.draw(n, streams[1])),
        replace(how, d_steps=len(turns)),  # samples are drawn for every turn
    )
    header = _header(classic, game, seed)
    if not {"data", "objective"} & given.keys():
        header["title"] = classic.title
    header |= {"latent": latents.describe(), "look": look.describe()}
    return Demonstration(training, game, learnt, latents, look, header)


def _checked(name: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in overrides.items() if value is not None}
    for key in given:
        if key not in (*OWN, *SETTINGS):
            raise UsageError(
                f"{key} cannot be overridden in the preset {name!r}: expected steps, seed, "
                f"{', '.join((*OWN, *SETTINGS))}"
            )
    return given


def _streams(seed: int) -> list[np.random.Generator]:
    """Independent sources: data, latents, weights of G, weights of D, penalties."""
    if seed < 0:
        raise UsageError(f"seed {seed}: expected a whole number of at least 0")
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]


def _torch(stream: np.random.Generator) -> torch.Generator:
    import torch

    return torch.Generator().manual_seed(int(stream.integers(2**63)))


def _objective(classic: Classic, given: Mapping[str, Any]) -> tuple[Objective, bool]:
    """The objective, and whether it is the demonstration's own."""
    from gan_viz.objectives.r1 import R1

    r1 = given.get("r1", 0.0)
    if "objective" in given:
        return find_objective(given["objective"], r1, toy=True), False
    return (R1(classic.objective(), r1) if r1 else classic.objective()), True


def _batch(values: Any) -> Batch:
    import torch

    from gan_viz.training.tensor_game import Batch

    return Batch(torch.from_numpy(values))


def _batches(
    learnt: Distribution, n: int, source: np.random.Generator, ordered: bool
) -> Iterator[Batch]:
    """Batches of the data, for ever."""
    arrange: Callable[[Any], Any] = np.sort if ordered else np.asarray
    while True:
        yield _batch(arrange(learnt.sample(n, source)).astype(np.float32)[:, None])


def _points(
    learnt: Distribution, window: tuple[float, float], n: int, source: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of places all over a window and of the density there, for ever."""
    while True:
        x = source.uniform(*window, (n, 1))
        inputs, wanted = (_batch(v.astype(np.float32)) for v in (x, learnt.pdf(x)))
        yield inputs.values, wanted.values


def _pretrain(
    discriminator: nn.Sequential,
    points: Iterable[tuple[torch.Tensor, torch.Tensor]],
    how: Settings,
) -> None:
    """Fit D, without the clamp that ends it, to a density."""
    from gan_viz.training.classics import fit
    from gan_viz.training.optimizers import make_optimizer

    optimizer = make_optimizer(how.optimizer, discriminator, how.d_lr, how.betas)
    fit(discriminator[:-1], points, optimizer)


def _header(classic: Classic, game: TurnGame, seed: int) -> dict[str, Any]:
    return {
        "kind": "toy1d",
        "preset": classic.name,
        "source": classic.source,
        "objective": describe_objective(game.objective),
        "settings": game.settings.describe(),
        "turn_order": game.turns,
        "schedule": asdict(classic.schedule),
        "networks": {"generator": str(game.generator), "discriminator": str(game.discriminator)},
        "seed": seed,
    }

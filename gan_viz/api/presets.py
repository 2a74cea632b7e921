"""Four well-known 1-D demonstrations, trained as their authors do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_viz.api.objectives import describe_objective, find_objective, judging_each
from gan_viz.api.options import PresetOptions, SettingOptions
from gan_viz.api.record import record_training
from gan_viz.api.seeds import streams, torch_source
from gan_viz.arguments import checked
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.errors import reject_unknown
from gan_viz.hooks import Recorder
from gan_viz.hooks.cadence import early_steps
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.models import classics as architectures
from gan_viz.objectives.base import Objective, Output
from gan_viz.objectives.non_saturating import NonSaturating
from gan_viz.objectives.r1 import R1
from gan_viz.objectives.wgan_gp import PenalizedWasserstein
from gan_viz.progress import Progress
from gan_viz.registry import CLASSICS
from gan_viz.training import Settings
from gan_viz.training.classics import TurnGame, fit
from gan_viz.training.optimizers import make_optimizer
from gan_viz.training.tensor_game import Batch
from gan_viz.training.tensor_loop import TensorTraining

OF_PLACE_AND_SCALE = ("xlim", "ylim", "span", "common")
"""Parts of a look that suit the authors' data alone."""


class Probabilities(Objective):
    """The non-saturating game of a D that ends with a probability ``p``, not with a logit.

    ``L_D = -E[log max(p_r, c)] - E[log max(1 - p_f, c)]`` and ``L_G = -E[log max(p_f, c)]``, after
    Goodfellow et al. (2014), section 3. What is cut off at ``c``, the bound `least`, has no
    gradient: G learns nothing from a D that is that sure. The bound is 0 where D itself stays away
    from 0 and 1.
    """

    name = NonSaturating.name
    formula = NonSaturating.formula
    equilibrium = NonSaturating.equilibrium
    output: Output = "probability"

    def __init__(self, least: float = 0.0) -> None:
        self.least = least

    def d_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """``-E[log max(p_r, c)] - E[log max(1 - p_f, c)]``."""
        return -self._log(real).mean() - self._log(1 - fake).mean()

    def g_loss(self, fake: torch.Tensor) -> torch.Tensor:
        """``-E[log max(p_f, c)]``."""
        return -self._log(fake).mean()

    def _log(self, p: torch.Tensor) -> torch.Tensor:
        return p.clamp(min=self.least).log()


@dataclass(frozen=True)
class Schedule:
    """Learning rates of both players, multiplied by `factor` after every `period` of `unit`."""

    factor: float = 1.0
    period: int = 1
    unit: str = "step"
    """``step`` or ``turn``: a turn is an update of either player."""

    def __call__(self, step: int, turn: int) -> float:
        """The learning-rate multiplier after so many steps and turns."""
        made = {"step": step, "turn": turn}[self.unit]
        return float(self.factor ** (made // self.period))


@dataclass(frozen=True)
class LatentSampling:
    """The latents that a demonstration learns on, and those that it is drawn at.

    Examples
    --------
    >>> LatentSampling("uniform", reach=8.0, drawn=3).fixed().ravel()
    array([-8.,  0.,  8.], dtype=float32)
    """

    kind: str = "uniform"
    """``normal`` or ``uniform``."""
    reach: float = 1.0
    """Uniform latents lie between minus and plus this."""
    jitter: float | None = None
    """Where given, a batch is evenly spaced over the reach and each latent moved up by U(0,
    jitter): a stratified sample that comes sorted. Else latents are independent."""
    drawn: int = 1024
    """How many G is drawn at: evenly spaced, both ends included, where latents are uniform;
    quantiles where they are normal."""

    def __post_init__(self) -> None:
        Latent(self.kind)  # raises where the kind is unknown

    def draw(self, n: int, source: np.random.Generator) -> NDArray[np.float32]:
        """Draw a batch, shape (n, 1)."""
        if self.jitter is None:
            return np.float32(self.reach) * Latent(self.kind).sample(n, source)
        z = self._even(n) + self.jitter * source.random(n)
        return z.astype(np.float32)[:, None]

    def fixed(self) -> NDArray[np.float32]:
        """The latents that G is drawn at, shape (drawn, 1), ascending."""
        if self.kind == "normal":
            return Latent(self.kind).stratified(self.drawn)
        return self._even(self.drawn).astype(np.float32)[:, None]

    def describe(self) -> dict[str, Any]:
        """The entry ``latent`` of a recording's header."""
        described = Latent(self.kind).describe()
        return described if self.kind == "normal" else {**described, "reach": self.reach}

    def _even(self, n: int) -> NDArray[np.float64]:
        return np.linspace(-self.reach, self.reach, n)


@dataclass(frozen=True)
class Preset:
    """A demonstration, in the values that its authors publish."""

    name: str
    """The name in `gan_viz.registry.CLASSICS`."""
    title: str
    """For a picture."""
    source: str
    """Who published it, and where."""
    networks: architectures.Architecture
    data: str
    """As `gan_viz.target` takes it."""
    latents: LatentSampling
    objective: Callable[[], Objective]
    settings: Mapping[str, Any]
    """Fields of `gan_viz.training.Settings`."""
    look: Mapping[str, Any]
    """How the authors draw it: ``density`` (``histogram`` or ``kde``) of G's samples; ``xlim`` and
    ``ylim``; ``bins`` of the histogram, and the ``span`` that they divide (by default from the
    least sample to the greatest); whether p_data is ``dashed``, and the areas below the densities
    are ``shaded``; ``critic``, what its least and greatest value are scaled to; whether D is on the
    ``common`` scale of the densities; the ``panels``, if there are others than the densities; and
    their ``words``."""
    ordered: bool = False
    """Whether each batch of the data is sorted. No loss can tell."""
    g_first: bool = False
    """Whether a step begins with the turn of G, and not with those of D."""
    schedule: Schedule = Schedule()
    """Of the learning rates."""
    pretraining: int = 0
    """Updates of D before the game, which fit its output before the last layer of its head to the
    density of the data by squared error."""
    seed: int = 0
    """At which it goes as its authors show it; at others these small networks may fail."""
    reliability: str = ""
    """What share of other seeds go as it does, as `benchmarks/recipes.py` finds it; or how long it
    takes."""
    departures: str = ""
    """What the picture has other than the authors' has."""

    @property
    def about(self) -> str:
        """Where it comes from, and what to expect of it, in a few lines."""
        return "; ".join(filter(None, [self.source, self.reliability, self.departures]))


RADFORD = Preset(
    name="radford",
    title="GAN learning a Gaussian",
    source="Alec Radford 2015, an animation and its Theano script",
    networks=architectures.RADFORD,
    data="norm(1, 1)",
    latents=LatentSampling("uniform", drawn=500),
    objective=NonSaturating,
    # 1000 steps of ten turns are the script's 10,000 iterations
    settings={"steps": 1000, "batch": 128, "d_steps": 9, "g_lr": 1e-3, "d_lr": 1e-3},
    look={"density": "kde", "xlim": [-5, 5], "ylim": [0, 1], "dashed": True, "common": True},
    g_first=True,
    schedule=Schedule(0.9999, 1, "turn"),
    reliability="takes ten minutes on two cores (--steps 200 shortens it)",
)

JANG = Preset(
    name="jang",
    reliability="9 of 10 seeds end on the data (W1 below its deviation)",
    title="Generative adversarial nets in TensorFlow",
    source="Eric Jang 2016, https://blog.evjang.com/2016/06/generative-adversarial-nets-in.html",
    networks=architectures.JANG,
    data="norm(-1, 1)",
    latents=LatentSampling("uniform", reach=5.0, jitter=0.01, drawn=1000),
    objective=Probabilities,
    settings={
        "steps": 10_000,
        "batch": 200,
        "g_lr": 1e-3,
        "d_lr": 1e-3,
        "optimizer": "sgd",
        "betas": (0.6, 0.999),
    },
    look={"density": "histogram", "bins": 10, "xlim": [-5, 5], "ylim": [0, 1.1], "common": True},
    ordered=True,
    schedule=Schedule(0.95, 2500),
    pretraining=1000,
    departures="the original draws shares of its samples, here bins are densities, of area 1",
)

AYLIEN = Preset(
    name="aylien",
    title="1D generative adversarial network",
    source="John Glover 2016, https://github.com/AYLIEN/gan-intro",
    networks=architectures.AYLIEN,
    data="norm(4, 0.5)",
    latents=LatentSampling("uniform", reach=8.0, jitter=0.01, drawn=10_000),
    objective=partial(Probabilities, 1e-5),
    settings={"steps": 5000, "batch": 8, "g_lr": 1e-3, "d_lr": 1e-3},
    look={
        "density": "histogram",
        "bins": 99,
        "span": [-8, 8],
        "xlim": [-6, 6],
        "ylim": [0, 1.4],
        "common": True,
        "words": {
            "data": "real data",
            "generated": "generated data",
            "discriminator": "decision boundary",
            "density": "probability density",
        },
    },
    ordered=True,
    seed=1,
    reliability="7 of 10 seeds end on the data (W1 below its deviation); at others G stays away",
    departures="the original draws a histogram of real samples, here p_data is exact",
)

KREMERJ = Preset(
    name="kremerj",
    title="1D generative adversarial network example (WGAN-GP)",
    source="Jan Kremer 2017, https://github.com/kremerj/gan",
    networks=architectures.KREMERJ,
    data="norm(4, 0.5)",
    latents=LatentSampling("normal"),
    objective=partial(PenalizedWasserstein, 0.1),
    settings={
        "steps": 1450,
        "batch": 64,
        "d_steps": 5,
        "g_lr": 1e-3,
        "d_lr": 1e-3,
        "betas": (0.5, 0.9),
    },
    look={
        "density": "kde",
        "shaded": True,
        "critic": [0, 1],
        "xlim": [-8, 8],
        "ylim": [0, 1],
        "panels": ["losses(critic=yes)", "density"],
        "words": {
            "data": "real data",
            "generated": "generated data",
            "critic": "critic (normalized)",
            "density": "probability density",
        },
    },
    seed=173,
    reliability="6 of 10 seeds end on the data (W1 below its deviation)",
    departures="the original estimates p_data by kernels, too, and does not smooth the loss",
)


@checked
def train_classic(
    name: str,
    record: str | os.PathLike[str] = "run.ganviz",
    *,
    progress: Progress | None = None,
    every: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    **overrides: Unpack[PresetOptions],
) -> Path:
    """Train a classic 1-D demonstration as its authors do and record it.

    Parameters
    ----------
    name : {"aylien", "jang", "kremerj", "radford"}
        A name in `gan_viz.registry.CLASSICS`.
    record : path-like
        The recording to write, ``NAME.ganviz``.
    progress : Progress, optional
        Told how far the training is.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on.
    steps : int, optional
        Updates of G; by default as many as the authors make.
    seed : int, optional
        Of weights, data and latents, 0 or more; by default one at which it goes as its authors
        show it. The global random states are not touched.
    **overrides
        See `build_preset`: what is to differ from the original.

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
    built = build_preset(name, steps=steps, seed=seed, **overrides)
    game, total = built.game, built.game.settings.steps
    xlim = tuple(built.look["xlim"]) if "xlim" in built.look else None
    fixed = built.latents.fixed()
    distribution = DistributionHook(interval=xlim, z=fixed, objective=game.objective)
    recorder = Recorder(
        record,
        game.g_ema,
        game.discriminator,
        data=built.target,
        latent=Latent(built.latents.kind),
        steps=total,
        every=early_steps(total) if every is None else every,
        hooks=[ScalarsHook(), distribution],
        header=built.header,
    )
    losses = (
        (number, {name: figures[name].item() for name in ("d_loss", "g_loss")})
        for number, figures in built.training
    )
    small = (game.generator, game.discriminator)
    return record_training(recorder, losses, total, progress, networks=small)


@dataclass(frozen=True)
class BuiltPreset:
    """A demonstration ready to be trained."""

    training: TensorTraining
    """Iterating over it trains."""
    game: TurnGame
    target: Distribution
    latents: LatentSampling
    look: Mapping[str, Any]
    """As `Preset` has it."""
    header: dict[str, Any]
    """What a recording should tell about the run."""


@checked
def build_preset(
    name: str,
    *,
    steps: int | None = None,
    seed: int | None = None,
    **overrides: Unpack[PresetOptions],
) -> BuiltPreset:
    """Put a classic 1-D demonstration together.

    Raises UnknownNameError if there is no such demonstration, or another name is unknown;
    UsageError if a value cannot be used, or something is given that cannot be overridden; DataError
    if the data cannot be learnt from.

    Parameters
    ----------
    name, steps, seed
        As `train_classic` takes them.
    **overrides
        What is to differ from the original; None is as if not given. ``data``, as `gan_viz.target`
        takes it. ``objective`` and ``r1``, as of `gan_viz.api.objectives.find_objective`: with
        another objective D ends with its last linear layer and is not trained before the game.
        ``latent``, ``"normal"`` or ``"uniform"``. ``hidden`` and ``activations``, as of
        `gan_viz.models.classics.Architecture.build`. Any field of `gan_viz.training.Settings`.
    """
    preset: Preset = CLASSICS[name]
    reject_unknown("train_classic", overrides, PresetOptions.__annotations__)
    given = {key: value for key, value in overrides.items() if value is not None}
    chosen = {key: given[key] for key in SettingOptions.__annotations__ if key in given}
    how = Settings(**{**preset.settings, **chosen, **({} if steps is None else {"steps": steps})})
    learnt = target(given.get("data", preset.data))
    latents = LatentSampling(str(given["latent"])) if "latent" in given else preset.latents
    dropped = OF_PLACE_AND_SCALE if "data" in given else ()
    look = {name: value for name, value in preset.look.items() if name not in dropped}
    seed = preset.seed if seed is None else seed
    data, z, *others = streams(seed, 5)
    g_weights, d_weights, penalties = map(torch_source, others)
    objective, own = _objective(preset, given)
    shape: Any = (given.get("hidden"), given.get("activations"))
    generator, discriminator = preset.networks.build((g_weights, d_weights), *shape, head=own)
    if preset.pretraining and own:
        window = look.get("xlim", learnt.window)
        points = _points(learnt, window, how.batch, data)
        _pretrain(discriminator, islice(points, preset.pretraining), how)
    of_d = "D" * how.d_steps
    turns = "G" + of_d if preset.g_first else of_d + "G"
    game = TurnGame(generator, discriminator, objective, how, turns, preset.schedule, penalties)
    training = TensorTraining(
        game,
        _batches(learnt, how.batch, data, preset.ordered),
        lambda n: _batch(latents.draw(n, z)),
        replace(how, d_steps=len(turns)),  # samples are drawn for every turn
    )
    header = _header(preset, game, seed)
    if not {"data", "objective"} & given.keys():
        header["title"] = preset.title
    # none of the authors draws D*, and one alone the losses
    shown = {"panels": ["density"], "optimal": False, **look}
    header |= {"latent": latents.describe(), "look": shown}
    return BuiltPreset(training, game, learnt, latents, look, header)


def _objective(preset: Preset, given: Mapping[str, Any]) -> tuple[Objective, bool]:
    """The objective, and whether it is the demonstration's own."""
    r1 = given.get("r1", 0.0)
    if "objective" in given:
        found = find_objective(given["objective"], r1, toy=True)
        return judging_each(found, "a preset"), False
    return (R1(preset.objective(), r1) if r1 else preset.objective()), True


def _batch(values: Any) -> Batch:
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
    optimizer = make_optimizer(how.optimizer, discriminator, how.d_lr, how.betas)
    fit(discriminator[:-1], points, optimizer)


def _header(preset: Preset, game: TurnGame, seed: int) -> dict[str, Any]:
    return {
        "kind": "toy1d",
        "preset": preset.name,
        "source": preset.source,
        "objective": describe_objective(game.objective),
        "settings": game.settings.describe(),
        "turn_order": game.turns,
        "schedule": asdict(preset.schedule),
        "networks": {"generator": str(game.generator), "discriminator": str(game.discriminator)},
        "seed": seed,
    }

"""The toy 1-D GAN: put together, trained, recorded."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.objectives import describe_objective, find_objective
from gan_viz.api.options import ToyOptions
from gan_viz.api.phases import PHASES, phase_frames, phase_header
from gan_viz.api.seeds import drawn_seed, streams
from gan_viz.api.stabilizers import STABILIZERS, describe, optimization, stabilizer_names
from gan_viz.arguments import checked
from gan_viz.distributions import Distribution, Latent, target
from gan_viz.distributions.base import IQR_OF_NORMAL
from gan_viz.errors import UsageError, reject_unknown
from gan_viz.progress import Progress

if TYPE_CHECKING:
    from torch import nn

    from gan_viz.hooks import Hook, Recorder
    from gan_viz.objectives import Objective
    from gan_viz.training import Gan, Settings, Training
    from gan_viz.training.perceptrons import Perceptron
    from gan_viz.training.scaling import Scaling

STEPS = 8000
START = -3.0
"""Where G begins; see `build_toy`."""
FARTHEST_START = 100.0
FAR = 2.0
"""Where the standard deviation is more times IQR / 1.349, the data is learnt on a bent scale."""
WITH_JACOBIAN = ["density", "spectrum", "losses(strip=yes)"]
"""The panels where eigenvalues are recorded."""
STRETCH = 64
"""Steps after which a training stops at the latest, to report progress."""


@dataclass(frozen=True)
class Toy:
    """A toy GAN ready to be trained."""

    gan: Gan
    """What `gan_viz.training.Training` trains."""
    target: Distribution
    latent: Latent
    header: dict[str, Any]
    """What a recording should tell about the run."""
    scaling: Scaling
    """On which the networks of `gan` learn."""

    @property
    def settings(self) -> Settings:
        """Of the training."""
        return self.gan.settings

    @property
    def generator(self) -> nn.Module:
        """The G that is drawn, in the data's own units, for PyTorch."""
        from torch import nn

        from gan_viz.training.units import FromScale

        return nn.Sequential(self.gan.modules()[0], FromScale(self.scaling))

    @property
    def discriminator(self) -> nn.Module:
        """D in the data's own units, for PyTorch."""
        from torch import nn

        from gan_viz.training.units import ToScale

        return nn.Sequential(ToScale(self.scaling), self.gan.modules()[1])


@checked
def train(
    data: Any = "gaussian",
    record: str | os.PathLike[str] = "run.ganviz",
    *,
    model: str = "gan",
    phases: bool = False,
    reverse: bool = False,
    jacobian: bool = False,
    every: int | None = None,
    progress: Progress | None = None,
    sampling_steps: int | None = None,
    **options: Unpack[ToyOptions],
) -> Path:
    """Train the toy 1-D GAN, or a diffusion model or a flow in its place, and record it.

    Parameters
    ----------
    data : optional
        What is to be learnt, as `gan_viz.target` takes it: a short name, a scipy.stats
        expression, a frozen scipy.stats distribution, a data file, or values.
    record : path-like
        The recording to write, ``NAME.ganviz``.
    model : {"gan", "diffusion", "flow"}
        What learns. The latter two play no game; `gan_viz.api.transports.build_transport` says
        which options they take.
    phases : bool
        Whether to show the two turns of the game one after the other, in a few slow rounds:
        `gan_viz.api.phases.PHASES` then stands in for what is not given, and the recording counts
        updates of either player.
    reverse : bool
        Whether to show how a trained diffusion model or flow turns noise into data, step by step,
        instead of its training.
    jacobian : bool
        Whether to record the eigenvalues of the game's Jacobian, too, and to draw them by default:
        whether it turns, and inwards or outwards. The networks may have 600 weights together, and
        are ``hidden=(8, 8)`` if nothing else is said; see `gan_viz.hooks.JacobianHook`.
    every : int, optional
        Steps between frames; by default there are about 200, closer together early on. With
        `phases`, rounds between those that are shown; by default there are about 20.
    progress : Progress, optional
        Told how far the training is.
    sampling_steps : int, optional
        Steps from noise to a sample, of a diffusion model or a flow; by default 18, or 72 with
        `reverse`.
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
    from gan_viz.api.record import record_training
    from gan_viz.api.transports import train_transport_toy

    reject_unknown("train", options, ToyOptions.__annotations__)
    given = {name: value for name, value in options.items() if value is not None}
    if model != "gan":
        if phases:
            raise UsageError(f"phases with the model {model}: expected a GAN, whose players turn")
        if jacobian:
            raise UsageError(f"jacobian with the model {model}: expected a GAN, which is a game")
        more = {} if sampling_steps is None else {"sampling_steps": sampling_steps}
        ways: dict[str, Any] = {"reverse": reverse, "every": every, "progress": progress}
        return train_transport_toy(data, record, model, options={**given, **more}, **ways)
    if reverse or sampling_steps is not None:
        raise UsageError("a GAN samples in one step: expected model 'diffusion' or 'flow'")
    usual: dict[str, Any] = {
        **(PHASES if phases else {}),
        **({"hidden": (8, 8)} if jacobian else {}),
    }
    toy = build_toy(data, **{**usual, **given})
    how = toy.gan.settings
    if phases:
        toy.header.update(phase_header(how))
    stops = phase_frames(how, every) if phases else frame_steps(how.steps, every)
    recorder = toy_recorder(toy, record, stops, jacobian)
    steps = _updates(toy) if phases else _steps(toy, stops)
    return record_training(
        recorder,
        steps,
        how.steps,
        progress,
        networks=toy.gan.modules() if toy.gan.learns_by_torch else None,
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
    """Train toys with the same settings side by side, record them, and yield the steps made so far.

    A toy whose loss is no longer finite is recorded up to there; its recorder, one for each from
    `toy_recorder`, is then closed, as unfinished, and the others go on. The `stops` are the steps
    of the frames, ascending, ending with the last step. Toys of equal `seeds` are trained on the
    same samples.
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

    By default there are about 200, closer together early on. Raises UsageError if `every`, the
    steps between frames, is not a positive whole number.
    """
    from gan_viz.hooks.cadence import early_steps

    if every is not None and every < 1:
        raise UsageError(f"every {every}: expected a positive whole number of steps")
    frames = early_steps(steps) if every is None else range(every, steps + 1, every)
    return sorted({*frames, steps})


def toy_recorder(
    toy: Toy, record: str | os.PathLike[str], stops: Collection[int], jacobian: bool = False
) -> Recorder:
    """Start recording a toy that is ready to be trained, with frames after some steps."""
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.scalars import ScalarsHook
    from gan_viz.training.evaluating import NumpyNetworks

    gan = toy.gan
    g, d, networks = None, None, None
    if NumpyNetworks.can_read(gan.g_ema, gan.discriminator):
        networks = NumpyNetworks(gan.g_ema, gan.discriminator, gan.objective, toy.scaling)
    else:
        g, d = toy.generator, toy.discriminator
    more = [_jacobian_hook(toy)] if jacobian else []
    return Recorder(
        record,
        g,
        d,
        networks=networks,
        data=toy.target,
        latent=toy.latent,
        every=stops,
        hooks=[ScalarsHook(), DistributionHook(double=True, objective=gan.objective), *more],
        header={**toy.header, **({"look": {"panels": WITH_JACOBIAN}} if jacobian else {})},
    )


def _jacobian_hook(toy: Toy) -> Hook:
    """What looks at the game as it is played: at G itself, on the scale of the networks."""
    from gan_viz.analysis.distances import midpoints
    from gan_viz.hooks.jacobian import SAMPLES, JacobianHook

    real = toy.scaling.scaled(toy.target.ppf(midpoints(SAMPLES)))[:, None]
    return JacobianHook(toy.gan.objective, *toy.gan.players(), real)


@checked
def build_toy(
    data: Any = "gaussian",
    *,
    objective: str | Objective = "non-saturating",
    r1: float = 0.0,
    latent: str = "normal",
    latent_dim: int = 1,
    hidden: Sequence[int] = (32, 32),
    activations: tuple[str | None, str | None] = (None, None),
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    stabilizers: Collection[str] | str = tuple(STABILIZERS),
    start: float | None = None,
    seed: int = 0,
    steps: int = STEPS,
    **settings: Any,
) -> Toy:
    """Put the toy 1-D GAN together.

    Raises UsageError if a value cannot be used; DataError if the data cannot be learnt from.

    Parameters
    ----------
    data : optional
        As `train` takes it.
    objective : str or Objective
        A name in `gan_viz.registry.OBJECTIVES`, or your own.
    r1 : float
        Weight γ of the penalty R1; 0 for none.
    latent : {"normal", "uniform"}
        Distribution of z: N(0, 1) or U(-1, 1).
    latent_dim : int
        Features of z.
    hidden : sequence of int
        Widths of the hidden layers of G and D; ``"32,32"`` is the same as ``(32, 32)``.
    activations : (str or None, str or None)
        Of G and of D, names in `gan_viz.models.ACTIVATIONS`; by default tanh, but leaky_relu for D
        without the stabilizer ``resolution``.
    generator, discriminator : torch.nn.Module, optional
        Your own networks instead: ``(batch, latent_dim)`` to ``(batch, 1)``, and ``(batch, 1)``
        to logits ``(batch, 1)``. They see standardized data if that stabilizer is on. Where the
        objective packs m samples, D maps ``(batch / m, m)`` to ``(batch / m, 1)``.
    stabilizers : collection of str, or str
        Names in `STABILIZERS`; empty for the bare game. As text ``all``, ``none``, or names with
        commas between them.
    start : float, optional
        Where G's outputs begin: in standard deviations of the data from its mean, or in `scale`
        from `location` of a `Distribution` that has neither. By default -3, so that G is seen to
        travel onto the data; where the data is not standardized, where its weights put it. It
        shifts the last bias of G, and nothing else; your own networks begin where they are.
    seed : int
        Of weights, data and latents, 0 or more. The global random states are not touched.
    steps : int
        Rounds of the game, in each of which G has its turn: updates of G, unless `g_steps` is set.
    **settings
        Fields of `gan_viz.training.Settings` that are to differ from what the stabilizers set:
        batch, d_steps, g_steps, g_lr, d_lr, betas (``"0,0.9"`` is the same as ``(0, 0.9)``), ema,
        decay, optimizer. None is as if not given.

    Returns
    -------
    Toy
    """
    from gan_viz.training import Gan, Settings
    from gan_viz.training.scaling import AS_IT_IS

    learnt, z = target(data), Latent(latent, latent_dim)
    game_objective = find_objective(objective, r1, toy=True)
    names = stabilizer_names(stabilizers)
    given = {name: value for name, value in settings.items() if value is not None}
    how = Settings(**{**optimization(names), **given, "steps": steps})
    sources = streams(seed, 5)  # of data, latents, weights of G, weights of D, and noise
    scaling = _scaling(learnt) if "standardize" in names else AS_IT_IS
    # weights that are clipped cannot be steep
    on = describe([n for n in names if n != "resolution" or not game_objective.clip], how)
    finely = "resolution" in on
    networks = (
        generator or _perceptron([latent_dim, *hidden, 1], activations[0] or "tanh", sources[2]),
        discriminator
        or _perceptron(
            [game_objective.pack, *hidden, 1],
            activations[1] or ("tanh" if finely else "leaky_relu"),
            sources[3],
            finely=finely and bool(hidden),
        ),
    )
    if game_objective.pack > 1:
        networks = networks[0], _packed(networks[1], game_objective.pack, how.batch)
    if start is None and scaling is not AS_IT_IS and generator is None:
        start = START
    if start is not None:
        _begin_at(networks[0], learnt, scaling, start)
    gan = Gan(
        *networks,
        game_objective,
        how,
        lambda n: scaling.scaled(learnt.sample(n, sources[0])).astype(np.float32)[:, None],
        lambda n: z.sample(n, sources[1]),
        lambda n: sources[4].standard_normal((n, 1), np.float32),
    )
    header = _header(gan, on, scaling, start, seed)
    return Toy(gan, learnt, z, header, scaling)


def _packed(network: nn.Module | Perceptron, number: int, batch: int) -> nn.Module:
    """A D that judges several samples at once."""
    from gan_viz.training.packing import Packed
    from gan_viz.training.perceptrons import Perceptron

    if batch % number:
        raise UsageError(f"batch {batch}: expected a multiple of {number}, the samples in a pack")
    return Packed(network.released() if isinstance(network, Perceptron) else network, number)


def _scaling(learnt: Distribution) -> Scaling:
    """The data standardized, and bent where its standard deviation is that of its far ends."""
    from gan_viz.training.scaling import Scaling

    low, median, high = map(float, learnt.ppf([0.25, 0.5, 0.75]))
    middle = (high - low) / IQR_OF_NORMAL
    if middle > 0 and not middle * FAR >= learnt.std:  # also where that is infinite, or NaN
        return Scaling(median, middle, bends=True)
    return Scaling(learnt.location, learnt.scale)


def _begin_at(
    generator: nn.Module | Perceptron, learnt: Distribution, scaling: Scaling, start: float
) -> None:
    """Have a perceptron's outputs begin somewhere, by its last bias."""
    from gan_viz.training.perceptrons import Perceptron

    if not isinstance(generator, Perceptron):
        raise UsageError(f"start {start:g}: leave it out, as you give a generator of your own")
    if not abs(start) <= FARTHEST_START:
        raise UsageError(f"start {start:g}: expected at most {FARTHEST_START:g} from 0, like -3")
    generator.shift(float(scaling.scaled(learnt.location + start * learnt.scale)))


def _perceptron(
    widths: Sequence[int], activation: str, stream: np.random.Generator, *, finely: bool = False
) -> Perceptron:
    from gan_viz.training.perceptrons import Perceptron, uniform_source

    source = uniform_source(drawn_seed(stream))
    network = Perceptron(widths, activation, source)
    if finely:
        network.see_finely(source)
    return network


def _header(
    gan: Gan, stabilizers: Mapping[str, str], scaling: Scaling, start: float | None, seed: int
) -> dict[str, Any]:
    return {
        "kind": "toy1d",
        "objective": describe_objective(gan.objective),
        "settings": gan.settings.describe(),
        "stabilizers": stabilizers,
        "scaling": asdict(scaling),
        "networks": {"generator": str(gan.generator), "discriminator": str(gan.discriminator)},
        "start": start,
        "seed": seed,
    }

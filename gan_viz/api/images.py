"""The GANs of pictures: put together, trained, recorded."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import torch

from gan_viz.api.checkpoints import check_checkpoint, checkpointed, resume_run
from gan_viz.api.classifiers import coverage_hook
from gan_viz.api.epochs import EpochPictures
from gan_viz.api.objectives import describe_objective, find_objective, judging_each
from gan_viz.api.options import MODEL, ImageOptions, SettingOptions
from gan_viz.api.quality import quality_hook
from gan_viz.api.record import LOSSES, record_training
from gan_viz.api.seeds import seed_sequence
from gan_viz.arguments import checked
from gan_viz.datasets import ImageSet, load
from gan_viz.distributions import Latent
from gan_viz.errors import GanVizWarning, UsageError, reject_unknown
from gan_viz.hooks import Hook, Recorder
from gan_viz.hooks.cadence import early_steps
from gan_viz.hooks.gradients import GradientsHook
from gan_viz.hooks.health import HealthHook
from gan_viz.hooks.samples import SamplesHook
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.hooks.scores import ScoresHook
from gan_viz.models.base import ImageModel
from gan_viz.objectives import Objective
from gan_viz.progress import Progress
from gan_viz.registry import MODELS, OBJECTIVES
from gan_viz.training import Settings
from gan_viz.training.batches import Pictures, scaled
from gan_viz.training.tensor_game import PRECISIONS, Batch, TensorGame
from gan_viz.training.tensor_loop import TensorTraining

if TYPE_CHECKING:
    from gan_viz.hooks.starting import HookChoice

FRAMES = 120
MOST_EPOCHS = 100
"""Epochs at whose ends a frame is taken in any case: all, or every other, every third, ..."""
SHOWN = {**LOSSES, "D(x)": "d_real", "D(G(z))": "d_fake"}
"""Labels and names of the figures that progress shows."""


@dataclass(frozen=True)
class ImageRun:
    """A GAN of pictures ready to be trained."""

    training: TensorTraining
    """Iterating over it trains."""
    model: ImageModel
    data: ImageSet
    latent: Latent
    per_epoch: int
    """Steps in an epoch, by the batches that D sees."""
    header: dict[str, Any]
    """What a recording should tell about the run."""
    data_dir: str | os.PathLike[str] | None
    """Where its files were asked to be."""
    pictures: Pictures
    """The data as it is dealt."""
    sources: dict[str, torch.Generator]
    """Of latents and of a penalty's random numbers."""


@checked
def train_images(
    model: str | ImageModel = MODEL,
    dataset: str | ImageSet = "mnist",
    record: str | os.PathLike[str] = "run.ganviz",
    *,
    progress: Progress | None = None,
    every: int | None = None,
    coverage: bool = True,
    quality: bool = False,
    hooks: Iterable[HookChoice] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    **options: Unpack[ImageOptions],
) -> Path:
    """Train a GAN of pictures and record it.

    Parameters
    ----------
    model, dataset : optional
        As `build_images` takes them.
    record, progress, every, coverage, quality, hooks, checkpoint, resume : optional
        As `record_images` takes them.
    **options
        See `build_images`: objective, latent, steps, rates, seed.

    Returns
    -------
    pathlib.Path
        The recording.

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be had or learnt from.
    TrainingError
        A loss is no longer finite; the recording holds everything up to there.
    """
    reject_unknown("train_images", options, ImageOptions.__annotations__)
    run = build_images(model, dataset, progress=progress, **options)
    return record_images(
        run,
        record,
        every=every,
        coverage=coverage,
        quality=quality,
        hooks=hooks,
        checkpoint=checkpoint,
        resume=resume,
        progress=progress,
    )


@checked
def record_images(
    run: ImageRun,
    record: str | os.PathLike[str],
    *,
    every: int | None = None,
    coverage: bool = True,
    quality: bool = False,
    hooks: Iterable[HookChoice] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    epochs_to: str | os.PathLike[str] | None = None,
    warn: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train what was put together, and record it.

    Parameters
    ----------
    run : ImageRun
        From `build_images`; it can be trained once.
    record : path-like
        The recording to write, ``NAME.ganviz``.
    every : int, optional
        Steps between frames; by default there are about 120, closer together early on, and one at
        the end of each epoch, or of up to 100 of them.
    coverage : bool
        Whether the classes of the samples are counted, by a classifier that is trained on the data
        once and kept in the cache.
    quality : bool
        Whether G's pictures are measured by figures on the classifier's features, as far as that
        takes no more than 2 % of the time; see `gan_viz.hooks.quality.QualityHook`.
    hooks : iterable of (str or Hook)
        What to record in addition to losses, D's outputs, sample grids, scores and gradient norms.
    checkpoint : path-like, optional
        Where to keep all that it takes to go on, ``NAME.safetensors``, once a minute and at the
        end.
    resume : bool
        Whether to go on from the checkpoint, and with the recording; where there is neither yet,
        to begin.
    epochs_to : path-like, optional
        A folder for a picture of the samples after every epoch, and one of the data.
    warn : callable (str), optional
        Told in words when the training goes wrong; see `gan_viz.verdicts`.
    progress : Progress, optional
        Told how far the training is.

    Returns
    -------
    pathlib.Path
        The recording.

    Raises
    ------
    OutputError
        The folder for the epochs cannot be written to.
    TrainingError
        A loss is no longer finite; the recording holds everything up to there.
    UsageError, DataError
        The checkpoint cannot be gone on from.
    MissingExtraError
        safetensors is not installed, which checkpoints need.
    """
    game, settings = run.training.game, run.training.settings
    made = _begin(run, record, checkpoint, resume)
    real, labels = _shown(run.data)
    watchers = [*_usual_hooks(run, warn), *hooks]
    if coverage:
        watchers.append(coverage_hook(run.data, progress))
    if quality:
        watchers.append(quality_hook(run.data, run.data_dir, progress))
    if epochs_to is not None:
        watchers.append(EpochPictures(Path(epochs_to), run.per_epoch))
    recorder = Recorder(
        record,
        game.g_ema,
        game.discriminator,
        real=real,
        labels=labels,
        classes=run.data.classes,
        conditional=run.model.conditional,
        latent=run.latent,
        latent_dim=run.model.latent_shape,
        steps=settings.steps,
        every=_moments(settings.steps, run.per_epoch) if every is None else every,
        hooks=watchers,
        header=run.header,
        resume_at=made if resume else None,
    )
    training: Iterable[tuple[int, Mapping[str, Any]]] = run.training
    if checkpoint is not None:
        training = checkpointed(run, recorder, checkpoint)
    return record_training(recorder, training, settings.steps, progress, shown=SHOWN)


def _begin(
    run: ImageRun,
    record: str | os.PathLike[str],
    checkpoint: str | os.PathLike[str] | None,
    resume: bool,
) -> int:
    """Go on from a checkpoint, if that is asked for; the steps made until then."""
    if checkpoint is None:
        if resume:
            raise UsageError("resume without a checkpoint: expected checkpoint, NAME.safetensors")
        return 0
    check_checkpoint(checkpoint)
    if not resume or not (Path(checkpoint).exists() or Path(record).exists()):
        return 0
    return resume_run(run, checkpoint)


def _moments(steps: int, per_epoch: int) -> list[int]:
    """Steps to take frames at: close together early on, and at ends of epochs."""
    apart = per_epoch * -(-steps // (per_epoch * MOST_EPOCHS))
    return sorted({*early_steps(steps, FRAMES), *range(apart, steps + 1, apart)})


def _usual_hooks(run: ImageRun, warn: Callable[[str], None] | None) -> Iterator[Hook]:
    yield ScalarsHook()
    yield SamplesHook(value_range=(-1, 1))
    yield ScoresHook(output=run.header["objective"]["output"])
    yield GradientsHook(*run.training.game.optimizers)
    yield HealthHook(say=None if warn is None else lambda verdict: warn(verdict.text))


@checked
def build_images(
    model: str | ImageModel = MODEL,
    dataset: str | ImageSet = "mnist",
    *,
    data_dir: str | os.PathLike[str] | None = None,
    objective: str | Objective | None = None,
    r1: float = 0.0,
    latent: str | None = None,
    steps: int | None = None,
    epochs: float | None = None,
    seed: int = 0,
    device: str | None = None,
    precision: str = "float32",
    progress: Progress | None = None,
    **settings: Unpack[SettingOptions],
) -> ImageRun:
    """Put a GAN of pictures together.

    Parameters
    ----------
    model : str or ImageModel
        A name in `gan_viz.registry.MODELS`.
    dataset : str or ImageSet
        A name in `gan_viz.registry.DATASETS`, or your own pictures, of any size
        that the model can have.
    data_dir : path-like, optional
        Where the files of the dataset are; by default they are looked for in ``GAN_VIZ_DATA`` and
        the cache, and downloaded.
    objective : str or Objective, optional
        A name in `gan_viz.registry.OBJECTIVES`, or your own; by default the model's own.
    r1 : float
        Weight γ of the penalty R1; 0 for none.
    latent : {"normal", "uniform"}, optional
        Distribution of z: N(0, 1) or U(-1, 1); by default the model's own.
    steps : int, optional
        Updates of G.
    epochs : float, optional
        Instead of `steps`: how often D sees all the data.
    seed : int
        Of weights, order of the data and latents, 0 or more. The global random states are not
        touched.
    device : str, optional
        Like ``"cpu"`` or ``"cuda"``; by default an accelerator by CUDA where there is one.
    precision : {"float32", "bf16"}
        What the networks' products are computed in while they learn. bf16 rounds to 8 binary
        digits: it trains faster on processors and accelerators that have instructions for it (on
        others many times slower, which a warning tells), and is another run of the same game.
        Weights, losses and penalties, and all that is recorded of the networks, stay in 32 bits.
    progress : Progress, optional
        Told how far a download is.
    **settings
        Fields of `gan_viz.training.Settings` that are to differ from the model's: batch, d_steps,
        g_lr, d_lr, betas, optimizer, ema, decay. None is as if not given.

    Returns
    -------
    ImageRun

    Raises
    ------
    UsageError
        A value cannot be used.
    DataError
        The data cannot be had.
    """
    reject_unknown("build_images", settings, SettingOptions.__annotations__)
    chosen: ImageModel = MODELS[model] if isinstance(model, str) else model
    game_objective = judging_each(find_objective(objective or chosen.objective, r1), "pictures")
    given: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
    if steps is not None:
        given["steps"] = steps
    how = Settings(**{**chosen.settings, **given})
    seeds = seed_sequence(seed)  # before anything is downloaded
    data = load(dataset, data_dir, progress=progress) if isinstance(dataset, str) else dataset
    where = _device(device)
    _check_precision(precision, where)
    streams = _streams(seeds, where)
    pictures = _pictures(data, chosen, how, streams, where)
    per_epoch = max(1, pictures.per_epoch // how.d_steps)
    if epochs is not None:
        how = _for_epochs(how, epochs, steps, per_epoch)
    latents = Latent(latent or chosen.latent, math.prod(chosen.latent_shape))
    training = _training(
        chosen, game_objective, how, pictures, latents.kind, streams, where, precision
    )
    header = _header(chosen, data, game_objective, training, seed, per_epoch)
    if precision != PRECISIONS[0]:
        header["settings"]["precision"] = precision
    sources = {name: streams[name] for name in ("latents", "penalty")}
    return ImageRun(training, chosen, data, latents, per_epoch, header, data_dir, pictures, sources)


def _title(model: ImageModel, data: ImageSet, objective: Objective) -> str:
    own: str = OBJECTIVES[model.objective].name
    other = [] if objective.name == own else [objective.name]
    return " · ".join([data.name, model.name, *other])


def _for_epochs(how: Settings, epochs: float, steps: int | None, per_epoch: int) -> Settings:
    if steps is not None:
        raise UsageError(f"steps {steps} and epochs {epochs:g}: give one of them")
    if not 0 < epochs < 1e6:
        raise UsageError(f"epochs {epochs:g}: expected a number above 0, like 5")
    return replace(how, steps=max(1, round(epochs * per_epoch)))


def _device(name: str | None) -> torch.device:
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (AssertionError, RuntimeError) as error:
        raise UsageError(f"device {name!r}: {str(error).splitlines()[0]}") from error
    return device


def _check_precision(name: str, device: torch.device) -> None:
    if name not in PRECISIONS:
        raise UsageError(f"precision {name!r}: expected {' or '.join(PRECISIONS)}")
    if name == "bf16" and not torch.amp.is_autocast_available(device.type):
        raise UsageError(f"precision {name!r}: {device.type} has no autocast; expected float32")
    if name == "bf16" and device.type == "cpu" and not _knows_bf16():
        warnings.warn(
            "precision 'bf16': this processor has no instructions for it and takes many times "
            "as long; float32 is faster here",
            GanVizWarning,
            stacklevel=3,
        )


def _knows_bf16() -> bool:
    """Whether the processor multiplies in bf16, as far as PyTorch can tell."""
    features: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # in newer versions
    known = [there for name, there in features.items() if name.endswith("bf16")]
    return any(known) or not known


def _streams(seeds: np.random.SeedSequence, device: torch.device) -> dict[str, torch.Generator]:
    """Independent sources; what is drawn on an accelerator has its source there."""
    cpu = torch.device("cpu")
    places = {"weights": cpu, "order": cpu, "latents": device, "penalty": device}
    states = seeds.generate_state(len(places), np.uint64)
    return {
        name: torch.Generator(place).manual_seed(int(state) >> 1)
        for (name, place), state in zip(places.items(), states, strict=True)
    }


def _pictures(
    data: ImageSet,
    model: ImageModel,
    how: Settings,
    streams: Mapping[str, torch.Generator],
    device: torch.device,
) -> Pictures:
    if model.conditional and len(data.classes) != model.classes:
        raise UsageError(
            f"model {model.name} is told one of {model.classes} classes, but {data.name} has "
            f"{len(data.classes)}; choose other pictures, or a model that is told none"
        )
    labels = data.labels if model.conditional else None
    return Pictures(data.images, labels, how.batch, streams["order"], device)


def _training(
    model: ImageModel,
    objective: Objective,
    how: Settings,
    pictures: Pictures,
    latent: str,
    streams: Mapping[str, torch.Generator],
    device: torch.device,
    precision: str,
) -> TensorTraining:
    generator, discriminator = model.build(streams["weights"], (1, *pictures.shape))
    generator, discriminator = generator.to(device), discriminator.to(device)
    game = TensorGame(
        generator, discriminator, objective, how, streams["penalty"], precision=precision
    )
    source = streams["latents"]

    def draw(n: int) -> Batch:
        shape = (n, *model.latent_shape)
        if latent == "uniform":
            z = torch.rand(shape, generator=source, device=device).mul_(2).sub_(1)
        else:
            z = torch.randn(shape, generator=source, device=device)
        if not model.conditional:
            return Batch(z)
        return Batch(z, torch.randint(model.classes, (n,), generator=source, device=device))

    return TensorTraining(game, iter(pictures), draw, how)


def _shown(data: ImageSet, number: int = 256) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Some real pictures to be shown: the first ones, of all classes in turn where possible."""
    order = _by_turns(data.labels, number)
    images = scaled(torch.tensor(data.images[order]).unsqueeze(1))
    return images, torch.tensor(data.labels[order]) if data.classes else None


def _by_turns(labels: np.ndarray[Any, Any], number: int) -> np.ndarray[Any, Any]:
    """Indices such that the k-th is of class ``k % classes``, as long as there are any."""
    kinds = [np.flatnonzero(labels == kind) for kind in np.unique(labels)]
    rows = min(map(len, kinds))
    return np.stack([kind[:rows] for kind in kinds], axis=1).ravel()[:number]


def _header(
    model: ImageModel,
    data: ImageSet,
    objective: Objective,
    training: TensorTraining,
    seed: int,
    per_epoch: int,
) -> dict[str, Any]:
    game = training.game
    return {
        "kind": "images",
        "model": {"name": model.name, "source": model.source},
        "dataset": data.name,
        "classes": list(data.classes),
        "title": _title(model, data, objective),
        "objective": describe_objective(objective),
        "settings": training.settings.describe(),
        "networks": {"generator": str(game.generator), "discriminator": str(game.discriminator)},
        "seed": seed,
        "steps_per_epoch": per_epoch,
    }

"""Training classic demonstrations and recording them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.classics.building import build_classic
from gan_viz.api.progress import Progress, Reporter
from gan_viz.distributions import Latent

if TYPE_CHECKING:
    from gan_viz.hooks import Recorder
    from gan_viz.training.tensor_loop import TensorTraining

__all__ = ["train_classic"]


def train_classic(
    name: str,
    record: str | os.PathLike[str] = "run.ganviz",
    *,
    progress: Progress | None = None,
    every: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    **overrides: Any,
) -> Path:
    """Train a classic 1-D demonstration as its authors do and record it.

    Parameters
    ----------
    name : str
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
        See `build_classic`: what is to differ from the original.

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
    from gan_viz.hooks import Recorder
    from gan_viz.hooks.cadence import early_steps
    from gan_viz.hooks.distribution import DistributionHook
    from gan_viz.hooks.scalars import ScalarsHook
    from gan_viz.training.threads import suitable_threads

    built = build_classic(name, steps=steps, seed=seed, **overrides)
    game, total = built.game, built.game.settings.steps
    fixed = built.latents.fixed()
    hook = DistributionHook(interval=built.look.xlim, z=fixed, objective=game.objective)
    recorder = Recorder(
        record,
        game.g_ema,
        game.discriminator,
        data=built.target,
        latent=Latent(built.latents.kind),
        steps=total,
        every=early_steps(total) if every is None else every,
        hooks=[ScalarsHook(), hook],
        header=built.header,
    )
    try:  # an interrupted or failed training leaves a recording as good as a finished one
        with suitable_threads(game.generator, game.discriminator):
            _run(built.training, recorder, Reporter(progress, "training", total))
    finally:
        recorder.close()
    return recorder.path


def _run(training: TensorTraining, recorder: Recorder, reporter: Reporter) -> None:
    for number, figures in training:
        d_loss, g_loss = figures["d_loss"].item(), figures["g_loss"].item()
        recorder.step(d_loss=d_loss, g_loss=g_loss)
        if reporter.due(number):
            reporter.report(number, {"D loss": d_loss, "G loss": g_loss})

"""The recorder: three lines in any training loop."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gan_viz.distributions import Latent, target
from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.base import Hook, Run
from gan_viz.hooks.cadence import Cadence
from gan_viz.hooks.distributed import unwrapped, writes_here
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.hooks.fixed import FixedBatch
from gan_viz.hooks.samples import SamplesHook
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.hooks.scores import ScoresHook
from gan_viz.hooks.watching import device_of
from gan_viz.recording import Writer
from gan_viz.recording.resuming import ResumeState

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["Recorder"]

REAL = 256
"""Real samples kept at most."""


class Recorder:
    """Records a training to one file, without changing the training.

    Frame 0 is taken at once, before the first step; `close` takes a last one. Where
    `torch.distributed` is initialised, rank 0 records, and the recorders of other ranks do nothing.

    Parameters
    ----------
    path : str or path-like
        The recording, ``NAME.ganviz``.
    generator : torch.nn.Module
        Maps latents ``(n, latent_dim)`` to samples: numbers ``(n,)`` or ``(n, 1)``, or pictures.
    discriminator : torch.nn.Module, optional
        Maps samples to logits, probabilities or a critic's values, one a sample.
    data : optional
        The distribution of one-dimensional data, as `gan_viz.distributions.target` takes it: a
        name or expression like ``"norm(4, 0.5)"``, a frozen scipy.stats distribution, a file, or
        the values.
    real : torch.Tensor, optional
        Real pictures, shape ``(n, ...)`` as D takes them, to be shown beside generated ones: a
        batch of the data will do.
    labels : torch.Tensor, optional
        Classes of `real`, whole numbers from 0, shape ``(n,)``.
    classes : sequence of str, optional
        Names of the classes; by default their numbers.
    conditional : bool
        Whether G and D take labels as their second argument.
    latent : str or Latent
        ``"normal"`` or ``"uniform"``.
    latent_dim : int or tuple of int
        Features of z, or the shape of one z as G takes it, like ``(100, 1, 1)``.
    steps : int, optional
        Steps the training will make, if known: frames are then spread evenly from the start.
    every : int or collection of int, optional
        Steps between frames, or the very steps to take one at; by default such that there are
        about 200.
    hooks : iterable of Hook, optional
        What to record; by default scalars, and the 1-D distribution or, where there are `real`
        pictures, sample grids and scores of D.
    header : mapping, optional
        Anything (JSON) worth keeping about the run: settings, seed.
    resume_at : int, optional
        Go on with the recording at `path` after that many steps, to be called with what it was
        begun with: what was recorded after them is dropped, the rest and the latents stay. A
        recording that was to replace the one at `path` and is unfinished is gone on with first. At
        step 0 a new one is begun where there is none.

    Attributes
    ----------
    path : pathlib.Path
        The recording.
    steps_made : int
        Calls of `step` so far, and steps made before the recording was resumed.

    Raises
    ------
    UsageError
        A value cannot be used, or the file cannot be written where it should be.
    RecordingError
        The networks' outputs have the wrong shape, writing fails, or there is no recording to go
        on with, or one of something else.

    Examples
    --------
    ::

        with Recorder("run.ganviz", G, D, data="norm(4, 0.5)", latent="normal") as recorder:
            for x in batches:
                ...  # update D and G as ever
                recorder.step(d_loss=d_loss, g_loss=g_loss)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        generator: nn.Module,
        discriminator: nn.Module | None = None,
        *,
        data: Any = None,
        real: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        classes: Sequence[str] | None = None,
        conditional: bool = False,
        latent: str | Latent = "normal",
        latent_dim: int | tuple[int, ...] = 1,
        steps: int | None = None,
        every: int | Collection[int] | None = None,
        hooks: Iterable[Hook] | None = None,
        header: Mapping[str, Any] | None = None,
        resume_at: int | None = None,
    ) -> None:
        generator = unwrapped(generator)
        discriminator = None if discriminator is None else unwrapped(discriminator)
        self._cadence = Cadence(every, steps)
        learnt = None if data is None else target(data)
        shape = (latent_dim,) if isinstance(latent_dim, int) else latent_dim
        latents = latent if isinstance(latent, Latent) else Latent(latent, math.prod(shape))
        names = _class_names(labels, classes)
        if conditional and not names:
            raise UsageError("a conditional GAN needs labels=... or classes=...")
        if isinstance(latent, Latent) and latent.dim != math.prod(shape):
            shape = (latent.dim,)
        fixed = FixedBatch(generator, latents, shape, len(names) if conditional else 0)
        self._hooks = list(hooks) if hooks is not None else _usual_hooks(real)
        self.path = Path(path)
        self.steps_made = resume_at or 0
        self._writes, self._closed = writes_here(), False
        if not self._writes:
            return
        about = {"latent": latents.describe(), "versions": _versions(), **(header or {})}
        if learnt is not None:
            about["target"] = learnt.describe()
        if names:
            about["classes"] = list(names)
        self._writer = Writer(self.path, about, resume_at=resume_at)
        real, labels = _sample_of(real, generator), _sample_of(labels, generator)
        networks = generator, discriminator
        run = Run(self._writer, *networks, learnt, latents, fixed, real, labels, names)
        self._start(run, about)

    def _start(self, run: Run, about: Mapping[str, Any]) -> None:
        self._last_frame = self._writer.last_frame
        try:
            if self._writer.resumed_from is not None:
                self._go_on(self._writer.resumed_from, about)
            for hook in self._hooks:
                hook.start(run)
            if self._last_frame < 0:
                self._take_frame()
        except BaseException:
            self._detach()
            self._writer.close(complete=False)
            raise
        self._watchers = [h for h in self._hooks if type(h).on_step is not Hook.on_step]

    def _go_on(self, state: ResumeState, about: Mapping[str, Any]) -> None:
        """Make sure that it is a recording of the same game, and take frames as far apart."""
        for key in ("latent", "target"):
            recorded, given = state.header.get(key), about.get(key)
            if given is not None and recorded != given:  # a hook may have found the target
                raise RecordingError(
                    f"{state.path} cannot be resumed: its {key} is {_named(recorded)}, not "
                    f"{_named(given)}; go on as it was begun, or record to another file"
                )
        while self._cadence.widen(state.reached):
            pass

    def step(self, **scalars: Any) -> None:
        """Note that a step was made.

        Parameters
        ----------
        **scalars : float or tensor of one element
            Losses and whatever else is to be drawn over the steps, e.g. ``d_loss=...``. Tensors
            are detached; those on an accelerator are fetched later, many at a time.
        """
        self.steps_made += 1
        if not self._writes:
            return
        for hook in self._watchers:
            hook.on_step(self.steps_made, scalars)
        if self._cadence.due(self.steps_made):
            self._take_frame()
            if self._cadence.widen(self.steps_made):
                self._writer.keep_frames(self._cadence.stride)

    def _take_frame(self) -> None:
        arrays: dict[str, Any] = {}
        for hook in self._hooks:
            hook.flush()
            arrays |= hook.on_frame(self.steps_made)
        self._writer.write_frame(self.steps_made, arrays)
        self._last_frame = self.steps_made

    def close(self, *, complete: bool = True) -> None:
        """Finish the file; a second call does nothing.

        Parameters
        ----------
        complete : bool
            Whether the training ended as it was meant to: a last frame is then taken. Else all is
            kept that was recorded so far, but marked as unfinished.
        """
        if not self._writes or self._closed:
            return
        self._closed = True
        try:
            if complete and self._last_frame < self.steps_made:
                self._take_frame()
            for hook in self._hooks:
                hook.flush()
        except BaseException:
            self._writer.close(complete=False)
            raise
        finally:
            self._detach()
        self._writer.close(complete=complete)

    def _detach(self) -> None:
        for hook in self._hooks:
            hook.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(complete=error is None)


def _named(description: Any) -> str:
    """A target by its label, a latent as it is; without the values of data."""
    label = description.get("label") if isinstance(description, Mapping) else None
    return str(label or description)


def _usual_hooks(real: torch.Tensor | None) -> list[Hook]:
    if real is None:
        return [ScalarsHook(), DistributionHook()]
    return [ScalarsHook(), SamplesHook(), ScoresHook()]


def _class_names(labels: torch.Tensor | None, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None or labels is None:
        return tuple(names or ())
    return tuple(str(k) for k in range(int(labels.max()) + 1))


def _sample_of(values: torch.Tensor | None, generator: nn.Module) -> torch.Tensor | None:
    """A copy of the first few, where G is: the batch it is cut from may be used on."""
    return None if values is None else values[:REAL].detach().to(device_of(generator), copy=True)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("gan-viz", "numpy", "scipy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a bare checkout, or a torch built by hand
            found[name] = "unknown"
    return found

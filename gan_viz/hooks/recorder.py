"""The recorder: three lines in any training loop."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from inspect import signature
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gan_viz.distributions import Latent, target
from gan_viz.errors import RecordingError, UsageError, reject_unknown
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.cadence import Cadence
from gan_viz.hooks.distributed import unwrapped, writes_here
from gan_viz.hooks.fixed import FixedLatents, grid_latents
from gan_viz.hooks.watching import device_of
from gan_viz.recording import Writer
from gan_viz.recording.resuming import ResumeState
from gan_viz.registry import HOOKS

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["Recorder"]

MAX_REAL_SAMPLES = 256
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
        Steps the training will make, if known: there are then about 200 frames.
    every : int or collection of int, optional
        Steps between frames, or the very steps to take one at; by default they are close together
        early on, see `gan_viz.hooks.cadence.Cadence`.
    hooks : iterable of str or Hook, optional
        What to record: names of `gan_viz.registry.HOOKS`, which are built without arguments, or
        hooks, as in ``["scalars", GradientsHook(every=50)]``. By default scalars, and the 1-D
        distribution or, where there are `real` pictures, sample grids and scores of D.
    header : mapping, optional
        Anything (JSON) worth keeping about the run: settings, seed.
    resume_at : int, optional
        Continue the recording at `path` after that many steps; give the other arguments as at the
        beginning. What was recorded after that step is dropped, the rest and the latents stay. An
        unfinished replacement of the recording at `path` is resumed first. At step 0 there need not
        be a recording yet.

    Attributes
    ----------
    path : pathlib.Path
        The recording.
    steps_made : int
        Calls of `step` so far, and steps made before the recording was resumed.

    Raises
    ------
    UsageError
        A value cannot be used, an option or hook is unknown, or the file cannot be written.
    RecordingError
        The networks' outputs have the wrong shape, writing fails, or there is no recording to
        resume, or one of another run.

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
        hooks: Iterable[str | Hook] | None = None,
        header: Mapping[str, Any] | None = None,
        resume_at: int | None = None,
        **unknown: Any,
    ) -> None:
        reject_unknown("Recorder", unknown, list(signature(Recorder).parameters)[:-1])
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
        told = len(names) if conditional else 0
        fixed = FixedLatents(generator, grid_latents(latents, told), shape, told)
        self._hooks = _built(_usual_hooks(real) if hooks is None else hooks)
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
        context = HookContext(self._writer, *networks, learnt, latents, fixed, real, labels, names)
        self._start(context, about)

    def _start(self, context: HookContext, about: Mapping[str, Any]) -> None:
        self._last_frame = self._writer.last_frame
        try:
            if self._writer.resumed_from is not None:
                self._resume(self._writer.resumed_from, about)
            for hook in self._hooks:
                hook.start(context)
            if self._last_frame < 0:
                self._take_frame()
        except BaseException:
            self._detach()
            self._writer.close(complete=False)
            raise
        self._watchers = [h for h in self._hooks if type(h).on_step is not Hook.on_step]

    def _resume(self, state: ResumeState, about: Mapping[str, Any]) -> None:
        """Make sure that the recording is of the same GAN."""
        for key in ("latent", "target"):
            recorded, given = state.header.get(key), about.get(key)
            if given is not None and recorded != given:  # a hook may have found the target
                raise RecordingError(
                    f"{state.path} cannot be resumed: its {key} is {_named(recorded)}, not "
                    f"{_named(given)}; give what it was begun with, or record to another file"
                )

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


def _usual_hooks(real: torch.Tensor | None) -> list[str]:
    return ["scalars", "distribution"] if real is None else ["scalars", "samples", "scores"]


def _built(hooks: Iterable[str | Hook]) -> list[Hook]:
    """Hooks, each given as one or by the name of one."""
    given = [hooks] if isinstance(hooks, str) else list(hooks)
    built = [HOOKS[hook]() if isinstance(hook, str) else hook for hook in given]
    for hook in built:
        if not isinstance(hook, Hook):
            raise UsageError(
                f"hook {hook!r:.60}: expected a name ({', '.join(HOOKS)}) or a Hook, made like"
                " ScalarsHook()"
            )
    return built


def _class_names(labels: torch.Tensor | None, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None or labels is None:
        return tuple(names or ())
    return tuple(str(k) for k in range(int(labels.max()) + 1))


def _sample_of(values: torch.Tensor | None, generator: nn.Module) -> torch.Tensor | None:
    """A copy of the first few, where G is: the batch it is cut from may be used on."""
    return (
        None
        if values is None
        else values[:MAX_REAL_SAMPLES].detach().to(device_of(generator), copy=True)
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("gan-viz", "numpy", "scipy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a bare checkout, or a torch built by hand
            found[name] = "unknown"
    return found

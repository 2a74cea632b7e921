"""The recorder: three lines in any training loop."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gan_viz.arguments import checked
from gan_viz.errors import RecordingError, UsageError, reject_unknown
from gan_viz.hooks.base import Hook, Networks
from gan_viz.hooks.cadence import Cadence
from gan_viz.hooks.distributed import writes_here
from gan_viz.hooks.endings import end_last, is_used_in, last_error, let_go
from gan_viz.hooks.naming import named
from gan_viz.hooks.starting import Asked, built_hooks
from gan_viz.hooks.watching import one_look, settle
from gan_viz.recording import Writer
from gan_viz.recording.resuming import ResumeState
from gan_viz.registry import ENCODERS
from gan_viz.watcher_process import watch_beside

if TYPE_CHECKING:
    from gan_viz.distributions import Latent
    from gan_viz.hooks.starting import HookChoice, Network  # told in words of its own

STILLS = ".svg", ".pdf", ".jpg", ".jpeg", ".html"
"""Suffixes that are no recording's, besides those of animations."""


class Recorder:
    """Records a training to one file, without changing the training.

    Frame 0 is taken at once, before the first step; `close` takes a last one. Where
    `torch.distributed` is initialised, rank 0 records, and the recorders of other ranks do nothing.
    Threads that call `step` together are served one after the other. A recorder that is let go of
    without `close` keeps what it has, as unfinished.

    Parameters
    ----------
    path : str or path-like
        The recording, ``NAME.ganviz``.
    generator : torch.nn.Module or None
        Maps latents ``(n, ...)`` to samples ``(n, ...)``; of several networks (EMA) the one that is
        to be seen. None where `generate` does without one.
    discriminator : torch.nn.Module, optional
        Maps samples to logits, probabilities or a critic's values. Of a tuple or dict the first
        part counts; patches and times are averaged.
    data : optional
        The distribution of one-dimensional data, as `gan_viz.distributions.target` takes it: a
        name or expression like ``"norm(4, 0.5)"``, a frozen scipy.stats distribution, a file, or
        the values.
    column : str or int, optional
        The column of a file or table that is drawn.
    real : tensor, array, list, data set or DataLoader, optional
        Real samples, shape ``(n, ...)`` as D takes them. Pictures ``(n, 1 or 3, h, w)``, rows of
        such, signals ``(n, channels, t)`` or ``(n, t, channels)``, points ``(n, 2)``, rows of a
        table ``(n, k)`` and numbers are told apart by their shape. A data set, or that of a loader,
        is read without a trace; ``next(iter(loader))`` would draw from the training's random state.
    labels : tensor or array, optional
        Classes of `real`, whole numbers from 0, shape ``(n,)``, or one-hot, ``(n, classes)``.
    classes : sequence of str, optional
        Names of the classes; by default their numbers.
    conditional : bool, optional
        Whether G takes whole-number labels as its second argument; by default if there are labels
        and it needs two arguments. For one-hot labels, or labels first, give `generate`.
    latent : str, distribution, callable or tensor
        ``"normal"`` is N(0, 1), ``"uniform"`` U(-1, 1); ``"uniform(0, 1)"`` and ``"normal(0, 2)"``
        have parameters; a `gan_viz.distributions.Latent`, or a distribution of scipy.stats or
        torch.distributions. A callable makes n latents, ``lambda n: torch.rand(n, 100)``; a tensor
        ``(n, ...)`` holds the very latents: if they are pictures, as those that CycleGAN
        translates, they are shown beside what becomes of them. G gets them on its device, in its
        precision.
    latent_dim : int or tuple of int, optional
        Features of z, or the shape of one z as G takes it, like ``(100, 1, 1)``; by default what
        G's first layer takes, if that is plain.
    generate : callable, optional
        What makes samples of latents, in the place of G: ``lambda z: G_ema(z)[0]``,
        ``lambda z, y: G(one_hot(y), z)``, or without arguments, ``lambda: G(fixed_noise, text)``.
        It may return NumPy or JAX arrays; without a `generator` it is given NumPy arrays.
    score : callable, optional
        What judges samples, in the place of D: samples, and labels where G is told classes, to
        numbers ``(n,)``: ``lambda x: -(D(x) - x).abs().flatten(1).mean(1)`` for an autoencoder.
    output : {"logit", "probability", "critic", "margin"}, optional
        What D returns; by default it is found out, see `gan_viz.hooks.outputs.OutputKind`.
    networks : gan_viz.hooks.base.Networks, optional
        What evaluates a G and a D of one-dimensional data in NumPy, in the place of both.
    samples : int, optional
        Samples that are recorded at each frame, from 1 to 4096; by default 64, of larger pictures
        fewer.
    steps : int, optional
        Steps the training will make, if known: there are then about 200 frames.
    every : int or collection of int, optional
        Steps between frames, or the very steps to take one at; by default they are close together
        early on, see `gan_viz.hooks.cadence.Cadence`.
    hooks : iterable of str or Hook, optional
        What to record: names of `gan_viz.registry.HOOKS`, which are built without arguments, or
        hooks, as in ``["scalars", GradientsHook(every=50)]``. By default scalars, what suits the
        samples (distribution, samples, signals, points or statistic), and scores of D.
    header : mapping, optional
        Anything (JSON) worth keeping about the run: settings, seed.
    live : bool
        Whether to start ``gan-viz watch`` beside the training, which says on standard error where
        its page is, and ends by itself when the training has and nobody looks any more.
    resume_at : int, optional
        Continue the recording at `path` after that many steps; give the other arguments as at the
        beginning. What was recorded after that step is dropped, the rest and the latents stay. It
        must not be beyond the last step that was recorded. An unfinished replacement of the
        recording at `path` is resumed first. At step 0 there need not be a recording yet.

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

    @checked
    def __init__(
        self,
        path: str | os.PathLike[str],
        generator: Network | None = None,
        discriminator: Network | None = None,
        *,
        data: Any = None,
        column: int | str | None = None,
        real: Any = None,
        labels: Any = None,
        classes: Sequence[str] | None = None,
        conditional: bool | None = None,
        latent: str | Latent | Any = "normal",
        latent_dim: int | tuple[int, ...] | None = None,
        generate: Callable[..., Any] | None = None,
        score: Callable[..., Any] | None = None,
        output: str | None = None,
        networks: Networks | None = None,
        samples: int | None = None,
        steps: int | None = None,
        every: int | Collection[int] | None = None,
        hooks: Iterable[HookChoice] | None = None,
        header: Mapping[str, Any] | None = None,
        live: bool = False,
        resume_at: int | None = None,
        **unknown: Any,
    ) -> None:
        reject_unknown("Recorder", unknown, list(signature(Recorder).parameters)[:-1])
        self.path = checked_name(Path(path))
        self._cadence = Cadence(every, steps)
        self._lock = threading.RLock()
        self.steps_made = resume_at or 0
        self._writes, self._closed = writes_here(), True  # until it has begun
        self._error = last_error()
        if not self._writes:
            return
        asked = Asked(
            *(generator, discriminator, data, real, labels, classes, conditional),
            *(latent, latent_dim, generate, score, output, column, samples),
            networks,
        )
        with one_look():
            self._hooks = built_hooks(asked.usual_hooks() if hooks is None else hooks)
        end_last(self, asked.ask_g.network or generate, resumes=resume_at is not None)
        about = asked.header(header)
        self._writer = Writer(self.path, about, resume_at=resume_at)
        self._end = weakref.finalize(self, let_go, self._hooks, self._writer)
        self._start(asked, about)
        self._closed = False
        if live:
            watch_beside(self.path)

    @property
    def is_open(self) -> bool:
        """Whether it records here, and was not closed."""
        return self._writes and not self._closed

    def _start(self, asked: Asked, about: Mapping[str, Any]) -> None:
        self._last_frame = self._writer.last_frame
        try:
            if self._writer.resumed_from is not None:
                self._resume(self._writer.resumed_from, about)
            context = asked.context(self._writer, about)
            self._generator = context.generator
            with one_look():
                for hook in self._hooks:
                    hook.start(context)
            self._notes = [h.on_step for h in self._hooks if type(h).on_step is not Hook.on_step]
            if self._last_frame < 0:
                self._take_frame()
        except BaseException:
            self._end.detach()
            self._detach()
            self._writer.discard()
            raise

    def _resume(self, state: ResumeState, about: Mapping[str, Any]) -> None:
        """Make sure that the recording is of the same GAN."""
        if self.steps_made > state.last_step:
            raise UsageError(
                f"{state.path} cannot be resumed at step {self.steps_made}: its last step is "
                f"{state.last_step}; give that or an earlier one"
            )
        for key in ("latent", "target"):
            recorded, given = state.header.get(key), about.get(key)
            if given is not None and recorded != given:  # a hook may have found the target
                raise RecordingError(
                    f"{state.path} cannot be resumed: its {key} is {_named(recorded)}, not "
                    f"{_named(given)}; give what it was begun with, or record to another file"
                )
        taken = [step for step in state.catalog.steps.tolist() if step <= self.steps_made]
        self._cadence.resume(len(taken), taken[-1] if taken else 0)

    def step(self, **scalars: Any) -> None:
        """Note that a step was made.

        Parameters
        ----------
        **scalars : float or tensor of one element
            Losses and whatever else is to be drawn over the steps, e.g. ``d_loss=...``. Tensors
            are detached; those on an accelerator are fetched later, many at a time.
        """
        with self._lock:
            self.steps_made += 1
            if not self._writes:
                return
            begun = time.perf_counter()
            self._error = last_error()
            numbers = named(scalars)
            for note in self._notes:
                note(self.steps_made, numbers)
            now = time.perf_counter()
            if self._cadence.due(self.steps_made, now, now - begun):
                self._take_frame()

    def _take_frame(self) -> None:
        arrays: dict[str, Any] = {}
        settle(self._generator)
        begun = time.perf_counter()
        with one_look():
            for hook in self._hooks:
                hook.flush()
                arrays |= hook.on_frame(self.steps_made)
        self._writer.write_frame(self.steps_made, arrays)
        self._last_frame = self.steps_made
        self._cadence.took(self.steps_made, begun, time.perf_counter())

    def flush(self) -> None:
        """Write all that was noted so far to the file, so that it can be resumed at this step."""
        with self._lock:
            if self.is_open:
                for hook in self._hooks:
                    hook.flush()
                self._writer.flush()

    def close(self, *, complete: bool | None = None, last: bool | None = None) -> None:
        """Finish the file; a second call does nothing.

        Parameters
        ----------
        complete : bool, optional
            Whether the training ended as it was meant to. Else all is kept that was recorded so
            far, but marked as unfinished. By default it did, unless an exception is being handled,
            or, in a notebook, ended the loop.
        last : bool, optional
            Whether a last frame is taken; by default where the training is complete: otherwise G
            may be ahead of the last step.
        """
        with self._lock:
            if self.is_open:
                self._closed = True
                self._end.detach()
                whole = not self._was_interrupted() if complete is None else complete
                self._finish(whole, whole if last is None else last)

    def _was_interrupted(self) -> bool:
        error = last_error()
        if error is None or error is self._error:
            return False
        return sys.exception() is error or is_used_in(error.__traceback__, self)

    def _finish(self, complete: bool, last: bool) -> None:
        try:
            if last and self._last_frame < self.steps_made:
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


def checked_name(path: Path) -> Path:
    """Return a name if a recording can have it. Raises UsageError."""
    if path.suffix.lower() in ENCODERS or path.suffix.lower() in STILLS:
        raise UsageError(
            f"cannot record to {path}: a recording is a file like {path.with_suffix('.ganviz')}, "
            f"of which gan_viz.render() makes {path.name} afterwards"
        )
    return path

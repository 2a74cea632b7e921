"""The recorder: three lines in any training loop."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gan_viz.distributions import Latent, target
from gan_viz.hooks.base import Hook, Run
from gan_viz.hooks.cadence import Cadence
from gan_viz.hooks.distribution import DistributionHook
from gan_viz.hooks.scalars import ScalarsHook
from gan_viz.recording import Writer

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Recorder"]


class Recorder:
    """Records a training to one file, without changing the training.

    Frame 0 is taken at once, before the first step; `close` takes a last one.

    Parameters
    ----------
    path : str or path-like
        The recording, ``NAME.ganviz``.
    generator : torch.nn.Module
        Maps latents ``(n, latent_dim)`` to samples ``(n,)`` or ``(n, 1)``.
    discriminator : torch.nn.Module, optional
        Maps samples ``(n, 1)`` to logits, probabilities or a critic's values, one a sample.
    data : optional
        The data's distribution, as `gan_viz.distributions.target` takes it: a name or expression
        like ``"norm(4, 0.5)"``, a frozen scipy.stats distribution, a file, or the values.
    latent : str or Latent
        ``"normal"`` or ``"uniform"``.
    latent_dim : int
        Features of z; ignored where `latent` is a `Latent`.
    steps : int, optional
        Steps the training will make, if known: frames are then spread evenly from the start.
    every : int or collection of int, optional
        Steps between frames, or the very steps to take one at; by default such that there are
        about 200.
    hooks : iterable of Hook, optional
        What to record; by default scalars, and the 1-D distribution.
    header : mapping, optional
        Anything (JSON) worth keeping about the run: settings, seed.

    Attributes
    ----------
    path : pathlib.Path
        The recording.
    steps_made : int
        Calls of `step` so far.

    Raises
    ------
    UsageError
        A value cannot be used, or the file cannot be written where it should be.
    RecordingError
        The networks' outputs have the wrong shape, or writing fails.

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
        latent: str | Latent = "normal",
        latent_dim: int = 1,
        steps: int | None = None,
        every: int | Collection[int] | None = None,
        hooks: Iterable[Hook] | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> None:
        self._cadence = Cadence(every, steps)
        learnt = None if data is None else target(data)
        latents = latent if isinstance(latent, Latent) else Latent(latent, latent_dim)
        self._hooks = list(hooks) if hooks is not None else [ScalarsHook(), DistributionHook()]
        self.path = Path(path)
        self.steps_made = 0
        self._last_frame = -1
        about = {"latent": latents.describe(), "versions": _versions(), **(header or {})}
        if learnt is not None:
            about["target"] = learnt.describe()
        self._writer = Writer(self.path, about)
        self._start(Run(self._writer, generator, discriminator, learnt, latents))

    def _start(self, run: Run) -> None:
        try:
            for hook in self._hooks:
                hook.start(run)
            self._take_frame()
        except BaseException:
            self._writer.close(complete=False)
            raise
        self._watchers = [h for h in self._hooks if type(h).on_step is not Hook.on_step]

    def step(self, **scalars: Any) -> None:
        """Note that a step was made.

        Parameters
        ----------
        **scalars : float or tensor of one element
            Losses and whatever else is to be drawn over the steps, e.g. ``d_loss=...``. Tensors
            are detached; those on an accelerator are fetched later, many at a time.
        """
        self.steps_made += 1
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

    def close(self) -> None:
        """Take the last frame and finish the file; a second call does nothing."""
        if self._last_frame < self.steps_made:
            self._take_frame()
        for hook in self._hooks:
            hook.flush()
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        for hook in self._hooks:  # keep everything up to the failure, but mark it as unfinished
            hook.flush()
        self._writer.close(complete=False)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("gan-viz", "numpy", "scipy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a bare checkout, or a torch built by hand
            found[name] = "unknown"
    return found

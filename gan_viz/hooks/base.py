"""The contract of a hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gan_viz.distributions import Distribution
from gan_viz.recording import Writer

if TYPE_CHECKING:
    import torch
    from torch import nn

    from gan_viz.hooks.asking import Generate, Score
    from gan_viz.hooks.fixed import FixedLatents
    from gan_viz.hooks.latents import LatentSource


class Networks(Protocol):
    """G and D in the data's units, as NumPy sees them; `judged` says whether there is a D."""

    judged: bool

    def generate(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """G's outputs, shape (n,), of latents of shape (n, latent_dim)."""

    def judge(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """D's raw outputs, shape (n,), on x of shape (n,)."""

    def sample_gradient(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """``-∂(n L_G)/∂x`` at each ``x = G(z)``, of the loss over these n samples."""


@dataclass(frozen=True)
class HookContext:
    """What hooks may know about the training they watch.

    Attributes
    ----------
    writer : Writer
        Of the recording; for declaring channels and constants.
    generator, discriminator : torch.nn.Module or None
    generate : Generate
        Samples of latents, by G or by what the user gave in its place.
    score : Score or None
        One number for each of some samples, by D or by what the user gave in its place.
    target : Distribution or None
        The data's distribution, where it is one-dimensional and known.
    latent : Latent or GivenLatents
        The distribution of z, or some values of it.
    fixed : FixedLatents
        Latents of the sample grid, which hooks share.
    real : torch.Tensor or None
        Some samples of the data, shape (n, ...) as D takes them, on G's device.
    labels : torch.Tensor or None
        Classes of `real`, shape (n,), where there are any.
    classes : tuple of str
        Names of all classes, by index; empty where there are none.
    output : str
        What D's outputs are, as far as the user said it: one of
        `gan_viz.objectives.base.OUTPUTS` or ``"auto"``.
    column : int or None
        The column of a table that is to be drawn, if the user said so.
    networks : Networks or None
        What evaluates one-dimensional networks, where that was given in their place.
    header : mapping
        What the recording tells about the run.
    """

    writer: Writer
    generator: nn.Module | None
    discriminator: nn.Module | None
    generate: Generate
    score: Score | None
    target: Distribution | None
    latent: LatentSource
    fixed: FixedLatents
    real: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    classes: tuple[str, ...] = ()
    output: str = "auto"
    column: int | None = None
    networks: Networks | None = None
    header: Mapping[str, Any] = field(default_factory=dict)


class Hook:
    """Something that watches a training; every method is optional.

    A hook must leave the training as it is: parameters, buffers, gradients, training flags and
    global random states. `gan_viz.hooks.watching.watching` is there to run a network so.
    """

    def start(self, context: HookContext) -> None:
        """Before the first step: declare channels and constants, take the fixed inputs."""

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """After every step: keep it cheap, and never wait for a device."""

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """At a frame: the arrays to record, by channel."""
        return {}

    def flush(self) -> None:
        """Write what is held back; called at frames and at the end."""

    def close(self) -> None:
        """Let go of what was attached to the training; called last, also after a failure."""

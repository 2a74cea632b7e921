"""The contract of a hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gan_viz.distributions import Distribution, Latent
from gan_viz.recording import Writer

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Hook", "Run"]


@dataclass(frozen=True)
class Run:
    """What hooks may know about the training they watch.

    Attributes
    ----------
    writer : Writer
        Of the recording; for declaring channels and constants.
    generator : torch.nn.Module
    discriminator : torch.nn.Module or None
    target : Distribution or None
        The data's distribution, where it is one-dimensional and known.
    latent : Latent
        The distribution of z.
    """

    writer: Writer
    generator: nn.Module
    discriminator: nn.Module | None
    target: Distribution | None
    latent: Latent


class Hook:
    """Something that watches a training; every method is optional.

    A hook must leave the training as it is: parameters, buffers, gradients, training flags and
    global random states. `gan_viz.hooks.watching.watching` is there to run a network so.
    """

    def start(self, run: Run) -> None:
        """Before the first step: declare channels and constants, take the fixed inputs."""

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """After every step: keep it cheap, and never wait for a device."""

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """At a frame: the arrays to record, by channel."""
        return {}

    def flush(self) -> None:
        """Write what is held back; called at frames and at the end."""

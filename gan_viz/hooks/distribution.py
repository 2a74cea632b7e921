"""The 1-D picture's raw material: G at fixed latents, D on a fixed grid of x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.distributions import Latent
from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.outputs import checked_output, kind_of_output
from gan_viz.hooks.watching import device_of, evaluate

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["DistributionHook"]


class DistributionHook(Hook):
    """Record what G makes of fixed latents and what D says along x.

    Channels: ``generator``, shape ``(latents,)``, G's outputs in the data's units;
    ``discriminator``, shape ``(points,)``, D's raw outputs, with the attribute ``output``.
    Constants: ``latents``, shape ``(latents, latent_dim)``; ``x``, shape ``(points,)``.

    Parameters
    ----------
    latents : int
        How many, stratified over the latent distribution.
    points : int
        How many points of x.
    interval : (float, float), optional
        The interval of x; by default twice as wide as the window of the
        target, and wider where G starts outside of it.
    output : {"auto", "logit", "probability", "critic"}
        What D returns. ``"auto"``: a probability if its last module is a `torch.nn.Sigmoid`,
        else a logit.
    double : bool
        Whether D takes x in double precision; by default it gets the type of its parameters.
    z : array_like, shape (latents, latent_dim), optional
        The very latents, instead.
    """

    def __init__(
        self,
        latents: int = 1024,
        points: int = 512,
        interval: tuple[float, float] | None = None,
        output: str = "auto",
        double: bool = False,
        z: ArrayLike | None = None,
    ) -> None:
        self.latents, self.points, self.interval = latents, points, interval
        self.output, self.double = checked_output(output), double
        self.z = None if z is None else np.asarray(z, np.float32)

    def start(self, run: HookContext) -> None:
        """Fix the inputs, declare the channels."""
        import torch

        self._generator, self._discriminator = run.generator, run.discriminator
        latents = run.writer.add_constant("latents", self._fixed(run.latent))
        shape = run.fixed.latents.shape[1:]
        self._z = torch.from_numpy(latents).to(device_of(run.generator)).reshape(-1, *shape)
        first = self._evaluate(self._generator, self._z, "generator")
        # where a recording is resumed, x is as it was: G is elsewhere by now
        x = run.writer.add_constant("x", np.linspace(*self._interval(run, first), self.points))
        run.writer.add_channel("generator", first.shape, str(first.dtype))
        if self._discriminator is not None:
            self._x = self._as_input(x[:, None], self._discriminator)
            first = self._evaluate(self._discriminator, self._x, "discriminator")
            kind = kind_of_output(self._discriminator, self.output)
            run.writer.add_channel("discriminator", first.shape, str(first.dtype), output=kind)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Evaluate both networks."""
        arrays = {"generator": self._evaluate(self._generator, self._z, "generator")}
        if self._discriminator is not None:
            arrays["discriminator"] = self._evaluate(self._discriminator, self._x, "discriminator")
        return arrays

    def _fixed(self, latent: Latent) -> NDArray[np.float32]:
        """The latents that G is given at every frame."""
        if self.z is None:
            return latent.stratified(self.latents)
        if self.z.ndim != 2 or self.z.shape[1] != latent.dim or not len(self.z):
            raise UsageError(
                f"latents z of shape {self.z.shape}: expected (any number, {latent.dim}), "
                "one row for each latent"
            )
        return self.z

    def _interval(self, run: HookContext, outputs: NDArray[Any]) -> tuple[float, float]:
        """Where the data is, a good way around it, and where G starts."""
        if self.interval is not None:
            return self.interval
        if run.target is None:
            raise UsageError(
                "the distribution hook needs to know where to look: give the Recorder data=... "
                "or the hook interval=(low, high)"
            )
        low, high = run.target.window
        reach = (high - low) / 2
        start = outputs[np.isfinite(outputs)]
        first, last = np.quantile(start, [0.02, 0.98]) if len(start) else (low, high)
        # a G that starts very far off would leave too few points where the data is
        return (
            max(min(low, first), low - 6 * reach) - reach,
            min(max(high, last), high + 6 * reach) + reach,
        )

    def _as_input(self, x: NDArray[np.float64], module: nn.Module) -> torch.Tensor:
        import torch

        first = next(module.parameters(), None)
        dtype = torch.float64 if self.double or first is None else first.dtype
        return torch.from_numpy(x).to(device_of(module), dtype)

    @staticmethod
    def _evaluate(module: nn.Module, inputs: torch.Tensor, name: str) -> NDArray[Any]:
        outputs = evaluate(module, inputs)
        if outputs.numel() != len(inputs):
            raise RecordingError(
                f"the {name} maps {tuple(inputs.shape)} to {tuple(outputs.shape)}: the "
                "distribution hook is for one-dimensional data, one number a sample"
            )
        values = outputs.detach().reshape(-1)
        # bfloat16 and float16 are widened: NumPy lacks the one, pictures need more than the other
        return np.asarray((values.float() if values.itemsize < 4 else values).cpu().numpy())

"""The 1-D picture's raw material: G at fixed latents, D on a fixed grid of x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.analysis.distances import midpoints
from gan_viz.arguments import checked
from gan_viz.distributions.latent import arrow_latents, latents_between
from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.latents import LatentSource, as_numbers
from gan_viz.hooks.outputs import OutputKind, checked_output
from gan_viz.hooks.watching import watching

if TYPE_CHECKING:
    import torch

    from gan_viz.objectives import Objective

LEVELS = 128
"""Quantiles of the data at which D is asked for its mean over the data."""


class DistributionHook(Hook):
    """Record what G makes of fixed latents and what D says along x.

    Channels: ``generator``, shape ``(latents,)``, G's outputs in the data's units;
    ``generator_between``, shape ``(k,)``, where z is one number and the latents ascend: G's outputs
    at a few latents between, which tell whether the others are enough to know G;
    ``discriminator``, shape ``(points,)``, D's raw outputs, with the attribute ``output``;
    ``sample_gradient``, shape ``(k,)``, where the objective is known and z is one number:
    ``-∂(k L_G)/∂x`` at the samples ``x = G(z)``, the direction in which G's loss moves each, per
    unit of x, as autograd finds it for the loss over these k samples.
    Constants: ``latents``, shape ``(latents, latent_dim)``; ``latents_between``, shape ``(k, 1)``;
    ``x``, shape ``(points,)``;
    ``gradient_latents``, shape ``(k,)``, ascending and evenly spaced.

    Parameters
    ----------
    latents : int
        How many, stratified over the latent distribution.
    points : int
        How many points of x.
    interval : (float, float), optional
        The interval of x; by default twice as wide as the window of the
        target, and wider where G starts outside of it.
    output : {"auto", "logit", "probability", "critic", "margin"}
        What D returns. ``"auto"``: what the objective says; without one, what the recorder was
        told, or found out.
    double : bool
        Whether D takes x in double precision; by default it gets the type of its parameters.
    z : array_like, shape (latents, latent_dim), optional
        The very latents, instead.
    objective : Objective, optional
        What G is trained with.
    """

    @checked
    def __init__(
        self,
        latents: int = 1024,
        points: int = 512,
        interval: tuple[float, float] | None = None,
        output: str = "auto",
        double: bool = False,
        z: ArrayLike | None = None,
        objective: Objective | None = None,
    ) -> None:
        self.latents, self.points, self.interval = latents, points, interval
        self.output, self.double = checked_output(output), double
        self.z = None if z is None else as_numbers("z", z).astype(np.float32)
        self.objective = objective
        if objective is not None and output == "auto":
            self.output = objective.output

    def start(self, run: HookContext) -> None:
        """Fix the inputs, declare the channels."""
        self._networks = run.networks or _Modules(run, self.double, self.objective)
        self._judged, self._graded = run.score is not None, False
        self._z = run.writer.add_constant("latents", self._fixed(run.latent))
        first = self._networks.generate(self._z)
        # where a recording is resumed, x is as it was: G is elsewhere by now
        self._x = run.writer.add_constant(
            "x", np.linspace(*self._interval(run, first), self.points)
        )
        run.writer.add_channel("generator", first.shape, str(first.dtype))
        self._start_checks(run, str(first.dtype))
        if run.score is not None:
            first = self._networks.judge(self._x)
            kind = self._kind_of_output(run)
            run.writer.add_channel("discriminator", first.shape, str(first.dtype), output=kind)
            self._start_gradient(run)

    def _kind_of_output(self, run: HookContext) -> str:
        assert run.score is not None
        self._kind = OutputKind(run.output if self.output == "auto" else self.output, run.writer)
        self._levels = None if run.target is None else run.target.ppf(midpoints(LEVELS))
        some = self._x[:: max(1, len(self._x) // 32), None].astype(np.float32)
        return self._kind.settle(run.score, (some, None), channel="discriminator")

    def _compare_loss(self, step: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Have the kind of D's outputs judged by what it says of the data and of G's samples."""
        if self._kind.is_open and self._levels is not None and len(self._x) > 1:
            made, scores = arrays["generator"], arrays["discriminator"]
            on_real, on_fake = (np.interp(at, self._x, scores) for at in (self._levels, made))
            self._kind.judge(step, on_real, on_fake)

    def _start_checks(self, run: HookContext, dtype: str) -> None:
        z = self._z[:, 0]
        self._number, self._checked = len(z), self._z.shape[1] == 1 and bool((np.diff(z) > 0).all())
        self._checked &= len(z) > 1
        if self._checked:
            between = latents_between(z).astype(np.float32)[:, None]
            between = run.writer.add_constant("latents_between", between)
            run.writer.add_channel("generator_between", (len(between),), dtype)
            self._z = np.concatenate([self._z, between])

    def _start_gradient(self, run: HookContext) -> None:
        self._graded = self.objective is not None and self._z.shape[1] == 1
        if self._graded:
            even = np.unique(arrow_latents(self._z[: self._number]).astype(np.float32))
            self._gradient_z = run.writer.add_constant("gradient_latents", even)[:, None]
            run.writer.add_channel("sample_gradient", even.shape, "float64")

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Evaluate both networks."""
        outputs = self._networks.generate(self._z)
        arrays = {"generator": outputs[: self._number]}
        if self._checked:
            arrays["generator_between"] = outputs[self._number :]
        if self._judged:
            arrays["discriminator"] = self._networks.judge(self._x)
            self._compare_loss(step, arrays)
        if self._graded:
            arrays["sample_gradient"] = self._networks.sample_gradient(self._gradient_z)
        return arrays

    def _fixed(self, latent: LatentSource) -> NDArray[np.float32]:
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


class _Modules:
    """Any two modules, evaluated by PyTorch without leaving a trace in their training."""

    def __init__(self, run: HookContext, double: bool, objective: Objective | None) -> None:
        self._generate, self._score = run.generate, run.score
        self._shape = run.fixed.latents.shape[1:]
        self._double, self._objective = double, objective

    def generate(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """See `Networks.generate`."""
        with watching(*self._generate.things):
            return _as_array(self._generated(latents))

    def judge(self, x: NDArray[np.float64]) -> NDArray[Any]:
        """See `Networks.judge`."""
        import torch

        assert self._score is not None
        with watching(*self._score.things):
            return _as_array(self._judged(torch.from_numpy(x)[:, None]))

    def sample_gradient(self, latents: NDArray[np.float32]) -> NDArray[Any]:
        """See `Networks.sample_gradient`."""
        import torch

        assert self._objective is not None
        assert self._score is not None
        with watching(*self._generate.things, *self._score.things):
            x = self._generated(latents)
            with torch.enable_grad():
                x = x.detach().requires_grad_()
                loss = len(x) * self._objective.g_loss(self._judged(x))
                # only by x, so that no parameter is left with a gradient
                (gradient,) = torch.autograd.grad(loss, x)
        return -gradient.double().cpu().numpy().ravel()

    def _generated(self, latents: NDArray[np.float32]) -> torch.Tensor:
        import torch

        z = torch.from_numpy(latents).reshape(-1, *self._shape)
        return _checked(self._generate(z), z, "generator")

    def _judged(self, x: torch.Tensor) -> torch.Tensor:
        assert self._score is not None
        return _checked(self._score(x, exact=self._double), x, "discriminator")


def _checked(outputs: torch.Tensor, inputs: torch.Tensor, name: str) -> torch.Tensor:
    if outputs.numel() != len(inputs):
        raise RecordingError(
            f"the {name} maps {tuple(inputs.shape)} to {tuple(outputs.shape)}: the "
            "distribution hook is for one-dimensional data, one number a sample"
        )
    return outputs


def _as_array(outputs: torch.Tensor) -> NDArray[Any]:
    values = outputs.detach().reshape(-1)
    # bfloat16 and float16 are widened: NumPy lacks the one, pictures need more than the other
    return np.asarray((values.float() if values.itemsize < 4 else values).cpu().numpy())

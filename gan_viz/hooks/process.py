"""The way from noise to data that a diffusion model or a flow takes, and its learnt score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.noising import Level, NoisedTarget
from gan_viz.arguments import checked
from gan_viz.distributions.latent import arrow_latents
from gan_viz.errors import UsageError
from gan_viz.hooks.base import Hook, HookContext

if TYPE_CHECKING:
    import torch

POINTS = 129
"""Places at which the score is recorded at each level of noise."""
TAILS = 1e-4
"""Mass beyond the outermost of them, on either side."""


class ProcessHook(Hook):
    """Record the ways of some latents to data, and the score that leads them.

    Channels: ``ways``, shape ``(levels + 1, k)``, where samples are at each level of noise, the
    last of which is none; ``score``, shape ``(levels, points)``, the learnt score at each level
    with noise, in 1 / unit of x. Constants: ``noise_levels``, shape ``(levels + 1, 3)``: alpha,
    shift and sigma of `gan_viz.analysis.noising.Level`; ``score_x``, shape ``(levels, points)``;
    ``way_latents``, shape ``(k,)``, ascending. The recorder's `data` has to be a distribution.

    Parameters
    ----------
    transport : gan_viz.training.transport.Transport
    only : bool
        Whether each frame is one level, the first one of noise alone: it then has the ways up to
        there, and the score there, and NaN elsewhere.
    """

    @checked
    def __init__(self, transport: Any, only: bool = False) -> None:
        self._transport, self._only = transport, only

    def start(self, run: HookContext) -> None:
        """Choose the latents and the places, declare the channels."""
        if run.target is None or run.latent.dim != 1:
            raise UsageError(
                "the process hook needs a one-dimensional latent and the data's distribution: "
                "give the Recorder data=..."
            )
        levels, noised = self._transport.levels, NoisedTarget(run.target)
        q = np.array([TAILS, 1 - TAILS])
        ends = np.array([noised.ppf(q, Level(*level)) for level in levels[:-1].tolist()])
        part = np.linspace(0.0, 1.0, POINTS)
        x = ends[:, :1] * (1 - part) + ends[:, 1:] * part
        self._x = run.writer.add_constant("score_x", x)
        z = arrow_latents(run.latent.stratified(1024)).astype(np.float32)
        self._z = run.writer.add_constant("way_latents", z)[:, None]
        run.writer.add_constant("noise_levels", levels)
        run.writer.add_channel("ways", (len(levels), len(z)), "float64")
        run.writer.add_channel("score", self._x.shape, "float32")

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Follow the latents, and ask for the score."""
        import torch

        with torch.no_grad():
            ways = [_as_array(x) for x in self._transport.ways(torch.from_numpy(self._z))]
            scores = [
                _as_array(self._transport.score(torch.from_numpy(x)[:, None], number))
                for number, x in enumerate(self._x)
            ]
        made, learnt = np.stack(ways), np.stack(scores).astype(np.float32)
        if self._only:
            made[step + 1 :] = np.nan
            learnt[np.arange(len(learnt)) != min(step, len(learnt) - 1)] = np.nan
        return {"ways": made, "score": learnt}


def _as_array(values: torch.Tensor) -> NDArray[np.float64]:
    return np.asarray(values.double().numpy().ravel())

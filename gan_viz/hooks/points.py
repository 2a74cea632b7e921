"""Points of the plane: G's samples, and D on a grid around the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.arguments import checked
from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.base import Hook, HookContext
from gan_viz.hooks.outputs import OutputKind

if TYPE_CHECKING:
    import torch

NEARLY_ALL = 0.01, 0.99
"""Quantiles of G's first samples that the window holds, besides all real ones."""
MARGIN = 0.15
"""The window is wider by this on each side."""
FARTHEST = 2.0
"""G's first samples widen the window of the data by this many widths at most."""


class PointsHook(Hook):
    """Record G's points of the plane, and what D says there.

    Channels: ``points``, float32, shape ``(latents, 2)``, what G makes of latents that cover their
    distribution evenly; ``discriminator_map``, float32, shape ``(grid, grid)``, D in evaluation
    mode, row by row from the lowest y, with the attribute ``output``. Constants: ``real_points``,
    shape ``(m, 2)``, where the recorder has them; ``map_x`` and ``map_y``, shape ``(grid,)``.

    Parameters
    ----------
    latents : int
        How many points of G.
    grid : int
        How many places of D in each direction.
    window : ((float, float), (float, float)), optional
        Lowest and highest x, and y; by default around the data and where G starts.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    @checked
    def __init__(
        self,
        latents: int = 512,
        grid: int = 48,
        window: tuple[tuple[float, float], tuple[float, float]] | None = None,
    ) -> None:
        if latents < 1 or grid < 2:
            raise UsageError(f"{latents} points and a grid of {grid}: expected at least 1 and 2")
        self.latents, self.grid, self.window = latents, grid, window

    def start(self, context: HookContext) -> None:
        """Fix the latents and the grid, declare the channels."""
        writer = context.writer
        self._score = context.score
        self._fixed = context.fixed.others(context.latent.stratified(self.latents))
        first = self._points()
        real = first[:0] if context.real is None else _points(context.real, "real")
        if len(real):
            writer.add_constant("real_points", real)
        x, y = self.window or _window(real, first)
        ends = {"map_x": x, "map_y": y}
        axes = [writer.add_constant(k, np.linspace(*v, self.grid)) for k, v in ends.items()]
        writer.add_channel("points", first.shape, "float32")
        if self._score is not None:
            import torch

            places = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2).astype(np.float32)
            self._places = torch.from_numpy(places)
            kind = OutputKind(context.output, writer)
            found = kind.settle(self._score, (self._places, None), channel="discriminator_map")
            writer.add_channel("discriminator_map", (self.grid,) * 2, "float32", output=found)

    def on_frame(self, step: int) -> Mapping[str, NDArray[Any]]:
        """Ask G for the points, and D for its map."""
        arrays = {"points": self._points()}
        if self._score is not None:
            outputs = self._score.asked(self._places).float().cpu().numpy()
            if len(outputs) != len(self._places):
                raise RecordingError(
                    f"D judges {len(self._places)} points with {len(outputs)} numbers: the points "
                    "hook needs one for each; choose other hooks"
                )
            arrays["discriminator_map"] = outputs.reshape(self.grid, self.grid)
        return arrays

    def _points(self) -> NDArray[np.float32]:
        return np.concatenate([_points(made, "G") for made in self._fixed.chunks()])


def _points(samples: torch.Tensor, name: str) -> NDArray[np.float32]:
    if tuple(samples.shape[1:]) != (2,):
        raise UsageError(
            f"samples of {name} have the shape {tuple(samples.shape)}: the points hook is for "
            "(n, 2); choose other hooks"
        )
    return np.asarray(samples.detach().float().cpu().numpy())


def _window(
    real: NDArray[np.float32], first: NDArray[np.float32]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lowest and highest x, and y, of the data and nearly all of G's first points."""
    (low_x, high_x), (low_y, high_y) = (
        _interval(real[:, axis], first[:, axis]) for axis in range(2)
    )
    return (low_x, high_x), (low_y, high_y)


def _interval(real: NDArray[np.float32], first: NDArray[np.float32]) -> tuple[float, float]:
    data, start = (one[np.isfinite(one)].astype(np.float64) for one in (real, first))
    bulk = np.quantile(start, NEARLY_ALL) if len(start) else np.array([-1.0, 1.0])
    low, high = (data.min(), data.max()) if len(data) else bulk
    reach = FARTHEST * max(high - low, 1e-3)
    low, high = max(min(low, bulk[0]), low - reach), min(max(high, bulk[1]), high + reach)
    margin = MARGIN * max(high - low, 1e-3)
    return float(low - margin), float(high + margin)

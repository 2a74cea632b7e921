"""p_data, the density of G(z), and D(x), over x."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gan_viz.analysis import bandwidth, kernel_density
from gan_viz.distributions import Distribution, from_description
from gan_viz.panels.base import DYNAMIC, Key, Panel, Style
from gan_viz.recording import Recording

__all__ = ["DensityPanel"]

Array = NDArray[np.float64]

POINTS = 601
HEADROOM = 1.3
"""Top of the density scale over the peak of p_data."""
SPIKES = 2.0
"""The scale grows up to this many times the peak of p_data to hold p_g; higher spikes are cut."""
D_TOP = 1.06
"""Top of D's scale, so that D = 1 is seen below the frame."""
DASH, SPACE = 3.4, 2.6
"""Lengths along x, in widths of the line."""


class DensityPanel(Panel):
    """p_data (dotted, tinted), the density of G(z) and D(x) with its line at 1/2.

    Densities share the left scale; D has its own from 0 to 1 on the right. A critic, which has no
    probability, is not drawn here.
    """

    needs: ClassVar[tuple[str, ...]] = ("generator",)
    share: ClassVar[float] = 1.55

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.target: Distribution | None = None
        if "target" in recording.header:
            self.target = from_description(recording.header["target"])
        self.x = np.linspace(*self._window(), POINTS)
        self.densities = np.stack([self._density(g) for g in recording.frames("generator")])
        self.data = None if self.target is None else self.target.pdf(self.x)

    @cached_property
    def probability(self) -> bool:
        """Whether D was recorded and means a probability."""
        channel = self.recording.channels.get("discriminator")
        return channel is not None and channel.attributes.get("output") != "critic"

    def _window(self) -> tuple[float, float]:
        """Where p_data is, stretched to hold G's body in nearly all frames."""
        bounds = np.array(
            [
                np.nanquantile(g[np.isfinite(g)], [0.02, 0.98]) if np.isfinite(g).any() else [0, 0]
                for g in self.recording.frames("generator")
            ]
        )
        low, high = float(np.quantile(bounds[:, 0], 0.01)), float(np.quantile(bounds[:, 1], 0.99))
        pad = 0.1 * (high - low)
        if self.target is None:
            return low - pad - 1e-9, high + pad + 1e-9
        start, end = self.target.window
        reach = end - start  # G may be anywhere at first: do not let it shrink p_data to a needle
        return max(min(start, low - pad), start - reach), min(max(end, high + pad), end + reach)

    def _density(self, outputs: NDArray[np.generic]) -> Array:
        samples = outputs[np.isfinite(outputs.astype(np.float64))].astype(np.float64)
        width = bandwidth(samples, stratified=True) if len(samples) else 0.0
        return kernel_density(samples, self.x, width)

    @cached_property
    def top(self) -> float:
        """Upper end of the density scale."""
        reached = float(np.quantile(self.densities.max(axis=1), 0.9))
        if self.data is None or not np.isfinite(self.data).any():
            return HEADROOM * reached
        peak = self._peak(self.data[np.isfinite(self.data)])
        return max(HEADROOM * peak, min(1.05 * reached, SPIKES * peak))

    @staticmethod
    def _peak(density: Array) -> float:
        """The highest value, unless it is a pole of the density."""
        high, usual = float(density.max()), float(np.quantile(density, 0.97))
        return high if high < 3 * usual else usual

    def keys(self, style: Style) -> Sequence[Key]:
        """p_data, p_g, D."""
        estimate = self.target is not None and self.target.is_estimate
        keys = [Key(r"$G(z)$", style.generated)]
        if self.target is not None:
            name = r"$p_\mathrm{data}$" + (" (estimate)" if estimate else "")
            keys.insert(0, Key(name, style.data, ":", filled=True))
        return [*keys, Key("$D(x)$", style.discriminator, "--")] if self.probability else keys

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw p_data and the scales; create the two curves."""
        axes.set_xlim(self.x[0], self.x[-1])
        axes.set_ylim(0, self.top)
        axes.set_xlabel("x")
        axes.set_ylabel("density")
        self._draw_data(axes, style)
        self._curve = Line2D(
            [], [], color=style.generated, linewidth=style.line, zorder=DYNAMIC + 1
        )
        axes.add_line(self._curve)
        if not self.probability:
            return [self._curve]
        self._draw_scale_of_d(axes, style)
        self._d = Line2D(
            [],
            [],
            color=style.discriminator,
            linewidth=style.line,
            zorder=DYNAMIC,
            transform=axes.get_xaxis_transform(),
        )
        axes.add_line(self._d)
        self._gaps = self._gaps_of_d(axes, style)
        return [self._d, self._curve]

    def _draw_data(self, axes: Axes, style: Style) -> None:
        if self.target is None or self.data is None:
            return
        data = np.minimum(self.data, 10 * self.top)  # a pole of the density is drawn cut off
        histogram = self.target.histogram()
        if histogram is not None:
            edges, heights = histogram
            axes.stairs(heights, edges, fill=True, color=style.data, alpha=0.22, linewidth=0)
        else:
            axes.fill_between(self.x, data, color=style.data, alpha=0.16, linewidth=0)
        axes.plot(self.x, data, color=style.data, linestyle=":", linewidth=style.line)

    @staticmethod
    def _draw_scale_of_d(axes: Axes, style: Style) -> None:
        top = axes.get_ylim()[1]
        half = 0.5 / D_TOP * top
        axes.axhline(half, color=style.faint, linewidth=max(1.0, style.line / 3), zorder=1)
        to_d, to_density = partial(np.multiply, D_TOP / top), partial(np.multiply, top / D_TOP)
        scale = axes.secondary_yaxis("right", functions=(to_d, to_density))
        scale.set_yticks([0, 0.5, 1], ["0", "½", "1"])
        scale.set_ylabel("D(x)", color=style.discriminator)
        scale.tick_params(colors=style.discriminator, labelcolor=style.discriminator)

    def update(self, frame: int) -> None:
        """Move the two curves."""
        self._curve.set_data(self.x, self.densities[frame])
        if self.probability:
            self._d.set_data(
                self.x, np.where(self._gaps, np.nan, self.discriminator(frame) / D_TOP)
            )

    def discriminator(self, frame: int) -> Array:
        """D as a probability along `x`, shape (points,); NaN where it was not recorded."""
        output = self.recording.array("discriminator", frame).astype(np.float64)
        if self.recording.channels["discriminator"].attributes.get("output") == "logit":
            output = 0.5 + 0.5 * np.tanh(0.5 * output)
        return np.interp(self.x, self._recorded_x, output, left=np.nan, right=np.nan)

    @cached_property
    def _recorded_x(self) -> Array:
        return np.asarray(self.recording.constants["x"], np.float64)

    def _gaps_of_d(self, axes: Axes, style: Style) -> NDArray[np.bool_]:
        """Where D's line is interrupted: fixed along x, so that no dash crawls as D moves."""
        pixels = np.linspace(0, axes.bbox.width, len(self.x))
        return np.mod(pixels / style.line, DASH + SPACE) > DASH

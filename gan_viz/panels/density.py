"""p_data, p_g, D(x) and what D(x) would best be, over x."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gan_viz.analysis import GeneratedDensity, hinted_limits, optimal_discriminator, quantiles
from gan_viz.analysis.discriminator import DiscriminatorCurve
from gan_viz.analysis.hints import hint
from gan_viz.distributions import Distribution, from_description
from gan_viz.errors import RecordingError
from gan_viz.panels.artists import Area, Curve, Dashed
from gan_viz.panels.base import (
    DYNAMIC,
    Key,
    LineStyle,
    Panel,
    Style,
    add_right_scale,
    read,
)
from gan_viz.recording import Recording

__all__ = [
    "DensityPanel",
    "HistogramDensityPanel",
    "KernelDensityPanel",
    "PlainDensityPanel",
]

Array = NDArray[np.float64]

POINTS = 401
"""Points along x of what moves: as many as there are pixels in a picture of ordinary size."""
FINE = 4
"""What stands still has this many times as many."""
HEADROOM = 1.3
"""Top of the density scale over the peak of p_data."""
SPIKES = 2.0
"""The scale grows up to this many times the peak of p_data to hold p_g; higher spikes are cut."""
D_TOP = 1.06
"""Top of D's scale, so that D = 1 is seen below the frame."""
TINT, BARS = 0.16, 0.24
"""Opacity below p_data, and of the bars of a histogram."""
GAP = 0.1
"""Opacity of the gap between D and the best D."""
FAINT = 0.02
"""The best D is shown where the densities add up to more than this part of the scale: elsewhere
there is next to nothing that D could learn from."""
BODY = 0.02, 0.98
"""Quantiles of G's outputs that are to be in the picture."""
LARGE = 1e100
"""What is larger counts as infinite: squares still have to be finite."""


class DensityPanel(Panel):
    """p_data (dotted, tinted), p_g and D(x) with its line at 1/2, and the best D in thin.

    Densities share the left scale; D has its own from 0 to 1 on the right. A critic, which has no
    probability, has a scale of its own there, the same at all frames, with a line at 0; a
    Wasserstein critic, of which only differences count, less its mean on the data (see
    `gan_viz.analysis.discriminator`). There is no best critic to compare it with.

    Of a one-dimensional latent p_g is exact: each point of the curve is the mean over a cell, a
    picture's width / 401, so that a point mass is a spike of the right area. It is estimated with
    kernels where that is not possible, and the legend says so.

    The header's ``look`` may ask for: ``density``, ``bins`` and ``span``, see
    `gan_viz.analysis.generated`; ``xlim`` and ``ylim``, the ends of the scales; ``optimal: false``,
    no best D; ``dashed``, p_data a dashed line, and D a dotted one; ``shaded``, the areas below
    both densities tinted; ``common``, D on the scale of the densities; ``critic: [low, high]``, the
    least and the greatest value of the critic at these heights on it, at each frame.

    Attributes
    ----------
    way : {"exact", "kde", "histogram"} or None
        How p_g is found; None for what the recording's header asks for, or else exactly.
    optimal : bool
        Whether ``D* = p_data / (p_data + p_g)`` is drawn beside D, and the gap between them tinted.
    """

    needs: ClassVar[tuple[str, ...]] = ("generator",)
    share: ClassVar[float] = 1.55
    way: ClassVar[str | None] = None
    optimal: ClassVar[bool] = True

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self._check_shapes()
        self.target: Distribution | None = None
        if "target" in recording.header:
            self.target = from_description(recording.header["target"])
        self.x = np.linspace(*self._window(), POINTS)
        self.p_g = GeneratedDensity(recording, self.way)
        self.densities = np.array([self.p_g.along(g, self.x) for g in self._raw()], np.float32)

    def _check_shapes(self) -> None:
        """Refuse what is not one number for each latent and each point of x."""
        channels, constants = self.recording.channels, self.recording.constant_channels
        shapes = [channels["generator"].shape]
        if "discriminator" in channels and "x" in constants:
            shapes += [channels["discriminator"].shape, constants["x"].shape]
        if any(len(shape) != 1 for shape in shapes) or len(set(shapes[1:])) > 1:
            raise RecordingError(
                f"{self.recording.path}: the density panel draws one-dimensional data, but the "
                f"recorded arrays have the shapes {', '.join(map(str, shapes))}; "
                "choose other panels"
            )

    def _raw(self) -> Iterator[Array]:
        """G's outputs at each frame; none where they were not recorded."""
        for frame in range(len(self.recording)):
            outputs = read(self.recording, "generator", frame)
            yield np.asarray([] if outputs is None else outputs, np.float64)

    def _outputs(self) -> Iterator[Array]:
        """The same ascending, as far as they are finite."""
        for values in self._raw():
            yield np.sort(values[np.abs(values) < LARGE])  # nor NaN

    @cached_property
    def d(self) -> DiscriminatorCurve | None:
        """D along x, if it was recorded."""
        if "discriminator" not in self.recording.channels or "x" not in self.recording.constants:
            return None
        return DiscriminatorCurve(self.recording, self.x, self._p_data)

    def _window(self) -> tuple[float, float]:
        """As the header says, or where p_data is, stretched to hold G's body nearly always."""
        given = hinted_limits(self.recording, "xlim")
        if given is not None:
            return given
        bodies = [quantiles(outputs, BODY) for outputs in self._outputs() if len(outputs)]
        if self.target is None:
            return self._window_of_g(bodies) if bodies else (-1.0, 1.0)
        start, end = self.target.window
        if not bodies:
            return start, end
        low, high = self._window_of_g(bodies)
        reach = end - start  # G may be anywhere at first: do not let it shrink p_data to a needle
        return max(min(start, low), start - reach), min(max(end, high), end + reach)

    @staticmethod
    def _window_of_g(bodies: Sequence[Sequence[float]]) -> tuple[float, float]:
        lows, highs = np.transpose(bodies)
        low, high = float(np.quantile(lows, 0.01)), float(np.quantile(highs, 0.99))
        pad = max(0.1 * (high - low), 0.05 * abs(low), 1e-6)  # a G that is constant, too
        return low - pad, high + pad

    @cached_property
    def top(self) -> float:
        """Upper end of the density scale."""
        given = hinted_limits(self.recording, "ylim")
        top = given[1] if given is not None and given[1] > 0 else self._top_of_densities()
        on_it = None if self.d is None else self.d.on_the_densities
        return top if on_it is None else max(top, D_TOP * on_it[1])

    def _top_of_densities(self) -> float:
        reached = float(np.quantile(self.densities.max(axis=1), 0.9)) if len(self.densities) else 0
        if self.target is None:
            return HEADROOM * reached or 1.0
        peak = self._peak(self._drawn_data[1], self.target.histogram())
        return max(HEADROOM * peak, min(1.05 * reached, SPIKES * peak))

    @cached_property
    def _drawn_data(self) -> tuple[Array, Array]:
        """The curve of p_data: x and densities, finite."""
        assert self.target is not None
        x = np.linspace(self.x[0], self.x[-1], (POINTS - 1) * FINE + 1)
        density = np.nan_to_num(self.target.pdf(x), nan=0.0, posinf=LARGE)
        return x, np.asarray(density, np.float64)

    @staticmethod
    def _peak(density: Array, histogram: tuple[Array, Array] | None) -> float:
        """The highest value of p_data, unless it is a pole of the density."""
        high, usual = float(density.max()), float(np.quantile(density, 0.97))
        peak = high if high < 3 * usual else usual
        return peak if histogram is None else max(peak, float(histogram[1].max()))

    def keys(self, style: Style) -> Sequence[Key]:
        """p_data, p_g, D, the best D."""
        keys = [Key("*p*_g_" + _certainty(self.p_g), style.generated, filled=self._asked("shaded"))]
        if self.target is not None:
            name, (line, tint) = "*p*_data_" + _certainty(self.target), self._look_of_data
            keys.insert(0, Key(name, style.data, line, filled=tint > 0))
        if self.d is not None:
            name = "critic *f(x)*" if self.d.critic else "*D(x)*"
            keys.append(Key(name, style.discriminator, self._line_of_d))
        if self._comparable:
            keys.append(Key("*D*∗*(x)*", style.muted, filled=True, slight=True))
        return keys

    def _asked(self, name: str) -> bool:
        return hint(self.recording, name) is True

    @property
    def _look_of_data(self) -> tuple[LineStyle, float]:
        """Line of p_data and opacity below it."""
        if self._asked("dashed"):
            return "--", TINT if self._asked("shaded") else 0.0
        return ":", TINT

    @property
    def _line_of_d(self) -> LineStyle:
        return ":" if self._asked("dashed") else "--"

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw p_data and the scales; create the two curves."""
        axes.set_xlim(self.x[0], self.x[-1])
        axes.set_ylim(0, self.top)
        axes.set_xlabel("x")
        axes.set_ylabel("density")
        if self.target is not None:
            self._draw_data(axes, style, self.target)
        self._curve = Curve(axes, style.generated, style.line, zorder=DYNAMIC + 1)
        self._shades = self._create_shades(axes, style)
        if self.d is None:
            return [*self._shades, self._curve]
        self._draw_scale_of_d(axes, style, self.d)
        beside = self._compare(axes, style) if self._comparable else []
        self._d = Dashed(axes, style.discriminator, style.line, self._line_of_d)
        return [*self._shades, *beside, self._d, self._curve]

    def _create_shades(self, axes: Axes, style: Style) -> list[Area]:
        """Create the area below p_g, if it is asked for."""
        return [Area(axes, style.generated, 0.0, tint=TINT)] if self._asked("shaded") else []

    def _compare(self, axes: Axes, style: Style) -> list[Artist]:
        """Create what D is compared with; it is drawn below D."""
        self._gap = Area(axes, style.muted, 0.0, tint=GAP)
        self._best = Curve(axes, style.muted, style.slight)
        return [self._gap, self._best]

    def _draw_data(self, axes: Axes, style: Style, target: Distribution) -> None:
        x, density = self._drawn_data
        density = np.minimum(density, 10 * self.top)  # a pole is drawn cut off
        histogram, (line, tint) = target.histogram(), self._look_of_data
        if histogram is not None:
            edges, heights = histogram
            axes.stairs(heights, edges, fill=True, color=style.data, alpha=BARS, linewidth=0)
        elif tint:
            axes.fill_between(x, density, color=style.data, alpha=tint, linewidth=0)
        axes.plot(x, density, color=style.data, linestyle=line, linewidth=style.line)

    def _draw_scale_of_d(self, axes: Axes, style: Style, d: DiscriminatorCurve) -> None:
        """Draw the scale at the right and the line at 1/2, or at 0 of a critic."""
        if d.on_the_densities is not None:
            return
        marks = self._marks_of_critic() if d.critic else {0.0: "0", 0.5: "1/2", 1.0: "1"}
        name = "D(x)" if not d.critic else "critic − mean" if d.centered else "critic"
        line, *places = self._heights(np.array([0.0 if d.critic else 0.5, *marks])).tolist()
        axes.axhline(line, color=style.faint, linewidth=style.thin, zorder=1)
        labels = dict(zip(places, marks.values(), strict=True))
        add_right_scale(axes, labels, style, style.discriminator, name)

    def _marks_of_critic(self) -> dict[float, str]:
        """A few round numbers."""
        low, high = self._scale_of_d
        values = np.asarray(MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high))
        within = values[(low <= values) & (values <= high)].tolist()
        return {value: f"{value + 0.0:.4g}".replace("-", "−") for value in within}

    @cached_property
    def _scale_of_d(self) -> tuple[float, float]:
        """What D is at the lower and at the upper end of the density scale."""
        if self.d is None or self.d.on_the_densities is not None:
            return 0.0, self.top
        return self.d.limits(self._there) if self.d.critic else (0.0, D_TOP)

    @property
    def _there(self) -> NDArray[np.bool_]:
        """Where there are samples to be told apart, shape (frames, points)."""
        known = self.densities if self._p_data is None else self.densities + self._p_data
        return np.asarray(known > FAINT * self.top)

    def _heights(self, d: Array) -> Array:
        """D on the density's scale."""
        low, high = self._scale_of_d
        return np.asarray((d - low) * (self.top / (high - low)))

    def update(self, frame: int) -> None:
        """Move the curves."""
        density = self.densities[frame]
        self._curve.set_points(self.x, density)
        for shade in self._shades:
            shade.set_between(self.x, density, np.zeros_like(density))
        if self.d is None:
            return
        d = self._heights(self.d.at(frame))
        self._d.set_along(self.x, d)
        if self._comparable:
            best = self._heights(self.best(frame))
            self._best.set_points(self.x, best)
            self._gap.set_between(self.x, d, best)

    @property
    def _comparable(self) -> bool:
        """Whether there are a D and densities to find the best one by; bins are too coarse."""
        known = self.target is not None and self.p_g.way != "histogram"
        wanted = self.optimal and hint(self.recording, "optimal") is not False
        return known and wanted and self.d is not None and not self.d.critic

    def best(self, frame: int) -> Array:
        """The best D along `x`, shape (points,); NaN where there is hardly any density."""
        assert self._p_data is not None
        return optimal_discriminator(self._p_data, self.densities[frame], FAINT * self.top)

    @cached_property
    def _p_data(self) -> Array | None:
        return None if self.target is None else self._drawn_data[1][::FINE]


class PlainDensityPanel(DensityPanel):
    """The same without the best D: for pictures that are small."""

    optimal: ClassVar[bool] = False


class KernelDensityPanel(DensityPanel):
    """The same with p_g estimated by Gaussian kernels, whatever the latent."""

    way: ClassVar[str | None] = "kde"


class HistogramDensityPanel(DensityPanel):
    """The same with p_g as a histogram of G's outputs."""

    way: ClassVar[str | None] = "histogram"


def _certainty(density: Distribution | GeneratedDensity) -> str:
    return " (estimate)" if density.is_estimate else ""

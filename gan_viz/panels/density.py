"""p_data, p_g, D(x) and what D(x) would best be, over x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gan_viz.analysis import GeneratedDensity, optimal_discriminator, quantiles
from gan_viz.analysis.discriminator import DiscriminatorCurve
from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.generated import MOST_BINS
from gan_viz.distributions import Distribution, from_description
from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.artists import Area, Curve, FixedDashes
from gan_viz.panels.base import (
    DYNAMIC,
    LegendEntry,
    LineStyle,
    Panel,
    Style,
    add_right_scale,
    missing,
    read_frames,
)
from gan_viz.panels.figure1 import Figure1, LatentMap
from gan_viz.panels.parameters import Interval
from gan_viz.recording import Recording

__all__ = ["DensityPanel"]

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
GRADIENT = "−∂*L*_G_/∂*x* →"
"""What the legend calls the gradient arrows."""
NEEDS_OF_ARROWS: Mapping[str | None, Sequence[str]] = {
    None: (),
    "map": ("latents",),
    "gradient": ("latents", "sample_gradient", "gradient_latents"),
}


@dataclass(eq=False)
class DensityPanel(Panel):
    """p_data (dotted, tinted), p_g and D(x) with its line at 1/2, and the best D in thin.

    Densities share the left scale; D has its own from 0 to 1 on the right. A critic, which has no
    probability, has a scale of its own there, the same at all frames, with a line at 0; a
    Wasserstein critic, of which only differences count, less its mean on the data (see
    `gan_viz.analysis.discriminator`). There is no best critic to compare it with.

    With arrows it is Figure 1 of Goodfellow et al. (2014), https://arxiv.org/abs/1406.2661: below
    the x axis is that of z, and arrows lead from z to G(z). They start evenly spaced in z, not in
    its quantiles: so their tips are as far apart as G stretches z there, ``|G'(z)|``, arrows that
    draw together show where p_g is made dense, and arrows that cross show that G folds.

    Parameters
    ----------
    density : {"exact", "kde", "histogram"}, optional
        How p_g is found: by change of variables, which takes a latent of one dimension (each point
        of the curve is the mean over a cell, a picture's width / 401, so that a point mass is a
        spike of the right area), from G's outputs by Gaussian kernels, or in bins. By default
        exact where that is possible, or else by kernels; the legend says what is an estimate.
    arrows : {"map", "gradient"}, optional
        From z to G(z); or with another on each G(z), along ``-∂L_G/∂x``, the direction in which
        the loss of G moves that sample. One scale for the whole recording gives the lengths of the
        latter: 9 of 10 are at most 9 % as long as the x axis, and longer ones are cut at 13 %.
    dstar : bool, optional
        Whether ``D* = p_data / (p_data + p_g)`` is drawn beside D, and the gap between them
        tinted. By default where there are no arrows.
    bins : int, optional
        Bins of a histogram, 1 to 400; by default 80 over the picture.
    span : (float, float), optional
        What the bins divide; if only `bins` is given, from the least output to the greatest.
    xlim : (float, float), optional
        What is seen of x; by default where p_data is, and nearly all of G's outputs.
    ylim : (float, float), optional
        The scale of the densities begins at 0 and has this upper end, above 0.
    dashed : bool
        Whether p_data is a dashed line, and D a dotted one.
    shaded : bool
        Whether the areas below both densities are tinted.
    common_scale : bool
        Whether D is on the scale of the densities.
    critic_range : (float, float), optional
        Heights on the scale of the densities at which the least and the greatest value of a critic
        are drawn, at each frame.
    """

    needs: ClassVar[tuple[str, ...]] = ("generator",)
    width_ratio: ClassVar[float] = 1.55
    from_header: ClassVar[Mapping[str, str]] = {
        **{name: name for name in ("density", "bins", "span", "xlim", "ylim", "dashed", "shaded")},
        "optimal": "dstar",
        "common": "common_scale",
        "critic": "critic_range",
    }

    density: Literal["exact", "kde", "histogram"] | None = None
    arrows: Literal["map", "gradient"] | None = None
    dstar: bool | None = None
    bins: int | None = None
    span: Interval | None = None
    xlim: Interval | None = None
    ylim: Interval | None = None
    dashed: bool = False
    shaded: bool = False
    common_scale: bool = False
    critic_range: Interval | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bins is not None and not 1 <= self.bins <= MOST_BINS:
            raise UsageError(f"panel density: bins is {self.bins}, expected 1 to {MOST_BINS}")
        if self.ylim is not None and self.ylim[1] <= 0:
            raise UsageError(f"panel density: ylim ends at {self.ylim[1]:g}, expected more than 0")

    def lacking(self, recording: Recording) -> list[str]:
        """Which of `needs` and of what the arrows need a recording does not have."""
        return missing(recording, [*self.needs, *NEEDS_OF_ARROWS[self.arrows]])

    def load(self) -> None:
        """Find the window, and the densities at all frames."""
        self._check_shapes()
        header = self.recording.header
        self.target: Distribution | None = None
        if "target" in header:
            self.target = from_description(header["target"])
        self.x = np.linspace(*self._window(), POINTS)
        self.p_g = GeneratedDensity(self.recording, self.density, self.bins, self.span)
        outputs = read_frames(self.recording, "generator")
        self.densities = np.array([self.p_g.along(g, self.x) for g in outputs], np.float32)
        self.mapping: LatentMap | None = None
        if self.arrows is not None:
            gradients = self.arrows == "gradient"
            self.mapping = LatentMap.read(self.recording, self.x, gradients)

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

    def _outputs(self) -> Iterator[Array]:
        """G's outputs at each frame, ascending, as far as they are finite."""
        for values in read_frames(self.recording, "generator"):
            yield np.sort(values[np.abs(values) < LARGE])  # nor NaN

    @cached_property
    def d(self) -> DiscriminatorCurve | None:
        """D along x, if it was recorded."""
        if "discriminator" not in self.recording.channels or "x" not in self.recording.constants:
            return None
        return DiscriminatorCurve(
            self.recording,
            self.x,
            self._p_data,
            critic_range=self.critic_range,
            common_scale=self.common_scale,
        )

    def _window(self) -> tuple[float, float]:
        """As asked for, or where p_data is, stretched to hold G's body nearly always."""
        if self.xlim is not None:
            return self.xlim
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
        top = self._top_of_densities() if self.ylim is None else self.ylim[1]
        on_it = None if self.d is None else self.d.on_the_densities
        return top if on_it is None else max(top, D_TOP * on_it[1])

    def _top_of_densities(self) -> float:
        reached = float(np.quantile(self.densities.max(axis=1), 0.9)) if len(self.densities) else 0
        if self.target is None:
            return HEADROOM * reached or 1.0
        peak = self._peak(self._drawn_data[1], self.target)
        return max(HEADROOM * peak, min(1.05 * reached, SPIKES * peak))

    @cached_property
    def _drawn_data(self) -> tuple[Array, Array]:
        """The curve of p_data: x and densities, finite."""
        assert self.target is not None
        x = np.linspace(self.x[0], self.x[-1], (POINTS - 1) * FINE + 1)
        density = np.nan_to_num(self.target.pdf(x), nan=0.0, posinf=LARGE)
        return x, np.asarray(density, np.float64)

    @staticmethod
    def _peak(density: Array, target: Distribution) -> float:
        """The highest value of p_data, unless it is a pole of the density.

        Needles far apart are none: they are high where half of the mass is.
        """
        where_mass_is = target.pdf(target.ppf(np.arange(1, 32) / 32))
        high = float(max(density.max(), where_mass_is.max()))
        usual = float(max(np.quantile(density, 0.97), np.median(where_mass_is)))
        peak = high if high < 3 * usual else usual
        histogram = target.histogram()
        return peak if histogram is None else max(peak, float(histogram[1].max()))

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """p_data, p_g, D (whose colour gradient arrows have, too), and the best D."""
        name = "*p*_g_" + _certainty(self.p_g)
        entries = [LegendEntry(name, style.generated, filled=self.shaded)]
        if self.target is not None:
            name, (line, tint) = "*p*_data_" + _certainty(self.target), self._look_of_data
            entries.insert(0, LegendEntry(name, style.data, line, filled=tint > 0))
        name = "" if self.d is None else "critic *f(x)*" if self.d.critic else "*D(x)*"
        if self.arrows == "gradient":
            name = f"{name}, {GRADIENT}" if name else GRADIENT
        if name:
            entries.append(LegendEntry(name, style.discriminator, self._line_of_d))
        if self._comparable:
            entries.append(LegendEntry("*D*∗*(x)*", style.muted, filled=True, slight=True))
        return entries

    @property
    def _look_of_data(self) -> tuple[LineStyle, float]:
        """Line of p_data and opacity below it."""
        if self.dashed:
            return "--", TINT if self.shaded else 0.0
        return ":", TINT

    @property
    def _line_of_d(self) -> LineStyle:
        return ":" if self.dashed else "--"

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw p_data and the scales; create what moves."""
        axes.set_xlim(self.x[0], self.x[-1])
        axes.set_ylim(0, self.top)
        axes.set_xlabel("x")
        axes.set_ylabel("density")
        if self.target is not None:
            self._draw_data(axes, style, self.target)
        moving = self._create_curves(axes, style)
        if self.mapping is None:
            return moving
        self._figure1 = Figure1(axes, style, self.mapping, self.x, self.top, moving)
        return self._figure1.moving

    def _create_curves(self, axes: Axes, style: Style) -> list[Artist]:
        """Create p_g, D and what D is compared with."""
        self._curve = Curve(axes, style.generated, style.line, zorder=DYNAMIC + 1)
        self._shades = [Area(axes, style.generated, 0.0, tint=TINT)] if self.shaded else []
        if self.d is None:
            return [*self._shades, self._curve]
        self._draw_scale_of_d(axes, style, self.d)
        beside = self._compare(axes, style) if self._comparable else []
        self._d = FixedDashes(axes, style.discriminator, style.line, self._line_of_d)
        return [*self._shades, *beside, self._d, self._curve]

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
        """Move curves and arrows."""
        density = self.densities[frame]
        self._curve.set_points(self.x, density)
        for shade in self._shades:
            shade.set_between(self.x, density, np.zeros_like(density))
        if self.mapping is not None:
            self._figure1.update(frame, density)
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
        wanted = self.arrows is None if self.dstar is None else self.dstar
        return known and wanted and self.d is not None and not self.d.critic

    def best(self, frame: int) -> Array:
        """The best D along `x`, shape (points,); NaN where there is hardly any density."""
        assert self._p_data is not None
        return optimal_discriminator(self._p_data, self.densities[frame], FAINT * self.top)

    @cached_property
    def _p_data(self) -> Array | None:
        return None if self.target is None else self._drawn_data[1][::FINE]


def _certainty(density: Distribution | GeneratedDensity) -> str:
    return " (estimate)" if density.is_estimate else ""

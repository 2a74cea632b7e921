"""p_data, p_g and D(x), with their names beside them, over x."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gan_viz.analysis import GeneratedDensity, quantiles
from gan_viz.analysis.bound import Gap, gaps_of, leak_into
from gan_viz.analysis.critics import BestCritic, BestMargin, best_of
from gan_viz.analysis.discriminator import BestDiscriminator, DiscriminatorCurve
from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.exact import LARGE, latent_line
from gan_viz.analysis.generated import MOST_BINS
from gan_viz.analysis.visible import mean_density
from gan_viz.diagnostics import turns
from gan_viz.distributions import Distribution, recorded_target
from gan_viz.errors import RecordingError, UsageError
from gan_viz.panels.artists import Area, Curve
from gan_viz.panels.base import (
    DYNAMIC,
    LegendEntry,
    LineStyle,
    Panel,
    Style,
    add_right_scale,
    missing,
    name_before_ticks,
    read,
    read_frames,
)
from gan_viz.panels.figure1 import Figure1, LatentMap, NotBelowZero
from gan_viz.panels.labels import CurveLabels, Label, Shown, place
from gan_viz.panels.lettering import Font, Lettering
from gan_viz.panels.marks import (
    Spikes,
    changing_label,
    marks_of_spikes,
    marks_of_what_is_outside,
    spikes_of,
)
from gan_viz.panels.parameters import Interval
from gan_viz.panels.words import Words
from gan_viz.recording import NotRecordedError, Recording

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
TINT, BARS = 0.2, 0.28
"""Opacity below the densities, and of the bars of a histogram."""
FAINTEST = 0.12
"""Opacity of the gaps between modes."""
GAP = 0.45
"""Opacity of the gap between D and the optimal D."""
LANE = 0.085
"""Height of the samples below the axis, relative to the densities."""
RUG = 64
"""Samples of either kind that are drawn there."""
MOST_GAPS = 3
"""Gaps between modes that are told of."""
SHORT = 3
"""Names of x up to so many letters stand beside the numbers, longer ones below them."""
ANCHOR = 0.3
"""A density is named where it is higher than this part of its peak."""
FAINT = 0.02
"""The optimal D is shown where the densities add up to more than this part of the scale: elsewhere
there is next to nothing that D could learn from."""
BODY = 0.02, 0.98
"""Quantiles of G's outputs that are to be in the picture."""
NEEDS_OF_ARROWS: Mapping[str | None, Sequence[str]] = {
    None: (),
    "map": ("latents",),
    "gradient": ("latents", "sample_gradient", "gradient_latents"),
}


@dataclass(eq=False)
class DensityPanel(Panel):
    """p_data, p_g and D(x) with its line at 1/2; samples of both densities below the axis.

    Densities share the left scale; D has its own from 0 to 1 on the right. A critic, which has no
    probability, has a scale of its own there, the same at all frames, with a line at 0; a
    Wasserstein critic, of which only differences count, less its mean on the data (see
    `gan_viz.analysis.discriminator`).

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
    dstar : bool
        Whether ``D* = p_data / (p_data + p_g)`` is drawn beside D, and the gap between them
        tinted; of a critic, the one that earns most (see `gan_viz.analysis.critics`), and of one
        with a gradient penalty also, dotted, the one of slope 1, and between the two the
        penalty's bias.
    bound : bool
        Whether the gaps between the modes of p_data are tinted, each with the mass that p_g has
        there, and the least that any continuous G as steep as this one has (see
        `gan_viz.analysis.bound`); where z has one dimension.
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
        Whether the areas below both densities are tinted; otherwise, below histograms alone.
    rug : bool
        Whether some samples are drawn below the axis, where no arrows are.
    common_scale : bool
        Whether D is on the scale of the densities.
    critic_limits : (float, float), optional
        Ends of the scale of a critic; by default such that it holds what the critic says where
        there are samples.
    critic_range : (float, float), optional
        Heights on the scale of the densities at which the least and the greatest value of a critic
        are drawn, at each frame.
    bandwidth : float
        Factor on the width of the kernels, from 0.01 to 100, which is by Scott's rule with
        ``"kde"``, as in scipy and seaborn; where they replace the exact way, the width is fitted.
    arrows : {"map", "gradient"}, optional
        From z to G(z); or with another on each G(z), along ``-∂L_G/∂x``, the direction in which
        the loss of G moves that sample. One scale for the whole recording gives the lengths of the
        latter: 9 of 10 are at most 9 % as long as the x axis, and longer ones are cut at 13 %.
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
    dstar: bool = False
    bins: int | None = None
    span: Interval | None = None
    xlim: Interval | None = None
    ylim: Interval | None = None
    dashed: bool = False
    shaded: bool = True
    rug: bool = True
    common_scale: bool = False
    critic_range: Interval | None = None
    bandwidth: float = 1.0
    critic_limits: Interval | None = None
    bound: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bins is not None and not 1 <= self.bins <= MOST_BINS:
            raise UsageError(f"panel density: bins is {self.bins}, expected 1 to {MOST_BINS}")
        if not 0.01 <= self.bandwidth <= 100:
            raise UsageError(
                f"panel density: bandwidth is {self.bandwidth:g}, expected a factor on the usual "
                "width of kernels, 0.01 to 100"
            )
        if self.ylim is not None and self.ylim[1] <= 0:
            raise UsageError(f"panel density: ylim ends at {self.ylim[1]:g}, expected more than 0")

    def lacking(self, recording: Recording) -> list[str]:
        """Which of `needs` and of what the arrows need a recording does not have."""
        return missing(recording, [*self.needs, *NEEDS_OF_ARROWS[self.arrows]])

    def load(self) -> None:
        """Find the window, and the densities at all frames."""
        self._check_shapes()
        self.target: Distribution | None = recorded_target(self.recording.header)
        self.x = np.linspace(*self._window(), POINTS)
        way = self.density, self.bins, self.span, self.bandwidth
        self.p_g = GeneratedDensity(self.recording, *way)
        self._turns = turns(self.recording)
        outputs = [*read_frames(self.recording, "generator")]
        self.densities = np.array([self.p_g.along(g, self.x) for g in outputs], np.float32)
        self._outside = [self._mass_outside(g) for g in outputs]
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

    def _mass_outside(self, outputs: Array) -> tuple[float, float]:
        """Mass of p_g beyond either side; 0 where no output is, as it is next to nothing then."""
        beyond = (outputs < self.x[0]) | (outputs > self.x[-1])
        return self.p_g.outside(outputs, self.x) if beyond.any() else (0.0, 0.0)

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
            self.p_data,
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
        return x, mean_density(self.target, x)

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

    def _entries(self, style: Style) -> dict[str, LegendEntry]:
        """Names of what is drawn, by what it is called in `WORDS`."""
        words, entries = style.words, {}
        if self.target is not None:
            line, tint = self._look_of_data
            name = words.name("data") + _certainty(self.target, words)
            entries["data"] = LegendEntry(
                name, style.data, line, filled=tint > 0, wide=True, short=words.short("data")
            )
        name = words.name("generated") + _certainty(self.p_g, words)
        entries["generated"] = LegendEntry(
            name, style.generated, filled=self.shaded, short=words.short("generated")
        )
        if self.d is not None:
            name = "critic" if self.d.critic else "discriminator"
            entries["d"] = LegendEntry(
                words.name(name), style.discriminator, self._line_of_d, short=words.short(name)
            )
        if self.arrows == "gradient":
            entries["gradient"] = LegendEntry(
                words.name("gradient"), style.discriminator, short=words.short("gradient")
            )
        if self._comparable:
            assert self._best_d is not None
            name = "best-critic" if self.d is not None and self.d.critic else "optimal"
            entries["optimal"] = LegendEntry(
                words.name(name) + _certainty(self._best_d, words),
                style.muted,
                filled=True,
                slight=True,
                short=words.short(name),
            )
            if self._best_d.biased:
                entries["bias"] = LegendEntry(
                    words.name("bias"), style.bad, ":", filled=True, slight=True
                )
        return entries

    def legend(self, style: Style) -> Sequence[LegendEntry]:
        """p_data, p_g, D, what gradient arrows say, and the optimal D."""
        entries = self._entries(style)
        if "d" in entries and "gradient" in entries:  # of one colour
            d, pushes = entries["d"], entries.pop("gradient")
            text, short = f"{d.text}, {pushes.text}", f"{d.short}, {pushes.short}"
            entries["d"] = replace(d, text=text, short=short)
        return [*entries.values()]

    @property
    def _look_of_data(self) -> tuple[LineStyle, float]:
        """Line of p_data and opacity below it."""
        return "--" if self.dashed else "-", TINT if self.shaded else 0.0

    @property
    def _line_of_d(self) -> LineStyle:
        return ":" if self.dashed else "-"

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw p_data and the scales; create what moves."""
        axes.set_xlim(self.x[0], self.x[-1])
        axes.set_ylim(-LANE * self.top if self._has_rug else 0, self.top)
        if len(self._name_of_x) > SHORT:
            axes.set_xlabel(self._name_of_x)
        else:
            name_before_ticks(axes, self._name_of_x, style)
        axes.set_ylabel(style.words.say("density"))
        if self.target is not None:
            self._draw_data(axes, style, self.target)
        for gap in self._gaps:
            axes.axvspan(
                gap.low, gap.high, color=style.muted, alpha=FAINTEST, linewidth=0, zorder=0
            )
        moving = self._create_curves(axes, style)
        self._axes, self._labels = axes, CurveLabels(axes)
        self._places: list[tuple[Sequence[Lettering | None], Array]] = []
        if self.mapping is not None:
            self._figure1 = Figure1(axes, style, self.mapping, self.x, self.top, moving)
            return [*self._figure1.moving, self._labels]
        if self._has_rug:
            moving.append(self._create_rug(axes, style))
        return [*moving, self._labels]

    @property
    def _name_of_x(self) -> str:
        """The column of the data, where they have one."""
        label = "" if self.target is None else self.target.label
        return label.partition(": ")[2] or "x"

    @property
    def _has_rug(self) -> bool:
        return self.rug and self.arrows is None

    def _create_rug(self, axes: Axes, style: Style) -> Curve:
        """Draw samples of the data below the axis; create those of G."""
        for side in ("left", "right"):
            axes.spines[side].set_bounds(0.0, self.top)
        axes.yaxis.set_major_locator(NotBelowZero())
        axes.yaxis.label.set_y((1 + LANE / (1 + LANE)) / 2)
        if self.target is not None:
            real = self.target.ppf(midpoints(RUG))
            x, y = _strokes(real, -0.95 * LANE * self.top, -0.55 * LANE * self.top)
            axes.plot(x, y, color=style.data, linewidth=style.slight, solid_capstyle="butt")
        outputs = self.recording.channels["generator"].shape[0]
        self._shown = np.linspace(0, outputs - 1, min(RUG, outputs)).astype(np.intp)
        self._rug = Curve(axes, style.generated, style.slight, snap=True)
        return self._rug

    def label(self, style: Style) -> Sequence[LegendEntry]:
        """Write the names beside the curves, in places that no curve crosses in any frame."""
        entries = self._entries(style)
        rest = [entry for name, entry in entries.items() if name == "gradient"]
        named = {name: entry for name, entry in entries.items() if name != "gradient"}
        curves = {name: self._in_pixels(one) for name, one in self._drawn_curves.items()}
        labels = {
            name: self._label(name, entry, curves[name], style)
            for name, entry in sorted(named.items(), key=lambda item: item[0] != "generated")
        }
        labels |= {f"mark {number}": mark for number, mark in enumerate(self._marks(style))}
        labels |= self._labels_of_gaps(style)
        labels = {name: label for name, label in labels.items() if any(label.texts)}
        box, low = self._axes.bbox, self._in_pixels(np.zeros(1))[0]
        reference = [] if self.d is None else [self._in_pixels(self._reference)[:, None]]
        found = place(
            [*labels.values()],
            [*curves.values(), *(np.tile(one, (1, 2)) for one in reference), *self._pushes()],
            (box.width, box.height),
            float(low),
            0.25 * style.font,
        )
        self._places = [
            (label.texts, where)
            for label, where in zip(labels.values(), found, strict=True)
            if where is not None
        ]
        missed = {name for name, where in zip(labels, found, strict=True) if where is None}
        return [*rest, *(entry for name, entry in named.items() if name in missed)]

    def _pushes(self) -> list[Array]:
        """The lowest and the highest gradient arrow along x, as curves, where there are some."""
        if self.mapping is None or self.mapping.reach is None:
            return []
        low = np.full(self.densities.shape, np.nan)
        high = low.copy()
        for frame, (tips, reach) in enumerate(
            zip(self.mapping.tips, self.mapping.reach, strict=True)
        ):
            for tip, length in zip(tips.tolist(), reach.tolist(), strict=True):
                over = (self.x >= min(tip, tip + length)) & (self.x <= max(tip, tip + length))
                height = min(float(np.interp(tip, self.x, self.densities[frame])), self.top)
                low[frame, over] = np.fmin(low[frame, over], height)
                high[frame, over] = np.fmax(high[frame, over], height)
        return [self._in_pixels(low), self._in_pixels(high)]

    def _in_pixels(self, heights: Array) -> Array:
        """Heights on the densities' scale, from the lower end of the axes."""
        low, high = self._axes.get_ylim()
        return np.asarray((heights - low) * (self._axes.bbox.height / (high - low)), np.float64)

    @cached_property
    def _drawn_curves(self) -> dict[str, Array]:
        """All curves on the densities' scale, by name, each of shape (frames or 1, points)."""
        curves = {"generated": self.densities.astype(np.float64)}
        if self.p_data is not None:
            curves["data"] = self.p_data[None]
        if self.d is not None:
            curves["d"] = self._at_all_frames(self.d.at)
        if self._comparable:
            curves["optimal"] = self._at_all_frames(self.best)
            if self._best_d is not None and self._best_d.biased:
                curves["bias"] = self._at_all_frames(self._unbiased)
        return curves

    def _at_all_frames(self, d: Callable[[int], Array]) -> Array:
        """What D, or a better one, is at each frame, on the densities' scale."""
        frames = range(len(self.recording))
        return self._heights(np.array([d(frame) for frame in frames]).reshape(len(frames), -1))

    def _label(self, name: str, entry: LegendEntry, curve: Array, style: Style) -> Label:
        """The name of a curve, to be written where the curve is in sight and no flat tail."""
        base, high = self._in_pixels(np.zeros(1))[0], self._axes.bbox.height
        anchor = np.where((curve < 0) | (curve > high), np.nan, curve)
        if name in ("data", "generated"):
            seen = np.minimum(curve, high)
            peaks = np.fmax.reduce(seen, axis=1, keepdims=True)
            anchor = np.where(curve > base + ANCHOR * (peaks - base), seen, np.nan)
        text = Lettering(entry.text, Font(style.font), entry.color)
        return Label([text] * len(self.recording), anchor)

    def _marks(self, style: Style) -> list[Label]:
        """Words on spikes that leave the picture, and on what is beyond its sides."""
        axes, color, number = self._axes, style.generated, len(self.recording)
        of_g, of_data = self._spikes
        marks = marks_of_spikes(self.x, of_g, number, axes, color, style)
        if self.target is not None:
            of_data_alone = marks_of_spikes(
                self._drawn_data[0], of_data, 1, axes, style.data, style
            )
            marks += [replace(mark, texts=[*mark.texts] * number) for mark in of_data_alone]
        return marks + marks_of_what_is_outside(self._outside, len(self.x), axes, color, style)

    @cached_property
    def _spikes(self) -> tuple[Spikes, Spikes]:
        """What the picture cuts off of p_g, and of p_data."""
        x, data = self._drawn_data if self.target is not None else (self.x, np.zeros(POINTS))
        return spikes_of(self.x, self.densities, self.top), spikes_of(x, data[None], self.top)

    @cached_property
    def _gaps(self) -> list[Gap]:
        """The widest gaps between the modes, if they are asked for and p_g is known there."""
        if not self.bound or self.target is None or latent_line(self.recording) is None:
            return []
        widest = sorted(gaps_of(self.target), key=lambda gap: -gap.width)[:MOST_GAPS]
        return [gap for gap in widest if self.x[0] < gap.low and gap.high < self.x[-1]]

    def _labels_of_gaps(self, style: Style) -> dict[str, Label]:
        """What G has in each gap, the least that it can have, and its largest slope."""
        line, labels = latent_line(self.recording), {}
        for number, gap in enumerate(self._gaps):
            assert line is not None
            leaks = [leak_into(gap, line, g) for g in read_frames(self.recording, "generator")]
            say = style.words.say("in-gap")
            words = [
                f"{100 * mass:.2g}% {say} {100 * least:.2g}%: |G′| ≤ {most:.3g}"
                if np.isfinite(most)
                else ""
                for mass, least, most in leaks
            ]
            within = (self.x > gap.low) & (self.x < gap.high)
            anchor = np.where(within, 0.6 * self._axes.bbox.height, np.nan)[None]
            labels[f"gap {number}"] = changing_label(words, anchor, style.generated, style)
        return labels

    def _create_curves(self, axes: Axes, style: Style) -> list[Artist]:
        """Create p_g, D and what D is compared with."""
        self._curve = Curve(axes, style.generated, style.line, zorder=DYNAMIC + 1)
        self._shades = [Area(axes, style.generated, 0.0, tint=TINT)] if self.shaded else []
        if self.d is None:
            return [*self._shades, self._curve]
        self._draw_scale_of_d(axes, style, self.d)
        beside = self._compare(axes, style) if self._comparable else []
        self._d = Curve(axes, style.discriminator, style.line, self._line_of_d)
        return [*self._shades, *beside, self._d, self._curve]

    def _compare(self, axes: Axes, style: Style) -> list[Artist]:
        """Create what D is compared with; it is drawn below D."""
        self._gap = Area(axes, style.muted, 0.0, tint=GAP)
        self._best = Curve(axes, style.muted, style.slight)
        if self._best_d is None or not self._best_d.biased:
            return [self._gap, self._best]
        self._bias = Area(axes, style.bad, 0.0, tint=TINT)
        self._straight = Curve(axes, style.bad, style.slight, ":")
        return [self._gap, self._bias, self._straight, self._best]

    def _draw_data(self, axes: Axes, style: Style, target: Distribution) -> None:
        x, density = self._drawn_data
        density = np.minimum(density, 10 * self.top)  # a pole is drawn cut off
        histogram, (line, tint) = target.histogram(), self._look_of_data
        if histogram is not None:
            edges, heights = histogram
            axes.stairs(heights, edges, fill=True, color=style.data, alpha=BARS, linewidth=0)
        elif tint:
            axes.fill_between(x, density, color=style.data, alpha=tint, linewidth=0)
        axes.plot(x, density, color=style.data, linestyle=line, linewidth=style.wide)

    def _draw_scale_of_d(self, axes: Axes, style: Style, d: DiscriminatorCurve) -> None:
        """Draw the scale at the right and the line at 1/2, or at 0 of a critic."""
        if d.on_the_densities is not None:
            return
        marks = self._marks_of_critic() if d.critic else {0.0: "0", 0.5: "1/2", 1.0: "1"}
        name = "D(x)" if not d.critic else "critic − mean" if d.centered else "critic"
        (line,), places = self._reference, self._heights(np.array([*marks])).tolist()
        axes.axhline(line, color=style.faint, linewidth=style.thin, zorder=1)
        labels = dict(zip(places, marks.values(), strict=True))
        add_right_scale(axes, labels, style, style.discriminator, name)

    @property
    def _reference(self) -> Array:
        """Height of the line at 1/2, or at 0 of a critic, shape (1,)."""
        return self._heights(np.array([0.0 if self.d is not None and self.d.critic else 0.5]))

    def _marks_of_critic(self) -> dict[float, str]:
        """A few round numbers."""
        low, high = self._scale_of_d
        values = np.asarray(MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high))
        within = values[(low <= values) & (values <= high)].tolist()
        return {value: f"{value + 0.0:.4g}".replace("-", "−") for value in within}

    def shared_limits(self) -> dict[str, Interval]:
        """The scale of a critic, where it has one of its own."""
        own = self.d is not None and self.d.critic and self.d.on_the_densities is None
        return {"critic_limits": self._scale_of_d} if own else {}

    @cached_property
    def _scale_of_d(self) -> tuple[float, float]:
        """What D is at the lower and at the upper end of the density scale."""
        if self.d is None or self.d.on_the_densities is not None:
            return 0.0, self.top
        if self.d.critic and self.critic_limits is not None:
            return self.critic_limits
        return self.d.limits(self._there) if self.d.critic else (0.0, D_TOP)

    @property
    def _there(self) -> NDArray[np.bool_]:
        """Where there are samples to be told apart, shape (frames, points)."""
        known = self.densities if self.p_data is None else self.densities + self.p_data
        return np.asarray(known > FAINT * self.top)

    def _heights(self, d: Array) -> Array:
        """D on the density's scale."""
        low, high = self._scale_of_d
        return np.asarray((d - low) * (self.top / (high - low)))

    def update(self, frame: int) -> None:
        """Move curves and arrows."""
        density = self.densities[frame]
        self._labels.show(
            [
                Shown(text, *where[frame].tolist())
                for texts, where in self._places
                if (text := texts[frame]) is not None and np.isfinite(where[frame, 0])
            ]
        )
        if self._has_rug:
            outputs, lane = read(self.recording, "generator", frame), LANE * self.top
            drawn = np.empty(0) if outputs is None else np.asarray(outputs[self._shown], np.float64)
            drawn = np.where(np.abs(drawn) < LARGE, drawn, np.nan)
            self._rug.set_points(*_strokes(drawn, -0.45 * lane, -0.05 * lane))
        self._curve.set_points(self.x, density)
        self._curve.bold = self._turns[frame] == "turn-g"
        for shade in self._shades:
            shade.set_between(self.x, density, np.zeros_like(density))
        if self.mapping is not None:
            self._figure1.update(frame, density)
        if self.d is None:
            return
        d = self._heights(self.d.at(frame))
        self._d.set_points(self.x, d)
        self._d.bold = self._turns[frame] == "turn-d"
        if self._comparable:
            best = self._heights(self.best(frame))
            self._best.set_points(self.x, best)
            self._gap.set_between(self.x, d, best)
            if self._best_d is not None and self._best_d.biased:
                straight = self._heights(self._unbiased(frame))
                self._straight.set_points(self.x, straight)
                self._bias.set_between(self.x, best, straight)

    @property
    def _comparable(self) -> bool:
        """Whether it is asked for the optimal D, and known; bins are too coarse."""
        return self.dstar and self.p_g.way != "histogram" and self._best_d is not None

    def best(self, frame: int) -> Array:
        """The optimal D along `x`, shape (points,); NaN where it is unknown or hardly matters."""
        try:
            outputs = self.recording.array("generator", frame)
        except NotRecordedError:
            return np.full_like(self.x, np.nan)
        if self._best_d is None or self.d is None:
            return np.full_like(self.x, np.nan)
        return self._best_d.at(outputs, FAINT * self.top, self.d.at(frame))

    def _unbiased(self, frame: int) -> Array:
        """The optimal critic without its penalty, likewise."""
        outputs = read(self.recording, "generator", frame)
        if outputs is None or not isinstance(self._best_d, BestCritic):
            return np.full_like(self.x, np.nan)
        return self._best_d.unbiased(outputs, FAINT * self.top)

    @cached_property
    def _best_d(self) -> BestDiscriminator | BestCritic | BestMargin | None:
        if self.target is None or self.d is None or self.d.stretched:
            return None
        return best_of(self.recording, self.target, self.p_g, self.x)

    @cached_property
    def p_data(self) -> Array | None:
        """The density of the data along `x`, shape (points,), if it is known."""
        return None if self.target is None else self._drawn_data[1][::FINE]


def _certainty(density: object, words: Words) -> str:
    rule = getattr(density, "rule", "")
    estimate = words.say("estimate") + (f", {rule}" if rule else "")
    return f" ({estimate})" if getattr(density, "is_estimate", False) else ""


def _strokes(x: Array, low: float, high: float) -> tuple[Array, Array]:
    """Upright strokes, as the points of one interrupted curve."""
    return np.repeat(x, 3), np.tile([low, high, np.nan], len(x))

"""Pictures of a sweep, from its results."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.api.drawing import make_look, write_figure, write_frames
from gan_viz.api.look import Look
from gan_viz.api.output import Output, Rendered, check_output, keep_apart
from gan_viz.api.stabilizers import STABILIZERS
from gan_viz.arguments import checked
from gan_viz.diagnostics.wording import VERDICT_KINDS
from gan_viz.distributions.base import shorten
from gan_viz.errors import RecordingError, UnknownNameError, UsageError
from gan_viz.sweeps.checks import LARGEST
from gan_viz.sweeps.grid import SETTINGS
from gan_viz.sweeps.store import SweepResults

if TYPE_CHECKING:
    from gan_viz.rendering.atlas import Atlas, AtlasPicture, Band

Array = NDArray[np.float64]

VALUES: Mapping[str, str] = {
    "w1": "distance of p_g from p_data (W1/σ) at the end",
    "w1_best": "least distance of p_g from p_data (W1/σ) on the way",
    "tv": "total variation distance of p_g from p_data at the end",
    "js": "Jensen-Shannon divergence of p_g and p_data at the end, nats",
    "covered": "share of modes covered",
    "diverged": "share of runs that diverged",
}
"""What a cell can show, besides ``verdict:KIND``, the share of runs with such a verdict."""
BETTER = {**dict.fromkeys(VALUES, "less is better"), "covered": "more is better"}
"""What is beside the colours."""
SAID = {
    "g_lr": "learning rate of G",
    "d_lr": "learning rate of D",
    "g_steps": "updates of G a step",
    "d_steps": "updates of D a step",
    "batch": "samples in a batch",
    "ema": "moving average of G",
    "noise": "noise on what D sees",
    "hidden": "widths of hidden layers",
    "r1": "weight of the penalty R1",
    "steps": "steps of the training",
    "start": "where G starts",
}
"""Settings in words, where their names do not speak for themselves."""
ALL_STABILIZERS = "+".join(STABILIZERS)
MOST_BINS = 20
"""Values of a setting that are shown one by one; more are put into so many bins."""
MOST_NAMES = 200
"""Values of a setting, if they are no numbers, that are shown at most."""
FPS = 8


@checked
def atlas(
    results: str | os.PathLike[str] | SweepResults,
    out: str | os.PathLike[str] = "atlas.png",
    x: str | None = None,
    y: str | None = None,
    *,
    by: str | None = None,
    value: str = "w1",
    look: Look | None = None,
    **options: Any,
) -> Rendered:
    """Draw heat maps of a sweep over two of its settings.

    Parameters
    ----------
    results : path-like or SweepResults
    out : path-like
        A still, or an animation: W1 over the steps.
    x, y : str, optional
        The settings of the columns and the rows; by default the two with the most values, numbers
        before names, seeds left out.
    by : str, optional
        A setting with a map for each of its values; by default the next one, up to 9 values.
    value : str
        A name in `VALUES`, or ``verdict:KIND``. A cell shows the median over its runs (the mean of
        what is a share).
    look : Look, optional
        Size, theme, fps; by default ``Look(**options)``.

    Returns
    -------
    Rendered

    Raises
    ------
    UsageError
        A setting or a value cannot be drawn, or the file not be written to.
    RecordingError
        The results cannot be read, or hold no run that was made.
    """
    how = make_look("atlas", look, options)
    output = check_output(out, how)
    table = _table(results, out)
    axes = table.axes(x, y, by)
    if output.still:
        picture = _picture(table.atlas(axes, value), how)
        return write_figure(picture.figure, output, 1, "")
    if value != "w1":
        raise UsageError(f"{out}: animations show w1 over the steps; expected a still of {value}")
    return _animate(_picture(table.moving_atlas(axes), how), output, how)


@checked
def sweep_curves(
    results: str | os.PathLike[str] | SweepResults,
    out: str | os.PathLike[str] = "curves.png",
    by: str | None = None,
    *,
    look: Look | None = None,
    **options: Any,
) -> Rendered:
    """Draw W1 over the steps for each value of a setting: median, and the middle 80 % of the runs.

    Parameters
    ----------
    results : path-like or SweepResults
    out : path-like
        A still.
    by : str, optional
        The setting; by default the first that `atlas` would take.
    look : Look, optional
        By default ``Look(**options)``.

    Raises
    ------
    UsageError, RecordingError
        As `atlas`.
    """
    from gan_viz.rendering.atlas import curves_figure

    how = make_look("sweep_curves", look, options)
    output = check_output(out, how)
    if not output.still:
        raise UsageError(f"{out}: curves are a still; expected a name in .png, .svg or .pdf")
    table = _table(results, out)
    bands = table.bands(by or table.varied[0])
    return write_figure(curves_figure(bands, "W1/σ", how.canvas), output, 1, "")


def _table(results: str | os.PathLike[str] | SweepResults, out: str | os.PathLike[str]) -> _Table:
    """The results that are drawn; they are not drawn over."""
    found = results if isinstance(results, SweepResults) else SweepResults(results)
    keep_apart([out], [found.path])
    return _Table(found)


def _picture(drawn: Atlas, how: Look) -> AtlasPicture:
    from gan_viz.rendering.atlas import AtlasPicture

    return AtlasPicture(drawn, how.canvas)


def _animate(picture: AtlasPicture, output: Output, how: Look) -> Rendered:
    from gan_viz.encoders.base import Clip

    frames = picture.frames
    canvas, fps = how.canvas, how.fps or FPS
    samples = [picture.frame(number) for number in range(0, frames, max(1, frames // 4))]
    clip = Clip(
        canvas.width, canvas.height, fps=fps, hold=how.hold, loop=how.loop,
        colors=canvas.theme.colors(), samples=samples, frames=frames,
    )  # fmt: skip
    return write_frames(map(picture.frame, range(frames)), output, clip, how)


class _Axis:
    """A setting, and the bin of each run."""

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name = name
        numeric = all(isinstance(value, int | float) for value in values)
        distinct = sorted(set(values)) if numeric else list(dict.fromkeys(values))
        if numeric and len(distinct) > MOST_BINS:
            self.labels, self.bins = self._binned(np.array(values, np.float64))
        elif len(distinct) > MOST_NAMES:
            raise UsageError(
                f"{name} has {len(distinct):,} names as values: expected at most {MOST_NAMES}"
            )
        else:
            self.labels = [_text(value) for value in distinct]
            places = {value: place for place, value in enumerate(distinct)}
            self.bins = np.array([places[value] for value in values])

    @staticmethod
    def _binned(values: Array) -> tuple[list[str], NDArray[np.int64]]:
        """Even bins, in the logarithm where values span decades."""
        low, high = values.min(), values.max()
        log = low > 0 and high / low > 30
        edges = (np.geomspace if log else np.linspace)(low, high, MOST_BINS + 1)
        bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, MOST_BINS - 1)
        middles = np.sqrt(edges[1:] * edges[:-1]) if log else (edges[1:] + edges[:-1]) / 2
        return [f"{middle:.2g}" for middle in middles], bins


def _said(name: str) -> str:
    return f"{SAID[name]} ({name})" if name in SAID else name


def _text(value: Any) -> str:
    if value == ALL_STABILIZERS:
        return "all"
    return f"{value:.3g}" if isinstance(value, float) else shorten(str(value))


class _Table:
    """The rows of a sweep that were made, by columns."""

    def __init__(self, results: SweepResults) -> None:
        self._results = results
        self._rows = [row for row in results.rows() if row["status"] in ("done", "diverged")]
        if not self._rows:
            raise RecordingError(f"{results.path}: none of its runs is done yet")
        names = [name for name in self._rows[0] if name in SETTINGS and name != "seed"]
        counts = {name: len({row[name] for row in self._rows}) for name in names}
        several = [name for name in names if counts[name] > 1]
        # numbers make better axes, names better titles
        several.sort(key=lambda name: (isinstance(self._rows[0][name], str), -counts[name]))
        self.varied = several or names[:1] or ["seed"]
        self._counts = counts

    def axes(self, x: str | None, y: str | None, by: str | None) -> tuple[_Axis, ...]:
        """The settings of columns, rows and maps."""
        given = [name for name in (x, y, by) if name is not None]
        if len(set(given)) < len(given):
            raise UsageError(f"x, y and by are {', '.join(given)}: expected each setting once")
        free = [name for name in self.varied if name not in given]
        x = x or (free.pop(0) if free else "seed")
        y = y or (free.pop(0) if free else "seed")
        if by is None and free and self._counts.get(free[0], 0) <= 9:
            by = free[0]
        found = [self._axis(name) for name in (x, y)]
        maps = self._axis(by) if by else _Axis("", [""] * len(self._rows))
        return *found, maps

    def _axis(self, name: str) -> _Axis:
        known = [one for one in SETTINGS if one in self._rows[0]]
        if name not in known:
            raise UnknownNameError("setting of this sweep", name, known)
        return _Axis(name, [row[name] for row in self._rows])

    def atlas(self, axes: tuple[_Axis, ...], value: str) -> Atlas:
        """One frame of any value."""
        values, name, share = self._values(value)
        return self._atlas(axes, values[:, None], [""], name, share, BETTER.get(value, ""))

    def moving_atlas(self, axes: tuple[_Axis, ...]) -> Atlas:
        """W1 over the steps."""
        steps, curves = self._curves()
        names = [f"step {step:,.0f}" for step in steps.tolist()]
        name = "distance of p_g from p_data (W1/σ)"
        return self._atlas(axes, curves, names, name, False, BETTER["w1"])

    def bands(self, by: str) -> list[Band]:
        """W1 over the steps for each value of a setting."""
        from gan_viz.rendering.atlas import Band

        axis, (steps, curves) = self._axis(by), self._curves()
        found = []
        for place, label in enumerate(axis.labels):
            own = curves[axis.bins == place]
            if len(own):
                low, middle, high = _quantiles(own)
                found.append(Band(f"{by} {label} (n = {len(own)})", steps, middle, low, high))
        return found

    def _atlas(
        self,
        axes: tuple[_Axis, ...],
        values: Array,
        frames: list[str],
        name: str,
        share: bool,
        better: str,
    ) -> Atlas:
        from gan_viz.rendering.atlas import Atlas

        x, y, maps = axes
        shape = len(maps.labels), values.shape[1], len(y.labels), len(x.labels)
        found = np.full(shape, np.nan)
        cells = np.stack([maps.bins, y.bins, x.bins], axis=1)
        middle = np.mean if share else np.median
        for cell in np.unique(cells, axis=0):
            here = (cells == cell).all(axis=1)
            found[cell[0], :, cell[1], cell[2]] = middle(values[here], axis=0)
        runs = len(values) / len(np.unique(cells, axis=0))
        how = "one run a cell"
        if runs > 1:
            how = f"{'mean' if share else 'median'} of {runs:.3g} runs a cell"
        alike = x.labels == y.labels and x.name != y.name
        return Atlas(
            found,
            [f"{maps.name} {label}".strip() for label in maps.labels],
            _said(x.name),
            _said(y.name),
            f"{name}, {how}",
            x.labels,
            y.labels,
            frames,
            low_is_good=not share or name == VALUES["diverged"],
            limits=(0.0, 1.0) if share else None,
            better=better,
            diagonal=f"dashed: {x.name} = {y.name}" if alike else "",
        )

    def _values(self, value: str) -> tuple[Array, str, bool]:
        """A value of each run, what it is called, and whether it is a share."""
        if kind := re.fullmatch(r"verdict:([\w-]+)", value):
            if kind[1] not in VERDICT_KINDS:
                raise UnknownNameError("verdict", kind[1], VERDICT_KINDS)
            has = [kind[1] in row["verdicts"].split(";") for row in self._rows]
            return np.array(has, np.float64), f"share of runs with the verdict {kind[1]}", True
        if value not in VALUES:
            raise UnknownNameError("value", value, [*VALUES, "verdict:KIND"])
        if value == "covered":
            found = [row["modes_covered"] / row["modes"] for row in self._rows]
        elif value == "diverged":
            found = [float(row["status"] == "diverged") for row in self._rows]
        else:
            found = [np.nan if row[value] is None else row[value] for row in self._rows]
        return _drawable(found), VALUES[value], value in ("covered", "diverged")

    def _curves(self) -> tuple[Array, Array]:
        """W1 of all runs at common steps; what diverged keeps its last value."""
        made = {row["id"] for row in self._rows}
        curves = [(k, values) for number, k, values in self._results.curves() if number in made]
        known = [k for k, _ in curves if len(k)]
        if not known:
            raise RecordingError(f"{self._results.path}: its runs have no curves")
        steps = max(known, key=lambda k: int(k[-1])).astype(np.float64)
        none = np.full(len(steps), np.nan)
        found = [np.interp(steps, *curve) if len(curve[0]) else none for curve in curves]
        return steps, _drawable(found)


def _drawable(values: ArrayLike) -> Array:
    """The same within what scales can span: a stranger's results may hold any numbers."""
    found = np.asarray(values, np.float64).clip(-LARGEST, LARGEST)
    return np.where(np.abs(found) < 1 / LARGEST, 0.0, found)


def _quantiles(curves: Array) -> Array:
    """The quantiles 0.1, 0.5 and 0.9 of runs, shape (3, steps); NaN where there is none."""
    found = np.full((3, curves.shape[1]), np.nan)
    known = ~np.isnan(curves).all(axis=0)
    found[:, known] = np.nanquantile(curves[:, known], [0.1, 0.5, 0.9], axis=0)
    return found

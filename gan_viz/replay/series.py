"""What the page needs to draw figures over the steps: losses, outputs of D, distances, scalars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz import analysis
from gan_viz.analysis import smooth
from gan_viz.distributions import recorded_target
from gan_viz.errors import RecordingError
from gan_viz.panels.base import Style
from gan_viz.panels.losses import LossesPanel, written
from gan_viz.panels.metrics import HIGHEST
from gan_viz.panels.outputs import OutputsPanel
from gan_viz.panels.scalars import ScalarsPanel
from gan_viz.panels.series import SMOOTHED, Series, SeriesPanel, scale_of
from gan_viz.recording import Recording
from gan_viz.replay.packing import Block

Array = NDArray[np.float64]

METRICS = ("w1", "w1_relative", "w1_middle", "js", "kl_data_g", "kl_g_data", "tv", "ks")
"""Columns of `gan-viz metrics` that the page shows."""
MOST_SCALARS = 40
"""More of a recording's scalars are left out."""
EVEN = 240
"""Points of a curve at even steps."""


def measured(recording: Recording) -> tuple[Array, bool] | None:
    """All `METRICS` of each frame, shape (frames, metrics), NaN where there are no outputs.

    And whether they compare estimates. None where the recording has nothing to compare.
    """
    try:
        rows = dict(analysis.metrics(recording))
    except RecordingError:
        return None
    gap = [np.nan] * len(METRICS)
    table = [
        [getattr(rows[step], name) for name in METRICS] if step in rows else gap
        for step in recording.steps.tolist()
    ]
    return np.reshape(table, (-1, len(METRICS))), any(one.is_estimate for one in rows.values())


def metrics_of(block: Block, table: tuple[Array, bool], frames: NDArray[np.intp]) -> dict[str, Any]:
    """The metrics at some frames."""
    values, estimate = table
    return {"names": METRICS, "estimate": estimate, "values": block.exact(values[frames])}


def groups(
    block: Block,
    recording: Recording,
    table: tuple[Array, bool] | None,
    frames: NDArray[np.intp],
) -> list[dict[str, Any]]:
    """Groups of curves on one scale each, of which the page shows one."""
    found = []
    for name, panel in _panels(recording):
        lines = [
            _line(block, entry.color, key, panel.raw[key], recording, frames)
            for key, entry in zip(panel.raw, panel.legend(_role_style()), strict=True)
        ]
        marks = panel.equilibrium if isinstance(panel, LossesPanel) else {}
        found.append(
            {
                "key": name,
                "limits": [*panel.limits],
                "lines": lines,
                "marks": [[value, written(value)] for value in sorted({*marks.values()})],
            }
        )
    if table is not None:
        found.append(_distances(block, recording, table[0], frames))
    return found


def _role_style() -> Style:
    """A style whose colours are the names of roles: the page has the colours."""
    roles = {one.name: one.name for one in fields(Style) if one.type == "str"}
    return Style(**roles, font=1.0, line=1.0, thin=1.0)  # type: ignore[arg-type]


def _panels(recording: Recording) -> Iterator[tuple[str, SeriesPanel]]:
    """Losses, D's outputs, and every other scalar by itself."""
    shown: set[str] = set()
    for name, panel in (("losses", LossesPanel()), ("outputs", OutputsPanel())):
        if not panel.lacking(recording):
            bound = panel.bind(recording)
            shown |= {*bound.raw}
            yield name, bound
    for name in [one for one in recording.scalars if one not in shown][:MOST_SCALARS]:
        if "+" not in name and name.strip() == name:  # what a panel of scalars can be asked for
            yield name, ScalarsPanel(names=name).bind(recording)


def _line(
    block: Block,
    color: str,
    key: str,
    raw: Series,
    recording: Recording,
    frames: NDArray[np.intp],
) -> dict[str, Any]:
    """A smoothed curve, the band of raw values around it, and the last raw value at each frame.

    There are points at all frames, for the replay stays longest where most frames are, and at even
    steps between them.
    """
    steps, values = raw
    shown = recording.steps[frames].astype(np.float64)
    ends = np.concatenate([shown[[0, -1]], steps[:1], steps[-1:]])
    at = np.unique(np.concatenate([shown, np.linspace(ends.min(), ends.max(), EVEN)]))
    at = at[(at >= steps[0]) & (at <= steps[-1])] if len(steps) else at[:0]
    level = smooth(values, max(3, len(values) // SMOOTHED))
    low, high = _band(steps, values, at)
    return {
        "key": key,
        "color": color,
        "steps": block.whole(at),
        "values": block.exact(np.interp(at, steps, level) if len(at) else at),
        "band": [block.exact(low), block.exact(high)],
        "at": block.exact(_at_frames(raw, recording.steps[frames])),
    }


def _band(steps: Array, values: Array, at: Array) -> tuple[Array, Array]:
    """The least and the greatest value from each of some steps up to the next, NaN for none."""
    if not len(at):
        return at, at
    starts = np.searchsorted(steps, at)
    starts = np.minimum(starts, len(steps) - 1)  # the last one begins where the curve ends
    finite = np.isfinite(values)
    low = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    gaps = ~np.isfinite(low) | ~np.isfinite(high)
    return np.where(gaps, np.nan, low), np.where(gaps, np.nan, high)


def _at_frames(raw: Series, steps: NDArray[np.int64]) -> Array:
    """The value recorded at each of some steps, or last before it; NaN where there is none."""
    known, values = raw
    place = np.searchsorted(known, steps, side="right") - 1
    return np.where(place >= 0, np.append(values, np.nan)[place], np.nan)


def _distances(
    block: Block, recording: Recording, table: Array, frames: NDArray[np.intp]
) -> dict[str, Any]:
    """W1, JS and TV at the frames, as the metrics panel scales them."""
    target = recorded_target(recording.header)
    heavy = target is not None and target.heavy_tailed
    columns = {"w1_middle" if heavy else "w1_relative": "ink", "js": "generated", "tv": "data"}
    values: Mapping[str, Array] = {name: table[frames, METRICS.index(name)] for name in columns}
    steps = recording.steps[frames].astype(np.float64)
    _, high = scale_of(_finite(values.values()), [0.0, float(np.log(2))])
    lines = [
        {
            "key": name,
            "color": color,
            "steps": block.whole(steps),
            "values": block.exact(values[name]),
            "at": block.exact(values[name]),
        }
        for name, color in columns.items()
    ]
    return {"key": "distance", "limits": [0.0, min(high, HIGHEST)], "lines": lines, "marks": []}


def _finite(columns: Iterable[Array]) -> list[Array]:
    return [column[np.isfinite(column)] for column in columns]

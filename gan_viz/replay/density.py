"""What the page needs to draw p_data, p_g and D(x): the arrays of the density panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis.bandwidths import scott
from gan_viz.analysis.distances import midpoints
from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.visible import mean_density
from gan_viz.diagnostics import turns
from gan_viz.errors import RecordingError
from gan_viz.panels.density import D_TOP, FAINT, FINE, LANE, POINTS, RUG, DensityPanel
from gan_viz.panels.figure1 import LatentMap
from gan_viz.panels.parameters import Interval
from gan_viz.replay.packing import Block

Array = NDArray[np.float64]

MOST_OUTPUTS, FEWER_OUTPUTS, FEW_RUNS = 1024, 256, 4
"""Outputs of G in the page, from which it makes kernel estimates and histograms: of few runs, and
of each of more than so many."""
BEYOND = 1.0
"""Outputs and arrows' tips are kept this many windows beyond either end; farther ones are cut."""


def with_shared_scales(panels: Sequence[DensityPanel]) -> list[DensityPanel]:
    """Bind panels of several recordings again, with scales wide enough for all of them."""
    if len(panels) == 1:
        return [*panels]
    limits: dict[str, Interval] = {
        "xlim": (
            min(float(one.x[0]) for one in panels),
            max(float(one.x[-1]) for one in panels),
        ),
        "ylim": (0.0, max(one.top for one in panels)),
    }
    critics = [one.shared_limits().get("critic_limits") for one in panels]
    if all(critics):
        lows, highs = zip(*filter(None, critics), strict=True)
        limits["critic_limits"] = min(lows), max(highs)
    return [one.with_limits(**limits).bind(one.recording) for one in panels]


def scales_of(panel: DensityPanel) -> dict[str, Interval]:
    """Ends of the scales of a bound panel, by the parameters that give them."""
    ends = {"xlim": (float(panel.x[0]), float(panel.x[-1])), "ylim": (0.0, panel.top)}
    return {**ends, **panel.shared_limits()}


def density(
    block: Block, panel: DensityPanel, frames: NDArray[np.intp], own: DensityPanel, runs: int = 1
) -> dict[str, Any]:
    """Describe what the page draws of a bound panel at some frames.

    `own` is the panel with the scales that it has by itself; `runs` share the page.
    """
    x, top = panel.x, panel.top
    found: dict[str, Any] = {
        "x": [float(x[0]), float(x[-1])],
        "points": len(x),
        "top": top,
        "own": {"x": [float(own.x[0]), float(own.x[-1])], "top": own.top},
        "lane": LANE if panel.rug and panel.arrows is None else 0.0,
        "name": _name_of_x(panel),
        "dashed": panel.dashed,
        "shaded": panel.shaded,
        "generated": {
            "way": panel.p_g.way,
            "rule": panel.p_g.rule,
            "estimate": panel.p_g.is_estimate,
            "density": block.curves(panel.densities[frames], 0.0, top),
            "peak": block.exact(panel.densities[frames].max(axis=1, initial=0.0)),
        },
        "turns": _turns(panel, frames),
    }
    most = MOST_OUTPUTS if runs <= FEW_RUNS else FEWER_OUTPUTS
    found |= _outputs(block, panel, frames, most)
    if panel.target is not None:
        found["data"] = _data(block, panel)
    if panel.d is not None:
        found["d"] = _d(block, panel, frames)
    arrows = _arrows(block, panel, frames)
    return found | ({"arrows": arrows} if arrows else {})


def _name_of_x(panel: DensityPanel) -> str:
    label = "" if panel.target is None else panel.target.label
    return label.partition(": ")[2] or "x"


def _turns(panel: DensityPanel, frames: NDArray[np.intp]) -> str:
    """A letter a frame: whose turn it is, D's or G's; empty where nobody takes turns."""
    letters = {"turn-d": "d", "turn-g": "g"}
    whose = turns(panel.recording)
    text = "".join(letters.get(whose[frame], "-") for frame in frames.tolist())
    return text if text.strip("-") else ""


def _data(block: Block, panel: DensityPanel) -> dict[str, Any]:
    """The curve of p_data, `FINE` times as fine, its samples below the axis, and its bars."""
    target = panel.target
    assert target is not None
    fine = np.linspace(panel.x[0], panel.x[-1], (POINTS - 1) * FINE + 1)
    found: dict[str, Any] = {
        "density": block.exact(np.minimum(mean_density(target, fine), 10 * panel.top)),
        "fine": FINE,
        "estimate": target.is_estimate,
        "rug": block.exact(target.ppf(midpoints(RUG))),
        "modes": [float(mode.location) for mode in target.modes[:64]],
    }
    histogram = target.histogram()
    if histogram is not None:
        found["edges"], found["heights"] = map(block.exact, histogram)
    return found


def _outputs(
    block: Block, panel: DensityPanel, frames: NDArray[np.intp], most: int
) -> dict[str, Any]:
    """G's outputs, in the order of the latents, and what part of them is out of sight."""
    recording, low, high = panel.recording, float(panel.x[0]), float(panel.x[-1])
    number = recording.channels["generator"].shape[0]
    chosen = np.linspace(0, number - 1, min(number, most)).round().astype(np.intp)
    rows, outside, widths = [], [], []
    for frame in frames.tolist():
        there = recording.has("generator", frame)
        values = (
            np.asarray(recording.array("generator", frame), np.float64)
            if there
            else np.full(number, np.nan)
        )
        finite = values[np.abs(values) < LARGE]
        rows.append(np.where(np.abs(values) < LARGE, values, np.nan)[chosen])
        outside.append([np.mean(values < low), np.mean(values > high)])
        widths.append(scott(finite))
    wide = BEYOND * (high - low)
    return {
        "outputs": block.curves(np.reshape(rows, (-1, len(chosen))), low - wide, high + wide),
        "outside": block.exact(np.reshape(outside, (-1, 2))),
        "scott": block.exact(widths),
        "of": number,
        "bins": panel.bins or 80,
        "bandwidth": panel.bandwidth,
        "rug": min(RUG, number),
    }


def _d(block: Block, panel: DensityPanel, frames: NDArray[np.intp]) -> dict[str, Any]:
    """D on its scale; and the optimal D, where D is a probability and the densities are known."""
    curve, top = panel.d, panel.top
    assert curve is not None
    low, high = panel.shared_limits().get("critic_limits", (0.0, D_TOP))
    if curve.on_the_densities is not None:
        low, high = 0.0, top
    values = np.reshape([curve.at(frame) for frame in frames.tolist()], (-1, len(panel.x)))
    found: dict[str, Any] = {
        "values": block.curves(values, low, high),
        "limits": [low, high],
        "critic": curve.critic,
        "centered": curve.centered,
        "common": curve.on_the_densities is not None,
    }
    if panel.target is not None and panel.p_g.way != "histogram" and not curve.critic:
        best = np.reshape([panel.best(frame) for frame in frames.tolist()], (-1, len(panel.x)))
        found["best"] = block.curves(best, low, high)
        found["faint"] = FAINT
    return found


def _arrows(block: Block, panel: DensityPanel, frames: NDArray[np.intp]) -> dict[str, Any]:
    """Arrows from z to G(z), where z is one number, and those along which G's loss pushes."""
    recording = panel.recording
    if "latents" not in recording.constant_channels:
        return {}
    gradients = {"sample_gradient", "gradient_latents"} <= {
        *recording.channels,
        *recording.constant_channels,
    }
    try:
        mapping = LatentMap.read(recording, panel.x, gradients)
    except RecordingError:  # latents of several dimensions, or of a stranger: there are no arrows
        return {}
    low, high = float(panel.x[0]), float(panel.x[-1])
    wide = BEYOND * (high - low)
    found: dict[str, Any] = {
        "z": mapping.z.tolist(),
        "ends": [*mapping.ends],
        "tips": block.curves(mapping.tips[frames], low - wide, high + wide),
        "shown": panel.arrows or "",
    }
    if mapping.reach is not None:
        found["reach"] = block.curves(mapping.reach[frames], -wide, wide)
    return found

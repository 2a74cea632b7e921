"""Words on what a picture of densities cuts off: spikes above its top, mass beyond its sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.exact import LARGE
from gan_viz.analysis.visible import cuts
from gan_viz.panels.base import TICKS, Style
from gan_viz.panels.labels import Label
from gan_viz.panels.lettering import Font, Lettering

Array: TypeAlias = NDArray[np.float64]

MOST = 2
"""Spikes that are marked, those of the most mass."""
SEEN = 0.01
"""Least mass, of spikes and beyond the sides, that is told of."""
WIDE = 24.0
"""Width of axes, in text heights, from which marks of spikes say how high they are."""


class Spike(NamedTuple):
    """A spike that is cut off: its place on the grid, how high it is, and the mass in it."""

    at: int
    height: float
    mass: float


Spikes: TypeAlias = dict[int, list[Spike]]
"""By frame."""


def spikes_of(x: Array, densities: NDArray[np.floating[Any]], top: float) -> Spikes:
    """Spikes of densities, shape (frames or 1, n), over an even grid, that go beyond a height.

    For each frame that has some, those of the most mass, which come first.
    """
    highest = densities.max(axis=-1, initial=0.0).astype(np.float64)
    spikes: Spikes = {}
    for frame in np.flatnonzero((highest > top) & (highest < LARGE)).tolist():
        density = np.asarray(densities[frame], np.float64)
        found = sorted(cuts(x, density, top), key=lambda cut: -cut.mass)[:MOST]
        places = [(int(np.abs(x - cut.x).argmin()), cut.mass) for cut in found if cut.mass >= SEEN]
        spikes[frame] = [Spike(at, float(density[at]), mass) for at, mass in places]
    return spikes


def marks_of_spikes(
    x: Array, spikes: Spikes, frames: int, axes: Axes, color: str, style: Style
) -> list[Label]:
    """How high the spikes of a density are that leave the picture, and how much is in them.

    The spikes are those of so many frames, on an even grid `x`. Where the axes are narrow, only the
    mass is told.
    """
    say, wide = style.words.say, axes.bbox.width > WIDE * style.font
    marks = [(np.full((frames, len(x)), np.nan), [""] * frames) for _ in range(MOST)]
    for frame, found in spikes.items():
        for spike, (anchor, words) in zip(found, marks, strict=False):
            anchor[frame, max(0, spike.at - 1) : spike.at + 2] = axes.bbox.height
            peak = f"{say('peak')} {spike.height:.2g} · " if wide else ""
            words[frame] = f"{peak}{spike.mass:.2f} {say('here')}"
    return [changing_label(words, anchor, color, style) for anchor, words in marks]


def marks_of_what_is_outside(
    masses: Sequence[tuple[float, float]], points: int, axes: Axes, color: str, style: Style
) -> list[Label]:
    """How much of p_g is beyond either side at each frame, with arrows that point there.

    The axes are divided into so many points.
    """
    labels = []
    for side, form in enumerate(("← {}", "{} →")):
        anchor = np.full((1, points), np.nan)
        anchor[0, -side] = axes.bbox.height / 3
        words = [
            form.format(f"{mass[side]:.0%} {style.words.say('outside')}")
            if mass[side] > SEEN
            else ""
            for mass in masses
        ]
        labels.append(changing_label(words, anchor, color, style))
    return labels


def changing_label(words: Sequence[str], anchor: Array, color: str, style: Style) -> Label:
    """A label that says something else at each frame, and nothing where its words are empty."""
    font = Font(TICKS * style.font)
    made = {word: Lettering(word, font, color) for word in dict.fromkeys(words) if word}
    return Label([made.get(word) for word in words], anchor, here=True)

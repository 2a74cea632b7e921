"""Words on what a picture of densities cuts off: spikes above its top, mass beyond its sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

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


def marks_of_spikes(
    x: Array, densities: NDArray[np.floating[Any]], top: float, axes: Axes, color: str, style: Style
) -> list[Label]:
    """How high the spikes of a density are that leave the picture, and how much is in them.

    The densities, shape (frames or 1, n), are on an even grid `x`; `top` is the upper end of their
    scale. Where the axes are narrow, only the mass is told.
    """
    say, wide = style.words.say, axes.bbox.width > WIDE * style.font
    marks = [(np.full(densities.shape, np.nan), [""] * len(densities)) for _ in range(MOST)]
    highest = densities.max(axis=-1, initial=0.0).astype(np.float64)
    for frame in np.flatnonzero((highest > top) & (highest < LARGE)).tolist():
        density = np.asarray(densities[frame], np.float64)
        found = [cut for cut in cuts(x, density, top) if cut.mass >= SEEN]
        found.sort(key=lambda cut: -cut.mass)
        for cut, (anchor, words) in zip(found, marks, strict=False):
            at = int(np.abs(x - cut.x).argmin())
            anchor[frame, max(0, at - 1) : at + 2] = axes.bbox.height
            peak = f"{say('peak')} {density[at]:.2g} · " if wide else ""
            words[frame] = f"{peak}{cut.mass:.2f} {say('here')}"
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

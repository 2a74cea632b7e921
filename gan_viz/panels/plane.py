"""A game of two weights: its vector field, and the way that training takes through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gan_viz.analysis.dirac import way_of
from gan_viz.analysis.exact import LARGE
from gan_viz.panels.artists import Arrows, Curve
from gan_viz.panels.base import DYNAMIC, Panel, Style, constant_pairs, latest
from gan_viz.panels.parameters import Interval

Array = NDArray[np.float64]

DOT = 0.7
"""Diameter of the dot at the current place, in text heights."""
HEAD = 0.38
"""Length of the heads of the field's arrows, in text heights."""
LONGEST = 0.85
"""The longest arrow of the field, relative to the distance between two."""


@dataclass(eq=False)
class PlanePanel(Panel):
    """The plane of G's weight θ and D's weight ψ: the field, the way so far, the current place.

    Arrows of the field are as long as the root of its strength, so that the weak ones are seen.
    Where the recording has no field, the way alone is shown.

    Parameters
    ----------
    xlim, ylim : (float, float), optional
        What is seen of θ and of ψ.
    """

    needs: ClassVar[tuple[str, ...]] = ("weights",)

    xlim: Interval | None = None
    ylim: Interval | None = None

    def load(self) -> None:
        """Read the way, and the field if there is one."""
        self.way = way_of(self.recording)
        self._last = latest(self.recording, "weights")
        self.field = self._field()

    def _field(self) -> tuple[Array, Array] | None:
        """Places and vectors of the field, each of shape (n, 2), where they fit together."""
        places = constant_pairs(self.recording, "field_places")
        vectors = constant_pairs(self.recording, "field")
        if places.shape != vectors.shape:
            return None
        there = (np.abs(np.hstack([places, vectors])) < LARGE).all(axis=1)
        return (places[there], vectors[there]) if there.any() else None

    def _limits(self) -> tuple[Interval, Interval]:
        """The field's ends, or else those of the way, with a margin."""
        seen = self.way[np.isfinite(self.way[:, 0])] if self.field is None else self.field[0]
        seen = seen if len(seen) else np.array([[-1.0, -1.0], [1.0, 1.0]])
        low, high = seen.min(axis=0), seen.max(axis=0)
        margin = np.maximum(0.04 * (high - low), 1e-6 * (1 + np.abs(high)))
        (left, down), (right, up) = (low - margin).tolist(), (high + margin).tolist()
        return self.xlim or (left, right), self.ylim or (down, up)

    @property
    def aspect(self) -> float:
        """As wide as high."""
        return 1.0

    def setup(self, axes: Axes, style: Style) -> Sequence[Artist]:
        """Draw the field and the place of rest; create the way and the current place."""
        x, y = self._limits()
        axes.set_xlim(x)
        axes.set_ylim(y)
        axes.set_xlabel("θ (G)")
        axes.set_ylabel("ψ (D)")
        em = style.font * 72 / axes.figure.dpi
        axes.axhline(0, color=style.faint, linewidth=style.thin, zorder=1)
        axes.axvline(0, color=style.faint, linewidth=style.thin, zorder=1)
        if self.field is not None:
            places, vectors = self.field
            arrows = Arrows(axes, style.faint, style.thin, HEAD * em, 0, zorder=2)
            arrows.set_points(places, places + _shown(places, vectors))
        self._way = Curve(axes, style.generated, style.slight)
        self._here = Arrows(axes, style.ink, style.thin, 0, DOT * em, DYNAMIC + 1)
        return [self._way, self._here]

    def update(self, frame: int) -> None:
        """Show the way up to a frame, and where it has led."""
        self._way.set_points(*self.way[: frame + 1].T)
        last = int(self._last[frame])
        here = self.way[[last]] if last >= 0 else np.empty((0, 2))
        self._here.set_points(here, np.full_like(here, np.nan))


def _shown(places: Array, vectors: Array) -> Array:
    """The arrows of a field: as long as the roots of the vectors, the longest as long as fits."""
    strength = np.hypot(*vectors.T)[:, None]
    most = float(strength.max())
    apart = float(np.ptp(places, axis=0).min()) / max(len(places) ** 0.5 - 1, 1)
    if not most:
        return np.zeros_like(vectors)
    scaled = np.sqrt(strength / most) * vectors / np.maximum(strength, 1e-12 * most)
    return np.asarray(LONGEST * apart * scaled)

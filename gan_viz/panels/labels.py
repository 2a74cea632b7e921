"""Names beside the curves they belong to, where no curve runs through them in any frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from gan_viz.panels.artists import MovingArtist
from gan_viz.panels.base import DYNAMIC
from gan_viz.panels.lettering import DPI, Lettering

Array: TypeAlias = NDArray[np.float64]

BLOCKS = 100
"""A label stays in its place for one part in this many of the recording, at least."""
ACROSS, UPWARD = 26, 15
"""Places that are tried, in each direction."""
DIGIT = re.compile(r"\d")
POINTS = 48
"""Points of its curve to which a label is near."""
NEAR = 0.35
"""A label this near to its curve, in text heights, need not be nearer."""
JUMP = 10.0
"""A jump costs as much as being one text height further away for so many blocks."""
IN_THE_WAY = 60.0
"""So many text heights away is as bad as a curve through the label."""
FOLLOWS, FARTHEST = 1.0, 6.0
"""The same for a label that speaks of its place; and how far from there it may be, in text heights.
"""
HIDDEN = 0.25
"""A label that finds no place in more than this part of the recording goes to the legend."""
FRONT = 40.0


@dataclass(frozen=True)
class Label:
    """What is to be written beside a curve.

    A text for each frame, None where there is nothing to be named. The `anchor`, shape (frames or
    1, n), has the heights of the curve at evenly spaced places along the axes, in pixels; NaN where
    it is no good place. What speaks of its place, `here`, goes with it, and is hidden where it
    would be far away.
    """

    texts: Sequence[Lettering | None]
    anchor: Array
    here: bool = False


class Shown(NamedTuple):
    """A text, and where its base line begins, in pixels from the axes' lower left corner."""

    text: Lettering
    x: float
    y: float


class CurveLabels(MovingArtist):
    """Texts on axes, above all else there; on a background of its own if a colour is given."""

    def __init__(self, axes: Axes, background: str | None = None) -> None:
        super().__init__(axes, DYNAMIC + FRONT)
        self.background = background
        self.shown: Sequence[Shown] = ()

    def show(self, shown: Sequence[Shown]) -> None:
        """Show other texts."""
        self.shown, self.stale = shown, True

    def paint(self, renderer: RendererBase, gc: Any) -> None:
        """Draw the texts."""
        assert self.axes is not None
        scale, box = self.dots_per_inch / DPI, self.axes.bbox
        left, bottom = round(box.x0 / scale), round(box.y0 / scale)
        for text, x, y in self.shown:
            if self.background is not None:
                self._clear(renderer, gc, text, scale * (left + x), scale * (bottom + y), scale)
            text.draw(renderer, gc, left + x, bottom + y, scale)

    def _clear(
        self, renderer: RendererBase, gc: Any, text: Lettering, x: float, y: float, scale: float
    ) -> None:
        """Paint the background where a text goes."""
        low, high = y - scale * text.down, y + scale * text.up
        right = x + scale * text.width
        corners = Path(np.array([[x, low], [right, low], [right, high], [x, high], [x, low]]))
        gc.set_linewidth(0)
        renderer.draw_path(gc, corners, IdentityTransform(), to_rgba(str(self.background)))


def place(
    labels: Sequence[Label],
    curves: Sequence[Array],
    size: tuple[float, float],
    floor: float,
    pad: float,
) -> list[Array | None]:
    """Find places for labels, one after the other: those that need theirs most come first.

    A label moves seldom, is near its curve, and never has a curve or another label within it. The
    `curves`, each as a `Label`'s anchor, must not be covered. `size` is that of the axes, in
    pixels; labels are above the height `floor`, with room of `pad` pixels around.

    For each label its left end and base line at each frame, shape (frames, 2), NaN where it finds
    no place; None if it finds none too often.
    """
    frames = max(len(label.texts) for label in labels) if labels else 0
    edges = np.unique(np.linspace(0, frames, min(frames, BLOCKS) + 1).astype(np.intp))
    covered = [_Covered(curve, edges) for curve in curves]
    taken: list[tuple[Array, float, float]] = []  # lower left corners, width and height
    found: list[Array | None] = []
    for label in labels:
        places = _Places(label, size, floor, pad)
        blocked = places.blocked(covered, taken, len(edges) - 1)
        there = np.array([any(label.texts[a:b]) for a, b in pairwise(edges.tolist())])
        cost = places.cost(edges)
        if label.here:
            blocked = blocked | (cost > FARTHEST)
        cost = np.where(there[:, None], cost + IN_THE_WAY * blocked, 0.0)
        path = _best(cost, FOLLOWS if label.here else JUMP)
        hidden = blocked[np.arange(len(path)), path] & there
        if hidden.sum() > HIDDEN * max(there.sum(), 1):
            found.append(None)
            continue
        corners = np.where(hidden[:, None], np.nan, places.corners[path])
        taken.append((np.where(there[:, None], corners, np.nan), places.width, places.height))
        baselines = corners + np.array([0.0, places.down])
        found.append(np.repeat(baselines, np.diff(edges), axis=0))
    return found


class _Covered:
    """What a curve covers in each block of frames, over any stretches of x; gaps are in no way."""

    def __init__(self, curve: Array, edges: NDArray[np.intp]) -> None:
        self.points, gaps = curve.shape[1], np.isnan(curve)
        low, high = np.where(gaps, np.inf, curve), np.where(gaps, -np.inf, curve)
        if len(curve) > 1:  # one block after the other: much quicker than `reduceat`
            blocks = [slice(*ends) for ends in pairwise(edges.tolist())]
            low = np.array([low[block].min(axis=0) for block in blocks])
            high = np.array([high[block].max(axis=0) for block in blocks])
        self._stretches = [(np.ascontiguousarray(low.T), np.ascontiguousarray(high.T))]

    def over(self, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[Array, Array]:
        """Least and greatest height of each stretch of points, both of shape (stretches, blocks).

        They come from those of stretches whose length is a power of two, which are kept.
        """
        power = int((ends - starts).min()).bit_length() - 1
        size, longest = 1 << power, int((ends - starts).max())
        hops = [np.minimum(starts + hop, ends - size) for hop in range(0, longest, size)]
        low, high = self._of_length(power)
        return np.minimum.reduce([low[at] for at in hops]), np.maximum.reduce(
            [high[at] for at in hops]
        )

    def _of_length(self, power: int) -> tuple[Array, Array]:
        while len(self._stretches) <= power:
            half = 1 << (len(self._stretches) - 1)
            low, high = self._stretches[-1]
            self._stretches.append(
                (np.minimum(low[:-half], low[half:]), np.maximum(high[:-half], high[half:]))
            )
        return self._stretches[power]


def _best(cost: Array, jump: float) -> NDArray[np.intp]:
    """The cheapest way through blocks, shape (blocks, places), where each jump costs the same."""
    total, jumped = cost[0].astype(np.float64), np.zeros(cost.shape, np.bool_)
    best = np.zeros(len(cost), np.intp)
    for block in range(1, len(cost)):
        best[block] = total.argmin()
        most = total[best[block]] + jump
        np.greater(total, most, out=jumped[block])
        np.minimum(total, most, out=total)
        total += cost[block]
    path = np.empty(len(cost), np.intp)
    path[-1] = total.argmin()
    for block in range(len(cost) - 1, 0, -1):
        path[block - 1] = best[block] if jumped[block, path[block]] else path[block]
    return path


class _Places:
    """Where a label may be: lower left corners on a grid over the axes."""

    def __init__(self, label: Label, size: tuple[float, float], floor: float, pad: float) -> None:
        texts = {id(text): text for text in label.texts if text is not None}.values()
        self.label, self.size, self.pad = label, size, pad
        self.em = max((text.font.size for text in texts), default=1.0)
        # digits are equally wide in nearly all fonts: one text of each form is measured
        forms = {DIGIT.sub("0", text.text): text for text in texts}
        self.width = max((text.width for text in forms.values()), default=0.0)
        self.down = max((text.down for text in texts), default=0.0)
        self.height = self.down + max((text.up for text in texts), default=0.0)
        self.x = np.linspace(pad, max(pad, size[0] - self.width - pad), ACROSS)
        self.y = np.linspace(floor + pad, max(floor + pad, size[1] - self.height - pad), UPWARD)
        self.corners = np.stack(np.meshgrid(self.x, self.y, indexing="ij"), -1).reshape(-1, 2)

    def blocked(
        self,
        covered: Sequence[_Covered],
        taken: Sequence[tuple[Array, float, float]],
        blocks: int,
    ) -> NDArray[np.bool_]:
        """Whether something is in the way, shape (blocks, places)."""
        found = np.zeros((len(self.x), len(self.y), blocks), np.bool_)
        down, up = self.y[:, None] - self.pad, self.y[:, None] + self.height + self.pad
        for curve in covered:
            unit = self.size[0] / (curve.points - 1)
            starts = ((self.x - self.pad) / unit).astype(np.intp).clip(0)
            ends = ((self.x + self.width + self.pad) / unit).astype(np.intp) + 2
            least, most = curve.over(starts, ends.clip(None, curve.points))
            found |= (least[:, None] <= up) & (most[:, None] >= down)
        for corners, width, height in taken:
            right, above = self.x[:, None] - corners[:, 0], self.y[:, None] - corners[:, 1]
            across = (right < width + self.pad) & (right > -self.width - self.pad)
            found |= across[:, None] & ((above < height) & (above > -self.height))
        if self.width > self.size[0] - 2 * self.pad or self.y[0] + self.height > self.size[1]:
            found[:] = True
        return found.transpose(2, 0, 1).reshape(blocks, -1)

    def cost(self, edges: NDArray[np.intp]) -> Array:
        """Distance from the curve, in text heights, shape (blocks, places)."""
        anchor = self.label.anchor
        every = max(1, anchor.shape[1] // POINTS)
        at = np.linspace(0, self.size[0], anchor.shape[1])[::every]
        middles = (edges[:-1] + edges[1:]) // 2 if len(anchor) > 1 else np.zeros(1, np.intp)
        heights = anchor[middles].astype(np.float32)
        near = np.fmin.reduceat(heights, np.arange(0, anchor.shape[1], every), axis=1)
        heights = np.where(np.isnan(heights[:, ::every]), near, heights[:, ::every])
        seen = ~np.isnan(heights).all(axis=0)
        at, heights = at[seen], np.where(np.isnan(heights), np.inf, heights).T[seen, None]
        aside = self.x[:, None] - at, at - self.x[:, None] - self.width
        across = np.maximum(np.maximum(*aside), 0.0).astype(np.float32).T
        rows = self.y[:, None].astype(np.float32)
        up = np.maximum(np.maximum(rows - heights, heights - rows - self.height), 0.0)
        up = np.square(up, out=up).reshape(len(at), heights.shape[2] * len(rows))
        # the nearest point of the curve: each is looked at with all places and blocks at once
        nearest = np.full((len(self.x), up.shape[1]), np.inf, np.float32)
        squares = np.empty_like(nearest)
        for aside_2, up_2 in zip(np.square(across), up, strict=True):
            np.minimum(nearest, np.add.outer(aside_2, up_2, out=squares), out=nearest)
        away = np.sqrt(nearest).reshape(len(self.x), len(self.y), -1).transpose(2, 0, 1)
        away = np.where(np.isinf(away), 0.0, away / self.em)
        spread = np.maximum(away - NEAR, 0.0).reshape(len(away), -1)
        return np.broadcast_to(spread, (len(edges) - 1, spread.shape[1]))

"""Several recordings side by side: one panel each, the same scales, one clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from gan_viz.errors import UsageError
from gan_viz.panels.base import Key, Panel, Style
from gan_viz.recording import Recording
from gan_viz.rendering import layout
from gan_viz.rendering.canvas import Picture, place
from gan_viz.rendering.counter import Counter
from gan_viz.rendering.layout import Box
from gan_viz.rendering.legend import draw_legend
from gan_viz.rendering.renderer import Renderer
from gan_viz.rendering.strip_grid import HEADING, StripGrid, keep_outer_labels, reach
from gan_viz.rendering.text import Type, game_name, shorten, text_width, write
from gan_viz.rendering.theme import TITLE, Theme

__all__ = ["Clock", "Comparison"]

SHRINK = 0.35
"""Type is smaller by this power of how many pictures share the width, or the height: it has to be
read at all."""
TITLE_SHARE = 0.4
"""The most of the width that the title may take from the legend."""
APART = 1.5
"""Room between title, legend and step, in text heights."""

Limits = tuple[float, float]
MakePanel = Callable[[Recording], Panel]


class Clock:
    """The steps of several recordings as those of one.

    Parameters
    ----------
    recordings : sequence of Recording

    Attributes
    ----------
    steps : ndarray of int, shape (n,)
        At which any of them has a frame, ascending.
    header : dict
        What a title can be made of: the description of the data, if it is the same for all.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.steps: NDArray[np.int64] = np.unique(np.concatenate([r.steps for r in recordings]))
        targets = [recording.header.get("target") for recording in recordings]
        same = all(described == targets[0] for described in targets)
        self.header: dict[str, Any] = {"target": targets[0]} if same and targets[0] else {}
        # before its first frame a recording shows that
        self._frames = [
            np.maximum(np.searchsorted(recording.steps, self.steps, side="right") - 1, 0)
            for recording in recordings
        ]

    def __len__(self) -> int:
        return len(self.steps)

    def frames(self, tick: int) -> list[int]:
        """The last frame of each recording at or before a step of the clock.

        Parameters
        ----------
        tick : int
            Index into `steps`.

        Returns
        -------
        list of int
        """
        return [int(frames[tick]) for frames in self._frames]


class Comparison(Renderer):
    """Draws several recordings as small multiples.

    It is used as any `Renderer`; its frames are numbered by the steps of its `clock`.

    Parameters
    ----------
    recordings : sequence of Recording
        In reading order; each with at least one frame.
    panel : callable (Recording) -> Panel
        What is shown of each.
    theme : Theme
    width, height : int
        Of the whole picture, in pixels.
    titles : sequence of str, optional
        One for each; by default the objectives, and the seeds where that is not enough.
    columns : int, optional
        Pictures beside one another; by default up to three.
    scale : float
        Size of type and lines relative to the usual.

    Attributes
    ----------
    clock : Clock

    Raises
    ------
    UsageError
        The size is impossible, or there are no recordings, or not a title for each.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        panel: MakePanel,
        theme: Theme,
        width: int,
        height: int,
        *,
        titles: Sequence[str] | None = None,
        columns: int | None = None,
        scale: float = 1.0,
    ) -> None:
        if not len(recordings):
            raise UsageError("a comparison of no recordings: expected at least one")
        if titles is not None and len(titles) != len(recordings):
            raise UsageError(
                f"{len(titles)} titles for {len(recordings)} recordings: expected one for each"
            )
        layout.check_size(width, height)
        self._titles = _distinct_titles(recordings) if titles is None else titles
        self._grid = StripGrid.of(len(recordings), columns, width, height)
        scale *= max(self._grid.columns, self._grid.rows) ** -SHRINK
        panels = _with_shared_scales(recordings, panel, theme, (width, height), scale)
        self.clock = Clock(recordings)
        # a renderer asks a recording for no more than a clock has
        source = cast(Recording, self.clock)
        super().__init__(source, panels, theme, width, height, scale=scale)

    def _update(self, frame: int) -> None:
        for panel, own in zip(self.panels, self.clock.frames(frame), strict=True):
            panel.update(own)

    def _compose(self, style: Style) -> list[Artist]:
        figure, renderer = self._picture, self._canvas.get_renderer()
        axes = [figure.add_axes((0, 0, 1, 1)) for _ in self.panels]
        moving: list[Artist] = []
        for index, (panel, one) in enumerate(zip(self.panels, axes, strict=True)):
            moving += sorted(panel.setup(one, style), key=lambda artist: artist.get_zorder())
            keep_outer_labels(one, self._grid, index, renderer)
        _share_scales(axes)
        lift = max(reach(one, renderer) for one in axes)
        grid = replace(self._grid, heading=HEADING + lift / style.font)
        boxes = place(axes, style, renderer, lambda margins: grid.boxes(margins, style.font))
        kind = Type(style.font)
        for title, box in zip(self._titles, boxes, strict=True):
            short = shorten(title, lambda text: text_width(text, kind) <= boxes[0].width)
            write(figure, short, box.x, box.top + lift + 0.5 * style.font, kind)
        self._write_head(boxes, style)
        return moving

    def _write_head(self, boxes: Sequence[Box], style: Style) -> None:
        """Write the data on the left, the step on the right, and the legend between them."""
        figure, left = self._picture, boxes[0].x
        y = round(self.height - (0.5 * layout.TITLE + 0.36) * style.font)
        right = max(box.right for box in boxes)
        self._counter = Counter(figure, int(self.clock.steps[-1]), right, y, style.font)
        kind = Type(TITLE * style.font, weight="bold")
        room = TITLE_SHARE * (self._counter.left - left)
        label = str(self.clock.header.get("target", {}).get("label") or "")
        title = shorten(label, lambda text: text_width(text, kind) <= room)
        write(figure, title, left, y, kind)
        start = left + (text_width(title, kind) + APART * style.font if title else 0)
        end = self._counter.left - APART * style.font
        draw_legend(figure, _all_keys(self.panels, style), style, start, y, end - start)


def _all_keys(panels: Sequence[Panel], style: Style) -> list[Key]:
    """Entries of all legends, each once, in the order of the longest."""
    each = sorted((panel.keys(style) for panel in panels), key=len, reverse=True)
    return list(dict.fromkeys(key for keys in each for key in keys))


def _distinct_titles(recordings: Sequence[Recording]) -> list[str]:
    """Name recordings by what they differ in: objective, seed, or else the file."""

    def game(recording: Recording) -> str:
        described = recording.header.get("objective")
        name = described.get("name") if isinstance(described, Mapping) else None
        return game_name(str(name)) if name else recording.path.stem

    names = [game(recording) for recording in recordings]
    if len(set(names)) < len(names):
        seeds = [recording.header.get("seed", "?") for recording in recordings]
        names = [f"{name} · seed {seed}" for name, seed in zip(names, seeds, strict=True)]
    return names if len(set(names)) == len(names) else [r.path.stem for r in recordings]


class _Scaled:
    """A recording whose header asks for scales."""

    def __init__(self, recording: Recording, x: Limits, y: Limits) -> None:
        self._recording = recording
        look = recording.header.get("look")
        asked = {"xlim": list(x), "ylim": list(y)}
        own = dict(look) if isinstance(look, Mapping) else {}
        self.header = {**recording.header, "look": own | asked}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recording, name)

    def __len__(self) -> int:
        return len(self._recording)


def _with_shared_scales(
    recordings: Sequence[Recording],
    make: MakePanel,
    theme: Theme,
    size: tuple[int, int],
    scale: float,
) -> list[Panel]:
    """Make panels whose scales, where they follow the header, hold what any of them shows."""
    panels = [make(recording) for recording in recordings]
    style = theme.style(*size, scale)
    trial = Picture(*size, theme.settings(style))
    FigureCanvasAgg(trial)
    with trial.context():
        axes = [trial.add_axes((0, 0, 1, 1)) for _ in panels]
        for panel, one in zip(panels, axes, strict=True):
            panel.setup(one, style)
    if len({(one.get_xlim(), one.get_ylim()) for one in axes}) == 1:
        return panels
    x, y = _union([one.get_xlim() for one in axes]), _union([one.get_ylim() for one in axes])
    return [make(cast(Recording, _Scaled(recording, x, y))) for recording in recordings]


def _share_scales(axes: Sequence[Axes]) -> None:
    """Give all axes the same limits, those of panels too that do not follow the header."""
    x, y = _union([one.get_xlim() for one in axes]), _union([one.get_ylim() for one in axes])
    for one in axes:
        one.set_xlim(x)
        one.set_ylim(y)


def _union(limits: Sequence[Limits]) -> Limits:
    """The shortest interval that holds all; upside down if they are."""
    (first, last), ends = limits[0], [end for pair in limits for end in pair]
    return (min(ends), max(ends)) if first <= last else (max(ends), min(ends))

"""Several recordings side by side, from files to files that play."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.look import SIZE, Look
from gan_viz.api.opening import drawable
from gan_viz.api.pacing import positions_together
from gan_viz.api.places import check_output, encoder_for, is_still
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.errors import RecordingError, UsageError
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.panels.base import Panel
    from gan_viz.panels.choosing import PanelChoice
    from gan_viz.rendering import Timeline
    from gan_viz.rendering.comparison import Comparison

__all__ = ["compare"]

Source: TypeAlias = str | os.PathLike[str] | Recording

USUAL = ("density(dstar=no)", "grid", "losses", "outputs")
"""The first that all recordings have something for is shown, unless one is asked for."""
CELL = (320, 180)
"""Room for each of many pictures, in pixels, where no size is asked for."""
LARGEST = (1920, 1080)


def compare(
    recordings: Source | Sequence[Source],
    out: str | os.PathLike[str],
    look: Look | None = None,
    *,
    titles: Sequence[str] | None = None,
    panel: PanelChoice | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Rendered:
    """Draw several recordings as small multiples: shared scales, one clock.

    Recordings of different lengths and cadences are aligned by step: each shows its last frame at
    or before the step in the corner. Where they are all combinations of two of data, objective and
    seed, row by row, as those of a race are, rows and columns have headings; else each picture has
    a title.

    Parameters
    ----------
    recordings : sequence of (path-like or Recording)
        In reading order, at least one. Those given as Recording stay open.
    out : path-like
        An animation, a still (``.png``, ``.svg``, ``.pdf``: the last frame, or the step of `at`),
        or a folder (ending in ``/``) for all frames as numbered PNGs.
    look : Look, optional
        By default ``Look(**options)``.
    titles : sequence of str, optional
        One for each; by default what they differ in.
    panel : str or type of Panel or Panel, optional
        What is shown of each: a name in `gan_viz.registry.PANELS`, with parameters if there are
        any, or a panel. By default the densities, or else pictures, losses or outputs, whichever
        all have; ``panels`` of one does the same.
    progress : Progress, optional
        Told how far the work is.
    **options
        Fields of `gan_viz.api.Look`. The size is by default 960x540, and up to 1920x1080 where
        there are many pictures; an animation by default lasts as long as the recording of the most
        frames would.

    Returns
    -------
    Rendered

    Raises
    ------
    UsageError
        A value cannot be used, or more pictures than the size has room for.
    RecordingError
        A recording cannot be read, or has nothing to draw, or they have nothing in common.
    OutputError
        The file cannot be written; what was there before is left as it was.
    """
    look = Look(**options) if look is None else replace(look, **options)
    check_output(out, look)
    with ExitStack() as stack:
        sources = _opened(recordings, stack)
        scene = _Together(sources, _choose_panels(sources, panel, look), titles)
        look = replace(look, size=look.size or scene.usual_size(look))
        path = check_output(out, look)
        if is_still(out):
            return _draw_still(scene, path, look)
        from gan_viz.api.movies import draw_scene

        return draw_scene(scene, path, encoder_for(out), look, progress)


def _opened(recordings: Source | Sequence[Source], stack: ExitStack) -> list[Recording]:
    """Open what is not open already, to be closed with the stack."""
    single = isinstance(recordings, str | os.PathLike | Recording)
    given = [recordings] if single else recordings
    if not given:
        raise UsageError("a comparison of no recordings: expected at least one")
    return [stack.enter_context(drawable(one)) for one in cast(Sequence[Source], given)]


def _choose_panels(
    sources: Sequence[Recording], panel: PanelChoice | None, look: Look
) -> list[Panel]:
    """The panel asked for, described for each recording, or else the first that all can show."""
    from gan_viz.panels.choosing import make_panels, with_options

    asked = look.panels if look.panels is not None else panel
    for choices in USUAL if asked is None else [asked]:
        each = [make_panels(choices, source.header) for source in sources]
        if len(each[0]) > 1:
            names = ", ".join(map(repr, each[0]))
            raise UsageError(
                f"panels {names}: a comparison shows one of each recording; expected one, like "
                f"{each[0][0]!r}"
            )
        panels = [described for (described,) in each]
        pairs = zip(panels, sources, strict=True)
        if asked is not None or not any(one.lacking(source) for one, source in pairs):
            return with_options(panels, look.density, look.arrows)
    raise RecordingError(
        f"{len(sources)} recordings have nothing in common to be compared: expected all of them to "
        f"have something for one of the panels {', '.join(USUAL)}"
    )


class _Together:
    """Several recordings as one scene."""

    def __init__(
        self, sources: Sequence[Recording], panels: Sequence[Panel], titles: Sequence[str] | None
    ) -> None:
        self._sources, self._panels, self._titles = sources, panels, titles
        from gan_viz.rendering.comparison import Clock

        self.clock = Clock(sources)

    def usual_size(self, look: Look) -> tuple[int, int]:
        """Grows with the number of pictures."""
        columns, rows = self._columns_and_rows(look)
        height = min(max(SIZE[1], CELL[1] * rows), LARGEST[1])
        width = max(SIZE[0], CELL[0] * columns, 4 * height // 3)
        return min(width, LARGEST[0]), height

    def _columns_and_rows(self, look: Look) -> tuple[int, int]:
        from gan_viz.rendering.comparison import columns_for

        columns = columns_for(self._sources, look.columns)
        return columns, -(-len(self._sources) // columns)

    def timeline(self, look: Look) -> Timeline:
        """By default no more frames than the recording that has the most."""
        from gan_viz.rendering import Timeline
        from gan_viz.rendering.timeline import evenly

        at, ticks = self._positions(look.pace), np.arange(len(self.clock))
        if look.duration is None:  # of different cadences, together they have many more
            ticks = evenly(self._positions("recorded"), max(map(len, self._sources)))
        line = Timeline.plan(at[ticks], look.fps, look.duration, look.hold)
        return replace(line, frames=ticks[line.frames])

    def _positions(self, pace: str) -> NDArray[np.float64]:
        return positions_together(self._sources, self.clock.steps, pace)

    def renderer(self, look: Look) -> Comparison:
        """Small multiples."""
        from gan_viz.rendering.comparison import Comparison
        from gan_viz.rendering.theme import theme

        return Comparison(
            self._sources,
            self._panels,
            theme(look.theme),
            *(look.size or self.usual_size(look)),
            titles=self._titles,
            columns=look.columns,
            scale=look.scale,
        )

    def fits(self, look: Look) -> bool:
        """Whether the pictures are large enough to be read."""
        from gan_viz.rendering.comparison import has_room

        return has_room(*self._columns_and_rows(look), *(look.size or SIZE))


def _draw_still(scene: _Together, path: Path, look: Look) -> Rendered:
    """Draw one step of all."""
    from gan_viz.api.stills import draw_poster

    if len(set(look.at)) > 1:
        raise UsageError(
            f"steps {', '.join(map(str, look.at))}: a still of a comparison shows one step; "
            f"expected one, like {look.at[-1]}, or an animation, or a folder like frames/"
        )
    return draw_poster(scene, scene.clock.steps, path, look)

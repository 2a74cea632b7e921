"""Several recordings side by side, from files to files that play."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from gan_viz.api.drawing import make_look, opened, place_of, write
from gan_viz.api.look import SIZE, Look
from gan_viz.api.output import Rendered, check_output, keep_apart
from gan_viz.arguments import checked
from gan_viz.errors import RecordingError, UsageError
from gan_viz.progress import Progress
from gan_viz.recording import Recording
from gan_viz.registry import DOCUMENTS

if TYPE_CHECKING:  # these load matplotlib
    from gan_viz.api.documents import Document
    from gan_viz.panels.base import Panel
    from gan_viz.panels.choosing import PanelChoice
    from gan_viz.rendering import Canvas, Comparison

Source: TypeAlias = str | os.PathLike[str] | Recording

USUAL = ("density", "grid", "plane", "landscape", "losses", "outputs")
"""The first that all recordings have data for is shown, unless one is asked for."""
CELL = (320, 180)
"""Room for each of many pictures, in pixels, where no size is asked for."""
LARGEST = (1920, 1080)


@checked
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
        An animation, a deck (a slide for each recording: `gan_viz.registry.DOCUMENTS`), a page that
        plays (``.html``), a still (``.png``, ``.svg``, ``.pdf``: the last frame, or the step of
        `at`), or a folder (ending in ``/``) for all frames as numbered PNGs.
    look : Look, optional
        By default ``Look(**options)``.
    titles : sequence of str, optional
        One for each; by default what they differ in.
    panel : str or type of Panel or Panel, optional
        What is shown of each: a name in `gan_viz.registry.PANELS`, with parameters if there are
        any, or a panel. By default the densities, or else pictures, losses or outputs, whichever
        all have. ``panels`` shows several of each, one above the other, like ``"density, losses"``.
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
    look = make_look("compare", look, options)
    output = check_output(out, look)
    if output.still and len(set(look.at)) > 1:
        raise UsageError(
            f"steps {', '.join(map(str, look.at))}: a still of a comparison shows one step; "
            f"expected one, like {look.at[-1]}, or an animation, or a folder like frames/"
        )
    with ExitStack() as stack:
        single = isinstance(recordings, str | os.PathLike | Recording)
        given = cast("Sequence[Source]", [recordings] if single else recordings)
        if not given:
            raise UsageError("a comparison of no recordings: expected at least one")
        keep_apart([out], map(place_of, given))
        sources = [stack.enter_context(opened(one)) for one in given]
        if output.document:
            look = look if panel is None else replace(look, panels=panel)
            document: Document = DOCUMENTS[output.suffix]()
            return document.render(sources, output, look, progress, titles)
        panels = _choose_panels(sources, panel, look)
        columns = look.columns

        def make(canvas: Canvas) -> Comparison:
            from gan_viz.rendering import Comparison

            return Comparison(sources, panels, canvas, titles=titles, columns=columns)

        if look.size is None:
            look = replace(look, size=_usual_size(sources, columns, panels))
            output = check_output(out, look)
        return write(make, output, look, progress)


def _choose_panels(
    sources: Sequence[Recording], panel: PanelChoice | None, look: Look
) -> list[Panel]:
    """The panels asked for, described for each recording, or else the first that all can show."""
    from gan_viz.panels.choosing import make_panels, with_options

    asked = look.panels if look.panels is not None else panel
    for choices in USUAL if asked is None else [asked]:
        each = [make_panels(choices, source.header) for source in sources]
        lacking = (one.lacking(run) for own, run in zip(each, sources, strict=True) for one in own)
        if asked is not None or not any(lacking):
            panels = [described for own in each for described in own]
            return with_options(panels, look.density, look.arrows, look.show)
    raise RecordingError(
        f"{len(sources)} recordings have nothing in common to be compared: expected all of them to "
        f"have something for one of the panels {', '.join(USUAL)}"
    )


def _usual_size(
    sources: Sequence[Recording], columns: int | None, panels: Sequence[Panel]
) -> tuple[int, int]:
    """The size of a comparison grows with the number of pictures, and of the panels of each."""
    from gan_viz.rendering.comparison import columns_for, heights_of

    columns = columns_for(sources, columns)
    rows = -(-len(sources) // columns)
    tall = sum(heights_of(panels[: len(panels) // len(sources)]))
    height = min(max(SIZE[1], round(CELL[1] * rows * tall)), LARGEST[1])
    width = max(SIZE[0], CELL[0] * columns, 4 * height // 3)
    return min(width, LARGEST[0]), height

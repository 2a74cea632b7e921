"""Recordings as a page that plays them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from gan_viz.api.documents import Document
from gan_viz.api.drawing import described_panels, make_look, opened, screen_times
from gan_viz.api.look import Look
from gan_viz.api.output import Output, Rendered
from gan_viz.arguments import checked
from gan_viz.errors import UsageError
from gan_viz.recording import Recording

if TYPE_CHECKING:  # these load matplotlib
    from gan_viz.progress import Progress
    from gan_viz.rendering.theme import Theme
    from gan_viz.replay import Payload

Source: TypeAlias = str | os.PathLike[str] | Recording

FEWEST_FRAMES = 12
"""A page that is to fit into some bytes has at least so many frames."""
SPARE = 0.97
"""Part of the frames that a budget has room for in proportion: fewer differ more."""


@checked
def page_of(
    recordings: Source | Sequence[Source],
    look: Look | None = None,
    *,
    titles: Sequence[str] | None = None,
    **options: Any,
) -> str:
    """Make a page that plays recordings, as text.

    Parameters
    ----------
    recordings : path-like or Recording, or sequence of them
        At least one. Those given as Recording stay open.
    look : Look, optional
        By default ``Look(**options)``. With `max_bytes`, frames are left out until it fits.
    titles : sequence of str, optional
        One for each; by default what they differ in.
    **options
        Fields of `gan_viz.Look`.

    Returns
    -------
    str
        HTML in one file, which needs no server and no network.

    Raises
    ------
    UsageError
        A value cannot be used, or the page cannot be made as small as asked for.
    RecordingError
        A recording cannot be read, or has nothing to draw.
    """
    look = make_look("page_of", look, options)
    single = isinstance(recordings, str | os.PathLike | Recording)
    with ExitStack() as stack:
        given: Sequence[Any] = [recordings] if single else recordings  # type: ignore[assignment]
        sources = [stack.enter_context(opened(one)) for one in given]
        return _fitting(sources, look, titles)[0]


def page_data(
    sources: Sequence[Recording],
    look: Look,
    titles: Sequence[str] | None = None,
    most_frames: int | None = None,
) -> Payload:
    """Collect what a page draws of open recordings; see `gan_viz.replay.payload`."""
    from gan_viz.rendering.titles import check_titles
    from gan_viz.replay import Play, payload

    check_titles(titles, sources)
    clock = screen_times(sources, replace(look, boomerang=False))
    play = Play(
        clock,
        look.hold,
        look.loop,
        look.boomerang,
        look.show,
        start=look.at[0] if look.at else None,
        columns=look.columns,
        group=(look.scalars or "").partition(",")[0].strip(),
    )
    panels = [described_panels(source, look) for source in sources]
    more = {} if most_frames is None else {"most_frames": most_frames}
    return payload(
        sources, panels, look.canvas, themes=_themes(look), play=play, titles=titles, **more
    )


class Page(Document):
    """A page that plays open recordings."""

    known_options = ("max_bytes",)

    def render(
        self,
        recordings: Sequence[Recording],
        output: Output,
        look: Look,
        progress: Progress | None = None,
        titles: Sequence[str] | None = None,
    ) -> Rendered:
        """Write the page; see `Document.render`."""
        text, found = _fitting(recordings, look, titles)
        with self.published(output) as place:
            place.write_text(text, "utf-8")
        facts = found.frames, (0, 0), 0.0, 0.0, output.bytes, found.notice, output.replaces
        single = recordings[0].path if len(recordings) == 1 else None
        return Rendered(output.path, *facts, source=single)


def _fitting(
    sources: Sequence[Recording], look: Look, titles: Sequence[str] | None
) -> tuple[str, Payload]:
    """A page and what it holds: all frames, or as many as the budget has room for."""
    from gan_viz.replay import page

    def made(most_frames: int | None) -> tuple[str, Payload, int]:
        found = page_data(sources, look, titles, most_frames)
        text = page(found.data, found.title or "gan-viz", look.language)
        return text, found, len(text.encode())

    budget, own = look.max_bytes, len(page(b"", "").encode())
    frames = max(map(len, sources))
    text, found, size = made(None)
    while budget is not None and size > budget:
        if frames <= FEWEST_FRAMES:
            raise UsageError(
                f"a budget of {budget:,} bytes: a page of {frames} frames takes {size:,}; expected "
                "at least as many"
            )
        wanted = int(SPARE * frames * max(0, budget - own) / (size - own))
        frames = max(FEWEST_FRAMES, min(wanted, frames - 1))
        text, found, size = made(frames)
    return text, found


def _themes(look: Look) -> list[Theme]:
    """The theme of the look, and others to choose from, in the same colours of one's own."""
    from gan_viz.rendering.theme import THEMES

    own = look.canvas.theme
    colors = dict(look.colors) if not isinstance(look.colors, int) else {}
    others = [one.recolored(colors) for name, one in THEMES.items() if name != own.name]
    return [own, *others]

"""Animations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.look import SIZE, Look
from gan_viz.api.pacing import positions
from gan_viz.api.places import encoder_for
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder, Movie
    from gan_viz.panels.base import Panel
    from gan_viz.rendering import Renderer, Timeline

__all__ = ["Film", "draw_movie"]

SAMPLES = 8


class Film:
    """An animation, ready to be drawn into any encoder.

    Parameters
    ----------
    source : Recording
    panels : sequence of type of Panel
    look : Look

    Attributes
    ----------
    timeline : Timeline
        Which frames are shown.
    renderer : Renderer
        Draws them.
    movie : Movie
        What an encoder is to be told.
    """

    def __init__(self, source: Recording, panels: Sequence[type[Panel]], look: Look) -> None:
        from gan_viz.rendering import Renderer, Timeline
        from gan_viz.rendering.theme import theme

        colors = theme(look.theme)
        self.look = look
        self.size = look.size or SIZE
        self.timeline: Timeline = Timeline.plan(
            positions(source, look.pace), look.fps, look.duration, look.hold
        )
        self.renderer: Renderer = Renderer(
            source, [panel(source) for panel in panels], colors, *self.size, scale=look.scale
        )
        self._colors = colors.colors()
        self.movie: Movie = self._movie()

    def _movie(self) -> Movie:
        from gan_viz.encoders.base import Movie

        indices = self.timeline.frames.tolist()
        return Movie(
            *self.size,
            fps=self.timeline.fps,
            hold=self.timeline.hold,
            loop=self.look.loop,
            colors=self._colors,
            samples=[self.renderer.frame(i) for i in indices[:: max(1, len(indices) // SAMPLES)]],
            frames=len(indices),
        )

    def shoot(self, encoder: Encoder, progress: Progress | None = None) -> None:
        """Draw all frames into an encoder.

        Parameters
        ----------
        encoder : Encoder
            Open; left open.
        progress : Progress, optional
        """
        total = len(self.timeline.frames)
        frames = self.renderer.frames(self.timeline.frames.tolist())
        for number, frame in enumerate(frames, 1):
            encoder.write(frame)
            if progress is not None:
                progress("rendering", number, total, {})

    def result(self, path: Path, duration: float) -> Rendered:
        """Say what was made, given how long the encoder says it plays.

        Parameters
        ----------
        path : pathlib.Path
        duration : float
            Seconds.

        Returns
        -------
        Rendered
        """
        line, size = self.timeline, path.stat().st_size
        return Rendered(path, len(line.frames), self.size, line.fps, duration, size, line.notice)


def draw_movie(
    source: Recording,
    path: Path,
    panels: Sequence[type[Panel]],
    look: Look,
    progress: Progress | None,
) -> Rendered:
    """Draw an animation.

    Parameters
    ----------
    source : Recording
    path : pathlib.Path
    panels : sequence of type of Panel
    look : Look
    progress : Progress or None

    Returns
    -------
    Rendered
    """
    film = Film(source, panels, look)
    if look.max_bytes is not None:
        return _draw_within(film, source, path, panels, look.max_bytes, progress)
    with _encoder(path, film) as encoder:
        film.shoot(encoder, progress)
    return film.result(path, encoder.duration)


def _draw_within(
    film: Film,
    source: Recording,
    path: Path,
    panels: Sequence[type[Panel]],
    budget: int,
    progress: Progress | None,
) -> Rendered:
    """Draw a GIF as good as fits into a number of bytes; say what had to give."""
    from gan_viz.api.budget import MOST_COLORS, Compromise, best_fit, compromises
    from gan_viz.encoders.gif import OverBudgetError

    def attempt(choice: Compromise) -> Rendered | None:
        tried = film if choice.look is film.look else Film(source, panels, choice.look)
        try:
            with _encoder(path, tried, colors=choice.colors, budget=budget) as encoder:
                tried.shoot(encoder, progress)
        except OverBudgetError:
            return None
        return tried.result(path, encoder.duration)

    seconds = film.timeline.duration - film.timeline.hold
    choice, rendered = best_fit(compromises(film.look, seconds), attempt, budget)
    if choice.look is film.look and choice.colors == MOST_COLORS:
        return rendered
    width, height = rendered.size
    notice = (
        f"to fit into {budget:,} bytes: {width}x{height}, {rendered.fps:.3g} fps, "
        f"{choice.colors} colors at most"
    )
    return replace(rendered, notice="; ".join(filter(None, [rendered.notice, notice])))


def _encoder(path: Path, film: Film, **options: Any) -> Encoder:
    chosen = dict(options)
    if film.look.opaque and path.suffix.lower() == ".gif":
        chosen["opaque"] = True
    return encoder_for(path)(path, film.movie, **chosen)

"""Animations."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gan_viz.api.budget import MOST_COLORS
from gan_viz.api.look import SIZE, Look
from gan_viz.api.pacing import positions
from gan_viz.api.places import encoder_options
from gan_viz.api.processors import processors
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.encoders.background import Worker
    from gan_viz.encoders.base import Clip, Encoder
    from gan_viz.panels.base import Panel
    from gan_viz.rendering import Renderer, Timeline

__all__ = ["Film", "Scene", "Solo", "draw_movie", "draw_scene"]

SAMPLES = 8


class Scene(Protocol):
    """What is drawn, in any look."""

    def timeline(self, look: Look) -> Timeline:
        """Which frames an animation shows."""
        ...

    def renderer(self, look: Look) -> Renderer:
        """What draws them."""
        ...

    def fits(self, look: Look) -> bool:
        """Whether it can be drawn in that size."""
        ...


class Solo:
    """One recording.

    Parameters
    ----------
    source : Recording
    panels : sequence of type of Panel
    """

    def __init__(self, source: Recording, panels: Sequence[type[Panel]]) -> None:
        self._source, self._panels = source, panels

    def timeline(self, look: Look) -> Timeline:
        """By default all frames."""
        from gan_viz.rendering import Timeline

        at = positions(self._source, look.pace)
        return Timeline.plan(at, look.fps, look.duration, look.hold)

    def renderer(self, look: Look) -> Renderer:
        """All panels side by side."""
        from gan_viz.rendering import Renderer
        from gan_viz.rendering.theme import theme

        panels = [panel(self._source) for panel in self._panels]
        size = look.size or SIZE
        return Renderer(self._source, panels, theme(look.theme), *size, scale=look.scale)

    def fits(self, look: Look) -> bool:
        """In any size."""
        return True


class Film:
    """An animation, ready to be drawn into any encoder.

    Parameters
    ----------
    scene : Scene
    look : Look

    Attributes
    ----------
    timeline : Timeline
        Which frames are shown.
    renderer : Renderer
        Draws them.
    movie : Clip
        What an encoder is to be told.
    """

    def __init__(self, scene: Scene, look: Look) -> None:
        from gan_viz.rendering.theme import theme

        self.look = look
        self.size = look.size or SIZE
        self.timeline: Timeline = scene.timeline(look)
        self.renderer: Renderer = scene.renderer(look)
        self._colors = theme(look.theme).colors()
        self.movie: Clip = self._movie()

    def _movie(self) -> Clip:
        from gan_viz.encoders.base import Clip

        indices = self.timeline.frames.tolist()
        return Clip(
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
        line = self.timeline
        files = path.iterdir() if path.is_dir() else [path]
        size = sum(file.stat().st_size for file in files)
        return Rendered(path, len(line.frames), self.size, line.fps, duration, size, line.notice)


def draw_movie(
    source: Recording,
    path: Path,
    kind: type[Encoder],
    panels: Sequence[type[Panel]],
    look: Look,
    progress: Progress | None,
) -> Rendered:
    """Draw an animation.

    Parameters
    ----------
    source : Recording
    path : pathlib.Path
    kind : type of Encoder
    panels : sequence of type of Panel
    look : Look
    progress : Progress or None

    Returns
    -------
    Rendered
    """
    return draw_scene(Solo(source, panels), path, kind, look, progress)


def draw_scene(
    scene: Scene, path: Path, kind: type[Encoder], look: Look, progress: Progress | None
) -> Rendered:
    """Draw an animation of anything.

    Parameters
    ----------
    scene : Scene
    path : pathlib.Path
    kind : type of Encoder
    look : Look
    progress : Progress or None

    Returns
    -------
    Rendered
    """
    if look.max_bytes is not None:
        return _draw_within(Film(scene, look), scene, path, kind, look.max_bytes, progress)
    with _early_worker(kind, look) as worker:
        film = Film(scene, look)
        with _encoder(path, kind, film, worker=worker) as encoder:
            film.shoot(encoder, progress)
    return film.result(path, encoder.duration)


def _early_worker(kind: type[Encoder], look: Look) -> AbstractContextManager[Worker | None]:
    """Start the process that encodes while this one is still setting up the picture."""
    from gan_viz.encoders.background import start_worker

    return (start_worker(kind) if _jobs(look) > 1 else None) or nullcontext()


def _jobs(look: Look) -> int:
    return look.jobs or processors(2)


def _draw_within(
    film: Film,
    scene: Scene,
    path: Path,
    kind: type[Encoder],
    budget: int,
    progress: Progress | None,
) -> Rendered:
    """Draw a GIF as good as fits into a number of bytes; say what had to give."""
    from gan_viz.api.budget import Compromise, best_fit, compromises
    from gan_viz.encoders.gif import OverBudgetError

    def attempt(choice: Compromise) -> Rendered | None:
        tried = film if choice.look is film.look else Film(scene, choice.look)
        try:
            with _encoder(path, kind, tried, colors=choice.colors) as encoder:
                tried.shoot(encoder, progress)
        except OverBudgetError:
            return None
        return tried.result(path, encoder.duration)

    seconds = film.timeline.duration - film.timeline.hold
    choices = [c for c in compromises(film.look, seconds) if scene.fits(c.look)]
    choice, rendered = best_fit(choices, attempt, budget)
    if choice.look is film.look and choice.colors == MOST_COLORS:
        return rendered
    width, height = rendered.size
    notice = (
        f"to fit into {budget:,} bytes: {width}x{height}, {rendered.fps:.3g} fps, "
        f"{choice.colors} colors at most"
    )
    return replace(rendered, notice="; ".join(filter(None, [rendered.notice, notice])))


def _encoder(
    path: Path, kind: type[Encoder], film: Film, worker: Worker | None = None, **options: Any
) -> Encoder:
    from gan_viz.encoders.background import open_encoder

    options = encoder_options(film.look) | options
    return open_encoder(path, film.movie, _jobs(film.look), options, kind=kind, worker=worker)

"""Animations: the frames of a renderer, written into an encoder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from gan_viz.api.budget import MOST_COLORS, Compromise, best_fit, compromises
from gan_viz.api.look import Look
from gan_viz.api.processors import processors
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.encoders.base import Encoder, Movie
from gan_viz.encoders.gif import OverBudgetError
from gan_viz.encoders.remote import Worker, open_encoder, start_worker
from gan_viz.rendering import Canvas, FrameRenderer

__all__ = ["Animation", "write_animation"]

SAMPLES = 8
PICTURE_COLORS = 32
"""Colours of a GIF with pictures in it: with all their shades it would be twice as large."""

MakeRenderer: TypeAlias = Callable[[Canvas], FrameRenderer]


class Animation:
    """Frames of a renderer in time, ready to be written into any encoder.

    Attributes
    ----------
    timeline : Timeline
        Which frames are shown.
    movie : Movie
        What an encoder is told.
    colors : int
        The most for a GIF.
    """

    def __init__(self, renderer: FrameRenderer, look: Look) -> None:
        self.renderer, self.look = renderer, look
        self.timeline = renderer.timeline(look.pace, look.fps, look.duration, look.hold)
        pictures = any(panel.pictures for panel in renderer.panels)
        self.colors = look.colors or (PICTURE_COLORS if pictures else MOST_COLORS)
        indices, canvas = self.timeline.frames.tolist(), renderer.canvas
        self.movie = Movie(
            canvas.width,
            canvas.height,
            fps=self.timeline.fps,
            hold=self.timeline.hold,
            loop=look.loop,
            colors=canvas.theme.colors(),
            samples=[renderer.frame(i) for i in indices[:: max(1, len(indices) // SAMPLES)]],
            frames=len(indices),
        )

    def write_frames(self, encoder: Encoder, progress: Progress | None = None) -> None:
        """Draw all frames into an encoder, which is left open."""
        frames = self.renderer.frames(self.timeline.frames.tolist())
        for number, frame in enumerate(frames, 1):
            encoder.write(frame)
            if progress is not None:
                progress("rendering", number, self.movie.frames, {})

    def result(self, path: Path, duration: float) -> Rendered:
        """Say what was written, given the seconds that the encoder says it plays."""
        files = path.iterdir() if path.is_dir() else [path]
        size = sum(file.stat().st_size for file in files)
        fps, notice = self.timeline.fps, self.timeline.notice
        shape = self.movie.width, self.movie.height
        return Rendered(path, self.movie.frames, shape, fps, duration, size, notice)


def write_animation(
    make: MakeRenderer, path: Path, kind: type[Encoder], look: Look, progress: Progress | None
) -> Rendered:
    """Draw and encode an animation.

    `make` is called for the canvas of the look, and for smaller ones where the look has a budget.
    """
    if look.max_bytes is not None:
        return _write_within(make, path, kind, look, look.max_bytes, progress)
    with _early_worker(kind, look) as worker:
        animation = Animation(make(look.canvas), look)
        with _encoder(path, kind, animation, worker=worker) as encoder:
            animation.write_frames(encoder, progress)
    return animation.result(path, encoder.duration)


def _early_worker(kind: type[Encoder], look: Look) -> AbstractContextManager[Worker | None]:
    """Start the process that encodes while this one is still setting up the picture."""
    return (start_worker(kind) if _jobs(look) > 1 else None) or nullcontext()


def _jobs(look: Look) -> int:
    return look.jobs or processors(2)


def _write_within(
    make: MakeRenderer,
    path: Path,
    kind: type[Encoder],
    look: Look,
    budget: int,
    progress: Progress | None,
) -> Rendered:
    """Write a GIF as good as fits into a number of bytes; say what had to give."""
    first = Animation(make(look.canvas), look)

    def attempt(choice: Compromise) -> Rendered | None:
        canvas = choice.look.canvas
        renderer = first.renderer if canvas == look.canvas else make(canvas)
        animation = first if choice.look is look else Animation(renderer, choice.look)
        try:
            with _encoder(path, kind, animation, colors=choice.colors, budget=budget) as encoder:
                animation.write_frames(encoder, progress)
        except OverBudgetError:
            return None
        return animation.result(path, encoder.duration)

    seconds = first.timeline.duration - first.timeline.hold
    choices = compromises(look, seconds, first.renderer.smallest)
    choice, rendered = best_fit(choices, attempt, budget)
    if choice.look is look and choice.colors == MOST_COLORS:
        return rendered
    width, height = rendered.size
    notice = (
        f"to fit into {budget:,} bytes: {width}x{height}, {rendered.fps:.3g} fps, "
        f"{choice.colors} colors at most"
    )
    return replace(rendered, notice="; ".join(filter(None, [rendered.notice, notice])))


def _encoder(path: Path, kind: type[Encoder], animation: Animation, **options: Any) -> Encoder:
    look = animation.look
    if path.suffix.lower() == ".gif":
        options = {"colors": animation.colors, "opaque": look.opaque, **options}
    return open_encoder(path, animation.movie, kind=kind, jobs=_jobs(look), **options)

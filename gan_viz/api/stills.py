"""Pictures that stand still: strips of frames, posters, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan_viz.api.look import SIZE, STRIP_SIZE, Look
from gan_viz.api.pacing import positions
from gan_viz.api.places import encoder_for
from gan_viz.api.rendered import Rendered
from gan_viz.errors import OutputError
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.panels.base import Panel
    from gan_viz.rendering.canvas import Picture

__all__ = ["draw_still"]

STRIP_FRAMES = 6


def draw_still(
    source: Recording, path: Path, panels: Sequence[type[Panel]], look: Look
) -> Rendered:
    """Draw a strip of frames of the first panel, or one whole picture.

    Parameters
    ----------
    source : Recording
    path : pathlib.Path
        ``.png``, ``.svg`` or ``.pdf``.
    panels : sequence of type of Panel
    look : Look

    Returns
    -------
    Rendered
    """
    from gan_viz.rendering import Renderer, filmstrip
    from gan_viz.rendering.theme import theme

    frames, notice = _frames(source, look)
    colors = theme(look.theme)
    if look.poster:
        size = look.size or SIZE
        drawn = [panel(source) for panel in panels]
        renderer = Renderer(source, drawn, colors, *size, scale=look.scale)
        picture = renderer.picture(frames[-1])
    else:
        size = look.size or STRIP_SIZE
        picture = filmstrip(
            source, panels[0], frames, colors, *size, columns=look.columns, scale=look.scale
        )
    _write(picture, path, size)
    number = 1 if look.poster else len(frames)
    return Rendered(path, number, size, 0.0, 0.0, path.stat().st_size, notice)


def _frames(source: Recording, look: Look) -> tuple[list[int], str]:
    """The frames to show, and a word on steps for which none was recorded."""
    from gan_viz.rendering.timeline import evenly

    if look.at:
        chosen = [int(np.abs(source.steps - step).argmin()) for step in sorted(set(look.at))]
        off = [s for s, f in zip(sorted(set(look.at)), chosen, strict=True) if source.steps[f] != s]
        named = ", ".join(f"{source.steps[frame]:,}" for frame in dict.fromkeys(chosen))
        notice = f"no frame was recorded at step {off[0]:,}: shown are steps {named}" if off else ""
        return list(dict.fromkeys(chosen)), notice
    if look.poster:
        return [len(source) - 1], ""
    number = max(STRIP_FRAMES, look.columns or 0)
    pace = "sqrt" if look.pace == "recorded" else look.pace
    return evenly(positions(source, pace), number).tolist(), ""


def _write(picture: Picture, path: Path, size: tuple[int, int]) -> None:
    from gan_viz.encoders.base import Movie
    from gan_viz.encoders.publish import Partial
    from gan_viz.rendering.canvas import rasterize, save_vector

    if path.suffix.lower() == ".png":
        with encoder_for(path)(path, Movie(*size, fps=1.0, frames=1)) as encoder:
            encoder.write(rasterize(picture))
        return
    partial = Partial(path)
    try:
        save_vector(picture, partial.path, path.suffix.lower().removeprefix("."))
        partial.publish()
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.discard()

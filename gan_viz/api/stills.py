"""Pictures that stand still: strips of frames, posters, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.look import STRIP_SIZE, Look
from gan_viz.api.movies import Scene, Solo
from gan_viz.api.pacing import positions
from gan_viz.api.places import encoder_for
from gan_viz.api.rendered import Rendered
from gan_viz.errors import OutputError
from gan_viz.recording import Recording
from gan_viz.registry import PANELS

if TYPE_CHECKING:
    from gan_viz.panels.base import Panel
    from gan_viz.rendering.canvas import Picture

__all__ = ["draw_poster", "draw_still"]

STRIP_FRAMES = 6
MOST_ROWS = 12
"""Epochs in a contact sheet."""


def draw_still(
    source: Recording, path: Path, panels: Sequence[type[Panel]], look: Look
) -> Rendered:
    """Draw a strip of frames of the first panel, a contact sheet of samples, or one whole picture.

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
    if look.poster:
        return draw_poster(Solo(source, panels), source.steps, path, look)
    frames, notice = _frames(source, look)
    if panels[0] is PANELS["grid"]:
        frames = frames if look.at else _epochs(source) or frames
        picture = _contact_sheet(source, frames, look)
    else:
        picture = _strip(source, frames, panels[0], look)
    return _written(picture, path, len(frames), notice)


def draw_poster(scene: Scene, steps: NDArray[np.int64], path: Path, look: Look) -> Rendered:
    """Draw one whole picture: of the last step asked for, or else of the last frame.

    Parameters
    ----------
    scene : Scene
    steps : ndarray of int, shape (frames,)
        Of the scene's frames.
    path : pathlib.Path
        ``.png``, ``.svg`` or ``.pdf``.
    look : Look

    Returns
    -------
    Rendered
    """
    frames, notice = _nearest(steps, look.at) if look.at else ([len(steps) - 1], "")
    return _written(scene.renderer(look).picture(frames[-1]), path, 1, notice)


def _written(picture: Picture, path: Path, frames: int, notice: str) -> Rendered:
    size = int(picture.bbox.width), int(picture.bbox.height)
    _write(picture, path, size)
    return Rendered(path, frames, size, 0.0, 0.0, path.stat().st_size, notice)


def _strip(source: Recording, frames: Sequence[int], panel: type[Panel], look: Look) -> Picture:
    from gan_viz.rendering import filmstrip
    from gan_viz.rendering.theme import theme

    size = look.size or STRIP_SIZE
    colors = theme(look.theme)
    return filmstrip(source, panel, frames, colors, *size, columns=look.columns, scale=look.scale)


def _contact_sheet(source: Recording, frames: Sequence[int], look: Look) -> Picture:
    from gan_viz.rendering import contact_sheet
    from gan_viz.rendering.theme import theme

    width, height = look.size or (STRIP_SIZE[0], None)
    steps, epoch = source.steps[list(frames)].tolist(), _steps_per_epoch(source)
    whole = epoch is not None and all(step and step % epoch == 0 for step in steps)
    names = [f"epoch {step // epoch}" if whole and epoch else f"step {step:,}" for step in steps]
    colors = theme(look.theme)
    return contact_sheet(source, frames, names, colors, width, height, scale=look.scale)


def _steps_per_epoch(source: Recording) -> int | None:
    steps = source.header.get("steps_per_epoch")
    return steps if isinstance(steps, int) and steps > 0 else None


def _epochs(source: Recording) -> list[int]:
    """The frames at the ends of epochs, of many a few; none where there are fewer than two."""
    from gan_viz.rendering.timeline import evenly

    epoch = _steps_per_epoch(source)
    if epoch is None:
        return []
    ends = [k for k, step in enumerate(source.steps.tolist()) if step and step % epoch == 0]
    if len(ends) <= MOST_ROWS:
        return ends if len(ends) > 1 else []
    return [ends[k] for k in evenly(np.arange(len(ends), dtype=np.float64), MOST_ROWS).tolist()]


def _frames(source: Recording, look: Look) -> tuple[list[int], str]:
    """The frames of a strip, and a word on steps for which none was recorded."""
    from gan_viz.rendering.timeline import evenly

    if look.at:
        return _nearest(source.steps, look.at)
    number = max(STRIP_FRAMES, look.columns or 0)
    pace = "sqrt" if look.pace == "recorded" else look.pace
    return evenly(positions(source, pace), number).tolist(), ""


def _nearest(steps: NDArray[np.int64], at: Sequence[int]) -> tuple[list[int], str]:
    """The frames nearest to some steps, and a word on steps for which none was recorded."""
    asked = sorted(set(at))
    chosen = [int(np.abs(steps - step).argmin()) for step in asked]
    off = [step for step, frame in zip(asked, chosen, strict=True) if steps[frame] != step]
    named = ", ".join(f"{steps[frame]:,}" for frame in dict.fromkeys(chosen))
    notice = f"no frame was recorded at step {off[0]:,}: shown are steps {named}" if off else ""
    return list(dict.fromkeys(chosen)), notice


def _write(picture: Picture, path: Path, size: tuple[int, int]) -> None:
    from gan_viz.encoders.base import Clip
    from gan_viz.encoders.publish import Partial
    from gan_viz.rendering.canvas import rasterize, save_vector

    if path.suffix.lower() == ".png":
        with encoder_for(path)(path, Clip(*size, fps=1.0, frames=1)) as encoder:
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

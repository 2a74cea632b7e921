"""Pictures that stand still: strips of frames, posters, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.look import STRIP_SIZE, Look
from gan_viz.api.places import encoder_for
from gan_viz.api.rendered import Rendered
from gan_viz.encoders.base import Movie
from gan_viz.encoders.publish import Partial
from gan_viz.errors import OutputError
from gan_viz.panels.base import Panel
from gan_viz.recording import Recording
from gan_viz.rendering import FrameRenderer, contact_sheet, filmstrip
from gan_viz.rendering.figure import PixelFigure, rasterize, save_vector
from gan_viz.rendering.timeline import SharedSteps, evenly

__all__ = ["write_contact_sheet", "write_poster", "write_strip"]

STRIP_FRAMES = 6
MOST_ROWS = 12
"""Epochs in a contact sheet."""


def write_poster(renderer: FrameRenderer, path: Path, look: Look) -> Rendered:
    """Write one frame: of the last step asked for, or else the last."""
    steps = renderer.steps
    frames, notice = _nearest(steps, look.at) if look.at else ([len(steps) - 1], "")
    return _written(renderer.figure(frames[-1]), path, 1, notice)


def write_strip(panel: Panel, path: Path, look: Look) -> Rendered:
    """Write a strip of frames of one panel."""
    frames, notice = _frames(panel.recording, look)
    strip = filmstrip(panel, frames, look.canvas_of(STRIP_SIZE), columns=look.columns)
    return _written(strip, path, len(frames), notice)


def write_contact_sheet(source: Recording, path: Path, look: Look) -> Rendered:
    """Write rows of samples: at the steps asked for, or else at the ends of epochs."""
    frames, notice = _frames(source, look)
    frames = frames if look.at else _epochs(source) or frames
    steps, epoch = source.steps[frames].tolist(), _steps_per_epoch(source)
    whole = epoch is not None and all(step and step % epoch == 0 for step in steps)
    names = [f"epoch {step // epoch}" if whole and epoch else f"step {step:,}" for step in steps]
    canvas = look.canvas_of(STRIP_SIZE)
    sheet = contact_sheet(source, frames, names, canvas, crop=look.size is None)
    return _written(sheet, path, len(frames), notice)


def _steps_per_epoch(source: Recording) -> int | None:
    steps = source.header.get("steps_per_epoch")
    return steps if isinstance(steps, int) and steps > 0 else None


def _epochs(source: Recording) -> list[int]:
    """The frames at the ends of epochs, of many a few; none where there are fewer than two."""
    epoch = _steps_per_epoch(source)
    if epoch is None:
        return []
    ends = [k for k, step in enumerate(source.steps.tolist()) if step and step % epoch == 0]
    if len(ends) <= MOST_ROWS:
        return ends if len(ends) > 1 else []
    return [ends[k] for k in evenly(np.arange(len(ends), dtype=np.float64), MOST_ROWS).tolist()]


def _frames(source: Recording, look: Look) -> tuple[list[int], str]:
    """The frames of a strip, and a word on steps for which none was recorded."""
    if look.at:
        return _nearest(source.steps, look.at)
    number = max(STRIP_FRAMES, look.columns or 0)
    pace = "sqrt" if look.pace == "recorded" else look.pace
    return evenly(SharedSteps([source]).positions(pace), number).tolist(), ""


def _nearest(steps: NDArray[np.int64], at: Sequence[int]) -> tuple[list[int], str]:
    """The frames nearest to some steps, and a word on steps for which none was recorded."""
    asked = sorted(set(at))
    chosen = [int(np.abs(steps - step).argmin()) for step in asked]
    off = [step for step, frame in zip(asked, chosen, strict=True) if steps[frame] != step]
    named = ", ".join(f"{steps[frame]:,}" for frame in dict.fromkeys(chosen))
    notice = f"no frame was recorded at step {off[0]:,}: shown are steps {named}" if off else ""
    return list(dict.fromkeys(chosen)), notice


def _written(figure: PixelFigure, path: Path, frames: int, notice: str) -> Rendered:
    size = int(figure.bbox.width), int(figure.bbox.height)
    if path.suffix.lower() == ".png":
        with encoder_for(path)(path, Movie(*size, fps=1.0, frames=1)) as encoder:
            encoder.write(rasterize(figure))
    else:
        _write_vector(figure, path)
    return Rendered(path, frames, size, 0.0, 0.0, path.stat().st_size, notice)


def _write_vector(figure: PixelFigure, path: Path) -> None:
    partial = Partial(path)
    try:
        save_vector(figure, partial.path, path.suffix.lower().removeprefix("."))
        partial.publish()
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.discard()

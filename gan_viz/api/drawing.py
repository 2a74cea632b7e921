"""From a recording to files that play."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.look import PRESETS, Look
from gan_viz.api.opening import drawable
from gan_viz.api.places import check_output, encoder_for, is_folder, is_still
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.errors import UnknownNameError, UsageError
from gan_viz.recording import Recording

if TYPE_CHECKING:
    from gan_viz.panels.base import Panel

__all__ = ["check_output", "preset", "render"]


def render(
    recording: str | os.PathLike[str] | Recording,
    out: str | os.PathLike[str],
    look: Look | None = None,
    *,
    progress: Progress | None = None,
    **options: Any,
) -> Rendered:
    """Draw a recording.

    Parameters
    ----------
    recording : path-like or Recording
    out : path-like
        An animation (a name ending as in `gan_viz.registry.ENCODERS`, except ``.png``), a still
        (``.png``, ``.svg``, ``.pdf``: a strip of frames of the first panel, or a poster), or a
        folder (ending in ``/``) for all frames as numbered PNGs.
    look : Look, optional
        By default ``Look(**options)``.
    progress : Progress, optional
        Told how far the work is.
    **options
        Fields of `gan_viz.api.Look`: size, fps, duration, hold, pace, theme, panels and so on.

    Returns
    -------
    Rendered

    Raises
    ------
    UsageError
        A value cannot be used.
    RecordingError
        The recording cannot be read, or has nothing to draw.
    OutputError
        The file cannot be written; what was there before is left as it was.
    """
    look = Look(**options) if look is None else replace(look, **options)
    path = check_output(out, look)
    with drawable(recording) as source:
        panels = _choose_panels(source, look)
        if is_still(out):
            from gan_viz.api.stills import draw_still

            return draw_still(source, path, panels, look)
        from gan_viz.api.movies import draw_movie

        return draw_movie(source, path, encoder_for(out), panels, look, progress)


def preset(name: str, out: str | os.PathLike[str], given: dict[str, Any]) -> dict[Path, Look]:
    """Say which files a preset makes side by side, and how each looks.

    Parameters
    ----------
    name : str
        A name in `gan_viz.api.look.PRESETS`.
    out : path-like
        The name the files share; its extension does not matter.
    given : dict
        Fields of `Look` that override the preset's.

    Returns
    -------
    dict of pathlib.Path to Look

    Raises
    ------
    UnknownNameError
        There is no such preset.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    if is_folder(out):
        raise UsageError(f"{out}: a preset makes files, expected a file name like talk.gif")
    files = PRESETS[name].items()
    return {Path(out).with_suffix(s): Look(**{**fields, **given}) for s, fields in files}


def _choose_panels(recording: Recording, look: Look) -> list[Panel]:
    """The panels asked for, or else those that the recording asks for or has something for."""
    from gan_viz.panels.choosing import make_panels, usual_panels, with_options

    if look.panels is None:
        panels = usual_panels(recording)
    else:
        panels = make_panels(look.panels, recording.header)
    return with_options(panels, look.density, look.arrows)

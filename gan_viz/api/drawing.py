"""From a recording to files that play."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.analysis.hints import hint, with_hints
from gan_viz.api.look import ARROWS, PRESETS, Look
from gan_viz.api.movies import Solo, draw_movie
from gan_viz.api.opening import drawable
from gan_viz.api.places import check_output, encoder_for, is_folder, is_still, usable
from gan_viz.api.progress import Progress
from gan_viz.api.rendered import Rendered
from gan_viz.errors import RecordingError, UnknownNameError, UsageError
from gan_viz.recording import Recording
from gan_viz.registry import PANELS

if TYPE_CHECKING:
    from gan_viz.panels.base import Panel

__all__ = ["DEFAULT_PANELS", "check_output", "preset", "render", "scene_of"]

DEFAULT_PANELS = ("density", "grid", "losses", "outputs")


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
        asked = with_hints(source, look.hints)
        if is_still(out):
            from gan_viz.api.stills import draw_still

            return draw_still(asked, path, panels, look)
        return draw_movie(asked, path, encoder_for(out), panels, look, progress)


def scene_of(source: Recording, look: Look) -> Solo:
    """Choose the panels of an open recording, to be drawn frame by frame."""
    return Solo(with_hints(source, look.hints), _choose_panels(source, look))


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
    files = {Path(out).with_suffix(suffix): look for suffix, look in PRESETS[name].items()}
    return {path: Look(**{**look, **usable(path, given)}) for path, look in files.items()}


def _choose_panels(recording: Recording, look: Look) -> list[type[Panel]]:
    names = _usual_panels(recording) if look.panels is None else list(look.panels)
    if look.arrows is not None:
        names = _with_arrows(names, look.arrows)
    return [PANELS[name] if isinstance(name, str) else name for name in names]


def _usual_panels(recording: Recording) -> list[str | type[Panel]]:
    """The panels the recording asks for, or else those it has something for."""
    hinted = hint(recording, "panels")
    asked = hinted if isinstance(hinted, list) else []
    for names in ([name for name in asked if name in tuple(PANELS)], DEFAULT_PANELS):
        possible = [str(name) for name in names if not PANELS[str(name)].lacking(recording)]
        if possible:
            return [*possible]
    raise RecordingError(
        f"{recording.path}: none of the panels {', '.join(DEFAULT_PANELS)} finds what it needs"
    )


def _with_arrows(names: list[str | type[Panel]], arrows: str) -> list[str | type[Panel]]:
    if not {"density", *ARROWS.values()} & {*names}:
        raise UsageError(
            f"arrows {arrows!r}: they are drawn in the panel {ARROWS[arrows]}; "
            f"leave out the option, or choose that panel"
        )
    return [ARROWS[arrows] if name in ("density", *ARROWS.values()) else name for name in names]

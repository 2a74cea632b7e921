"""From a recording to a file that plays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_viz.api.progress import Progress
from gan_viz.errors import RecordingError, UnknownNameError, UsageError
from gan_viz.recording import Recording
from gan_viz.registry import ENCODERS, PANELS

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder
    from gan_viz.panels.base import Panel

__all__ = ["DEFAULT_PANELS", "Look", "Rendered", "check_output", "render"]

DEFAULT_PANELS = ("density", "losses")
SIZE = (960, 540)
STRIP_SIZE = (1500, 900)
STRIP_FRAMES = 6
STILLS = frozenset({".png"})
SAMPLES = 8


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes
    ----------
    path : pathlib.Path
    frames : int
        Pictures in it.
    size : (int, int)
        Width and height in pixels.
    fps : float
        Frames per second; 0 for a still.
    duration : float
        Seconds; 0 for a still.
    bytes : int
        Size of the file.
    notice : str
        What had to differ from what was asked for; empty if nothing.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    fps: float
    duration: float
    bytes: int
    notice: str


@dataclass(frozen=True)
class Look:
    """How a recording is to be drawn.

    Parameters
    ----------
    size : (int, int), optional
        Width and height in pixels; by default 960x540, for a strip 1500x900.
    fps : float
        Frames per second.
    duration : float, optional
        Seconds, `hold` not included; by default what all recorded frames take.
    hold : float
        Seconds that the last frame stays on, in addition.
    theme : str
        ``light``, ``dark`` or ``classic``.
    panels : sequence of str, optional
        Names in `gan_viz.registry.PANELS`, from left to right; by default all of density and
        losses that the recording has something for.
    loop : int
        Times a GIF plays; 0 is for ever.

    Raises
    ------
    UsageError
        A value cannot be used.
    """

    size: tuple[int, int] | None = None
    fps: float = 20.0
    duration: float | None = None
    hold: float = 2.0
    theme: str = "light"
    panels: Sequence[str] | None = None
    loop: int = 0

    def __post_init__(self) -> None:
        from gan_viz.rendering.layout import check_size
        from gan_viz.rendering.theme import theme as find_theme
        from gan_viz.rendering.timeline import check_timing

        if self.size is not None:
            check_size(*self.size)
        check_timing(self.fps, self.duration, self.hold)
        find_theme(self.theme)
        for name in self.panels or ():
            if name not in PANELS:
                raise UnknownNameError("panel", name, PANELS)
        if self.panels is not None and not self.panels:
            raise UsageError(f"no panels: expected at least one of {', '.join(PANELS)}")


def check_output(out: str | os.PathLike[str], look: Look | None = None) -> Path:
    """Check that something can be written under a name, before any work is done for it.

    Parameters
    ----------
    out : path-like
    look : Look, optional
        To be checked against what the format can express.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    UsageError
        The extension is unknown, the folder does not exist or cannot be written, the name is
        that of a folder, or the format cannot express the look.
    """
    from gan_viz.encoders.base import Movie
    from gan_viz.encoders.base import check_output as check_place

    path = Path(out)
    if path.is_dir() or not path.suffix:
        what = "is a folder" if path.is_dir() else "has no extension"
        raise UsageError(f"{out} {what}: expected a file name ending in {', '.join(ENCODERS)}")
    if path.suffix.lower() not in ENCODERS:
        raise UsageError(
            f"{out}: unknown extension {path.suffix!r}; expected one of {', '.join(ENCODERS)}"
        )
    check_place(path)
    if look is not None and not _is_still(path):
        width, height = look.size or SIZE
        _encoder(path).check(Movie(width, height, look.fps, look.hold, look.loop))
    return path


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
        ``.gif`` and ``.mp4`` are animations, ``.png`` a strip of six frames of the first panel.
    look : Look, optional
        By default ``Look(**options)``.
    progress : Progress, optional
        Told how far the work is.
    **options
        Fields of `Look`: size, fps, duration, hold, theme, panels, loop.

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
    with _opened(recording) as source:
        panels = _choose_panels(source, look.panels)
        if _is_still(path):
            return _render_strip(source, path, panels[0], look)
        return _render_movie(source, path, panels, look, progress)


def _is_still(path: Path) -> bool:
    return path.suffix.lower() in STILLS


def _encoder(path: Path) -> type[Encoder]:
    found: type[Encoder] = ENCODERS[path.suffix.lower()]
    return found


@contextmanager
def _opened(recording: str | os.PathLike[str] | Recording) -> Iterator[Recording]:
    """Open a recording unless it is open already; close it only then."""
    if isinstance(recording, Recording):
        yield recording
        return
    with Recording(recording) as opened:
        yield opened


def _choose_panels(recording: Recording, names: Sequence[str] | None) -> list[type[Panel]]:
    from gan_viz.panels.base import missing

    if not len(recording):
        raise RecordingError(f"{recording.path}: it holds no frames, so there is nothing to draw")
    if names is not None:
        return [PANELS[name] for name in names]
    possible = [PANELS[n] for n in DEFAULT_PANELS if not missing(recording, PANELS[n].needs)]
    if not possible:
        raise RecordingError(
            f"{recording.path}: none of the panels {', '.join(DEFAULT_PANELS)} finds what it needs"
        )
    return possible


def _render_strip(source: Recording, path: Path, panel: type[Panel], look: Look) -> Rendered:
    """Draw a few frames, close together early on, when most happens."""
    from gan_viz.encoders.base import Movie
    from gan_viz.rendering import filmstrip
    from gan_viz.rendering.theme import theme
    from gan_viz.rendering.timeline import evenly

    size = look.size or STRIP_SIZE
    frames = evenly(np.sqrt(source.steps), STRIP_FRAMES)
    picture = filmstrip(source, panel, frames.tolist(), theme(look.theme), *size)
    with _encoder(path)(path, Movie(*size, fps=1.0, frames=1)) as encoder:
        encoder.write(picture)
    return Rendered(path, len(frames), size, 0.0, 0.0, path.stat().st_size, "")


def _render_movie(
    source: Recording,
    path: Path,
    panels: Sequence[type[Panel]],
    look: Look,
    progress: Progress | None,
) -> Rendered:
    from gan_viz.encoders.base import Movie
    from gan_viz.rendering import Renderer, Timeline
    from gan_viz.rendering.theme import theme

    size = look.size or SIZE
    timeline = Timeline.plan(source.steps, look.fps, look.duration, look.hold)
    colors = theme(look.theme)
    renderer = Renderer(source, [panel(source) for panel in panels], colors, *size)
    indices = timeline.frames.tolist()
    spread = indices[:: max(1, len(indices) // SAMPLES)]
    movie = Movie(
        *size,
        fps=timeline.fps,
        hold=timeline.hold,
        loop=look.loop,
        colors=colors.colors(),
        samples=[renderer.frame(index) for index in spread],
        frames=len(indices),
    )
    with _encoder(path)(path, movie) as encoder:
        for number, index in enumerate(indices, 1):
            encoder.write(renderer.frame(index))
            if progress is not None:
                progress("rendering", number, len(indices), {})
    return Rendered(
        path,
        len(indices),
        size,
        timeline.fps,
        encoder.duration,
        path.stat().st_size,
        timeline.notice,
    )

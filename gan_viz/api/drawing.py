"""From recordings to files: animations, strips, posters."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.look import PRESETS, STRIP_SIZE, Look
from gan_viz.api.output import (
    Output,
    Rendered,
    check_output,
    encoder_options,
    is_folder,
    keep_apart,
    known_options,
    published,
)
from gan_viz.api.processors import processors
from gan_viz.arguments import checked
from gan_viz.errors import (
    RecordingError,
    RecordingWarning,
    UnknownNameError,
    UsageError,
    reject_unknown,
)
from gan_viz.progress import Progress, usual_progress
from gan_viz.recording import Recording
from gan_viz.recording.shown import MOST_FRAMES, check_shown
from gan_viz.recording.side_files import lacks_log
from gan_viz.registry import DOCUMENTS

if TYPE_CHECKING:  # these load matplotlib
    from gan_viz.api.documents import Document
    from gan_viz.encoders.background import Worker
    from gan_viz.encoders.base import Clip, Encoder
    from gan_viz.encoders.changes import Changed
    from gan_viz.panels.base import Panel
    from gan_viz.rendering import Canvas, FrameRenderer, Renderer
    from gan_viz.rendering.figure import PixelFigure

FRAMES_AT_ONCE = 1000
"""Of more frames, those that a clip does not show are not read."""
SAMPLES = 8
"""Frames that an encoder is shown before it begins."""
STRIP_FRAMES = 6
MOST_ROWS = 12
"""Epochs in a contact sheet."""

MakeRenderer: TypeAlias = Callable[["Canvas"], "FrameRenderer"]


@checked
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
        An animation (a name ending as in `gan_viz.registry.ENCODERS`, except ``.png``), a deck
        (as in `gan_viz.registry.DOCUMENTS`: a slide for each chapter of the training), a still
        (``.png``, ``.svg``, ``.pdf``: a strip of frames of the first panel, or a poster), a folder
        (ending in ``/``) for all frames as numbered PNGs, a page that plays (``.html``), or a
        ``.csv`` of the densities and D along x at each frame, or at the steps of ``at``.
    look : Look, optional
        By default ``Look(**options)``.
    progress : Progress, optional
        Told how far the work is.
    **options
        Fields of `gan_viz.Look`: size, fps, duration, hold, pace, theme, panels and so on.

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
    look = make_look("render", look, options)
    keep_apart([out], [place_of(recording)])
    if Path(out).suffix.lower() == ".csv":
        from gan_viz.api.curves import write_curves

        with opened(recording) as source:
            return write_curves(source, out, look)
    output = check_output(out, look)
    with opened(recording) as source:
        if output.document:
            document: Document = DOCUMENTS[output.suffix]()
            return document.render([source], output, look, progress)
        owned = source is not recording
        return told_of_frames_left_out(_drawn(source, output, look, progress, owned=owned), source)


def _drawn(
    source: Recording, output: Output, look: Look, progress: Progress | None, *, owned: bool
) -> Rendered:
    if output.still and not look.poster:
        return _write_strip(described_panels(source, look)[0].bind(source), output, look)

    def make(canvas: Canvas) -> Renderer:
        return make_renderer(source, look, canvas)

    if owned and not output.still and len(source) > FRAMES_AT_ONCE:
        _keep_what_is_seen(source, look)
    return write(make, output, look, progress)


def _keep_what_is_seen(source: Recording, look: Look) -> None:
    """Of very many frames, leave those that the clip will show, and some for its scales."""
    from gan_viz.rendering.timeline import SharedSteps

    shown = np.unique(SharedSteps([source]).timeline(**look.timing).frames)
    others = np.linspace(0, len(source) - 1, FRAMES_AT_ONCE // 4).round().astype(np.intp)
    source.keep(np.union1d(shown, others))


def told_of_frames_left_out(rendered: Rendered, source: Recording) -> Rendered:
    """The same, with a word on frames of a recording that were not read."""
    if source.recorded_frames == len(source):
        return rendered
    notice = f"of {source.recorded_frames:,} frames {len(source):,} were read"
    return replace(rendered, notice="; ".join(filter(None, [rendered.notice, notice])))


def place_of(recording: str | os.PathLike[str] | Recording) -> str | os.PathLike[str]:
    """Where a recording is."""
    return recording.path if isinstance(recording, Recording) else recording


def make_renderer(source: Recording, look: Look, canvas: Canvas | None = None) -> Renderer:
    """Set up what draws the frames of a recording, by default on the canvas of the look."""
    from gan_viz.rendering import Renderer

    panels = [panel.bind(source) for panel in described_panels(source, look)]
    return Renderer(source, panels, canvas or look.canvas, screen_times([source], look))


def screen_times(sources: Sequence[Recording], look: Look) -> NDArray[np.float64]:
    """Seconds at which an animation comes to each step at which a recording has a frame."""
    from gan_viz.rendering.timeline import SharedSteps

    shared = SharedSteps(sources)
    line = shared.timeline(look.pace, look.fps, look.duration, look.hold)
    frames, first = np.unique(line.frames, return_index=True)
    reached = np.maximum.accumulate(first) / line.fps
    return np.interp(np.arange(len(shared.steps)), frames, reached)


def make_look(function: str, look: Look | None, options: dict[str, Any]) -> Look:
    """Make a look of options, or change one by them; a misspelt name gets one clear line."""
    reject_unknown(function, options, [field.name for field in fields(Look)])
    if look is None:
        return Look(**options)
    return replace(look, **options) if options else look


def described_panels(source: Recording, look: Look) -> list[Panel]:
    """List the panels asked for, or else those that the recording asks for or has data for."""
    from gan_viz.panels.choosing import make_panels, usual_panels, with_options

    if look.panels is None:
        panels = usual_panels(source)
    else:
        panels = make_panels(look.panels, source.header)
    if look.scalars is not None:
        from gan_viz.panels.scalars import ScalarsPanel

        others = [panel for panel in panels if not isinstance(panel, ScalarsPanel)]
        panels = [*others, ScalarsPanel(names=look.scalars.replace(",", "+"))]
    return with_options(panels, look.density, look.arrows, look.show)


@checked
def preset(name: str, out: str | os.PathLike[str], given: dict[str, Any]) -> dict[Path, Look]:
    """Say which files a preset of `gan_viz.api.look.PRESETS` makes, and how each looks.

    They share the name `out`, whose extension does not matter. The `given` fields of `Look`
    override the preset's, where the format has them. Raises UnknownNameError if there is no such
    preset.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    if is_folder(out):
        raise UsageError(f"{out}: a preset makes files, expected a file name like talk.gif")
    if not Path(out).name:
        raise UsageError(f"{out} is a folder: expected a file name like talk.gif")
    return {
        Path(out).with_suffix(suffix): Look(**{**usual, **known_options(suffix, given)})
        for suffix, usual in PRESETS[name].items()
    }


@contextmanager
def opened(recording: str | os.PathLike[str] | Recording) -> Iterator[Recording]:
    """Open a recording unless it is open already, and close it only then.

    Raises RecordingError if there is none, it cannot be read, or it holds no frames.
    """
    own = nullcontext(recording) if isinstance(recording, Recording) else Recording(recording)
    with own as source:
        if source.newer is not None:
            warnings.warn(
                f"{source.newer} is newer: its training goes on, or was interrupted before it "
                "could replace this one; give its name to draw it",
                RecordingWarning,
                stacklevel=5,
            )
        if not len(source):
            why = source.split or "there is nothing to show"
            raise RecordingError(f"{source.path}: {nothing_in(source)}; {why}")
        check_shown(source)
        if source is not recording:
            source.limit(MOST_FRAMES)
        yield source


def nothing_in(source: Recording) -> str:
    """Why a recording has no frames, as far as it tells."""
    if source.complete or lacks_log(source.path):
        return "it holds no frames"
    return "it holds no frames yet, as it is being recorded or was interrupted at once"


def write(
    make: MakeRenderer, output: Output, look: Look, progress: Progress | None = None
) -> Rendered:
    """Write the frames of a renderer as an animation, or one of them as a still.

    The renderer is made for the canvas of the look, and for smaller ones where the look has a
    budget. Raises OutputError if the file cannot be written; what was there before is left as it
    was.
    """
    if output.still:
        renderer = make(look.canvas)
        steps = renderer.steps
        frames, notice = nearest_frames(steps, look.at) if look.at else ([len(steps) - 1], "")
        return write_figure(renderer.figure(frames[-1]), output, 1, notice, look.transparent)
    if look.max_bytes is not None:
        return _write_within(make, output, look, look.max_bytes, progress)
    from gan_viz.encoders.background import start_worker

    # the process that encodes starts while this one is still setting up the picture
    early = start_worker(output.encoder) if _jobs(look) > 1 else None
    with early or nullcontext() as worker:
        return Animation(make(look.canvas), look).write(output, progress, worker)


class Animation:
    """Frames of a renderer in time, ready to be written into any encoder."""

    def __init__(self, renderer: FrameRenderer, look: Look) -> None:
        from gan_viz.encoders.base import Clip
        from gan_viz.rendering.fonts import not_written

        self.renderer, self._look = renderer, look
        line = renderer.timeline(**look.timing)
        missing = not_written(renderer.figure(int(line.frames[-1])))
        self.timeline = replace(line, notice="; ".join(filter(None, [line.notice, missing])))
        indices, canvas = np.unique(self.timeline.frames).tolist(), renderer.canvas
        sampled = indices[:: max(1, len(indices) // SAMPLES)]
        self._samples = cache(lambda: [renderer.frame(index) for index in sampled])
        self.clip = Clip(
            canvas.width,
            canvas.height,
            fps=self.timeline.fps,
            hold=self.timeline.hold,
            loop=look.loop,
            colors=canvas.theme.colors(),
            frames=len(self.timeline.frames),
            alpha=look.transparent,
        )

    def clip_for(self, kind: type[Encoder]) -> Clip:
        """The clip, with samples if an encoder of that kind makes use of them."""
        return replace(self.clip, samples=self._samples()) if kind.looks_ahead else self.clip

    def between(self, first: int, last: int) -> Animation:
        """The part from one frame of the recording to another, which it ends with."""
        shown = self.timeline.frames
        kept = shown[(shown >= first) & (shown < last)]
        part = copy(self)
        part.timeline = replace(self.timeline, frames=np.append(kept, np.intp(last)))
        part.clip = replace(self.clip, frames=len(part.timeline.frames))
        return part

    def write(
        self,
        output: Output,
        progress: Progress | None,
        worker: Worker | None = None,
        **options: Any,
    ) -> Rendered:
        """Draw all frames into a file; where only what changes is stored, nothing else is told."""
        from gan_viz.encoders.animation import AnimatedEncoder
        from gan_viz.encoders.changes import Changed

        clip, shown = self.clip_for(output.encoder), self.timeline.frames.tolist()
        frames: Iterable[NDArray[np.uint8] | Changed] = self.renderer.frames(shown)
        if issubclass(output.encoder, AnimatedEncoder):
            frames = (Changed(*changed) for changed in self.renderer.changes(shown))
        written = write_frames(frames, output, clip, self._look, progress, worker, **options)
        return replace(written, notice=self.timeline.notice)


def write_frames(
    frames: Iterable[NDArray[np.uint8] | Changed],
    output: Output,
    clip: Clip,
    look: Look,
    progress: Progress | None = None,
    worker: Worker | None = None,
    **options: Any,
) -> Rendered:
    """Write the frames of a clip into an animation; the options are those of its encoder."""
    from gan_viz.encoders.animation import AnimatedEncoder
    from gan_viz.encoders.background import BackgroundEncoder, open_encoder

    path, options = output.path, encoder_options(look) | options
    jobs, progress = _jobs(look), usual_progress(progress)
    with open_encoder(path, clip, jobs, options, kind=output.encoder, worker=worker) as encoder:
        for number, frame in enumerate(frames, 1):
            if isinstance(frame, np.ndarray):
                encoder.write(frame)
            else:
                assert isinstance(encoder, AnimatedEncoder | BackgroundEncoder)
                encoder.write_changed(frame)
            if progress is not None:
                progress("rendering", number, clip.frames, {})
    facts = clip.fps, encoder.duration, output.bytes, "", output.replaces
    return Rendered(path, clip.frames, (clip.width, clip.height), *facts)


def _jobs(look: Look) -> int:
    return look.jobs or processors(2)


def _write_within(
    make: MakeRenderer, output: Output, look: Look, budget: int, progress: Progress | None
) -> Rendered:
    """Write a GIF as good as fits into a number of bytes; say what had to give."""
    from gan_viz.api.budget import MOST_COLORS, Compromise, best_fit, compromises
    from gan_viz.encoders.gif import OverBudgetError

    first = Animation(make(look.canvas), look)

    def attempt(choice: Compromise) -> Rendered | None:
        canvas = choice.look.canvas
        renderer = first.renderer if canvas == look.canvas else make(canvas)
        animation = first if choice.look is look else Animation(renderer, choice.look)
        try:
            return animation.write(output, progress, colors=choice.colors)
        except OverBudgetError:
            return None

    choices = compromises(look, first.timeline.way, first.renderer.smallest)
    choice, rendered = best_fit(choices, attempt, budget)
    if choice.look is look and choice.colors == MOST_COLORS:
        return rendered
    width, height = rendered.size
    notice = (
        f"to fit into {budget:,} bytes: {width}x{height}, {rendered.fps:.3g} fps, "
        f"{choice.colors} colors at most"
    )
    return replace(rendered, notice="; ".join(filter(None, [rendered.notice, notice])))


def _write_strip(panel: Panel, output: Output, look: Look) -> Rendered:
    """Write a strip of frames of a panel, or a contact sheet of samples."""
    from gan_viz.panels.grid import GridPanel
    from gan_viz.rendering import contact_sheet, filmstrip

    source, canvas = panel.recording, look.canvas_of(STRIP_SIZE)
    frames, notice = _strip_frames(source, look)
    if isinstance(panel, GridPanel):
        frames = frames if look.at else _ends_of_epochs(source) or frames
        names = _row_names(source, frames)
        figure = contact_sheet(source, frames, names, canvas, crop=look.size is None)
    else:
        figure = filmstrip(panel, frames, canvas, columns=look.columns)
    return write_figure(figure, output, len(frames), notice, look.transparent)


def _row_names(source: Recording, frames: Sequence[int]) -> list[str]:
    """Name the rows of a contact sheet by their epochs, or else by their steps."""
    steps, epoch = source.steps[list(frames)].tolist(), _steps_per_epoch(source)
    if epoch is not None and all(step and step % epoch == 0 for step in steps):
        return [f"epoch {step // epoch}" for step in steps]
    return [f"step {step:,}" for step in steps]


def _steps_per_epoch(source: Recording) -> int | None:
    steps = source.header.get("steps_per_epoch")
    return steps if isinstance(steps, int) and steps > 0 else None


def _ends_of_epochs(source: Recording) -> list[int]:
    """The frames at the ends of epochs, of many a few; none where there are fewer than two."""
    from gan_viz.rendering.timeline import evenly

    epoch = _steps_per_epoch(source)
    if epoch is None:
        return []
    ends = [k for k, step in enumerate(source.steps.tolist()) if step and step % epoch == 0]
    if len(ends) <= MOST_ROWS:
        return ends if len(ends) > 1 else []
    return [ends[k] for k in evenly(np.arange(len(ends), dtype=np.float64), MOST_ROWS).tolist()]


def _strip_frames(source: Recording, look: Look) -> tuple[list[int], str]:
    """The frames of a strip, and a word on steps for which none was recorded."""
    from gan_viz.rendering.timeline import SharedSteps, evenly

    if look.at:
        return nearest_frames(source.steps, look.at)
    number = max(STRIP_FRAMES, look.columns or 0)
    return evenly(SharedSteps([source]).positions(look.pace), number).tolist(), ""


def nearest_frames(steps: NDArray[np.int64], at: Sequence[int]) -> tuple[list[int], str]:
    """The frames nearest to some steps, and a word on steps for which none was recorded."""
    asked = sorted(set(at))
    chosen = [int(np.abs(steps - step).argmin()) for step in asked]
    off = [step for step, frame in zip(asked, chosen, strict=True) if steps[frame] != step]
    named = ", ".join(f"{steps[frame]:,}" for frame in dict.fromkeys(chosen))
    notice = f"no frame was recorded at step {off[0]:,}: shown are steps {named}" if off else ""
    return list(dict.fromkeys(chosen)), notice


def write_figure(
    figure: PixelFigure, output: Output, frames: int, notice: str, transparent: bool = False
) -> Rendered:
    """Write a figure as pixels or vectors."""
    from gan_viz.encoders.base import Clip
    from gan_viz.rendering.figure import clear_background, rasterize, save_vector
    from gan_viz.rendering.fonts import not_written

    notice = "; ".join(filter(None, [notice, not_written(figure)]))
    path, size = output.path, (round(figure.bbox.width), round(figure.bbox.height))
    if output.suffix == ".png":
        with output.encoder(path, Clip(*size, fps=1.0, frames=1, alpha=transparent)) as encoder:
            encoder.write(rasterize(figure, transparent))
    else:
        if transparent:
            clear_background(figure)
        with published(path) as place:
            save_vector(figure, place, output.suffix.removeprefix("."))
    return Rendered(path, frames, size, 0.0, 0.0, path.stat().st_size, notice, output.replaces)

"""All that the page knows of recordings, in one compressed block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.diagnostics import diagnose, statuses
from gan_viz.errors import RecordingError
from gan_viz.panels.base import Panel, panel_name
from gan_viz.panels.density import DensityPanel
from gan_viz.panels.parameters import Interval
from gan_viz.panels.series import SeriesPanel
from gan_viz.panels.words import LANGUAGES, SYMBOLS, WORDS, Words
from gan_viz.recording import Recording
from gan_viz.rendering.canvas import Canvas
from gan_viz.rendering.theme import Theme
from gan_viz.rendering.titles import CellTitles, common_header, title_of
from gan_viz.replay import series
from gan_viz.replay.density import density, scales_of, with_shared_scales
from gan_viz.replay.packing import Block
from gan_viz.replay.pictures import DRAWN, MOST_BYTES

VERSION = 1
MOST_FRAMES = 2000
"""Frames of a recording in a page."""


@dataclass(frozen=True)
class Play:
    """How the page plays what it holds."""

    clock: NDArray[np.float64] | None = None
    """Shape (steps,): seconds at which each of the steps of
    `gan_viz.rendering.timeline.SharedSteps` is shown, ascending; by default 20 a second."""
    hold: float = 2.0
    """Seconds that the last frame stays on."""
    loop: int = 0
    """Times it plays; 0 is for ever."""
    boomerang: bool = False
    """Whether it goes back to its beginning."""
    show: Sequence[str] = ()
    """Curves that are shown at first, besides the usual: ``dstar``."""
    start: int | None = None
    """Step at which it waits to be played, by the nearest frame; by default it begins by itself."""
    columns: int | None = None
    """Pictures beside one another; by default as many as make them largest."""
    group: str = ""
    """Curves in the bar at first: ``losses``, ``outputs``, ``distance`` or a scalar's name."""


@dataclass(frozen=True)
class Payload:
    """What `payload` makes."""

    data: bytes
    """Gzip, as `web/unpack.js` reads it."""
    title: str
    frames: int
    """Of all recordings together, each step once."""
    notice: str = ""
    """What is left out; empty if nothing."""
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the block says, arrays described by `gan_viz.replay.packing.Packed`."""
    limits: Mapping[str, Interval] = field(default_factory=dict, repr=False)
    """Ends of the scales of the density panels, by their parameters."""


@dataclass
class _Run:
    """One recording on its way into the page."""

    recording: Recording
    panels: Sequence[Panel]
    frames: NDArray[np.intp]
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> NDArray[np.int64]:
        return self.recording.steps[self.frames]


def payload(
    recordings: Sequence[Recording],
    panels: Sequence[Sequence[Panel]],
    canvas: Canvas,
    *,
    themes: Sequence[Theme],
    play: Play | None = None,
    titles: Sequence[str] | None = None,
    most_frames: int = MOST_FRAMES,
) -> Payload:
    """Collect what the page draws of recordings, on one clock.

    There is at least one recording, in reading order, each with at least one frame. The panels of
    each are described and not yet bound: densities, pictures, walks, points and signals; curves
    over the steps are always there, and the page has no place for others. The canvas has title,
    subtitle, caption, words, font and scale; its size does not matter. The page begins with the
    first of the themes, unless it follows the system, which it does where these are the usual
    ``light`` and ``dark``. The titles are by default what recordings differ in. Of more than
    `most_frames`, at least 2, so many are kept: the first, the last, those of verdicts, and evenly
    chosen ones.

    Raises RecordingError if a recording holds what cannot be drawn, or nothing that a page has a
    place for.
    """
    play, block = play or Play(), Block()
    runs = [
        _Run(recording, described, _kept(recording, min(most_frames, _affordable(recording))))
        for recording, described in zip(recordings, panels, strict=True)
    ]
    steps = np.unique(np.concatenate([run.steps for run in runs]))
    clock = _clock(recordings, steps, play.clock)
    limits = _describe_densities(block, runs)
    notices = [note for run in runs if (note := _describe(block, run, steps, clock))]
    header = canvas.titled(common_header(recordings) if len(runs) > 1 else recordings[0].header)
    title = title_of(header)
    names, table = _names(recordings, titles)
    notice = "; ".join(dict.fromkeys(notices))
    about = {
        "version": VERSION,
        "title": title,
        "subtitle": canvas.subtitle,
        "caption": canvas.caption,
        "language": canvas.words.language,
        "labels": canvas.words.labels,
        "words": _words(canvas.words),
        "symbols": {**SYMBOLS, **{name: "" for name, _ in canvas.words.own}},
        "themes": [{"name": one.name, **one.roles} for one in themes],
        "font": canvas.font,
        "scale": canvas.scale,
        "unit": _unit(header),
        "steps": block.whole(steps),
        "clock": block.whole(clock),
        "hold": play.hold,
        "loop": play.loop,
        "boomerang": play.boomerang,
        "show": [*play.show],
        "start": play.start,
        "columns": play.columns,
        "group": play.group,
        "notice": notice,
        "table": table,
        "runs": [{"title": name, **run.found} for run, name in zip(runs, names, strict=True)],
    }
    return Payload(block.compressed(about), title, len(steps), notice, about, limits)


def describe_run(block: Block, recording: Recording, panels: Sequence[Panel]) -> dict[str, Any]:
    """Describe all frames of one recording, as in a page of its own."""
    run = _Run(recording, panels, np.arange(len(recording)))
    _describe_densities(block, [run])
    _describe(block, run, run.steps, np.arange(len(recording)) / 20.0)
    return run.found


def _kept(recording: Recording, most: int) -> NDArray[np.intp]:
    """Frames to keep: all, or the first, the last, those of verdicts, and even ones between."""
    number = len(recording)
    if number <= most:
        return np.arange(number)
    marked = np.searchsorted(recording.steps, [one.step for one in diagnose(recording).verdicts])
    evenly = np.linspace(0, number - 1, max(2, most - len(marked))).round().astype(np.intp)
    return np.unique(np.concatenate([evenly, marked.clip(0, number - 1).astype(np.intp)]))


def _affordable(recording: Recording) -> int:
    """Frames whose pictures a page can hold unpacked."""
    each = max(
        [
            recording.channels[name].nbytes
            for name in ("samples", "walk")
            if name in recording.channels
        ],
        default=1,
    )
    return max(2, MOST_BYTES // max(each, 1))


def _clock(
    recordings: Sequence[Recording], steps: NDArray[np.int64], clock: ArrayLike | None
) -> NDArray[np.float64]:
    """Seconds at which each kept step is shown, from 0."""
    if clock is None:
        return np.arange(len(steps)) / 20.0
    every = np.unique(np.concatenate([recording.steps for recording in recordings]))
    seconds = np.interp(steps, every, np.asarray(clock, np.float64))
    return np.asarray(seconds - seconds[0])


def _describe_densities(block: Block, runs: Sequence[_Run]) -> dict[str, Interval]:
    """Densities of all runs, on the same scales, which are returned."""
    bound = [
        (run, panel.bind(run.recording))
        for run in runs
        for panel in run.panels
        if isinstance(panel, DensityPanel)
    ]
    if bound:
        shared = with_shared_scales([panel for _, panel in bound])
        for (run, own), panel in zip(bound, shared, strict=True):
            run.found.setdefault("density", density(block, panel, run.frames, own, len(runs)))
        return scales_of(shared[0])
    return {}


def _describe(block: Block, run: _Run, steps: NDArray[np.int64], clock: NDArray[np.float64]) -> str:
    """All else of a recording; a word on what there is no place for."""
    recording, frames, missing = run.recording, run.frames, []
    for panel in run.panels:
        name = panel_name(type(panel))
        if name in DRAWN and not panel.lacking(recording):
            run.found[name] = DRAWN[name][1](block, recording, frames)
        elif not isinstance(panel, SeriesPanel | DensityPanel):
            missing.append(name)
    table = series.measured(recording)
    run.found["groups"] = series.groups(block, recording, table, frames)
    if table is not None:
        run.found["metrics"] = series.metrics_of(block, table, frames)
    if not run.found.keys() & {"density", *DRAWN} and not run.found["groups"]:
        raise RecordingError(
            f"{recording.path}: a page shows densities, pictures, walks, points, signals and "
            "scalars, and the recording has none of them; choose another format, like .gif"
        )
    run.found["steps"] = block.whole(run.steps)
    run.found["path"] = recording.path.name
    run.found["marks"] = [
        {"step": one.step, "kind": one.kind, "text": one.text, "short": one.short, "good": one.good}
        for one in diagnose(recording).verdicts
    ]
    run.found["status"] = _status(recording, run, np.interp(recording.steps, steps, clock))
    return "; ".join(_notes(run, missing))


def _notes(run: _Run, missing: Sequence[str]) -> list[str]:
    recorded, kept = run.recording.recorded_frames, len(run.frames)
    notes = [f"of {recorded:,} frames {kept:,} are in the page"] if kept < recorded else []
    if missing:
        notes.append(f"the page leaves out the panel {', '.join(missing)}")
    return notes


def _status(recording: Recording, run: _Run, seconds: NDArray[np.float64]) -> dict[str, Any]:
    """The words of each frame, each text once."""
    said = statuses(recording, seconds)
    shown = [said[frame] for frame in run.frames.tolist()]
    texts = [*dict.fromkeys((one.words, one.kind) for one in shown)]
    return {
        "texts": [[words, kind] for words, kind in texts],
        "of": [texts.index((one.words, one.kind)) for one in shown],
    }


def _names(
    recordings: Sequence[Recording], titles: Sequence[str] | None
) -> tuple[list[str], list[int]]:
    """Titles, by default what recordings differ in; and rows and columns of a table of them."""
    if titles is not None or len(recordings) == 1:
        return [*(titles or [""])], []
    found = CellTitles.of(recordings)
    if found.titles:
        return [*found.titles], []
    names = [f"{row} · {column}" for row in found.rows for column in found.columns]
    return names, [len(found.rows), len(found.columns)]


def _unit(header: Mapping[str, Any]) -> str | None:
    """What stands beside the step, where the recording has another clock; None for the usual."""
    clock = header.get("clock")
    return clock[:40] if isinstance(clock, str) else None


def _words(words: Words) -> dict[str, dict[str, str]]:
    """What pictures say in all languages, with the viewer's own words in each."""
    own = dict(words.own)
    return {name: {**WORDS, **said, **own} for name, said in LANGUAGES.items()}

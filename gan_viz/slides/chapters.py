"""The chapters of a training: before anything moves, the first movement, verdicts, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_viz.analysis import change, relative_w1
from gan_viz.diagnostics import Verdict, diagnose
from gan_viz.panels.words import Words
from gan_viz.recording import Recording

MOST_VERDICTS = 6
"""Verdicts that get a chapter each: the first of each kind come before others."""
STILL, MOVED = 0.02, 0.25
"""Parts of all change after which the start, and the first movement, are over."""
TITLES: Mapping[str, tuple[str, str, str]] = {
    "en": ("Start", "First movement", "End"),
    "de": ("Anfang", "Erste Bewegung", "Ende"),
    "fr": ("Début", "Premier mouvement", "Fin"),
    "es": ("Comienzo", "Primer movimiento", "Final"),
    "ja": ("開始", "最初の動き", "終了"),
}
START = "Before much moves: what G makes of its latents, beside the data that it has to reach."
MOVEMENT = "G begins to move. Watch where its samples go first, and what D makes of them."
END = "How the training ended."


class Chapter(NamedTuple):
    """A part of a training."""

    title: str
    first: int
    last: int
    """Its frames, both included."""
    notes: str
    """What there is to see, with figures."""


def chapters(recording: Recording, words: Words | None = None) -> list[Chapter]:
    """Divide a recording into chapters, each of which ends where its title becomes true.

    It has at least one frame. The language of the words is that of the titles; notes are in
    English.
    """
    words = words or Words()
    start, movement, end = TITLES[words.language]
    last, moved = len(recording) - 1, _moved(recording)
    marks: dict[int, tuple[str, str]] = {}
    for title, told, part in ((start, START, STILL), (movement, MOVEMENT, MOVED)):
        marks.setdefault(min(int(np.searchsorted(moved, part)), last), (title, told))
    marks |= _verdict_marks(recording, words)  # which say more than that something moves
    title, told = marks.get(last, ("", ""))
    marks[last] = " – ".join(filter(None, [end, title])), " ".join(filter(None, [END, told]))
    ends = sorted(marks)
    firsts = [0, *(one + 1 for one in ends)]
    return [
        Chapter(marks[one][0], first, one, _notes(recording, first, one, marks[one][1]))
        for first, one in zip(firsts, ends, strict=False)
    ]


def _moved(recording: Recording) -> NDArray[np.float64]:
    """Which part of all change has been seen at each frame, from 0 to 1."""
    path = np.cumsum(change(recording))
    return np.minimum(path / (path[-1] or 1.0), 1.0)


def _verdict_marks(recording: Recording, words: Words) -> dict[int, tuple[str, str]]:
    """The frames at which verdicts became clear: their titles and texts."""
    found: dict[int, list[Verdict]] = {}
    last = len(recording) - 1
    for verdict in _chosen(diagnose(recording).verdicts):
        frame = min(int(np.searchsorted(recording.steps, verdict.step)), last)
        found.setdefault(frame, []).append(verdict)
    return {
        frame: (
            _named(together, words),
            " ".join(f"{one.text}." for one in together),
        )
        for frame, together in found.items()
    }


def _named(together: Sequence[Verdict], words: Words) -> str:
    said = " · ".join(dict.fromkeys(words.say(one.kind) or one.short for one in together))
    return f"{said} ({words.say('step')} {together[-1].step:,})"


def _chosen(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Of many verdicts the first of each kind, and then as many others as there is room for."""
    first = {verdict.kind: verdict for verdict in reversed(verdicts)}
    order = sorted(verdicts, key=lambda one: (first[one.kind] is not one, one.step))
    return sorted(order[:MOST_VERDICTS], key=lambda one: one.step)


def _notes(recording: Recording, first: int, last: int, told: str) -> str:
    begin, end = (int(recording.steps[frame]) for frame in (first, last))
    where = f"Steps {begin:,} to {end:,}." if begin < end else f"Step {end:,}."
    return " ".join([told, where, *_figures(recording, last)])


def _figures(recording: Recording, frame: int) -> list[str]:
    """What is known of a frame in numbers."""
    figures, step = [], recording.steps[frame]
    distances = relative_w1(recording, [frame])
    if distances is not None and np.isfinite(distances[0]):
        figures.append(f"distance to the data {distances[0]:.3g} of its spread")
    for name, shown in (("d_loss", "D's loss"), ("g_loss", "G's loss")):
        if name in recording.scalars:
            series = recording.scalars[name]
            place = int(np.searchsorted(series.steps, step, side="right")) - 1
            if place >= 0:
                figures.append(f"{shown} {series.values[place]:.3g}")
    return [f"In the end: {', '.join(figures)}."] if figures else []

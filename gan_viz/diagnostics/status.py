"""The status of each frame: what its picture says of the training in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_viz.diagnostics.diagnosis import diagnose
from gan_viz.diagnostics.wording import Verdict
from gan_viz.recording import Recording

MOST_ALIKE = 3
"""Verdicts of a kind that are told one by one; more are counted."""
LOST = re.compile("mode at .* (lost|not found)")
READ = 1.5
"""Seconds that a verdict is shown, at least."""
USUAL_FPS = 20.0
LONGEST_TURN = 40
"""Most characters of a text in the header's ``turns``."""
TURNS = {"D's turn": "turn-d", "G's turn": "turn-g"}


class Status(NamedTuple):
    """What a frame says; nothing where `words` is empty."""

    words: str = ""
    """Without figures."""
    kind: str = ""
    """That of the verdict; ``turn-d`` or ``turn-g`` for a player's turn."""
    step: int = -1
    """At which it became clear; -1 for a turn."""


def statuses(recording: Recording, seconds: ArrayLike | None = None) -> list[Status]:
    """Say in words how the training was at each frame.

    Verdicts are shown in their order while they hold, each for a second and a half at least: one
    that holds for less is not shown. The last frame shows the latest. If the header has ``turns``,
    a list of short texts, frames show these by turns instead, the first at step 1; anything else
    under that name is ignored. `seconds`, ascending, shape (frames,), say when each frame is shown;
    by default there are 20 a second.
    """
    if _turns(recording):
        return [
            Status(text, kind)
            for text, kind in zip(_texts_of_turns(recording), turns(recording), strict=True)
        ]
    frames = len(recording.steps)
    times = np.arange(frames) / USUAL_FPS if seconds is None else np.asarray(seconds, np.float64)
    true = [_by_step(held) for held in diagnose(recording).held]
    lasting = _lasting(true, times)
    shown: list[Status] = []
    waiting: list[Status] = []
    newest, since = -1, -np.inf
    for frame, (all_true, fit) in enumerate(zip(true, lasting, strict=True)):
        last = frame == frames - 1
        waiting = [one for one in waiting if one in fit]
        waiting += [one for one in fit if one.step > newest]
        newest = max([newest, *(one.step for one in fit)])
        current = shown[-1] if shown else Status()
        if last or current not in all_true or times[frame] - since >= READ:
            upcoming = all_true[-1:] if last else waiting[:1]
            if not upcoming and current not in all_true:
                upcoming = fit[-1:] or [Status()]
            if upcoming:
                current, since = upcoming[0], times[frame]
                waiting = waiting[1:]
        shown.append(current)
    return shown


def ending(recording: Recording) -> list[Status]:
    """All that is true of the last frame, by the step at which it became clear; none of turns."""
    return [] if _turns(recording) else _by_step(diagnose(recording).held[-1])


def _lasting(true: Sequence[Sequence[Status]], times: NDArray[np.float64]) -> list[list[Status]]:
    """Of what is true at each frame, that which stays true for as long as it takes to be read."""
    ends: dict[Status, float] = {}  # when what is true now will no longer be
    found: list[list[Status]] = []
    for frame in reversed(range(len(true))):
        over = times[frame + 1] if frame + 1 < len(true) else np.inf
        ends = {one: ends.get(one, over) for one in true[frame]}
        found.append([one for one in true[frame] if ends[one] - times[frame] >= READ])
    return found[::-1]


def turns(recording: Recording) -> list[str]:
    """Whose turn it is at each frame: ``turn-d``, ``turn-g``, or nobody's, an empty text."""
    return [TURNS.get(text, "") for text in _texts_of_turns(recording)]


def _texts_of_turns(recording: Recording) -> list[str]:
    """What the header's ``turns`` say of each frame."""
    texts, steps = _turns(recording), recording.steps.tolist()
    return [texts[(step - 1) % len(texts)] if texts and step > 0 else "" for step in steps]


def _by_step(held: Sequence[Verdict]) -> list[Status]:
    """One status for all verdicts of a step; what an earlier one says already is left out."""
    first: dict[str, int] = {}
    for one in sorted(held, key=lambda one: one.step):
        first.setdefault(_words(one), one.step)
    grouped: dict[int, list[Verdict]] = {}
    for one in held:
        if first[_words(one)] == one.step:
            grouped.setdefault(one.step, []).append(one)
    return [
        Status(_told(together), together[-1].kind, step)
        for step, together in sorted(grouped.items())
    ]


def _told(verdicts: Sequence[Verdict]) -> str:
    words = [_words(verdict) for verdict in verdicts]
    lost = [word for word in words if LOST.fullmatch(word)]
    if len(lost) > MOST_ALIKE:
        words = [f"{len(lost)} modes missing", *(word for word in words if word not in lost)]
    return " · ".join(words)


def _words(verdict: Verdict) -> str:
    return verdict.short.partition(": ")[0].replace(" -", " −")


def _turns(recording: Recording) -> list[str]:
    turns = recording.header.get("turns")
    texts = turns if isinstance(turns, list) else []
    return [*texts] if all(isinstance(one, str) and _is_short(one) for one in texts) else []


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_TURN and text.isprintable()

"""The status of each frame: what its picture says of the training in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gan_viz.diagnostics.diagnosis import diagnose
from gan_viz.diagnostics.wording import Verdict
from gan_viz.recording import Recording

__all__ = ["Status", "statuses", "turns"]

READ = 1.5
"""Seconds that a verdict is shown, at least."""
USUAL_FPS = 20.0
LONGEST_TURN = 40
"""Most characters of a text in the header's ``turns``."""
TURNS = {"D's turn": "turn-d", "G's turn": "turn-g"}


class Status(NamedTuple):
    """What a frame says; nothing where `words` is empty.

    Attributes
    ----------
    words : str
        Without figures.
    kind : str
        That of the verdict; ``turn-d`` or ``turn-g`` for a player's turn.
    step : int
        At which it became clear; -1 for a turn.
    """

    words: str = ""
    kind: str = ""
    step: int = -1


def statuses(recording: Recording, seconds: ArrayLike | None = None) -> list[Status]:
    """Say in words how the training was at each frame.

    Verdicts are shown in their order, each for a second and a half at least if it is still true
    when its time comes; the last frame shows the latest. If the header has ``turns``, a list of
    short texts, frames show these by turns instead, the first at step 1; anything else under that
    name is ignored.

    Parameters
    ----------
    recording : Recording
    seconds : array_like, shape (frames,), optional
        When each frame is shown, ascending; by default 20 a second.
    """
    if _turns(recording):
        return [
            Status(text, kind)
            for text, kind in zip(_texts_of_turns(recording), turns(recording), strict=True)
        ]
    frames = len(recording.steps)
    times = np.arange(frames) / USUAL_FPS if seconds is None else np.asarray(seconds, np.float64)
    shown: list[Status] = []
    waiting: list[Status] = []
    newest, since = -1, -np.inf
    for frame, held in enumerate(diagnose(recording).held):
        true = _by_step(held)
        waiting += [one for one in true if one.step > newest]
        newest = max([newest, *(one.step for one in true)])
        current = shown[-1] if shown else Status()
        if not current.words or times[frame] - since >= READ or frame == frames - 1:
            waiting = [one for one in waiting if one in true]
            last = frame == frames - 1
            upcoming = true[-1:] if last or (not waiting and current not in true) else waiting[:1]
            if upcoming or current not in true:
                current, since = (upcoming or [Status()])[0], times[frame]
                waiting = waiting[1:]
        shown.append(current)
    return shown


def turns(recording: Recording) -> list[str]:
    """Whose turn it is at each frame: ``turn-d``, ``turn-g``, or nobody's, an empty text."""
    return [TURNS.get(text, "") for text in _texts_of_turns(recording)]


def _texts_of_turns(recording: Recording) -> list[str]:
    """What the header's ``turns`` say of each frame."""
    texts, steps = _turns(recording), recording.steps.tolist()
    return [texts[(step - 1) % len(texts)] if texts and step > 0 else "" for step in steps]


def _by_step(held: Sequence[Verdict]) -> list[Status]:
    """One status for all verdicts of a step."""
    grouped: dict[int, list[Verdict]] = {}
    for one in held:
        grouped.setdefault(one.step, []).append(one)
    return [
        Status(" · ".join(map(_words, together)), together[-1].kind, step)
        for step, together in sorted(grouped.items())
    ]


def _words(verdict: Verdict) -> str:
    return verdict.short.partition(": ")[0].replace(" -", " −")


def _turns(recording: Recording) -> list[str]:
    turns = recording.header.get("turns")
    texts = turns if isinstance(turns, list) else []
    return [*texts] if all(isinstance(one, str) and _is_short(one) for one in texts) else []


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_TURN and text.isprintable()

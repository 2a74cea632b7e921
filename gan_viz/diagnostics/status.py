"""The status line of each frame: what its picture says of the training in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gan_viz.diagnostics.diagnosis import diagnose
from gan_viz.diagnostics.wording import Verdict
from gan_viz.recording import Recording

__all__ = ["status_lines"]

MOST_ALIKE = 3
"""Verdicts of a kind that are told one by one; more are counted."""
LOST = re.compile("mode at .* (lost|not found)")
LONGEST_TURN = 40
"""Most characters of a text in the header's ``turns``."""


def status_lines(recording: Recording) -> list[str]:
    """Say in words how the training was at each frame; an empty text where there is nothing to say.

    The line is the latest verdict that holds at this very frame, with others of the same step, such
    as ``"mode at 1.5 lost (step 840)"``. If the header has ``turns``, a list of short texts, frames
    show these by turns instead, the first at step 1; anything else under that name is ignored.
    """
    turns = _turns(recording)
    if turns:
        steps = recording.steps.tolist()
        return [turns[(step - 1) % len(turns)] if step > 0 else "" for step in steps]
    return [_latest(held) for held in diagnose(recording).held]


def _latest(held: Sequence[Verdict]) -> str:
    """The last of some verdicts, and those of the same step."""
    if not held:
        return ""
    step = max(verdict.step for verdict in held)
    words = [verdict.short for verdict in held if verdict.step == step]
    lost = [word for word in words if LOST.fullmatch(word)]
    if len(lost) > MOST_ALIKE:
        words = [f"{len(lost)} modes missing", *(word for word in words if word not in lost)]
    return re.sub(r"-(?=\d)", "−", f"{' · '.join(words)} (step {step:,})")


def _turns(recording: Recording) -> list[str]:
    turns = recording.header.get("turns")
    texts = turns if isinstance(turns, list) else []
    return [*texts] if all(isinstance(one, str) and _is_short(one) for one in texts) else []


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_TURN and text.isprintable()

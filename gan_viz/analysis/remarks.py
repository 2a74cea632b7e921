"""What is said of each frame: one quiet line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gan_viz.analysis.verdicts import Verdict, history
from gan_viz.recording import Recording

__all__ = ["remarks"]

READ = 30
"""Frames that a remark stays for at least, unless another one takes its place: 1.5 seconds."""
LONGEST = 40
"""Characters that a remark of the header may have."""


def remarks(recording: Recording) -> list[str]:
    """Say in words how the training was at each frame.

    Parameters
    ----------
    recording : Recording
        Where its header has ``turns``, a list of short texts, a frame shows the one whose turn its
        step was, the first at step 1; anything else under that name is passed over.

    Returns
    -------
    list of str, length frames
        The last verdict, and others given at the same step, of those that still hold or are new:
        such as ``"mode at 1.5 lost (step 840)"``. Empty where there is none.
    """
    turns = _turns(recording)
    if turns:
        steps = recording.steps.tolist()
        return [turns[(step - 1) % len(turns)] if step > 0 else "" for step in steps]
    texts: list[str] = []
    shown, since = -1, -READ
    for frame, held in enumerate(history(recording).held):
        step = held[-1].step if held else -1
        if step > shown or (step < shown and frame - since >= READ):
            shown, since = step, frame
            texts.append(_said(held))
        else:
            texts.append(texts[-1] if texts else "")
    return texts


def _said(held: Sequence[Verdict]) -> str:
    """The last of some verdicts, and those given with it."""
    if not held:
        return ""
    step = held[-1].step
    words = " · ".join(verdict.short for verdict in held if verdict.step == step)
    return re.sub(r"-(?=\d)", "−", f"{words} (step {step:,})")


def _turns(recording: Recording) -> list[str]:
    turns = recording.header.get("turns")
    texts = turns if isinstance(turns, list) else []
    return [*texts] if all(isinstance(one, str) and _is_short(one) for one in texts) else []


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable()

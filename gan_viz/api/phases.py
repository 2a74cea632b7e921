"""The two turns of the game as frames of their own: D fits the gap, then G climbs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_viz.errors import UsageError

if TYPE_CHECKING:
    from gan_viz.training import Settings

PHASES: Mapping[str, Any] = {
    "stabilizers": ("standardize", "decay"),
    "start": -2.0,
    "hidden": (16, 16),
    "steps": 48,
    "d_steps": 8,
    "g_steps": 6,
    "g_lr": 3e-3,
    "d_lr": 4e-2,
    "betas": (0.0, 0.9),
}
"""Options of `gan_viz.api.toy.build_toy` with which each turn is seen to move its player. A D that
is nearer to the best one in its turn makes the non-saturating game drop modes: G then goes down a
reverse Kullback-Leibler divergence (Arjovsky & Bottou 2017)."""
PHASES_FPS = 6.0
"""Frames per second at which the turns can be followed."""
FRAMES = 3
"""Frames in a turn, where it has enough updates."""
ROUNDS = 20
"""Rounds shown, about, unless another number is asked for."""


def phase_frames(settings: Settings, every: int | None = None) -> list[int]:
    """Choose the updates, of either player, after which to take a frame: ascending, from 1.

    There are some of each turn, its end among them, in each round shown; and the end of the round
    before, so that between frames of a round one player alone moves. `every` is the number of
    rounds between those that are shown, the first of which is the first; by default there are about
    20, closer together early on. The last is always shown.
    """
    from gan_viz.hooks.cadence import early_steps

    if every is not None and every < 1:
        raise UsageError(f"every {every}: expected a positive whole number of rounds")
    last, d, g = settings.steps, settings.d_steps, settings.g_steps
    rounds = early_steps(last, ROUNDS) if every is None else range(1, last + 1, every)
    within = {0, *_parts(0, d), *_parts(d, d + g)}
    starts = [(d + g) * (number - 1) for number in {*rounds, last}]
    return sorted({start + update for start in starts for update in within} - {0})


def phase_header(settings: Settings) -> dict[str, Any]:
    """What a recording of turns tells about its frames."""
    turns = ["D's turn"] * settings.d_steps + ["G's turn"] * settings.g_steps
    return {"clock": "update", "turns": turns}


def _parts(start: int, end: int) -> set[int]:
    """The ends of the parts of a turn, as equal as can be."""
    length = end - start
    return {start + -(-length * k // FRAMES) for k in range(1, FRAMES + 1)}

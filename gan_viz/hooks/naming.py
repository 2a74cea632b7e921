"""Losses by whatever name a loop has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

NAMES = {
    "d_loss": ("d", "dis", "disc", "discriminator", "netd", "c", "critic"),
    "g_loss": ("g", "gen", "generator", "netg"),
}
WORDS = "loss", "err", "error"


@cache
def _usual(name: str) -> str:
    """``"d_loss"`` for ``"errD"``, ``"loss_D"``, ``"train/disc_loss"``; other names as they are."""
    for part in (name, re.split(r"[/.:]", name)[-1]):
        bare = re.sub(r"[^a-z]", "", part.lower())
        for usual, players in NAMES.items():
            if any(bare in (player + word, word + player) for player in players for word in WORDS):
                return usual
    return name


def named(scalars: Mapping[str, Any]) -> Mapping[str, Any]:
    """The numbers of a step, with the losses of D and G under the names that pictures know.

    Where both names are there, or two for one loss, all stay as they are.
    """
    names = _all_named(tuple(scalars))
    return scalars if names is None else dict(zip(names, scalars.values(), strict=True))


@cache
def _all_named(given: tuple[str, ...]) -> tuple[str, ...] | None:
    found = tuple(map(_usual, given))
    names = tuple(
        name if found.count(name) == 1 else own for own, name in zip(given, found, strict=True)
    )
    return None if names == given else names

"""The command that makes a deck, for the notes of its first slide."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from gan_viz.api.look import Look


def command_of(recordings: Sequence[Path], out: Path, look: Look) -> str:
    """Write the command that draws recordings in a look."""
    verb = "render" if len(recordings) == 1 else "compare"
    words = ["gan-viz", verb, *map(str, recordings), "--out", str(out)]
    for field in fields(look):
        value = getattr(look, field.name)
        if value != field.default and not (value == "" and field.default is None):
            words += _option(field, value)
    return shlex.join(words)


def _option(field: Field[Any], value: Any) -> list[str]:
    name = field.metadata["option"] or f"--{field.name.replace('_', '-')}"
    return [name] if value is True else [name, _text(field.name, value)]


def _text(name: str, value: Any) -> str:
    """A value as `Look` reads it."""
    if isinstance(value, Mapping):
        return ",".join(f"{key}={one}" for key, one in value.items())
    if name == "size":
        return "x".join(map(str, value))
    if name == "pause":
        return ",".join(f"{step}:{seconds:g}" for step, seconds in value)
    if name == "slow":
        return ",".join(f"{begin}-{end}:{factor:g}" for begin, end, factor in value)
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return getattr(value, "name", None) or f"{value}"

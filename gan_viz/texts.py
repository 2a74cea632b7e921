"""Values as people type them, on a command line or in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gan_viz.errors import UsageError

MOST_SEEDS = 10_000


def picture_size(name: str, text: str) -> tuple[int, int]:
    """Read a size in pixels, width and height. Raises UsageError.

    Examples
    --------
    >>> picture_size("size", "960x540")
    (960, 540)
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*", text, re.IGNORECASE | re.ASCII)
    if not found:
        raise UsageError(f"{name} {text!r}: expected width x height in pixels, like 960x540")
    return int(found[1]), int(found[2])


def byte_count(name: str, text: str) -> int:
    """Read a number of bytes: B, kB, MB or GB are powers of 1000, KiB, MiB and GiB of 1024.

    Raises UsageError.

    Examples
    --------
    >>> byte_count("size", "5MB"), byte_count("size", "1.5 KiB")
    (5000000, 1536)
    """
    found = re.fullmatch(
        r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([kmg]?)(i?)b?\s*", text, re.IGNORECASE | re.ASCII
    )
    if not found:
        raise UsageError(f"{name} {text!r}: expected a number of bytes with its unit, like 5MB")
    base = 1024 if found[3] else 1000
    return int(float(found[1]) * base ** " kmg".index(found[2].lower() or " "))


def words(text: str) -> list[str]:
    """Split a list of names at commas.

    Examples
    --------
    >>> words("density, losses")
    ['density', 'losses']
    """
    return [word.strip() for word in text.split(",") if word.strip()]


def pairs(name: str, text: str) -> dict[str, str]:
    """Read ``NAME=TEXT`` with commas between them; a text may have commas of its own.

    Raises UsageError, which names what the text is given for.

    Examples
    --------
    >>> pairs("label", "data=height, in cm,generated=model")
    {'data': 'height, in cm', 'generated': 'model'}
    """
    found = re.split(r"(?:^|,)\s*([a-z][a-z_-]*)\s*=", text)
    if found[0].strip() or len(found) < 3:
        raise UsageError(f"{name} {text!r}: expected names and values, like data=...")
    return {key: value.strip() for key, value in zip(found[1::2], found[2::2], strict=True)}


def whole_numbers(name: str, text: str) -> list[int]:
    """Read whole numbers with commas between them. Raises UsageError.

    Examples
    --------
    >>> whole_numbers("hidden", "16,16")
    [16, 16]
    """
    try:
        return [int(word) for word in words(text)]
    except ValueError:
        raise UsageError(f"{name} {text!r}: expected whole numbers, like 10,100") from None


def two_numbers(name: str, text: str) -> tuple[float, float]:
    """Read two numbers, like Adam's betas. Raises UsageError.

    Examples
    --------
    >>> two_numbers("betas", "0,0.9")
    (0.0, 0.9)
    """
    try:
        first, second = map(float, words(text))
    except ValueError:
        raise UsageError(f"{name} {text!r}: expected two numbers, like 0,0.9") from None
    return first, second


def seeds(name: str, text: str) -> list[int]:
    """Read seeds: numbers and ranges with commas between them; each is kept once.

    Raises UsageError if one of them is no seed, a range goes down, or there are none, or more than
    10,000.

    Examples
    --------
    >>> seeds("seeds", "7,0-2")
    [7, 0, 1, 2]
    """
    found: dict[int, None] = {}
    for part in words(text):
        ends = re.fullmatch(r"(\d{1,18})(?:\s*-\s*(\d{1,18}))?", part, re.ASCII)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if last < first:
            raise UsageError(f"{name} {part!r}: expected whole numbers of at least 0, like 0,1,2")
        found |= dict.fromkeys(range(first, min(last, first + MOST_SEEDS) + 1))
        if len(found) > MOST_SEEDS:
            raise UsageError(f"{name} {text[:40]!r}: expected at most {MOST_SEEDS:,} seeds")
    if not found:
        raise UsageError(f"{name} {text!r}: expected at least one, like 0,1,2 or 0-63")
    return list(found)


def pauses(name: str, text: str) -> list[tuple[int, float]]:
    """Read steps to stay at, like ``100,500:2``: a second each, or as many as are given."""
    try:
        return [(int(step), seconds) for step, seconds in _with_numbers(text, 1.0)]
    except ValueError:
        raise UsageError(
            f"{name} {text!r}: expected steps, with seconds if need be, like 100,500:2"
        ) from None


def slow_stretches(name: str, text: str) -> list[tuple[int, int, float]]:
    """Read steps in slow motion, like ``0-200:3``: twice as slow, or by the factor given."""
    try:
        ends = [(ends.split("-"), factor) for ends, factor in _with_numbers(text, 2.0)]
        return [(int(begin), int(end), factor) for (begin, end), factor in ends]
    except ValueError:
        raise UsageError(
            f"{name} {text!r}: expected steps from-to, with a factor if need be, like 0-200:3"
        ) from None


def _with_numbers(text: str, usual: float) -> list[tuple[str, float]]:
    """Split words at commas, and the number off that follows a colon."""
    parts = [word.partition(":") for word in text.split(",")]
    return [(word, float(number) if colon else usual) for word, colon, number in parts]


def _colors(name: str, text: str) -> int | dict[str, str]:
    return int(text) if text.strip().isdecimal() else pairs(name, text)


class Typed(NamedTuple):
    """How an argument is typed: what reads the text, given its name, and an example in Python."""

    read: Callable[[str, str], Any]
    example: str


TYPED: Mapping[str, Typed] = {
    "at": Typed(whole_numbers, '(0, 100) or "0,100"'),
    "betas": Typed(two_numbers, '(0, 0.9) or "0,0.9"'),
    "colors": Typed(_colors, '{"data": "#1a3cff"} or "data=#1a3cff"'),
    "hidden": Typed(whole_numbers, '(32, 32) or "32,32"'),
    "hooks": Typed(lambda _, text: words(text), '["scalars", "scores"] or "scalars,scores"'),
    "label": Typed(pairs, '{"data": "heights"} or "data=heights"'),
    "max_bytes": Typed(
        lambda _, text: byte_count("max_bytes (--max-size)", text), '5_000_000 or "5MB"'
    ),
    "objectives": Typed(lambda _, text: words(text), '["lsgan", "wgan"] or "lsgan,wgan"'),
    "pause": Typed(pauses, '[(500, 2.0)] or "500:2"'),
    "scalars": Typed(lambda _, text: text, '"g_loss,d_loss"'),
    "seeds": Typed(seeds, '(0, 1, 2) or "0-2"'),
    "show": Typed(lambda _, text: words(text), '["dstar"] or "dstar"'),
    "size": Typed(picture_size, '(960, 540) or "960x540"'),
    "slow": Typed(slow_stretches, '[(0, 200, 3.0)] or "0-200:3"'),
}
"""Arguments that are no text, and may be given as one, by their names."""

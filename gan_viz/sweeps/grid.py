"""Which settings a sweep tries: grids, and random or Latin-hypercube samples."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import GenericAlias
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from gan_viz.api.options import SweepOptions
from gan_viz.api.stabilizers import STABILIZERS
from gan_viz.arguments import fitted, kinds_of
from gan_viz.errors import UsageError, reject_unknown

Cell: TypeAlias = dict[str, Any]
"""Settings of one run by name, JSON-ready."""

MOST_CELLS = 10_000_000
MOST_VALUES = 100_000
"""Values of one setting that a text may ask for."""


class Range(NamedTuple):
    """An interval from which a sample draws one setting.

    Attributes
    ----------
    low, high : float
    log : bool
        Whether the logarithm is drawn evenly, instead of the number.
    whole : bool
        Whether only whole numbers, both ends included, are drawn.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> float | int:
        """The number below which this share of the interval lies, 0..1."""
        low, high = (self.low, self.high + 1) if self.whole else (self.low, self.high)
        value = low * (high / low) ** share if self.log else low + share * (high - low)
        return min(math.floor(value), int(self.high)) if self.whole else value


def _truth(text: str) -> bool:
    return {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}[
        text.lower()
    ]


def _widths(text: str) -> list[int]:
    return [int(part) for part in text.split("x")]


def _two(text: str) -> list[float]:
    first, second = text.split(":")
    return [float(first), float(second)]


def _stabilizers(text: str) -> list[str]:
    whole = {"all": [*STABILIZERS], "none": []}
    return whole[text] if text in whole else text.split("+")


class _Setting(NamedTuple):
    """How a setting is typed: what reads a value, and an example."""

    read: Callable[[str], Any]
    example: str

    @property
    def numeric(self) -> bool:
        return self.read in (int, float)


SETTINGS: Mapping[str, _Setting] = {
    "data": _Setting(str, "bimodal"),
    "objective": _Setting(str, "lsgan"),
    "seed": _Setting(int, "0-9"),
    "steps": _Setting(int, "3000"),
    "g_lr": _Setting(float, "log(1e-4,1e-2,5)"),
    "d_lr": _Setting(float, "log(1e-4,1e-2,5)"),
    "d_steps": _Setting(int, "1,2,5"),
    "g_steps": _Setting(int, "1,2"),
    "batch": _Setting(int, "64,256"),
    "betas": _Setting(_two, "0.5:0.999"),
    "decay": _Setting(_truth, "on,off"),
    "ema": _Setting(float, "0,0.99"),
    "hidden": _Setting(_widths, "16x16,32x32"),
    "latent": _Setting(str, "normal,uniform"),
    "latent_dim": _Setting(int, "1,2"),
    "noise": _Setting(float, "0,0.5"),
    "optimizer": _Setting(str, "adam,sgd"),
    "r1": _Setting(float, "0,0.1"),
    "start": _Setting(float, "-3,0"),
    "stabilizers": _Setting(_stabilizers, "none,two-rates+ema"),
}
"""Settings that can be swept: options of `gan_viz.train`, and its data."""


def read_grid(text: str) -> dict[str, list[Any] | Range]:
    """Read settings and their values as they are typed: ``name=values``, semicolons between them.

    Values have commas between them: numbers, names, ``low-high`` for whole numbers one by one,
    ``lin(low,high,number)`` and ``log(low,high,number)`` for that many numbers, evenly or evenly in
    their logarithm; both without a number for an interval to sample from. Raises UsageError if a
    setting is unknown or given twice, or a value cannot be read.

    Examples
    --------
    >>> read_grid("objective=lsgan,hinge; seed=0-2; g_lr=log(1e-4,1e-2,3)")
    {'objective': ['lsgan', 'hinge'], 'seed': [0, 1, 2], 'g_lr': [0.0001, 0.001, 0.01]}
    """
    found: dict[str, list[Any] | Range] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, values = (each.strip() for each in part.partition("="))
        name = name.replace("-", "_")
        if not equals or not values:
            raise UsageError(f"--grid {part[:60]!r}: expected name=values, like seed=0-9")
        reject_unknown("sweep", [name], SETTINGS)
        if name in found:
            raise UsageError(f"--grid: {name} is there twice; expected each setting once")
        found[name] = _values(name, values)
    if not found:
        raise UsageError(f"--grid {text[:60]!r}: expected settings, like objective=lsgan; seed=0-9")
    return found


def _values(name: str, text: str) -> list[Any] | Range:
    parts = [part.strip() for part in re.findall(r"[^,(]+(?:\([^)]*\)[^,(]*)*", text)]
    setting = SETTINGS[name]
    try:
        found: list[Any] = []
        for part in parts:
            spread = _spread(part, setting) if setting.numeric else [setting.read(part)]
            if isinstance(spread, Range) and len(parts) == 1:
                return spread
            found += [spread] if isinstance(spread, Range) else spread
        if not found or any(isinstance(value, Range) for value in found):
            raise ValueError(text)
    except (ValueError, KeyError, OverflowError):
        raise UsageError(
            f"--grid {name}={text[:60]}: expected values like {setting.example}"
        ) from None
    distinct = list({json.dumps(value): value for value in found}.values())
    if len(distinct) > MOST_VALUES:
        raise UsageError(f"--grid {name}: {len(distinct):,} values; expected at most {MOST_VALUES}")
    return distinct


def _spread(text: str, setting: _Setting) -> list[Any] | Range:
    """Numbers that a text stands for."""
    whole = setting.read is int
    if whole and (ends := re.fullmatch(r"(\d{1,15})\s*-\s*(\d{1,15})", text, re.ASCII)):
        first, last = int(ends[1]), int(ends[2])
        if last < first:
            raise ValueError(text)
        return list(range(first, min(last, first + MOST_VALUES) + 1))
    form = re.fullmatch(r"(lin|log)\(([^,]+),([^,]+)(?:,([^,]+))?\)", text)
    if form is None:
        return [setting.read(text)]
    low, high, log = float(form[2]), float(form[3]), form[1] == "log"
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or (log and low <= 0):
        raise ValueError(text)
    if form[4] is None:
        return Range(low, high, log, whole)
    number = int(form[4])
    if not 2 <= number <= MOST_VALUES:
        raise ValueError(text)
    spread = np.geomspace(low, high, number) if log else np.linspace(low, high, number)
    # twelve digits, so that 0.001 is written so
    return [round(value) if whole else float(f"{value:.12g}") for value in spread.tolist()]


def cells(
    settings: Mapping[str, Sequence[Any] | Range],
    sample: str | None = None,
    number: int | None = None,
    seed: int = 0,
) -> list[Cell]:
    """List the runs of a sweep, those of equal settings next to one another.

    A `sample`, ``random`` or ``latin``, of a `number` of combinations of settings is drawn, by a
    seed, instead of taking all: independently, or as a Latin hypercube (McKay, Beckman & Conover
    1979), which covers each setting evenly. The values of ``seed`` are not drawn: each combination
    is run with all of them. Raises UsageError if a setting is unknown or has no values, an interval
    is to be tried in full, or there are too many runs.
    """
    settings = values_of(settings)
    for name, values in settings.items():
        if not isinstance(values, Range) and not len(values):
            raise UsageError(f"{name}: expected at least one value")
    if sample is None:
        if number is not None:
            raise UsageError(f"number {number}: expected it beside a sample, random or latin")
        return _all(settings)
    if sample not in ("random", "latin"):
        raise UsageError(f"sample {sample!r}: expected random or latin")
    if number is None or number < 1:
        raise UsageError(f"a {sample} sample of {number}: expected a positive whole number")
    seeds = settings.get("seed", [0])
    if isinstance(seeds, Range):
        raise UsageError("seed: expected values to run each combination with, like 0-9")
    _check_number(number * len(seeds))
    drawn = {name: values for name, values in settings.items() if name != "seed"}
    rows = _shares(sample, number, len(drawn), seed)
    found = [
        {
            name: _pick(values, share)
            for (name, values), share in zip(drawn.items(), row, strict=True)
        }
        for row in rows.tolist()
    ]
    return [one | {"seed": each} for one in found for each in seeds]


def values_of(
    settings: Mapping[str, Sequence[Any] | Range],
) -> dict[str, Sequence[Any] | Range]:
    """Values of settings, each of its kind; text is as `read_grid` has it after the name.

    Raises UsageError if a setting is unknown, or a value cannot be one of it.
    """
    reject_unknown("sweep", settings, SETTINGS)
    return {name: _several(name, values) for name, values in settings.items()}


def _several(name: str, values: Sequence[Any] | Range) -> Sequence[Any] | Range:
    """Values of a setting, each of its kind; text is as `read_grid` has it after the name."""
    if isinstance(values, Range):
        return values
    if isinstance(values, str):
        return _values(name, values)
    kind = kinds_of(SweepOptions)[name]
    return [plain(value) for value in fitted(name, values, GenericAlias(Sequence, (kind,)))]


def plain(value: Any) -> Any:
    """A setting as JSON has it: a path is a text."""
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _all(settings: Mapping[str, Sequence[Any] | Range]) -> list[Cell]:
    for name, values in settings.items():
        if isinstance(values, Range):
            raise UsageError(
                f"{name}: an interval has no end of values; expected how many, like "
                f"log({values.low:g},{values.high:g},10), or a random or latin sample"
            )
    _check_number(math.prod(len(values) for values in settings.values()))
    names = sorted(settings, key=lambda name: name == "seed")  # seeds vary fastest
    return [
        dict(zip(names, values, strict=True))
        for values in product(*(settings[name] for name in names))
    ]


def _check_number(number: int) -> None:
    if number > MOST_CELLS:
        raise UsageError(f"{number:,} runs: expected at most {MOST_CELLS:,}")


def _shares(sample: str, number: int, settings: int, seed: int) -> np.ndarray[Any, Any]:
    """Where in each setting's range each draw is, 0..1, shape (number, settings)."""
    if not settings:
        return np.zeros((number, 0))
    if sample == "random":
        return np.random.default_rng(seed).random((number, settings))
    from scipy.stats.qmc import LatinHypercube  # takes a second to import

    return np.asarray(LatinHypercube(settings, rng=np.random.default_rng(seed)).random(number))


def _pick(values: Sequence[Any] | Range, share: float) -> Any:
    if isinstance(values, Range):
        return values.at(share)
    return values[min(int(share * len(values)), len(values) - 1)]

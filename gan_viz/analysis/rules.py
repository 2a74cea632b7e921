"""The contract of a rule, and what rules are made of.

A rule is told the numbers of one step after the other and says, in words, when something has been
wrong for long enough. It says so once; when things have been right again, it may say so anew.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

__all__ = ["LEAST", "Average", "Row", "Rule", "Stretch"]

HOLD = 200
"""Steps that something must have been wrong for, twice the time of smoothing."""
LEAST = 3
"""Figures that must have shown it, where they are taken at frames only."""

Row: TypeAlias = Mapping[str, float]


class Average:
    """Exponential moving average over steps, which need not be even.

    Parameters
    ----------
    constant : float
        Steps in which the weight of a number falls to 1/e.

    Examples
    --------
    >>> average = Average(1 / math.log(2))
    >>> [average.add(step, value) for step, value in [(1, 0.0), (2, 8.0), (4, 0.0)]]
    [0.0, 4.0, 1.0]
    """

    def __init__(self, constant: float) -> None:
        self._constant = constant
        self._step: int | None = None
        self._gap, self._share = 1, 1 - math.exp(-1 / constant)
        self.value = math.nan

    def add(self, step: int, value: float) -> float:
        """Take in the number of a step, unless it is not finite, and give the average."""
        if not math.isfinite(value):
            return self.value
        if self._step is None:
            self.value = value
        else:
            self.value += self._weight(step - self._step) * (value - self.value)
        self._step = step
        return self.value

    def _weight(self, gap: int) -> float:
        if gap != self._gap:
            self._gap, self._share = gap, 1 - math.exp(-gap / self._constant)
        return self._share


class Stretch:
    """Whether something has gone on for long enough; told once, until it has ended.

    Parameters
    ----------
    hold : int
        Steps.
    least : int
        Numbers seen meanwhile.
    """

    def __init__(self, hold: int = HOLD, least: int = LEAST) -> None:
        self._hold, self._least = hold, least
        self._since, self._seen, self._told = 0, 0, False

    def add(self, step: int, wrong: bool, right: bool) -> bool:
        """Take note of a step, which may be neither; True when it has just been long enough."""
        if right:
            self._told = False
        if not wrong:
            self._seen = 0
            return False
        if self._seen == 0:
            self._since = step
        self._seen += 1
        if self._told or self._seen < self._least or step - self._since < self._hold:
            return False
        self._told = True
        return True


class Rule(ABC):
    """Something that can be wrong.

    Attributes
    ----------
    kind : str
        What a verdict calls it.
    names : tuple of str
        The series it goes by.
    """

    kind: ClassVar[str]
    names: tuple[str, ...]

    @abstractmethod
    def judge(self, step: int, row: Row) -> str | None:
        """What is wrong, in words, when it has just become clear.

        Parameters
        ----------
        step : int
            Greater than before.
        row : mapping of str to float
            The numbers of the step; some of `names` may be missing.
        """

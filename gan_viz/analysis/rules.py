"""The contract of a rule, and what rules are made of.

A rule is told the numbers of one step after the other and says, in words, when something has been
wrong for long enough. It says so once; when things have been right again, it may say so anew. What
is said is a short name, and after a colon the figures.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

__all__ = ["LEAST", "WARM_UP", "Average", "Learning", "Row", "Rule", "Stretch"]

HOLD = 200
"""Steps that something must have been wrong for, twice the time of smoothing."""
LEAST = 3
"""Figures that must have shown it, where they are taken at frames only."""
WARM_UP = 1500
"""Steps until which a G that has never been diverse may still be learning: before training, the
pictures it makes are nearly the same."""

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

    Attributes
    ----------
    told : bool
        Whether it has, and has not ended since.
    """

    def __init__(self, hold: int = HOLD, least: int = LEAST) -> None:
        self._hold, self._least = hold, least
        self._since, self._seen, self.told = 0, 0, False

    def add(self, step: int, wrong: bool, right: bool) -> bool:
        """Take note of a step, which may be neither; True when it has just been long enough."""
        if right:
            self.told = False
        if not wrong:
            self._seen = 0
            return False
        if self._seen == 0:
            self._since = step
        self._seen += 1
        if self.told or self._seen < self._least or step - self._since < self._hold:
            return False
        self.told = True
        return True


class Learning:
    """Whether something has been learnt, or could have been by now.

    Attributes
    ----------
    done : bool
        Whether it has been: it was fine `LEAST` times in a row.
    """

    def __init__(self) -> None:
        self._fine = 0

    @property
    def done(self) -> bool:
        """See above."""
        return self._fine >= LEAST

    def add(self, step: int, fine: bool) -> bool:
        """Take note of a step; True from when it is done or the warm-up is over."""
        if not self.done:
            self._fine = self._fine + 1 if fine else 0
        return self.done or step >= WARM_UP


class Rule(ABC):
    """Something that can be wrong, or has come to rest.

    Attributes
    ----------
    kind : str
        What a verdict calls it.
    names : tuple of str
        The series it goes by.
    holds : bool
        Whether what was said last is still so.
    """

    kind: ClassVar[str]
    names: tuple[str, ...]

    @property
    @abstractmethod
    def holds(self) -> bool:
        """See above."""

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

"""What can be wrong with a training, and from when on it is: the rules and their thresholds."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from statistics import fmean, median, pstdev

from gan_viz.analysis.rules import LEAST, Average, Row, Rule, Stretch

__all__ = [
    "CertainD",
    "Collapse",
    "LowLossOfD",
    "NotFinite",
    "Oscillation",
    "VanishedGradient",
    "all_rules",
]

SMOOTHING = 100.0
"""Steps in which a moving average forgets all but 1/e: single batches do not count."""
SURE = 0.98
"""D's mean probability of being right, on real and on generated samples, from which on it
overpowers G. The minimax loss of G, log(1 - D(G(z))), then falls with D's logit at a rate of 0.02,
a twenty-fifth of that at equilibrium. D outputs around 0.9 are common in trainings that go well."""
UNSURE = 0.9
"""The same below which D no longer does."""
LOW_LOSS, RAISED_LOSS = -2 * math.log(SURE), -2 * math.log(UNSURE)
"""The losses of D, in nats, that go with these probabilities (at equilibrium it is 1.39)."""

FAINT, RESTORED = 1e-3, 1e-2
"""Norms of G's gradient, relative to its early median, below which it has vanished and above which
it is back: with Adam, which rescales gradients, smaller factors go unnoticed."""
EARLY = 20
"""Norms whose median is the early one."""

WARM_UP = 1500
"""Steps until which a G that has never been diverse may still be learning: before training, the
pictures it makes are nearly the same."""
THIN = {"g_diversity": (0.4, 0.6), "g_coverage": (0.5, 0.7), "g_spread": (0.3, 0.5)}
"""Figures of diversity relative to the data's below which samples have collapsed, and above which
they have not. Different pictures of one digit of MNIST are still 0.66 to 1.0 times as far apart as
those of all ten, so it is copies that have a low diversity, lost classes that have a low coverage;
one of two equal modes that are well apart spreads over about a quarter of both."""

SWINGS = 8
"""Swings in a row, to and fro, that make an oscillation."""
UNEVEN = 0.2
"""Standard deviation of the swings' durations relative to their mean, at most. Smoothed noise has
so many alike in a row less than once in 100,000 steps."""
FADING = 0.5
"""The smallest swing relative to the largest, at least: what fades is on its way to rest."""
WIDE_LOSS, WIDE_CENTRE = 0.2, 0.1
"""The least swing of G's smoothed loss, relative to its level, and of the median of G's outputs,
in widths of the data."""
SHORT_SMOOTHING = 20.0
"""Steps of smoothing that leave the swings of a loss and take its noise."""


class NotFinite(Rule):
    """A loss, or what G makes, is not a number any more, or infinite; said once."""

    kind = "nan"
    names = ("d_loss", "g_loss", "g_diversity", "g_spread")

    def __init__(self) -> None:
        self._told = False

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        if self._told:
            return None
        for name in self.names:
            if not math.isfinite(row.get(name, 0.0)):
                self._told = True
                loss = f"{name[0].upper()}'s loss is {row[name]:g}"
                return loss if name.endswith("loss") else "G's outputs are not finite"
        return None


class CertainD(Rule):
    """D tells real from generated samples nearly always, by its mean probabilities.

    A critic's values are no probabilities: the first outside of [0, 1] ends the rule.
    """

    kind = "overpowered"
    names = ("d_real", "d_fake")

    def __init__(self) -> None:
        self._real, self._fake = Average(SMOOTHING), Average(SMOOTHING)
        self._stretch = Stretch()
        self._critic = False

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        if self._critic or "d_real" not in row or "d_fake" not in row:
            return None
        real, fake = row["d_real"], row["d_fake"]
        if not (0 <= real <= 1 and 0 <= fake <= 1):
            self._critic = math.isfinite(real + fake)
            return None
        real, fake = self._real.add(step, real), self._fake.add(step, fake)
        right = min(real, 1 - fake)
        if self._stretch.add(step, right > SURE, right < UNSURE):
            return f"D overpowers G: D(x) {real:.3f}, D(G(z)) {fake:.3f}"
        return None


class LowLossOfD(Rule):
    """The same by D's loss, where its probabilities are not recorded.

    The losses of D that are not negative (logistic, least squares, hinge) are all near 0 where D is
    right; a negative one, as a critic's, ends the rule.
    """

    kind = "overpowered"
    names = ("d_loss", "d_real")

    def __init__(self) -> None:
        self._loss = Average(SMOOTHING)
        self._stretch = Stretch()
        self._apt = True

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        self._apt = self._apt and "d_real" not in row and not row.get("d_loss", 0.0) < 0
        if not self._apt or "d_loss" not in row:
            return None
        loss = self._loss.add(step, row["d_loss"])
        if self._stretch.add(step, loss < LOW_LOSS, loss > RAISED_LOSS):
            return f"D overpowers G: D's loss {loss:.3f}"
        return None


class VanishedGradient(Rule):
    """G's gradient has next to gone, compared with its first norms."""

    kind = "vanished-gradient"
    names = ("g_grad_norm",)

    def __init__(self) -> None:
        self._early: list[float] = []
        self._first = math.nan
        self._norm = Average(SMOOTHING)
        self._stretch = Stretch()

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        norm = row.get("g_grad_norm", math.nan)
        if not math.isfinite(norm):
            return None
        if len(self._early) < EARLY:
            self._early.append(norm)
            self._first = median(self._early)
        now = self._norm.add(step, norm)
        share = now / self._first if self._first > 0 else math.nan
        if self._stretch.add(step, share < FAINT, share > RESTORED):
            return f"G's gradient vanished: norm {now:.2g}, {self._first:.2g} at the start"
        return None


class Collapse(Rule):
    """Samples are far less diverse than the data, after they were diverse or had time to be.

    Parameters
    ----------
    name : str
        A figure in `THIN`.
    text : str
        How to say it, with a place for the figure.
    """

    kind = "collapse"

    def __init__(self, name: str, text: str) -> None:
        self.names = (name,)
        self._text = text
        self._low, self._fine = THIN[name]
        self._learnt = 0
        self._stretch = Stretch()

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        figure = row.get(self.names[0], math.nan)
        if not math.isfinite(figure):
            return None
        fine = figure > self._fine
        if self._learnt < LEAST:
            self._learnt = self._learnt + 1 if fine else 0
        ready = step >= WARM_UP or self._learnt >= LEAST
        if self._stretch.add(step, ready and figure < self._low, fine):
            return f"mode collapse: {self._text.format(figure)}"
        return None


class Oscillation(Rule):
    """A number swings to and fro, regularly, and does not come to rest.

    Its turning points are those after which it has gone back by a least amount. A loss that can be
    negative, as with a critic, has no level to measure against: the first such value ends the rule.

    Parameters
    ----------
    name : str
        Of the series.
    what : str
        How to call it.
    least : float
        The least amount, in the number's unit or, if `relative`, in its level at the time.
    relative : bool
        Whether to smooth the number, and to measure it against its own level.
    """

    kind = "oscillation"

    def __init__(self, name: str, what: str, least: float, relative: bool) -> None:
        self.names = (name,)
        self._what, self._least, self._relative = what, least, relative
        self._average = Average(SHORT_SMOOTHING)
        self._extreme: tuple[int, float] | None = None
        self._direction = 1
        self._turns: deque[tuple[int, float]] = deque(maxlen=SWINGS + 1)
        self._apt, self._told = True, False

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        value = row.get(self.names[0], math.nan)
        if not self._apt or not math.isfinite(value):
            return None
        if self._relative:
            self._apt = value >= 0
            value = self._average.add(step, value)
        return self._described() if self._turned(step, value) and self._regular() else None

    def _turned(self, step: int, value: float) -> bool:
        """Follow the number; whether the extreme before has just proven to be a turning point."""
        if self._extreme is None or (value - self._extreme[1]) * self._direction >= 0:
            self._extreme = step, value
            return False
        back = abs(value - self._extreme[1])
        if back < self._least * (abs(value + self._extreme[1]) / 2 if self._relative else 1):
            return False
        self._turns.append(self._extreme)
        self._extreme, self._direction = (step, value), -self._direction
        return True

    def _regular(self) -> bool:
        """Whether the last swings are alike, for the first time since they were not."""
        if len(self._turns) <= SWINGS:
            return False
        durations, sizes = self._swings()
        even = pstdev(durations) <= UNEVEN * fmean(durations)
        found = even and min(sizes) >= FADING * max(sizes)
        new, self._told = found and not self._told, found
        return new

    def _swings(self) -> tuple[list[int], list[float]]:
        """Durations and sizes of the last swings."""
        pairs = list(pairwise(self._turns))
        return [b[0] - a[0] for a, b in pairs], [abs(b[1] - a[1]) for a, b in pairs]

    def _described(self) -> str:
        durations, sizes = self._swings()
        return (
            f"oscillation: {self._what} swings by {fmean(sizes):.2g} "
            f"every {2 * fmean(durations):.0f} steps"
        )


def all_rules() -> list[Rule]:
    """Fresh rules for one training."""
    return [
        NotFinite(),
        CertainD(),
        LowLossOfD(),
        VanishedGradient(),
        Collapse("g_coverage", "samples cover {:.0%} of the classes"),
        Collapse("g_diversity", "samples differ {:.2f} times as much as real ones"),
        Collapse("g_spread", "samples spread {:.2f} times as far as the data"),
        Oscillation(
            "g_centre", "the middle of G's outputs, in widths of the data,", WIDE_CENTRE, False
        ),
        Oscillation("g_loss", "G's loss", WIDE_LOSS, True),
    ]

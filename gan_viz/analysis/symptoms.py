"""What can be wrong with a training, and from when on it is: the rules and their thresholds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median, pstdev

from gan_viz.analysis.rules import Average, Learning, Row, Rule, Stretch
from gan_viz.distributions.modes import Mode

__all__ = [
    "CertainD",
    "Collapse",
    "Equilibrium",
    "LostMode",
    "LowLossOfD",
    "NotFinite",
    "Oscillation",
    "VanishedGradient",
    "all_rules",
    "mode_name",
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

THIN = {"g_diversity": (0.4, 0.6), "g_coverage": (0.5, 0.7), "g_spread": (0.3, 0.5)}
"""Figures of diversity relative to the data's below which samples have collapsed, and above which
they have not. Different pictures of one digit of MNIST are still 0.66 to 1.0 times as far apart as
those of all ten, so it is copies that have a low diversity, lost classes that have a low coverage;
one of two equal modes that are well apart spreads over about a quarter of both."""

LOST, FOUND = 0.2, 0.35
"""Shares of a mode's mass below which G has lost it, and above which it has not: what lies on the
way between two other modes, or a neighbour's tail, is often a tenth, seldom a quarter."""

OFTEN = 3
"""Losses of the same mode from which on it comes and goes, and no more is said of it."""

CLOSE, APART = 0.05, 0.1
"""Wasserstein-1 distances, relative to the data's standard deviation, below which p_g is as good as
p_data, and above which it is no more: at 0.1 a mode can still have the wrong shape."""
EVEN, BIASED = 0.1, 0.2
"""How far D's mean probabilities are from 1/2 at most, to speak of an equilibrium, and from where
on it has ended."""

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
AT_REST = 3
"""Swings that would have been due since the last, after which there are no more."""
SHORT_SMOOTHING = 20.0
"""Steps of smoothing that leave the swings of a loss and take its noise."""


class _Lasting(Rule):
    """Something that has to go on for a stretch."""

    def __init__(self) -> None:
        self._stretch = Stretch()

    @property
    def holds(self) -> bool:
        """Until the stretch has ended."""
        return self._stretch.told


class NotFinite(Rule):
    """A loss, or what G makes, is not a number any more, or infinite; said once."""

    kind = "nan"
    names = ("d_loss", "g_loss", "g_diversity", "g_spread")

    def __init__(self) -> None:
        self._told = False

    @property
    def holds(self) -> bool:
        """For good."""
        return self._told

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


class CertainD(_Lasting):
    """D tells real from generated samples nearly always, by its mean probabilities.

    A critic's values are no probabilities: the first outside of [0, 1] ends the rule.
    """

    kind = "overpowered"
    names = ("d_real", "d_fake")

    def __init__(self) -> None:
        super().__init__()
        self._real, self._fake = Average(SMOOTHING), Average(SMOOTHING)
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
            return f"D saturated: D(x) {real:.3f}, D(G(z)) {fake:.3f}"
        return None


class LowLossOfD(_Lasting):
    """The same by D's loss, where its probabilities are not recorded.

    The losses of D that are not negative (logistic, least squares, hinge) are all near 0 where D is
    right; a negative one, as a critic's, ends the rule.
    """

    kind = "overpowered"
    names = ("d_loss", "d_real")

    def __init__(self) -> None:
        super().__init__()
        self._loss = Average(SMOOTHING)
        self._apt = True

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        self._apt = self._apt and "d_real" not in row and not row.get("d_loss", 0.0) < 0
        if not self._apt or "d_loss" not in row:
            return None
        loss = self._loss.add(step, row["d_loss"])
        if self._stretch.add(step, loss < LOW_LOSS, loss > RAISED_LOSS):
            return f"D saturated: D's loss {loss:.3f}"
        return None


class VanishedGradient(_Lasting):
    """G's gradient has next to gone, compared with its first norms."""

    kind = "vanished-gradient"
    names = ("g_grad_norm",)

    def __init__(self) -> None:
        super().__init__()
        self._early: list[float] = []
        self._first = math.nan
        self._norm = Average(SMOOTHING)

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


class Collapse(_Lasting):
    """Samples are far less diverse than the data, after they were diverse or had time to be.

    Parameters
    ----------
    name : str
        A figure in `THIN`.
    text : str
        How to say it, with a place for the figure.
    unless : sequence of str
        Figures that say more: where one of them is, this one says nothing.
    """

    kind = "collapse"

    def __init__(self, name: str, text: str, unless: Sequence[str] = ()) -> None:
        super().__init__()
        self.names = (name, *unless)
        self._name, self._text, self._unless = name, text, unless
        self._low, self._fine = THIN[name]
        self._learning = Learning()

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        figure = row.get(self._name, math.nan)
        if not math.isfinite(figure) or any(name in row for name in self._unless):
            return None
        fine = figure > self._fine
        ready = self._learning.add(step, fine)
        if self._stretch.add(step, ready and figure < self._low, fine):
            return f"mode collapse: {self._text.format(figure)}"
        return None


class LostMode(_Lasting):
    """G makes next to nothing in a mode of the data, after it did or had time to learn it.

    Parameters
    ----------
    name : str
        The series of the share of G's outputs that are in the mode.
    place : str
        Where the mode is.
    mass : float
        The share of the data that is in it.
    """

    kind = "lost-mode"

    def __init__(self, name: str, place: str, mass: float) -> None:
        super().__init__()
        self.names = (name,)
        self._place, self._mass = place, mass
        self._learning = Learning()
        self._losses = 0

    @property
    def holds(self) -> bool:
        """Until the mode is found again, but for good where it comes and goes."""
        return super().holds or self._losses >= OFTEN

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        share = row.get(self.names[0], math.nan)
        if not math.isfinite(share):
            return None
        found = share > FOUND * self._mass
        ready = self._learning.add(step, found)
        lost = self._stretch.add(step, ready and share < LOST * self._mass, found)
        self._losses += lost
        return self._described(share) if lost and self._losses <= OFTEN else None

    def _described(self, share: float) -> str:
        if self._losses == OFTEN:
            return f"mode at {self._place} comes and goes: lost {OFTEN} times"
        fate = "lost" if self._learning.done else "not found"
        figures = f"{share:.0%} of the samples, {self._mass:.0%} of the data"
        return f"mode at {self._place} {fate}: {figures}"


class Equilibrium(_Lasting):
    """p_g stays close to p_data, and D, where it is a probability, can hardly tell them apart.

    Parameters
    ----------
    masses : mapping of str to float
        The mass of each mode of the data, by the series of G's share in it: none may be missing.
    """

    kind = "equilibrium"

    def __init__(self, masses: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self._masses = dict(masses or {})
        self.names = ("g_w1", "d_real", "d_fake", *self._masses)
        self._means = {name: Average(SMOOTHING) for name in ("d_real", "d_fake")}
        self._critic = False

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        self._follow(step, row)
        if "g_w1" not in row:
            return None
        distance, bias = row["g_w1"], self._bias()
        near = distance < CLOSE and bias < EVEN and self._covers(row)
        if self._stretch.add(step, near, not distance < APART or bias > BIASED):
            return f"equilibrium: W1 {distance:.2f}"
        return None

    def _follow(self, step: int, row: Row) -> None:
        for name, mean in self._means.items():
            value = row.get(name, math.nan)
            self._critic = self._critic or value < 0 or value > 1
            mean.add(step, value)

    def _bias(self) -> float:
        """How far D is from 1/2; 0 where that is not known, or not to be expected."""
        means = [mean.value for mean in self._means.values() if math.isfinite(mean.value)]
        return 0.0 if self._critic else max((abs(mean - 0.5) for mean in means), default=0.0)

    def _covers(self, row: Row) -> bool:
        return all(row.get(name, mass) > FOUND * mass for name, mass in self._masses.items())


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
        self._step = 0

    @property
    def holds(self) -> bool:
        """As long as swings follow one another."""
        if not self._told:
            return False
        durations, _ = self._swings()
        return self._step - self._turns[-1][0] <= AT_REST * fmean(durations)

    def judge(self, step: int, row: Row) -> str | None:
        """See `Rule.judge`."""
        value = row.get(self.names[0], math.nan)
        if not self._apt or not math.isfinite(value):
            return None
        self._step = step
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


def mode_name(number: int) -> str:
    """The series of the share of G's outputs that are in a mode, the leftmost being number 0."""
    return f"g_mode_{number + 1}"


def all_rules(modes: Sequence[Mode] = ()) -> list[Rule]:
    """Fresh rules for one training.

    Parameters
    ----------
    modes : sequence of Mode
        Those of the data that are watched one by one: then a lost one is told, not the collapse
        of the whole.
    """
    masses = {mode_name(number): mode.mass for number, mode in enumerate(modes)}
    losses = zip(masses, _places(modes), masses.values(), strict=True)
    return [
        NotFinite(),
        CertainD(),
        LowLossOfD(),
        VanishedGradient(),
        *(LostMode(*each) for each in losses),
        Collapse("g_coverage", "samples cover {:.0%} of the classes"),
        Collapse("g_diversity", "samples differ {:.2f} times as much as real ones"),
        Collapse("g_spread", "samples spread {:.2f} times as far as the data", [*masses]),
        Oscillation(
            "g_centre", "the middle of G's outputs, in widths of the data,", WIDE_CENTRE, False
        ),
        Oscillation("g_loss", "G's loss", WIDE_LOSS, True),
        Equilibrium(masses),
    ]


def _places(modes: Sequence[Mode]) -> list[str]:
    """Where modes are, as exactly as it takes to tell them apart."""
    gaps = [right.location - left.location for left, right in pairwise(modes)]
    digits = 1 - math.floor(math.log10(min(gaps, default=1.0)))
    return [f"{round(mode.location, digits) + 0.0:.12g}" for mode in modes]

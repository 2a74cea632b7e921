"""The rules that judge a training, and their thresholds.

A rule takes in numbers over the steps, a chunk of steps at a time, and notes the verdicts it comes
to and how long each holds. It carries what it needs from one chunk to the next, so it makes no
difference how the steps are cut into chunks.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar, NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from gan_viz.diagnostics.figures import mode_name
from gan_viz.diagnostics.wording import TEXTS, Verdict, mode_labels
from gan_viz.distributions.modes import Mode
from gan_viz.recording import Scalars

__all__ = [
    "DEFAULTS",
    "Average",
    "Chunk",
    "Collapse",
    "DiscriminatorCertain",
    "DiscriminatorLossLow",
    "Equilibrium",
    "Learned",
    "LostMode",
    "NotFinite",
    "Oscillation",
    "Rule",
    "Span",
    "Stretch",
    "Thresholds",
    "VanishedGradient",
    "all_rules",
]

Array: TypeAlias = NDArray[np.float64]
Steps: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Chunk: TypeAlias = Mapping[str, Scalars]
"""Numbers of a stretch of steps, by series; each series has steps of its own."""

NOTHING = Scalars(np.empty(0, np.int64), np.empty(0))
NEGLIGIBLE = 1e-18
"""Weight below which an older number no longer changes a moving average in double precision."""


@dataclass(frozen=True)
class Thresholds:
    """When the rules call a training ill, or well."""

    smoothing: float = 100.0
    """Steps in which a moving average forgets all but 1/e: single batches do not count."""
    hold: int = 200
    """Steps for which something must have been wrong: twice the smoothing."""
    least: int = 3
    """Numbers that must have shown it, as figures of frames may be far apart."""
    warm_up: int = 1500
    """Steps until which a G that was never diverse may still be learning: before training, its
    pictures are nearly the same."""
    sure: float = 0.98
    """Mean probability with which D is right, on real and on generated samples, above which it
    overpowers G. The minimax loss of G, log(1 - D(G(z))), then falls with D's logit at a rate of
    0.02, a twenty-fifth of that at equilibrium. D outputs around 0.9 are common in trainings that
    go well."""
    unsure: float = 0.9
    """The same, below which D no longer overpowers G."""
    faint: float = 1e-3
    """Norm of G's gradient relative to its early median, below which it has vanished. With Adam,
    which rescales gradients, a smaller decrease goes unnoticed."""
    restored: float = 1e-2
    """The same, above which the gradient is back."""
    early: int = 20
    """First norms, whose median is the early one."""
    diversity: tuple[float, float] = (0.4, 0.6)
    """Distance between samples relative to that between real ones, below which samples have
    collapsed, and above which they have not. Different pictures of one digit of MNIST are still
    0.66 to 1.0 times as far apart as those of all ten: a low diversity shows copies."""
    coverage: tuple[float, float] = (0.5, 0.7)
    """The same for the share of classes among the samples."""
    spread: tuple[float, float] = (0.3, 0.5)
    """The same for the width of G's outputs relative to the data's. One of two equal modes that
    are well apart has about a quarter of the width of both."""
    lost: float = 0.2
    """Share of a mode's mass below which G has lost the mode: what lies between two other modes,
    or in a neighbour's tail, is often a tenth, seldom a quarter."""
    found: float = 0.35
    """The same, above which the mode is there."""
    often: int = 3
    """Losses of the same mode after which it comes and goes; later ones are not told."""
    close: float = 0.05
    """Wasserstein-1 distance, relative to the data's standard deviation, below which p_g is as
    good as p_data."""
    apart: float = 0.1
    """The same, from which p_g no longer is: at 0.1 a mode can still have the wrong shape."""
    even: float = 0.1
    """Distance of D's mean probabilities from 1/2 below which there is an equilibrium."""
    biased: float = 0.2
    """The same, above which it has ended."""
    swings: int = 8
    """Swings in a row, to and fro, that make an oscillation."""
    uneven: float = 0.2
    """Standard deviation of the swings' durations relative to their mean, at most. Smoothed noise
    has so many alike in a row less than once in 100,000 steps."""
    fading: float = 0.5
    """Smallest swing relative to the largest, at least: smaller ones are coming to rest."""
    loss_swing: float = 0.2
    """Least swing of G's smoothed loss, relative to its level."""
    centre_swing: float = 0.1
    """Least swing of the median of G's outputs, in widths of the data."""
    loss_smoothing: float = 20.0
    """Steps of smoothing that keep the swings of a loss and remove its noise."""
    at_rest: float = 3.0
    """Mean durations of a swing without another, after which the oscillation is over."""

    @property
    def low_loss(self) -> float:
        """D's loss, in nats, at the probability `sure`; at equilibrium it is 1.39."""
        return -2 * math.log(self.sure)

    @property
    def raised_loss(self) -> float:
        """D's loss, in nats, at the probability `unsure`."""
        return -2 * math.log(self.unsure)


DEFAULTS = Thresholds()


class Average:
    """Exponential moving average over steps, which need not be even.

    Parameters
    ----------
    constant : float
        Steps in which the weight of a number falls to 1/e.

    Examples
    --------
    >>> average = Average(1 / math.log(2))
    >>> average.add(np.array([1, 2, 4]), np.array([0.0, 8.0, 1.0])).tolist()
    [0.0, 4.0, 1.75]
    """

    def __init__(self, constant: float) -> None:
        self._constant = constant
        self._step: int | None = None
        self._number, self._lag = math.nan, 0.0

    @property
    def value(self) -> float:
        """The average so far; NaN before the first number."""
        return self._number + self._lag

    def add(self, steps: Steps, numbers: ArrayLike) -> Array:
        """Take in numbers; return the average at each step.

        A number that is not finite leaves the average as it was.
        """
        every = np.asarray(numbers, np.float64)
        finite = np.isfinite(every)
        known, x, at = self.value, every[finite], steps[finite]
        if not len(x):
            return np.full(len(every), known)
        if self._step is None:
            self._step, self._number = int(at[0]), float(x[0])
        # The average is followed as its lag behind the numbers: where these do not change, it
        # equals them exactly, so that a number on a threshold is not rounded over it.
        with np.errstate(over="ignore", invalid="ignore"):
            kept = np.exp(-np.diff(at, prepend=self._step) / self._constant)
            moved = -kept * np.diff(x, prepend=self._number)
            moved[0] += kept[0] * self._lag
            lag = _accumulated(kept, moved)
        self._step, self._number, self._lag = int(at[-1]), float(x[-1]), float(lag[-1])
        means: Array = x + lag
        return means if len(x) == len(every) else np.append(known, means)[np.cumsum(finite)]


def _accumulated(kept: Array, added: Array) -> Array:
    """Solve ``y[n] = kept[n] y[n-1] + added[n]`` by doubling the reach (Hillis & Steele 1986)."""
    y, factor = added.copy(), kept.copy()
    factor[0] = 0.0
    reach = 1
    while reach < len(y) and factor.max() > NEGLIGIBLE:
        y[reach:] += factor[reach:] * y[:-reach]
        factor[reach:] *= factor[:-reach]
        reach *= 2
    return y


class Stretch:
    """Finds where something has been wrong for long enough; once, until it is right again.

    Parameters
    ----------
    hold : int
        Steps it must have been wrong for.
    least : int
        Numbers that must have shown it in a row.
    """

    def __init__(self, hold: int, least: int) -> None:
        self._hold, self._least = hold, least
        self._since, self._seen, self._told = 0, 0, False

    def add(self, steps: Steps, wrong: Flags, right: Flags) -> list[tuple[int, bool]]:
        """Take in steps, at each of which it is wrong, right or neither.

        Returns
        -------
        list of (int, bool)
            Indices into `steps`, ascending: True where it has been wrong for long enough, False
            where it is right again.
        """
        if not len(steps):
            return []
        fine = np.flatnonzero(right)
        found: list[tuple[int, bool]] = []
        last = 0
        for index in [*self._due(steps, wrong), len(steps)]:
            at = int(np.searchsorted(fine, last))
            if self._told and at < len(fine) and fine[at] < index:
                found.append((int(fine[at]), False))
                self._told = False
            if not self._told and index < len(steps):
                found.append((index, True))
                self._told, last = True, index
        return found

    def _due(self, steps: Steps, wrong: Flags) -> list[int]:
        """Where runs of wrong steps become long enough, if they do."""
        edges = np.flatnonzero(np.diff(wrong.astype(np.int8), prepend=0, append=0))
        starts, ends = edges[::2], edges[1::2]
        since, seen = steps[starts], np.zeros(len(starts), np.int64)
        if self._seen and wrong[0]:  # a run that began in an earlier chunk
            since[0], seen[0] = self._since, self._seen
        due = np.maximum(
            starts + self._least - 1 - seen, np.searchsorted(steps, since + self._hold)
        )
        if wrong[-1]:
            self._since, self._seen = int(since[-1]), int(seen[-1] + ends[-1] - starts[-1])
        else:
            self._seen = 0
        inside: list[int] = due[due < ends].tolist()
        return inside


class Learned:
    """Finds from where on something has been learnt: it was fine several times in a row."""

    def __init__(self, times: int) -> None:
        self._recent = np.zeros(times - 1, np.bool_)
        self._done = False

    def add(self, fine: Flags) -> Flags:
        """Take in whether it was fine at each step; return whether it has been learnt by then."""
        if not len(fine):
            return fine
        flags = np.concatenate([self._recent, fine])
        in_a_row = sliding_window_view(flags, len(self._recent) + 1).all(axis=1)
        done = np.logical_or.accumulate(in_a_row) | self._done
        self._recent, self._done = flags[len(fine) :], bool(done[-1])
        return done


@dataclass
class Span:
    """The steps for which a verdict holds: up to `end`, if it has ended."""

    verdict: Verdict
    start: int
    end: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether the verdict is given here, not taken up again."""
        return self.start == self.verdict.step


class Rule(ABC):
    """Something that can be wrong with a training, or well.

    Attributes
    ----------
    kind : str
        Of its verdicts.
    names : tuple of str
        The series it goes by.
    spans : list of Span
        The verdicts so far and the steps for which they hold.
    """

    kind: ClassVar[str]
    names: tuple[str, ...]

    def __init__(self) -> None:
        self.spans: list[Span] = []

    @property
    def holds(self) -> bool:
        """Whether the last verdict still holds."""
        return bool(self.spans) and self.spans[-1].end is None

    def give(self, step: int, text: str, **figures: object) -> None:
        """Note a verdict in the words of `TEXTS`."""
        said = f"{TEXTS[text].format(**figures)} (step {step})"
        self.spans.append(Span(Verdict(self.kind, step, said), step))

    @abstractmethod
    def add(self, chunk: Chunk) -> None:
        """Take in numbers of steps after all those before; any of `names` may be missing."""


class NotFinite(Rule):
    """A loss, or what G makes, is no longer finite; given once, and for good."""

    kind = "nan"
    names = ("d_loss", "g_loss", "g_diversity", "g_spread")

    def add(self, chunk: Chunk) -> None:
        """See `Rule.add`."""
        found = []
        for order, name in enumerate(self.names if not self.spans else ()):
            steps, values = chunk.get(name, NOTHING)
            bad = ~np.isfinite(values)
            if bad.any():
                first = int(bad.argmax())
                found.append((int(steps[first]), order, name, float(values[first])))
        if found:
            step, _, name, value = min(found)
            text = "loss not finite" if name.endswith("loss") else "outputs not finite"
            self.give(step, text, network=name[0].upper(), value=value)


class Finding(NamedTuple):
    """What a `LastingRule` sees in a chunk: at each step whether it is wrong, right or neither."""

    steps: Steps
    wrong: Flags
    right: Flags
    figures: Callable[[int], dict[str, float]]
    """The figures of the verdict at an index into the steps."""


class LastingRule(Rule):
    """Something that has to last, and that a verdict holds for until it is right again."""

    text: str
    """Of `TEXTS`."""

    def __init__(self, thresholds: Thresholds = DEFAULTS) -> None:
        super().__init__()
        self._thresholds = thresholds
        self._stretch = Stretch(thresholds.hold, thresholds.least)

    def add(self, chunk: Chunk) -> None:
        """See `Rule.add`."""
        steps, wrong, right, figures = self.look(chunk)
        for index, begins in self._stretch.add(steps, wrong, right):
            if begins:
                self.begin(int(steps[index]), figures(index))
            else:
                self.end(int(steps[index]))

    def begin(self, step: int, figures: dict[str, float]) -> None:
        """It has been wrong for long enough."""
        self.give(step, self.text, **figures)

    def end(self, step: int) -> None:
        """It is right again."""
        self.spans[-1].end = step

    @abstractmethod
    def look(self, chunk: Chunk) -> Finding:
        """Say at which steps it is wrong and right."""


class DiscriminatorCertain(LastingRule):
    """D tells real from generated samples nearly always, by its mean probabilities.

    The values of a critic are no probabilities: the first outside of [0, 1] ends the rule.
    """

    kind = "overpowered"
    names = ("d_real", "d_fake")
    text = "certain D"

    def __init__(self, thresholds: Thresholds = DEFAULTS) -> None:
        super().__init__(thresholds)
        self._real, self._fake = Average(thresholds.smoothing), Average(thresholds.smoothing)
        self._critic = False

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        steps, real, fake = _together(chunk.get("d_real", NOTHING), chunk.get("d_fake", NOTHING))
        usable = (real >= 0) & (real <= 1) & (fake >= 0) & (fake <= 1)
        with np.errstate(over="ignore", invalid="ignore"):
            critic = ~usable & np.isfinite(real + fake)
        usable &= ~(np.logical_or.accumulate(critic) | self._critic)
        self._critic |= bool(critic.any())
        steps = steps[usable]
        real, fake = self._real.add(steps, real[usable]), self._fake.add(steps, fake[usable])
        right = np.minimum(real, 1 - fake)
        return Finding(
            steps,
            right > self._thresholds.sure,
            right < self._thresholds.unsure,
            lambda at: {"real": real[at], "fake": fake[at]},
        )


class DiscriminatorLossLow(LastingRule):
    """The same by D's loss, where its probabilities are not recorded.

    The losses of D that are not negative (logistic, least squares, hinge) are all near 0 where D is
    right; a negative one, as of a critic, ends the rule.
    """

    kind = "overpowered"
    names = ("d_loss", "d_real")
    text = "low loss of D"

    def __init__(self, thresholds: Thresholds = DEFAULTS) -> None:
        super().__init__(thresholds)
        self._loss = Average(thresholds.smoothing)
        self._ended = False

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        steps, losses = chunk.get("d_loss", NOTHING)
        probable, _ = chunk.get("d_real", NOTHING)
        usable = np.logical_and.accumulate(~(losses < 0)) & (not self._ended)
        if len(probable):
            usable &= steps < probable[0]
        self._ended |= bool(len(probable)) or not usable.all()
        steps, loss = steps[usable], self._loss.add(steps[usable], losses[usable])
        return Finding(
            steps,
            loss < self._thresholds.low_loss,
            loss > self._thresholds.raised_loss,
            lambda at: {"loss": loss[at]},
        )


class VanishedGradient(LastingRule):
    """G's gradient has next to gone, compared with its first norms."""

    kind = "vanished-gradient"
    names = ("g_grad_norm",)
    text = "vanished gradient"

    def __init__(self, thresholds: Thresholds = DEFAULTS) -> None:
        super().__init__(thresholds)
        self._first: list[float] = []
        self._norm = Average(thresholds.smoothing)

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        steps, norms = _finite(chunk.get("g_grad_norm", NOTHING))
        norm, early = self._norm.add(steps, norms), self._early(norms)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            share = np.where(early > 0, norm / early, np.nan)
        return Finding(
            steps,
            share < self._thresholds.faint,
            share > self._thresholds.restored,
            lambda at: {"norm": norm[at], "early": early[at]},
        )

    def _early(self, norms: Array) -> Array:
        """The median of the first norms, as far as they are known at each step."""
        medians = []
        for norm in norms[: self._thresholds.early - len(self._first)].tolist():
            self._first.append(norm)
            medians.append(median(self._first))
        if self._first:
            medians += [median(self._first)] * (len(norms) - len(medians))
        return np.array(medians)


class Collapse(LastingRule):
    """Samples are far less diverse than the data, after they were diverse or had time to be.

    Parameters
    ----------
    name : {"g_diversity", "g_coverage", "g_spread"}
        The figure it goes by.
    unless : sequence of str
        Figures that say more: where one of them is recorded, this one is ignored.
    """

    kind = "collapse"

    def __init__(
        self, name: str, unless: Sequence[str] = (), thresholds: Thresholds = DEFAULTS
    ) -> None:
        super().__init__(thresholds)
        self.names = (name, *unless)
        self.text = name
        self._low, self._fine = getattr(thresholds, name.removeprefix("g_"))
        self._learned = Learned(thresholds.least)

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        name, *unless = self.names
        steps, figure = _finite(chunk.get(name, NOTHING))
        for other in unless:
            alone = ~np.isin(steps, chunk.get(other, NOTHING).steps)
            steps, figure = steps[alone], figure[alone]
        fine = figure > self._fine
        ready = self._learned.add(fine) | (steps >= self._thresholds.warm_up)
        wrong = ready & (figure < self._low)
        return Finding(steps, wrong, fine, lambda at: {"figure": figure[at]})


class LostMode(LastingRule):
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

    def __init__(
        self, name: str, place: str, mass: float, thresholds: Thresholds = DEFAULTS
    ) -> None:
        super().__init__(thresholds)
        self.names = (name,)
        self._place, self._mass = place, mass
        self._learned = Learned(thresholds.least)
        self._losses = 0

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        steps, share = _finite(chunk.get(self.names[0], NOTHING))
        found = share > self._thresholds.found * self._mass
        done = self._learned.add(found)
        ready = done | (steps >= self._thresholds.warm_up)
        wrong = ready & (share < self._thresholds.lost * self._mass)
        return Finding(steps, wrong, found, lambda at: {"share": share[at], "done": done[at]})

    def begin(self, step: int, figures: dict[str, float]) -> None:
        """The mode is lost, not found by now, or comes and goes."""
        self._losses += 1
        done = figures.pop("done")
        if self._losses == self._thresholds.often:
            self.give(step, "mode comes and goes", place=self._place, times=self._losses)
        elif self._losses < self._thresholds.often:
            text = "mode lost" if done else "mode not found"
            self.give(step, text, place=self._place, mass=self._mass, **figures)

    def end(self, step: int) -> None:
        """The mode is there again; a mode that comes and goes does so for good."""
        if self._losses < self._thresholds.often:
            super().end(step)


class Equilibrium(LastingRule):
    """p_g stays close to p_data, and D, where it is a probability, can hardly tell them apart.

    Parameters
    ----------
    masses : mapping of str to float
        The mass of each mode of the data, by the series of G's share in it: none may be missing.
    """

    kind = "equilibrium"
    text = "equilibrium"

    def __init__(
        self, masses: Mapping[str, float] | None = None, thresholds: Thresholds = DEFAULTS
    ) -> None:
        super().__init__(thresholds)
        self._masses = dict(masses or {})
        self.names = ("g_w1", "d_real", "d_fake", *self._masses)
        self._means = {name: Average(thresholds.smoothing) for name in ("d_real", "d_fake")}
        self._critic = False

    def look(self, chunk: Chunk) -> Finding:
        """See `LastingRule.look`."""
        steps, distance = chunk.get("g_w1", NOTHING)
        bias = self._bias(chunk, steps)
        near = (distance < self._thresholds.close) & (bias < self._thresholds.even)
        for name, mass in self._masses.items():
            share = _at(steps, chunk.get(name, NOTHING), mass)
            near &= share > self._thresholds.found * mass
        far = ~(distance < self._thresholds.apart) | (bias > self._thresholds.biased)
        return Finding(steps, near, far, lambda at: {"w1": distance[at]})

    def _bias(self, chunk: Chunk, steps: Steps) -> Array:
        """How far D's means are from 1/2; 0 where they are unknown, or not to be expected there."""
        bias = np.zeros(len(steps))
        critic_from = -np.inf if self._critic else np.inf
        for name, mean in self._means.items():
            series = chunk.get(name, NOTHING)
            means = np.concatenate([[mean.value], mean.add(*series)])
            latest = means[np.searchsorted(series.steps, steps, side="right")]
            bias = np.fmax(bias, np.abs(latest - 0.5))
            critic = series.steps[(series.values < 0) | (series.values > 1)]
            critic_from = min([critic_from, *critic[:1].tolist()])
        self._critic = critic_from < np.inf
        return np.where(steps < critic_from, bias, 0.0)


class Oscillation(Rule):
    """A number swings to and fro, regularly, and does not come to rest.

    Its turning points are those after which it has gone back by a least amount. A verdict holds as
    long as swings follow one another.

    Parameters
    ----------
    name : {"g_loss", "g_centre"}
        The series. A loss is smoothed, and its swings are relative to its level; one that can be
        negative, as with a critic, has no level: the first such value ends the rule.
    """

    kind = "oscillation"

    def __init__(self, name: str, thresholds: Thresholds = DEFAULTS) -> None:
        super().__init__()
        self.names = (name,)
        self._thresholds = thresholds
        self._relative = name == "g_loss"
        self._least = thresholds.loss_swing if self._relative else thresholds.centre_swing
        self._average = Average(thresholds.loss_smoothing)
        self._extreme: tuple[int, float] | None = None
        self._direction = 1
        self._turns: deque[tuple[int, float]] = deque(maxlen=thresholds.swings + 1)
        self._regular, self._ended = False, False
        self._deadline = math.inf

    def add(self, chunk: Chunk) -> None:
        """See `Rule.add`."""
        steps, values = _finite(chunk.get(self.names[0], NOTHING))
        if self._ended:
            return
        if self._relative:
            negative = np.flatnonzero(values < 0)
            if len(negative):
                steps, values = steps[: negative[0] + 1], values[: negative[0] + 1]
                self._ended = True
            values = self._average.add(steps, values)
        begin = 0
        for index in self._new_turns(steps, values):
            self._expire(steps, begin, index)
            self._judge(int(steps[index]))
            begin = index
        self._expire(steps, begin, len(steps))

    def _new_turns(self, steps: Steps, values: Array) -> Iterator[int]:
        """Indices at which the extreme before has just proven to be a turning point.

        The loop is plain Python, 0.1 microseconds a step: where the next extreme begins depends on
        where the last one ended.
        """
        numbers = values.tolist()
        if not numbers:
            return
        at, extreme = self._extreme or (int(steps[0]), numbers[0])
        direction, least, relative = self._direction, self._least, self._relative
        for index, (step, value) in enumerate(zip(steps.tolist(), numbers, strict=True)):
            back = (extreme - value) * direction
            if back <= 0:
                at, extreme = step, value
            elif back >= (least * abs(value + extreme) / 2 if relative else least):
                self._turns.append((at, extreme))
                at, extreme, direction = step, value, -direction
                yield index
        self._extreme, self._direction = (at, extreme), direction

    def _judge(self, step: int) -> None:
        """See whether the last swings are alike, now that there is one more."""
        told, self._regular = self._regular, False
        if len(self._turns) > self._thresholds.swings:
            durations, sizes = np.abs(np.diff(np.array(self._turns), axis=0)).T
            mean = durations.mean()
            even = durations.std() <= self._thresholds.uneven * mean
            self._regular = bool(even and sizes.min() >= self._thresholds.fading * sizes.max())
            self._deadline = self._turns[-1][0] + self._thresholds.at_rest * mean
        if not self._regular:
            if self.holds:
                self.spans[-1].end = step
        elif not told:
            self.give(step, self.names[0], size=sizes.mean(), period=2 * mean)
        elif not self.holds:  # the turn came late, but of an extreme that was in time
            self.spans.append(Span(self.spans[-1].verdict, step))

    def _expire(self, steps: Steps, begin: int, end: int) -> None:
        """End what holds at the first of some steps that is after the deadline."""
        late = max(begin, int(np.searchsorted(steps, self._deadline, side="right")))
        if self.holds and late < end:
            self.spans[-1].end = int(steps[late])


def _finite(series: Scalars) -> Scalars:
    """The numbers that are finite."""
    there = np.isfinite(series.values)
    return series if there.all() else Scalars(series.steps[there], series.values[there])


def _together(one: Scalars, other: Scalars) -> tuple[Steps, Array, Array]:
    """The values of two series at the steps that both have."""
    if np.array_equal(one.steps, other.steps):
        return one.steps, one.values, other.values
    steps, at, beside = np.intersect1d(
        one.steps, other.steps, assume_unique=True, return_indices=True
    )
    return steps, one.values[at], other.values[beside]


def _at(steps: Steps, series: Scalars, missing: float) -> Array:
    """The values of a series at some steps."""
    values = np.full(len(steps), missing)
    _, at, there = np.intersect1d(steps, series.steps, assume_unique=True, return_indices=True)
    values[at] = series.values[there]
    return values


def all_rules(modes: Sequence[Mode] = (), thresholds: Thresholds = DEFAULTS) -> list[Rule]:
    """Fresh rules for one training.

    Parameters
    ----------
    modes : sequence of Mode
        Modes of the data that are watched one by one. Where there are some, lost modes are told
        instead of a collapse of the spread.
    thresholds : Thresholds, optional
    """
    masses = {mode_name(number): mode.mass for number, mode in enumerate(modes)}
    lost = zip(masses, mode_labels(modes), masses.values(), strict=True)
    return [
        NotFinite(),
        DiscriminatorCertain(thresholds),
        DiscriminatorLossLow(thresholds),
        VanishedGradient(thresholds),
        *(LostMode(*each, thresholds) for each in lost),
        Collapse("g_coverage", (), thresholds),
        Collapse("g_diversity", (), thresholds),
        Collapse("g_spread", [*masses], thresholds),
        Oscillation("g_centre", thresholds),
        Oscillation("g_loss", thresholds),
        Equilibrium(masses, thresholds),
    ]

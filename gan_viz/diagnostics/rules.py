"""The rules that judge a training, and their thresholds.

A rule turns numbers over the steps into verdicts, each with the steps at which it holds. What it
says of a step depends on this step and those before alone, so a training is judged in the same way
while it goes on and afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gan_viz.diagnostics.figures import mode_name
from gan_viz.diagnostics.wording import Verdict, mode_labels, verdict
from gan_viz.distributions.modes import Mode
from gan_viz.recording import Scalars

__all__ = ["DEFAULTS", "Series", "Span", "Thresholds", "judge", "series_names"]

Array: TypeAlias = NDArray[np.float64]
Steps: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Series: TypeAlias = Mapping[str, Scalars]
"""Numbers by name, each with ascending steps of its own; without its numbers a rule is silent."""

NOTHING = Scalars(np.empty(0, np.int64), np.empty(0))
BLOCK = 1 << 14
"""Steps averaged at a time: arrays of this size stay in the processor's cache."""
NEGLIGIBLE = 1e-18
"""Weight below which an older number no longer changes an average in double precision."""


@dataclass(frozen=True)
class Thresholds:
    """When the rules call a training ill, or well."""

    smoothing: float = 100.0
    """Steps after which a moving average keeps 1/e of a number: single batches do not count."""
    hold: int = 200
    """Steps for which something must have been wrong: twice the smoothing."""
    least: int = 3
    """Numbers in a row that must have been wrong, as figures of frames may be far apart."""
    warm_up: int = 1500
    """Steps before which a G that was never diverse may still be learning: before training, its
    pictures are nearly the same."""
    sure: float = 0.98
    """D overpowers G above this mean probability of being right, on real and on generated samples.
    The minimax loss of G, log(1 - D(G(z))), then falls with D's logit at a rate of 0.02, a
    twenty-fifth of that at equilibrium. In trainings that go well, 0.9 is common."""
    unsure: float = 0.9
    """D no longer overpowers G below this probability."""
    faint: float = 1e-3
    """G's gradient has vanished below this norm relative to its early median. With Adam, which
    rescales gradients, a smaller decrease goes unnoticed."""
    restored: float = 1e-2
    """G's gradient is back above this relative norm."""
    early: int = 20
    """The median of so many first norms is the early one."""
    diversity: tuple[float, float] = (0.4, 0.6)
    """Samples have collapsed below the first, and no longer above the second: distance between
    them, relative to that between real ones. Pictures of one digit of MNIST are still 0.66 to 1.0
    times as far apart as those of all ten: a low diversity shows copies."""
    coverage: tuple[float, float] = (0.5, 0.7)
    """As `diversity`, for the share of classes among the samples."""
    spread: tuple[float, float] = (0.3, 0.5)
    """As `diversity`, for the width of G's outputs relative to the data's. One of two equal modes
    that are well apart has about a quarter of the width of both."""
    lost: float = 0.2
    """G has lost a mode below this share of its mass: outputs between two other modes, or in a
    neighbour's tail, often make a tenth of it, seldom a quarter."""
    found: float = 0.35
    """G has found a mode above this share of its mass."""
    often: int = 3
    """A mode lost so many times comes and goes; its later losses are not reported."""
    close: float = 0.05
    """p_g is as good as p_data below this Wasserstein-1 distance, relative to the data's standard
    deviation."""
    apart: float = 0.1
    """p_g no longer is from this distance on, at which a mode can still have the wrong shape."""
    even: float = 0.1
    """There is an equilibrium if D's mean probabilities are less than this away from 1/2."""
    biased: float = 0.2
    """An equilibrium ends if they are more than this away from 1/2."""
    swings: int = 8
    """Swings in a row, to and fro, that make an oscillation."""
    uneven: float = 0.2
    """Largest standard deviation of the swings' durations relative to their mean. In smoothed
    noise, so many swings in a row are so alike less than once in 100,000 steps."""
    fading: float = 0.5
    """Least ratio of the smallest swing to the largest: below it the swings come to rest."""
    loss_swing: float = 0.2
    """Least swing of G's smoothed loss, relative to its level."""
    centre_swing: float = 0.1
    """Least swing of the median of G's outputs, in widths of the data."""
    loss_smoothing: float = 20.0
    """Steps of smoothing that keep the swings of a loss and remove its noise."""
    at_rest: float = 3.0
    """An oscillation is over after so many mean durations of a swing without another."""

    @property
    def low_loss(self) -> float:
        """D's loss, in nats, at the probability `sure`; at equilibrium it is 1.39."""
        return -2 * math.log(self.sure)

    @property
    def raised_loss(self) -> float:
        """D's loss, in nats, at the probability `unsure`."""
        return -2 * math.log(self.unsure)


DEFAULTS = Thresholds()


class Span(NamedTuple):
    """A verdict, and the steps at which it holds: from `start` until before `end`."""

    verdict: Verdict
    start: int
    end: float


def series_names(modes: Sequence[Mode] = ()) -> set[str]:
    """Names of the numbers that `judge` looks at."""
    losses = {"d_loss", "g_loss", "d_real", "d_fake", "g_grad_norm"}
    figures = {"g_w1", "g_spread", "g_centre", "g_diversity", "g_coverage"}
    return losses | figures | set(map(mode_name, range(len(modes))))


def judge(
    series: Series, modes: Sequence[Mode] = (), thresholds: Thresholds = DEFAULTS
) -> list[Span]:
    """Apply all rules to the numbers of a training so far; spans are in the order of their steps.

    `modes` are those of the data that are watched one by one: where there are some, lost modes are
    reported instead of a collapse of the spread.
    """
    masses = {mode_name(number): mode.mass for number, mode in enumerate(modes)}
    found = [
        not_finite(series),
        certain_discriminator(series, thresholds),
        low_discriminator_loss(series, thresholds),
        vanished_gradient(series, thresholds),
    ]
    for place, (name, mass) in zip(mode_labels(modes), masses.items(), strict=True):
        found.append(lost_mode(series, thresholds, name, place, mass))
    found += [
        collapse(series, thresholds, "g_coverage"),
        collapse(series, thresholds, "g_diversity"),
        collapse(series, thresholds, "g_spread", [*masses]),
        oscillation(series, thresholds, "g_centre"),
        oscillation(series, thresholds, "g_loss"),
        equilibrium(series, thresholds, masses),
    ]
    return sorted((span for one in found for span in one), key=lambda span: span.verdict.step)


def not_finite(series: Series) -> list[Span]:
    """A loss, or an output of G, is no longer finite; reported once, and for good."""
    found = {}
    for name in ("g_spread", "g_diversity", "g_loss", "d_loss"):  # the last wins, of one step
        steps, values = series.get(name, NOTHING)
        bad = ~np.isfinite(values)
        if bad.any():
            found[steps.item(bad.argmax())] = name, values.item(bad.argmax())
    if not found:
        return []
    step = min(found)
    name, value = found[step]
    text = "loss not finite" if name.endswith("loss") else "outputs not finite"
    return [Span(verdict(step, text, network=name[0].upper(), value=value), step, math.inf)]


def certain_discriminator(series: Series, t: Thresholds) -> list[Span]:
    """D tells real from generated samples nearly always, by its mean probabilities.

    The values of a critic are not probabilities: the first outside of [0, 1] ends the rule.
    """
    steps, real, fake = _together(series.get("d_real", NOTHING), series.get("d_fake", NOTHING))
    usable = (real >= 0) & (real <= 1) & (fake >= 0) & (fake <= 1)
    usable &= ~np.logical_or.accumulate(~usable & np.isfinite(real) & np.isfinite(fake))
    steps = steps[usable]
    real, fake = (
        moving_average(Scalars(steps, values[usable]), t.smoothing) for values in (real, fake)
    )
    right = np.minimum(real, 1 - fake)
    return _lasting(
        t,
        steps,
        right > t.sure,
        right < t.unsure,
        lambda at: verdict(steps[at], "certain D", real=real[at], fake=fake[at]),
    )


def low_discriminator_loss(series: Series, t: Thresholds) -> list[Span]:
    """D's loss says the same as its probabilities, where these are not recorded.

    Losses of D that are never negative (logistic, least squares, hinge) are near 0 where D is
    right; a negative one, as a critic has, ends the rule.
    """
    steps, losses = series.get("d_loss", NOTHING)
    ends = [*series.get("d_real", NOTHING).steps[:1], *steps[losses < 0][:1], math.inf]
    steps = steps[steps < min(ends)]
    loss = moving_average(Scalars(steps, losses[: len(steps)]), t.smoothing)
    return _lasting(
        t,
        steps,
        loss < t.low_loss,
        loss > t.raised_loss,
        lambda at: verdict(steps[at], "low loss of D", loss=loss[at]),
    )


def vanished_gradient(series: Series, t: Thresholds) -> list[Span]:
    """G's gradient has nearly vanished, compared with its first norms."""
    norms = _finite(series.get("g_grad_norm", NOTHING))
    steps, norm = norms.steps, moving_average(norms, t.smoothing)
    first = norms.values[: t.early].tolist()
    medians = [median(first[: end + 1]) for end in range(len(first))]
    early = np.array(medians + medians[-1:] * (len(norm) - len(medians)))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        relative = np.where(early > 0, norm / early, np.nan)
    return _lasting(
        t,
        steps,
        relative < t.faint,
        relative > t.restored,
        lambda at: verdict(steps[at], "vanished gradient", norm=norm[at], early=early[at]),
    )


def collapse(series: Series, t: Thresholds, name: str, unless: Sequence[str] = ()) -> list[Span]:
    """Samples are far less diverse than the data, after they were diverse or had time to be.

    Steps at which one of the numbers `unless`, which say more, is recorded do not count.
    """
    steps, figure = _finite(series.get(name, NOTHING))
    for other in unless:
        alone = ~np.isin(steps, series.get(other, NOTHING).steps)
        steps, figure = steps[alone], figure[alone]
    low, high = getattr(t, name.removeprefix("g_"))
    fine = figure > high
    ready = _learned(fine, t) | (steps >= t.warm_up)
    return _lasting(
        t,
        steps,
        ready & (figure < low),
        fine,
        lambda at: verdict(steps[at], name, figure=figure[at]),
    )


def lost_mode(series: Series, t: Thresholds, name: str, place: str, mass: float) -> list[Span]:
    """G makes next to nothing in a mode of the data, after it did or had time to learn it."""
    steps, share = _finite(series.get(name, NOTHING))
    found = share > t.found * mass
    learned = _learned(found, t)

    def told(at: int) -> Verdict:
        text = "mode lost" if learned[at] else "mode not found"
        return verdict(steps[at], text, place=place, share=share[at], mass=mass)

    wrong = (learned | (steps >= t.warm_up)) & (share < t.lost * mass)
    spans = _lasting(t, steps, wrong, found, told)
    if len(spans) >= t.often:
        start = spans[t.often - 1].start
        again = verdict(start, "mode comes and goes", place=place, times=t.often)
        spans[t.often - 1 :] = [Span(again, start, math.inf)]
    return spans


def equilibrium(series: Series, t: Thresholds, masses: Mapping[str, float]) -> list[Span]:
    """p_g stays close to p_data, and D, where it is a probability, can hardly tell them apart.

    G must have found every mode of the data; `masses` has their masses by the series of G's shares.
    """
    steps, distance = series.get("g_w1", NOTHING)
    bias = _bias(series, steps, t)
    near = (distance < t.close) & (bias < t.even)
    for name, mass in masses.items():
        share = np.full(len(steps), mass)
        there, at, of = np.intersect1d(steps, series.get(name, NOTHING).steps, True, True)
        if len(there):
            share[at] = series[name].values[of]
        near &= share > t.found * mass
    return _lasting(
        t,
        steps,
        near,
        ~(distance < t.apart) | (bias > t.biased),
        lambda at: verdict(steps[at], "equilibrium", w1=distance[at]),
    )


def _bias(series: Series, steps: Steps, t: Thresholds) -> Array:
    """How far D's means are from 1/2 at each step; 0 where unknown, or from where D is a critic."""
    bias, critic_from = np.zeros(len(steps)), math.inf
    for name in ("d_real", "d_fake"):
        numbers = series.get(name, NOTHING)
        means = np.append(np.nan, moving_average(numbers, t.smoothing))
        latest = means[np.searchsorted(numbers.steps, steps, side="right")]
        bias = np.fmax(bias, np.abs(latest - 0.5))
        outside = numbers.steps[(numbers.values < 0) | (numbers.values > 1)]
        critic_from = min([critic_from, *outside[:1].tolist()])
    return np.where(steps < critic_from, bias, 0.0)


def oscillation(series: Series, t: Thresholds, name: str) -> list[Span]:
    """A number swings to and fro, regularly, and does not come to rest.

    ``g_loss`` is smoothed, and its swings are relative to its level. A loss that can be negative,
    as with a critic, has no level: the first such value ends the rule.
    """
    steps, values = _finite(series.get(name, NOTHING))
    least, relative = t.centre_swing, name == "g_loss"
    if relative:
        end = np.append(np.flatnonzero(values < 0) + 1, len(values))[0]
        steps, least = steps[:end], t.loss_swing
        values = moving_average(Scalars(steps, values[:end]), t.loss_smoothing)
    turns = np.array([*_turning_points(values, least, relative)], np.int64).reshape(-1, 2)
    if len(turns) <= t.swings:
        return []
    at, known = steps[turns[:, 0]], steps[turns[t.swings :, 1]]
    durations = sliding_window_view(np.diff(at), t.swings)
    sizes = sliding_window_view(np.abs(np.diff(values[turns[:, 0]])), t.swings)
    period, even = durations.mean(axis=1), durations.std(axis=1)
    regular = even <= t.uneven * period
    regular &= sizes.min(axis=1) >= t.fading * sizes.max(axis=1)
    # A verdict holds until the next turn, which may prolong it, or until that is overdue.
    late = np.searchsorted(steps, at[t.swings :] + t.at_rest * period, side="right")
    ends = np.fmax(np.append(steps, math.inf)[late], known)
    ends = np.fmin(ends, np.append(known[1:], math.inf))
    spans: list[Span] = []
    for k in np.flatnonzero(regular).tolist():
        step, end = int(known[k]), float(ends[k])
        if not (k and regular[k - 1]):
            now = verdict(step, name, size=sizes[k].mean(), period=2 * period[k])
            spans.append(Span(now, step, end))
        elif spans[-1].end == step:
            spans[-1] = spans[-1]._replace(end=end)
        else:  # the turn came late, but its extreme was in time
            spans.append(Span(spans[-1].verdict, step, end))
    return spans


def _turning_points(values: Array, least: float, relative: bool) -> Iterator[tuple[int, int]]:
    """Extremes after which the number has gone back by a least amount: where, and known from where.

    The loop is plain Python, 0.1 microseconds a step: where to look for the next extreme depends on
    where the last one was found.
    """
    place, extreme, direction = 0, math.nan, 1
    for index, value in enumerate(values.tolist()):
        back = (extreme - value) * direction
        if index == 0 or back <= 0:
            place, extreme = index, value
        elif back >= (least * abs(value + extreme) / 2 if relative else least):
            yield place, index
            place, extreme, direction = index, value, -direction


def moving_average(series: Scalars, constant: float) -> Array:
    """Exponential moving average after each step; steps need not be even.

    The weight of a number falls to 1/e in `constant` steps. Numbers that are not finite leave the
    average as it was; it is NaN before the first finite one.

    Examples
    --------
    >>> series = Scalars(np.array([1, 2, 4]), np.array([0.0, 8.0, 2.0]))
    >>> moving_average(series, 1 / math.log(2)).round(6).tolist()
    [0.0, 4.0, 2.5]
    """
    finite = np.isfinite(series.values)
    steps, x = series.steps[finite], series.values[finite]
    # The average is followed as its lag behind the numbers: where these do not change, it equals
    # them exactly, so that a number on a threshold is not rounded over it.
    with np.errstate(over="ignore", invalid="ignore"):
        kept = np.exp(-np.diff(steps, prepend=steps[:1]) / constant)
        lag = -kept * np.diff(x, prepend=x[:1])
        last = 0.0
        for start in range(0, len(x), BLOCK):
            last = _accumulate(lag[start : start + BLOCK], kept[start : start + BLOCK], last)
    means: Array = np.append(np.nan, x + lag)[np.cumsum(finite)]
    return means


def _accumulate(y: Array, kept: Array, last: float) -> float:
    """Add ``kept[n] y[n-1]`` to each ``y[n]`` in place, doubling the reach (Hillis & Steele 1986).

    Takes the number before the first, and returns the last one.
    """
    y[0] += kept[0] * last
    factor, reach = kept.copy(), 1
    factor[0] = 0.0
    while reach < len(y) and factor.max() > NEGLIGIBLE:
        y[reach:] += factor[reach:] * y[:-reach]
        factor[reach:] *= factor[:-reach]
        reach *= 2
    return float(y[-1])


def stretches(
    steps: Steps, wrong: Flags, right: Flags, hold: int, least: int
) -> list[tuple[int, float]]:
    """Find where something has been wrong for `hold` steps and `least` numbers in a row.

    At each step it is wrong, right or neither. Returns the index from which it has been wrong for
    long enough and the step at which it is right again, or infinity; only then does it count anew.
    """
    edges = np.flatnonzero(np.diff(wrong.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    due = np.maximum(starts + least - 1, np.searchsorted(steps, steps[starts] + hold))
    fine, over = np.append(steps[right], math.inf), -math.inf
    found = []
    for index in due[due < ends].tolist():
        if steps[index] > over:
            over = float(fine[np.searchsorted(fine, steps[index])])
            found.append((index, over))
    return found


def _lasting(
    t: Thresholds, steps: Steps, wrong: Flags, right: Flags, tell: Callable[[int], Verdict]
) -> list[Span]:
    """Give verdicts, each told by its index, on what `stretches` finds."""
    found = stretches(steps, wrong, right, t.hold, t.least)
    return [Span(tell(index), int(steps[index]), end) for index, end in found]


def _learned(fine: Flags, t: Thresholds) -> Flags:
    """Whether something has been fine `least` times in a row by each step."""
    flags = np.concatenate([np.zeros(t.least, np.bool_), fine])
    in_a_row = np.all(sliding_window_view(flags, t.least)[1:], axis=1)
    return np.logical_or.accumulate(in_a_row)


def _finite(series: Scalars) -> Scalars:
    """The numbers that are finite."""
    there = np.isfinite(series.values)
    return Scalars(series.steps[there], series.values[there])


def _together(one: Scalars, other: Scalars) -> tuple[Steps, Array, Array]:
    """The values of two series at the steps that both have."""
    if np.array_equal(one.steps, other.steps):
        return one.steps, one.values, other.values
    steps, at, of = np.intersect1d(one.steps, other.steps, True, True)
    return steps, one.values[at], other.values[of]

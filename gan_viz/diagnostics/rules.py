"""The rules that judge a training.

A rule turns numbers over the steps into verdicts, each with the steps at which it holds. What it
says of a step depends on this step and those before alone, so a training is judged in the same way
while it goes on and afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gan_viz.diagnostics.figures import mode_name
from gan_viz.diagnostics.likeness import (
    between_modes,
    collapse,
    collapsed_outputs,
    lost_mode,
    nearness,
)
from gan_viz.diagnostics.spans import (
    NOTHING,
    Array,
    Series,
    Span,
    finite,
    lasting,
    learned,
    moving_average,
    together,
)
from gan_viz.diagnostics.thresholds import DEFAULTS, Thresholds
from gan_viz.diagnostics.wording import mode_labels, verdict
from gan_viz.distributions.modes import Mode
from gan_viz.recording import Scalars

PRECISION_AND_RECALL = "quality_precision", "quality_recall"
STRETCH = 64
"""Numbers that are looked at together for swings."""


def series_names(modes: Sequence[Mode] = ()) -> set[str]:
    """Names of the numbers that `judge` looks at."""
    losses = {"d_loss", "g_loss", "d_real", "d_fake", "g_grad_norm"}
    figures = {"g_w1", "g_tv", "d_off", "g_spread", "g_centre", "g_diversity", "g_coverage"}
    figures |= {"g_between"} if modes else set()
    figures |= {*PRECISION_AND_RECALL}
    return losses | figures | set(map(mode_name, range(len(modes))))


def judge(
    series: Series, modes: Sequence[Mode] = (), thresholds: Thresholds = DEFAULTS
) -> list[Span]:
    """Apply all rules to the numbers of a training so far; spans are in the order of their steps.

    `modes` are those of the data that are watched one by one.
    """
    masses = {mode_name(number): mode.core for number, mode in enumerate(modes)}
    specific = [
        span
        for place, (name, mass) in zip(mode_labels(modes), masses.items(), strict=True)
        for span in lost_mode(series, thresholds, name, place, mass)
    ]
    for name in ("g_coverage", "g_diversity"):
        specific += collapse(series, thresholds, name)
    specific += low_recall(series, thresholds)
    specific += collapsed_outputs(series, thresholds, masses)
    specific += between_modes(series, thresholds, masses)
    found = [
        *not_finite(series),
        *certain_discriminator(series, thresholds),
        *low_discriminator_loss(series, thresholds),
        *vanished_gradient(series, thresholds),
        *specific,
        *oscillation(series, thresholds, "g_centre"),
        *oscillation(series, thresholds, "g_loss"),
        *nearness(series, thresholds, masses, specific),
    ]
    return sorted(found, key=lambda span: span.verdict.step)


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
    steps, real, fake = together(series.get("d_real", NOTHING), series.get("d_fake", NOTHING))
    usable = (real >= 0) & (real <= 1) & (fake >= 0) & (fake <= 1)
    usable &= ~np.logical_or.accumulate(~usable & np.isfinite(real) & np.isfinite(fake))
    steps = steps[usable]
    real, fake = (
        moving_average(Scalars(steps, values[usable]), t.smoothing) for values in (real, fake)
    )
    right = np.minimum(real, 1 - fake)
    return lasting(
        t.hold,
        t.least,
        steps,
        right > t.sure,
        right < t.unsure,
        lambda at: verdict(steps[at], "certain D", real=real[at], fake=fake[at]),
    )


def low_discriminator_loss(series: Series, t: Thresholds) -> list[Span]:
    """D's loss says the same as its probabilities, where these are not recorded.

    Losses of D that are never negative (logistic, least squares, hinge) are low where D is right;
    a negative one, as a critic has, ends the rule.
    """
    steps, losses = series.get("d_loss", NOTHING)
    ends = [*series.get("d_real", NOTHING).steps[:1], *steps[losses < 0][:1], math.inf]
    steps = steps[steps < min(ends)]
    loss = moving_average(Scalars(steps, losses[: len(steps)]), t.smoothing)
    return lasting(
        t.hold,
        t.least,
        steps,
        loss < t.low_loss,
        loss > t.raised_loss,
        lambda at: verdict(steps[at], "low loss of D", loss=loss[at]),
    )


def low_recall(series: Series, t: Thresholds) -> list[Span]:
    """G's samples are like real ones, and few real ones are like any of G's; twice in a row."""
    steps, precision, recall = together(
        *(finite(series.get(name, NOTHING)) for name in PRECISION_AND_RECALL)
    )
    low, high = t.recall
    # a young G makes few kinds of samples at first, and nothing has collapsed
    ready = learned(recall > high, 1) | (steps >= t.warm_up)
    return lasting(
        0,
        2,
        steps,
        ready & (recall < low) & (precision > 0.5),
        recall > high,
        lambda at: verdict(steps[at], "recall", recall=recall[at], precision=precision[at]),
    )


def vanished_gradient(series: Series, t: Thresholds) -> list[Span]:
    """G's gradient has nearly vanished, compared with its first norms."""
    norms = finite(series.get("g_grad_norm", NOTHING))
    steps, norm = norms.steps, moving_average(norms, t.smoothing)
    first = norms.values[: t.early].tolist()
    medians = [median(first[: end + 1]) for end in range(len(first))]
    early = np.array(medians + medians[-1:] * (len(norm) - len(medians)))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        relative = np.where(early > 0, norm / early, np.nan)
    return lasting(
        t.hold,
        t.least,
        steps,
        relative < t.faint,
        relative > t.restored,
        lambda at: verdict(steps[at], "vanished gradient", norm=norm[at], early=early[at]),
    )


def oscillation(series: Series, t: Thresholds, name: str) -> list[Span]:
    """A number swings to and fro, regularly, and does not come to rest.

    ``g_loss`` is smoothed, and its swings are relative to its level. A loss that can be negative,
    as with a critic, has no level: the first such value ends the rule.
    """
    steps, values = finite(series.get(name, NOTHING))
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

    Stretches that do not go back so far, whatever the order of their numbers, are passed over; only
    the others are looked at number by number, for each extreme depends on the one before.
    """
    if not len(values):
        return
    starts = np.arange(0, len(values), STRETCH)
    lows, highs = (each.reduceat(values, starts).tolist() for each in (np.minimum, np.maximum))
    place, extreme, direction = 0, values.item(0), 1
    for start, low, high in zip(starts.tolist(), lows, highs, strict=True):
        top, bottom = (max(extreme, high), low) if direction > 0 else (high, min(extreme, low))
        stretch = values[start : start + STRETCH]
        if top - bottom < (least * abs(top + bottom) / 2 if relative else least):
            outermost = top if direction > 0 else bottom
            if outermost in (low, high):
                place, extreme = start + int(np.flatnonzero(stretch == outermost)[-1]), outermost
            continue
        for index, value in enumerate(stretch.tolist(), start):
            back = (extreme - value) * direction
            if back <= 0:
                place, extreme = index, value
            elif back >= (least * abs(value + extreme) / 2 if relative else least):
                yield place, index
                place, extreme, direction = index, value, -direction

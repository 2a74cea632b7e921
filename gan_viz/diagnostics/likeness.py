"""Rules on what G makes: how diverse it is, which modes it has, how near p_g is to p_data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from gan_viz.diagnostics.spans import (
    NOTHING,
    Array,
    Flags,
    Series,
    Span,
    Steps,
    at_steps,
    finite,
    lasting,
    learned,
)
from gan_viz.diagnostics.thresholds import Thresholds
from gan_viz.diagnostics.wording import Verdict, verdict


def collapse(series: Series, t: Thresholds, name: str) -> list[Span]:
    """Samples are far less diverse than the data, after they were diverse or had time to be."""
    steps, figure = finite(series.get(name, NOTHING))
    low, high = getattr(t, name.removeprefix("g_"))
    fine = figure > high
    ready = learned(fine, t.least) | (steps >= t.warm_up)
    return lasting(
        t.persist,
        t.least,
        steps,
        ready & (figure < low),
        fine,
        lambda at: verdict(steps[at], name, figure=figure[at]),
    )


def collapsed_outputs(series: Series, t: Thresholds, masses: Mapping[str, float]) -> list[Span]:
    """G makes modes that hold only half of the data or so, or its outputs lie close together.

    The latter does not count where G makes nearly all of the data: the outer tenths of the rest may
    be far apart for a mode of a tenth alone.
    """
    steps, spread = finite(series.get("g_spread", NOTHING))
    made = np.zeros(len(steps))
    for name in (name for name in masses if name in series):
        mass = masses[name]
        made += mass * (_figure(series, steps, name, 0.0) >= t.lost * mass)
    few, most = (made > 0) & (made < t.covered[0]), made > t.covered[1]
    fine = ~few & (most | (spread > t.spread[1]))
    ready = learned(fine, t.least) | (steps >= t.warm_up)
    wrong = few | (~most & (spread < t.spread[0]))

    def told(at: int) -> Verdict:
        text, figure = ("g_covered", made[at]) if few[at] else ("g_spread", spread[at])
        return verdict(steps[at], text, figure=figure)

    return lasting(t.persist, t.least, steps, ready & wrong, fine, told, exact=True)


def _figure(series: Series, steps: Steps, name: str, missing: float) -> Array:
    """A figure at some steps, or `missing` where it was not measured."""
    known, values = finite(series.get(name, NOTHING))
    if not len(known):
        return np.full(len(steps), missing)
    at = np.minimum(np.searchsorted(known, steps), len(known) - 1)
    return np.where(known[at] == steps, values[at], missing)


def lost_mode(series: Series, t: Thresholds, name: str, place: str, mass: float) -> list[Span]:
    """G makes next to nothing in a mode of the data, after it did or had time to learn it."""
    steps, share = finite(series.get(name, NOTHING))
    found = share > t.found * mass
    known = learned(found, t.least)

    def told(at: int) -> Verdict:
        text = "mode lost" if known[at] else "mode not found"
        return verdict(steps[at], text, place=place, share=share[at], mass=mass)

    wrong = (known | (steps >= t.warm_up)) & (share < t.lost * mass)
    spans = lasting(t.persist, t.least, steps, wrong, found, told, exact=True)
    losses = [*dict.fromkeys(span.verdict for span in spans)]
    if len(losses) < t.often:
        return spans
    step = losses[t.often - 1].step
    again = verdict(step, "mode comes and goes", place=place, times=t.often)
    return [span if span.start < step else span._replace(verdict=again) for span in spans]


def between_modes(series: Series, t: Thresholds, masses: Mapping[str, float]) -> list[Span]:
    """G puts more mass between the modes than the data has, after it made all or had time to."""
    steps, share = finite(series.get("g_between", NOTHING))
    much, little = t.between
    ready = learned(_whole(series, t, steps, masses), t.least) | (steps >= t.warm_up)
    return lasting(
        t.persist,
        t.least,
        steps,
        ready & (share > much),
        share < little,
        lambda at: verdict(steps[at], "between modes", share=share[at]),
        exact=True,
    )


def _whole(series: Series, t: Thresholds, steps: Steps, masses: Mapping[str, float]) -> Flags:
    """Whether G makes all modes whose shares are known, at some steps."""
    whole = np.ones(len(steps), np.bool_)
    for name, mass in masses.items():
        whole &= _figure(series, steps, name, mass) > t.found * mass
    return whole


def nearness(
    series: Series, t: Thresholds, masses: Mapping[str, float], told: Sequence[Span] = ()
) -> list[Span]:
    """p_g is p_data and D as theory says; or p_g is near; or, unexplained, it differs or is far.

    In an equilibrium p_g is nearly p_data in total variation, no mode is missing, however light,
    and D is near 1/2 all over the data, not only in the mean; what D is has to be known. `masses`
    are those of the data's modes by the series of G's shares; `told` has verdicts that say more
    than how far p_g is.
    """
    steps, tv = finite(series.get("g_tv", NOTHING))
    w1 = _figure(series, steps, "g_w1", 0.0)
    off = _figure(series, steps, "d_off", math.inf)
    whole = _whole(series, t, steps, masses)
    even = whole & (tv < t.close) & (off < t.even) & (w1 < t.far[1])
    uneven = ~whole | (tv > t.apart) | (off > t.biased)
    found = partial(lasting, t.persist, t.least, steps, exact=True)
    spans: list[Span] = found(even, uneven, partial(_told, steps, "equilibrium", tv=t.close))
    for limit in t.near:
        near = whole & (tv < limit) & (w1 < t.far[1]) & ~at_steps(spans, steps)
        left = ~whole | (tv > t.left * limit) | (w1 > t.left * t.far[1])
        spans += found(near, left, partial(_told, steps, "near", tv=limit))
    far = (tv > t.far[0]) | (w1 > t.far[1])
    late = far & (steps >= t.warm_up) & ~at_steps(told, steps)
    spans += found(late, ~far, lambda at: verdict(steps.item(at), "far", tv=tv[at], w1=w1[at]))
    differs = (tv >= t.near[-1]) & ~far
    late = differs & (steps >= t.warm_up) & ~at_steps([*told, *spans], steps)
    spans += found(late, ~differs, lambda at: verdict(steps.item(at), "differs", tv=tv[at]))
    return spans


def _told(steps: Steps, text: str, at: int, **figures: float) -> Verdict:
    return verdict(steps.item(at), text, **figures)

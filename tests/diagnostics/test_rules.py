"""The rules on numbers invented so that one knows what is wrong, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from gan_viz.api.objectives import describe_objective
from gan_viz.diagnostics.likeness import (
    between_modes,
    collapse,
    collapsed_outputs,
    lost_mode,
    nearness,
)
from gan_viz.diagnostics.rules import (
    _turning_points,
    certain_discriminator,
    judge,
    low_discriminator_loss,
    low_recall,
    not_finite,
    oscillation,
    series_names,
    vanished_gradient,
)
from gan_viz.diagnostics.spans import BLOCK, Series, Span, moving_average, stretches
from gan_viz.diagnostics.thresholds import DEFAULTS, Thresholds, thresholds_of
from gan_viz.distributions import target
from gan_viz.recording import Scalars
from gan_viz.registry import OBJECTIVES

Rule: TypeAlias = Callable[[Series], list[Span]]


def rule_of(function: Callable[..., list[Span]], *arguments: Any) -> Rule:
    """A rule with the usual thresholds."""
    return lambda series: function(series, DEFAULTS, *arguments)


LOGISTIC = Thresholds(low_loss=-2 * math.log(0.98), raised_loss=-2 * math.log(0.9))


def low_loss(series: Series) -> list[Span]:
    """D's loss, judged as a logistic one."""
    return low_discriminator_loss(series, LOGISTIC)


CERTAIN, LOW_LOSS = rule_of(certain_discriminator), low_loss
VANISHED, RECALL = rule_of(vanished_gradient), rule_of(low_recall)
SWINGING_CENTRE, SWINGING_LOSS = rule_of(oscillation, "g_centre"), rule_of(oscillation, "g_loss")


def spans(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> list[Span]:
    """What a rule says, and for how long it holds."""
    at = np.array([*steps])
    columns = {
        name: np.array([value(step) for step in at.tolist()], np.float64)
        for name, value in series.items()
    }
    return rule({name: Scalars(at, column) for name, column in columns.items()})


def texts(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> dict[int, str]:
    """What a rule says, by step."""
    found = dict.fromkeys(span.verdict for span in spans(rule, steps, **series))
    return {one.step: one.text.removesuffix(f" (step {one.step})") for one in found}


def said(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> list[int]:
    """The steps at which a rule speaks up."""
    return [*texts(rule, steps, **series)]


def held(
    rule: Rule, steps: Iterable[int], **series: Callable[[int], float]
) -> list[tuple[int, float]]:
    """From when until when what a rule says holds."""
    return [(span.start, span.end) for span in spans(rule, steps, **series)]


def averaged(steps: Iterable[int], values: Iterable[float], constant: float) -> list[float]:
    """The moving average after each step."""
    series = Scalars(np.array([*steps]), np.array([*values], np.float64))
    return moving_average(series, constant).tolist()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=400), st.floats(1, 50))
def test_average_is_scipys_filter(values: list[float], constant: float) -> None:
    kept = math.exp(-1 / constant)
    start = [kept * values[0]]
    oracle, _ = lfilter([1 - kept], [1, -kept], values, zi=start)
    np.testing.assert_allclose(averaged(range(len(values)), values, constant), oracle, atol=1e-9)


def test_average_of_many_numbers_is_scipys_filter() -> None:
    values = np.random.default_rng(0).normal(1, 1, 3 * BLOCK + 5)
    kept = math.exp(-1 / 100)
    oracle, _ = lfilter([1 - kept], [1, -kept], values, zi=kept * values[:1])
    np.testing.assert_allclose(averaged(range(len(values)), values, 100), oracle, atol=1e-12)


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(-10, 10)), min_size=1, max_size=100),
    st.floats(1, 50),
)
def test_average_over_uneven_steps_is_the_recursion(
    pairs: list[tuple[int, float]], constant: float
) -> None:
    steps = np.cumsum([gap for gap, _ in pairs])
    values = [value for _, value in pairs]
    oracle, mean = [], values[0]
    for (gap, _), value in zip(pairs, values, strict=True):
        mean += (1 - math.exp(-gap / constant)) * (value - mean)
        oracle.append(mean)
    np.testing.assert_allclose(averaged(steps, values, constant), oracle, atol=1e-9)


@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(1, 100))
def test_average_of_a_number_that_stays_does_not_depend_on_gaps(
    first: float, then: float, gap: int
) -> None:
    once = averaged([0, gap], [first, then], 30)[-1]
    often = averaged(range(gap + 1), [first] + [then] * gap, 30)[-1]
    assert once == pytest.approx(often, abs=1e-9)


@given(st.floats(-1e9, 1e9), st.integers(1, 300))
def test_average_of_equal_numbers_is_that_number(number: float, count: int) -> None:
    assert averaged(range(count), [number] * count, 100) == [number] * count


def test_average_passes_over_what_is_not_finite() -> None:
    means = averaged(range(6), [math.nan, 3.0, math.inf, 3.0, math.nan, 4.0], 10)
    np.testing.assert_allclose(means, [math.nan, 3.0, 3.0, 3.0, 3.0, 4 - math.exp(-2 / 10)])
    assert averaged([], [], 10) == []


@given(st.lists(st.sampled_from("wrn"), max_size=60), st.integers(0, 10), st.integers(1, 5))
def test_a_stretch_is_told_once_until_it_is_right(states: list[str], hold: int, least: int) -> None:
    expected: list[tuple[int, float]] = []
    told, run = False, 0
    for step, state in enumerate(states):
        run = run + 1 if state == "w" else 0
        if told and state == "r":
            expected[-1] = (expected[-1][0], step)
            told = False
        if not told and run >= least and run > hold:
            expected.append((step, math.inf))
            told = True
    flags = np.array(states, "U1")
    assert stretches(np.arange(len(states)), flags == "w", flags == "r", hold, least) == expected


@given(
    st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 60),
)
def test_what_is_exact_is_told_at_once_where_numbers_are_far_apart(
    numbers: list[tuple[int, bool]], hold: int
) -> None:
    gaps, wrong = (np.array(column) for column in zip(*numbers, strict=True))
    steps, never = np.cumsum(gaps), np.zeros(len(gaps), np.bool_)
    expected: list[tuple[int, float]] = []
    for k in range(len(steps)):
        first = k
        while first and wrong[first - 1]:
            first -= 1
        alone = first > 0 and steps[first] - steps[first - 1] >= hold
        long_enough = k - first >= 2 and steps[k] - steps[first] >= hold
        if wrong[k] and (alone or long_enough) and not expected:
            expected = [(k, math.inf)]
    assert stretches(steps, wrong, never, hold, 3, exact=True)[:1] == expected


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["d_loss", "g_loss", "g_diversity", "g_spread"])
def test_not_finite_is_said_once_and_at_once(bad: float, name: str) -> None:
    assert said(not_finite, range(1, 50), **{name: lambda t: bad if t >= 7 else 1.0}) == [7]
    text = texts(not_finite, [3], d_loss=lambda t: bad, g_loss=lambda t: 1.0)
    assert text == {3: f"D's loss is {bad:g}"}


def falling(t: int) -> float:
    """From 0.5 at once to 0.005 after step 1000."""
    return 0.5 if t < 1000 else 0.005


def test_an_overpowering_d() -> None:
    steps = said(
        CERTAIN,
        range(1, 3000),
        d_real=lambda t: 1 - falling(t),
        d_fake=lambda t: falling(t),
    )
    # the average falls from 0.5 to 0.005 + 0.025 in DEFAULTS.smoothing * log(0.495 / 0.025) steps
    assert steps == [
        pytest.approx(1000 + DEFAULTS.smoothing * math.log(0.495 / 0.025) + DEFAULTS.hold, abs=2)
    ]


def test_an_overpowering_d_by_its_loss() -> None:
    steps = said(LOW_LOSS, range(1, 3000), d_loss=lambda t: 1.4 if t < 1000 else 0.001)
    assert steps == [
        pytest.approx(1000 + DEFAULTS.smoothing * math.log(1.4 / 0.039) + DEFAULTS.hold, abs=5)
    ]


def test_g_recovers_and_loses_again() -> None:
    """Twice overpowered, with a time between in which it is even."""

    def d_fake(t: int) -> float:
        return 0.5 if t % 4000 < 2000 else 0.0

    assert len(said(CERTAIN, range(8000), d_real=lambda t: 1.0, d_fake=d_fake)) == 2
    assert len(said(LOW_LOSS, range(8000), d_loss=d_fake)) == 2


def test_swinging_around_the_threshold_is_said_once() -> None:
    steps = said(
        CERTAIN,
        range(1, 9000),
        d_real=lambda t: 1.0,
        d_fake=lambda t: 0.015 if t % 2000 < 1000 else 0.04,
    )
    assert len(steps) == 1


def test_a_verdict_holds_only_where_it_is_true() -> None:
    """Between right and wrong it does not, and the same one is back when it is wrong again."""
    rule = rule_of(lost_mode, "m", "1.5", 0.5)
    share = {"m": lambda t: 0.5 if t < 500 else 0.0 if t % 1000 > 500 else 0.15}
    found = spans(rule, range(0, 3000, 10), **share)
    assert len({span.verdict for span in found}) == 1
    assert [(span.start, span.end) for span in found] == [
        (510 + DEFAULTS.persist, 1000),
        (1510, 2000),
        (2510, math.inf),
    ]


@pytest.mark.parametrize(
    ("rule", "series"),
    [
        (CERTAIN, {"d_real": lambda t: 0.9, "d_fake": lambda t: 0.08}),
        (CERTAIN, {"d_real": lambda t: 0.99, "d_fake": lambda t: 0.3}),
        (
            CERTAIN,
            {"d_real": lambda t: 40.0 if t == 5 else 0.99, "d_fake": lambda t: 0.01},
        ),
        (CERTAIN, {"d_real": lambda t: 1.0}),
        (LOW_LOSS, {"d_loss": lambda t: -30.0 if t < 3 else 0.0}),
        (LOW_LOSS, {"d_loss": lambda t: 0.01, "d_real": lambda t: 0.8}),
        (LOW_LOSS, {"d_loss": lambda t: 0.01 if t % 150 else 30.0}),
    ],
)
def test_a_d_that_does_not_overpower(rule: Rule, series: dict[str, Callable[[int], float]]) -> None:
    assert said(rule, range(1, 3000), **series) == []


def test_a_gradient_that_vanishes_and_comes_back() -> None:
    def norm(t: int) -> float:
        return 1e-5 if 500 <= t < 2500 or t >= 4000 else 3.0

    every_tenth = said(VANISHED, range(10, 6000, 10), g_grad_norm=norm)
    assert len(every_tenth) == 2
    wait = DEFAULTS.smoothing * math.log(1 / (1e-3 - 1e-5 / 3)) + DEFAULTS.hold
    assert every_tenth[0] == pytest.approx(500 + wait, abs=20)
    assert said(VANISHED, range(1, 6000), g_grad_norm=lambda t: 3.0 / t**0.5) == []


def test_a_low_recall_beside_a_fair_precision_is_a_collapse_from_its_second_time_on() -> None:
    def recall(t: int) -> float:
        return 0.02 if 400 <= t < 1000 else 0.6

    def precision(t: int) -> float:
        return 0.8 if t < 700 else 0.1

    steps = range(0, 1500, 100)
    assert said(RECALL, steps, quality_recall=recall, quality_precision=precision) == [500]
    young = {"quality_recall": lambda t: 0.02, "quality_precision": lambda t: 0.8}
    assert said(RECALL, steps, **young) == [DEFAULTS.warm_up + 100]
    noise = {"quality_recall": lambda t: 0.0, "quality_precision": lambda t: 0.1}
    assert said(RECALL, steps, **noise) == []
    assert said(RECALL, steps, quality_recall=lambda t: 0.0) == []


NAMES = pytest.mark.parametrize("name", ["g_diversity", "g_coverage"])


@NAMES
def test_a_collapse_after_learning_is_seen_before_the_warm_up_ends(name: str) -> None:
    steps = said(
        rule_of(collapse, name), range(0, 1200, 20), **{name: lambda t: 0.9 if t < 500 else 0.1}
    )
    assert steps == [500 + DEFAULTS.persist]


@NAMES
def test_who_never_learnt_gets_time(name: str) -> None:
    assert said(rule_of(collapse, name), range(0, 4000, 20), **{name: lambda t: 0.1}) == [
        DEFAULTS.warm_up + DEFAULTS.persist
    ]
    slow = {name: lambda t: 0.1 if t < DEFAULTS.warm_up else 0.9}
    assert said(rule_of(collapse, name), range(0, 4000, 20), **slow) == []


@NAMES
def test_few_frames_far_apart_do_not_suffice(name: str) -> None:
    assert said(rule_of(collapse, name), [0, 5000, 10_000], **{name: lambda t: 0.1}) == []
    assert said(rule_of(collapse, name), [5000, 6000, 7000, 8000], **{name: lambda t: 0.1}) == [
        7000
    ]


def test_a_collapse_ends_when_samples_are_diverse_again() -> None:
    figure = {"g_diversity": lambda t: 0.1 if t % 1000 < 500 else 0.9}
    assert said(rule_of(collapse, "g_diversity"), range(0, 4000, 10), **figure) == [
        1000 * k + DEFAULTS.persist for k in range(1, 4)
    ]


def test_a_lost_mode_is_told_when_it_has_been_gone_for_long_enough() -> None:
    rule = rule_of(lost_mode, "m", "1.5", 0.4)
    gone = {"m": lambda t: 0.4 if t < 500 or t >= 1200 else 0.05}
    assert held(rule, range(0, 1200, 20), **gone) == [(500 + DEFAULTS.persist, math.inf)]
    assert held(rule, range(0, 2000, 20), **gone) == [(500 + DEFAULTS.persist, 1200)]


@pytest.mark.parametrize("share", [0.09, 0.2, math.nan])
def test_a_thin_mode_is_not_lost(share: float) -> None:
    thin = {"m": lambda t: 0.4 if t < 500 else share}
    assert said(rule_of(lost_mode, "m", "1.5", 0.4), range(0, 3000, 20), **thin) == []


def test_a_mode_that_was_never_there_is_not_found() -> None:
    rule = rule_of(lost_mode, "m", "1.5", 0.4)
    assert texts(rule, range(0, 4000, 20), m=lambda t: 0.0) == {
        DEFAULTS.warm_up + DEFAULTS.persist: (
            "mode at 1.5 not found: 0% of the samples, 40% of the data"
        )
    }


def test_a_mode_that_comes_and_goes_is_told_three_times() -> None:
    rule = rule_of(lost_mode, "m", "0", 0.5)
    told = texts(rule, range(0, 9000, 20), m=lambda t: 0.5 * (t % 1000 < 500))
    assert [text.partition(":")[0] for text in told.values()] == [
        "mode at 0 lost",
        "mode at 0 lost",
        "mode at 0 comes and goes",
    ]
    spans = held(rule, range(0, 9000, 20), m=lambda t: 0.5 * (t % 1000 < 500))
    ends = [*range(1000, 9000, 1000), math.inf]
    assert spans == [(500 + 1000 * k + DEFAULTS.persist, end) for k, end in enumerate(ends)]


MASSES = {"m": 0.5, "n": 0.5}


def near_of(**figures: float | Callable[[int], float]) -> dict[str, Callable[[int], float]]:
    """Figures of a p_g that is p_data, but for some."""
    given = {"g_tv": 0.02, "g_w1": 0.01, "d_off": 0.01, "m": 0.5, "n": 0.5} | figures
    return {
        name: value if callable(value) else lambda t, value=value: value
        for name, value in given.items()
    }


NEARNESS = rule_of(nearness, MASSES)


def kinds(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> list[str]:
    """The kinds of what a rule says."""
    return [span.verdict.kind for span in spans(rule, steps, **series)]


def test_an_equilibrium_and_its_end() -> None:
    def tv(t: int) -> float:
        return 0.02 if t < 1000 else 0.1 if t < 2000 else 0.4

    found = spans(NEARNESS, range(0, 3000, 10), **near_of(g_tv=tv))
    assert [(span.verdict.short, span.start, span.end) for span in found] == [
        ("equilibrium: TV below 0.05", DEFAULTS.persist, 1000),
        ("p_g near p_data: TV below 0.15", 1000 + DEFAULTS.persist, 2000),
        ("p_g differs from p_data", 2000 + DEFAULTS.persist, math.inf),
    ]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"g_tv": 0.1}, ["near"]),
        ({"g_tv": 0.2}, ["near"]),
        ({"g_tv": 0.4}, ["differs"]),
        ({"g_tv": 0.9}, ["far"]),
        ({"g_tv": math.nan}, []),
        ({"g_w1": 0.4}, ["far"]),
        ({"d_off": 0.06}, ["near"]),
        ({"d_off": math.nan}, ["near"]),
        ({"m": 0.1}, []),
        ({"g_tv": 0.88, "g_w1": 0.01}, ["far"]),
    ],
)
def test_what_is_no_equilibrium(figures: dict[str, float], expected: list[str]) -> None:
    assert kinds(NEARNESS, range(0, 3000, 10), **near_of(**figures)) == expected


def test_d_has_to_be_known_for_an_equilibrium() -> None:
    unknown = near_of()
    del unknown["d_off"]
    assert kinds(NEARNESS, range(0, 3000, 10), **unknown) == ["near"]


def test_who_is_far_is_told_so_where_nothing_else_is_told() -> None:
    numbers = near_of(g_tv=0.9)
    lost = [Span(None, 1000, 2000)]  # type: ignore[arg-type]
    rule = rule_of(nearness, MASSES, lost)
    assert held(rule, range(0, 3000, 10), **numbers) == [(2000 + DEFAULTS.persist, math.inf)]


def test_mass_between_modes() -> None:
    rule = rule_of(between_modes, MASSES)
    numbers = {"m": lambda t: 0.5, "n": lambda t: 0.5}
    told = texts(rule, range(0, 2000, 20), g_between=lambda t: 0.4 * (t > 500), **numbers)
    assert told == {520 + DEFAULTS.persist: "samples between the modes: 40% more than of the data"}
    one = {"m": lambda t: 0.5, "n": lambda t: 0.0}
    warm = DEFAULTS.warm_up + DEFAULTS.persist
    assert said(rule, range(0, 3000, 20), g_between=lambda t: 0.4, **one) == [warm]


@pytest.mark.parametrize(
    ("shares", "spread", "short"),
    [
        ({"m": 0.5, "n": 0.0}, 0.3, "mode collapse: modes that G makes hold 50% of the data"),
        ({"m": 0.5, "n": 0.2}, 0.1, None),
        ({"m": 0.0}, 0.1, "mode collapse: samples spread 0.10 times as far as the data"),
        ({"m": 0.0, "n": 0.0}, 0.1, "mode collapse: samples spread 0.10 times as far as the data"),
        ({"m": 0.0, "n": 0.0}, 0.9, None),
    ],
)
def test_a_collapse_is_told_by_modes_where_some_are_made(
    shares: dict[str, float], spread: float, short: str | None
) -> None:
    rule = rule_of(collapsed_outputs, MASSES)
    numbers = {name: lambda t, share=share: share for name, share in shares.items()}
    told = texts(rule, range(0, 3000, 20), g_spread=lambda t: spread, **numbers)
    assert [*told.values()] == ([] if short is None else [short])


def test_a_collapse_goes_on_while_it_moves_from_mode_to_mode() -> None:
    """In the left mode, between the two, in the right one."""
    rule = rule_of(collapsed_outputs, MASSES)
    place = {"m": lambda t: 0.5 * (t % 150 < 50), "n": lambda t: 0.5 * (t % 150 >= 100)}
    found = held(rule, range(0, 2000, 10), g_spread=lambda t: 0.1, **place)
    assert found == [(DEFAULTS.warm_up + DEFAULTS.persist, math.inf)]


@pytest.mark.parametrize(
    ("name", "sure"), [("minimax", 0.0404), ("lsgan", 0.0004), ("hinge", 0.08), ("wgan", None)]
)
def test_a_low_loss_is_one_for_the_objective(name: str, sure: float | None) -> None:
    t = thresholds_of({"objective": describe_objective(OBJECTIVES[name]())})

    def rule(series: Series) -> list[Span]:
        return low_discriminator_loss(series, t)

    low = [said(rule, range(1, 1000), d_loss=lambda t, loss=loss: loss) for loss in (0.039, 0.0003)]
    expected = [sure is not None and loss < sure for loss in (0.039, 0.0003)]
    assert [bool(steps) for steps in low] == expected


@pytest.mark.parametrize(
    "header", [{}, {"objective": 3}, {"objective": {"d_loss_at": 3}}, {"objective": {"name": "a"}}]
)
def test_of_an_unknown_objective_the_lowest_loss_counts(header: dict[str, Any]) -> None:
    lowest = OBJECTIVES["lsgan"]().d_loss_at(0.98)
    assert thresholds_of(header).low_loss == pytest.approx(lowest, rel=1e-5)


@settings(max_examples=30)
@given(period=st.integers(20, 400), size=st.floats(0.2, 3), phase=st.floats(0, 6))
def test_a_sine_oscillates(period: int, size: float, phase: float) -> None:
    rule = SWINGING_CENTRE

    def wave(t: int) -> float:
        rests = t >= 8 * period
        return 0.0 if rests else size / 2 * math.sin(phase + 2 * math.pi * t / period)

    ((step, end),) = held(rule, range(8 * period), g_centre=wave)
    assert 3.5 * period <= step <= 6 * period
    assert end == math.inf
    ((again, end),) = held(rule, range(12 * period), g_centre=wave)
    assert again == step
    assert 8 * period < end < 12 * period


def turns(values: list[float], least: float, relative: bool) -> Iterator[tuple[int, int]]:
    """The turning points, number by number."""
    place, extreme, direction = 0, math.nan, 1
    for index, value in enumerate(values):
        back = (extreme - value) * direction
        if index == 0 or back <= 0:
            place, extreme = index, value
        elif back >= (least * abs(value + extreme) / 2 if relative else least):
            yield place, index
            place, extreme, direction = index, value, -direction


@given(st.integers(0, 10**6), st.integers(0, 900), st.floats(0.02, 3), st.booleans())
def test_turning_points_are_found_as_one_by_one(
    seed: int, count: int, least: float, relative: bool
) -> None:
    steps = np.random.default_rng(seed).integers(-3, 4, count) / 10
    values = np.abs(np.cumsum(steps) + 1) if relative else np.cumsum(steps)  # with many ties
    expected = [*turns(values.tolist(), least, relative)]
    assert [*_turning_points(values, least, relative)] == expected


def test_a_sine_is_described() -> None:
    told = texts(SWINGING_CENTRE, range(2000), g_centre=lambda t: math.sin(2 * math.pi * t / 200))
    assert [*told.values()] == [
        "oscillation: the middle of G's outputs, in widths of the data, swings by 2 every 200 steps"
    ]


def test_a_loss_that_swings_is_seen_through_noise() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, 6000)
    rule = SWINGING_LOSS
    assert len(said(rule, range(6000), g_loss=lambda t: 3 + math.sin(t / 60) + noise[t])) == 1


def test_a_critics_loss_has_no_level_to_swing_about() -> None:
    rule = SWINGING_LOSS
    assert said(rule, range(6000), g_loss=lambda t: 0.5 + math.sin(t / 60)) == []


@pytest.mark.parametrize(
    "wave",
    [
        lambda t: math.exp(-t / 300) * math.sin(t / 30),
        lambda t: 0.04 * math.sin(t / 30),
        lambda t: t / 100,
        lambda t: math.sin((t / 100) ** 2.5 / 20),
    ],
)
def test_what_fades_or_is_small_or_speeds_up_is_no_oscillation(
    wave: Callable[[int], float],
) -> None:
    rule = SWINGING_CENTRE
    assert said(rule, range(1200), g_centre=wave) == []


@pytest.mark.parametrize("memory", [1, 5, 20, 100])
def test_noise_is_no_oscillation(memory: int) -> None:
    kept = math.exp(-1 / memory)
    for seed in range(3):
        white = np.random.default_rng(seed).normal(size=5000)
        noise = lfilter([math.sqrt(1 - kept**2)], [1, -kept], white)
        loss = (2 * np.exp(0.4 * noise)).tolist()
        rule = SWINGING_LOSS
        assert said(rule, range(5000), g_loss=loss.__getitem__) == []


def test_rules_are_silent_without_their_numbers() -> None:
    assert judge({}, target("bimodal").modes) == []


def test_rules_go_by_the_series_that_they_name() -> None:
    asked: set[str] = set()

    class Asked(dict[str, Scalars]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return default

    modes = target("trimodal").modes
    judge(Asked(), modes)
    assert asked == series_names(modes)


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("trimodal", ["-3", "0", "3"]),
        ("0.5*norm(1000001.5, 0.2) + 0.5*norm(1000003, 0.2)", ["1000001.5", "1000003"]),
        ("0.5*norm(0.0012, 0.0001) + 0.5*norm(0.002, 0.0001)", ["0.0012", "0.002"]),
    ],
)
def test_modes_are_told_apart_by_few_digits(data: str, places: list[str]) -> None:
    modes = target(data).modes
    missing = Scalars(np.array([0, 1900, 5000, 6000]), np.zeros(4))
    spans = judge({f"g_mode_{k + 1}": missing for k in range(len(modes))}, modes)
    assert [span.start for span in spans] == [1900] * len(places)  # its first chance to be known
    assert [span.verdict.text.split()[2] for span in spans] == places

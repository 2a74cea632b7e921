"""The rules on numbers invented so that one knows what is wrong, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from gan_viz.diagnostics.rules import (
    BLOCK,
    DEFAULTS,
    Series,
    Span,
    certain_discriminator,
    collapse,
    equilibrium,
    judge,
    lost_mode,
    low_discriminator_loss,
    moving_average,
    not_finite,
    oscillation,
    series_names,
    stretches,
    vanished_gradient,
)
from gan_viz.distributions import target
from gan_viz.recording import Scalars

Rule: TypeAlias = Callable[[Series], list[Span]]


def rule_of(function: Callable[..., list[Span]], *arguments: Any) -> Rule:
    """A rule with the usual thresholds."""
    return lambda series: function(series, DEFAULTS, *arguments)


CERTAIN, LOW_LOSS = rule_of(certain_discriminator), rule_of(low_discriminator_loss)
VANISHED = rule_of(vanished_gradient)
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
    # the average falls from 0.5 to 0.005 + 0.015 in DEFAULTS.smoothing * log(0.495 / 0.015) steps
    assert steps == [pytest.approx(1000 + DEFAULTS.smoothing * math.log(33) + DEFAULTS.hold, abs=2)]


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


NAMES = pytest.mark.parametrize("name", ["g_diversity", "g_coverage", "g_spread"])


@NAMES
def test_a_collapse_after_learning_is_seen_before_the_warm_up_ends(name: str) -> None:
    steps = said(
        rule_of(collapse, name), range(0, 1200, 20), **{name: lambda t: 0.9 if t < 500 else 0.1}
    )
    assert steps == [500 + DEFAULTS.hold]


@NAMES
def test_who_never_learnt_gets_time(name: str) -> None:
    assert said(rule_of(collapse, name), range(0, 4000, 20), **{name: lambda t: 0.1}) == [
        DEFAULTS.warm_up + DEFAULTS.hold
    ]
    slow = {name: lambda t: 0.1 if t < DEFAULTS.warm_up else 0.9}
    assert said(rule_of(collapse, name), range(0, 4000, 20), **slow) == []


@NAMES
def test_figures_that_say_more_are_listened_to(name: str) -> None:
    rule = rule_of(collapse, name, ["more"])
    assert said(rule, range(0, 4000, 20), **{name: lambda t: 0.1, "more": lambda t: 1.0}) == []


@NAMES
def test_few_frames_far_apart_do_not_suffice(name: str) -> None:
    assert said(rule_of(collapse, name), [0, 5000, 10_000], **{name: lambda t: 0.1}) == []
    assert said(rule_of(collapse, name), [5000, 6000, 7000, 8000], **{name: lambda t: 0.1}) == [
        7000
    ]


def test_a_collapse_ends_when_samples_are_diverse_again() -> None:
    figure = {"g_diversity": lambda t: 0.1 if t % 1000 < 500 else 0.9}
    assert said(rule_of(collapse, "g_diversity"), range(0, 4000, 10), **figure) == [
        1000 * k + DEFAULTS.hold for k in range(1, 4)
    ]


def test_a_lost_mode_is_told_when_it_has_been_gone_for_long_enough() -> None:
    rule = rule_of(lost_mode, "m", "1.5", 0.4)
    gone = {"m": lambda t: 0.4 if t < 500 or t >= 1200 else 0.05}
    assert held(rule, range(0, 1200, 20), **gone) == [(500 + DEFAULTS.hold, math.inf)]
    assert held(rule, range(0, 2000, 20), **gone) == [(500 + DEFAULTS.hold, 1200)]


@pytest.mark.parametrize("share", [0.09, 0.2, math.nan])
def test_a_thin_mode_is_not_lost(share: float) -> None:
    thin = {"m": lambda t: 0.4 if t < 500 else share}
    assert said(rule_of(lost_mode, "m", "1.5", 0.4), range(0, 3000, 20), **thin) == []


def test_a_mode_that_was_never_there_is_not_found() -> None:
    rule = rule_of(lost_mode, "m", "1.5", 0.4)
    assert texts(rule, range(0, 4000, 20), m=lambda t: 0.0) == {
        DEFAULTS.warm_up + DEFAULTS.hold: (
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
    assert spans == [(700, 1000), (1700, 2000), (2700, math.inf)]


def test_an_equilibrium_and_its_end() -> None:
    rule = rule_of(equilibrium, {})
    near = {"g_w1": lambda t: 0.03 if t < 1000 else 0.07 if t < 2000 else 0.3}
    assert held(rule, range(0, 2000, 10), **near) == [(DEFAULTS.hold, math.inf)]
    assert held(rule, range(0, 3000, 10), **near) == [(DEFAULTS.hold, 2000)]


def test_an_equilibrium_takes_an_even_d() -> None:
    d = {"d_real": lambda t: 0.55, "d_fake": lambda t: 0.5 if t > 1000 else 0.3}
    steps = said(rule_of(equilibrium, {}), range(3000), g_w1=lambda t: 0.03, **d)
    # the mean rises from 0.3 to 0.4 in DEFAULTS.smoothing * log(2) steps
    assert steps == [pytest.approx(1000 + DEFAULTS.smoothing * math.log(2) + DEFAULTS.hold, abs=2)]


@pytest.mark.parametrize(
    "series",
    [
        {"g_w1": 0.06},
        {"g_w1": math.nan},
        {"g_w1": 0.03, "m": 0.1},
        {"g_w1": 0.03, "d_real": 0.65, "d_fake": 0.45},
        {"d_real": 0.5, "d_fake": 0.5},
    ],
)
def test_what_is_no_equilibrium(series: dict[str, float]) -> None:
    functions = {name: lambda t, value=value: value for name, value in series.items()}
    assert said(rule_of(equilibrium, {"m": 0.5}), range(0, 2000, 10), **functions) == []


def test_a_critic_need_not_be_even() -> None:
    critic = {"d_real": lambda t: 1.5, "d_fake": lambda t: 0.9}
    assert said(rule_of(equilibrium, {}), range(0, 2000, 10), g_w1=lambda t: 0.03, **critic) == [
        DEFAULTS.hold
    ]


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
    assert [span.start for span in spans] == [6000] * len(places)
    assert [span.verdict.text.split()[2] for span in spans] == places

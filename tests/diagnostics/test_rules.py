"""The rules on numbers invented so that one knows what is wrong, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from gan_viz.diagnostics.rules import (
    DEFAULTS,
    Average,
    Collapse,
    DiscriminatorCertain,
    DiscriminatorLossLow,
    Equilibrium,
    Learned,
    LostMode,
    NotFinite,
    Oscillation,
    Rule,
    Stretch,
    VanishedGradient,
    all_rules,
)
from gan_viz.distributions import target
from gan_viz.recording import Scalars


def texts(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> dict[int, str]:
    """What a rule says of some more steps, in chunks of 77."""
    at = np.array([*steps])
    known = len(rule.spans)
    for part in np.split(at, range(77, len(at), 77)):
        chunk = {
            name: Scalars(part, np.array([value(step) for step in part.tolist()], np.float64))
            for name, value in series.items()
        }
        rule.add(chunk)
    new = [span.verdict for span in rule.spans[known:]]
    return {one.step: one.text.removesuffix(f" (step {one.step})") for one in new}


def said(rule: Rule, steps: Iterable[int], **series: Callable[[int], float]) -> list[int]:
    """The steps at which a rule speaks up."""
    return [*texts(rule, steps, **series)]


def followed(average: Average, steps: Iterable[int], values: Iterable[float]) -> list[float]:
    """The average at each step, taken in one by one."""
    pairs = zip(steps, values, strict=True)
    return [average.add(np.array([step]), [value]).item() for step, value in pairs]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=400), st.floats(1, 50))
def test_average_is_scipys_filter(values: list[float], constant: float) -> None:
    kept = math.exp(-1 / constant)
    start = [kept * values[0]]
    oracle, _ = lfilter([1 - kept], [1, -kept], values, zi=start)
    steps = np.arange(len(values))
    np.testing.assert_allclose(Average(constant).add(steps, values), oracle, atol=1e-9)
    np.testing.assert_allclose(followed(Average(constant), steps, values), oracle, atol=1e-9)


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
    np.testing.assert_allclose(Average(constant).add(steps, values), oracle, atol=1e-9)


@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(1, 100))
def test_average_of_a_number_that_stays_does_not_depend_on_gaps(
    first: float, then: float, gap: int
) -> None:
    once = followed(Average(30), [0, gap], [first, then])[-1]
    often = Average(30).add(np.arange(gap + 1), [first] + [then] * gap)[-1]
    assert once == pytest.approx(often, abs=1e-9)


@given(st.floats(-1e9, 1e9), st.integers(1, 300))
def test_average_of_equal_numbers_is_that_number(number: float, count: int) -> None:
    assert (Average(100).add(np.arange(count), np.full(count, number)) == number).all()


def test_average_passes_over_what_is_not_finite() -> None:
    average = Average(10)
    means = average.add(np.arange(4), [math.nan, 3.0, math.inf, 3.0])
    np.testing.assert_array_equal(means, [math.nan, 3.0, 3.0, 3.0])
    assert average.add(np.array([4]), [math.nan]).tolist() == [3.0]
    assert average.add(np.array([5]), [4.0]).item() == pytest.approx(4 - math.exp(-2 / 10))


@given(
    st.lists(st.sampled_from("wrn"), max_size=60),
    st.integers(0, 10),
    st.integers(1, 5),
    st.integers(0, 60),
)
def test_stretch_is_told_once_for_each_time(
    states: list[str], hold: int, least: int, cut: int
) -> None:
    expected, told, run = [], False, 0
    for step, state in enumerate(states):
        run = run + 1 if state == "w" else 0
        if told and state == "r":
            expected.append((step, False))
            told = False
        if not told and run >= least and run > hold:
            expected.append((step, True))
            told = True
    steps, flags = np.arange(len(states)), np.array(states, "U1")
    stretch, found = Stretch(hold, least), []
    for part in (slice(0, cut), slice(cut, None)):
        events = stretch.add(steps[part], flags[part] == "w", flags[part] == "r")
        found += [(steps[part].item(index), begins) for index, begins in events]
    assert found == expected


@given(st.lists(st.booleans(), max_size=30), st.integers(2, 5), st.integers(0, 30))
def test_what_was_fine_several_times_in_a_row_is_learned(
    fine: list[bool], times: int, cut: int
) -> None:
    runs = ["".join("01"[flag] for flag in fine[: end + 1]) for end in range(len(fine))]
    learned, flags = Learned(times), np.array(fine, np.bool_)
    found = [*learned.add(flags[:cut]).tolist(), *learned.add(flags[cut:]).tolist()]
    assert found == ["1" * times in run for run in runs]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["d_loss", "g_loss", "g_diversity", "g_spread"])
def test_not_finite_is_said_once_and_at_once(bad: float, name: str) -> None:
    assert said(NotFinite(), range(1, 50), **{name: lambda t: bad if t >= 7 else 1.0}) == [7]
    text = texts(NotFinite(), [3], d_loss=lambda t: bad, g_loss=lambda t: 1.0)
    assert text == {3: f"D's loss is {bad:g}"}


def falling(t: int) -> float:
    """From 0.5 at once to 0.005 after step 1000."""
    return 0.5 if t < 1000 else 0.005


def test_an_overpowering_d() -> None:
    steps = said(
        DiscriminatorCertain(),
        range(1, 3000),
        d_real=lambda t: 1 - falling(t),
        d_fake=lambda t: falling(t),
    )
    # the average falls from 0.5 to 0.005 + 0.015 in DEFAULTS.smoothing * log(0.495 / 0.015) steps
    assert steps == [pytest.approx(1000 + DEFAULTS.smoothing * math.log(33) + DEFAULTS.hold, abs=2)]


def test_an_overpowering_d_by_its_loss() -> None:
    steps = said(
        DiscriminatorLossLow(), range(1, 3000), d_loss=lambda t: 1.4 if t < 1000 else 0.001
    )
    assert steps == [
        pytest.approx(1000 + DEFAULTS.smoothing * math.log(1.4 / 0.039) + DEFAULTS.hold, abs=5)
    ]


def test_g_recovers_and_loses_again() -> None:
    """Twice overpowered, with a time between in which it is even."""

    def d_fake(t: int) -> float:
        return 0.5 if t % 4000 < 2000 else 0.0

    assert len(said(DiscriminatorCertain(), range(8000), d_real=lambda t: 1.0, d_fake=d_fake)) == 2
    assert len(said(DiscriminatorLossLow(), range(8000), d_loss=d_fake)) == 2


def test_swinging_around_the_threshold_is_said_once() -> None:
    steps = said(
        DiscriminatorCertain(),
        range(1, 9000),
        d_real=lambda t: 1.0,
        d_fake=lambda t: 0.015 if t % 2000 < 1000 else 0.04,
    )
    assert len(steps) == 1


@pytest.mark.parametrize(
    ("rule", "series"),
    [
        (DiscriminatorCertain(), {"d_real": lambda t: 0.9, "d_fake": lambda t: 0.08}),
        (DiscriminatorCertain(), {"d_real": lambda t: 0.99, "d_fake": lambda t: 0.3}),
        (
            DiscriminatorCertain(),
            {"d_real": lambda t: 40.0 if t == 5 else 0.99, "d_fake": lambda t: 0.01},
        ),
        (DiscriminatorCertain(), {"d_real": lambda t: 1.0}),
        (DiscriminatorLossLow(), {"d_loss": lambda t: -30.0 if t < 3 else 0.0}),
        (DiscriminatorLossLow(), {"d_loss": lambda t: 0.01, "d_real": lambda t: 0.8}),
        (DiscriminatorLossLow(), {"d_loss": lambda t: 0.01 if t % 150 else 30.0}),
    ],
)
def test_a_d_that_does_not_overpower(rule: Rule, series: dict[str, Callable[[int], float]]) -> None:
    assert said(rule, range(1, 3000), **series) == []


def test_a_gradient_that_vanishes_and_comes_back() -> None:
    def norm(t: int) -> float:
        return 1e-5 if 500 <= t < 2500 or t >= 4000 else 3.0

    every_tenth = said(VanishedGradient(), range(10, 6000, 10), g_grad_norm=norm)
    assert len(every_tenth) == 2
    wait = DEFAULTS.smoothing * math.log(1 / (1e-3 - 1e-5 / 3)) + DEFAULTS.hold
    assert every_tenth[0] == pytest.approx(500 + wait, abs=20)
    assert said(VanishedGradient(), range(1, 6000), g_grad_norm=lambda t: 3.0 / t**0.5) == []


NAMES = pytest.mark.parametrize("name", ["g_diversity", "g_coverage", "g_spread"])


@NAMES
def test_a_collapse_after_learning_is_seen_before_the_warm_up_ends(name: str) -> None:
    steps = said(Collapse(name), range(0, 1200, 20), **{name: lambda t: 0.9 if t < 500 else 0.1})
    assert steps == [500 + DEFAULTS.hold]


@NAMES
def test_who_never_learnt_gets_time(name: str) -> None:
    assert said(Collapse(name), range(0, 4000, 20), **{name: lambda t: 0.1}) == [
        DEFAULTS.warm_up + DEFAULTS.hold
    ]
    slow = {name: lambda t: 0.1 if t < DEFAULTS.warm_up else 0.9}
    assert said(Collapse(name), range(0, 4000, 20), **slow) == []


@NAMES
def test_figures_that_say_more_are_listened_to(name: str) -> None:
    rule = Collapse(name, ["more"])
    assert said(rule, range(0, 4000, 20), **{name: lambda t: 0.1, "more": lambda t: 1.0}) == []


@NAMES
def test_few_frames_far_apart_do_not_suffice(name: str) -> None:
    assert said(Collapse(name), [0, 5000, 10_000], **{name: lambda t: 0.1}) == []
    assert said(Collapse(name), [5000, 6000, 7000, 8000], **{name: lambda t: 0.1}) == [7000]


def test_a_collapse_ends_when_samples_are_diverse_again() -> None:
    figure = {"g_diversity": lambda t: 0.1 if t % 1000 < 500 else 0.9}
    assert said(Collapse("g_diversity"), range(0, 4000, 10), **figure) == [
        1000 * k + DEFAULTS.hold for k in range(1, 4)
    ]


def test_a_lost_mode_is_told_when_it_has_been_gone_for_long_enough() -> None:
    rule = LostMode("m", "1.5", 0.4)
    gone = {"m": lambda t: 0.4 if t < 500 or t >= 1200 else 0.05}
    assert said(rule, range(0, 1100, 20), **gone) == [500 + DEFAULTS.hold]
    assert rule.holds
    assert said(rule, range(1200, 2000, 20), **gone) == []
    assert not rule.holds


@pytest.mark.parametrize("share", [0.09, 0.2, math.nan])
def test_a_thin_mode_is_not_lost(share: float) -> None:
    thin = {"m": lambda t: 0.4 if t < 500 else share}
    assert said(LostMode("m", "1.5", 0.4), range(0, 3000, 20), **thin) == []


def test_a_mode_that_was_never_there_is_not_found() -> None:
    rule = LostMode("m", "1.5", 0.4)
    assert texts(rule, range(0, 4000, 20), m=lambda t: 0.0) == {
        DEFAULTS.warm_up + DEFAULTS.hold: (
            "mode at 1.5 not found: 0% of the samples, 40% of the data"
        )
    }


def test_a_mode_that_comes_and_goes_is_told_three_times() -> None:
    rule = LostMode("m", "0", 0.5)
    told = texts(rule, range(0, 9000, 20), m=lambda t: 0.5 * (t % 1000 < 500))
    assert [text.partition(":")[0] for text in told.values()] == [
        "mode at 0 lost",
        "mode at 0 lost",
        "mode at 0 comes and goes",
    ]
    assert rule.holds


def test_an_equilibrium_and_its_end() -> None:
    rule = Equilibrium()
    near = {"g_w1": lambda t: 0.03 if t < 1000 else 0.07 if t < 2000 else 0.3}
    assert said(rule, range(0, 1990, 10), **near) == [DEFAULTS.hold]
    assert rule.holds
    assert said(rule, range(2000, 3000, 10), **near) == []
    assert not rule.holds


def test_an_equilibrium_takes_an_even_d() -> None:
    d = {"d_real": lambda t: 0.55, "d_fake": lambda t: 0.5 if t > 1000 else 0.3}
    steps = said(Equilibrium(), range(3000), g_w1=lambda t: 0.03, **d)
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
    assert said(Equilibrium({"m": 0.5}), range(0, 2000, 10), **functions) == []


def test_a_critic_need_not_be_even() -> None:
    critic = {"d_real": lambda t: 1.5, "d_fake": lambda t: 0.9}
    assert said(Equilibrium(), range(0, 2000, 10), g_w1=lambda t: 0.03, **critic) == [DEFAULTS.hold]


@settings(max_examples=30)
@given(period=st.integers(20, 400), size=st.floats(0.2, 3), phase=st.floats(0, 6))
def test_a_sine_oscillates(period: int, size: float, phase: float) -> None:
    rule = Oscillation("g_centre")
    wave = {"g_centre": lambda t: size / 2 * math.sin(phase + 2 * math.pi * t / period)}
    steps = said(rule, range(8 * period), **wave)
    assert len(steps) == 1
    assert 3.5 * period <= steps[0] <= 6 * period
    assert rule.holds
    said(rule, range(8 * period, 12 * period), g_centre=lambda t: 0.0)
    assert not rule.holds


def test_a_sine_is_described() -> None:
    told = texts(
        Oscillation("g_centre"), range(2000), g_centre=lambda t: math.sin(2 * math.pi * t / 200)
    )
    assert [*told.values()] == [
        "oscillation: the middle of G's outputs, in widths of the data, swings by 2 every 200 steps"
    ]


def test_a_loss_that_swings_is_seen_through_noise() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, 6000)
    rule = Oscillation("g_loss")
    assert len(said(rule, range(6000), g_loss=lambda t: 3 + math.sin(t / 60) + noise[t])) == 1


def test_a_critics_loss_has_no_level_to_swing_about() -> None:
    rule = Oscillation("g_loss")
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
    rule = Oscillation("g_centre")
    assert said(rule, range(1200), g_centre=wave) == []


@pytest.mark.parametrize("memory", [1, 5, 20, 100])
def test_noise_is_no_oscillation(memory: int) -> None:
    kept = math.exp(-1 / memory)
    for seed in range(3):
        white = np.random.default_rng(seed).normal(size=5000)
        noise = lfilter([math.sqrt(1 - kept**2)], [1, -kept], white)
        loss = (2 * np.exp(0.4 * noise)).tolist()
        rule = Oscillation("g_loss")
        assert said(rule, range(5000), g_loss=loss.__getitem__) == []


def test_rules_are_silent_without_their_numbers() -> None:
    for rule in all_rules(target("bimodal").modes):
        assert texts(rule, [1]) == {}
        assert not rule.holds


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("trimodal", ["-3", "0", "3"]),
        ("0.5*norm(1000001.5, 0.2) + 0.5*norm(1000003, 0.2)", ["1000001.5", "1000003"]),
        ("0.5*norm(0.0012, 0.0001) + 0.5*norm(0.002, 0.0001)", ["0.0012", "0.002"]),
    ],
)
def test_modes_are_told_apart_by_few_digits(data: str, places: list[str]) -> None:
    rules = [rule for rule in all_rules(target(data).modes) if rule.kind == "lost-mode"]
    steps = [0, 1900, 5000, 6000]
    told = [texts(rule, steps, **{rule.names[0]: lambda t: 0.0}) for rule in rules]
    assert [(*one,) for one in told] == [(6000,)] * len(places)
    assert [one[6000].split()[2] for one in told] == places

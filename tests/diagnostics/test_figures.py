"""Figures of health against what they mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit

from gan_viz.diagnostics import HealthFigures
from gan_viz.diagnostics.rules import DEFAULTS
from gan_viz.distributions import target

Q = (np.arange(2001) + 0.5) / 2001


@given(st.floats(0.05, 5), st.floats(-5, 5))
def test_a_scaled_and_shifted_normal(scale: float, shift: float) -> None:
    outputs = stats.norm(2 + shift, 3 * scale).ppf(Q)
    figures = HealthFigures(target("norm(2, 3)")).of({"generator": outputs})
    width = 6 * stats.norm.ppf(0.9)
    assert figures["g_spread"] == pytest.approx(scale, rel=1e-3)
    assert figures["g_centre"] == pytest.approx(shift / width, abs=1e-9)


def test_one_of_two_modes_is_a_small_part_of_the_spread() -> None:
    outputs = stats.norm(-2, 0.5).ppf(Q)
    learnt = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)")
    assert HealthFigures(learnt).of({"generator": outputs})["g_spread"] < DEFAULTS.spread[0]


@settings(max_examples=20)
@given(st.floats(0.1, 3), st.floats(-2, 2))
def test_distance_is_scipys(scale: float, shift: float) -> None:
    outputs = stats.norm(2 + shift, 3 * scale).ppf(Q)
    figure = HealthFigures(target("norm(2, 3)")).of({"generator": outputs})["g_w1"]
    oracle = stats.wasserstein_distance(outputs, stats.norm(2, 3).ppf(Q)) / 3
    assert figure == pytest.approx(oracle, abs=4e-3)


@pytest.mark.parametrize("count", [99, 100, 255])
def test_distance_takes_enough_outputs(count: int) -> None:
    q = (np.arange(count) + 0.5) / count
    figures = HealthFigures(target("norm(0, 1)")).of({"generator": stats.norm.ppf(q)})
    assert figures.get("g_w1", 0.0) == pytest.approx(0.0, abs=0.01)
    assert ("g_w1" in figures) == (count >= 100)


def test_shares_of_modes_are_counts() -> None:
    health = HealthFigures(target("0.02*norm(-9, 0.5) + 0.38*norm(-3, 0.5) + 0.6*norm(3, 0.5)"))
    outputs = np.concatenate([np.full(90, -2.5), np.full(150, 4.0), [-9.0] * 10])
    figures = health.of({"generator": outputs})
    assert len(health.modes) == 3
    # of 250 outputs, 5 are due in the first mode: too few to say
    assert {name: figures[name] for name in figures if "mode" in name} == {
        "g_mode_2": 0.36,
        "g_mode_3": 0.6,
    }


def test_one_mode_or_many_are_not_watched_one_by_one() -> None:
    comb = " + ".join(f"0.1*norm({4 * k}, 0.3)" for k in range(10))
    assert HealthFigures(target("norm(0, 1)")).modes == HealthFigures(target(comb)).modes == ()


@settings(max_examples=20)
@given(st.floats(-2, 2), st.floats(-1, 1), st.floats(-1, 1))
def test_mean_outputs_of_d(slope: float, offset: float, mean: float) -> None:
    x = np.linspace(-9, 9, 901)
    health = HealthFigures(target("norm(1, 1)"), x=x)
    outputs = stats.norm(mean, 0.5).ppf(Q)
    figures = health.of({"generator": outputs, "discriminator": slope * x + offset})
    d = expit(slope * outputs + offset)
    real = expit(slope * stats.norm(1, 1).ppf(Q) + offset)
    assert figures["d_fake"] == pytest.approx(d.mean(), abs=1e-4)
    assert figures["d_real"] == pytest.approx(real.mean(), abs=1e-3)


def test_what_d_says_beyond_x_is_not_known() -> None:
    health = HealthFigures(target("norm(0, 1)"), x=np.linspace(-3, 3, 61))
    assert "d_fake" not in health.of({"generator": np.full(99, 9.0), "discriminator": np.zeros(61)})


def test_diversity_is_relative_to_the_data() -> None:
    real = np.random.default_rng(0).integers(0, 200, (20, 8, 8))
    figures = HealthFigures(real=real).of({"samples": (real // 2).astype(np.uint8)})
    assert figures == {"g_diversity": pytest.approx(0.5, abs=0.01)}


def test_coverage_is_a_share() -> None:
    assert HealthFigures().of({"class_counts": np.array([5, 0, 5, 0])}) == {"g_coverage": 0.5}


@pytest.mark.parametrize(
    ("health", "arrays"),
    [
        (HealthFigures(), {"samples": np.ones((4, 2)), "generator": np.ones(4)}),
        (HealthFigures(real=np.ones((4, 2))), {"samples": np.eye(4)}),
        (HealthFigures(real=np.eye(4)), {"samples": np.eye(4)[:1]}),
        (HealthFigures(target("norm(0, 1)")), {"generator": np.empty(0)}),
        (HealthFigures(), {"class_counts": np.zeros(3, np.int32)}),
        (HealthFigures(target("norm(0, 1)"), np.eye(4)), {}),
    ],
)
def test_only_what_can_be_measured(health: HealthFigures, arrays: dict[str, np.ndarray]) -> None:
    assert health.of(arrays) == {}


def test_outputs_that_are_not_finite_show() -> None:
    bad = np.array([[0.0], [np.inf]])
    figures = HealthFigures(target("norm(0, 1)"), np.eye(2)).of(
        {"generator": bad[:, 0], "samples": bad}
    )
    assert sorted(figures) == ["g_centre", "g_diversity", "g_spread"]
    assert all(math.isnan(value) for value in figures.values())

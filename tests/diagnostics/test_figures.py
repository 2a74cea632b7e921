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
from gan_viz.diagnostics.thresholds import DEFAULTS
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
    bulk = slice(20, -20)  # the middle 98 %
    oracle = stats.wasserstein_distance(outputs[bulk], stats.norm(2, 3).ppf(Q[bulk])) / 3
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
    outputs = np.append(outputs[:-10], [0.0] * 10)  # between the second and the third
    figures = health.of({"generator": outputs})
    assert len(health.modes) == 3
    # of 250 outputs, 5 are due in the first mode: too few to say
    shares = {name: figures[name] for name in figures if "mode" in name}
    assert shares == pytest.approx({"g_mode_2": 0.36, "g_mode_3": 0.6})
    assert figures["g_between"] == pytest.approx(0.04, abs=3e-3)


def test_one_mode_is_not_watched_but_ten_are() -> None:
    comb = " + ".join(f"0.1*norm({4 * k}, 0.3)" for k in range(10))
    assert HealthFigures(target("norm(0, 1)")).modes == ()
    assert len(HealthFigures(target(comb)).modes) == 10


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
    counts = {"class_counts": np.array([5, 0, 5, 0])}
    assert HealthFigures().of(counts) == {"g_coverage": 0.5}
    assert HealthFigures(classified=100).of(counts) == {"g_coverage": 0.0}
    assert HealthFigures(classified=9).of({"class_counts": np.zeros(4)}) == {"g_coverage": 0.0}


ORDERED = np.full(2001, 1 / 2001)


@settings(max_examples=20)
@given(st.floats(0.3, 3), st.floats(-2, 2))
def test_total_variation_is_that_of_the_densities(scale: float, shift: float) -> None:
    health = HealthFigures(target("norm(2, 3)"), weights=ORDERED)
    outputs = stats.norm(2 + shift, 3 * scale).ppf(Q)
    x = np.linspace(-60, 60, 60_001)
    difference = stats.norm(2 + shift, 3 * scale).pdf(x) - stats.norm(2, 3).pdf(x)
    oracle = np.abs(difference).sum() * (x[1] - x[0]) / 2
    found = health.of({"generator": outputs})["g_tv"]
    assert found == pytest.approx(oracle, abs=0.01)
    mirrored = stats.norm(2 - shift, 3 * scale).ppf(1 - Q)  # G may fall as well as rise
    assert health.of({"generator": mirrored})["g_tv"] == pytest.approx(oracle, abs=0.01)


@pytest.mark.parametrize("fold", [1, 3, 20])
def test_a_g_that_folds_has_the_density_of_all_branches(fold: int) -> None:
    """Up and down through the data, `fold` times: p_g is p_data."""
    triangle = np.abs((Q * fold) % 2 - 1)
    outputs = stats.norm(2, 3).ppf(triangle.clip(1e-4, 1 - 1e-4))
    health = HealthFigures(target("norm(2, 3)"), weights=ORDERED)
    assert health.of({"generator": outputs})["g_tv"] < 0.03


def test_chance_is_left_out_of_what_samples_say() -> None:
    random = np.random.default_rng(0)
    health = HealthFigures(target("norm(2, 3)"))
    drawn = random.normal(2, 3, (200, 1024))
    assert np.median(health.of_frames({"generator": drawn})["g_tv"]) < 0.03
    moved = health.of_frames({"generator": drawn + 3})["g_tv"]
    assert np.median(moved) == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=0.03)
    assert "g_tv" not in health.of({"generator": drawn[0, :200]})
    few = HealthFigures(target(drawn[0, :200]), weights=np.full(1024, 1 / 1024))
    assert "g_tv" not in few.of({"generator": drawn[1]})


def test_tied_values_are_a_case_of_their_own() -> None:
    """A G that makes the very whole numbers of the data makes the data."""
    values = np.random.default_rng(0).poisson(4, 5000).astype(float)
    health = HealthFigures(target(values), weights=np.full(1024, 1 / 1024))
    q = (np.arange(1024) + 0.5) / 1024
    assert health.of({"generator": stats.poisson(4).ppf(q)})["g_tv"] < 0.05
    assert health.of({"generator": stats.poisson(7).ppf(q)})["g_tv"] > 0.4


def test_frames_are_measured_as_each_alone() -> None:
    random = np.random.default_rng(0)
    two = target("0.3*norm(-2, 0.5) + 0.7*norm(2, 0.5)")
    x = np.linspace(-6, 6, 99)
    health = HealthFigures(two, x=x, weights=np.full(300, 1 / 300))
    frames = {
        "generator": random.normal(0, 2, (5, 300)),
        "discriminator": random.normal(size=(5, 99)),
    }
    frames["generator"][2, 7] = np.nan
    frames["generator"][3] = 100
    together = health.of_frames(frames)
    for k in range(5):
        alone = health.of({name: array[k] for name, array in frames.items()})
        for name, value in alone.items():
            np.testing.assert_allclose(together[name][k], value, equal_nan=True)
        assert {name for name in together if name not in alone} == (
            {"d_real", "d_fake"} if k in (2, 3) else set()
        )


@pytest.mark.parametrize(
    ("output", "score", "off"),
    [
        ("logit", 0.0, 0.0),
        ("logit", math.log(3), 0.25),
        ("probability", 0.9, 0.4),
        ("margin", -0.9, 0.0),
        ("margin", 1.5, 0.5),
        ("critic", 40.0, 0.0),
    ],
)
def test_how_far_d_is_from_its_equilibrium(output: str, score: float, off: float) -> None:
    x = np.linspace(-9, 9, 61)
    health = HealthFigures(target("norm(0, 1)"), x=x, output=output)
    arrays = {"generator": np.zeros(9), "discriminator": np.full(61, score)}
    assert health.of(arrays)["d_off"] == pytest.approx(off)


def test_a_d_that_is_right_by_turns_is_not_even() -> None:
    """In the mean it is 1/2, but nowhere."""
    x = np.linspace(-9, 9, 600)
    health = HealthFigures(target("norm(0, 1)"), x=x, output="probability")
    d = np.where(np.arange(600) % 2, 0.96, 0.04)
    figures = health.of({"generator": x[200:400], "discriminator": d})
    assert figures["d_real"] == pytest.approx(0.5, abs=0.01)
    assert figures["d_off"] == pytest.approx(0.46)


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
    assert sorted(figures) == ["g_centre", "g_diversity", "g_spread"]  # of two, no distances
    assert all(math.isnan(value) for value in figures.values())

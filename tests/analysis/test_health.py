"""Figures of health against what they mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_viz.analysis.health import Gauge
from gan_viz.analysis.symptoms import THIN
from gan_viz.distributions import target

Q = (np.arange(2001) + 0.5) / 2001


@given(st.floats(0.05, 5), st.floats(-5, 5))
def test_a_scaled_and_shifted_normal(scale: float, shift: float) -> None:
    outputs = stats.norm(2 + shift, 3 * scale).ppf(Q)
    figures = Gauge(target("norm(2, 3)")).read({"generator": outputs})
    width = 6 * stats.norm.ppf(0.9)
    assert figures["g_spread"] == pytest.approx(scale, rel=1e-3)
    assert figures["g_centre"] == pytest.approx(shift / width, abs=1e-9)


def test_one_of_two_modes_is_a_small_part_of_the_spread() -> None:
    outputs = stats.norm(-2, 0.5).ppf(Q)
    learnt = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)")
    assert Gauge(learnt).read({"generator": outputs})["g_spread"] < THIN["g_spread"][0]


def test_diversity_is_relative_to_the_data() -> None:
    real = np.random.default_rng(0).integers(0, 200, (20, 8, 8))
    figures = Gauge(real=real).read({"samples": (real // 2).astype(np.uint8)})
    assert figures == {"g_diversity": pytest.approx(0.5, abs=0.01)}


def test_coverage_is_a_share() -> None:
    assert Gauge().read({"class_counts": np.array([5, 0, 5, 0])}) == {"g_coverage": 0.5}


@pytest.mark.parametrize(
    ("gauge", "arrays"),
    [
        (Gauge(), {"samples": np.ones((4, 2)), "generator": np.ones(4)}),
        (Gauge(real=np.ones((4, 2))), {"samples": np.eye(4)}),
        (Gauge(real=np.eye(4)), {"samples": np.eye(4)[:1]}),
        (Gauge(target("norm(0, 1)")), {"generator": np.empty(0)}),
        (Gauge(), {"class_counts": np.zeros(3, np.int32)}),
        (Gauge(target("norm(0, 1)"), np.eye(4)), {}),
    ],
)
def test_only_what_can_be_measured(gauge: Gauge, arrays: dict[str, np.ndarray]) -> None:
    assert gauge.read(arrays) == {}


def test_outputs_that_are_not_finite_show() -> None:
    bad = np.array([[0.0], [np.inf]])
    figures = Gauge(target("norm(0, 1)"), np.eye(2)).read({"generator": bad[:, 0], "samples": bad})
    assert sorted(figures) == ["g_centre", "g_diversity", "g_spread"]
    assert all(math.isnan(value) for value in figures.values())

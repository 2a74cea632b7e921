"""The landscape of two points, against the paper's values and against searches over D."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_expit
from scipy.stats import norm

import gan_viz
from gan_viz.analysis.landscape import LOSSES, _best_of_pairs, best_value, downhill, path
from gan_viz.errors import UnknownNameError
from gan_viz.recording import Recording

LOG2 = math.log(2)
PERFECT = {"separable": -LOG2, "fixed-pairs": -LOG2, "all-pairs": -LOG2}
ONE_MATCHED = {"separable": -LOG2 / 2, "fixed-pairs": -LOG2 / 2, "all-pairs": -LOG2 / 4}
COLLAPSED = {
    "separable": (math.log(1 / 3) + 2 * math.log(2 / 3)) / 4,
    "fixed-pairs": -LOG2 / 2,
    "all-pairs": -LOG2 / 2,
}
losses = pytest.mark.parametrize("loss", LOSSES)


@losses
def test_little_noise_leaves_the_values_of_the_paper(loss: str) -> None:
    for values, made in ((PERFECT, 1.0), (ONE_MATCHED, 0.5), (ONE_MATCHED, 2.0), (COLLAPSED, 0.0)):
        assert best_value(loss, (0.0, made), 0.05) == pytest.approx(values[loss], abs=1e-3)
    assert best_value(loss, (0.5, 2.0), 0.05) == pytest.approx(0, abs=1e-3)


def test_a_pair_that_is_crossed_matches_nothing() -> None:
    """D can rank 1 above 0 above 2; where the cycle is closed, it cannot."""
    assert best_value("fixed-pairs", (1.0, 2.0), 0.05) == pytest.approx(0, abs=1e-3)
    assert best_value("fixed-pairs", (1.0, 0.0), 0.05) == pytest.approx(-LOG2, abs=1e-3)


@pytest.mark.parametrize("made", [(0.0, 0.0), (0.0, 0.7), (0.3, 0.9)])
def test_the_separable_loss_is_the_divergence_of_jensen_and_shannon(
    made: tuple[float, float],
) -> None:
    def integrand(x: float) -> float:
        p, q = (np.mean(norm.pdf(x, each, 0.2)) for each in ((0, 1), made))
        return float(p * math.log(p / (p + q)) + q * math.log(q / (p + q))) / 2

    exact, _ = quad(integrand, -1.2, 2.2, points=[0, 0.5, 1], limit=200)
    assert best_value("separable", made, 0.2) == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize("seed", range(4))
def test_no_other_search_finds_a_better_critic_of_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(49, 0.3)).reshape(7, 7)

    def value(d: np.ndarray) -> float:
        return -float(np.sum(weights * log_expit(d[:, None] - d)))

    found = minimize(value, rng.normal(0, 1, 7), options={"gtol": 1e-8})
    assert _best_of_pairs(weights) == pytest.approx(-found.fun, abs=1e-7)


@settings(deadline=None, max_examples=10)
@given(st.sampled_from([*LOSSES]), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_values_are_bounded_and_symmetric(loss: str, one: float, other: float) -> None:
    value = best_value(loss, (one, other), 0.15)
    assert -LOG2 - 1e-9 <= value <= 1e-9
    assert value == pytest.approx(best_value(loss, (1 - other, 1 - one), 0.15), abs=1e-6)


def test_only_fixed_pairs_have_no_barrier() -> None:
    heights = {}
    for loss in LOSSES:
        land = path(loss, 21)
        heights[loss] = float(land[:, 1].max() - land[0, 1])
        ends = 20 if loss == "fixed-pairs" else 0
        assert downhill(land[:, 1], 6)[-1] == ends
    expected = {loss: ONE_MATCHED[loss] - COLLAPSED[loss] for loss in LOSSES}
    assert heights == pytest.approx(expected, abs=4e-3)


def test_downhill_crosses_plains_and_no_hills() -> None:
    values = np.array([0.0, 1.0, 1.0, 1.0, -1.0, 3.0, -9.0])
    assert downhill(values, 2) == [2, 3, 4]
    assert downhill(values, 5) == [5, 6]
    assert downhill(values[:4], 3) == [3, 2, 1, 0]


def test_what_is_recorded_ends_in_a_basin(tmp_path: Path) -> None:
    with Recording(gan_viz.record_landscape(tmp_path / "a.ganviz", "separable")) as recording:
        land = recording.constants["landscape"]
        assert np.allclose(land, path("separable", len(land)))
        places = [recording.array("on_landscape", k)[0] for k in range(len(recording))]
        assert places[0] == pytest.approx(0.3)
        assert places[-1] == 0
        assert set(np.diff(places).round(6)) == {-round(1 / 60, 6), 0.0}


def test_a_loss_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown loss 'paired'"):
        gan_viz.record_landscape(tmp_path / "a.ganviz", "paired")
    assert not list(tmp_path.iterdir())

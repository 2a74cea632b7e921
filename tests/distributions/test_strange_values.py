"""Missing-value codes and outliers, rounded values, values with limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gan_viz.distributions import from_description, from_file, target

GENERATOR = np.random.default_rng(7)
HEIGHTS = GENERATOR.normal(170, 10, 500)


def with_values(*extra):
    return np.insert(HEIGHTS, 250, extra)


@pytest.mark.parametrize("far", [1e6, -1e6, 1e15])
def test_one_value_far_away(far):
    found = target(with_values(far))
    (note,) = found.notes
    assert note.startswith("the data: 1 of 501 values lies ")
    assert "(row 250): a missing-value code?" in note
    assert (found.location, found.scale) == pytest.approx((HEIGHTS.mean(), HEIGHTS.std()), rel=0.05)
    assert found.window[0] > 80
    assert found.window[1] < 260
    x = np.linspace(140, 200, 61)
    clean = target(HEIGHTS)
    np.testing.assert_allclose(found.pdf(x), clean.pdf(x), atol=0.02 * clean.pdf(170))
    assert len(found.modes) == len(clean.modes)
    again = from_description(found.describe())
    assert (again.location, again.scale) == (found.location, found.scale)


def test_the_distance_is_in_robust_spreads():
    spread = stats.iqr(with_values(1e6)) / 1.3489795
    (note,) = target(with_values(1e6)).notes
    told = float(note.split("lies ")[1].split(" spreads")[0].replace(",", ""))
    assert told == pytest.approx((1e6 - np.median(HEIGHTS)) / spread, rel=0.05)


@pytest.mark.parametrize(
    ("extra", "notes"),
    [
        ([9999], 1), ([9999, 9999], 1), ([-999], 1), ([-999, -999, 9999, 9999], 2), ([1000] * 5, 1),
        ([215], 0), ([500], 0), ([], 0), ([-32768], 1), ([99999] * 150, 0),
    ],
)  # fmt: skip
def test_codes(extra, notes):
    assert len(target(with_values(*extra)).notes) == notes


@pytest.mark.parametrize(
    "values",
    [
        GENERATOR.standard_t(3, 5000), GENERATOR.exponential(1, 5000), np.repeat([0.0, 1.0], 50),
        GENERATOR.lognormal(0, 1, 5000), np.array([0.0] * 90 + [1.0] * 9 + [9999.0]),
    ],
)  # fmt: skip
def test_heavy_tails_and_ties_are_left_alone(values):
    assert target(values).notes == ()


def test_rows_of_a_file_are_its_lines(tmp_path):
    path = tmp_path / "data.csv"
    lines = ["# heights", "name,h", *(f"x,{value:.1f}" for value in HEIGHTS)]
    for line in (10, 20, 30, 400):
        lines[line - 1] = "x,9999"
    path.write_text("\n".join(lines))
    (note,) = from_file(path, "h").notes
    assert "data.csv: h: 4 of 500 values lie " in note
    assert "9999 (lines 10, 20, 30, ...)" in note


def test_two_groups_keep_their_scale():
    values = np.append(GENERATOR.normal(0, 0.01, 800), GENERATOR.normal(5, 0.5, 200))
    found = target(values)
    assert (found.location, found.scale) == (found.mean, found.std)
    assert found.notes == ()


def test_whole_numbers_have_bins_of_one_and_no_modes_of_their_own():
    values = GENERATOR.integers(0, 10, 2000)
    found = target(values)
    edges, densities = found.histogram()
    np.testing.assert_allclose(edges, np.arange(-0.5, 10))
    np.testing.assert_allclose(densities, np.bincount(values) / values.size)
    assert len(found.modes) == 1
    inside = found.pdf(np.linspace(1, 8, 701))
    assert inside.max() / inside.min() < 1.3  # sampling noise alone: no ripple of the steps
    assert found.pdf([-0.7, 9.7]) == pytest.approx(0)
    assert np.trapezoid(found.pdf(found.grid), found.grid) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_rounded_values_keep_their_true_modes(scale):
    values = np.append(GENERATOR.binomial(20, 0.5, 3000), 60 + GENERATOR.poisson(9, 2000))
    found = target(3 + scale * values)
    assert len(found.modes) == 2
    steps = np.diff(found.histogram()[0]) / scale
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)


def test_few_categories_stay_apart():
    assert len(target(np.repeat([0.0, 1.0], 100)).modes) == 2


@pytest.mark.parametrize(
    ("values", "low", "high", "density"),
    [
        (GENERATOR.exponential(1, 20_000), 0, None, stats.expon()),
        (GENERATOR.random(20_000), 0, 1, stats.uniform()),
        (-GENERATOR.exponential(1, 20_000), None, 0, None),
        (np.abs(GENERATOR.normal(size=20_000)), 0, None, stats.halfnorm()),
        (np.clip(GENERATOR.normal(0.2, 1, 5000), 0, None), 0, None, None),
    ],
)  # fmt: skip
def test_no_density_leaks_beyond_a_limit(values, low, high, density):
    found = target(values)
    assert low is None or found.pdf(low - 0.02) == 0
    assert high is None or found.pdf(high + 0.02) == 0
    x = found.grid
    assert np.trapezoid(found.pdf(x), x) == pytest.approx(1, abs=0.02)
    if density is not None:
        at = np.linspace(0.02, 0.5, 20)
        np.testing.assert_allclose(found.pdf(at), density.pdf(at), rtol=0.12)


@pytest.mark.parametrize("n", [5, 50, 500, 50_000])
def test_a_tail_is_no_limit(n):
    values = np.random.default_rng(n).normal(size=n)
    found = target(values)
    assert found.pdf(values.min() - 0.1 * found.bandwidth) > 0
    assert found.pdf(values.max() + 0.1 * found.bandwidth) > 0


@pytest.mark.parametrize(
    "stray", [[1e6], [1e15], [9999.0] * 20, [-999.0] * 9, [-1.0] * 5, [99, 1e9]]
)
def test_the_scale_is_that_of_the_body(stray):
    body = 170 + 10 * stats.norm.ppf((np.arange(500) + 0.5) / 500)
    found = target(np.append(body, stray))
    assert found.heavy_tailed
    assert found.scale == pytest.approx(10, rel=0.05)
    assert found.location == pytest.approx(170, abs=1)
    low, high = found.window
    assert 80 < low < 140
    assert 200 < high < 270


@pytest.mark.parametrize(
    "name", ["norm(4, 0.5)", "uniform(0, 1)", "expon()", "bimodal", "gamma(2)"]
)
def test_samples_without_strays_keep_their_standard_deviation(name):
    values = target(name).sample(2000, np.random.default_rng(0))
    assert not target(values).heavy_tailed
    assert target(values).scale == pytest.approx(values.std())

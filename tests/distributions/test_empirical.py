from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_viz.distributions import from_description, target
from gan_viz.distributions.empirical import Empirical
from gan_viz.errors import DataError, UsageError

GENERATOR = np.random.default_rng(5)
NORMAL = GENERATOR.normal(4, 0.5, 3000)
BIMODAL = np.where(
    GENERATOR.random(5000) < 0.3,
    GENERATOR.normal(-1.5, 0.5, 5000),
    GENERATOR.normal(1.5, 0.5, 5000),
)


def test_density_equals_scipys_kernel_density_estimate():
    found = target(NORMAL)
    spread = min(NORMAL.std(), stats.iqr(NORMAL) / 1.34)
    bandwidth = 0.9 * spread * NORMAL.size**-0.2
    assert found.bandwidth == pytest.approx(bandwidth)
    oracle = stats.gaussian_kde(NORMAL, bandwidth / NORMAL.std(ddof=1))
    x = np.linspace(1, 7, 301)
    np.testing.assert_allclose(found.pdf(x), oracle(x), atol=1e-3 * oracle(4)[0])
    assert found.is_estimate


def test_quantiles_equal_numpys():
    found = target(NORMAL)
    q = np.linspace(0, 1, 777)
    np.testing.assert_allclose(found.ppf(q), np.quantile(NORMAL, q), rtol=1e-12)
    assert (found.mean, found.std) == pytest.approx((NORMAL.mean(), NORMAL.std()), rel=1e-12)


def test_cdf_jumps_where_values_are_tied():
    found = target([1, 2, 2, 2, 3])
    x = [0.9, 1, 1.5, 2 - 1e-12, 2, 2.5, 3, 4]
    np.testing.assert_allclose(found.cdf(x), [0, 0, 0.125, 0.25, 0.75, 0.875, 1, 1])
    assert np.isnan(found.cdf(np.nan))


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=60), st.data())
@settings(deadline=None)
def test_any_values(values, data):
    assume(np.ptp(values) > max(1e-20, 1e-6 * np.abs(values).max()))
    low, high = np.quantile(values, [0.25, 0.75])
    assume(high - low > max(1e-20, 1e-6 * np.ptp(values)) or high == low)  # no spread is refused
    found = target(values)
    q = np.array(data.draw(st.lists(st.floats(0, 1), min_size=1)))
    x = found.ppf(q)
    assert (found.cdf(x) >= q - 1e-9).all()
    np.testing.assert_allclose(found.ppf(found.cdf(x)), x, rtol=1e-9, atol=1e-6 * np.ptp(values))
    assert set(found.sample(20, np.random.default_rng(0))) <= set(values)
    assert np.trapezoid(found.pdf(found.grid), found.grid) == pytest.approx(1, abs=0.02) or (
        np.ptp(values) > 4000 * found.bandwidth
    )
    low, high = found.window
    inside = np.mean([(low <= value <= high) for value in values])
    assert inside >= 0.9 - 2 / len(values)
    edges, densities = found.histogram()
    assert edges.size == densities.size + 1 <= 121
    assert (densities * np.diff(edges)).sum() == pytest.approx(inside, abs=1e-9)
    assert sum(mode.mass for mode in found.modes) == pytest.approx(1)
    again = from_description(json.loads(json.dumps(found.describe(), allow_nan=False)))
    assert np.array_equal(again.pdf(x), found.pdf(x))
    drawn = [which.sample(9, np.random.default_rng(1)) for which in (found, again)]
    assert np.array_equal(*drawn)


def test_sample_is_a_bootstrap():
    values = np.array([1.0, 2.0, 4.0])
    drawn = target(values).sample(30_000, np.random.default_rng(0))
    found, counts = np.unique(drawn, return_counts=True)
    assert np.array_equal(found, values)
    assert stats.chisquare(counts).pvalue > 0.01


def test_many_values_are_described_by_their_quantiles():
    values = np.random.default_rng(0).normal(size=200_000) ** 3
    found = target(values)
    text = json.dumps(found.describe(), allow_nan=False)
    assert len(text) < 100_000
    again = from_description(json.loads(text))
    x = np.linspace(*found.window, 301)
    np.testing.assert_allclose(again.pdf(x), found.pdf(x), atol=0.01 * found.pdf(x).max())
    np.testing.assert_allclose(again.cdf(x), found.cdf(x), atol=1e-3)
    assert (again.mean, again.std) == (found.mean, found.std)
    assert again.bandwidth == pytest.approx(found.bandwidth, rel=1e-3)
    assert (again.ppf(0), again.ppf(1)) == (values.min(), values.max())
    drawn = again.sample(5000, np.random.default_rng(1))
    assert stats.kstest(drawn, found.cdf).pvalue > 0.01
    assert again.describe() == found.describe()
    np.testing.assert_allclose(again.histogram()[0], found.histogram()[0], rtol=0.02, atol=0.02)


def test_histogram_fits_on_the_density():
    found = target(NORMAL)
    edges, densities = found.histogram()
    middles = (edges[:-1] + edges[1:]) / 2
    assert np.abs(densities - stats.norm(4, 0.5).pdf(middles)).mean() < 0.06
    assert (densities * np.diff(edges)).sum() == pytest.approx(1, abs=0.005)


def test_modes_of_a_sample():
    assert len(target(NORMAL).modes) == 1
    left, right = target(BIMODAL).modes
    share = np.mean(BIMODAL < 0)
    assert (left.mass, right.mass) == pytest.approx((share, 1 - share), abs=0.01)
    assert (left.location, right.location) == pytest.approx((-1.5, 1.5), abs=0.1)


@pytest.mark.parametrize("outlier", [1e3, 1e6, 1e12])
def test_outliers_do_not_hide_the_body(outlier):
    found = target(np.append(NORMAL, outlier))
    low, high = found.window
    assert (low, high) == pytest.approx((2.2, 5.9), abs=0.3)
    assert found.pdf(4) == pytest.approx(stats.norm(4, 0.5).pdf(4), rel=0.1)
    assert len(found.modes) == 1


def test_mostly_equal_values():
    found = target([0.0] * 97 + [1.0, 2.0, 9.0])
    assert found.bandwidth > 0
    assert found.window[0] < 0 < 9 < found.window[1] < 12
    assert found.histogram()[1].size >= 5


def test_fast_enough_for_a_million_values():
    values = np.random.default_rng(0).normal(size=1_000_000)
    found = target(values)
    assert found.pdf(0) == pytest.approx(stats.norm.pdf(0), rel=0.02)
    assert len(found.describe()["values"]) == 4096


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no values?: at least 2"),
        ([3.0], "1 value: at least 2"),
        ([3.0] * 120, "all 120 values are 3: without any variance"),
        ([1.0, np.nan, 2.0, -np.inf], r"2 of 4 rows are not .* \(row 1: nan, row 3: -inf\); "),
        (["1", "x", None, "2", "?", ""], r"4 of 6 .*: 'x', row 2: missing, row 4: '\?', \.\.\."),
        (np.ma.masked_equal([1, 2, 3], 2), r"1 of 3 rows .*\(row 1: nan\)"),
        ([1e200, 2e200], "too large or too small"),
        ([0, 1e-200], "too large or too small"),
        ([1e40, 2e40], "networks cannot compute with"),
        ([1.0, 1.0 + 1e-12], "too narrow"),
        ([1j, 2j], "holds no numbers but complex128"),
        (np.array([1, 2], "datetime64[D]"), "holds no numbers but datetime64"),
        (5, "0 dimensions"),
        (None, "0 dimensions"),
        (np.zeros((2, 2, 2)), "3 dimensions"),
        ([[1, 2], [3, 4]], "several columns, choose one: 0 to 1"),
        ([[1], [2, 3]], "cannot make an array"),
    ],
)  # fmt: skip
def test_refuses(data, message):
    with pytest.raises((DataError, UsageError), match=message) as caught:
        target(data)
    assert "\n" not in str(caught.value)


def test_arrays_with_columns():
    table = np.column_stack([np.arange(5), np.arange(5) ** 2])
    assert target(table, 1).ppf(1) == 16
    assert target(table, "0").ppf(1) == 4
    assert target(table[:, :1]).ppf(1) == 4
    fields = np.array([(1, 2.0), (3, 5.0)], [("a", int), ("b", float)])
    assert target(fields, "b").label == "the data: b"
    with pytest.raises(UsageError, match=r"no column 2: 0 to 1"):
        target(table, 2)
    with pytest.raises(UsageError, match=r"no column -1"):
        target(table, -1)


def test_values_are_copied():
    values = np.array([3.0, 1.0, 2.0])
    found = Empirical(values, "v")
    values[:] = 0
    assert list(found.ppf([0, 0.5, 1])) == [1, 2, 3]

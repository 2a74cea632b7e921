from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_viz.distributions import Latent
from gan_viz.errors import UnknownNameError, UsageError

ORACLES = {"normal": stats.norm(), "uniform": stats.uniform(-1, 2)}
KINDS = list(ORACLES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 3])
def test_sample(kind, dim):
    latent = Latent(kind, dim)
    z = latent.sample(3000, np.random.default_rng(2))
    assert (z.shape, z.dtype) == ((3000, dim), np.float32)
    for column in z.T:
        assert stats.kstest(column, ORACLES[kind].cdf).pvalue > 0.01
    out = np.empty((3000, dim), np.float32)
    assert latent.sample(3000, np.random.default_rng(2), out=out) is out
    assert np.array_equal(out, z)
    assert latent.sample(0, np.random.default_rng(2)).shape == (0, dim)
    with pytest.raises(UsageError, match="out has the shape"):
        latent.sample(2, np.random.default_rng(2), out=out)


@pytest.mark.parametrize("kind", KINDS)
def test_stratified_in_one_dimension_are_quantiles(kind):
    z = Latent(kind, 1).stratified(501)
    assert (z.shape, z.dtype) == ((501, 1), np.float32)
    quantiles = ORACLES[kind].ppf((np.arange(501) + 0.5) / 501)
    np.testing.assert_allclose(z[:, 0], quantiles, rtol=1e-6, atol=1e-7)


@given(st.sampled_from(KINDS), st.integers(2, 20), st.integers(1, 700))
@settings(max_examples=30, deadline=None)
def test_stratified_covers_evenly(kind, dim, n):
    z = Latent(kind, dim).stratified(n)
    assert (z.shape, z.dtype) == ((n, dim), np.float32)
    assert np.isfinite(z).all()
    assert np.array_equal(z, Latent(kind, dim).stratified(n))
    for column in z.T:  # far closer to the distribution than random points, ~1 / sqrt(n)
        distance = stats.kstest(column, ORACLES[kind].cdf).statistic
        assert distance <= 4 / n + 1e-6
    if n > 500:
        assert np.abs(np.corrcoef(z.T) - np.eye(dim)).max() < 0.15


def test_more_points_go_on_where_fewer_ended():
    latent = Latent("uniform", 5)
    assert np.array_equal(latent.stratified(512)[:300], latent.stratified(300))


@pytest.mark.parametrize("kind", KINDS)
def test_pdf(kind):
    z = np.linspace(-2, 2, 101)
    np.testing.assert_allclose(Latent(kind, 1).pdf(z), ORACLES[kind].pdf(z), rtol=1e-12)
    with pytest.raises(UsageError, match="one-dimensional"):
        Latent(kind, 2).pdf(z)


def test_description_round_trip():
    latent = Latent("uniform", 7)
    assert latent.describe() == {"kind": "uniform", "dim": 7}
    assert Latent.from_description(latent.describe()) == latent
    assert Latent() == Latent("normal", 1)


@pytest.mark.parametrize("dim", [0, -1, 20_001, 10**30, 2.0, True, "3", None])
def test_refuses_dimensions(dim):
    with pytest.raises(UsageError, match="a whole number"):
        Latent("normal", dim)
    with pytest.raises(UsageError):
        Latent.from_description({"kind": "normal", "dim": dim})


@pytest.mark.parametrize("description", [None, [], {}, {"kind": 3, "dim": 1}, {"dim": 1}])
def test_refuses_descriptions(description):
    with pytest.raises(UsageError):
        Latent.from_description(description)


def test_unknown_kind_names_the_known():
    with pytest.raises(UnknownNameError, match="unknown latent 'unifrom': did you mean 'uniform'"):
        Latent("unifrom", 1)


def test_global_random_state_is_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    Latent("normal", 4).stratified(100)
    Latent("uniform", 4).sample(100, np.random.default_rng(0))
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [("uniform", -1, 1), ("uniform(0, 1)", 0, 1), ("uniform(-3,5)", -3, 5)],
)
def test_a_uniform_latent_with_its_range(text: str, lowest: float, highest: float) -> None:
    latent = Latent.parse(text, 3)
    even, drawn = latent.stratified(512), latent.sample(512, np.random.default_rng(0))
    for z in (even, drawn):
        assert lowest <= z.min() < lowest + 0.02 * (highest - lowest)
        assert highest - 0.02 * (highest - lowest) < z.max() <= highest
    one = Latent.parse(text)
    exact = stats.uniform(lowest, highest - lowest)
    x = np.linspace(lowest - 1, highest + 0.5, 50)
    np.testing.assert_allclose(one.pdf(x), exact.pdf(x))
    assert Latent.from_description(latent.describe()) == latent


def test_a_normal_latent_with_its_deviation() -> None:
    latent = Latent.parse("normal(2, 3)")
    z, exact = latent.stratified(1001), stats.norm(2, 3)
    np.testing.assert_allclose(z.ravel(), exact.ppf((np.arange(1001) + 0.5) / 1001), rtol=1e-5)
    np.testing.assert_allclose(latent.pdf(z), exact.pdf(z))
    assert latent.sample(4000, np.random.default_rng(0)).std() == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize("text", ["uniform(1, 0)", "normal(0, -1)", "uniform(1)", "uniform(a, b)"])
def test_impossible_ranges_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="latent"):
        Latent.parse(text)


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_latents_as_normal_ones_have_the_same_quantiles_and_come_back(kind):
    latent = Latent(kind, 3)
    z = latent.sample(5000, np.random.default_rng(1))
    normal = latent.as_normal(z)
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    assert np.allclose(latent.from_normal(normal), z, atol=1e-6)
    edges = latent.as_normal([-1.0, 1.0])
    assert np.isfinite(edges).all()
    assert np.allclose(latent.from_normal(edges), [-1, 1], atol=1e-6)

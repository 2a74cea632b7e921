"""Figures of quality, against closed forms and simple code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from scipy.spatial import cKDTree

from gan_viz.analysis.quality import (
    NAMES,
    Quality,
    classifier_score,
    copied,
    frechet_distance,
    kernel_distance,
    nearest,
)
from gan_viz.errors import UsageError

Array = NDArray[np.float64]


def normal(seed: int, n: int = 1000, features: int = 2) -> Array:
    return np.random.default_rng(seed).normal(size=(n, features))


def of_two_modes(seed: int, share: float, n: int = 1000) -> Array:
    """Two modes, 12 deviations apart, of which the first holds a share."""
    source = np.random.default_rng(seed)
    there = source.random(n) < share
    return source.normal(size=(n, 2)) + np.where(there, -6.0, 6.0)[:, None] * [1, 0]


def test_equal_distributions_have_the_coverage_of_chance() -> None:
    """``1 - prod (n - i) / (2 n - i)`` over i from 1 to 5 is .9690 at n = 1000."""
    n = 1000
    expected = 1 - math.prod((n - i) / (2 * n - i) for i in range(1, 6))
    assert expected == pytest.approx(0.9690, abs=5e-5)
    found = [Quality(normal(2 * k)).of(normal(2 * k + 1)) for k in range(4)]
    coverage = np.mean([one["coverage"].value for one in found])
    assert coverage == pytest.approx(expected, abs=0.006)
    assert np.mean([one["density"].value for one in found]) == pytest.approx(1, abs=0.05)


def test_one_of_two_modes_dropped_is_recall_and_coverage_not_precision() -> None:
    found = [Quality(of_two_modes(k, 0.5)).of(of_two_modes(k + 9, 1.0)) for k in range(3)]
    means = {name: np.mean([one[name].value for one in found]) for name in NAMES}
    assert means["precision"] > 0.96
    assert means["recall"] == pytest.approx(0.49, abs=0.03)
    assert means["coverage"] == pytest.approx(0.49, abs=0.03)


def test_the_frechet_distance_of_normals_is_known() -> None:
    """In one dimension, ``(m1 - m2)^2 + (s1 - s2)^2``, with the deviations of the samples."""
    a, b = normal(0, features=1), 3 + 2 * normal(1, features=1)
    (m1, m2), (s1, s2) = (a.mean(), b.mean()), (a.std(ddof=1), b.std(ddof=1))
    assert frechet_distance(a, b) == pytest.approx((m1 - m2) ** 2 + (s1 - s2) ** 2)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


@given(seed=st.integers(0, 1000), features=st.integers(2, 5))
@settings(max_examples=10, deadline=None)
def test_the_frechet_distance_is_that_of_scipys_root(seed: int, features: int) -> None:
    source = np.random.default_rng(seed)
    mixing = source.normal(size=(2, features, features))
    a, b = (source.normal(size=(60, features)) @ one for one in mixing)
    s1, s2 = np.cov(a.T), np.cov(b.T)
    root = np.real(sqrtm(s1 @ s2))
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-4)
    assert frechet_distance(b, a) == pytest.approx(frechet_distance(a, b), rel=1e-6)


def test_the_kernel_distance_is_the_mean_over_pairs() -> None:
    a, b = normal(0, 30), 0.5 + normal(1, 30)

    def mean(x: Array, y: Array, same: bool) -> float:
        pairs = [(i, j) for i in range(30) for j in range(30) if i != j or not same]
        return float(np.mean([(x[i] @ y[j] / 2 + 1) ** 3 for i, j in pairs]))

    expected = mean(a, a, True) + mean(b, b, True) - 2 * mean(a, b, False)
    assert kernel_distance(a, b).value == pytest.approx(expected)


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_the_error_of_the_kernel_distance_is_its_deviation(shift: float) -> None:
    found = [
        kernel_distance(normal(2 * k, 100), shift + normal(2 * k + 1, 100)) for k in range(150)
    ]
    values, errors = np.array(found).T
    assert values.std() == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.3)
    if not shift:
        assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))  # unbiased


def test_shares_are_those_of_balls_around_samples() -> None:
    """By the definitions, with scipy's search for neighbours."""
    real, made = normal(0, 80), normal(1, 90) + 0.8
    around_real = cKDTree(real).query(real, 6)[0]
    around_made = cKDTree(made).query(made, 4)[0]
    between = np.linalg.norm(real[:, None] - made, axis=2)
    found = Quality(real).of(made)
    expected = {
        "precision": (between <= around_real[:, 3:4]).any(0).mean(),
        "recall": (between <= around_made[:, 3]).any(1).mean(),
        "density": (between <= around_real[:, 5:6]).sum(0).mean() / 5,
        "coverage": (between <= around_real[:, 5:6]).any(1).mean(),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value), name
        assert 0 <= found[name].error < 0.1


def test_errors_are_the_deviations_over_samples() -> None:
    measure = Quality(normal(0, 400))
    found = [measure.of(normal(k, 400)) for k in range(1, 13)]
    for name in ("frechet", "precision", "density"):
        values, errors = np.array([one[name] for one in found]).T
        assert 0.4 < values.std(ddof=1) / errors.mean() < 2.5, name


def test_the_score_of_a_classifier_is_between_one_and_the_classes() -> None:
    assert classifier_score(np.full((50, 10), 0.1)).value == pytest.approx(1)
    sure = np.eye(10)[np.arange(50) % 10]
    assert classifier_score(sure).value == pytest.approx(10)
    assert classifier_score(sure[:25]).value < 10
    one_class = np.eye(10)[np.zeros(50, int)]
    assert classifier_score(one_class) == pytest.approx((1, 0))


def test_the_nearest_is_found_and_copies_are_told() -> None:
    train, test = normal(0, 500, 4), normal(1, 200, 4)
    distances, which = nearest(test, train)
    expected, places = cKDTree(train).query(test)
    np.testing.assert_allclose(distances, expected, rtol=1e-3)
    assert (which == places).mean() > 0.99
    assert copied(nearest(train[:50], train)[0], distances) == 1
    assert copied(nearest(normal(2, 200, 4), train)[0], distances) < 0.05


@pytest.mark.parametrize(
    ("real", "made", "words"),
    [
        (normal(0, 4), normal(0, 40), "4 samples"),
        (normal(0, 40), normal(0, 40, 3), "expected .samples, 2"),
        (normal(0, 40), normal(0, 40) * np.nan, "not finite"),
        (normal(0, 40)[0], normal(0, 40), "shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(real: Array, made: Array, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Quality(real).of(made)


def test_shares_are_those_of_prdc() -> None:
    """The library of Naeem et al.; it takes one number of neighbours for all four."""
    from prdc import compute_prdc

    real, made = normal(0, 200, 5), 1.2 * normal(1, 200, 5)
    found = Quality(real).of(made)
    for names, neighbours in ((("precision", "recall"), 3), (("density", "coverage"), 5)):
        expected = compute_prdc(real, made, neighbours)
        for name in names:
            assert found[name].value == pytest.approx(expected[name]), name


def test_distances_are_those_of_torchmetrics() -> None:
    import torch
    from torchmetrics.image.fid import _compute_fid
    from torchmetrics.image.kid import poly_mmd

    real, made = normal(0, 300, 4), 0.3 + normal(1, 300, 4)
    moments = [
        torch.from_numpy(each)
        for samples in (real, made)
        for each in (samples.mean(0), np.cov(samples.T))
    ]
    expected = float(_compute_fid(*moments))
    assert frechet_distance(real, made) == pytest.approx(expected, rel=1e-6)

    theirs = poly_mmd(torch.from_numpy(real), torch.from_numpy(made))
    assert kernel_distance(real, made).value == pytest.approx(float(theirs), rel=1e-6)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits

from gan_viz.datasets import ImageSet, load
from gan_viz.datasets.digits import enlarge

CELLS = hnp.arrays(np.float64, (2, 8, 8), elements=st.integers(0, 16))


@pytest.fixture(scope="module")
def train() -> ImageSet:
    return load("digits")


@pytest.fixture(scope="module")
def test() -> ImageSet:
    return load("digits", split="test")


def test_every_digit_is_in_one_split(train: ImageSet, test: ImageSet) -> None:
    every = load_digits()
    assert (len(train), len(test)) == (1442, 355)
    images = np.concatenate([train.images, test.images])
    expected = enlarge(every.images)
    assert sorted(map(bytes, images)) == sorted(map(bytes, expected))
    counts = np.bincount(every.target)
    assert np.bincount(test.labels).tolist() == (counts // 5).tolist()
    labels = {bytes(image): label for image, label in zip(expected, every.target, strict=True)}
    for found in (train, test):
        assert [labels[bytes(image)] for image in found.images] == found.labels.tolist()


def test_pictures_are_like_those_of_mnist(train: ImageSet) -> None:
    inside = train.images[:, 4:24, 4:24]
    assert train.images.sum() == inside.sum()
    assert (inside.max(axis=(1, 2)) > 200).all()
    assert 0.1 < train.images.mean() / 255 < 0.2  # MNIST: 0.13


def test_the_enlarged_digits_are_still_told_apart(train: ImageSet, test: ImageSet) -> None:
    a, b = (found.images.reshape(-1, 784).astype(np.float32) for found in (test, train))
    nearest = train.labels[cdist(a, b).argmin(axis=1)]
    assert np.mean(nearest == test.labels) > 0.97


def test_enlarging_keeps_the_place_of_the_ink() -> None:
    """A straight edge between two cells is at the same place, to a fifth of a pixel."""
    cells = np.zeros((1, 8, 8))
    cells[0, :, :4] = 16
    ink = enlarge(cells)[0, 14].astype(float) / 255
    assert ink.sum() == pytest.approx(4 * 2.5, abs=0.2)
    np.testing.assert_array_equal(enlarge(np.zeros((1, 8, 8))), 0)


@settings(max_examples=30)
@given(cells=CELLS)
def test_enlarging_commutes_with_turns_and_mirrors(cells: np.ndarray) -> None:
    def close(a: np.ndarray, b: np.ndarray) -> None:
        np.testing.assert_allclose(a.astype(int), b.astype(int), atol=1)

    close(enlarge(cells.swapaxes(1, 2)), enlarge(cells).swapaxes(1, 2))
    close(enlarge(cells[:, ::-1]), enlarge(cells)[:, ::-1])
    close(enlarge(cells[:1]), enlarge(cells)[:1])

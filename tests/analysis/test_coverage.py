"""Coverage of classes against closed forms and scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from gan_viz.analysis import coverage

COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=12).filter(any)


@given(COUNTS)
def test_entropy_is_scipys(counts: list[int]) -> None:
    found = coverage(counts)
    assert found.entropy == pytest.approx(float(entropy(counts)), abs=1e-12)
    assert 0 <= found.relative_entropy <= 1 + 1e-12
    assert 1 <= found.covered <= found.classes == len(counts)


@given(st.integers(2, 20), st.integers(1, 20), st.integers(1, 100))
def test_evenly_over_some_classes(classes: int, some: int, each: int) -> None:
    some = min(some, classes)
    found = coverage([each] * some + [0] * (classes - some))
    assert found.covered == some
    assert found.share == some / classes
    assert found.entropy == pytest.approx(math.log(some))
    assert found.relative_entropy == pytest.approx(math.log(some) / math.log(classes))


def test_a_tenth_of_the_fair_share_covers_a_class() -> None:
    assert coverage([10, 990] + [1000] * 8 + [0] * 0).covered == 9
    assert coverage([100, 900] + [1000] * 8).covered == 10


def test_unsure_is_a_share_of_all() -> None:
    assert coverage([3, 5], unsure=2).unsure == 0.25


def test_a_single_class_is_covered_evenly() -> None:
    assert coverage([7]).relative_entropy == 1

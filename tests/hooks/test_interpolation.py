"""Ways between latents have their ends, norms and speeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial import geometric_slerp

from gan_viz.errors import UsageError
from gan_viz.hooks.interpolation import closed_walk, lerp, slerp

T = np.linspace(0, 1, 11)


def latents(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Two latents of one shape; often parallel, opposite or zero."""
    shape = draw(arrays.array_shapes(min_dims=1, max_dims=3, max_side=4))
    numbers = st.floats(-4, 4).map(lambda x: round(x, 2))
    a = draw(arrays.arrays(np.float64, shape, elements=numbers))
    factor = draw(st.sampled_from([None, 1.0, -1.0, 0.0, 2.0, -0.5]))
    if factor is not None:
        return a, factor * a
    return a, draw(arrays.arrays(np.float64, shape, elements=numbers))


@given(pairs())
def test_any_way_has_its_ends_and_stays_between_their_norms(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    a, b = pair
    for way in (slerp, lerp):
        path = way(a, b, T)
        assert path.shape == (len(T), *a.shape)
        assert np.isfinite(path).all()
        np.testing.assert_array_equal(path[0], a)
        np.testing.assert_array_equal(path[-1], b)
        norms = np.linalg.norm(path.reshape(len(T), -1), axis=1)
        assert norms.max() <= max(norms[0], norms[-1]) * (1 + 1e-6) + 1e-9


@given(st.integers(2, 6), st.integers(0, 10_000))
def test_slerp_between_unit_latents_is_scipys(dim: int, seed: int) -> None:
    a, b = (v / np.linalg.norm(v) for v in latents(2, dim, seed=seed))
    np.testing.assert_allclose(slerp(a, b, T), geometric_slerp(a, b, T), atol=1e-9)


def test_slerp_turns_at_a_constant_speed_while_the_norm_changes_linearly() -> None:
    a, b = latents(2, 7)
    path = slerp(a, 3 * b, T)
    norms = np.linalg.norm(path, axis=1)
    expected = (1 - T) * np.linalg.norm(a) + T * np.linalg.norm(3 * b)
    np.testing.assert_allclose(norms, expected, rtol=1e-12)
    units = path / norms[:, None]
    angles = np.arccos(np.sum(units[1:] * units[:-1], axis=1))
    whole = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    np.testing.assert_allclose(angles, whole / (len(T) - 1), rtol=1e-9)


def test_only_slerp_passes_where_normal_latents_are() -> None:
    """Their norm is near the square root of their dimension; halfway straight it is not."""
    a, b = latents(2, 100, 1, 1)
    arc, straight = slerp(a, b, 0.5), lerp(a, b, 0.5)
    assert arc.shape == straight.shape == (100, 1, 1)
    assert np.linalg.norm(arc) == pytest.approx(10, rel=0.1)
    assert np.linalg.norm(straight) == pytest.approx(10 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("dim", [2, 3, 100])
def test_slerp_to_the_opposite_keeps_the_norm(dim: int) -> None:
    a = latents(dim)
    path = slerp(a, -a, T)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), np.linalg.norm(a), rtol=1e-12)
    np.testing.assert_allclose(path @ a / (a @ a), np.cos(np.pi * T), atol=1e-12)


@pytest.mark.parametrize("other", [[2.0, 4.0], [0.0, 0.0], [1 + 1e-12, 2.0]])
def test_slerp_is_straight_where_nothing_turns(other: list[float]) -> None:
    np.testing.assert_allclose(slerp([1, 2], other, T), lerp([1, 2], other, T), atol=1e-9)


def test_slerp_in_one_dimension_is_straight() -> None:
    np.testing.assert_allclose(slerp([-1.0], [1.0], T), lerp([-1.0], [1.0], T))


@settings(max_examples=20)
@given(m=st.integers(2, 6), frames=st.integers(3, 60), seed=st.integers(0, 1000))
def test_a_closed_walk_is_even_and_has_no_seam(m: int, frames: int, seed: int) -> None:
    anchors = latents(m, 8, seed=seed)
    anchors /= np.linalg.norm(anchors, axis=1, keepdims=True)
    fine = 800
    walk = closed_walk(anchors, fine).astype(np.float64)
    steps = np.linalg.norm(np.roll(walk, -1, axis=0) - walk, axis=1)
    assert np.quantile(steps, 0.01) == pytest.approx(steps.max(), rel=1e-2)
    assert steps[-1] <= steps.max()
    np.testing.assert_allclose(np.linalg.norm(walk, axis=1), 1, rtol=1e-6)
    nearest = np.linalg.norm(anchors[:, None] - walk[None], axis=2).min(axis=1)
    assert nearest.max() <= steps.max()
    few = closed_walk(anchors, frames)
    assert few.shape == (frames, 8)
    assert few.dtype == np.float32
    np.testing.assert_array_equal(few[0], anchors[0].astype(np.float32))


def test_a_closed_walk_spends_its_time_by_length() -> None:
    """A quarter of a circle, another, and half of it back."""
    walk = closed_walk([[1, 0], [0, 1], [-1, 0]], 4)
    first_half = walk[:3]
    np.testing.assert_allclose(first_half, [[1, 0], [0, 1], [-1, 0]], atol=1e-6)
    assert np.linalg.norm(walk[3]) == pytest.approx(1)
    assert abs(walk[3][0]) < 1e-6


@pytest.mark.parametrize("anchors", [[[3.0, 4.0]], [[3.0, 4.0], [3.0, 4.0]], [[0.0, 0.0]]])
def test_a_closed_walk_through_one_place_stays_there(anchors: list[list[float]]) -> None:
    np.testing.assert_array_equal(closed_walk(anchors, 5), np.tile(anchors[0], (5, 1)))


def test_a_closed_walk_passes_norms_too() -> None:
    walk = closed_walk([[1.0, 0.0], [3.0, 0.0]], 4)
    np.testing.assert_allclose(walk[:, 0], [1, 2, 3, 2])


def test_latents_of_any_shape() -> None:
    anchors = latents(3, 2, 7, 7)
    walk = closed_walk(anchors, 6)
    assert walk.shape == (6, 2, 7, 7)
    flat = closed_walk(anchors.reshape(3, -1), 6)
    np.testing.assert_array_equal(walk.reshape(6, -1), flat)


@pytest.mark.parametrize(("anchors", "frames"), [([], 4), ([[1.0]], 0)])
def test_walks_without_anything_are_refused(anchors: list[list[float]], frames: int) -> None:
    with pytest.raises(UsageError, match="at least one of each"):
        closed_walk(anchors, frames)

"""Anything picture-like becomes the right bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gan_viz.errors import RecordingError, UsageError
from gan_viz.hooks.pictures import (
    PictureFormat,
    as_bytes,
    as_pictures,
    range_of,
    range_of_generated,
)


@pytest.mark.parametrize("value_range", [(0, 1), (-1, 1), (0, 255), (-0.4242, 2.8215)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_all_levels_come_back(value_range: tuple[float, float], dtype: torch.dtype) -> None:
    low, high = value_range
    levels = torch.arange(256).reshape(1, 16, 16)
    values = (low + (high - low) * levels.double() / 255).to(dtype)
    np.testing.assert_array_equal(as_bytes(values, value_range), levels.numpy())


@given(arrays.arrays(np.float32, 20, elements=st.floats(-1, 1, width=32)))
def test_bytes_are_the_nearest_levels(values: np.ndarray) -> None:
    found = as_bytes(torch.from_numpy(values), (-1, 1)) / 127.5 - 1
    np.testing.assert_allclose(found, values, atol=(1 + 1e-4) / 255)


def test_what_is_outside_is_clipped_and_nan_is_black() -> None:
    values = torch.tensor([-7.0, torch.nan, torch.inf, -torch.inf, 1e30, 2.0])
    assert as_bytes(values, (-1, 1)).tolist() == [0, 0, 255, 0, 255, 255]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.uint8, torch.int64])
def test_other_types(dtype: torch.dtype) -> None:
    values = torch.tensor([[[0, 1], [200, 255]]], dtype=dtype)
    np.testing.assert_array_equal(as_bytes(values, (0, 255)), values.float().numpy())


def test_bytes_alone_are_copied_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []
    cpu = torch.Tensor.cpu

    def watched(tensor: torch.Tensor) -> torch.Tensor:
        copied.append(tensor.dtype)
        return cpu(tensor)

    monkeypatch.setattr(torch.Tensor, "cpu", watched)
    as_bytes(as_pictures(torch.rand(5, 3, 4, 4)), (0, 1))
    assert copied == [torch.uint8]


NUMBERED = torch.arange(2 * 3 * 4 * 5.0)


@pytest.mark.parametrize(
    ("values", "shape", "expected"),
    [
        (NUMBERED.reshape(6, 4, 5), None, NUMBERED.reshape(6, 4, 5)),
        (NUMBERED.reshape(6, 1, 4, 5), None, NUMBERED.reshape(6, 4, 5)),
        (NUMBERED.reshape(6, 20), (4, 5), NUMBERED.reshape(6, 4, 5)),
        (NUMBERED[:108].reshape(3, 36), None, NUMBERED[:108].reshape(3, 6, 6)),
    ],
)
def test_grey_layouts(values: torch.Tensor, shape: Any, expected: torch.Tensor) -> None:
    assert torch.equal(as_pictures(values, shape), expected)


@pytest.mark.parametrize("flat", [False, True])
def test_colours_come_last(flat: bool) -> None:
    values = NUMBERED.reshape(2, 60) if flat else NUMBERED.reshape(2, 3, 4, 5)
    found = as_pictures(values, (4, 5))
    channels_first = NUMBERED.numpy().reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(found.numpy(), np.moveaxis(channels_first, 1, 3))


@pytest.mark.parametrize(
    ("size", "shape", "message"),
    [
        ((5,), None, "no pictures"),
        ((5, 1), None, "no square pictures"),
        ((5, 783), None, r"give the hook shape=\(h, w\)"),
        ((5, 784), (20, 30), r"shape=\(20, 30\) does not fit"),
        ((5, 2, 8, 8), None, r"\(5, 2, 8, 8\) are no pictures"),
        ((5, 8, 8, 3), None, r"expected \(n, h, w\)"),
    ],
)
def test_what_is_no_picture_is_refused(size: Any, shape: Any, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        as_pictures(torch.zeros(size), shape)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.3, 1.0], (0, 1)),
        ([0.0, 1.0000001], (0, 1)),
        ([0.0, 0.0], (0, 1)),
        ([-0.2, 0.3], (-1, 1)),
        ([-1.0, torch.nan, 1.0], (-1, 1)),
        ([0.0, 200.0], (0, 255)),
        ([-0.4242, 2.8215], (-0.4242, 2.8215)),
        ([torch.nan], (0, 1)),
        ([300.0, 300.0], (300, 301)),
    ],
)
def test_the_range_of_real_pictures(values: list[float], expected: tuple[float, float]) -> None:
    assert range_of(torch.tensor(values)) == pytest.approx(expected, rel=1e-6)


def test_the_range_of_whole_numbers() -> None:
    assert range_of(torch.zeros(3, dtype=torch.uint8)) == (0, 255)
    assert range_of_generated(torch.zeros(3, dtype=torch.uint8)) == (0, 255)


def test_the_range_a_generator_is_made_for() -> None:
    outputs = torch.randn(50, generator=torch.Generator().manual_seed(0))
    assert range_of_generated(torch.tanh(outputs)) == (-1, 1)
    assert range_of_generated(torch.sigmoid(outputs)) == (0, 1)
    assert range_of_generated(outputs.relu() * 5) == (0, 1)


def test_a_range_asked_for_is_kept() -> None:
    pictures = PictureFormat((0, 2))
    pictures.settle(torch.full((1, 2, 2), -5.0), torch.zeros(1, 2, 2))
    assert pictures.bytes(torch.ones(1, 2, 2)).tolist() == [[[128, 128], [128, 128]]]


@pytest.mark.parametrize("bad", ["full", (1, 1), (1, 0), (0, float("nan")), (0, 1, 2), 3, "ab"])
def test_ranges_that_are_none_are_refused(bad: Any) -> None:
    with pytest.raises(UsageError, match=r"expected 'auto' or \(lowest, highest\)"):
        PictureFormat(bad)

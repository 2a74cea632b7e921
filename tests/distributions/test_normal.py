"""The few-values path agrees with scipy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from gan_viz.distributions.normal import FEW, cumulative, quantile

SHAPES = st.sampled_from([(), (0,), (5,), (2, 3)])
NUMBERS = arrays(np.float64, SHAPES, elements=st.floats(allow_nan=True, allow_infinity=True))
SHARES = arrays(np.float64, SHAPES, elements=st.floats(-0.5, 1.5) | st.floats(0, 1e-300))


@given(NUMBERS)
def test_cumulative(z: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(cumulative(z), ndtr(z), rtol=1e-12, atol=1e-300)


@given(SHARES)
def test_quantile(q: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(quantile(q), ndtri(q), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("ours", [cumulative, quantile])
def test_many_values_are_the_same(ours) -> None:
    values = np.linspace(0.001, 0.999, FEW + 1)
    np.testing.assert_allclose(ours(values)[:-1], ours(values[:-1]), rtol=1e-12, atol=1e-15)


def test_the_toy_needs_no_scipy() -> None:
    program = """
import sys
from gan_viz.distributions import Latent, target
for name in ("gaussian", "bimodal", "trimodal", "uniform"):
    found = target(name)
    found.window, found.modes, found.scale, found.ppf([0.1]), found.cdf([0.5])
Latent("normal").stratified(1024)
assert not any(name.startswith("scipy") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)

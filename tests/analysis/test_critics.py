"""The best critics against quadrature, and against a search at each x."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import ndtri
from scipy.stats import norm

from gan_viz.analysis import GeneratedDensity
from gan_viz.analysis.critics import BestCritic, BestMargin, best_of, best_slopes, between
from gan_viz.distributions import target
from gan_viz.recording import Recording, Writer

DATA = target("0.5*norm(-2, 0.5) + 0.5*norm(2, 0.5)")
X = np.linspace(-8, 8, 801)
STEP = X[1] - X[0]
DIFFERENCE = norm.cdf(X, 0.3, 1.5) - DATA.cdf(X)
Z = ndtri((np.arange(1024) + 0.5) / 1024)
Make = Callable[..., Recording]


def exact_between() -> np.ndarray:
    """The density of the interpolates by quadrature: for each part they are a normal mixture."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    found = np.zeros_like(X)
    for part, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        for mean in (-2, 2):
            spread = np.hypot(part * 0.5, (1 - part) * 1.5)
            found += weight / 2 * norm.pdf(X, part * mean + (1 - part) * 0.3, spread)
    return found


def earned(slopes: np.ndarray, weight: float, mu: np.ndarray) -> float:
    """What a critic earns, less its gradient penalty."""
    return float(np.sum(slopes * DIFFERENCE - weight * (np.abs(slopes) - 1) ** 2 * mu) * STEP)


@pytest.mark.parametrize(("weight", "value"), [(0.1, 3.211), (1.0, 1.102), (10.0, 0.891)])
def test_what_the_best_penalized_critic_earns(weight: float, value: float) -> None:
    mu = exact_between()
    slopes = best_slopes(DIFFERENCE, gp=weight * mu)
    assert earned(slopes, weight, mu) == pytest.approx(value, abs=6e-4)
    for other in (0.9, 1.1):
        assert earned(other * slopes, weight, mu) < earned(slopes, weight, mu)


def test_the_best_critic_of_slope_one_earns_the_wasserstein_distance() -> None:
    slopes = best_slopes(DIFFERENCE, most=1.0)
    assert np.sum(slopes * DIFFERENCE) * STEP == pytest.approx(0.86743, abs=1e-4)


def test_the_density_between_is_that_of_the_interpolates() -> None:
    levels = (np.arange(128) + 0.5) / 128
    found = between(DATA.ppf(levels), norm.ppf(levels, 0.3, 1.5), X)
    exact = exact_between()
    assert np.sum(found) * STEP == pytest.approx(1)
    assert np.abs(found - exact).sum() * STEP < 0.02


part = st.floats(0.01, 3)


@given(st.floats(-2, 2), part, part, part)
def test_best_slopes_are_best(difference: float, gp: float, r1: float, most: float) -> None:
    def loss(slope: float) -> float:
        return -slope * difference + gp * (abs(slope) - 1) ** 2 + r1 / 2 * slope**2

    (found,) = best_slopes([difference], gp, r1)
    if difference:
        side = minimize_scalar(
            lambda size: loss(np.sign(difference) * size), bounds=(0, 500), method="bounded"
        )
        assert loss(found) <= side.fun + 1e-9
    assert abs(best_slopes([difference], gp, r1, most)[0]) <= most


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened = []

    def recording(
        penalties: Any, output: str = "critic", scaling: Any = None, outputs: Any = None
    ) -> Recording:
        header = {
            "target": DATA.describe(),
            "latent": {"kind": "normal", "dim": 1},
            "objective": {"name": "own", "penalties": penalties},
            **({} if scaling is None else {"scaling": scaling}),
        }
        with Writer(tmp_path / f"{len(opened)}.ganviz", header) as writer:
            writer.add_channel("generator", Z.shape, "float64")
            writer.add_constant("latents", Z[:, None])
            writer.add_constant("x", X)
            writer.add_channel("discriminator", X.shape, "float64", output=output)
            generated = 0.3 + 1.5 * Z if outputs is None else outputs
            writer.write_frame(0, {"generator": generated, "discriminator": 0.5 * np.sin(X)})
        opened.append(Recording(writer.path))
        return opened[-1]

    yield recording
    for one in opened:
        one.close()


def best(recording: Recording) -> Any:
    return best_of(recording, DATA, GeneratedDensity(recording), X)


def slopes_of(recording: Recording, d: np.ndarray | None = None) -> np.ndarray:
    found = best(recording).at(recording.array("generator", 0), 1e-3, d)
    return np.gradient(found, X)


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [
        ({"gp": 0.1}, lambda mu, p: 1 + np.abs(DIFFERENCE) / (0.2 * mu)),
        ({"r1": 0.5}, lambda mu, p: np.abs(DIFFERENCE) / (0.5 * p)),
        ({"gp": 1, "r1": 0.5}, lambda mu, p: (np.abs(DIFFERENCE) + 2 * mu) / (2 * mu + 0.5 * p)),
    ],
)
def test_the_best_critic_of_a_recording(penalties: Any, expected: Any, make: Make) -> None:
    found, p = slopes_of(make(penalties)), DATA.pdf(X)
    seen = (p > 0.02) & (np.abs(DIFFERENCE) > 0.01) & np.isfinite(found)
    wanted = np.sign(DIFFERENCE) * expected(exact_between(), p)
    assert seen.sum() > 200
    assert np.median(np.abs(found / wanted - 1)[seen]) < 0.02


def test_its_mean_on_the_data_is_nothing(make: Make) -> None:
    found = best(make({"gp": 1})).at(0.3 + 1.5 * Z)
    known = np.isfinite(found)
    assert known.sum() > 350
    assert np.sum(found[known] * DATA.pdf(X)[known]) * STEP == pytest.approx(0, abs=5e-3)


def test_slopes_count_on_the_scale_of_the_networks(make: Make) -> None:
    plain = slopes_of(make({"gp": 0.4}))
    scaled = slopes_of(make({"gp": 0.4}, scaling={"location": 1.0, "scale": 4.0, "bends": False}))
    mu, p = exact_between(), DATA.pdf(X)
    seen = (p > 0.05) & (np.abs(DIFFERENCE) > 0.02)
    expected = (1 + np.abs(DIFFERENCE) / (0.8 * mu * 4)) / 4
    assert np.median(np.abs(np.abs(scaled) / expected - 1)[seen]) < 0.02
    assert (np.abs(plain) > np.abs(scaled))[seen].all()
    bent = best(make({"gp": 0.4}, scaling={"location": 0.0, "scale": 1.0, "bends": True}))
    assert np.isfinite(bent.at(0.3 + 1.5 * Z)).sum() > 400


def test_a_clipped_critic_is_compared_with_one_as_steep(make: Make) -> None:
    d = 0.5 * np.sin(X)
    found = slopes_of(make({"clip": 0.3}), d)
    steep = np.abs(found[np.isfinite(found)])
    assert np.quantile(steep, 0.9) == pytest.approx(0.5, rel=1e-3)


def test_the_straight_one_has_slope_one(make: Make) -> None:
    critic = best(make({"gp": 0.1}))
    assert critic.biased
    slopes = np.abs(np.gradient(critic.unbiased(0.3 + 1.5 * Z), X))
    assert np.median(slopes) == pytest.approx(1, rel=1e-6)


def test_the_best_margin_is_the_side(make: Make) -> None:
    margin = best(make({}, output="margin"))
    assert isinstance(margin, BestMargin)
    found = margin.at(0.3 + 1.5 * Z, 1e-3)
    apart = DATA.pdf(X) - norm.pdf(X, 0.3, 1.5)
    seen = (np.abs(apart) > 0.02) & np.isfinite(found)
    assert np.array_equal(found[seen], np.sign(apart)[seen])


@pytest.mark.parametrize(
    "told", [None, {}, {"gp": -1}, {"gp": "0.1"}, {"gp": float("nan")}, {"r1": 1e300}, 7]
)
def test_no_best_critic_where_no_penalty_is_told(told: Any, make: Make) -> None:
    assert best(make(told)) is None


def test_nothing_is_drawn_where_nothing_is_known(make: Make) -> None:
    critic = best(make({"gp": 0.1}, outputs=np.full(1024, np.nan)))
    assert isinstance(critic, BestCritic)
    assert np.isnan(critic.at(np.full(1024, np.nan))).all()
    far = best(make({"r1": 0.1})).at(np.full(1024, 300.0))
    assert np.isfinite(far[np.abs(X) < 3]).any()

"""D along x against closed forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from gan_viz.analysis.discriminator import DiscriminatorCurve
from gan_viz.recording import Recording, Writer

PLACES = np.linspace(-10.0, 10.0, 801)
X = np.linspace(-6.0, 8.0, 401)
REAL, FAKE = stats.norm(1, 0.7), stats.norm(-2, 0.4)
EVERYWHERE = np.ones((1, len(X)), np.bool_)
Make = Callable[..., Recording]


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Make]:
    """Record D along `PLACES` at some frames; None leaves it out."""
    opened: list[Recording] = []

    def make(*frames: Any, output: str = "critic", **header: Any) -> Recording:
        with Writer(tmp_path / f"{len(opened)}.ganviz", header) as writer:
            writer.add_constant("x", PLACES)
            writer.add_channel("discriminator", PLACES.shape, "float64", output=output)
            for step, values in enumerate(frames):
                arrays = {} if values is None else {"discriminator": np.asarray(values)}
                writer.write_frame(step, arrays)
        opened.append(Recording(writer.path))
        return opened[-1]

    yield make
    for recording in opened:
        recording.close()


@pytest.mark.parametrize(
    ("output", "expected"), [("logit", expit(X)), ("probability", X)], ids=["logit", "probability"]
)
def test_a_probability_is_shown_as_it_is(recorded: Make, output: str, expected: Any) -> None:
    curve = DiscriminatorCurve(recorded(PLACES, output=output), X, REAL.pdf(X))
    assert not curve.critic
    assert curve.on_the_densities is None
    assert np.allclose(curve.at(0), expected, atol=1e-4)


@pytest.mark.parametrize("slope", [-1.0, 2.5])
def test_a_wasserstein_critic_shows_the_distance_it_estimates(recorded: Make, slope: float) -> None:
    """For a straight critic of slope 1 it is the distance between the means."""
    curve = DiscriminatorCurve(recorded(slope * PLACES + 1234.5), X, REAL.pdf(X))
    values, step = curve.at(0), X[1] - X[0]
    assert (values * REAL.pdf(X)).sum() * step == pytest.approx(0, abs=1e-9)
    on_fakes = (values * FAKE.pdf(X)).sum() * step
    assert -on_fakes == pytest.approx(slope * (REAL.mean() - FAKE.mean()), abs=1e-6)


def test_of_unknown_data_the_mean_along_x_counts(recorded: Make) -> None:
    for p_data in (None, np.zeros_like(X)):
        values = DiscriminatorCurve(recorded(PLACES**2), X, p_data).at(0)
        assert np.mean(values) == pytest.approx(0, abs=1e-9)


def test_the_level_of_a_margin_is_kept(recorded: Make) -> None:
    curve = DiscriminatorCurve(recorded(PLACES + 3, output="margin"), X, REAL.pdf(X))
    assert curve.critic
    assert not curve.centered
    assert np.allclose(curve.at(0), X + 3)


def test_a_critic_may_be_stretched(recorded: Make) -> None:
    level = np.full_like(PLACES, 7.0)
    curve = DiscriminatorCurve(
        recorded(1e-3 * PLACES, 1e3 * PLACES, level), X, critic_range=(-1.0, 3.0)
    )
    assert curve.on_the_densities == (-1.0, 3.0)
    assert np.allclose(curve.at(0), np.linspace(-1, 3, len(X)))
    assert np.allclose(curve.at(1), curve.at(0))
    assert np.allclose(curve.at(2), 1.0)
    logits = recorded(PLACES, output="logit")
    assert DiscriminatorCurve(logits, X, critic_range=(-1.0, 3.0)).stretched is None


def test_a_probability_may_be_on_the_scale_of_the_densities(recorded: Make) -> None:
    for output, ends in (("logit", (0.0, 1.0)), ("critic", None)):
        curve = DiscriminatorCurve(recorded(PLACES, output=output), X, common_scale=True)
        assert curve.on_the_densities == ends


def test_the_scale_leaves_out_rare_extremes_and_what_no_sample_sees(recorded: Make) -> None:
    frames = [*[0.5 * PLACES] * 39, 1e9 * PLACES]
    curve = DiscriminatorCurve(recorded(*frames), X, REAL.pdf(X))
    seen = np.tile(np.abs(X - 1) < 2, (40, 1))
    low, high = curve.limits(seen)
    assert -1.5 < low < -1 < 1 < high < 1.5
    assert curve.limits(np.tile(EVERYWHERE, (40, 1)))[1] > 3


@pytest.mark.parametrize("values", [np.nan, np.inf, 1.7e308, 0.0])
def test_a_critic_without_a_shape_has_a_scale_all_the_same(recorded: Make, values: float) -> None:
    curve = DiscriminatorCurve(recorded(np.full_like(PLACES, values)), X, REAL.pdf(X))
    low, high = curve.limits(EVERYWHERE)
    assert np.isfinite([low, high]).all()
    assert low < 0 < high


def test_what_was_not_recorded_is_no_number(recorded: Make) -> None:
    wide: NDArray[np.float64] = np.linspace(-20, 20, 401)
    curve = DiscriminatorCurve(recorded(PLACES, None), wide)
    assert np.array_equal(np.isfinite(curve.at(0)), np.abs(wide) <= 10)
    assert np.isnan(curve.at(1)).all()


@pytest.mark.parametrize("frames", [3, 12, 60])
def test_a_first_frame_that_a_spectral_norm_distorts_is_no_part_of_the_scale(
    recorded: Make, frames: int
) -> None:
    shapes = [1000 * PLACES, *[0.03 * (k + 1) / frames * PLACES for k in range(frames - 1)]]
    curve = DiscriminatorCurve(recorded(*shapes, output="margin"), X)
    low, high = curve.limits(np.tile(EVERYWHERE, (frames, 1)))
    assert -0.5 < low < 0 < high < 0.5


def test_a_critic_that_begins_steep_is_shown_whole(recorded: Make) -> None:
    shapes = [4 * PLACES, 2 * PLACES, PLACES]
    curve = DiscriminatorCurve(recorded(*shapes, output="margin"), X)
    assert curve.limits(np.tile(EVERYWHERE, (3, 1)))[1] > 3.5 * X.max()

"""A stranger's expression takes a bounded time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from gan_viz import api
from gan_viz.distributions import from_description, recorded_target, scipy_backed, target
from gan_viz.distributions.scipy_backed import Clock, ScipyDistribution, TooSlowError
from gan_viz.errors import RecordingError, RecordingWarning, UsageError
from gan_viz.recording import Writer

SLOW = "studentized_range(3, 10)"
MANY = " + ".join(["1/64*studentized_range(3, 10)"] * 64)


class Sluggish:
    """A normal distribution that takes a millisecond for each value."""

    mean, std = staticmethod(lambda: 0.0), staticmethod(lambda: 1.0)

    def __init__(self) -> None:
        self.asked = 0

    def ppf(self, q):
        self.asked += len(q)
        end = time.thread_time() + 1e-3 * len(q)
        while time.thread_time() < end:
            pass
        return stats.norm.ppf(q)


def test_values_are_refused_before_they_take_too_long():
    sluggish = Sluggish()
    one = ScipyDistribution(sluggish, "slow", clock=Clock(0.3))
    np.testing.assert_array_equal(
        one.ppf(np.full((2, 3), 0.3)), np.full((2, 3), stats.norm.ppf(0.3))
    )
    before, asked = time.thread_time(), sluggish.asked
    with pytest.raises(TooSlowError, match="slow takes too long to compute: name another"):
        one.ppf(np.linspace(0.01, 0.99, 10_000))
    assert time.thread_time() - before < 0.3
    assert sluggish.asked - asked < 300
    one.ppf([0.5])  # which there is time for


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("halfgennorm(1, 3, 2)", stats.expon(3, 2)),
        ("powernorm(1, loc=-4, scale=0.1)", stats.norm(-4, 0.1)),
        ("kappa4(0, 0, 3, 2)", stats.gumbel_r(3, 2)),
    ],
)
def test_moments_without_a_formula_are_not_left_to_scipy(expression, same, monkeypatch):
    """Its integrals take as long as they like."""
    oracle = same.ppf(0.5), same.mean(), same.std()
    monkeypatch.setattr(stats._distn_infrastructure, "integrate", None)
    found = target(expression)
    np.testing.assert_allclose((*found.ppf([0.5]), found.mean, found.std), oracle, rtol=1e-8)
    assert found.location == found.mean


@pytest.mark.parametrize("expression", [SLOW, MANY])
def test_slow_expressions_get_one_line(expression, monkeypatch):
    monkeypatch.setattr(scipy_backed.Clock.__init__, "__defaults__", (0.5,))
    with pytest.raises(UsageError, match="takes too long to compute"):
        target(expression)
    description = {"kind": "expression", "expression": expression, "label": "x"}
    with pytest.raises(RecordingError, match="takes too long"):
        from_description(description)
    with pytest.warns(RecordingWarning, match="p_data is not shown"):
        assert recorded_target({"target": description}) is None


def test_a_recording_with_a_slow_target_is_drawn_without_it(tmp_path, monkeypatch):
    monkeypatch.setattr(scipy_backed.Clock.__init__, "__defaults__", (0.5,))
    description = {"kind": "expression", "expression": SLOW, "label": "x"}
    with Writer(tmp_path / "run.ganviz", {"target": description}) as writer:
        writer.add_channel("generator", (50,), "float32")
        for step in range(2):
            writer.write_frame(step, {"generator": np.linspace(0, 1 + step, 50)})
    with pytest.warns(RecordingWarning, match="p_data is not shown"):
        api.render(writer.path, tmp_path / "a.png", panels=["density"], poster=True)


@pytest.mark.parametrize(
    "expression",
    [
        "ksone(100000)",
        "genhalflogistic(0)",
        f"norm({'9' * 3900}, 1)",
        "norm(٣, 1)",
        "irwinhall(1e9)",
    ],
)
def test_hostile_numbers_get_one_short_line(expression):
    start = time.thread_time()
    with pytest.raises(UsageError) as caught:
        target(expression)
    assert time.thread_time() - start < 2
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_quick_expressions_are_as_ever():
    found = target("gamma(2)")
    x = np.linspace(-1, 9, 1001).reshape(7, 143)
    np.testing.assert_array_equal(found.pdf(x), stats.gamma(2).pdf(x))
    np.testing.assert_array_equal(found.cdf(x), stats.gamma(2).cdf(x))
    assert (found.mean, found.std) == (stats.gamma(2).mean(), stats.gamma(2).std())

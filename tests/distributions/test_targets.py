from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from gan_viz.distributions import SHORT_NAMES, from_description, target
from gan_viz.distributions.modes import core_edges
from gan_viz.errors import DataError, GanVizError, RecordingError, UsageError

ORACLES = {
    "gaussian": stats.norm(4, 0.5),
    "uniform": stats.uniform(-1, 2),
    "skewed": stats.gamma(2),
    "heavy-tailed": stats.t(3),
}
MIXTURES = {
    "bimodal": [(0.3, stats.norm(-1.5, 0.5)), (0.7, stats.norm(1.5, 0.5))],
    "trimodal": [(1 / 3, stats.norm(m, 0.5)) for m in (-3, 0, 3)],
}
EXOTIC = [
    "beta(0.5, 0.5)",
    "gamma(0.5)",
    "gamma(0.01)",
    "cauchy(2, 3)",
    "levy()",
    "lognorm(1)",
    "expon(scale=1)",
    "pareto(1)",
    "weibull_min(0.5)",
    "truncnorm(-1, 4)",
    "chi2(1)",
    "0.5*uniform(0, 1) + 0.5*uniform(5, 1)",
    "0.5*norm(0, 1) + 0.5*norm(100, 0.001)",
    "0.6*expon() + 0.4*cauchy(9)",
    "0.5*gamma(0.5) + 0.5*norm(3, 0.1)",
]


@pytest.mark.parametrize("name", ORACLES)
def test_short_names_equal_scipy(name):
    found, oracle = target(name), ORACLES[name]
    x = np.linspace(-10, 10, 401)
    q = np.linspace(0, 1, 101)
    np.testing.assert_allclose(found.pdf(x), oracle.pdf(x), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(found.cdf(x), oracle.cdf(x), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(found.ppf(q), oracle.ppf(q), rtol=1e-12)
    assert (found.mean, found.std) == pytest.approx((oracle.mean(), oracle.std()), rel=1e-12)
    assert (found.location, found.scale) == (found.mean, found.std)
    assert found.label == name
    assert not found.is_estimate
    assert found.histogram() is None


@pytest.mark.parametrize("name", MIXTURES)
def test_short_mixtures_equal_scipy(name):
    found, parts = target(name), MIXTURES[name]
    x = np.linspace(-10, 10, 401)
    np.testing.assert_allclose(found.pdf(x), sum(w * d.pdf(x) for w, d in parts), rtol=1e-12)
    np.testing.assert_allclose(found.cdf(x), sum(w * d.cdf(x) for w, d in parts), rtol=1e-12)
    mean = integrate.quad(lambda t: t * found.pdf(t), -10, 10, points=[0])[0]
    square = integrate.quad(lambda t: t * t * found.pdf(t), -10, 10, points=[0])[0]
    assert found.mean == pytest.approx(mean, abs=1e-7)
    assert found.std == pytest.approx(np.sqrt(square - mean**2), rel=1e-7)


def test_every_short_name_is_tested():
    assert {*ORACLES, *MIXTURES} == set(SHORT_NAMES)


@pytest.mark.parametrize("text", [*SHORT_NAMES, *EXOTIC])
def test_contract(text):
    found = target(text)
    low, high = found.window
    assert np.isfinite([low, high, found.location, found.scale]).all()
    assert low < high
    assert found.scale > 0
    inside = float(found.cdf(high) - found.cdf(low))
    assert inside >= (0.99 if text in SHORT_NAMES else 0.9)
    assert high - low < 40 * (found.ppf(0.95) - found.ppf(0.05))
    q = np.array([0.0, 1e-9, 1e-3, 0.1, 0.25, 0.4999, 0.75, 0.999, 1 - 1e-9, 1.0])
    np.testing.assert_allclose(found.cdf(found.ppf(q)), q, atol=1e-9)
    assert np.isnan(found.ppf([-0.1, 1.1, np.nan])).all()
    assert (np.diff(found.ppf(np.linspace(0, 1, 257))) >= -1e-12).all()
    for values in (found.pdf([[low, high]]), found.cdf([[low, high]]), found.ppf([[0.5, 0.2]])):
        assert (values.shape, values.dtype) == ((1, 2), np.float64)
    assert found.pdf(low).shape == found.cdf(low).shape == found.ppf(0.5).shape == ()


@pytest.mark.parametrize("text", [*SHORT_NAMES, *EXOTIC])
def test_modes_add_up(text):
    found = target(text)
    modes = found.modes
    assert sum(mode.mass for mode in modes) == pytest.approx(1, abs=1e-12)
    assert (modes[0].low, modes[-1].high) == (-np.inf, np.inf)
    for mode in modes:
        assert mode.low < mode.location < mode.high
        assert mode.mass == pytest.approx(float(found.cdf(mode.high) - found.cdf(mode.low)))
    for left, right in pairwise(modes):
        assert left.high == right.low


@pytest.mark.parametrize("text", [*SHORT_NAMES, *EXOTIC])
def test_sample_is_of_the_distribution(text):
    found = target(text)
    drawn = found.sample(4000, np.random.default_rng(7))
    assert (drawn.shape, drawn.dtype) == ((4000,), np.float64)
    assert stats.kstest(drawn, found.cdf).pvalue > 0.01
    assert np.array_equal(drawn, found.sample(4000, np.random.default_rng(7)))
    assert found.sample(0, np.random.default_rng(7)).shape == (0,)


def test_quantiles_are_searched_for_once_by_all_of_one_name(monkeypatch):
    q = np.linspace(0.01, 0.99, 33)
    first = target("0.5*norm(-2, 1) + 0.5*norm(2, 1.25)").ppf(q)
    first_kept = first.copy()
    first[:] = 0  # what one does with them is no other's
    monkeypatch.setattr("gan_viz.distributions.mixture.Mixture._search", None)
    again = target("0.5*norm(-2, 1) + 0.5*norm(2, 1.25)").ppf(q)
    np.testing.assert_array_equal(again, first_kept)
    with pytest.raises(TypeError):
        target("0.5*norm(-2, 1) + 0.5*norm(2, 1.5)").ppf(q)


def test_sample_of_a_mixture_is_independent():
    """Counts of the parts vary as binomial ones do; those of a stratified sample would not."""
    bimodal, generator = target("bimodal"), np.random.default_rng(0)
    shares = [np.mean(bimodal.sample(100, generator) < 0) for _ in range(2000)]
    assert np.var(shares) == pytest.approx(0.3 * 0.7 / 100, rel=0.1)
    drawn = bimodal.sample(20_000, generator) < 0
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.03


def test_global_random_states_are_untouched():
    before = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    for text in [*SHORT_NAMES, "0.5*norm() + 0.5*laplace(2)", "vonmises(4)"]:
        found = target(text)
        found.sample(50, np.random.default_rng(0))
        assert found.modes
        json.dumps(found.describe())
    after = np.random.get_state()[1], torch.get_rng_state()  # noqa: NPY002
    assert np.array_equal(before[0], after[0])
    assert torch.equal(before[1], after[1])


@pytest.mark.parametrize("text", [*SHORT_NAMES, *EXOTIC])
def test_description_round_trip(text):
    found = target(text)
    again = from_description(json.loads(json.dumps(found.describe(), allow_nan=False)))
    x = np.linspace(*found.window, 101)
    assert np.array_equal(found.pdf(x), again.pdf(x))
    assert np.array_equal(found.cdf(x), again.cdf(x))
    assert (again.label, again.window, again.modes) == (found.label, found.window, found.modes)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(0.05, 0.95), st.floats(1, 20))
@settings(max_examples=40, deadline=None)
def test_any_mixture(loc, scale, weight, shape):
    found = target(
        f"{weight!r}*norm({loc!r}, {scale!r}) + {1 - weight!r}*gamma({shape!r}, {loc!r}, {scale!r})"
    )
    q = np.linspace(0, 1, 41)
    np.testing.assert_allclose(found.cdf(found.ppf(q)), q, atol=1e-9)
    low, high = found.window
    assert found.cdf(high) - found.cdf(low) > 0.99
    again = from_description(found.describe())
    assert again.pdf(loc) == found.pdf(loc)


@given(st.floats(-50, 50), st.floats(0.1, 10), st.floats(0.1, 0.9))
@settings(max_examples=25, deadline=None)
def test_density_integrates_to_one(loc, scale, weight):
    found = target(f"{weight!r}*norm(0, 1) + {1 - weight!r}*logistic({loc!r}, {scale!r})")
    total = np.trapezoid(found.pdf(found.grid), found.grid)
    assert total == pytest.approx(1, abs=1e-3)


def test_ppf_of_a_mixture_equals_a_root_search():
    from scipy.optimize import brentq

    found = target("0.2*norm(-3, 0.2) + 0.5*expon() + 0.3*t(3, 8)")
    for q in (1e-7, 0.1, 0.2, 0.21, 0.5, 0.7, 0.99999):
        root = brentq(lambda x, q=q: float(found.cdf(x)) - q, -1e4, 1e4, xtol=1e-13)
        assert float(found.ppf(q)) == pytest.approx(root, rel=1e-6, abs=1e-9)


def test_modes_of_the_short_names():
    masses = {name: [round(mode.mass, 2) for mode in target(name).modes] for name in SHORT_NAMES}
    assert masses == {
        "gaussian": [1],
        "bimodal": [0.3, 0.7],
        "trimodal": [0.33, 0.33, 0.33],
        "uniform": [1],
        "skewed": [1],
        "heavy-tailed": [1],
    }
    peaks = [mode.location for mode in target("trimodal").modes]
    assert peaks == pytest.approx([-3, 0, 3], abs=1e-3)
    assert target("skewed").modes[0].location == pytest.approx(1, abs=1e-3)
    assert target("trimodal").modes[1].low == pytest.approx(-1.5, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "locations"),
    [
        ("beta(0.5, 0.5)", [0, 1]),
        ("gamma(0.5)", [0]),
        ("expon()", [0]),
        ("uniform(2, 4)", [4]),
        ("0.5*uniform(0, 1) + 0.5*uniform(5, 1)", [0.5, 5.5]),
        ("0.5*norm(0, 1) + 0.5*norm(100, 0.001)", [0, 100]),
        ("0.98*norm(0, 1) + 0.02*norm(9, 0.1)", [0, 9]),
        ("0.9999*norm(0, 1) + 0.0001*norm(9, 0.1)", [0]),
        ("0.5*norm(-1.2, 1) + 0.5*norm(1.2, 1)", [-1.0]),
    ],
)
def test_modes_elsewhere(text, locations):
    assert [mode.location for mode in target(text).modes] == pytest.approx(locations, abs=0.02)


def test_border_on_a_plateau_is_its_middle():
    modes = target("0.5*uniform(0, 1) + 0.5*uniform(5, 1)").modes
    assert modes[0].high == pytest.approx(3, abs=0.1)


@given(st.floats(0.01, 0.99), st.floats(0.05, 2), st.floats(0.05, 2))
def test_the_core_of_a_normal_mode_is_three_standard_deviations(weight, left, right):
    modes = target(f"{weight}*norm(-20, {left}) + {1 - weight}*norm(20, {right})").modes
    ends = [-20 - 3 * left, -20 + 3 * left, 20 - 3 * right, 20 + 3 * right]
    assert core_edges(modes) == pytest.approx(ends, abs=1e-3)
    inside = stats.norm.cdf(3) - stats.norm.cdf(-3)
    assert [mode.core for mode in modes] == pytest.approx([weight * inside, (1 - weight) * inside])


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("uniform(2, 4)", stats.uniform(2, 4).ppf([1e-4, 1 - 1e-4])),
        ("cauchy()", 3 * stats.cauchy.ppf([0.158655, 0.841345])),
        ("expon()", [1e-4, math.log(2) + 3 * (math.log(1 / 0.158655) - math.log(2))]),
    ],
)
def test_a_core_is_no_tail(text, ends):
    (mode,) = target(text).modes
    assert (mode.start, mode.end) == pytest.approx(tuple(ends), abs=1e-3)
    low, high = target(text).cdf([mode.start, mode.end])
    assert mode.core == pytest.approx(high - low)


def test_a_core_is_within_its_borders_and_as_wide_as_the_estimate_is_blurred():
    left, right = target("0.5*norm(-1.8, 1) + 0.5*norm(1.8, 1)").modes
    assert left.low < left.start < left.end <= left.high <= right.start < right.end
    categories = target(np.repeat([0.0, 1.0], 100))
    left, right = categories.modes
    assert (left.start, left.end) == (-3 * categories.bandwidth, 3 * categories.bandwidth)
    assert (left.core, right.core) == pytest.approx((0.5, 0.5), abs=0.01)


def test_heavy_tails_are_standardized_robustly():
    cauchy = target("cauchy(2, 3)")
    assert not np.isfinite(cauchy.std)
    assert cauchy.location == pytest.approx(2)
    assert cauchy.scale == pytest.approx(6 / 1.349, rel=1e-3)
    assert target("t(2)").scale == pytest.approx(stats.t(2).ppf(0.75) * 2 / 1.349, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "window"),
    [("expon()", (-0.7, 7.6)), ("uniform(-1, 2)", (-1.2, 1.2)), ("norm(4, 0.5)", (2.1, 5.9))],
)
def test_windows_show_the_body_and_a_margin(text, window):
    assert target(text).window == pytest.approx(window, abs=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gausian", "did you mean 'gaussian'"),
        ("bi-modal", "did you mean 'bimodal'"),
        ("nrom(0, 1)", "did you mean 'norm'"),
        ("0.5*norm() + 0.5*foo(1)", "unknown distribution 'foo'.*110 continuous|unknown"),
        ("norm", r"'norm' needs parentheses: norm\(loc=0, scale=1\)"),
        ("gamma", r"needs parentheses: gamma\(a, loc=0, scale=1\)"),
        ("poisson(3)", "'poisson' is a discrete distribution"),
        ("poisson", "'poisson' is a discrete distribution"),
        ("norm(0, -1)", r"norm\(0, -1\) is no distribution: .*scale > 0"),
        ("norm(0, 0)", "scale > 0"),
        ("gamma(-1)", r"needs a in \(0, inf\), scale > 0"),
        ("beta(1, -1)", r"a in \(0, inf\), b in \(0, inf\), scale > 0"),
        ("gamma()", r"the parameters are gamma\(a, loc=0, scale=1\)"),
        ("norm(1, 2, 3)", r"the parameters are norm\(loc=0, scale=1\)"),
        ("norm(1, loc=2)", "the parameters are"),
        ("norm(mu=1)", "the parameters are"),
        ("truncnorm(2, 1)", "no distribution"),
        ("norm(0, 1e308)", "finite, positive width|networks cannot"),
        ("norm(0, 1e-200)", "networks cannot compute with: choose another unit"),
        ("norm(1e40, 1e35)", "networks cannot compute with"),
        ("norm(1e20, 1)", "too narrow"),
        ("norm(3, 1e-14)", "too narrow"),
        ("", "neither a file nor a distribution"),
        ("some/where", "neither a file nor a distribution"),
        ("two words", "neither a file nor a distribution"),
    ],
)
def test_refuses_texts(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        target(text)
    assert "\n" not in str(caught.value)


class Ramp(stats.rv_continuous):
    """Has a density only: scipy integrates and inverts it."""

    def _pdf(self, x):
        return np.where((x > 0) & (x < 1), 2 * x, 0.0)


class HalfCauchyDensity(stats.rv_continuous):
    """What scipy itself cannot invert."""

    def _pdf(self, x):
        return 1 / np.pi / (1 + x * x)


def test_own_scipy_class_is_tabulated_and_sampled_fast():
    found = target(Ramp(a=0, b=1, name="ramp")())
    description = found.describe()
    again = from_description(json.loads(json.dumps(description, allow_nan=False)))
    assert description["kind"] == "table"
    assert found.label == again.label == "ramp()"
    assert again.mean == found.mean == pytest.approx(2 / 3, abs=1e-6)
    q = np.linspace(0.001, 0.999, 201)
    np.testing.assert_allclose(again.ppf(q), np.sqrt(q), atol=1e-4)
    np.testing.assert_allclose(again.cdf(np.sqrt(q)), q, atol=1e-5)
    x = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(again.pdf(x), 2 * x, atol=1e-3)
    drawn = found.sample(200_000, np.random.default_rng(0))  # minutes, a root search each
    assert stats.kstest(drawn[:5000], lambda x: np.clip(x, 0, 1) ** 2).pvalue > 0.01
    assert np.array_equal(again.sample(9, np.random.default_rng(0)), drawn[:9])
    assert from_description(again.describe()).describe() == again.describe()


def test_infinite_densities_and_moments_survive_a_table():
    class Named(stats._continuous_distns.gamma_gen):
        pass

    found = target(Named(a=0, name="own_gamma")(0.5))
    again = from_description(json.loads(json.dumps(found.describe(), allow_nan=False)))
    assert found.describe()["kind"] == "table"
    q = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(again.cdf(found.ppf(q)), q, atol=1e-3)
    assert len(again.modes) == 1

    class OwnCauchy(stats._continuous_distns.cauchy_gen):
        pass

    found = target(OwnCauchy(name="own_cauchy"))
    again = from_description(json.loads(json.dumps(found.describe(), allow_nan=False)))
    assert np.isnan(again.std)
    assert (again.location, again.scale) == pytest.approx((0, 2 / 1.349), abs=1e-3)


def test_frozen_scipy_distributions_become_expressions():
    found = target(stats.norm(4, scale=np.float64(0.5)))
    assert found.label == "norm(4, scale=0.5)"
    assert found.describe() == {
        "kind": "expression",
        "expression": "norm(4.0, scale=0.5)",
        "label": "norm(4, scale=0.5)",
    }
    assert target(stats.expon).label == "expon()"
    assert target(found) is found
    histogram = stats.rv_histogram(np.histogram([1, 2, 2, 3, 3, 3, 4], 4))
    assert target(histogram).describe()["kind"] == "table"
    third = target(stats.norm(1 / 3))
    again = from_description(third.describe())
    assert again.pdf(0.7) == third.pdf(0.7)


@pytest.mark.skipif(not hasattr(stats, "Normal"), reason="scipy before 1.15")
def test_new_scipy_distributions():
    found = target(stats.Normal(mu=4, sigma=0.5))
    assert found.label == "Normal(mu=4.0, sigma=0.5)"
    assert (found.mean, found.std) == (4, 0.5)
    again = from_description(found.describe())
    x = np.linspace(2, 6, 50)
    np.testing.assert_allclose(found.pdf(x), stats.norm(4, 0.5).pdf(x), rtol=1e-12)
    np.testing.assert_allclose(again.pdf(x), found.pdf(x), atol=1e-4)
    assert stats.kstest(found.sample(2000, np.random.default_rng(1)), found.cdf).pvalue > 0.01
    truncated = target(stats.truncate(stats.Normal(mu=0), lb=0))
    drawn = truncated.sample(50_000, np.random.default_rng(1))
    assert stats.kstest(drawn[:4000], stats.halfnorm().cdf).pvalue > 0.01


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (stats.poisson(3), "no one-dimensional continuous"),
        (stats.gamma, r"gamma needs its parameters: write gamma\(a\)"),
        (stats.norm([0, 1]), "arrays of parameters"),
        (stats.norm(0, -1), "outside their domain"),
        (stats.multivariate_normal(), "no one-dimensional continuous"),
        (stats.gaussian_kde([1, 2, 4]), "no one-dimensional continuous"),
        (HalfCauchyDensity(name="own")(), "give it _cdf and _ppf"),
    ],
)
def test_refuses_objects(data, message):
    with pytest.raises(UsageError, match=message):
        target(data)


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="scipy before 1.16")
def test_refuses_new_discrete_distributions():
    with pytest.raises(UsageError, match="is discrete"):
        target(stats.Binomial(n=3, p=0.5))
    with pytest.raises(UsageError, match="no one-dimensional continuous"):
        target(stats.Normal(mu=[0, 1]))


def test_column_belongs_to_tables():
    with pytest.raises(UsageError, match="no table"):
        target("gaussian", column="height")
    with pytest.raises(UsageError, match="no table"):
        target(stats.norm(), column=0)


pieces = [
    "0.5",
    "*",
    "+",
    "norm",
    "(",
    ")",
    "1",
    ",",
    "-",
    "/",
    "t(3)",
    "exit()",
    "lambda:",
    "eval",
]
garbage = st.one_of(
    st.text(max_size=60),
    st.text("norm()+-*/0.5, t=loc'\"_[]{}:;\\\n#@%&|~<>", max_size=60),
    st.lists(st.sampled_from(pieces), max_size=12).map("".join),
)


@given(garbage)
@example("__import__('os')._exit(3)")
@example("(" * 3000)
@example("norm(" + "(" * 90 + "1" + ")" * 90 + ")")
@example("\0")
@example("~")
@example(".")
@example("x" * 5000)
@settings(max_examples=300, deadline=None)
def test_garbage_is_refused_in_one_line(text):
    try:
        found = target(text)
    except GanVizError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
    else:
        assert np.isfinite(found.window).all()


def test_nothing_in_an_expression_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in (
        "__import__('pathlib').Path('ran').touch()",
        "norm(__import__('pathlib').Path('ran').touch())",
        "norm(open('ran', 'w').close() or 1)",
        "(lambda: open('ran', 'w'))()*norm()",
    ):
        with pytest.raises(UsageError):
            target(text)
    assert not Path("ran").exists()


def values(*numbers, **fields):
    good = {"kind": "values", "label": "a", "count": 2, "mean": 0.0, "std": 1.0}
    return {**good, "values": list(numbers), **fields}


def table(x, pdf, cdf):
    return {"kind": "table", "label": "a", "mean": 0, "std": 1, "x": x, "pdf": pdf, "cdf": cdf}


BAD_DESCRIPTIONS = [
    None,
    [],
    "norm()",
    {},
    {"kind": "pickle"},
    {"kind": ["expression"]},
    {"kind": "expression", "label": "a"},
    {"kind": "expression", "label": "a", "expression": 3},
    {"kind": "expression", "label": None, "expression": "norm()"},
    {"kind": "expression", "label": "a", "expression": "norm(0, -1)"},
    {"kind": "expression", "label": "a", "expression": "__import__('os')._exit(3)"},
    values(),
    values(1.0, 1.0),
    values(1, "2"),
    values(1, True),
    values(1, float("nan")),
    values(1, 10**400),
    values([1, 2], [3, 4]),
    values(*[0.0] * 200_001),
    values(1.0, 2.0, values={"0": 1}),
    values(1.0, 2.0, count=1),
    values(1.0, 2.0, count=2.5),
    values(1.0, 2.0, std=0.0),
    values(1.0, 2.0, std=float("inf")),
    values(1.0, 2.0, mean=None),
    table([0, 1], [1, 1], [0, 2]),
    table([0, 1], [1, 1], [0.5, 0.5]),
    table([1, 0], [1, 1], [0, 1]),
    table([0, 0], [1, 1], [0, 1]),
    table([0, 1], [-1, 1], [0, 1]),
    table([0, 1, 2], [1, 1], [0, 1]),
]


def test_the_bad_descriptions_are_bad_in_one_place_only():
    assert from_description(values(1.0, 2.0)).label == "a"
    assert from_description(table([0, 1], [1, 1], [0, 1])).ppf(0.25) == 0.25


@pytest.mark.parametrize("description", BAD_DESCRIPTIONS)
def test_refuses_descriptions(description):
    with pytest.raises(RecordingError, match="the recorded target cannot be read: ") as caught:
        from_description(description)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)


@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["expression", "values", "table"])},
        optional={
            **dict.fromkeys(["label", "expression", "count"], json_values),
            **dict.fromkeys(["mean", "std"], json_values | st.floats()),
            **dict.fromkeys(["values", "x", "pdf", "cdf"], st.lists(st.floats(), max_size=9)),
        },
    )
)
@settings(max_examples=200, deadline=None)
def test_any_description_is_read_or_refused(description):
    try:
        found = from_description(description)
    except RecordingError:
        return
    assert np.isfinite(found.window).all()
    assert found.modes


def test_labels_are_printable_and_short():
    described = {**target("gaussian").describe(), "label": "a\x1b[31m\n" + "b" * 500}
    label = from_description(described).label
    assert label.isprintable()
    assert len(label) <= 48


def test_import_is_light():
    script = (
        "import sys, gan_viz.distributions as d; d.SHORT_NAMES;"
        "assert not {'scipy', 'torch', 'matplotlib', 'pandas'} & set(sys.modules), 'import';"
        "d.target('bimodal').modes; d.target('uniform').window; d.Latent().stratified(9);"
        "assert 'scipy.stats' not in sys.modules, 'use'"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_missing_data_file_is_not_taken_for_an_expression(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("measurements.csv").write_text("1\n2\n")
    hint = r"no such file: measurments\.csv; did you mean measurements\.csv\?"
    with pytest.raises(DataError, match=hint):
        target("measurments.csv")
    assert target("measurements.csv").is_estimate
    with pytest.raises(DataError, match="no such file"):
        target(Path("nowhere/x.npy"))


def test_repr_tells_what_it_is():
    assert repr(target("bimodal")) == "<Mixture bimodal: mean 0.6, std 1.463>"
    assert repr(target("norm(4, 0.5)")) == "<ScipyDistribution norm(4, 0.5): mean 4, std 0.5>"
    assert repr(target([1.0, 2.0, 4.0])) == "<Empirical the data: mean 2.333, std 1.247>"


@pytest.mark.parametrize(
    "text", ["genhalflogistic(0)", "norm(" + "9" * 3900 + ", 1)", "norm(\u0664, 1)", "norm(１, 1)"]
)
def test_hostile_numbers_get_one_line(text):
    with pytest.raises(UsageError) as caught:
        target(text)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400

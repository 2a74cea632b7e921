from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.distributions.expression import parse
from gan_viz.errors import UsageError


def terms(text: str) -> list[tuple[float, str, tuple[float, ...], dict[str, float]]]:
    return [(term.weight, term.name, term.args, term.kwargs) for term in parse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("norm(4, 0.5)", [(1.0, "norm", (4.0, 0.5), {})]),
        ("expon(scale=1)", [(1.0, "expon", (), {"scale": 1.0})]),
        ("norm(-1/4 + 2*3, +1)", [(1.0, "norm", (5.75, 1.0), {})]),
        ("norm(--2)", [(1.0, "norm", (2.0,), {})]),
        ("1*t(3)", [(1.0, "t", (3.0,), {})]),
        (" (t(3)) ", [(1.0, "t", (3.0,), {})]),
        ("0.25*t(3) + norm()*0.75", [(0.25, "t", (3.0,), {}), (0.75, "norm", (), {})]),
        ("0.5*(0.5*t(3)) + 3/4*t(4)", [(0.25, "t", (3.0,), {}), (0.75, "t", (4.0,), {})]),
        ("0.25*t(3) + (0.75*t(4))", [(0.25, "t", (3.0,), {}), (0.75, "t", (4.0,), {})]),
        ("0.1*t(1) + 0.8999999*t(2)", [(0.1, "t", (1.0,), {}), (0.8999999, "t", (2.0,), {})]),
    ],
)
def test_reads(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("norm(0, 1) + norm(3, 1)", r"needs a weight, e\.g\. 1/2\*norm\(0, 1\) \+ 1/2\*"),
        ("0.5*norm() + norm(3)", "needs a weight"),
        ("0.5*norm(0) + 0.6*norm(3)", r"sum to 1\.1, not to 1: write 0\.5/1\.1\*norm\(0\) \+ 0"),
        ("0.3*norm()", r"sum to 0\.3, not to 1: write norm\(\)"),
        ("-0.5*norm() + 1.5*t(2)", r"weight -0\.5 is not positive"),
        ("0*norm() + 1*t(2)", "weight 0 is not positive"),
        ("1e308*norm() + 1e308*t(2)", "sum to inf"),
        ("norm() - 0.5*t(2)", "cannot subtract"),
        ("norm()*t(2)", "cannot read"),
        ("0.5*(norm() + t(2))", "cannot read 'norm\\(\\) \\+ t\\(2\\)'"),
        ("norm()/2", "cannot read"),
        ("-norm()", "cannot read"),
        ("norm", r"no distribution by itself: write norm\(\)"),
        ("stats.norm()", "cannot read"),
        ("norm(nan)", "in norm\\(nan\\): 'nan' is not a finite number"),
        ("norm(1e999)", "not a finite number"),
        ("norm(1/0)", "'1 / 0' is not a finite number"),
        ("norm(1e300*1e300)", "not a finite number"),
        (f"norm({'9' * 400})", "not a finite number"),
        ("norm(True)", "'True' is not a finite number"),
        ("norm(1j)", "not a finite number"),
        ("norm('1')", "not a finite number"),
        ("norm(2**9)", "not a finite number"),
        ("norm([1])", "not a finite number"),
        ("norm(t(1))", "not a finite number"),
        ("norm(*[1])", "not a finite number"),
        ("norm(**{})", "name each parameter once"),
        ("norm(loc=1, loc=2)", "name each parameter once"),
        ("norm(", "cannot read"),
        ("", "cannot read"),
        ("norm(); t(1)", "cannot read"),
        ("norm(1if 1else 2)", "not a finite number"),
        ("norm(\0)", "cannot read"),
        ("norm(\ud800)", "cannot read"),
        ("lambda: 0", "cannot read"),
        ("(" * 1500, "cannot read"),
        ("norm(" + "(" * 1500 + ")" * 1500 + ")", "cannot read"),
        ("norm(" + "-" * 3900 + "1)", "nested too deeply"),
        ("norm(" + "1+" * 1900 + "1)", "nested too deeply"),
        ("1*" * 1900 + "norm()", "nested too deeply"),
        ("0.01*t(1)+" * 99 + "0.01*t(1)", "100 parts is too long"),
        ("norm(" + " " * 4000 + ")", "too long"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text", ["norm(0) + t(1) + t(2)", "1*norm(0) + 2*t(1) + 4*t(2)", "0.1*norm(0) + 0.2*t(1)"]
)
def test_proposed_weights_are_accepted(text):
    with pytest.raises(UsageError) as caught:
        parse(text)
    proposal = re.split(r"write |e\.g\. ", str(caught.value))[-1]
    assert [term.text for term in parse(proposal)] == re.findall(r"\w+\(\d\)", text)


numbers = st.floats(-1e6, 1e6, allow_nan=False)
calls = st.tuples(
    st.sampled_from(["norm", "t", "x_1"]),
    st.lists(numbers),
    st.dictionaries(st.sampled_from(["loc", "scale", "a"]), numbers),
)


def write(name, args, kwargs):
    return f"{name}({', '.join([*map(repr, args), *(f'{k}={v!r}' for k, v in kwargs.items())])})"


@given(st.lists(st.tuples(st.floats(0.01, 1), calls), min_size=1, max_size=9))
def test_reads_back_what_is_written(parts):
    total = sum(weight for weight, _ in parts)
    written = " + ".join(f"{weight!r}/{total!r}*{write(*call)}" for weight, call in parts)
    assert terms(written) == [
        (weight / total, name, tuple(args), kwargs) for weight, (name, args, kwargs) in parts
    ]

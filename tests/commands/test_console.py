"""What the commands read and print."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.console import print_statistics, seeds
from gan_viz.errors import UsageError


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=5))
def test_seeds_are_numbers_and_ranges(ranges: list[tuple[int, int]]) -> None:
    text = ", ".join(f"{a}-{a + n}" if n else f"{a}" for a, n in ranges)
    listed = [seed for a, n in ranges for seed in range(a, a + n + 1)]
    assert seeds(text) == sorted(set(listed), key=listed.index)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one"),
        (" , ", "at least one"),
        ("-1", "'-1'"),
        ("5-3", "'5-3'"),
        ("1.5", r"'1\.5'"),
        ("0-", "'0-'"),
        ("0-10000", "at most 10,000"),
        ("7,0-99999999999999999", "at most 10,000"),
        ("9" * 30, "whole numbers"),
    ],
)
def test_what_is_no_seed_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        seeds(text)


def test_a_sheet_is_printed_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "objective": "wgan-gp",
        "runs": 64,
        "w1_median": 0.0421,
        "w1_low": 0.01,
        "w1_high": 0.5,
        "covered": 0.875,
        "w1_below_tenth": 0.25,
        "steps_median": math.inf,
        "steps_within": 50,
    }
    print_statistics([row, row | {"objective": "hinge", "steps_median": 1350.0}])
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    (first,) = (line.split() for line in lines if "wgan-gp" in line)
    shown = ["wgan-gp", "64", "0.042", "(0.010–0.500)", "88%", "25%", "—"]
    assert [word for word in first if word != "│"] == shown
    assert "≤ 1,350" in next(line for line in lines if "hinge" in line)

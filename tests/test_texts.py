"""How pauses, slow motion and seeds are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.errors import UsageError
from gan_viz.texts import pauses, seeds, slow_stretches


def test_pauses() -> None:
    assert pauses("pause", "100") == [(100, 1.0)]
    assert pauses("pause", "100,500:2, 700:.5") == [(100, 1.0), (500, 2.0), (700, 0.5)]


def test_slow_motion() -> None:
    assert slow_stretches("slow", "0-200") == [(0, 200, 2.0)]
    assert slow_stretches("slow", "0-200:3,1000-1500:1.5") == [(0, 200, 3.0), (1000, 1500, 1.5)]


@pytest.mark.parametrize("text", ["", "soon", "100:", "100:2:3", "1.5", "100,", "100;200"])
def test_what_is_no_pause_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--pause .*like 100,500:2"):
        pauses("--pause", text)


@pytest.mark.parametrize("text", ["", "100", "0-1-2", "0-", "-5-10", "0-100:", "a-b:2"])
def test_what_is_no_slow_motion_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--slow .*like 0-200:3"):
        slow_stretches("--slow", text)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=5))
def test_seeds_are_numbers_and_ranges(ranges: list[tuple[int, int]]) -> None:
    text = ", ".join(f"{a}-{a + n}" if n else f"{a}" for a, n in ranges)
    listed = [seed for a, n in ranges for seed in range(a, a + n + 1)]
    assert seeds("--seeds", text) == sorted(set(listed), key=listed.index)


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
        seeds("--seeds", text)

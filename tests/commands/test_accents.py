"""How pauses and slow motion are typed."""

from __future__ import annotations

import pytest

from gan_viz.command_options import pauses, slow_stretches
from gan_viz.errors import UsageError


def test_pauses() -> None:
    assert pauses("100") == [(100, 1.0)]
    assert pauses("100,500:2, 700:.5") == [(100, 1.0), (500, 2.0), (700, 0.5)]


def test_slow_motion() -> None:
    assert slow_stretches("0-200") == [(0, 200, 2.0)]
    assert slow_stretches("0-200:3,1000-1500:1.5") == [(0, 200, 3.0), (1000, 1500, 1.5)]


@pytest.mark.parametrize("text", ["", "soon", "100:", "100:2:3", "1.5", "100,", "100;200"])
def test_what_is_no_pause_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--pause .*like 100,500:2"):
        pauses(text)


@pytest.mark.parametrize("text", ["", "100", "0-1-2", "0-", "-5-10", "0-100:", "a-b:2"])
def test_what_is_no_slow_motion_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--slow .*like 0-200:3"):
        slow_stretches(text)

"""Times of a GIF."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.encoders.timing import LONGEST, centiseconds, check_fps, split
from gan_viz.errors import UsageError

RATES = st.floats(0.1, 50.0)


@given(fps=RATES, count=st.integers(1, 300), hold=st.floats(0, 100))
def test_every_moment_is_right_to_half_a_hundredth(fps: float, count: int, hold: float) -> None:
    for frame in range(count):
        assert abs(Fraction(centiseconds(frame, fps), 100) - frame / Fraction(fps)) <= 0.005
    exact = count / Fraction(fps) + Fraction(hold)
    assert abs(Fraction(centiseconds(count, fps, hold), 100) - exact) <= 0.005


@given(fps=RATES)
def test_no_delay_is_below_20_ms(fps: float) -> None:
    times = [centiseconds(frame, fps) for frame in range(200)]
    assert min(b - a for a, b in pairwise(times)) >= 2


@pytest.mark.parametrize(("fps", "delay"), [(50, 2), (25, 4), (20, 5), (10, 10), (1, 100)])
def test_rates_that_divide_have_equal_delays(fps: float, delay: int) -> None:
    assert [centiseconds(frame, fps) for frame in range(9)] == [delay * f for f in range(9)]


def test_too_fast_says_why() -> None:
    check_fps(50.0)
    with pytest.raises(UsageError, match=r"fps 60 is too fast .* multiples of 10 ms .*at most 50"):
        check_fps(60.0)


@given(st.integers(1, 10**7))
def test_split(delay: int) -> None:
    pieces = split(delay)
    assert sum(pieces) == delay
    assert max(pieces) <= LONGEST
    assert len(pieces) == -(-delay // LONGEST)
    assert max(pieces) - min(pieces) <= 1

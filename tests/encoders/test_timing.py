"""Times of frames."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_viz.encoders.timing import Ticks

GIF = Ticks(rate=100, longest=65535)
CLOCKS = st.builds(Ticks, rate=st.sampled_from([100, 1000]), longest=st.integers(100, 2**24))


@given(clock=CLOCKS, fps=st.floats(0.1, 50), count=st.integers(1, 300), hold=st.floats(0, 100))
def test_every_moment_is_right_to_half_a_tick(
    clock: Ticks, fps: float, count: int, hold: float
) -> None:
    half = Fraction(1, 2 * clock.rate)
    for frame in range(count):
        assert abs(Fraction(clock.moment(frame, fps), clock.rate) - frame / Fraction(fps)) <= half
    exact = count / Fraction(fps) + Fraction(hold)
    assert abs(Fraction(clock.moment(count, fps, hold), clock.rate) - exact) <= half


@given(fps=st.floats(0.1, 50.0))
def test_no_delay_of_a_gif_is_below_20_ms(fps: float) -> None:
    times = [GIF.moment(frame, fps) for frame in range(200)]
    assert min(b - a for a, b in pairwise(times)) >= 2


@pytest.mark.parametrize(("fps", "delay"), [(50, 2), (25, 4), (20, 5), (10, 10), (1, 100)])
def test_rates_that_divide_have_equal_delays(fps: float, delay: int) -> None:
    assert [GIF.moment(frame, fps) for frame in range(9)] == [delay * f for f in range(9)]


@given(clock=CLOCKS, delay=st.integers(1, 10**7))
def test_split(clock: Ticks, delay: int) -> None:
    pieces = clock.split(delay)
    assert sum(pieces) == delay
    assert max(pieces) <= clock.longest
    assert len(pieces) == -(-delay // clock.longest)
    assert max(pieces) - min(pieces) <= 1

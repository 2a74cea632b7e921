"""PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import imageio.v3 as iio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.encoders.base import Encoder, Frame, Movie
from gan_viz.encoders.still import PngEncoder
from gan_viz.errors import OutputError

FRAMES = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FRAMES)
def test_lossless(tmp_path: Path, frame: Frame) -> None:
    height, width, _ = frame.shape
    with PngEncoder(tmp_path / "a.png", Movie(width, height, fps=1.0)) as encoder:
        encoder.write(frame)
    np.testing.assert_array_equal(iio.imread(tmp_path / "a.png", extension=".png"), frame)
    with av.open(str(tmp_path / "a.png")) as container:
        (other,) = container.decode(video=0)
        np.testing.assert_array_equal(other.to_ndarray(format="rgb24"), frame)


def test_one_picture_only(
    encode: Callable[..., Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    with pytest.raises(OutputError, match="a PNG holds one picture"):
        encode(PngEncoder, tmp_path / "a.png", blink)
    assert not list(tmp_path.iterdir())


def test_has_no_duration(
    encode: Callable[..., Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    assert encode(PngEncoder, tmp_path / "a.png", blink[:1], hold=3.0).duration == 0

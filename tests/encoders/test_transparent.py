"""Animations without a background, read back with Pillow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from gan_viz.encoders.apng import ApngEncoder
from gan_viz.encoders.background import ProcessWorker, interpreter, open_encoder
from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.gif import GifEncoder
from gan_viz.encoders.still import FolderEncoder
from gan_viz.encoders.video import Mp4Encoder
from gan_viz.encoders.webp import WebpEncoder
from gan_viz.errors import UsageError

SHARED = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
Encode = Callable[..., Encoder]
MOVING = [GifEncoder, ApngEncoder, WebpEncoder]
LEVELS = {GifEncoder: [0, 255], ApngEncoder: [0, 1, 128, 255], WebpEncoder: [0, 1, 128, 255]}


def shown(path: Path) -> list[Frame]:
    """What a player shows, with opacity; colors of what is invisible do not matter."""
    with Image.open(path) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
    return [visible(frame) for frame in frames]


def visible(frame: Frame) -> Frame:
    return np.where(frame[..., 3:] > 0, frame, 0).astype(np.uint8)


def different(frames: list[Frame]) -> list[Frame]:
    """Without those that look like the one before."""
    seen = [visible(frame) for frame in frames]
    return [one for k, one in enumerate(seen) if not k or not np.array_equal(one, seen[k - 1])]


@SHARED
@example(seed=100_000)
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.parametrize("kind", MOVING)
def test_pixels_come_and_go(encode: Encode, tmp_path: Path, kind: type[Encoder], seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width, count = rng.integers(2, 9), rng.integers(2, 9), rng.integers(2, 6)
    colors = rng.choice([0, 90, 255], (count, height, width, 3))
    opacity = rng.choice(LEVELS[kind], (count, height, width, 1))
    frames = [*np.concatenate([colors, opacity], axis=-1).astype(np.uint8)]
    path = tmp_path / f"a{kind.suffixes[0]}"
    encode(kind, path, frames, alpha=True, samples=frames)
    expected = different(frames)
    if kind is GifEncoder and not any(frame.any() for frame in expected[:1]):
        expected = expected[1:]  # nothing at all is not shown for a while, but left out
    for one, other in zip(shown(path), expected, strict=True):
        assert np.array_equal(one, other)


def test_a_gif_blends_edges_with_the_paper(encode: Encode, tmp_path: Path) -> None:
    frame = np.zeros((1, 3, 4), np.uint8)
    frame[0, 1], frame[0, 2] = (255, 0, 0, 128), (0, 0, 255, 255)
    paper = np.array([[255, 255, 255]], np.uint8)
    encode(GifEncoder, tmp_path / "a.gif", [frame], alpha=True, colors=paper)
    expected = [[0, 0, 0, 0], [255, 127, 127, 255], [0, 0, 255, 255]]
    assert shown(tmp_path / "a.gif")[0][0].tolist() == expected


def test_a_long_hold_does_not_clear_a_gif(encode: Encode, tmp_path: Path) -> None:
    frame = np.full((2, 2, 4), 255, np.uint8)
    frame[0, 0] = 0
    encode(GifEncoder, tmp_path / "a.gif", [frame], alpha=True, hold=700.0)
    pictures = shown(tmp_path / "a.gif")
    assert len(pictures) == 2
    assert np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize("kind", MOVING)
def test_the_background_process_writes_the_same(
    encode: Encode, tmp_path: Path, kind: type[Encoder]
) -> None:
    rng = np.random.default_rng(5)
    frames = [*rng.choice([0, 255], (4, 5, 7, 4)).astype(np.uint8)]
    here, there = (tmp_path / f"{name}{kind.suffixes[0]}" for name in ("here", "there"))
    encode(kind, here, frames, alpha=True)
    clip, python = Clip(7, 5, 25.0, frames=4, alpha=True), interpreter()
    assert python is not None
    with open_encoder(there, clip, kind=kind, worker=ProcessWorker(python, kind)) as encoder:
        for frame in frames:
            encoder.write(frame)
    assert here.read_bytes() == there.read_bytes()


def test_numbered_pictures_may_be_transparent(encode: Encode, tmp_path: Path) -> None:
    frame = np.full((2, 3, 4), 255, np.uint8)
    frame[0, 0] = 0
    encode(FolderEncoder, tmp_path / "all", [frame], alpha=True)
    assert np.array_equal(shown(tmp_path / "all" / "frames-0001.png")[0], frame)


def test_videos_say_that_they_have_a_background() -> None:
    with pytest.raises(UsageError, match=r"\.mp4 has no transparent pictures: .*\.gif.*\.svg"):
        Mp4Encoder.check(Clip(64, 64, 25.0, alpha=True))

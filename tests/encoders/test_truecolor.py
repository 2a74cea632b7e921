"""APNG and WebP: lossless, read back with Pillow, with PyAV and chunk by chunk."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from gan_viz.encoders.apng import ApngEncoder
from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.webp import WebpEncoder
from gan_viz.errors import OutputError, UsageError

SHARED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
Encode = Callable[..., Encoder]
BOTH = pytest.mark.parametrize("kind", [ApngEncoder, WebpEncoder])


class Stored(NamedTuple):
    """An image of a file as its bytes describe it; the delay in milliseconds."""

    left: int
    top: int
    width: int
    height: int
    delay: Fraction
    over: bool


class Parsed(NamedTuple):
    plays: int
    images: list[Stored]


def parse_png(path: Path) -> Parsed:
    """Walk a file after the PNG specification, third edition, sections 5.3 and 11.3.6."""
    data = io.BytesIO(path.read_bytes())
    assert data.read(8) == b"\x89PNG\r\n\x1a\n"
    kinds, images, number, plays, count = [], [], 0, -1, -1
    while head := data.read(8):
        length, kind = struct.unpack(">I4s", head)
        content = data.read(length)
        assert struct.unpack(">I", data.read(4))[0] == zlib.crc32(kind + content)
        kinds.append(kind)
        if kind in {b"fcTL", b"fdAT"}:
            assert struct.unpack(">I", content[:4])[0] == number
            number += 1
        if kind == b"acTL":
            count, plays = struct.unpack(">II", content)
        elif kind == b"fcTL":
            width, height, left, top, up, down, dispose, blend = struct.unpack(
                ">4IHHBB", content[4:]
            )
            assert dispose == 0
            images.append(Stored(left, top, width, height, Fraction(1000 * up, down), bool(blend)))
    assert kinds[:4] == [b"IHDR", b"acTL", b"fcTL", b"IDAT"]
    assert kinds[4:-1] == [b"fcTL", b"fdAT"] * (count - 1)
    assert kinds[-1] == b"IEND"
    assert len(images) == count
    return Parsed(plays, images)


def parse_webp(path: Path) -> Parsed:
    """Walk a file after RFC 9649, section 2.7."""
    data = io.BytesIO(path.read_bytes())
    name, size, form = struct.unpack("<4sI4s", data.read(12))
    assert (name, size, form) == (b"RIFF", path.stat().st_size - 8, b"WEBP")
    assert data.read(8) == b"VP8X\x0a\0\0\0"
    assert data.read(10)[0] == 0x12
    assert data.read(8) == b"ANIM\x06\0\0\0"
    plays = struct.unpack("<H", data.read(6)[4:])[0]
    images = []
    while head := data.read(8):
        kind, length = struct.unpack("<4sI", head)
        content = data.read(length + length % 2)
        assert kind == b"ANMF"
        left, top, width, height, delay = (
            int.from_bytes(content[i : i + 3], "little") for i in range(0, 15, 3)
        )
        assert content[15] & 1 == 0  # what it shows stays
        assert content[16:20] == b"VP8L"
        over = not content[15] & 2
        images.append(Stored(2 * left, 2 * top, width + 1, height + 1, Fraction(delay), over))
    return Parsed(plays, images)


def parse(path: Path) -> Parsed:
    return parse_png(path) if path.read_bytes()[:4] == b"\x89PNG" else parse_webp(path)


def pillow(path: Path) -> tuple[list[Frame], list[float]]:
    """Pictures and their durations in milliseconds."""
    frames, delays = [], []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
            delays.append(image.info["duration"])
    return frames, delays


@st.composite
def animations(draw: st.DrawFn) -> list[Frame]:
    """A few small frames, often alike or equal."""
    size = (draw(st.integers(1, 12)), draw(st.integers(1, 12)), 3)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frames = [rng.integers(0, 256, size, dtype=np.uint8)]
    for share in draw(st.lists(st.sampled_from([0.0, 0.02, 0.3, 1.0]), max_size=5)):
        frame = frames[-1].copy()
        mask = rng.random(size[:2]) < share
        frame[mask] = rng.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
        frames.append(frame)
    return frames


@BOTH
@SHARED
@given(frames=animations(), fps=st.floats(1, 90), hold=st.floats(0, 3))
@example(frames=[np.zeros((1, 1, 3), np.uint8)], fps=30.0, hold=0.0)
@example(frames=[np.full((3, 2, 3), 9, np.uint8)] * 4, fps=30.0, hold=1.0)
def test_every_pixel_at_every_time(
    encode: Encode,
    kind: type[Encoder],
    tmp_path: Path,
    frames: list[Frame],
    fps: float,
    hold: float,
) -> None:
    path = tmp_path / "a"
    encoder = encode(kind, path, frames, fps, hold=hold)
    images = parse(path).images
    starts = np.cumsum([0, *(image.delay for image in images)][:-1]).astype(float) / 1000
    pictures, delays = pillow(path)
    assert len(pictures) == len(images)
    for number, frame in enumerate(frames):
        shown = int(np.searchsorted(starts, number / fps + 0.0006, side="right")) - 1
        np.testing.assert_array_equal(pictures[shown], frame)
    assert [image.delay for image in images] == pytest.approx(delays, abs=0.01)
    total = sum(image.delay for image in images)
    assert float(total) == pytest.approx(1000 * encoder.duration)
    assert encoder.duration == pytest.approx(len(frames) / fps + hold, abs=0.0006)


def test_libav_agrees(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    """On APNG; animated WebP it does not read."""
    encode(ApngEncoder, tmp_path / "a.apng", plot.frames, 25.0)
    with av.open(str(tmp_path / "a.apng")) as container:
        pictures = list(container.decode(video=0))
    assert [p.time for p in pictures] == pytest.approx(np.arange(24) / 25)
    for picture, frame in zip(pictures, plot.frames, strict=True):
        np.testing.assert_array_equal(picture.to_ndarray(format="rgb24"), frame)


@BOTH
def test_a_line_plot_is_exact_and_small(
    encode: Encode, kind: type[Encoder], tmp_path: Path, plot: tuple
) -> None:
    frames, colors = plot
    encode(kind, tmp_path / "a", frames, colors=colors)
    np.testing.assert_array_equal(pillow(tmp_path / "a")[0], frames)
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(
        tmp_path / "usual",
        "PNG" if kind is ApngEncoder else "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=40,
        **({} if kind is ApngEncoder else {"lossless": True}),
    )
    assert (tmp_path / "a").stat().st_size <= 0.8 * (tmp_path / "usual").stat().st_size


@BOTH
def test_only_what_changed_is_stored(
    encode: Encode, kind: type[Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    encode(kind, tmp_path / "a", blink[1:3])
    first, second = parse(tmp_path / "a").images
    assert first == Stored(0, 0, 20, 10, Fraction(40), over=False)
    left = 1 if kind is ApngEncoder else 0  # WebP knows even places only
    # The square moves by one and changes color: its old first column and all of the new one.
    assert second == Stored(left, 2, 8 - left, 6, Fraction(40), over=kind is WebpEncoder)


@BOTH
def test_unchanged_pixels_inside_are_transparent(
    encode: Encode, kind: type[Encoder], tmp_path: Path
) -> None:
    before = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    after = before.copy()
    after[4, 6] = after[20, 25] = (255, 0, 0)
    encode(kind, tmp_path / "a", [before, after])
    assert parse(tmp_path / "a").images[1][:4] == (6, 4, 20, 17)
    assert parse(tmp_path / "a").images[1].over
    np.testing.assert_array_equal(pillow(tmp_path / "a")[0], [before, after])


@BOTH
def test_equal_neighbors_are_one_image(
    encode: Encode, kind: type[Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    encode(kind, tmp_path / "a", [blink[0]] * 3 + [blink[1]] * 2, 30.0, hold=1.0)
    assert [image.delay for image in parse(tmp_path / "a").images] == [100, 1067]


@BOTH
def test_rates_are_met_on_average(
    encode: Encode, kind: type[Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    encode(kind, tmp_path / "a", blink, 30.0)
    delays = [image.delay for image in parse(tmp_path / "a").images]
    assert delays == [33, 34, 33] * 4


@BOTH
def test_a_very_long_hold(
    encode: Encode, kind: type[Encoder], tmp_path: Path, blink: list[Frame]
) -> None:
    encoder = encode(kind, tmp_path / "a", blink[:2], 10.0, hold=40000.0)
    images = parse(tmp_path / "a").images
    assert sum(image.delay for image in images) == 40_000_200
    assert encoder.duration == 40000.2
    for image in images[2:]:
        assert image[:4] == (0, 0, 1, 1)
    np.testing.assert_array_equal(pillow(tmp_path / "a")[0][-1], blink[1])


@BOTH
@pytest.mark.parametrize("loop", [0, 1, 2, 65535])
def test_loop(
    encode: Encode, kind: type[Encoder], tmp_path: Path, blink: list[Frame], loop: int
) -> None:
    encode(kind, tmp_path / "a", blink, loop=loop)
    assert parse(tmp_path / "a").plays == loop
    with Image.open(tmp_path / "a") as image:
        assert image.info["loop"] == loop


@BOTH
def test_what_they_cannot_do(kind: type[Encoder], tmp_path: Path) -> None:
    (suffix,) = kind.suffixes
    kind.check(Clip(9, 9, 90.0))
    with pytest.raises(UsageError, match=rf"fps 91 is too fast for \{suffix}: browsers .* most 90"):
        kind(tmp_path / "a", Clip(9, 9, 91.0))
    with pytest.raises(UsageError, match=rf"loop {2**31} is too often for \{suffix}"):
        kind(tmp_path / "a", Clip(9, 9, 10.0, loop=2**31))
    assert not list(tmp_path.iterdir())


def test_webp_is_not_larger_than_it_can_be() -> None:
    WebpEncoder.check(Clip(16383, 16383, 10.0))
    with pytest.raises(UsageError, match="give at most 16383 pixels"):
        WebpEncoder.check(Clip(16384, 1, 10.0))


def test_without_webp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda feature: False)
    with pytest.raises(OutputError, match=r"\.webp cannot be written: this Pillow has no WebP"):
        WebpEncoder(tmp_path / "a.webp", Clip(9, 9, 10.0))
    assert not list(tmp_path.iterdir())

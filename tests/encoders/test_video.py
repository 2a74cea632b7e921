"""MP4 and WebM, read back with PyAV, with imageio, with ffprobe and byte by byte."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import imageio.v3 as iio
import numpy as np
import pytest

from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.video import Mp4Encoder, WebmEncoder
from gan_viz.errors import OutputError, UsageError

Encode = Callable[..., Encoder]
BOTH = pytest.mark.parametrize("kind", [Mp4Encoder, WebmEncoder])


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def boxes(path: Path) -> list[str]:
    """Top-level boxes of the file (ISO/IEC 14496-12, section 4.2)."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    assert at == len(data)
    return names


def elements(data: bytes, wanted: dict[int, type]) -> dict[int, object]:
    """Elements of a WebM file by their numbers (RFC 8794; RFC 9559 has the numbers)."""
    found: dict[int, object] = {}
    at = 0

    def number(keep_marker: bool) -> int:
        nonlocal at
        length = 9 - data[at].bit_length()
        value = int.from_bytes(data[at : at + length], "big")
        at += length
        return value if keep_marker else value & ((1 << 7 * length) - 1)

    while at < len(data):
        kind, size = number(True), number(False)
        content = data[at : at + size]
        if kind in wanted:
            found[kind] = int.from_bytes(content, "big") if wanted[kind] is int else content
        if kind not in MASTERS:
            at += size
    return found


MASTERS = {0x1A45DFA3, 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x55B0}  # down to the colors


def to_rgb(picture: av.VideoFrame) -> np.ndarray:
    """Convert by the formulas of Rec. ITU-R BT.709-6, items 3.2 to 3.5, limited range."""
    height, width = picture.height, picture.width
    planes = picture.to_ndarray().astype(float)
    luma = (planes[:height] - 16) / 219
    size = (height // 2, width // 2)
    blue, red = (
        plane.reshape(size).repeat(2, axis=0).repeat(2, axis=1)
        for plane in ((planes[height:].ravel() - 128) / 224).reshape(2, -1)
    )
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    return 255 * np.stack([r, g, b], axis=-1)


def test_format(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    path = tmp_path / "a.mp4"
    encoder = encode(Mp4Encoder, path, blink, 30.0, hold=0.5)
    with av.open(str(path)) as container:
        (stream,) = container.streams
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert stream.average_rate == stream.guessed_rate == 30
        assert stream.frames == 27
        assert float(stream.duration * stream.time_base) == pytest.approx(0.9)
        tags = (context.color_primaries, context.color_trc, context.colorspace)
        assert (*tags, context.color_range) == (1, 1, 1, 1)
    assert encoder.duration == pytest.approx(0.9)
    assert boxes(path).index("moov") < boxes(path).index("mdat")
    times = [p.time for p in pictures(path)]
    np.testing.assert_allclose(times, np.arange(27) / 30, atol=1e-4)


def test_webm(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    path = tmp_path / "a.webm"
    encoder = encode(WebmEncoder, path, blink, 25.0, hold=0.52)
    with av.open(str(path)) as container:
        (stream,) = container.streams
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("vp9", "yuv420p")
        tags = (context.color_primaries, context.color_trc, context.colorspace)
        assert (*tags, context.color_range) == (1, 1, 1, 1)
        assert stream.average_rate == 25
        assert container.duration == 1_000_000
    assert encoder.duration == pytest.approx(1.0)
    assert len(pictures(path)) == 25
    names = {0x4282: "type", 0x86: "codec", 0x23E383: "nanoseconds", 0xB0: "width", 0xBA: "height"}
    names |= {0x55B1: "matrix", 0x55B9: "range", 0x55BA: "transfer", 0x55BB: "primaries"}
    kinds = {number: bytes if number in {0x4282, 0x86} else int for number in names}
    found = elements(path.read_bytes(), kinds)
    assert {names[number]: value for number, value in found.items()} == {
        "type": b"webm",
        "codec": b"V_VP9",
        "nanoseconds": 40_000_000,
        "width": 20,
        "height": 10,
        "matrix": 1,
        "range": 1,
        "transfer": 1,
        "primaries": 1,
    }


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_ffprobe_agrees(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    encode(Mp4Encoder, tmp_path / "a.mp4", blink, 30.0, hold=0.5)
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(tmp_path / "a.mp4")]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (stream,) = report["streams"]
    assert stream["pix_fmt"] == "yuv420p"
    assert stream["color_range"] == "tv"
    assert {stream[f"color_{k}"] for k in ("space", "transfer", "primaries")} == {"bt709"}
    assert stream["nb_frames"] == "27"
    assert stream["r_frame_rate"] == stream["avg_frame_rate"] == "30/1"


def test_no_macroblock_tree(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    """With it the same frames gave other bytes in one run of ten: too rare to wait for here."""
    encode(Mp4Encoder, tmp_path / "a.mp4", blink)
    assert b" mbtree=0 " in (tmp_path / "a.mp4").read_bytes()  # x264 writes down its settings
    assert b" bframes=0 " in (tmp_path / "a.mp4").read_bytes()


@BOTH
def test_colors(kind: type[Encoder], encode: Encode, tmp_path: Path) -> None:
    colors = np.array(list(itertools.product((0, 85, 170, 255), repeat=3)), dtype=np.uint8)
    chart = colors.reshape(8, 8, 3).repeat(32, axis=0).repeat(32, axis=1)
    encode(kind, tmp_path / "a.mp4", [chart])
    (picture,) = pictures(tmp_path / "a.mp4")
    centers = np.s_[16::32, 16::32]
    assert np.abs(to_rgb(picture)[centers] - chart[centers]).max() <= 3
    other = iio.imread(tmp_path / "a.mp4", plugin="pyav")[0].astype(int)
    assert np.abs(other[centers] - chart[centers]).max() <= 4


@BOTH
def test_frames_are_true_and_in_order(
    kind: type[Encoder], encode: Encode, tmp_path: Path, plot: tuple
) -> None:
    frames, colors = plot
    encode(kind, tmp_path / "a.mp4", frames, colors=colors, hold=1.0)
    decoded = [to_rgb(p) for p in pictures(tmp_path / "a.mp4")]
    assert len(decoded) == len(frames) + 25
    for number, frame in enumerate(frames):
        near = decoded[: len(frames)][max(0, number - 3) : number + 4]
        errors = [np.abs(picture - frame).mean() for picture in near]
        assert int(np.argmin(errors)) == min(number, 3)
        assert min(errors) <= 2.0
    for picture in decoded[len(frames) :]:
        assert np.abs(picture - frames[-1]).mean() <= 2.0


@BOTH
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (64, 1), (33, 20), (20, 33)])
def test_odd_sizes_are_padded_with_background(
    kind: type[Encoder], encode: Encode, tmp_path: Path, size: tuple[int, int]
) -> None:
    width, height = size
    frame = np.full((height, width, 3), 255, dtype=np.uint8)
    black = np.zeros((1, 3), dtype=np.uint8)
    encode(kind, tmp_path / "a.mp4", [frame] * 3, colors=black)
    picture = pictures(tmp_path / "a.mp4")[0]
    assert (picture.width, picture.height) == (width + width % 2, height + height % 2)
    luma = picture.to_ndarray()[: picture.height].astype(int)
    assert (luma[:height, :width] > 210).all()
    assert (luma[height:] < 40).all()
    assert (luma[:, width:] < 40).all()


def test_without_a_theme_the_corner_is_the_background(encode: Encode, tmp_path: Path) -> None:
    frame = np.full((5, 5, 3), 255, dtype=np.uint8)
    encode(Mp4Encoder, tmp_path / "a.mp4", [frame])
    assert (pictures(tmp_path / "a.mp4")[0].to_ndarray()[:6] > 230).all()


@BOTH
@pytest.mark.parametrize("fps", [0.5, 12.5, 23.976, 29.97, 30000 / 1001, 60.0, 100.0])
def test_frame_rate_is_constant(
    kind: type[Encoder], encode: Encode, tmp_path: Path, blink: list[Frame], fps: float
) -> None:
    encoder = encode(kind, tmp_path / "a.mp4", blink, fps)
    times = [p.pts * p.time_base for p in pictures(tmp_path / "a.mp4")]
    step = 1 / Fraction(fps).limit_denominator(1001)
    tick = 0 if kind is Mp4Encoder else Fraction(1, 2000)  # WebM counts in milliseconds
    assert len(times) == len(blink)
    assert max(abs(time - number * step) for number, time in enumerate(times)) <= tick
    assert encoder.duration == pytest.approx(len(blink) / fps, rel=1e-4)


@BOTH
def test_key_frames_every_two_seconds(
    kind: type[Encoder], encode: Encode, tmp_path: Path, blink: list[Frame]
) -> None:
    encode(kind, tmp_path / "a.mp4", blink, 10.0, hold=10.0)
    keys = [p.time for p in pictures(tmp_path / "a.mp4") if p.key_frame]
    assert keys[0] == 0
    assert max(b - a for a, b in itertools.pairwise([*keys, 11.2])) <= 2.0


@BOTH
def test_is_silent(
    kind: type[Encoder], capfd: pytest.CaptureFixture[str], encode: Encode, tmp_path: Path
) -> None:
    encode(kind, tmp_path / "a.mp4", [np.zeros((20, 20, 3), dtype=np.uint8)] * 5)
    assert capfd.readouterr() == ("", "")


@BOTH
@pytest.mark.parametrize("fps", [0.001, 5000.0])
def test_impossible_rates(kind: type[Encoder], tmp_path: Path, fps: float) -> None:
    with pytest.raises(UsageError, match=rf"fps .* for \{kind.suffixes[0]}: give 0\.01 to 1000"):
        kind(tmp_path / "a.mp4", Clip(20, 10, fps))


@BOTH
def test_without_the_codec(
    kind: type[Encoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    with pytest.raises(
        OutputError, match=rf"\{kind.suffixes[0]} .*written: .* has no {kind.codec}"
    ):
        kind(tmp_path / "a.mp4", Clip(20, 10, 25.0))
    assert not list(tmp_path.iterdir())


@BOTH
def test_trouble_in_the_codec_is_one_line(
    kind: type[Encoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Encoder, number: int) -> None:
        raise av.error.InvalidDataError(1094995529, "Invalid data")

    monkeypatch.setattr(kind, "_encode", fail)
    with (
        pytest.raises(OutputError, match=r"cannot be encoded: .*Invalid data"),
        kind(tmp_path / "a.mp4", Clip(20, 10, 25.0)) as encoder,
    ):
        encoder.write(np.zeros((10, 20, 3), dtype=np.uint8))
    assert not list(tmp_path.iterdir())

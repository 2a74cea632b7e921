"""GIF, read back with Pillow, with PyAV and block by block."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.gif import GifEncoder, OverBudgetError
from gan_viz.encoders.palette import pack
from gan_viz.errors import UsageError

SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
Encode = Callable[..., Encoder]


class Block(NamedTuple):
    """An image of a file as its bytes describe it."""

    delay: int
    disposal: int
    transparent: bool
    left: int
    top: int
    width: int
    height: int
    bits: int


def blocks(path: Path) -> tuple[int | None, list[Block]]:
    """Walk a file after the specification: Netscape's number and the images."""
    data = io.BytesIO(path.read_bytes())
    assert data.read(6) == b"GIF89a"
    flags = data.read(7)[4]
    assert flags & 0x80
    data.read(3 << ((flags & 7) + 1))
    repetitions, control, images = None, None, []

    def chunks() -> bytes:
        out = b""
        while size := data.read(1)[0]:
            out += data.read(size)
        return out

    while (kind := data.read(1)) != b";":
        if kind == b"!":
            label, content = data.read(1)[0], chunks()
            if label == 0xF9:
                control = struct.unpack("<BHB", content)
            elif label == 0xFF:
                assert content[:12] == b"NETSCAPE2.0\x01"
                (repetitions,) = struct.unpack("<H", content[12:])
        else:
            assert kind == b","
            left, top, width, height, local = struct.unpack("<4HB", data.read(9))
            assert local == 0  # neither interlaced nor with a palette of its own
            assert control is not None
            bits = data.read(1)[0]
            chunks()
            place = (left, top, width, height, bits)
            images.append(Block(control[1], control[0] >> 2, bool(control[0] & 1), *place))
    assert not data.read()
    return repetitions, images


def pillow(path: Path) -> tuple[list[Frame], list[float]]:
    """Pictures and their durations in milliseconds."""
    frames, delays = [], []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
            delays.append(image.info["duration"])
    return frames, delays


def libav(path: Path) -> tuple[list[Frame], list[float], float]:
    """Pictures, their times in seconds, and the whole duration."""
    with av.open(str(path), options={"ignore_loop": "1"}) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.size]
        end = float((packets[-1].pts + packets[-1].duration) * stream.time_base)
    with av.open(str(path), options={"ignore_loop": "1"}) as container:
        decoded = list(container.decode(video=0))
    return [f.to_ndarray(format="rgb24") for f in decoded], [f.time for f in decoded], end


def shown(times: list[float], pictures: list[Frame], moment: float) -> Frame:
    """The picture that a player shows at a moment."""
    return pictures[int(np.searchsorted(times, moment + 1e-6, side="right")) - 1]


@st.composite
def animations(draw: st.DrawFn, most: int = 250) -> list[Frame]:
    """A few small frames of at most so many colors, often with equal neighbors."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    colors = draw(hnp.arrays(np.uint8, st.tuples(st.integers(1, most), st.just(3))))
    frames = []
    for _ in range(draw(st.integers(1, 6))):
        if frames and draw(st.booleans()):
            frame = frames[-1].copy()
            if draw(st.booleans()):
                row, column = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
                frame[row:, column:] = colors[draw(st.integers(0, len(colors) - 1))]
        else:
            seed = draw(st.integers(0, 2**32 - 1))
            picks = np.random.default_rng(seed).integers(0, len(colors), (height, width))
            frame = colors[picks]
        frames.append(frame)
    return frames


@SHARED
@given(animations(), st.floats(1, 50), st.floats(0, 3), st.booleans())
@example([np.full((1, 1, 3), 7, np.uint8)], 25.0, 0.0, False)
@example([np.zeros((3, 2, 3), np.uint8)] * 4, 30.0, 1.0, False)
def test_few_colors_come_back_exactly(
    encode: Encode, tmp_path: Path, frames: list[Frame], fps: float, hold: float, opaque: bool
) -> None:
    path = tmp_path / "a.gif"
    encoder = encode(GifEncoder, path, frames, fps, hold=hold, samples=frames, opaque=opaque)
    pictures, delays = pillow(path)
    starts = list(np.cumsum([0.0, *delays[:-1]]) / 1000)
    other, times, end = libav(path)
    np.testing.assert_allclose(times, starts, atol=1e-6)
    for number, frame in enumerate(frames):
        moment = number / fps + 0.006  # times are rounded to 10 ms
        np.testing.assert_array_equal(shown(starts, pictures, moment), frame)
        np.testing.assert_array_equal(shown(times, other, moment), frame)
    wanted = len(frames) / fps + hold
    assert abs(encoder.duration - wanted) <= 0.005 + 1e-9
    assert sum(delays) == pytest.approx(1000 * encoder.duration)
    assert end == pytest.approx(encoder.duration)


@SHARED
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_what_does_not_change_does_not_change(
    encode: Encode, tmp_path: Path, seed: int, opaque: bool
) -> None:
    rng = np.random.default_rng(seed)
    frames = [rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)]
    for _ in range(4):
        frame = frames[-1].copy()
        mask = rng.random((40, 40)) < rng.random()
        frame[mask] = rng.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
        frame[20, 20] += 128  # equal neighbors would become one picture
        frames.append(frame)
    theme = frames[0][:4].reshape(-1, 3)
    encode(GifEncoder, tmp_path / "a.gif", frames, 10.0, colors=theme, opaque=opaque)
    pictures, _ = pillow(tmp_path / "a.gif")
    assert len(pictures) == len(frames)
    for (old, new), (was, now) in zip(pairwise(frames), pairwise(pictures), strict=True):
        same = (old == new).all(axis=-1)
        np.testing.assert_array_equal(was[same], now[same])
    np.testing.assert_array_equal(pictures[0][:4], frames[0][:4])


def test_a_line_plot_is_true(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    frames, colors = plot
    encode(GifEncoder, tmp_path / "a.gif", frames, colors=colors, samples=frames[::8])
    for pictures in (pillow(tmp_path / "a.gif")[0], libav(tmp_path / "a.gif")[0]):
        assert len(pictures) == len(frames)
        for picture, frame in zip(pictures, frames, strict=True):
            difference = picture.astype(float) - frame
            assert np.abs(difference).mean() <= 1.5
            assert 10 * np.log10(255**2 / (difference**2).mean()) >= 45
            for color in colors:
                exact = (frame == color).all(axis=-1)
                np.testing.assert_array_equal(picture[exact], frame[exact])


def test_a_line_plot_is_small(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    frames, colors = plot
    encode(GifEncoder, tmp_path / "a.gif", frames, colors=colors, samples=frames[::8])
    images = [Image.fromarray(frame) for frame in frames]
    usual = tmp_path / "usual.gif"  # the way of matplotlib's PillowWriter
    images[0].save(usual, save_all=True, append_images=images[1:], duration=40, loop=0)
    assert (tmp_path / "a.gif").stat().st_size <= 0.40 * usual.stat().st_size


@pytest.mark.skipif(shutil.which("gifsicle") is None, reason="gifsicle is not installed")
def test_gifsicle_finds_little(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    frames, colors = plot
    path, smaller = tmp_path / "a.gif", tmp_path / "b.gif"
    encode(GifEncoder, path, frames, colors=colors, samples=frames[::8])
    subprocess.run(["gifsicle", "-O3", str(path), "-o", str(smaller)], check=True)
    assert smaller.stat().st_size >= 0.95 * path.stat().st_size
    for ours, theirs in zip(pillow(path)[0], pillow(smaller)[0], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_only_what_changed_is_stored(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    encode(GifEncoder, tmp_path / "a.gif", blink[:2], samples=blink)
    _, (first, second) = blocks(tmp_path / "a.gif")
    assert first == Block(4, 1, False, 0, 0, 20, 10, bits=2)
    # The square moves by one and changes color: its old first column and all of the new one.
    assert second[:7] == (4, 1, False, 0, 2, 7, 6)


def test_unchanged_pixels_inside_are_transparent(encode: Encode, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    before = rng.integers(0, 2, (30, 30, 1), dtype=np.uint8).repeat(3, axis=2) * 255
    after = before.copy()
    after[3, 5] = after[20, 25] = (255, 0, 0)
    encode(GifEncoder, tmp_path / "a.gif", [before, after], samples=[before, after])
    _, (_, second) = blocks(tmp_path / "a.gif")
    assert second[2:7] == (True, 5, 3, 21, 18)
    np.testing.assert_array_equal(pillow(tmp_path / "a.gif")[0][1], after)


def test_opaque_frames_are_whole(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    encode(GifEncoder, tmp_path / "a.gif", blink, samples=blink, opaque=True)
    _, images = blocks(tmp_path / "a.gif")
    assert len(images) == len(blink)
    assert {image[2:7] for image in images} == {(False, 0, 0, 20, 10)}
    np.testing.assert_array_equal(pillow(tmp_path / "a.gif")[0], blink)


def test_equal_neighbors_are_one_image(encode: Encode, tmp_path: Path, blink: list[Frame]) -> None:
    first, second = blink[:2]
    encode(GifEncoder, tmp_path / "a.gif", [first] * 3 + [second] * 2, 30.0, hold=1.0)
    assert [image.delay for image in blocks(tmp_path / "a.gif")[1]] == [10, 107]


def test_hold_is_added_to_the_last_delay(
    encode: Encode, tmp_path: Path, blink: list[Frame]
) -> None:
    encoder = encode(GifEncoder, tmp_path / "a.gif", blink, 30.0, hold=2.5)
    delays = [image.delay for image in blocks(tmp_path / "a.gif")[1]]
    assert delays == [3, 4, 3, 3, 4, 3, 3, 4, 3, 3, 4, 253]
    assert encoder.duration == 2.9


def test_a_very_long_hold_is_spread_over_images_that_change_nothing(
    encode: Encode, tmp_path: Path, blink: list[Frame]
) -> None:
    encode(GifEncoder, tmp_path / "a.gif", blink[:1], 10.0, hold=1500.0)
    _, images = blocks(tmp_path / "a.gif")
    assert sum(image.delay for image in images) == 150010
    assert len(images) == 3
    for picture in pillow(tmp_path / "a.gif")[0]:
        np.testing.assert_array_equal(picture, blink[0])


@pytest.mark.parametrize(("loop", "number"), [(0, 0), (1, None), (2, 1), (65536, 65535)])
def test_loop(
    encode: Encode, tmp_path: Path, blink: list[Frame], loop: int, number: int | None
) -> None:
    encode(GifEncoder, tmp_path / "a.gif", blink, loop=loop)
    assert blocks(tmp_path / "a.gif")[0] == number
    with Image.open(tmp_path / "a.gif") as image:
        assert image.info.get("loop") == number


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fps": 50.1}, r"fps 50.1 is too fast for \.gif: .* multiples of 10 ms .*at most 50"),
        ({"loop": 65537}, "loop 65537 is too often"),
        ({"colors": np.arange(768, dtype=np.uint16).view(np.uint8).reshape(-1, 3)}, "too many"),
    ],
)
def test_what_a_gif_cannot_do(wrong: dict[str, object], message: str, tmp_path: Path) -> None:
    clip = Clip(**{"width": 9, "height": 9, "fps": 10.0, **wrong})
    with pytest.raises(UsageError, match=message):
        GifEncoder.check(clip)
    with pytest.raises(UsageError, match=message):
        GifEncoder(tmp_path / "a.gif", clip)
    assert not list(tmp_path.iterdir())


def test_wide_and_noisy(encode: Encode, tmp_path: Path) -> None:
    """More codes than the LZW table holds, and rows longer than a sub-block."""
    rng = np.random.default_rng(4)
    grays = [rng.integers(0, 200, (50, 700, 1), dtype=np.uint8).repeat(3, 2) for _ in range(3)]
    encode(GifEncoder, tmp_path / "a.gif", grays, samples=grays)
    np.testing.assert_array_equal(pillow(tmp_path / "a.gif")[0], grays)
    np.testing.assert_array_equal(libav(tmp_path / "a.gif")[0], grays)


def colors_of(path: Path) -> set[bytes]:
    codes = {code for frame in pillow(path)[0] for code in np.unique(pack(frame)).tolist()}
    return {code.to_bytes(3, "little") for code in codes}


@pytest.mark.parametrize("most", [16, 17, 100])
def test_no_more_colors_than_asked_for(
    encode: Encode, tmp_path: Path, plot: tuple, most: int
) -> None:
    frames, theme = plot
    path = tmp_path / "a.gif"
    encode(GifEncoder, path, frames[::8], colors=theme, samples=frames[::8], most=most)
    used = colors_of(path)
    assert len(used) <= most - 1
    assert {color.tobytes() for color in theme} <= used
    assert max(block.bits for block in blocks(path)[1]) <= (most - 1).bit_length()
    for picture, frame in zip(pillow(path)[0], frames[::8], strict=True):
        exact = (frame[..., None, :] == theme).all(axis=-1).any(axis=-1)
        np.testing.assert_array_equal(picture[exact], frame[exact])
        assert np.abs(picture.astype(float) - frame).mean() <= 2.5


def test_fewer_colors_are_fewer_bytes(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    frames, theme = plot
    path, sizes = tmp_path / "a.gif", []
    for most in (16, 22, 32):
        encode(GifEncoder, path, frames, colors=theme, samples=frames[::8], most=most)
        sizes.append(path.stat().st_size)
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("most", [0, 15, 257])
def test_impossible_numbers_of_colors(tmp_path: Path, most: int) -> None:
    with pytest.raises(UsageError, match=rf"^colors {most} cannot be used: expected 16 to 256"):
        GifEncoder(tmp_path / "a.gif", Clip(9, 9, 10.0), colors=most)


def test_options_of_no_gif(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"max_bytes -1 cannot be used"):
        GifEncoder(tmp_path / "a.gif", Clip(9, 9, 10.0), max_bytes=-1)
    with pytest.raises(UsageError, match=r"\.gif has no option 'colours'"):
        GifEncoder.check(Clip(9, 9, 10.0), colours=9)


@pytest.mark.parametrize("opaque", [False, True])
def test_budget(encode: Encode, tmp_path: Path, plot: tuple, opaque: bool) -> None:
    path = tmp_path / "a.gif"
    options = {"samples": plot.frames[::8], "opaque": opaque}
    encode(GifEncoder, path, plot.frames, **options)
    content = path.read_bytes()
    encode(GifEncoder, path, plot.frames, **options, max_bytes=len(content))
    assert path.read_bytes() == content
    for budget in (1, len(content) // 2, len(content) - 1):
        with pytest.raises(OverBudgetError, match=rf"more than {budget:,} bytes; give fewer"):
            encode(GifEncoder, path, plot.frames, **options, max_bytes=budget)
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_bytes() == content


def test_budget_stops_early(tmp_path: Path, plot: tuple) -> None:
    clip = Clip(640, 360, 20.0, samples=plot.frames[::8])
    encoder = GifEncoder(tmp_path / "a.gif", clip, max_bytes=20_000)

    def write() -> None:
        for frame in plot.frames:
            encoder.write(frame)

    with pytest.raises(OverBudgetError):
        write()
    assert 2 <= encoder.written <= 10


def enlarged(shades: int) -> Frame:
    """Pictures of so many shades, each pixel enlarged to four by four, beside a white area."""
    sheet = np.resize(np.linspace(0, 254, shades).astype(np.uint8), (32, 40))
    frame = np.full((160, 320, 3), 255, dtype=np.uint8)
    frame[:128, :160] = sheet.repeat(4, axis=0).repeat(4, axis=1)[..., None]
    return frame


def palette_size(path: Path) -> int:
    """How many entries the palette of a file has."""
    return 2 << (path.read_bytes()[10] & 7)


def test_pictures_get_few_colors_unless_more_are_asked_for(encode: Encode, tmp_path: Path) -> None:
    frame = enlarged(200)
    for name, options, expected in (("a", {}, 32), ("b", {"most": 256}, 256)):
        encode(GifEncoder, tmp_path / name, [frame], samples=[frame], **options)
        assert palette_size(tmp_path / name) == expected


def test_without_samples_the_first_frame_tells_of_pictures(encode: Encode, tmp_path: Path) -> None:
    encode(GifEncoder, tmp_path / "a", [enlarged(200)])
    assert palette_size(tmp_path / "a") == 32


def test_a_line_plot_is_not_taken_for_pictures(encode: Encode, tmp_path: Path, plot: tuple) -> None:
    frames, colors = plot
    about = {"colors": colors, "samples": frames[::8]}
    encode(GifEncoder, tmp_path / "a", frames, **about)
    encode(GifEncoder, tmp_path / "b", frames, most=256, **about)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("lossy", [1, 8, 40])
def test_lossy_keeps_what_is_near_and_never_lets_it_drift_away(tmp_path: Path, lossy: int) -> None:
    """Gray ramps, each of which gets brighter from frame to frame."""
    ramp = np.arange(120, dtype=np.uint8)[None, :, None].repeat(3, axis=2).repeat(20, axis=0)
    frames = [ramp + np.uint8(step) for step in range(60)]
    clip = Clip(width=120, height=20, fps=20.0, samples=frames)
    sizes = []
    for levels in (0, lossy):
        path = tmp_path / "a.gif"
        with GifEncoder(path, clip, lossy=levels) as encoder:
            for frame in frames:
                encoder.write(frame)
        sizes.append(path.stat().st_size)
        with Image.open(path) as image:
            shown = []
            for index in range(image.n_frames):
                image.seek(index)
                pixels = np.asarray(image.convert("RGB"), int)
                shown += [pixels] * round(image.info["duration"] / 50)
        assert len(shown) == len(frames)
        off = max(int(np.abs(a - b).max()) for a, b in zip(shown, frames, strict=True))
        assert off <= levels
    assert sizes[1] < 0.8 * sizes[0]


@pytest.mark.parametrize("lossy", [-1, 65])
def test_lossy_has_its_bounds(tmp_path: Path, lossy: int) -> None:
    with pytest.raises(UsageError, match=f"lossy {lossy} cannot be used: expected 0 to 64 levels"):
        GifEncoder(tmp_path / "a.gif", Clip(width=2, height=1, fps=10.0), lossy=lossy)

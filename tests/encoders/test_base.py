"""What holds for every encoder; the registry is walked, so a new one is tested at once."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from gan_viz.encoders import base
from gan_viz.encoders.background import open_encoder
from gan_viz.encoders.base import CapturingEncoder, Clip, Encoder, Frame, NullEncoder
from gan_viz.encoders.publish import check_file
from gan_viz.errors import OutputError, UsageError
from gan_viz.registry import ENCODERS

RED = np.full((10, 20, 3), (200, 0, 0), dtype=np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)


@pytest.fixture(params=sorted(ENCODERS))
def suffix(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def encoder(suffix: str) -> type[Encoder]:
    return ENCODERS[suffix]


def clip(**more: object) -> Clip:
    return Clip(**{"width": 20, "height": 10, "fps": 25.0, **more})


def test_registered_under_its_suffix(encoder: type[Encoder], suffix: str) -> None:
    assert issubclass(encoder, Encoder)
    assert suffix in encoder.suffixes


SIGNATURES = {
    ".apng": (0, b"\x89PNG\r\n\x1a\n"),
    ".gif": (0, b"GIF89a"),
    ".mp4": (4, b"ftyp"),
    ".png": (0, b"\x89PNG\r\n\x1a\n"),
    ".webm": (0, b"\x1a\x45\xdf\xa3"),
    ".webp": (8, b"WEBP"),
}


def test_a_name_stands_for_a_format(encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
    with encoder(tmp_path / "a.other", clip()) as opened:
        opened.write(RED)
    at, signature = SIGNATURES[suffix]
    assert (tmp_path / "a.other").read_bytes()[at : at + len(signature)] == signature


@pytest.mark.parametrize(("fps", "hold"), [(25.0, 0.0), (30.0, 1.0), (12.5, 0.33), (7.0, 2.5)])
def test_duration(
    encoder: type[Encoder],
    suffix: str,
    tmp_path: Path,
    blink: list[Frame],
    fps: float,
    hold: float,
) -> None:
    if suffix == ".png":
        pytest.skip("knows no time")
    with encoder(tmp_path / "a", clip(fps=fps, hold=hold)) as opened:
        for frame in blink:
            opened.write(frame)
    # Video repeats whole frames.
    exact = 0.5 / fps if suffix in {".mp4", ".webm"} else 0.005
    assert abs(opened.duration - (12 / fps + hold)) <= exact + 1e-9


def test_unknown_options(encoder: type[Encoder], suffix: str) -> None:
    with pytest.raises(UsageError, match=rf"\{suffix} has no option 'sepia'"):
        encoder.check(clip(), sepia=True)


def test_nothing_has_the_name_until_closed(
    encoder: type[Encoder], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    opened = encoder(path, clip())
    opened.write(RED)
    (partial,) = tmp_path.iterdir()
    assert partial.name.startswith(f".a{suffix}.")
    assert partial.suffix == ".part"
    opened.close()
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 0
    assert opened.written == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_file(
    encoder: type[Encoder], suffix: str, tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with encoder(path, clip()) as opened:
            opened.write(RED)
            raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_an_old_file_is_replaced_and_keeps_its_permissions(
    encoder: type[Encoder], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with encoder(path, clip()) as opened:
        opened.write(RED)
        assert path.read_bytes() == b"old"
    assert path.read_bytes() != b"old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_permissions(
    encoder: type[Encoder], suffix: str, tmp_path: Path
) -> None:
    mask = os.umask(0o027)
    try:
        with encoder(tmp_path / f"a{suffix}", clip()) as opened:
            opened.write(RED)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / f"a{suffix}").stat().st_mode) == 0o640


def test_a_link_stays_a_link(encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far, link = tmp_path / "far" / f"b{suffix}", tmp_path / f"a{suffix}"
    link.symlink_to(far)
    with encoder(link, clip()) as opened:
        opened.write(RED)
    assert link.is_symlink()
    assert far.stat().st_size > 0


def test_no_frame_is_an_error(encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="no frame"),
        encoder(tmp_path / f"a{suffix}", clip()),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_closed_is_closed(encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
    opened = encoder(tmp_path / f"a{suffix}", clip())
    opened.write(RED)
    opened.close()
    opened.close()
    opened.abort()
    assert (tmp_path / f"a{suffix}").exists()
    with pytest.raises(OutputError, match="closed"):
        opened.write(RED)


@pytest.mark.parametrize(
    "frame",
    [RED[:-1], RED[..., :1], RED[..., 0], RED.astype(np.float32), np.swapaxes(RED, 0, 1)],
    ids=["height", "channels", "gray", "float", "transposed"],
)
def test_wrong_frames(encoder: type[Encoder], suffix: str, tmp_path: Path, frame: Frame) -> None:
    with (
        pytest.raises(UsageError, match=r"frames are uint8 of shape \(10, 20, 3\)"),
        encoder(tmp_path / f"a{suffix}", clip()) as opened,
    ):
        opened.write(frame)
    assert not list(tmp_path.iterdir())


def test_frames_may_be_views_and_be_overwritten(
    encoder: type[Encoder], suffix: str, tmp_path: Path
) -> None:
    def write(name: str, canvas: Frame, view: Frame) -> bytes:
        with encoder(tmp_path / name, clip(hold=0.2)) as opened:
            for level in (10, 200) if suffix != ".png" else (10,):
                canvas[...] = level
                opened.write(view)
                canvas[...] = 99
        return (tmp_path / name).read_bytes()

    plain = np.empty((10, 20, 3), dtype=np.uint8)
    wide = np.empty((10, 40, 4), dtype=np.uint8)
    assert write("a", plain, plain) == write("b", wide, wide[:, ::2, 2::-1])


def test_same_frames_same_bytes(
    encoder: type[Encoder], suffix: str, tmp_path: Path, blink: list[Frame]
) -> None:
    frames = blink if suffix != ".png" else blink[:1]
    for name in ("a", "b"):
        with encoder(tmp_path / name, clip(hold=1.0)) as opened:
            for frame in frames:
                opened.write(frame)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let no file grow larger than this, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_room_is_always_noticed(encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"

    def write() -> None:
        with encoder(path, clip(width=100, height=100)) as opened:
            for shift in range(1 if suffix == ".png" else 4):
                opened.write(np.roll(NOISE, shift, axis=1))

    write()
    size = path.stat().st_size
    path.write_bytes(b"old")
    for most in (0, size // 10, size // 2, size - 100, size - 1):
        with room(most), pytest.raises(OutputError, match="cannot be written: File too large"):
            write()
        assert list(tmp_path.iterdir()) == [path]
        assert path.read_bytes() == b"old"


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(NullEncoder):
        def _write(self, frame: Frame) -> None:
            raise OSError(28, "No space left on device")

    with (
        pytest.raises(OutputError, match="cannot be written: the disk is full"),
        Full(tmp_path / "a", clip()) as opened,
    ):
        opened.write(RED)


def test_too_large(encoder: type[Encoder], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too large for"):
        encoder.check(clip(width=70000))


class TestCheckOutput:
    def test_good(self, tmp_path: Path) -> None:
        check_file(tmp_path / "new.gif")
        (tmp_path / "old.gif").touch()
        check_file(tmp_path / "old.gif")
        check_file(Path("here.gif"))
        assert [p.name for p in tmp_path.iterdir()] == ["old.gif"]

    def test_directory(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is a directory: give the name of a file"):
            check_file(tmp_path)

    def test_missing_directory(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no does not exist: create it"):
            check_file(tmp_path / "no" / "a.gif")

    def test_file_as_directory(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match="file is not a directory"):
            check_file(tmp_path / "file" / "a.gif")

    def test_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.gif")
        with pytest.raises(UsageError, match="not an ordinary file"):
            check_file(tmp_path / "a.gif")

    def test_unwritable_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(UsageError, match="cannot be written: choose another"):
            check_file(tmp_path / "a.gif")

    def test_encoders_check(self, encoder: type[Encoder], suffix: str, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist"):
            encoder(tmp_path / "no" / f"a{suffix}", clip())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "size 0x10 cannot be used: give 1x1 or more"),
        ({"height": -1}, "size 20x-1"),
        ({"fps": 0.0}, "fps 0 cannot be used: give a number above 0"),
        ({"fps": float("nan")}, "fps nan"),
        ({"fps": float("inf")}, "fps inf"),
        ({"hold": -1.0}, "hold -1"),
        ({"loop": -1}, "loop -1"),
        ({"frames": -1}, "-1 frames"),
        ({"colors": np.zeros((2, 4), dtype=np.uint8)}, r"colors are uint8 of shape \(n, 3\)"),
        ({"samples": [NOISE]}, "frames are uint8 of shape"),
    ],
)
def test_movies_that_cannot_be(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        clip(**wrong)


def test_null_encoder_counts_and_writes_nothing(tmp_path: Path) -> None:
    with NullEncoder(tmp_path / "a", clip(hold=1.0)) as encoder:
        for _ in range(5):
            encoder.write(RED)
    assert encoder.written == 5
    assert encoder.duration == pytest.approx(1.2)
    assert not list(tmp_path.iterdir())


def test_capturing_encoder_keeps_copies(tmp_path: Path) -> None:
    frame = RED.copy()
    with CapturingEncoder(tmp_path / "a", clip()) as encoder:
        encoder.write(frame)
        frame[:] = 0
    np.testing.assert_array_equal(encoder.captured, [RED])


def test_an_error_while_opening_leaves_nothing(tmp_path: Path) -> None:
    class Broken(NullEncoder):
        _place = base.Partial

        def _start(self) -> None:
            raise PermissionError(13, "Permission denied")

    with pytest.raises(OutputError, match="a cannot be written: Permission denied"):
        Broken(tmp_path / "a", clip())
    assert not list(tmp_path.iterdir())


def test_importing_is_cheap(run_python: Callable[[str], str]) -> None:
    code = (
        "import sys, gan_viz.registry, importlib;"
        "[gan_viz.registry.ENCODERS[name] for name in gan_viz.registry.ENCODERS];"
        "print(sorted({'PIL', 'av', 'imageio', 'matplotlib', 'torch'} & set(sys.modules)))"
    )
    assert run_python(code).strip() == "[]"


@pytest.mark.parametrize("suffix", sorted({*ENCODERS} - {".gif"}))
def test_options_of_another_format(suffix: str, tmp_path: Path) -> None:
    clip = Clip(width=20, height=10, fps=10.0)
    for jobs in (1, 2):
        expected = rf"\{suffix} has no option 'opaque': only \.gif has it$"
        with pytest.raises(UsageError, match=expected):
            open_encoder(tmp_path / f"a{suffix}", clip, jobs, {"opaque": True})
    assert not list(tmp_path.iterdir())

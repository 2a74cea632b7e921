"""PNG, one and many."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import av
import imageio.v3 as iio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.encoders.still import FolderEncoder, PngEncoder
from gan_viz.errors import OutputError, UsageError

FRAMES = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FRAMES)
def test_lossless(tmp_path: Path, frame: Frame) -> None:
    height, width, _ = frame.shape
    with PngEncoder(tmp_path / "a.png", Clip(width, height, fps=1.0)) as encoder:
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


class TestFolder:
    def test_numbered_frames(
        self, encode: Callable[..., Encoder], tmp_path: Path, blink: list[Frame]
    ) -> None:
        encoder = encode(FolderEncoder, tmp_path / "frames", blink, 25.0, hold=1.0)
        names = [f"frames-{i:04d}.png" for i in range(1, 13)]
        assert sorted(p.name for p in (tmp_path / "frames").iterdir()) == names
        for name, frame in zip(names, blink, strict=True):
            np.testing.assert_array_equal(iio.imread(tmp_path / "frames" / name), frame)
        assert encoder.duration == pytest.approx(1.48)

    def test_names_sort_as_the_frames_do(self, tmp_path: Path, blink: list[Frame]) -> None:
        with FolderEncoder(tmp_path / "a", Clip(20, 10, 25.0, frames=123456)) as encoder:
            encoder.write(blink[0])
        assert [p.name for p in (tmp_path / "a").iterdir()] == ["frames-000001.png"]

    def test_appears_when_complete(self, tmp_path: Path, blink: list[Frame]) -> None:
        encoder = FolderEncoder(tmp_path / "a", Clip(20, 10, 25.0))
        encoder.write(blink[0])
        (partial,) = tmp_path.iterdir()
        assert partial.name.startswith(".a.")
        assert partial.suffix == ".part"
        encoder.close()
        assert list(tmp_path.iterdir()) == [tmp_path / "a"]

    @pytest.mark.parametrize("old", [0, 3])
    def test_replaces_older_frames(
        self, encode: Callable[..., Encoder], tmp_path: Path, blink: list[Frame], old: int
    ) -> None:
        if old:
            encode(FolderEncoder, tmp_path / "a", blink[:old])
        else:
            (tmp_path / "a").mkdir()
        (tmp_path / "a").chmod(0o750)
        encode(FolderEncoder, tmp_path / "a", blink[5:7])
        assert list(tmp_path.iterdir()) == [tmp_path / "a"]
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o750
        assert len(list((tmp_path / "a").iterdir())) == 2
        np.testing.assert_array_equal(iio.imread(tmp_path / "a" / "frames-0001.png"), blink[5])

    @pytest.mark.parametrize("when", ["before", "meanwhile"])
    def test_refuses_a_folder_with_something_else(
        self, tmp_path: Path, blink: list[Frame], when: str
    ) -> None:
        folder = tmp_path / "a"

        def write() -> None:
            with FolderEncoder(folder, Clip(20, 10, 25.0)) as encoder:
                encoder.write(blink[0])
                (folder / "thesis.tex").touch()

        folder.mkdir()
        if when == "before":
            (folder / "thesis.tex").touch()
        with pytest.raises(UsageError, match=r"holds thesis\.tex, which is no frame"):
            write()
        assert list(tmp_path.iterdir()) == [folder]
        assert [p.name for p in folder.iterdir()] == ["thesis.tex"]

    def test_refuses_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        with pytest.raises(UsageError, match="is a file: give the name of a folder"):
            FolderEncoder(tmp_path / "a", Clip(20, 10, 25.0))

    def test_refuses_a_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist: create it"):
            FolderEncoder(tmp_path / "no" / "a", Clip(20, 10, 25.0))

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_an_exception_leaves_the_old_frames(
        self,
        encode: Callable[..., Encoder],
        tmp_path: Path,
        blink: list[Frame],
        error: type[BaseException],
    ) -> None:
        encode(FolderEncoder, tmp_path / "a", blink[:3])

        def interrupted() -> None:
            with FolderEncoder(tmp_path / "a", Clip(20, 10, 25.0)) as encoder:
                encoder.write(blink[5])
                raise error

        with pytest.raises(error):
            interrupted()
        assert list(tmp_path.iterdir()) == [tmp_path / "a"]
        assert len(list((tmp_path / "a").iterdir())) == 3

    def test_a_failed_exchange_leaves_the_old_frames(
        self,
        encode: Callable[..., Encoder],
        tmp_path: Path,
        blink: list[Frame],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        encode(FolderEncoder, tmp_path / "a", blink[:3])
        rename = Path.rename

        def fail(self: Path, target: Path) -> Path:
            if target.name == "a" and ".old" not in self.name:
                raise OSError(5, "Input/output error")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fail)
        with pytest.raises(OutputError, match="Input/output error"):
            encode(FolderEncoder, tmp_path / "a", blink)
        assert list(tmp_path.iterdir()) == [tmp_path / "a"]
        assert len(list((tmp_path / "a").iterdir())) == 3

    def test_a_link_stays_a_link(
        self, encode: Callable[..., Encoder], tmp_path: Path, blink: list[Frame]
    ) -> None:
        (tmp_path / "far").mkdir()
        (tmp_path / "a").symlink_to(tmp_path / "far")
        encode(FolderEncoder, tmp_path / "a", blink)
        assert (tmp_path / "a").is_symlink()
        assert len(list((tmp_path / "far").iterdir())) == 12

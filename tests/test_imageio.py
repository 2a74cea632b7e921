"""imageio reads recordings, and what the encoders write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

import gan_viz
from gan_viz.encoders.background import open_encoder
from gan_viz.encoders.base import Clip
from gan_viz.errors import RecordingError
from gan_viz.imageio_plugin import RecordingPlugin
from gan_viz.recording import Writer

SIZE = (320, 180)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four frames of a generator that moves."""
    path = tmp_path_factory.mktemp("imageio") / "run.ganviz"
    with Writer(path, {"target": gan_viz.target("bimodal").describe(), "seed": 7}) as writer:
        writer.add_channel("generator", (64,), "float32")
        for step in (0, 10, 20, 40):
            outputs = np.linspace(-3, 3, 64) + step / 20
            writer.write_frame(step, {"generator": outputs.astype(np.float32)})
    return path


def drawn(run: Path, folder: Path, **look: object) -> list[np.ndarray]:
    """What `render` draws, read from numbered PNGs."""
    gan_viz.render(run, f"{folder}/frames/", jobs=1, **look)
    return [iio.imread(path) for path in sorted((folder / "frames").iterdir())]


@pytest.mark.parametrize("look", [{}, {"theme": "dark", "duration": 0.1}])
def test_frames_are_those_of_render(run: Path, tmp_path: Path, look: dict[str, object]) -> None:
    expected = drawn(run, tmp_path, size=SIZE, **look)
    assert len(expected) == (2 if look else 4)
    np.testing.assert_array_equal(list(iio.imiter(run, size=SIZE, **look)), expected)
    np.testing.assert_array_equal(iio.imread(run, size=SIZE, **look), expected)
    np.testing.assert_array_equal(iio.imread(run, index=..., size=SIZE, **look), expected)
    for index in (0, -1):
        picture = iio.imread(run, index=index, size=SIZE, **look)
        np.testing.assert_array_equal(picture, expected[index])


def test_properties_and_metadata(run: Path) -> None:
    assert iio.improps(run).shape == (4, 540, 960, 3)
    assert iio.improps(run).n_images == 4
    assert iio.improps(run, index=0, size=SIZE).shape == (180, 320, 3)
    assert iio.immeta(run, index=-1) == {"step": 40}
    about = iio.immeta(run)
    assert about["steps"] == [0, 10, 20, 40]
    assert about["complete"]
    assert about["seed"] == 7


@pytest.mark.parametrize("index", [4, -5])
def test_no_such_frame(run: Path, index: int) -> None:
    for read in (iio.imread, iio.improps, iio.immeta):
        with pytest.raises(ValueError, match=rf"^index {index}: there are 4 frames, expected -4"):
            read(run, index=index)


def test_another_name(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "run.backup"
    other.write_bytes(run.read_bytes())
    for plugin in ("gan_viz", RecordingPlugin):
        assert iio.immeta(other, index=0, plugin=plugin) == {"step": 0}


def test_what_is_no_recording(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.png", np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(OSError, match="can not handle"):
        iio.imread(tmp_path / "a.png", plugin="gan_viz")
    (tmp_path / "a.png").rename(tmp_path / "a.ganviz")
    with pytest.raises(RecordingError, match="PNG image"):
        iio.imread(tmp_path / "a.ganviz")
    with pytest.raises(OSError, match="can not handle"):
        iio.imwrite(tmp_path / "b.ganviz", np.zeros((2, 2, 3), np.uint8), plugin="gan_viz")


def test_closed(run: Path) -> None:
    with iio.imopen(run, "r") as opened:
        pass
    with pytest.raises(RecordingError, match="closed: open it again"):
        opened.read(index=0)


@pytest.mark.parametrize("first", ["gan_viz", "imageio.v3"])
def test_the_order_of_imports_does_not_matter(run: Path, first: str) -> None:
    code = f"""
import {first}, sys
hooks = len(sys.meta_path)
if {first!r} == "gan_viz":
    assert not {{"imageio", "numpy", "matplotlib"}} & {{*sys.modules}}
import gan_viz, imageio.v3 as iio
print(len(sys.meta_path) - hooks, iio.immeta({str(run)!r}, index=1))
"""
    out = subprocess.check_output([sys.executable, "-W", "error", "-c", code], text=True)
    assert out.strip() == ("-1" if first == "gan_viz" else "0") + " {'step': 10}"


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng", ".mp4"])
def test_what_encoders_write(suffix: str, tmp_path: Path) -> None:
    frames = [np.full((64, 96, 3), 255, dtype=np.uint8) for _ in range(5)]
    for number, frame in enumerate(frames):
        frame[8:40, 8 * number : 8 * number + 32] = (0, 90, 180)
    path = tmp_path / f"a{suffix}"
    with open_encoder(path, Clip(96, 64, 10.0, samples=frames)) as encoder:
        for frame in frames:
            encoder.write(frame)
    plugin = "pyav" if suffix == ".mp4" else "pillow"
    read = [picture[..., :3] for picture in iio.imiter(path, plugin=plugin)]
    tolerance = 12 if suffix == ".mp4" else 0  # colors at half resolution, compressed
    assert len(read) == 5
    for picture, frame in zip(read, frames, strict=True):
        error = np.abs(picture.astype(int) - frame)
        assert np.median(error) == 0 if not tolerance else error.mean() < tolerance
        assert tolerance or error.max() == 0

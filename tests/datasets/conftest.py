"""Small IDX files, and nothing taken from the machine or the network by mistake."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan_viz.datasets.download import Stored
from gan_viz.datasets.source import FILES, Source

CLASSES = ("a", "b", "c")


def idx(array: np.ndarray) -> bytes:
    """Write an array of bytes as the format's description says."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def contents(n: int, seed: int = 0) -> dict[str, bytes]:
    """All four files of a set of noise, gzipped."""
    chance = np.random.default_rng(seed)
    arrays = [
        array
        for count in (n, n // 2)
        for array in (chance.integers(0, 256, (count, 28, 28)), chance.integers(0, 3, count))
    ]
    names = [name for split in FILES.values() for name in split]
    packed = (gzip.compress(idx(array), mtime=0) for array in arrays)
    return dict(zip(names, packed, strict=True))


@pytest.fixture(scope="session")
def published() -> dict[str, bytes]:
    """What the servers of these tests should give: about 80 kB of pictures."""
    return contents(100)


@pytest.fixture
def make_source(published: dict[str, bytes]) -> Callable[..., Source]:
    def make(*mirrors: str) -> Source:
        files = {
            name: Stored(len(content), hashlib.sha256(content).hexdigest())
            for name, content in published.items()
        }
        return Source("noise", CLASSES, ("noise", "Noise/raw"), mirrors, files)

    return make


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("GAN_VIZ_DATA", raising=False)
    monkeypatch.setenv("GAN_VIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache" / "noise"


@pytest.fixture
def put(published: dict[str, bytes]) -> Callable[..., None]:
    """Write the files into a folder."""

    def write(folder: Path, unpacked: bool = False, files: dict[str, bytes] = published) -> None:
        folder.mkdir(parents=True)
        for name, content in files.items():
            path = folder / (name.removesuffix(".gz") if unpacked else name)
            path.write_bytes(gzip.decompress(content) if unpacked else content)

    return write

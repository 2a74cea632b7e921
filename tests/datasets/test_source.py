"""Files that are on this machine."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pooch
import pytest

from gan_viz.datasets import load
from gan_viz.datasets.base import SPLITS
from gan_viz.datasets.mnist import FASHION_MNIST, MNIST
from gan_viz.datasets.source import FILES, Source, load_source
from gan_viz.errors import DataError, UsageError

from .conftest import CLASSES, contents, idx

Make, Put = Callable[..., Source], Callable[..., None]
IMAGES, LABELS = FILES["train"]


@pytest.fixture
def source(make_source: Make) -> Source:
    return make_source()  # without any mirror


@pytest.mark.parametrize("place", [".", "noise", "Noise/raw"])
@pytest.mark.parametrize("unpacked", [False, True])
@pytest.mark.parametrize("by_name", [False, True])
def test_found(
    place: str,
    unpacked: bool,
    by_name: bool,
    source: Source,
    put: Put,
    published: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(tmp_path / "data" / place, unpacked)
    if not by_name:
        monkeypatch.setenv("GAN_VIZ_DATA", str(tmp_path / "data"))
    for split, n in (("train", 100), ("test", 50)):
        found = load_source(source, split, tmp_path / "data" if by_name else None)
        assert (found.name, found.classes, len(found)) == ("noise", CLASSES, n)
        for array, name in zip((found.images, found.labels), FILES[split], strict=True):
            expected = gzip.decompress(published[name])[16 if array.ndim == 3 else 8 :]
            assert array.astype(np.uint8).tobytes() == expected
            assert not array.flags.writeable
    assert not (tmp_path / "cache").exists()


def test_files_packed_anew_are_taken(source: Source, put: Put, tmp_path: Path) -> None:
    put(tmp_path / "data")
    path = tmp_path / "data" / IMAGES
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))
    assert len(load_source(source, "train", tmp_path / "data")) == 100


def test_a_named_folder_goes_before_the_environment(
    source: Source, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "named", files=contents(6))
    put(tmp_path / "data")
    monkeypatch.setenv("GAN_VIZ_DATA", str(tmp_path / "data"))
    assert len(load_source(source, "train", tmp_path / "named")) == 6


def test_a_named_folder_without_the_set(
    source: Source, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "data")
    monkeypatch.setenv("GAN_VIZ_DATA", str(tmp_path / "data"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty does not hold noise: .*gz, .*subfolder noise"):
        load_source(source, "train", tmp_path / "empty")
    (tmp_path / "data" / LABELS).unlink()
    with pytest.raises(DataError, match="data does not hold noise"):
        load_source(source, "train", tmp_path / "data")
    with pytest.raises(UsageError, match="missing does not exist"):
        load_source(source, "train", tmp_path / "missing")


def test_sets_of_the_same_names_are_told_apart(source: Source, put: Put, tmp_path: Path) -> None:
    put(tmp_path / "data", unpacked=True)
    _, labels = (tmp_path / "data" / name.removesuffix(".gz") for name in FILES["train"])
    known = frozenset({hashlib.sha256(labels.read_bytes()[8:]).hexdigest()})
    stranger = Source("other", CLASSES, ("other",), (), source.files, others=known)
    with pytest.raises(DataError, match="does not hold other"):
        load_source(stranger, "train", tmp_path / "data")
    assert len(load_source(stranger, "test", tmp_path / "data")) == 50


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (IMAGES, b"<html>", "train-images-idx3-ubyte.gz is no IDX file"),
        (LABELS, b"", "train-labels-idx1-ubyte.gz is no IDX file"),
        (IMAGES, idx(np.zeros((100, 20, 28))), "pictures of 20 x 28: 28 x 28 are needed"),
        (IMAGES, idx(np.zeros((0, 28, 28))), "no pictures"),
        (LABELS, idx(np.zeros(99)), r"labels of shape \(99,\) .* for 100 pictures"),
        (LABELS, idx(np.full(100, 3)), "labels from 3 to 3: expected 0 to 2"),
    ],
)
def test_damaged(
    name: str, content: bytes, message: str, source: Source, put: Put, tmp_path: Path
) -> None:
    put(tmp_path / "data")
    (tmp_path / "data" / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        load_source(source, "train", tmp_path / "data")
    assert str(tmp_path / "data") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_looked_into(source: Source, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot look into"):
        load_source(source, "train", tmp_path / ("x" * 5000))


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)
def test_published_sources(source: Source) -> None:
    assert set(source.files) == {name for split in SPLITS for name in FILES[split]}
    assert all(len(bytes.fromhex(stored.sha256)) == 32 for stored in source.files.values())
    assert len(set(source.mirrors)) >= 3
    assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in source.mirrors)
    assert len(source.classes) == 10


DATA = os.environ.get("GAN_VIZ_DATA")  # before the tests unset it


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)
def test_the_real_files(source: Source) -> None:
    folder = Path(DATA or "") / source.name
    if not DATA or not folder.is_dir():
        pytest.skip("GAN_VIZ_DATA names no folder with the real files")
    for name, stored in source.files.items():
        path = folder / name
        if path.exists():
            assert path.stat().st_size == stored.size
            assert pooch.file_hash(str(path)) == stored.sha256
    found = load(source.name, DATA, "test")
    assert found.images.shape == (10_000, 28, 28)
    assert np.bincount(found.labels).sum() == 10_000
    other = MNIST if source is FASHION_MNIST else FASHION_MNIST
    with pytest.raises(DataError, match="does not hold"):
        load_source(other, "test", folder)

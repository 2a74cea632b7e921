"""Sets of pictures in IDX files: found on this machine, or downloaded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_viz.datasets.base import ImageSet
from gan_viz.datasets.download import (
    TIMEOUT,
    Stored,
    UnreachableError,
    cache_folder,
    download,
    home_of,
)
from gan_viz.datasets.idx import read_idx
from gan_viz.errors import DataError, UsageError
from gan_viz.progress import Progress

FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
"""Pictures and labels of each split."""
SHAPE = (28, 28)
"""Of every picture."""


@dataclass(frozen=True)
class Source:
    """A set of pictures and where it is found."""

    name: str
    """As in the registry."""
    classes: tuple[str, ...]
    """What the labels stand for."""
    folders: tuple[str, ...]
    """Subfolders of a folder of data that may hold the files; after them the folder itself."""
    mirrors: tuple[str, ...]
    """Addresses, ending in a slash, that the names are appended to."""
    files: Mapping[str, Stored]
    """What the names in `FILES` have to be when they are downloaded."""
    others: frozenset[str] = frozenset()
    """SHA-256 of the labels of sets whose files have the same names: these are not taken for it."""


def load_source(
    source: Source,
    split: str,
    data_dir: Path | None = None,
    progress: Progress | None = None,
    timeout: float = TIMEOUT,
) -> ImageSet:
    """Find or download a set of pictures, and read it; see `gan_viz.datasets.load`.

    Files that are found are not asked for their hash: people compress them anew.
    """
    if data_dir is not None:
        return _read(source, *_in_named(source, split, data_dir))
    named = os.environ.get("GAN_VIZ_DATA")
    if named and (found := _find(source, split, home_of("GAN_VIZ_DATA", named))):
        return _read(source, *found)
    files = _in_cache(source, split, progress, timeout)
    notes = (
        f"GAN_VIZ_DATA={named} does not hold {source.name}: it is read from {files[0].parent}",
    )
    return _read(source, *files, notes if named else ())


def _in_named(source: Source, split: str, data_dir: Path) -> tuple[Path, Path]:
    found = _find(source, split, data_dir)
    if found is None and not data_dir.is_dir():
        raise UsageError(f"the data folder {data_dir} does not exist or is no folder")
    if found is None:
        raise DataError(
            f"{data_dir} does not hold {source.name}: {' and '.join(FILES[split])}, gzipped or "
            f"not, are expected in it or in its subfolder {source.folders[0]}"
        )
    return found


def _find(source: Source, split: str, folder: Path) -> tuple[Path, Path] | None:
    try:
        for place in (*(folder / subfolder for subfolder in source.folders), folder):
            images, labels = (_present(place / name) for name in FILES[split])
            if images and labels and not _is_another(source, labels):
                return images, labels
    except OSError as error:
        raise DataError(f"cannot look into {folder}: {error.strerror or error}") from None
    return None


def _present(path: Path) -> Path | None:
    return next((p for p in (path, path.with_suffix("")) if p.is_file()), None)


def _is_another(source: Source, labels: Path) -> bool:
    """Whether a folder holds a set that differs from this one in its content alone."""
    return hashlib.sha256(read_idx(labels, ()).data).hexdigest() in source.others


def _in_cache(
    source: Source, split: str, progress: Progress | None, timeout: float
) -> tuple[Path, Path]:
    folder, names = cache_folder(source.name), FILES[split]
    files = {name: source.files[name] for name in names}
    try:
        download(files, source.mirrors, folder, progress, timeout)
    except UnreachableError as error:
        raise DataError(
            f"{source.name} is not on this machine and cannot be downloaded ({error}): connect to "
            f"the internet once; or put {' and '.join(names)} into a folder and name it with "
            "--data-dir or GAN_VIZ_DATA; or take --dataset digits, which needs no download "
            "(pip install 'gan-viz[digits]')"
        ) from None
    return folder / names[0], folder / names[1]


def _read(source: Source, images: Path, labels: Path, notes: tuple[str, ...] = ()) -> ImageSet:
    pictures = read_idx(images, SHAPE)
    # One more than there may be is enough to be refused: a file may hold millions.
    numbers = read_idx(labels, ())[: len(pictures) + 1].astype(np.int64)
    try:
        return ImageSet(source.name, pictures, numbers, source.classes, notes)
    except DataError as error:
        raise DataError(f"{images.parent}: {error}") from None

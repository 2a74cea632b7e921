"""Every data set keeps the contract; none is loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

import gan_viz.datasets.mnist as mnist_module
from gan_viz.datasets import ImageSet, load
from gan_viz.datasets.base import SPLITS
from gan_viz.datasets.source import FILES, Source
from gan_viz.errors import DataError, UnknownNameError
from gan_viz.registry import DATASETS

from .conftest import CLASSES, contents


@pytest.fixture
def data(put: Callable[..., None], tmp_path: Path) -> Path:
    """A folder with small files of every name."""
    for seed, name in enumerate(DATASETS):
        put(tmp_path / "data" / name, files=contents(20, seed))
    return tmp_path / "data"


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_contract(name: str, data: Path) -> None:
    assert DATASETS[name].__doc__
    sets = {split: load(name, data, split) for split in SPLITS}
    for found in sets.values():
        assert found.name == name
        assert found.images.shape == (len(found), 28, 28)
        assert found.shape == (28, 28)
        assert found.images.dtype == np.uint8
        assert found.labels.dtype == np.int64
        assert found.labels.max() < len(found.classes) == 10
        assert not found.images.flags.writeable
        assert not found.labels.flags.writeable
    assert load(name, str(data)).images.tobytes() == sets["train"].images.tobytes()
    assert len(sets["train"]) > len(sets["test"])


def test_mnist_and_fashion_mnist_are_not_confused(data: Path) -> None:
    assert load("mnist", data).images.tobytes() != load("fashion-mnist", data).images.tobytes()
    assert load("mnist", data).classes[1] == "1"
    assert load("fashion-mnist", data).classes[1] == "Trouser"


def test_unknown_names(data: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown data set 'mnits': did you mean 'mnist'"):
        load("mnits", data)
    with pytest.raises(UnknownNameError, match="unknown split 'tests': did you mean 'test'"):
        load("mnist", data, "tests")


def test_everything_reaches_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def note(source: Source, *rest: object) -> str:
        given.append((source.name, *rest))
        return "a set"

    def progress(task: str, done: int, total: int, figures: Mapping[str, float]) -> None: ...

    monkeypatch.setattr(mnist_module, "load_source", note)
    for name in ("mnist", "fashion-mnist"):
        assert load(name, "~", "test", progress) == "a set"
    home = Path.home()
    assert given == [(name, "test", home, progress) for name in ("mnist", "fashion-mnist")]


LAZY = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "matplotlib", "sklearn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Block())
from gan_viz.datasets import load
from gan_viz.errors import MissingExtraError

assert not {"pooch", "requests", "scipy"} & set(sys.modules)
print(len(load("mnist", sys.argv[1])))
assert not {"pooch", "requests", "scipy"} & set(sys.modules)
try:
    load("digits")
except MissingExtraError as error:
    print(error)
"""


def test_loads_no_more_than_it_needs(data: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", LAZY, data],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stderr == ""
    assert process.stdout == (
        "20\ndata set 'digits' needs sklearn, which is not installed: "
        "pip install 'gan-viz[digits]'\n"
    )


IMAGES, LABELS = np.zeros((2, 4, 4), np.uint8), np.array([0, 2])


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES[0], LABELS, r"shape \(4, 4\) and type uint8: bytes of shape \(n, height, width\)"),
        (IMAGES.astype(np.float32), LABELS, "type float32: bytes"),
        (IMAGES[:0], LABELS[:0], "no pictures"),
        (IMAGES, LABELS[:1], r"labels of shape \(1,\) .* for 2 pictures"),
        (IMAGES, LABELS.astype(np.int32), "type int32"),
        (IMAGES, LABELS + 1, "labels from 1 to 3: expected 0 to 2"),
        (IMAGES, LABELS - 1, "labels from -1 to 1: expected 0 to 2"),
    ],
)
def test_an_image_set_fits_together(images: np.ndarray, labels: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=f"^noise: .*{message}"):
        ImageSet("noise", images, labels, CLASSES)


def test_an_image_set_is_fixed_without_fixing_what_it_was_made_of() -> None:
    images = IMAGES.copy()
    found = ImageSet("noise", images, LABELS, CLASSES)
    with pytest.raises(ValueError, match="read-only"):
        found.images[0] = 1
    assert np.shares_memory(found.images, images)
    assert images.flags.writeable


def test_files_of_both_splits_differ() -> None:
    assert len({name for split in SPLITS for name in FILES[split]}) == 4

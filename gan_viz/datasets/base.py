"""What a set of pictures is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gan_viz.arguments import check_fields
from gan_viz.errors import DataError, UnknownNameError

DIGITS = tuple("0123456789")
SPLITS = ("train", "test")


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Grey pictures with a class each, held once as bytes.

    Parameters
    ----------
    name : str
        As in the registry, e.g. ``"mnist"``.
    images : ndarray of uint8, shape (n, h, w)
        0 is the background, 255 full ink; becomes read-only, and is not copied.
    labels : ndarray of int64, shape (n,)
        Indices into `classes`; becomes read-only, and is not copied.
    classes : tuple of str
        What the classes are called.
    notes : tuple of str
        What the user should be told, such as that a folder named by them does not hold the set.

    Raises
    ------
    DataError
        If there are no pictures, the shapes or types do not fit together, or a label is not that
        of a class.

    Examples
    --------
    >>> images = ImageSet("dots", np.zeros((2, 3, 3), np.uint8), np.array([1, 0]), ("a", "b"))
    >>> len(images), images.shape, images.classes[images.labels[0]]
    (2, (3, 3), 'b')
    """

    name: str
    images: npt.NDArray[np.uint8] = field(repr=False)
    labels: npt.NDArray[np.int64] = field(repr=False)
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        _check_images(self.name, self.images)
        _check_labels(self.name, self.labels, len(self.images), len(self.classes))
        for name in ("images", "labels"):
            fixed = getattr(self, name).view()
            fixed.flags.writeable = False
            object.__setattr__(self, name, fixed)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a picture."""
        height, width = self.images.shape[1:]
        return height, width


def _check_images(name: str, images: npt.NDArray[np.uint8]) -> None:
    if images.ndim != 3 or images.dtype != np.uint8:
        raise DataError(
            f"{name}: images of shape {images.shape} and type {images.dtype}: "
            "bytes of shape (n, height, width) are needed"
        )
    if not images.size:
        raise DataError(f"{name}: no pictures: at least 1 is needed to learn from")


def _check_labels(name: str, labels: npt.NDArray[np.int64], images: int, classes: int) -> None:
    if labels.dtype != np.int64 or labels.shape != (images,):
        raise DataError(
            f"{name}: labels of shape {labels.shape} and type {labels.dtype} for {images} "
            "pictures: one int64 a picture is needed"
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise DataError(f"{name}: labels from {low} to {high}: expected 0 to {classes - 1}")


def check_split(split: str) -> None:
    """Raise an UnknownNameError if `split` is none of `SPLITS`."""
    if split not in SPLITS:
        raise UnknownNameError("split", split, SPLITS)

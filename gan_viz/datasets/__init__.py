"""Sets of small pictures to learn from, as bytes: no torch.

::

    load("mnist")                         60,000 digits, downloaded once
    load("fashion-mnist", split="test")   10,000 pictures of clothes
    load("digits")                        scikit-learn's, no download (extra ``digits``)
"""

from __future__ import annotations

import os
from pathlib import Path

from gan_viz.datasets.base import ImageSet, check_split
from gan_viz.progress import Progress
from gan_viz.registry import DATASETS

__all__ = ["ImageSet", "Progress", "load"]


def load(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    split: str = "train",
    progress: Progress | None = None,
) -> ImageSet:
    """Load a set of pictures by name.

    MNIST and Fashion-MNIST are looked for in `data_dir`; without it in the folder that the
    environment variable ``GAN_VIZ_DATA`` names and in the user's cache (``GAN_VIZ_CACHE`` names
    another one), into which they are downloaded if they are nowhere.

    Parameters
    ----------
    name : str
        A name in `gan_viz.registry.DATASETS`.
    data_dir : path-like, optional
        A folder with the original files, gzipped or not, in it or in a subfolder ``mnist`` or
        ``fashion-mnist``.
    split : {"train", "test"}
        Which part of the set.
    progress : Progress, optional
        Called while something is downloaded.

    Returns
    -------
    ImageSet

    Raises
    ------
    UnknownNameError
        The name or the split is not known.
    UsageError
        `data_dir` is no folder.
    DataError
        The files are not in `data_dir`, are damaged, or cannot be downloaded.
    MissingExtraError
        scikit-learn is needed and not installed.
    """
    check_split(split)
    folder = None if data_dir is None else Path(data_dir).expanduser()
    found: ImageSet = DATASETS[name](split, folder, progress)
    return found

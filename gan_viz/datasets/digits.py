"""scikit-learn's handwritten digits, which need no download."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

from gan_viz.datasets.base import DIGITS, ImageSet
from gan_viz.progress import Progress

_FULL = 16  # of the 4 x 4 points that a cell counts
_FACTOR, _MARGIN = 2.5, 4  # 8 cells become 20 pixels, the size of MNIST's digits in their 28
_CONTRAST = 1.6
_EVERY = 5


def digits(
    split: str,
    data_dir: Path | None = None,  # noqa: ARG001
    progress: Progress | None = None,  # noqa: ARG001
) -> ImageSet:
    """Load scikit-learn's digits, enlarged from 8 x 8 to 28 x 28.

    Every fifth digit of each class is kept for ``"test"``: 1442 and 355. See
    `gan_viz.datasets.load` for the parameters; `data_dir` and `progress` are not used.

    References
    ----------
    Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository; scikit-learn holds its 1797 test pictures.
    """
    cells, labels = load_digits(return_X_y=True)
    labels = labels.astype(np.int64)
    # The ten digits follow each other in turn, so that every fifth of all would be a 4 or a 9.
    held = _rank_in_class(labels) % _EVERY == _EVERY - 1
    kept = held if split == "test" else ~held
    return ImageSet("digits", enlarge(cells.reshape(-1, 8, 8)[kept]), labels[kept], DIGITS)


def _rank_in_class(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count, for each label, the equal ones before it."""
    is_class = labels == np.arange(len(DIGITS))[:, None]
    return (np.cumsum(is_class, axis=1) - 1)[labels, np.arange(labels.size)]


def enlarge(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Enlarge pictures of 8 x 8 cells to 28 x 28 pixels, as MNIST's are.

    The cells, shape (n, 8, 8), count the points of a black and white picture from 0 to 16, so an
    edge is at the half between them. Cubic splines find it between the cells; more contrast makes
    it as sharp as MNIST's. A margin of 4 pixels is empty.
    """
    ink = zoom(cells / _FULL, (1, _FACTOR, _FACTOR), order=3, mode="grid-constant", grid_mode=True)
    sharp = np.clip((ink - 0.5) * _CONTRAST + 0.5, 0, 1)
    margin = (_MARGIN, _MARGIN)
    return np.pad(np.rint(255 * sharp).astype(np.uint8), ((0, 0), margin, margin))

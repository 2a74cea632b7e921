"""A picture of the samples after every epoch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_viz.api.output import make_folder
from gan_viz.encoders.base import Clip
from gan_viz.encoders.still import PngEncoder
from gan_viz.hooks import Hook
from gan_viz.hooks.base import HookContext
from gan_viz.hooks.pictures import PictureFormat

NAMES = re.compile(r"^epoch-\d+\.png$", re.MULTILINE)
"""Of the pictures of epochs."""
ENLARGED = 3
"""Times as large as the samples are."""
BETWEEN = 2
"""Pixels between samples, before they are enlarged."""
REAL_PICTURES = 64


class EpochPictures(Hook):
    """Write ``epoch-001.png`` and so on, and ``real_samples.png``, as the training goes on.

    An epoch has `per_epoch` steps. The folder is made if it does not exist; raises OutputError if
    it cannot be made or written to.
    """

    def __init__(self, folder: Path, per_epoch: int) -> None:
        self._folder, self._per_epoch = make_folder(folder), per_epoch
        self._format = PictureFormat((-1.0, 1.0))

    def start(self, run: HookContext) -> None:
        """Write the real pictures."""
        self._fixed = run.fixed
        self._columns = len(run.classes) if run.fixed.labels is not None else 8
        if run.real is not None:
            self._write("real_samples.png", self._format.bytes(run.real[:REAL_PICTURES]), 8)

    def on_step(self, step: int, scalars: Mapping[str, Any]) -> None:
        """Write the samples where an epoch ends."""
        if step % self._per_epoch == 0:
            samples = self._format.bytes(self._fixed.generated(step))
            self._write(f"epoch-{step // self._per_epoch:03}.png", samples, self._columns)

    def _write(self, name: str, pictures: NDArray[np.uint8], columns: int) -> None:
        sheet = np.repeat(tiled(pictures, columns)[..., None], 3, axis=2)
        sheet = sheet.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        height, width = sheet.shape[:2]
        with PngEncoder(self._folder / name, Clip(width, height, fps=1.0, frames=1)) as encoder:
            encoder.write(sheet)


def tiled(pictures: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Lay pictures (n, height, width) out in rows, with 2 black pixels between them.

    Examples
    --------
    >>> tiled(np.full((3, 1, 1), 9, np.uint8), 2).tolist()
    [[9, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0], [9, 0, 0, 0]]
    """
    rows = -(-len(pictures) // columns)
    padded = np.zeros((rows * columns, *(side + BETWEEN for side in pictures.shape[1:])), np.uint8)
    padded[: len(pictures), :-BETWEEN, :-BETWEEN] = pictures
    _, height, width = padded.shape
    sheet = padded.reshape(rows, columns, height, width).swapaxes(1, 2)
    return sheet.reshape(rows * height, columns * width)[:-BETWEEN, :-BETWEEN]

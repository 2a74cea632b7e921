"""One picture in one file: PNG."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gan_viz.encoders.base import Encoder, Frame
from gan_viz.errors import OutputError

__all__ = ["PngEncoder"]


class PngEncoder(Encoder):
    """Writes a still, losslessly.

    It takes exactly one frame: whoever wants several pictures in one file (a filmstrip) composes
    them into one frame first.  A second frame is an `OutputError`; timing is ignored.

    Parameters
    ----------
    path, movie
        As for `Encoder`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".png",)

    def _start(self) -> None:
        pass

    def _write(self, frame: Frame) -> None:
        from PIL import Image

        if self.written:
            raise OutputError(f"{self.path} was not written: a PNG holds one picture, give one")
        with self._partial.open() as file:
            Image.fromarray(np.ascontiguousarray(frame)).save(file, "PNG", optimize=True)

    def _finish(self) -> float:
        return 0.0

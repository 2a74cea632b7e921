"""Stills: one PNG, or a folder of them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from gan_viz.encoders.base import Encoder, Frame
from gan_viz.encoders.publish import Partial, PartialFolder
from gan_viz.errors import OutputError


class PngEncoder(Encoder):
    """Writes a still, losslessly.

    It takes exactly one frame: whoever wants several pictures in one file (a filmstrip) composes
    them into one frame first.  A second frame is an `OutputError`; timing is ignored.

    Parameters
    ----------
    path, clip
        As for `Encoder`.
    """

    backend: ClassVar[str] = "imageio.v3"
    suffixes: ClassVar[tuple[str, ...]] = (".png",)
    alpha: ClassVar[bool] = True

    def _start(self) -> None:
        pass

    def _write(self, frame: Frame) -> None:
        if self.written:
            raise OutputError(f"{self.path} was not written: a PNG holds one picture, give one")
        _save(frame, self._partial.path, optimize=True)

    def _finish(self) -> float:
        return 0.0


class FolderEncoder(Encoder):
    """Writes every frame to a PNG of its own: ``frames-0001.png`` and so on, in a folder.

    The folder appears, complete, when the encoder is closed.  It replaces a folder of frames, but
    none that holds anything else.  The files know no time: ``duration`` is what `fps` and `hold`
    would make of them.

    Parameters
    ----------
    path, clip
        As for `Encoder`; the path is the folder's.
    """

    backend: ClassVar[str] = "imageio.v3"
    place: ClassVar[type[Partial]] = PartialFolder
    alpha: ClassVar[bool] = True

    def _start(self) -> None:
        # As many digits as the last one has, so that the order of names is that of frames.
        self._digits = max(4, len(str(self.clip.frames)))

    def _write(self, frame: Frame) -> None:
        name = f"frames-{self.written + 1:0{self._digits}d}.png"
        _save(frame, self._partial.path / name, optimize=False)

    def _finish(self) -> float:
        return self.written / self.clip.fps + self.clip.hold


def _save(frame: Frame, path: Path, *, optimize: bool) -> None:
    import imageio.v3 as iio

    # By way of memory: on a full disk imageio's own file complains once more when it is collected.
    picture = np.ascontiguousarray(frame)
    path.write_bytes(iio.imwrite("<bytes>", picture, extension=".png", optimize=optimize))

"""Where a picture may be written, checked before any work is done for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gan_viz.api.look import Look
from gan_viz.errors import UsageError
from gan_viz.registry import ENCODERS

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder

__all__ = ["check_output", "encoder_for", "is_folder", "is_still"]

STILLS = (".png", ".svg", ".pdf")


def check_output(out: str | os.PathLike[str], look: Look | None = None) -> Path:
    """Check that something can be written under a name, before any work is done for it.

    Parameters
    ----------
    out : path-like
        A file name; or a folder's, ending in ``/``, for numbered pictures.
    look : Look, optional
        To be checked against what the format can express.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    UsageError
        The extension is unknown, the folder does not exist or cannot be written, the name is
        that of a folder, or the format cannot express the look.
    """
    from gan_viz.encoders.base import Movie
    from gan_viz.encoders.base import check_output as check_place
    from gan_viz.encoders.publish import check_folder

    path, look = Path(out), look or Look()
    if is_folder(out):
        check_folder(path)
    else:
        _check_suffix(out, path)
        check_place(path)
    if is_still(out):
        return path
    encoder = encoder_for(out)
    canvas = look.canvas
    encoder.check(Movie(canvas.width, canvas.height, look.fps, look.hold, look.loop))
    if look.max_bytes is not None and path.suffix.lower() != ".gif":
        raise UsageError(f"{out}: a largest size can be kept for .gif only")
    return path


def _check_suffix(out: str | os.PathLike[str], path: Path) -> None:
    known = ", ".join(dict.fromkeys([*ENCODERS, *STILLS]))
    if path.is_dir() or not path.suffix:
        what = "is a folder" if path.is_dir() else "has no extension"
        raise UsageError(
            f"{out} {what}: expected a file name ending in {known}, or a folder's ending in /"
        )
    if path.suffix.lower() not in (*ENCODERS, *STILLS):
        raise UsageError(f"{out}: unknown extension {path.suffix!r}; expected one of {known}")


def is_folder(out: str | os.PathLike[str]) -> bool:
    """Whether a name asks for a folder of numbered pictures: it ends in a slash."""
    return os.fspath(out).endswith(("/", os.sep))


def is_still(out: str | os.PathLike[str]) -> bool:
    """Whether a name asks for a picture that stands still."""
    return not is_folder(out) and Path(out).suffix.lower() in STILLS


def encoder_for(out: str | os.PathLike[str]) -> type[Encoder]:
    """Find the encoder for a name that `check_output` accepts."""
    if is_folder(out):
        from gan_viz.encoders.still import FolderEncoder

        return FolderEncoder
    found: type[Encoder] = ENCODERS[Path(out).suffix.lower()]
    return found

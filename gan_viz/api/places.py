"""Where a picture may be written, checked before any work is done for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gan_viz.api.look import SIZE, Look
from gan_viz.errors import UsageError
from gan_viz.registry import ENCODERS

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder

__all__ = ["STILLS", "check_output", "encoder_for", "is_folder"]

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

    path = Path(out)
    if is_folder(out):
        check_place(path.parent / f"{path.name}.png")  # it must be possible to make the folder
        return path
    _check_suffix(out, path)
    check_place(path)
    if path.suffix.lower() not in STILLS:
        look = look or Look()
        width, height = look.size or SIZE
        encoder_for(path).check(Movie(width, height, look.fps, look.hold, look.loop))
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
    """Whether a name asks for a folder of numbered pictures.

    Parameters
    ----------
    out : path-like

    Returns
    -------
    bool
        Whether it ends in a slash.
    """
    return os.fspath(out).endswith(("/", os.sep))


def encoder_for(path: Path) -> type[Encoder]:
    """Find the encoder of a file name.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    type of Encoder
    """
    found: type[Encoder] = ENCODERS[path.suffix.lower()]
    return found

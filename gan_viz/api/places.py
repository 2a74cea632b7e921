"""Where a picture may be written, checked before any work is done for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.look import SIZE, Look
from gan_viz.errors import UsageError
from gan_viz.registry import ENCODERS

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder

__all__ = ["check_output", "encoder_for", "encoder_options", "is_folder", "is_still", "usable"]

STILLS = (".png", ".svg", ".pdf")

_OPTIONS = ("opaque", "colors", "max_bytes")
"""Fields of `Look` that are options of an encoder."""


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
    from gan_viz.encoders.base import Clip
    from gan_viz.encoders.publish import check_file, check_folder

    path, look = Path(out), look or Look()
    if is_folder(out):
        check_folder(path)
    else:
        _check_suffix(out, path)
        check_file(path)
    if is_still(out):
        return path
    encoder = encoder_for(out)
    width, height = look.size or SIZE
    clip = Clip(width, height, look.fps, look.hold, look.loop)
    encoder.check(clip, **encoder_options(look))
    return path


def encoder_options(look: Look) -> dict[str, Any]:
    """Collect those options of a format that were given."""
    given = {name: getattr(look, name) for name in _OPTIONS}
    return {name: value for name, value in given.items() if value not in (None, False)}


def usable(out: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Leave out options that the format of `out` does not have."""
    suffix = out.suffix.lower()
    known = ENCODERS[suffix].known_options if suffix in ENCODERS else {}
    foreign = {*_OPTIONS} - {*known}
    return {name: value for name, value in given.items() if name not in foreign}


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


def is_still(out: str | os.PathLike[str]) -> bool:
    """Whether a name asks for a picture that stands still.

    Parameters
    ----------
    out : path-like

    Returns
    -------
    bool
    """
    return not is_folder(out) and Path(out).suffix.lower() in STILLS


def encoder_for(out: str | os.PathLike[str]) -> type[Encoder]:
    """Find the encoder for a name.

    Parameters
    ----------
    out : path-like
        As `check_output` takes it.

    Returns
    -------
    type of Encoder
    """
    if is_folder(out):
        from gan_viz.encoders.still import FolderEncoder

        return FolderEncoder
    found: type[Encoder] = ENCODERS[Path(out).suffix.lower()]
    return found

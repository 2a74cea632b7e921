"""Where pictures are written: checked before any work is done for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_viz.api.look import Look
from gan_viz.arguments import checked
from gan_viz.encoders.publish import Partial, PartialFolder, check_file, check_folder
from gan_viz.errors import OutputError, UsageError, reason
from gan_viz.registry import DOCUMENTS, ENCODERS

if TYPE_CHECKING:
    from gan_viz.encoders.base import Encoder

STILLS = (".png", ".svg", ".pdf")
OPTIONS = ("opaque", "max_colors", "max_bytes", "lossy")
"""Fields of `Look` that are options of an encoder."""
ENCODER_NAMES = {"max_colors": "colors"}
"""Those that encoders know by another name."""


@dataclass(frozen=True)
class Output:
    """A place that can be written to, and the form of what is written there."""

    path: Path
    suffix: str
    """In lower case; empty for a folder of numbered pictures."""
    replaces: bool = False
    """Whether something is there already."""

    @property
    def still(self) -> bool:
        """Whether it is a picture that does not move."""
        return self.suffix in STILLS

    @property
    def document(self) -> bool:
        """Whether it is made of recordings, not of frames: a page that plays them, or slides."""
        return self.suffix in DOCUMENTS

    @property
    def bytes(self) -> int:
        """Size of the file, or of all files in the folder, that is there."""
        files = self.path.iterdir() if self.path.is_dir() else [self.path]
        return sum(file.stat().st_size for file in files)

    @property
    def encoder(self) -> type[Encoder]:
        """What writes it; vectors have none."""
        if not self.suffix:
            from gan_viz.encoders.still import FolderEncoder  # loads Pillow

            return FolderEncoder
        found: type[Encoder] = ENCODERS[self.suffix]
        return found


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes
    ----------
    path : pathlib.Path
    frames : int
        Pictures in it.
    size : (int, int)
        Width and height in pixels; 0 for a table.
    fps : float
        Frames per second; 0 for a still.
    duration : float
        Seconds; 0 for a still.
    bytes : int
        Size of the file, or of all files in a folder.
    notice : str
        What had to differ from what was asked for; empty if nothing.
    replaced : bool
        Whether something was there before.
    source : pathlib.Path or None
        The recording that a page was made of, if it is one, for its picture in a notebook.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    fps: float
    duration: float
    bytes: int
    notice: str = ""
    replaced: bool = False
    source: Path | None = None

    def __str__(self) -> str:
        width, height = self.size
        facts = [f"{self.frames} frame{'s' * (self.frames != 1)}"]
        facts += [f"{width}x{height}"] if width else []
        if self.fps:
            facts += [f"{self.fps:.4g} fps", f"{self.duration:.2f} s"]
        facts += [f"{self.bytes / 1e6:.2f} MB", *["replaced an older one"] * self.replaced]
        return f"{self.path}: {', '.join(facts)}"

    def __repr__(self) -> str:
        return f"<Rendered {self}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the file in a notebook: at most 2 MB of it."""
        from gan_viz.api.notebooks import bundle_of_rendered

        return bundle_of_rendered(self)

    def show(self, most_bytes: int = 2_000_000) -> None:
        """Show the file in a notebook.

        Parameters
        ----------
        most_bytes : int
            Of the output; of a larger file only the last picture is shown. Colab and marimo cut
            outputs at 5 to 10 MB.
        """
        from gan_viz.api.notebooks import bundle_of_rendered
        from gan_viz.notebook import display

        display(bundle_of_rendered(self, most_bytes))


@checked
def check_output(out: str | os.PathLike[str], look: Look | None = None) -> Output:
    """Check that something can be written under a name, before any work is done for it.

    Parameters
    ----------
    out : path-like
        A file name; or a folder's, ending in ``/``, for numbered pictures.
    look : Look, optional
        To be checked against what the format can express.

    Raises
    ------
    UsageError
        The extension is unknown, the folder does not exist or cannot be written, the name is
        that of a folder, or the format cannot express the look.
    """
    from gan_viz.encoders.base import Clip

    path, look = Path(out), look or Look()
    check_folder(path)
    if is_folder(out):
        output = Output(path, "", path.exists())
        PartialFolder.check(path)
    else:
        output = Output(path, _suffix(path), path.exists())
        _check_suffix(out, output)
        check_file(path)
    if output.document:
        DOCUMENTS[output.suffix]().check(output, look)
    elif not output.still:
        canvas = look.canvas
        size = canvas.width, canvas.height
        clip = Clip(*size, look.fps, look.hold, look.loop, alpha=look.transparent)
        output.encoder.check(clip, **encoder_options(look))
    return output


def _suffix(path: Path) -> str:
    """How a name ends; that of some documents is longer than what comes after the last dot."""
    found = [suffix for suffix in DOCUMENTS if path.name.lower().endswith(suffix)]
    return max(found, key=len, default=path.suffix.lower())


def is_folder(out: str | os.PathLike[str]) -> bool:
    """Whether a name is meant as that of a folder."""
    return os.fspath(out).endswith(("/", os.sep))


@checked
def keep_apart(
    writes: Iterable[str | os.PathLike[str] | None],
    reads: Iterable[str | os.PathLike[str] | None] = (),
) -> None:
    """Refuse to write what is read, or one thing over another, before anything is done.

    Parameters
    ----------
    writes : iterable of (path-like or None)
        Files; or folders, of which those that end in ``/`` are replaced as a whole.
    reads : iterable of (path-like or None)
        What must be there when all is done.

    Raises
    ------
    UsageError
        Names the two, which may be one only by way of links.

    Examples
    --------
    >>> keep_apart(["run.gif"], reads=["run.ganviz"])
    >>> keep_apart(["run.gif"], reads=["a/../run.gif"])
    Traceback (most recent call last):
    gan_viz.errors.UsageError: run.gif would be written over a/../run.gif, which is read: ...
    """
    places = [out for out in writes if out is not None]
    for one, other in combinations(places, 2):
        if _collide(one, other) or _collide(other, one):
            raise UsageError(f"{one} and {other} would both be written there: give two names")
    for out, source in product(places, reads):
        if source is not None and _collide(out, source):
            raise UsageError(
                f"{out} would be written over {source}, which is read: give another name"
            )


def _collide(out: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether writing `out` would replace `other`."""
    try:
        if os.path.samefile(out, other):  # noqa: PTH121
            return True
    except (OSError, ValueError):  # one of them is not there yet, or cannot be
        pass
    try:
        one, two = (Path(os.path.realpath(place)) for place in (out, other))
    except (OSError, ValueError):
        return False
    return one == two or (is_folder(out) and one in two.parents)


def encoder_options(look: Look) -> dict[str, Any]:
    """Collect those options of a format that were given."""
    given = {ENCODER_NAMES.get(name, name): getattr(look, name) for name in OPTIONS}
    return {name: value for name, value in given.items() if value not in (None, False)}


def known_options(suffix: str, given: dict[str, Any]) -> dict[str, Any]:
    """Leave out the options of encoders that a format does not have."""
    known = ENCODERS[suffix].known_options if suffix in ENCODERS else {}
    known = DOCUMENTS[suffix].known_options if suffix in DOCUMENTS else known
    return {
        name: value
        for name, value in given.items()
        if name not in OPTIONS or ENCODER_NAMES.get(name, name) in known
    }


def _check_suffix(out: str | os.PathLike[str], output: Output) -> None:
    path, known = output.path, ", ".join(dict.fromkeys([*ENCODERS, *STILLS, *DOCUMENTS]))
    if path.is_dir() or not path.suffix:
        what = "is a folder" if path.is_dir() else "has no extension"
        raise UsageError(
            f"{out} {what}: expected a file name ending in {known}, or a folder's ending in /"
        )
    if output.suffix not in (*ENCODERS, *STILLS, *DOCUMENTS):
        raise UsageError(f"{out}: unknown extension {path.suffix!r}; expected one of {known}")


def make_folder(place: str | os.PathLike[str]) -> Path:
    """Make a folder, and those around it, unless it is there; OutputError if that cannot be."""
    folder = Path(place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {reason(error)}") from error
    return folder


@contextmanager
def published(path: Path, draft: type[Partial] = Partial) -> Iterator[Path]:
    """A place beside a file or folder, which becomes it once all is written.

    Raises OutputError if it cannot be written; what was there before is then left as it was.
    """
    try:
        partial = draft(path)
        try:
            yield partial.path
            partial.publish()
        finally:
            partial.discard()
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason(error)}") from error

"""The contract of an encoder: frames in, one complete file out.

An encoder sees frames and durations and nothing else.  It streams (memory does not grow with the
number of frames) into a temporary file beside the target, and the target appears, complete, when
the encoder is closed.

Examples
--------
>>> clip = Clip(width=2, height=1, fps=10.0, frames=3)
>>> with CapturingEncoder(Path("unused"), clip) as encoder:
...     for level in (0, 128, 255):
...         encoder.write(np.full((1, 2, 3), level, dtype=np.uint8))
>>> [int(frame[0, 0, 0]) for frame in encoder.captured]
[0, 128, 255]
"""

from __future__ import annotations

import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan_viz.encoders.publish import Nowhere, Partial
from gan_viz.errors import OutputError, UsageError, reason
from gan_viz.registry import ENCODERS

Frame: TypeAlias = NDArray[np.uint8]
"""A picture: shape (height, width, 3), RGB, 0-255."""


def _no_colors() -> NDArray[np.uint8]:
    return np.empty((0, 3), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Clip:
    """What an encoder is told before the first frame.

    Parameters
    ----------
    width, height : int
        Size of every frame in pixels, at least 1.
    fps : float
        Frames per second, greater than 0.
    hold : float, default 0.0
        Extra seconds on the last frame, in addition to its own ``1 / fps``.
    loop : int, default 0
        How often the animation is played, 0 = for ever; only for formats that loop.
    colors : ndarray of uint8, shape (n, 3), optional
        Colors of the theme that must come out exactly, the background first.
    samples : sequence of Frame, optional
        A few frames, spread over the animation, from which a palette may be built; only where
        `Encoder.looks_ahead`.
    frames : int, default 0
        How many frames will come; 0 = not known.
    alpha : bool, default False
        Whether frames have a fourth channel, their opacity; only for formats that have one.

    Raises
    ------
    UsageError
        If one of them cannot be used.
    """

    width: int
    height: int
    fps: float
    hold: float = 0.0
    loop: int = 0
    colors: NDArray[np.uint8] = field(default_factory=_no_colors)
    samples: Sequence[Frame] = ()
    frames: int = 0
    alpha: bool = False

    def __post_init__(self) -> None:
        _need(self.width >= 1 and self.height >= 1, f"size {self.width}x{self.height}", "1x1")
        _need(math.isfinite(self.fps) and self.fps > 0, f"fps {self.fps:g}", "a number above 0")
        _need(math.isfinite(self.hold) and self.hold >= 0, f"hold {self.hold:g}", "0 seconds")
        _need(self.loop >= 0, f"loop {self.loop}", "0 (for ever)")
        _need(self.frames >= 0, f"{self.frames} frames", "0 (not known)")
        colors = self.colors
        if colors.dtype != np.uint8 or colors.ndim != 2 or colors.shape[1] != 3:
            raise UsageError(f"colors are uint8 of shape (n, 3), not {_kind(colors)}")
        for sample in self.samples:
            _check_frame(sample, self)


def _need(good: bool, what: str, least: str) -> None:
    if not good:
        raise UsageError(f"{what} cannot be used: give {least} or more")


def _kind(array: NDArray[np.uint8]) -> str:
    return f"{array.dtype} of shape {array.shape}"


def _check_frame(frame: Frame, clip: Clip) -> None:
    expected = (clip.height, clip.width, 4 if clip.alpha else 3)
    if frame.dtype != np.uint8 or frame.shape != expected:
        raise UsageError(f"frames are uint8 of shape {expected} here, not {_kind(frame)}")


class Option(NamedTuple):
    """What a format lets one choose besides what every clip has.

    Attributes
    ----------
    default : object
        Its value where it is not given.
    fits : callable
        Tells whether a value can be used.
    expected : str
        What can, for the error message.
    """

    default: object
    fits: Callable[[Any], bool]
    expected: str


class Encoder(ABC):
    """Turns frames into one file; a context manager.

    Leaving the ``with`` block closes the file, or discards it if the block raised.

    Parameters
    ----------
    path : Path or Partial
        The file to write.  It appears, or is replaced, when the encoder is closed; until then
        everything goes to ``.NAME.XXXXXXXX.part`` beside it.  Or the place of such a file.
    clip : Clip
        Size, timing and colors.
    **options
        Of those that the class declares in `known_options`.

    Attributes
    ----------
    path : Path
        As given.
    clip : Clip
        As given.
    options : dict
        All that the format has, those not given with their defaults.
    written : int
        How many frames were taken so far.
    duration : float
        Playing time of the closed file in seconds, as its format could express it.

    Raises
    ------
    UsageError
        If the path, the clip or an option cannot be used.
    OutputError
        If the file cannot be written.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """File name endings of the format, with the dot."""

    backend: ClassVar[str] = ""
    """The module that does the work, imported when the first file is opened."""

    largest: ClassVar[int] = 65535
    """The most pixels a side may have."""

    place: ClassVar[type[Partial]] = Partial
    """Where it is written until it is complete."""

    own_threads: ClassVar[bool] = False
    """Whether it encodes without Python's lock: a thread does for the background then."""

    alpha: ClassVar[bool] = False
    """Whether pictures may be without a background."""

    looks_ahead: ClassVar[bool] = False
    """Whether it makes use of a clip's samples, which take as long as any other frames."""

    known_options: ClassVar[Mapping[str, Option]] = {}
    """Options of the format, by name."""

    def __init__(self, path: Path | Partial, clip: Clip, **options: Any) -> None:
        self.options = self._checked(clip, options)
        self.path = path.target if isinstance(path, Partial) else path
        self.clip = clip
        self.written = 0
        self.duration = 0.0
        self._open = False
        self._resources = contextlib.ExitStack()
        with self._guard():
            self._partial = path if isinstance(path, Partial) else self._reserve(path)
            self._open = True
            self._start()

    @classmethod
    def check(cls, clip: Clip, **options: Any) -> None:
        """Refuse what this format cannot express; may be called before anything is drawn.

        Raises
        ------
        UsageError
            With the reason.
        """
        for name, value in options.items():
            if name not in cls.known_options:
                raise UsageError(_no_option(cls, name))
            option = cls.known_options[name]
            if not option.fits(value):
                raise UsageError(f"{name} {value!r} cannot be used: expected {option.expected}")
        if clip.alpha and not cls.alpha:
            raise UsageError(_no_alpha(cls))
        if max(clip.width, clip.height) > cls.largest:
            raise UsageError(
                f"size {clip.width}x{clip.height} is too large for {' '.join(cls.suffixes)}: "
                f"give at most {cls.largest} pixels a side"
            )

    def _checked(self, clip: Clip, options: dict[str, Any]) -> dict[str, Any]:
        self.check(clip, **options)
        return {name: option.default for name, option in self.known_options.items()} | options

    def _reserve(self, path: Path) -> Partial:
        return self.place(path)

    def write(self, frame: Frame) -> None:
        """Append a frame, shape (height, width, 3), uint8; it may be overwritten afterwards.

        Raises
        ------
        UsageError
            If the frame has another type or shape.
        OutputError
            If it cannot be written; nothing is left behind then.
        """
        _check_frame(frame, self.clip)
        with self._adding():
            self._write(frame)

    @contextlib.contextmanager
    def _adding(self) -> Iterator[None]:
        """Count a frame that the block appends."""
        if not self._open:
            raise OutputError(f"{self.path} is closed: it takes no more frames")
        with self._guard():
            yield
            self.written += 1

    def close(self) -> None:
        """Finish the file and move it into place; closing again does nothing.

        Raises
        ------
        OutputError
            If there was no frame or the file cannot be written; nothing is left behind then.
        """
        if not self._open:
            return
        with self._guard():
            if not self.written:
                raise OutputError(f"{self.path} was not written: there was no frame to show")
            self.duration = self._finish()
            self._resources.close()
            self._partial.publish()
            self._open = False

    def abort(self) -> None:
        """Discard what was written; what was under the final name before stays as it was."""
        if not self._open:
            return
        self._open = False
        try:
            # What goes wrong here is of no interest: the file is thrown away.
            with contextlib.suppress(Exception):
                self._resources.close()
        finally:
            self._partial.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @abstractmethod
    def _start(self) -> None:
        """Open ``self._partial.path``, which exists and is empty, within ``self._resources``."""

    @abstractmethod
    def _write(self, frame: Frame) -> None:
        """Encode a frame of the right shape, perhaps not contiguous; keep no reference to it."""

    @abstractmethod
    def _finish(self) -> float:
        """Write what is left to write; return the duration in seconds."""

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Leave nothing behind when the block fails; tell trouble with the file in one line."""
        try:
            yield
        except OSError as error:
            self.abort()
            raise OutputError(f"{self.path} cannot be written: {reason(error)}") from error
        except BaseException:
            self.abort()
            raise


def _no_option(kind: type[Encoder], name: str) -> str:
    """Say that a format lacks an option, and which ones have it."""
    having = [suffix for suffix, other in ENCODERS.items() if name in other.known_options]
    what = f"{' '.join(kind.suffixes) or kind.__name__} has no option {name!r}"
    return f"{what}: only {', '.join(having)} has it" if having else what


def _no_alpha(kind: type[Encoder]) -> str:
    """Say that a format has no transparency, and which ones do."""
    having = [suffix for suffix, other in ENCODERS.items() if other.alpha]
    what = " ".join(kind.suffixes) or kind.__name__
    return f"{what} has no transparent pictures: expected one of {', '.join(having)}, .svg, .pdf"


class NullEncoder(Encoder):
    """Takes frames, checks them, counts them and writes nothing."""

    alpha: ClassVar[bool] = True
    place: ClassVar[type[Partial]] = Nowhere

    def _start(self) -> None:
        pass

    def _write(self, frame: Frame) -> None:
        pass

    def _finish(self) -> float:
        return self.written / self.clip.fps + self.clip.hold


class CapturingEncoder(NullEncoder):
    """Keeps a copy of every frame in ``captured``, for tests."""

    def __init__(self, path: Path | Partial, clip: Clip, **options: Any) -> None:
        super().__init__(path, clip, **options)
        self.captured: list[Frame] = []

    def _write(self, frame: Frame) -> None:
        self.captured.append(frame.copy())

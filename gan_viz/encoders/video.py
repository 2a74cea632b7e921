"""Video, through PyAV: H.264 in MP4, VP9 in WebM.

Color: frames are converted to limited-range Y'CbCr with the matrix of Rec. ITU-R BT.709-6 and
tagged so (ITU-T H.273: primaries, transfer and matrix 1).  Players take untagged video for BT.601
or BT.709 by its size, which is how colors of other tools' plots come to shift.
"""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from gan_viz.encoders.base import Clip, Encoder, Frame
from gan_viz.errors import OutputError, UsageError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

_BT709 = 1
_LIMITED = 1
"""Numbers of ITU-T H.273 and of libav's ``AVCOL_RANGE_MPEG``."""

_SLOWEST, _FASTEST = 0.01, 1000.0
"""Frames per second."""

_THREADS = 2
"""Fixed, because the bytes x264 writes depend on it and should not depend on the machine."""

_SEEK = 2
"""Seconds between key frames: how far a presenter's jump may miss."""


class VideoEncoder(Encoder):
    """Base of the video formats: constant frame rate, yuv420p, even size.

    Sides of odd length get one more row or column of background; nothing is rescaled.  The hold is
    the last frame repeated, to whole frames.

    Parameters
    ----------
    path, clip
        As for `Encoder`.

    Raises
    ------
    OutputError
        If this PyAV was built without the codec.
    """

    codec: ClassVar[str]
    """Name of libav's encoder."""

    format: ClassVar[str]
    """Name of libav's container."""

    backend: ClassVar[str] = "av"
    own_threads: ClassVar[bool] = True
    largest: ClassVar[int] = 16384

    @classmethod
    def check(cls, clip: Clip, **options: Any) -> None:
        """Refuse sizes and frame rates that the format cannot have.

        Raises
        ------
        UsageError
            With the reason.
        """
        super().check(clip, **options)
        if not _SLOWEST <= clip.fps <= _FASTEST:
            raise UsageError(
                f"fps {clip.fps:g} cannot be used for {' '.join(cls.suffixes)}: "
                f"give {_SLOWEST:g} to {_FASTEST:g}"
            )

    @abstractmethod
    def _options(self) -> dict[str, str]:
        """Options of the codec."""

    @abstractmethod
    def _container_options(self) -> dict[str, str]:
        """Options of the container."""

    def _start(self) -> None:
        import av
        from av.video.reformatter import VideoReformatter

        self._need_codec()
        self._rate = _rate(self.clip.fps)
        self._reformatter: VideoReformatter = VideoReformatter()
        with _translated():
            container = av.open(
                str(self._partial.path), "w", format=self.format, options=self._container_options()
            )
            self._container: OutputContainer = self._resources.enter_context(container)
            self._stream = self._add_stream(self._container)
        self._canvas = np.empty((self._stream.height, self._stream.width, 3), dtype=np.uint8)

    def _need_codec(self) -> None:
        import av

        if self.codec not in av.codecs_available:
            raise OutputError(
                f"{' '.join(self.suffixes)} cannot be written: this PyAV {av.__version__} has no "
                f"{self.codec}; reinstall it from PyPI (pip install --force-reinstall av)"
            )

    def _add_stream(self, container: OutputContainer) -> VideoStream:
        added = container.add_stream(self.codec, rate=self._rate, options=self._options())
        stream = cast("VideoStream", added)
        stream.width = self.clip.width + self.clip.width % 2
        stream.height = self.clip.height + self.clip.height % 2
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.thread_count = _THREADS
        context.gop_size = max(1, round(_SEEK * self._rate))
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        return stream

    def _write(self, frame: Frame) -> None:
        with _translated():
            self._last = self._converted(self._padded(frame))
            self._encode(self.written)

    def _padded(self, frame: Frame) -> Frame:
        height, width, _ = frame.shape
        if self._canvas.shape == frame.shape:
            return np.ascontiguousarray(frame)
        if not self.written:
            self._canvas[:] = self.clip.colors[0] if len(self.clip.colors) else frame[-1, -1]
        self._canvas[:height, :width] = frame
        return self._canvas

    def _converted(self, frame: Frame) -> VideoFrame:
        import av
        from av.video.reformatter import ColorRange, Colorspace

        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(frame, format="rgb24"),  # not copied
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )

    def _encode(self, number: int) -> None:
        """Encode the last frame as number so-and-so."""
        self._last.pts = number
        self._last.time_base = 1 / self._rate
        self._mux(self._last)

    def _mux(self, picture: VideoFrame | None) -> None:
        self._container.mux(self._stream.encode(picture))

    def _finish(self) -> float:
        count = self.written + round(Fraction(self.clip.hold) * self._rate)
        with _translated():
            for number in range(self.written, count):
                self._encode(number)
            self._mux(None)
            self._container.close()
        return float(count / self._rate)


class Mp4Encoder(VideoEncoder):
    """Writes H.264 in MP4, for every player, browser and slide program.

    High profile, yuv420p, limited range, BT.709; the index comes first (faststart), so playing
    starts before the file has arrived; a key frame every two seconds.

    Parameters
    ----------
    path, clip
        As for `Encoder`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".mp4",)
    codec: ClassVar[str] = "libx264"
    format: ClassVar[str] = "mp4"

    def _options(self) -> dict[str, str]:
        # x264's macroblock tree came out differently now and then (one run in ten, with AVX-512).
        # Without it the same quality takes 9% more bytes, and what stands still flickers less.
        # B-frames and a long look ahead take off 13% of the bytes, and add 30% to the time.
        steady = {"x264-params": "mbtree=0:bframes=0:weightp=0:rc-lookahead=5"}
        return {"preset": "veryfast", "crf": "21", "profile": "high", **steady}

    def _container_options(self) -> dict[str, str]:
        return {"movflags": "+faststart"}


class WebmEncoder(VideoEncoder):
    """Writes VP9 in WebM, for browsers: free of patents' fees, and no larger than MP4.

    Profile 0, yuv420p, limited range, BT.709; a key frame every two seconds.

    Parameters
    ----------
    path, clip
        As for `Encoder`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".webm",)
    codec: ClassVar[str] = "libvpx-vp9"
    format: ClassVar[str] = "webm"

    def _options(self) -> dict[str, str]:
        # The "good" deadline makes line plots 15% smaller and takes five times as long.
        speed = {"deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
        return {**speed, "crf": "24", "b": "0"}

    def _container_options(self) -> dict[str, str]:
        return {"fflags": "+bitexact"}  # without numbers drawn at random


def _rate(fps: float) -> Fraction:
    """Turn a frame rate into a ratio of small numbers, as containers want it.

    Examples
    --------
    >>> _rate(25.0), _rate(30000 / 1001)
    (Fraction(25, 1), Fraction(30000, 1001))
    """
    return Fraction(fps).limit_denominator(1001)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn libav's errors into ours; those that are an ``OSError`` the base class turns."""
    import av

    try:
        yield
    except OSError:
        raise
    except av.FFmpegError as error:
        raise OutputError(f"the video cannot be encoded: {error}") from error
